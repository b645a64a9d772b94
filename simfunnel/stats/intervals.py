"""Intervals of means, differences and shares over replications, their coverage, and when replications are enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from simfunnel.arrays import Floats


class Estimate(NamedTuple):
    """A mean over replications with its half-width; arrays when several metrics were estimated at once.

    `mean` is nan where there is nothing to divide by, `half_width` is nan below two replications.
    """

    mean: Floats
    half_width: Floats
    n: int


def t_quantile(p: float, df: int) -> float:
    """Return the quantile of Student's t with `df` degrees of freedom at probability `p`; nan when `df` is below 1."""
    return float(special.stdtrit(df, p)) if df >= 1 else float("nan")


def normal_half_width(error: ArrayLike, level: float = 0.95) -> Floats:
    """Return the half-width of an interval from a standard error that is known well.

    >>> round(float(normal_half_width(1.0)), 2)
    1.96
    """
    return np.asarray(special.ndtri(0.5 + level / 2) * np.asarray(error, np.float64))


def half_width(x: ArrayLike, level: float = 0.95) -> Floats:
    """Return the half-width of the t confidence interval of the mean of independent replications.

    `x`: [replications] or [replications, metrics]. Formula: t(n - 1) s / sqrt(n) (Law 2015, ch. 4).

    >>> round(float(half_width([1.0, 2.0, 3.0])), 4)
    2.4841
    """
    return estimate(x, level).half_width


def estimate(x: ArrayLike, level: float = 0.95) -> Estimate:
    """Return the mean over replications (axis 0) with its t half-width at `level`."""
    values = np.asarray(x, dtype=np.float64)
    n = values.shape[0]
    mean = values.mean(axis=0) if n else np.full(values.shape[1:], np.nan)
    spread = values.std(axis=0, ddof=1) if n > 1 else np.full(values.shape[1:], np.nan)
    return Estimate(mean, t_quantile(0.5 + level / 2, n - 1) * spread / np.sqrt(max(n, 1)), n)


def estimate_ratio(numerator: ArrayLike, denominator: ArrayLike, level: float = 0.95) -> Estimate:
    """Return the ratio of means over replications with the half-width of the jackknife.

    `numerator`, `denominator`: [replications] or [replications, metrics]. The estimate is sum / sum, the half-width
    t(n - 1) sqrt((n - 1) / n sum (r_i - mean r)^2) with r_i the ratio without replication i (Miller 1974). With a
    denominator of 1 in every replication this is the t interval of the mean.

    >>> estimate_ratio([1.0, 3.0], [10.0, 10.0]).mean.item()
    0.2
    """
    over, under = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    n = over.shape[0]
    ratio = divide(over.sum(axis=0), under.sum(axis=0))
    left_out = leave_one_out(over, under)
    return Estimate(ratio, jackknife_half_width(left_out, level), n)


