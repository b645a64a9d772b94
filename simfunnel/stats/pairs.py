"""Differences of two plans that met the same leads with the same luck, and many statements at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from simfunnel.arrays import Bools, Floats
from simfunnel.stats.intervals import Estimate, divide, estimate, jackknife_half_width, leave_one_out, t_quantile

ROUNDING = 1e-11
"""Share of the largest figure compared up to which a difference is one of rounding: sums in another order."""

LEAST_YEARS = 6
"""Replications from which a difference can be detected.

Of five years even the fewest assumptions leave doubt: that all five differ to the same side has a chance of 2/32 where
nothing differs, of six 2/64, which is below 5%. A t interval takes the spread of so few to be known, and of two equal
years to be none.
"""

Verdict = Literal["better", "worse", "higher", "lower", "no detectable difference"]
DETECTED_AT = 0.05

NODES = 64
REACH = 8.5  # beyond so many standard deviations a normal has nothing left to add
HALVINGS = 45


class Difference(NamedTuple):
    """Plan minus base over paired replications; arrays when several metrics were compared at once.

    A replication in which both differ by rounding only has a difference of exactly 0. `half_width`: nan where it is not
    known: fewer than `LEAST_YEARS` replications that all differ by the same amount. `share_higher`: share of
    replications in which the plan's value is the higher one, ties counted half. `p_value`: two-sided, of no difference;
    1 when both plans agree in every replication, and below `LEAST_YEARS`.
    """

    mean: Floats
    half_width: Floats
    share_higher: Floats
    p_value: Floats
    n: int

    def share_better(self, better: str) -> Floats:
        """Return the share of replications in which the plan is better; `better`: the metric's "higher" or "lower"."""
        return 1 - self.share_higher if better == "lower" else self.share_higher


def paired_difference(base: ArrayLike, plan: ArrayLike, level: float = 0.95) -> Difference:
    """Return the mean of replication-wise differences plan - base, with its t half-width.

    `base`, `plan`: [replications] or [replications, metrics], replication r of both with the same seed.
    """
    first, second = np.broadcast_arrays(np.asarray(base, np.float64), np.asarray(plan, np.float64))
    second = snapped(first, second)
    found = estimate(second - first, level)
    p_value = p_value_of(found.mean, found.half_width, level, found.n)
    width = known_width(found.mean, found.half_width, found.n)
    return Difference(found.mean, width, share_higher(first, second), p_value, found.n)


def paired_ratio_difference(
    base_numerator: ArrayLike,
    base_denominator: ArrayLike,
    plan_numerator: ArrayLike,
    plan_denominator: ArrayLike,
    level: float = 0.95,
) -> Difference:
    """Return the difference of two ratios of means, plan - base, with the half-width of the paired jackknife.

    Leaves out the same replication of both plans at a time, so that what they share cancels. With denominators of 1 it
    is `paired_difference`. Replications in which either plan has nothing to divide by do not count in `share_higher`.
    """
    base_over, base_under = _aligned(base_numerator, base_denominator)
    plan_over, plan_under = _aligned(plan_numerator, plan_denominator)
    plan_over, plan_under = snapped(base_over, plan_over), snapped(base_under, plan_under)
    n = base_over.shape[0]
    mean = divide(plan_over.sum(axis=0), plan_under.sum(axis=0)) - divide(base_over.sum(axis=0), base_under.sum(axis=0))
    left_out = leave_one_out(plan_over, plan_under) - leave_one_out(base_over, base_under)
    width = jackknife_half_width(left_out, level)
    higher = share_higher(divide(base_over, base_under), divide(plan_over, plan_under))
    return Difference(mean, known_width(mean, width, n), higher, p_value_of(mean, width, level, n), n)


def snapped(base: Floats, plan: Floats) -> Floats:
    """Return values of a plan, those of the base where the two differ by rounding only; [replications] on axis 0.

    >>> snapped(np.array([3e6, 2e6]), np.array([3e6 + 1e-9, 2e6 + 1.0])).tolist()
    [3000000.0, 2000001.0]
    """
    return np.where(beyond_rounding(plan - base, base, plan) == 0.0, base, plan)


