"""Ranges that may be promised for every month of a year."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import keepable_range, keepable_ranges, least_replications
from simfunnel.stats.quantiles import Side


def years(random: np.random.Generator, n: int) -> np.ndarray:
    """Monthly counts of years that differ in their level: months hang together."""
    return random.poisson(random.gamma(40, 10, (n, 1)), (n, 12)).astype(float)


@pytest.mark.parametrize("side", ["both", "low", "high"])
def test_a_promise_is_kept_all_year_with_the_wanted_chance_as_surely_as_said(side: Side) -> None:
    """100 years, a chance of 80 percent, 300 studies judged by 20,000 other years: 95 percent (less 3 points)."""
    random = np.random.default_rng(31)
    truth = years(random, 20_000)
    least, most = truth.min(axis=1), truth.max(axis=1)
    held = []
    for _ in range(300):
        found = keepable_range(years(random, 100), 0.8, side)
        assert found is not None
        held.append(((least >= found.low) & (most <= found.high)).mean() >= 0.8)
    assert np.mean(held) > 0.92


def test_a_promise_of_one_side_leaves_the_other_open() -> None:
    table = years(np.random.default_rng(1), 60)

    least, most = keepable_range(table, 0.8, "low"), keepable_range(table, 0.8, "high")

    assert least is not None
    assert most is not None
    assert (least.high, most.low) == (np.inf, -np.inf)


@pytest.mark.parametrize(("side", "n"), [("low", 29), ("high", 29), ("both", 46)])
def test_too_few_years_promise_nothing(side: Side, n: int) -> None:
    """0.9^28 = 5.2 percent: 28 years may all keep what a tenth of all years breaks."""
    table = years(np.random.default_rng(2), n)

    assert keepable_range(table[:-1], 0.9, side) is None
    assert keepable_range(table, 0.9, side) is not None


def test_with_more_years_more_can_be_promised() -> None:
    table = years(np.random.default_rng(3), 400)

    few, many = keepable_range(table[:50], 0.8), keepable_range(table, 0.8)

    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low
    assert 0.8 < many.kept < few.kept


def test_unknown_months_neither_keep_nor_break() -> None:
    table = years(np.random.default_rng(4), 60)
    with_gaps = np.column_stack([table, np.full(60, np.nan)])
    with_gaps = np.vstack([with_gaps, np.full((5, 13), np.nan)])

    assert keepable_range(with_gaps, 0.8) == keepable_range(table, 0.8)


def test_promises_of_two_sides_are_kept_together_with_the_wanted_chance() -> None:
    """Two things that hang together, three ends; 100 years, 300 studies: 95 percent (less 3 points)."""
    random = np.random.default_rng(32)

    def both(n: int) -> tuple[np.ndarray, np.ndarray]:
        counts = years(random, n)
        return counts, counts / (counts + random.gamma(50, 2, counts.shape))

    truth = both(20_000)
    held = []
    for _ in range(300):
        found = keepable_ranges(both(100), 0.8, ["both", "low"])
        assert found is not None
        kept = [(t.min(axis=1) >= r.low) & (t.max(axis=1) <= r.high) for t, r in zip(truth, found, strict=True)]
        held.append(np.logical_and(*kept).mean() >= 0.8)
    assert np.mean(held) > 0.92


def test_a_range_by_itself_is_that_of_one_thing_together() -> None:
    table = years(np.random.default_rng(5), 60)

    assert keepable_ranges([table], 0.8, ["both"]) == (keepable_range(table, 0.8),)


@pytest.mark.parametrize("ends", [1, 3, 5])
def test_one_year_fewer_than_the_least_promises_nothing(ends: int) -> None:
    n = least_replications(0.9, ends)
    tables = [years(np.random.default_rng(at), n) for at in range(ends)]

    assert keepable_ranges(tables, 0.9, ["low"] * ends) is not None
    assert keepable_ranges([table[:-1] for table in tables], 0.9, ["low"] * ends) is None
