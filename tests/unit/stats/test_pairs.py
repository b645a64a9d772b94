"""Differences of plans that met the same luck."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as oracle

from simfunnel.stats import (
    estimate,
    mean_beside,
    paired_difference,
    paired_ratio_difference,
    smallest_detectable,
    told_apart,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_a_paired_difference_is_the_paired_t_test() -> None:
    base = rng().normal(100, 20, 40)
    plan = base + rng().normal(3, 2, 40)

    found = paired_difference(base, plan)

    exact = oracle.ttest_rel(plan, base)
    interval = exact.confidence_interval(0.95)
    assert found.p_value == pytest.approx(exact.pvalue)
    assert found.mean - found.half_width == pytest.approx(interval.low)


def test_what_both_plans_share_cancels() -> None:
    base = rng().normal(100, 20, 40)

    apart = estimate(base).half_width
    assert paired_difference(base, base + 1 + 0.1 * rng().normal(size=40)).half_width < apart / 50


def test_the_same_plan_twice_differs_by_nothing() -> None:
    over, under = rng().gamma(5, 1, 30), rng().gamma(5, 1, 30)

    found = paired_ratio_difference(over, under, over, under)

    assert (found.mean, found.half_width, found.p_value) == (0, 0, 1)
    assert found.share_higher == 0.5


def test_a_difference_that_never_varies_is_certain() -> None:
    base = np.arange(6.0)

    found = paired_difference(base, base + 1)

    assert (found.mean, found.half_width, found.p_value) == (1, 0, 0)


@pytest.mark.parametrize("years", [2, 3, 5])
def test_a_few_equal_years_detect_nothing_and_their_spread_is_unknown(years: int) -> None:
    base = np.arange(float(years))

    for found in (paired_difference(base, base + 1), paired_ratio_difference(base, 1.0, base + 1, 1.0)):
        assert (found.mean, found.p_value) == (1, 1)
        assert np.isnan(found.half_width)
        assert not told_apart(found.mean, found.half_width, found.n)


def test_a_few_years_detect_nothing_however_alike_they_are() -> None:
    base, plan = np.zeros(5), 100.0 + np.arange(5.0)

    assert paired_difference(base, plan).p_value == 1
    assert paired_difference(np.zeros(6), 100.0 + np.arange(6.0)).p_value < 1e-6


def test_equal_years_differ_by_exactly_nothing_however_few_they_are() -> None:
    found = paired_difference([1.0, 2.0], [1.0, 2.0])

    assert (found.mean, found.half_width) == (0, 0)


def test_what_differs_by_rounding_only_differs_by_nothing() -> None:
    """Sums of the same deals in another order, in every second year; a cent more in one year is a difference."""
    base = rng().gamma(5, 1e6, 40)
    rounded = np.where(np.arange(40) % 2, np.nextafter(base, np.inf), base)

    for found in (
        paired_difference(base, rounded),
        paired_ratio_difference(base, 1.0, rounded, 1.0),
        paired_ratio_difference(base, base, rounded, rounded),
    ):
        assert (found.mean, found.half_width, found.p_value, found.share_higher) == (0, 0, 1, 0.5)
    assert mean_beside(base, rounded[:10]).mean == base.mean()
    assert paired_difference(base, base + 0.01).mean == pytest.approx(0.01)


def test_rounding_is_judged_by_each_figure_s_own_size() -> None:
    """Column by column: a share of a millionth is a difference where the other figure is money."""
    base = np.column_stack([rng().gamma(5, 1e9, 20), np.full(20, 0.2)])

    found = paired_difference(base, base + 1e-6)

    assert found.mean == pytest.approx([0.0, 1e-6])
    assert found.mean[0] == 0.0


def test_a_difference_of_sums_is_the_same_as_ratio_or_as_mean() -> None:
    base, plan = rng().gamma(5, 1, 30), rng().gamma(6, 1, 30)

    ratio, plain = paired_ratio_difference(base, 1.0, plan, 1.0), paired_difference(base, plan)

    assert ratio.mean == pytest.approx(float(plain.mean))
    assert ratio.half_width == pytest.approx(float(plain.half_width))
    assert ratio.p_value == pytest.approx(float(plain.p_value))


def test_the_share_better_looks_the_right_way_and_splits_ties() -> None:
    found = paired_difference([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 1.0, 0.0])

    assert found.share_better("higher") == 0.625
    assert found.share_better("lower") == 0.375


def test_replications_without_a_value_do_not_vote() -> None:
    found = paired_ratio_difference([1.0, 0.0, 1.0], [1.0, 0.0, 1.0], [2.0, 2.0, 0.0], [1.0, 1.0, 1.0])

    assert found.share_higher == 0.5


def test_the_interval_of_a_difference_of_ratios_covers_95_percent() -> None:
    """Two conversions, 45% and 47%, that share their decisions; n = 40, 3,000 macro-runs: 93.5 to 96.5 percent."""
    random = rng()
    shape = (40, 3000)
    decisions = random.poisson(300, shape).astype(float)
    luck = random.normal(size=shape)
    base, plan = (np.rint(decisions * p + np.sqrt(decisions * p * (1 - p)) * luck) for p in (0.45, 0.47))

    found = paired_ratio_difference(base, decisions, plan, decisions)

    covered = np.abs(found.mean - 0.02) <= found.half_width
    assert 0.935 < covered.mean() < 0.965


def test_the_smallest_detectable_difference_is_seen_in_8_of_10_runs() -> None:
    """n = 30, sd 1: at the expected half-width, 78 to 83 percent of 4,000 runs detect it."""
    random = rng()
    expected = oracle.t.ppf(0.975, 29) / np.sqrt(30)
    true = float(smallest_detectable(expected, 30))

    found = paired_difference(np.zeros((30, 4000)), random.normal(true, 1.0, (30, 4000)))

    assert 0.78 < (found.p_value < 0.05).mean() < 0.83


def test_one_replication_detects_nothing() -> None:
    found = paired_difference([1.0], [2.0])

    assert found.mean == 1
    assert np.isnan(found.half_width)
    assert np.isnan(found.p_value)


def test_a_level_seen_less_often_is_told_by_its_difference() -> None:
    random = rng()
    base = random.normal(100, 20, 200)
    own = base[:15] + 5 + random.normal(0, 1, 15)

    beside, alone = mean_beside(base, own), estimate(own)

    assert float(beside.mean) == pytest.approx(float(base.mean()) + 5, abs=1)
    assert beside.half_width < 0.6 * alone.half_width


def test_a_level_seen_as_often_is_its_own_mean() -> None:
    base, own = rng().normal(size=(2, 30))

    beside, alone = mean_beside(base, own), estimate(own)

    assert float(beside.mean) == pytest.approx(float(alone.mean))
    assert float(beside.half_width) == pytest.approx(float(alone.half_width))


@pytest.mark.parametrize("luck", [0.0, 0.6, 1.0])
def test_the_mean_beside_another_covers(luck: float) -> None:
    """n = 60, m = 15, any share of common luck: 93 to 97 percent of 3,000 macro-runs."""
    random = rng()
    hits = 0
    for _ in range(3000):
        base = random.normal(size=60)
        own = luck * base[:15] + np.sqrt(1 - luck**2) * random.normal(size=15) + 2
        found = mean_beside(base, own)
        hits += abs(float(found.mean) - 2) <= found.half_width
    assert 0.93 < hits / 3000 < 0.975


def test_one_common_replication_has_no_interval() -> None:
    assert np.isnan(mean_beside([1.0, 2.0], [3.0]).half_width)
