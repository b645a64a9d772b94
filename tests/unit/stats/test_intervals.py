"""Half-widths: exact small cases, and the coverage that the interval promises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as oracle

from simfunnel.stats import (
    estimate,
    estimate_ratio,
    half_width,
    replications_for_skew,
    share_bounds,
    share_interval,
    share_interval_of_groups,
)

MACRO_RUNS = 4000


def rng() -> np.random.Generator:
    return np.random.default_rng(20270101)


def test_the_half_width_of_a_mean_is_that_of_students_t() -> None:
    x = rng().normal(10, 3, 25)

    low, high = oracle.t.interval(0.95, 24, loc=x.mean(), scale=oracle.sem(x))

    found = estimate(x)
    assert found.mean - found.half_width == pytest.approx(low)
    assert found.mean + found.half_width == pytest.approx(high)
    assert found.n == 25


def test_the_level_of_an_interval_is_free() -> None:
    x = [1.0, 2.0, 4.0]

    assert half_width(x, 0.5) < half_width(x, 0.95) < half_width(x, 0.99)


@pytest.mark.parametrize("n", [0, 1])
def test_below_two_replications_the_half_width_is_unknown(n: int) -> None:
    assert np.isnan(half_width(np.ones(n)))
    assert np.isnan(estimate_ratio(np.ones(n), np.ones(n)).half_width)


def test_replications_that_agree_leave_no_half_width() -> None:
    assert half_width([5.0] * 30) == 0


def test_many_metrics_are_estimated_at_once_as_one_by_one() -> None:
    over, under = rng().gamma(4, 2, (40, 3)), rng().gamma(9, 1, (40, 3))

    together = estimate_ratio(over, under)

    for k in range(3):
        alone = estimate_ratio(over[:, k], under[:, k])
        assert together.mean[k] == pytest.approx(float(alone.mean), rel=1e-12)
        assert together.half_width[k] == pytest.approx(float(alone.half_width), rel=1e-12)


def test_a_ratio_is_the_ratio_of_means_and_not_the_mean_of_ratios() -> None:
    found = estimate_ratio([1.0, 9.0], [10.0, 30.0])

    assert found.mean == pytest.approx(10 / 40)


def test_with_a_denominator_of_one_the_ratio_is_the_mean() -> None:
    x = rng().exponential(3, 50)

    ratio, plain = estimate_ratio(x, np.ones(50)), estimate(x)

    assert ratio.mean == pytest.approx(float(plain.mean), rel=1e-12)
    assert ratio.half_width == pytest.approx(float(plain.half_width), rel=1e-9)


def test_a_ratio_without_anything_to_divide_by_is_unknown() -> None:
    found = estimate_ratio([0.0, 0.0], [0.0, 0.0])

    assert np.isnan(found.mean)
    assert np.isnan(found.half_width)


def test_replications_that_have_nothing_to_say_do_not_move_the_ratio() -> None:
    """Medians come with a denominator of 0 where a month had no contact: such replications are left out."""
    assert estimate_ratio([3.0, 0.0, 5.0], [1.0, 0.0, 1.0]).mean == 4


def test_the_interval_of_a_mean_covers_95_percent() -> None:
    """n = 30 normal replications, 4,000 macro-runs: standard error 0.35 points, so 94 to 96 percent."""
    found = estimate(rng().normal(2.0, 1.0, (30, MACRO_RUNS)))

    covered = np.abs(found.mean - 2.0) <= found.half_width
    assert 0.94 < covered.mean() < 0.96


def test_the_interval_of_a_ratio_covers_95_percent() -> None:
    """Conversion: binomial advances over Poisson decisions, n = 50; the jackknife is within a point or so of 95."""
    decisions = rng().poisson(400, (50, MACRO_RUNS)).astype(float)
    advances = rng().binomial(decisions.astype(int), 0.45).astype(float)

    found = estimate_ratio(advances, decisions)

    covered = np.abs(found.mean - 0.45) <= found.half_width
    assert 0.935 < covered.mean() < 0.965


def test_the_interval_of_a_skewed_ratio_stays_close_to_95_percent() -> None:
    """Revenue per win with few, lognormal deals (sd of the logs 0.9), n = 100: 92 to 97 percent."""
    random = rng()
    wins = random.poisson(20, (100, 800))
    deals = np.array([random.lognormal(0, 0.9, n).sum() for n in wins.ravel()]).reshape(wins.shape)

    found = estimate_ratio(deals, wins.astype(float))

    covered = np.abs(found.mean - np.exp(0.9**2 / 2)) <= found.half_width
    assert 0.92 < covered.mean() < 0.97


@pytest.mark.parametrize(("successes", "n"), [(0, 40), (3, 40), (40, 40), (83, 100)])
def test_the_interval_of_a_share_is_clopper_pearsons(successes: int, n: int) -> None:
    exact = oracle.binomtest(successes, n).proportion_ci(0.95, "exact")

    assert share_interval(successes, n) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize(("successes", "n"), [(0, 40), (3, 40), (40, 40), (83, 100)])
def test_one_sided_bounds_are_clopper_pearsons(successes: int, n: int) -> None:
    least = oracle.binomtest(successes, n, alternative="greater").proportion_ci(0.95, "exact").low
    most = oracle.binomtest(successes, n, alternative="less").proportion_ci(0.95, "exact").high

    assert share_bounds(successes, n) == pytest.approx((least, most))


def test_a_one_sided_bound_holds_as_often_as_promised_and_rarely_less() -> None:
    """80% of 200, 4,000 macro-runs: at most 5 percent of bounds lie above the truth (+ 1 point)."""
    low = np.array([share_bounds(k, 200)[0] for k in range(201)])

    above = low[rng().binomial(200, 0.8, MACRO_RUNS)] > 0.8

    assert 0.02 < above.mean() < 0.06


def test_skewed_values_ask_for_more_replications() -> None:
    """25 x skewness^2; an exponential has skewness 2, so 100."""
    x = rng().exponential(1.0, 200_000)

    assert 90 < replications_for_skew(x) < 110
    assert replications_for_skew(np.full(30, 7.1)) == 2


def test_the_interval_of_a_rare_share_in_groups_covers_it() -> None:
    """60 years of 12 months, 1% of them bad, whole years worse than others; 94% or more of 600 (2 standard errors)."""
    luck = np.random.default_rng(5)
    chances = luck.beta(0.5, 49.5, size=(600, 60))
    bad = luck.binomial(12, chances)

    ends = np.array([share_interval_of_groups(each, np.full(60, 12)) for each in bad])

    covered = (ends[:, 0] <= 0.01) & (ends[:, 1] >= 0.01)
    assert covered.mean() > 0.95 - 2 * 0.009


def test_a_share_of_one_group_or_none_is_not_known() -> None:
    assert share_interval_of_groups([1], [4]) == (0.0, 1.0)
    assert np.isnan(share_interval_of_groups([0], [0])).all()
    assert share_interval_of_groups([2, 2], [4, 4])[0] > 0
