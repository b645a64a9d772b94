"""A distribution as a family code and up to three numbers, and the ways in which a planner may give them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from simfunnel.distributions.elementary import LN_2, exp, log, log1p, log_gamma
from simfunnel.units import significant

CONSTANT: Final = 0  # a
EXPONENTIAL: Final = 1  # mean a
LOGNORMAL: Final = 2  # mu a, sigma b
GAMMA: Final = 3  # shape a, scale b
WEIBULL: Final = 4  # shape a, scale b
UNIFORM: Final = 5  # from a to b
TRIANGULAR: Final = 6  # low a, mode b, high c
DISCRETE: Final = 7  # values, cumulative
NORMAL: Final = 8  # mean a, standard deviation b
NEVER: Final = 9  # infinite

FAMILY_NAMES: Final = (
    "constant",
    "exponential",
    "lognormal",
    "gamma",
    "weibull",
    "uniform",
    "triangular",
    "discrete",
    "normal",
    "never",
)
"""The family's name at its code."""


NORMAL_P90: Final = 1.2815515655446004
"""The 90% quantile of the standard normal distribution."""

_SHARES_TOLERANCE = 1e-9
_WEIBULL_SHAPES = (1e-2, 1e5)  # the widest and the narrowest there are
_NEAR_ONE = 0.02
_ZETA = (
    1.6449340668482264, 1.2020569031595942, 1.0823232337111382, 1.03692775514337,
    1.0173430619844492, 1.0083492773819228, 1.0040773561979444, 1.0020083928260821,
    1.000994575127818, 1.0004941886041194, 1.000246086553308,
)  # fmt: skip
"""Riemann's zeta function at 2, 3, ..., 12."""


class Dist(NamedTuple):
    """One distribution, in the unit of what it describes (durations: hours).

    `working` marks durations in working time. `values` and `cumulative` (last one 1) are for DISCRETE only.
    """

    family: int
    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    working: bool = False
    values: tuple[float, ...] = ()
    cumulative: tuple[float, ...] = ()


def constant(value: float, *, working: bool = False) -> Dist:
    """Always `value`."""
    return Dist(CONSTANT, _finite("value", value), working=working)


def never(*, working: bool = False) -> Dist:
    """Infinite: the event never happens."""
    return Dist(NEVER, math.inf, working=working)


def exponential(mean: float | None = None, *, median: float | None = None, working: bool = False) -> Dist:
    """Return exponential with the given mean, or with the given median (mean = median / ln 2)."""
    if (mean is None) == (median is None):
        raise ValueError("an exponential needs either its mean or its median")
    average = mean if mean is not None else _finite("median", median) / LN_2
    if _not_negative("mean", average) == 0.0:
        return constant(0.0, working=working)
    return Dist(EXPONENTIAL, average, working=working)


def lognormal(
    *,
    median: float | None = None,
    p90: float | None = None,
    mean: float | None = None,
    cv: float | None = None,
    working: bool = False,
) -> Dist:
    """Return lognormal from its median and 90% quantile, or from its mean and coefficient of variation.

    sigma = ln(p90 / median) / 1.2816, or sigma^2 = ln(1 + cv^2) and mu = ln(mean) - sigma^2 / 2.
    """
    if median is not None and p90 is not None and mean is None and cv is None:
        if not _finite("median", median) > 0.0:
            raise ValueError(f"the median must be above 0, but is {significant(median, 6)}")
        if median == p90:
            return constant(median, working=working)
        if _finite("p90", p90) < median:
            raise ValueError(f"the 90% quantile {significant(p90, 6)} lies below the median {significant(median, 6)}")
        return Dist(LOGNORMAL, log(median), log(p90 / median) / NORMAL_P90, working=working)
    if mean is None or cv is None or median is not None or p90 is not None:
        raise ValueError("a lognormal needs median and p90, or mean and cv")
    if _degenerate(mean, cv):
        return constant(mean, working=working)
    variance = log1p(cv * cv)
    return Dist(LOGNORMAL, log(mean) - variance / 2.0, math.sqrt(variance), working=working)


def gamma(mean: float, cv: float, *, working: bool = False) -> Dist:
    """Return gamma from its mean and coefficient of variation: shape 1 / cv^2, scale mean cv^2."""
    if _degenerate(mean, cv):
        return constant(mean, working=working)
    return Dist(GAMMA, 1.0 / (cv * cv), mean * cv * cv, working=working)