def beyond_rounding(difference: Floats, *figures: Floats) -> Floats:
    """Return differences of some figures, exactly 0 where they are smaller than rounding makes them; [replications] on
    axis 0.

    Every column is judged by its own largest figure.
    """
    if not len(difference):
        return difference
    largest = np.max([np.nan_to_num(np.abs(each)).max(axis=0) for each in figures], axis=0)
    return np.where(np.abs(difference) <= ROUNDING * largest, 0.0, difference)


def told_apart(mean: ArrayLike, half_width: ArrayLike, n: int) -> Bools:
    """Return whether differences over n replications are told from nothing: beyond half-width, and years enough."""
    apart = np.abs(np.asarray(mean, np.float64)) > np.asarray(half_width, np.float64)
    return np.asarray(apart & (n >= LEAST_YEARS))


def known_width(mean: Floats, half_width: Floats, n: int) -> Floats:
    """Return half-widths of differences, nan where so few replications as there are all differ by the same amount.

    >>> known_width(np.array([0.0, 5.0]), np.array([0.0, 0.0]), 2).tolist()
    [0.0, nan]
    """
    unknown = (np.asarray(half_width) == 0.0) & (np.asarray(mean) != 0.0) & (n < LEAST_YEARS)
    return np.where(unknown, np.nan, half_width)


def share_higher(base: Floats, plan: Floats) -> Floats:
    """Return the share of replications (axis 0) with `plan` above `base`; a tie counts half, a nan on either side not
    at all."""
    known = ~(np.isnan(base) | np.isnan(plan))
    points = (plan > base) + 0.5 * (plan == base)
    return divide(np.where(known, points, 0.0).sum(axis=0), known.sum(axis=0))


def smallest_detectable(half_width: ArrayLike, n: int, level: float = 0.95, power: float = 0.8) -> Floats:
    """Return the true difference that a run with this half-width would have detected with probability `power`.

    (t(1 - a/2) + t(power)) s / sqrt(n) with n - 1 degrees of freedom, at unadjusted level `level`; for 95% and 80%
    about 1.43 half-widths (Lachin 1981). A true difference smaller than this may well go unseen.

    >>> round(float(smallest_detectable(1.0, 200)), 2)
    1.43
    """
    critical = t_quantile(0.5 + level / 2, n - 1)
    return np.asarray(half_width, np.float64) * (critical + t_quantile(power, n - 1)) / critical


def _aligned(numerator: ArrayLike, denominator: ArrayLike) -> tuple[Floats, Floats]:
    over, under = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    return over, under


def p_value_of(mean: Floats, half_width: Floats, level: float, n: int) -> Floats:
    """Return the two-sided p-value of no difference, from a mean and its t half-width at `level` over `n` replications.

    1 where both are 0, and below `LEAST_YEARS`, which detect nothing; nan below two replications.
    """
    if n < LEAST_YEARS:
        return np.full(np.shape(mean), np.nan if n < 2 else 1.0)
    error = np.asarray(half_width) / t_quantile(0.5 + level / 2, n - 1)
    certain = np.where(np.asarray(mean) == 0, 0.0, np.inf)
    t = np.divide(np.abs(mean), error, out=np.asarray(certain, np.float64), where=error != 0)
    return np.asarray(2 * special.stdtr(n - 1, -t), np.float64)


def mean_beside(base: ArrayLike, own: ArrayLike, level: float = 0.95) -> Estimate:
    """Return the mean of values that were seen in the first replications only, told as if in all of those of `base`.

    `base`: [n], `own`: [m <= n], the first m replications with the same luck. The estimate is the mean of `base` plus
    the mean difference over the m that both have, so that what the two share is known from all n (a control variate
    with coefficient 1; Law 2015, 11.4); its variance is var(base) / n + var(d) / m + 2 cov(base, d) / n. With m = n it
    is `estimate(own)`.

    >>> mean_beside([1.0, 2.0, 6.0], [2.0, 3.5]).mean.item()
    4.25
    """
    first, values = np.asarray(base, np.float64), np.asarray(own, np.float64)
    n, m = len(first), len(values)
    difference = snapped(first[:m], values) - first[:m]
    mean = np.asarray(first.mean() + difference.mean())
    if m < 2:
        return Estimate(mean, np.asarray(np.nan), m)
    shared = np.cov(first[:m], difference)
    variance = max(0.0, float(first.var(ddof=1) / n + shared[1, 1] / m + 2 * shared[0, 1] / n))
    return Estimate(mean, np.asarray(t_quantile(0.5 + level / 2, m - 1) * np.sqrt(variance)), m)