def pseudo_values(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Return values by replication whose t interval is the jackknife's of the ratio of means (Tukey 1958), bias taken
    off.

    n r - (n - 1) r_i, with r_i the ratio without replication i; exactly the numerator where the denominator is 1. What
    works on means of replications (paired differences, tornado, interaction) so works on ratios of means too.
    `numerator`, `denominator`: [replications] or [replications, metrics]; nan where there is nothing to divide by.

    >>> pseudo_values([1.0, 3.0], [1.0, 1.0]).tolist(), pseudo_values([2.0, 2.0], [4.0, 4.0]).tolist()
    ([1.0, 3.0], [0.5, 0.5])
    """
    over, under = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
    n = over.shape[0]
    ratio = divide(over.sum(axis=0), under.sum(axis=0))
    found = n * ratio - (n - 1) * leave_one_out(over, under) if n > 1 else divide(over, under)
    return np.where((under == 1.0).all(axis=0), over, found)


def divide(over: ArrayLike, under: ArrayLike) -> Floats:
    """Return `over / under`, nan where `under` is zero."""
    top, bottom = np.broadcast_arrays(np.asarray(over, np.float64), np.asarray(under, np.float64))
    result: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return result


def leave_one_out(numerator: Floats, denominator: Floats) -> Floats:
    """Return ratios of sums without each replication in turn, same shape as the inputs; nan where nothing is left."""
    return divide(numerator.sum(axis=0) - numerator, denominator.sum(axis=0) - denominator)


def jackknife_half_width(left_out: Floats, level: float) -> Floats:
    """Return the half-width from the leave-one-out estimates `left_out` (replications on axis 0)."""
    n = left_out.shape[0]
    if n < 2:
        return np.full(left_out.shape[1:], np.nan)
    spread = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    result: Floats = t_quantile(0.5 + level / 2, n - 1) * np.sqrt((n - 1) / n * spread)
    return result


def share_interval(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the two-sided interval of a share, never too short (Clopper & Pearson 1934).

    >>> [round(end, 3) for end in share_interval(5, 100)]
    [0.016, 0.113]
    """
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(special.betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(special.betaincinv(successes + 1, n - successes, 1 - tail))
    return low, high


def share_interval_of_groups(successes: ArrayLike, counts: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share of things that hang together in groups (the months of a year); [groups] each.

    Clopper & Pearson's with as many independent things as would vary the share as much as it does, seen from the
    groups left out one by one (Korn & Graubard 1998); at most `counts` in all. Where all or none succeed, nothing is
    seen of how they hang together: then a group counts once. Groups without any count do not count.

    >>> [round(end, 3) for end in share_interval_of_groups([1] * 5 + [0] * 95, [1] * 100)]
    [0.016, 0.113]
    """
    under = np.asarray(counts, np.float64)
    over, under = np.asarray(successes, np.float64)[under > 0], under[under > 0]
    groups, total = len(under), float(under.sum())
    if not groups:
        return float("nan"), float("nan")
    share = float(over.sum()) / total
    if share in (0.0, 1.0):
        return share_interval(groups * share, groups, level)
    if groups == 1:
        return 0.0, 1.0
    if under.max() <= 1:
        return share_interval(float(over.sum()), total, level)
    error = float(jackknife_half_width(leave_one_out(over, under), level)) / t_quantile(0.5 + level / 2, groups - 1)
    alike = share * (1 - share) / error**2 if error > 0 else total
    alike *= (t_quantile(0.5 + level / 2, round(total) - 1) / t_quantile(0.5 + level / 2, groups - 1)) ** 2
    independent = min(alike, total)
    return share_interval(share * independent, independent, level)


def share_bounds(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return one-sided bounds of a share: at least the first, and at most the second, each with probability `level` or
    more.

    Clopper & Pearson (1934). Both together hold with probability 2 `level` - 1.

    >>> [round(end, 3) for end in share_bounds(83, 100)]
    [0.756, 0.889]
    """
    return share_interval(successes, n, 2 * level - 1)


def replications_for_skew(x: ArrayLike) -> int:
    """Return replications from which a t interval of the mean of so skewed values may be trusted: 25 skewness^2, at
    least 2.

    Cochran (1977, 2.15). With fewer, say that they are too few. `x`: [replications].

    >>> replications_for_skew([1.0, 2.0, 3.0])
    2
    """
    values = np.asarray(x, np.float64)
    centred = values - values.mean()
    variance = float((centred**2).mean())
    if variance <= np.finfo(float).eps * float((values**2).mean()):
        return 2
    return max(2, int(np.ceil(25 * (float((centred**3).mean()) / variance**1.5) ** 2)))


@dataclass(frozen=True)
class Coverage:
    """`share` of `n` intervals that hold the truth; `low` to `high` is what that share says of all such studies."""

    share: float
    low: float
    high: float
    n: int


def interval_coverage(means: ArrayLike, half_widths: ArrayLike, truth: ArrayLike, level: float = 0.95) -> Coverage:
    """Return the coverage of mean +/- half-width over studies that differ in their seeds only (macro-replications;
    Schruben 1980).

    `means`, `half_widths`: [studies]; `truth`: a number, or [studies]. An interval that is unknown (nan) does not hold
    it.

    >>> interval_coverage([1.0, 2.0, 9.0], [1.5, 1.5, 1.5], 2.0).share
    0.6666666666666666
    """
    held = np.abs(np.asarray(means, np.float64) - np.asarray(truth, np.float64)) <= np.asarray(half_widths, np.float64)
    n, kept = held.size, int(held.sum())
    low, high = share_interval(kept, n, level)
    return Coverage(kept / n, low, high, n)


class StopRule(NamedTuple):
    """Stop at the first check at which every half-width is below `relative` of the base's mean.

    Checks come at `first`, then every `step` replications, to `most` at the latest; never at the end of a batch, so
    that the number of workers cannot change the result.
    """

    relative: float = 0.01
    first: int = 30
    step: int = 10
    most: int = 400


class Precision(NamedTuple):
    """What a check found: the largest half-width as a share of the base's mean, and whether the study may stop."""

    achieved: float
    wanted: float
    reached: bool
    stop: bool
    n: int


def replication_checks(rule: StopRule = StopRule()) -> tuple[int, ...]:  # noqa: B008 (an immutable tuple)
    """Return replication counts at which the rule looks: 30, 40, ..., 400.

    >>> replication_checks()[:3], replication_checks()[-1]
    ((30, 40, 50), 400)
    """
    return (*range(rule.first, rule.most, rule.step), rule.most)


# the default is an immutable tuple, so it can be shared
def precision_of(
    base: ArrayLike,
    plans: ArrayLike | None = None,
    rule: StopRule = StopRule(),  # noqa: B008 (an immutable tuple)
    beside: float = 0.0,
) -> Precision:
    """Return the precision of a study after n paired replications.

    `base`: [n] the base's values; `plans`: [n, plans] of the other plans, compared by their differences to the base;
    without plans it is the half-width of the base's own mean that counts. After Law (2015, 9.4), stopping on the
    half-width costs one or two points of coverage: report the half-width that was achieved, not the promise. `beside`:
    the share of the base's own half-width that no replication makes smaller, in quadrature to the rest; where it alone
    is as wide as wanted, the rest is what stops.
    """
    values = np.asarray(base, np.float64)
    n = values.shape[0]
    if plans is None:
        widths = np.atleast_1d(half_width(values))
    else:
        widths = np.atleast_1d(half_width(np.asarray(plans, np.float64).reshape(n, -1) - values[:, None]))
    mean = abs(float(values.mean())) if n else 0.0
    widest = float(widths.max()) if widths.size else 0.0
    luck = 0.0 if widest == 0 else (widest / mean if mean > 0 else float("inf"))
    achieved = hypot(luck, beside if plans is None else 0.0)
    reached = n >= rule.first and achieved <= rule.relative
    enough = reached or (n >= rule.first and beside >= rule.relative >= luck)
    return Precision(achieved, rule.relative, reached, enough or n >= rule.most, n)
