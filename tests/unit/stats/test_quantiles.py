"""The range of outcomes: order statistics, their ranks, and saying so when n is too small."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import order_ranks, outcome_range, quantile_estimate


def test_ranks_enclose_the_quantile_as_often_as_promised() -> None:
    """Exact binomial probability of the ranks (1, 10) for P10 of 50: between 95 and 99 percent."""
    x = np.sort(np.random.default_rng(7).uniform(size=(50, 4000)), axis=0)

    found = quantile_estimate(x, 0.1)

    covered = (found.low <= 0.1) & (found.high >= 0.1)
    assert order_ranks(50, 0.1) == (1, 10)
    assert 0.95 < covered.mean() < 0.99


@pytest.mark.parametrize(("p", "least"), [(0.1, 36), (0.5, 6), (0.9, 36)])
def test_below_its_least_n_a_quantile_has_no_interval(p: float, least: int) -> None:
    assert order_ranks(least - 1, p) is None
    assert order_ranks(least, p) is not None


def test_too_small_a_run_still_has_a_quantile_but_says_that_it_is_not_enough() -> None:
    found = quantile_estimate(np.arange(20.0), 0.1)

    assert not found.enough
    assert np.isnan(found.low)
    assert found.value == pytest.approx(1 + 11 / 30)  # between the 2nd and 3rd of 20


def test_the_ranks_of_p10_and_p90_mirror_each_other() -> None:
    for n in (36, 50, 77, 200):
        low, high = order_ranks(n, 0.1) or (0, 0)
        assert order_ranks(n, 0.9) == (n + 1 - high, n + 1 - low)


def test_the_outcome_range_is_p10_p50_p90() -> None:
    low, middle, high = outcome_range(np.random.default_rng(3).normal(size=(400, 2)))

    assert np.all(np.abs(low + 1.2816) < 0.25)
    assert np.all(np.abs(middle) < 0.2)
    assert np.all(np.abs(high - 1.2816) < 0.25)


def test_the_median_of_an_odd_number_is_the_middle_one() -> None:
    assert outcome_range([5.0, 1.0, 3.0])[1] == 3.0


def test_unknown_values_are_left_out_and_all_unknown_stays_unknown() -> None:
    x = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])

    _, middle, _ = outcome_range(x)

    assert middle[0] == 2.0
    assert np.isnan(middle[1])