def holm_adjust(p_values: ArrayLike) -> Floats:
    """Return adjusted p-values of several comparisons with one base, in the order given (Holm 1979).

    Rejecting those below a keeps the chance of any false claim below a, whatever the dependence. `p_values`: [plans]
    or [plans, metrics] (adjusted over plans). An unknown p-value (nan) stays unknown and counts as a comparison.

    >>> holm_adjust([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, axis=0, kind="stable")
    left = np.arange(p.shape[0], 0, -1, dtype=np.float64).reshape((-1,) + (1,) * (p.ndim - 1))
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, axis=0) * left, axis=0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=0)
    return adjusted


def verdict(difference: float, adjusted_p: float, better: str, detected_at: float = DETECTED_AT) -> Verdict:
    """Return what may be said of a difference: plan minus base, at an adjusted p-value.

    `better`: the metric's direction, "higher", "lower", or "" for a metric that is neither; then the verdict is
    "higher" or "lower". A nan on any side is no detectable difference.
    """
    if not adjusted_p < detected_at or difference == 0 or np.isnan(difference):
        return "no detectable difference"
    if better == "":
        return "higher" if difference > 0 else "lower"
    return "better" if (difference > 0) == (better == "higher") else "worse"


@cache
def dunnett_point(rivals: int, df: int, level: float = 0.95) -> float:
    """Return the `level` point of the largest of `rivals` t variables with `df` degrees and common correlation 1/2.

    One level against all others, one-sided (Dunnett 1955): with T_i = (Z_i - Z_0) / (S sqrt 2) it solves
    E[Phi(Z_0 + g S sqrt 2)^rivals] = level, by quadrature over Z_0 and S. With one rival it is the quantile of
    Student's t. `level` is at least 0.5. ValueError without a rival or without a degree of freedom.

    >>> [round(dunnett_point(k - 1, (k - 1) * 19), 3) for k in (5, 10, 20)]
    [2.197, 2.437, 2.642]
    """
    if rivals < 1 or df < 1:
        raise ValueError(f"needs a rival and a degree of freedom, not {rivals} and {df}")
    if rivals == 1:
        return t_quantile(level, df)
    high = t_quantile(1 - (1 - level) / rivals, df)  # Bonferroni's point is never too small
    return _solve(lambda z, width: special.ndtr(z + width) ** rivals, df, level, high)


@cache
def tukey_point(levels: int, df: int, level: float = 0.95) -> float:
    """Return the `level` point of the largest of all differences of `levels` levels over their own standard error.

    All pairs, two-sided: the studentized range over sqrt 2 (Tukey 1953). With two levels it is the two-sided quantile
    of Student's t. ValueError below two levels or without a degree of freedom.

    >>> round(tukey_point(3, 20), 3)  # 3.578 / sqrt 2 in the tables
    2.53
    """
    if levels < 2 or df < 1:
        raise ValueError(f"needs two levels and a degree of freedom, not {levels} and {df}")
    high = t_quantile(1 - (1 - level) / (levels * (levels - 1)), df)

    def within(z: Floats, width: Floats) -> Floats:
        return np.asarray(levels * (special.ndtr(z) - special.ndtr(z - width)) ** (levels - 1))

    return _solve(within, df, level, high)


def _solve(chance: Callable[[Floats, Floats], Floats], df: int, level: float, high: float) -> float:
    """The g at which the mean of chance(z, g S sqrt 2) over a normal z and S = sqrt(chi2 / df) is `level`."""
    at, weights = np.polynomial.legendre.leggauss(NODES)
    spread = np.sqrt(2 * special.chdtri(df, (1 - at) / 2) / df)
    z = np.linspace(-REACH, REACH, 2 * NODES + 1)
    density = np.exp(-z * z / 2)
    low = 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = float(density @ chance(z[:, None], middle * spread) @ weights / density.sum() / 2)
        low, high = (middle, high) if found < level else (low, middle)
    return (low + high) / 2