def weibull(mean: float, cv: float, *, working: bool = False) -> Dist:
    """Return weibull from its mean and coefficient of variation; the shape k solves cv^2 + 1 = G(1 + 2/k) / G(1 +
    1/k)^2.

    It is found by halving an interval until no number lies between its ends: the same bits everywhere.
    """
    if _degenerate(mean, cv):
        return constant(mean, working=working)
    shape = _weibull_shape(cv)
    return Dist(WEIBULL, shape, mean / exp(log_gamma(1.0 + 1.0 / shape)), working=working)


def uniform(low: float, high: float, *, working: bool = False) -> Dist:
    """Return any value from `low` to `high` alike."""
    if _finite("low", low) == _finite("high", high):
        return constant(low, working=working)
    if high < low:
        raise ValueError(f"the highest value {significant(high, 6)} lies below the lowest {significant(low, 6)}")
    return Dist(UNIFORM, low, high, working=working)


def triangular(low: float, mode: float, high: float, *, working: bool = False) -> Dist:
    """Return triangle from `low` to `high` with its peak at `mode`."""
    if not _finite("low", low) <= _finite("mode", mode) <= _finite("high", high):
        raise ValueError(
            "a triangle needs low <= mode <= high, not "
            f"{significant(low, 6)}, {significant(mode, 6)}, {significant(high, 6)}"
        )
    if low == high:
        return constant(low, working=working)
    return Dist(TRIANGULAR, low, mode, high, working=working)


def normal(mean: float, sd: float, *, working: bool = False) -> Dist:
    """Return normal with mean and standard deviation."""
    if _not_negative("sd", sd) == 0.0:
        return constant(mean, working=working)
    return Dist(NORMAL, _finite("mean", mean), sd, working=working)


def discrete(values: Sequence[float], shares: Sequence[float], *, working: bool = False) -> Dist:
    """Return one of `values`, with the probabilities `shares` (which add up to 1); values with share 0 are left out.

    The values are put in order, so that one uniform gives one value by the quantile function, however they were listed.
    """
    if len(values) != len(shares) or not values:
        raise ValueError("a discrete distribution needs as many shares as values, and at least one")
    kept = sorted(
        (_finite("value", value), share)
        for value, share in zip(values, shares, strict=True)
        if _not_negative("share", share) > 0.0
    )
    if abs(math.fsum(shares) - 1.0) > _SHARES_TOLERANCE:
        raise ValueError(f"the shares add up to {significant(math.fsum(shares), 6)}; they must add up to 1")
    if len(kept) == 1:
        return constant(kept[0][0], working=working)
    cumulative = (*list(accumulate(share for _, share in kept))[:-1], 1.0)
    return Dist(DISCRETE, working=working, values=tuple(value for value, _ in kept), cumulative=cumulative)


@lru_cache(maxsize=1024)
def _weibull_shape(cv: float) -> float:
    goal = log1p(cv * cv)
    low, high = _WEIBULL_SHAPES
    if not weibull_spread(high) <= goal <= weibull_spread(low):
        raise ValueError(f"no Weibull distribution has the coefficient of variation {significant(cv, 6)}")
    while low < (middle := math.sqrt(low * high)) < high:
        if weibull_spread(middle) > goal:
            low = middle
        else:
            high = middle
    return middle


def weibull_spread(shape: float) -> float:
    """Return ln(1 + cv^2) of a Weibull distribution; for large shapes by the series of ln Gamma near 1 (DLMF 5.7.3)."""
    inverse = 1.0 / shape
    if inverse > _NEAR_ONE:
        return log_gamma(1.0 + 2.0 * inverse) - 2.0 * log_gamma(1.0 + inverse)
    total, k = 0.0, len(_ZETA) + 1
    for zeta in reversed(_ZETA):  # the term in inverse^k is zeta(k) (2^k - 2) / k, its sign that of (-1)^k
        total = zeta * ((1 << k) - 2) / k - total * inverse
        k -= 1
    return total * inverse * inverse


def _degenerate(mean: float, cv: float) -> bool:
    """Whether mean and cv leave one value only; both are checked."""
    _not_negative("mean", mean)
    _not_negative("cv", cv)
    return mean == 0.0 or cv == 0.0


def _finite(name: str, value: float | None) -> float:
    if value is None or not math.isfinite(value):
        raise ValueError(f"the {name} must be a finite number, not {value}")
    return value


def _not_negative(name: str, value: float) -> float:
    if not _finite(name, value) >= 0.0:
        raise ValueError(f"the {name} must not be negative, but is {significant(value, 6)}")
    return value
