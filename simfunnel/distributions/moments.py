"""Moments of a `Dist`, its quantiles and probabilities as engines get them, and the same by scipy.

Moments, `quantile_of` and `probability_of` have the same bits on every machine. `cdf` and `quantiles_of` go through
scipy, whose last bits differ from machine to machine: for theory, checks and tests, never for luck.
"""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions.elementary import exp, expm1, log_gamma
from simfunnel.distributions.families import (
    CONSTANT,
    DISCRETE,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    NEVER,
    NORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    Dist,
    weibull_spread,
)


def mean(dist: Dist) -> float:
    """Return expected value, in the unit of the distribution; inf for NEVER."""
    family, a, b, c = dist[:4]
    if family == LOGNORMAL:
        return exp(a + b * b / 2.0)
    if family == GAMMA:
        return a * b
    if family == WEIBULL:
        return b * exp(log_gamma(1.0 + 1.0 / a))
    if family == UNIFORM:
        return a + (b - a) / 2.0
    if family == TRIANGULAR:
        return (a + b + c) / 3.0
    if family == DISCRETE:
        return math.fsum(value * share for value, share in _choices(dist))
    if family in (CONSTANT, EXPONENTIAL, NORMAL, NEVER):
        return a
    raise _unknown(family)


def variance(dist: Dist) -> float:
    """Return variance, in the squared unit of the distribution; nan for NEVER."""
    family, a, b, c = dist[:4]
    if family == CONSTANT:
        return 0.0
    if family == EXPONENTIAL:
        return a * a
    if family == LOGNORMAL:
        centre = mean(dist)
        return expm1(b * b) * centre * centre
    if family == GAMMA:
        return a * b * b
    if family == WEIBULL:
        centre = mean(dist)
        return expm1(weibull_spread(a)) * centre * centre
    if family == UNIFORM:
        return (b - a) ** 2 / 12.0
    if family == TRIANGULAR:
        return ((b - a) ** 2 + (c - b) ** 2 + (c - a) ** 2) / 36.0
    if family == DISCRETE:
        centre = mean(dist)
        return math.fsum((value - centre) ** 2 * share for value, share in _choices(dist))
    if family == NORMAL:
        return b * b
    if family == NEVER:
        return math.nan
    raise _unknown(family)


def sd(dist: Dist) -> float:
    """Return the standard deviation, in the unit of the distribution."""
    return math.sqrt(variance(dist))


@overload
def cdf(dist: Dist, x: float) -> float: ...
@overload
def cdf(dist: Dist, x: Floats) -> Floats: ...
def cdf(dist: Dist, x: float | Floats) -> float | Floats:
    """Return P(value <= x), for a number or an array of any shape, by scipy."""
    at = np.asarray(x, dtype=np.float64)
    result = _cdf(dist, at)
    return float(result) if at.ndim == 0 else result


def _cdf(dist: Dist, x: Floats) -> Any:
    from scipy import special

    family, a, b, c = dist[:4]
    above = np.maximum(x, 0.0)
    if family == CONSTANT:
        return np.where(x >= a, 1.0, 0.0)
    if family == EXPONENTIAL:
        return -np.expm1(-above / a)
    if family == LOGNORMAL:
        with np.errstate(divide="ignore"):
            return special.ndtr((np.log(above) - a) / b)
    if family == GAMMA:
        return special.gammainc(a, above / b)
    if family == WEIBULL:
        return -np.expm1(-((above / b) ** a))
    if family == UNIFORM:
        return np.clip((x - a) / (b - a), 0.0, 1.0)
    if family == TRIANGULAR:
        inside = np.clip(x, a, c)
        rising = (inside - a) ** 2 / ((c - a) * (b - a)) if b > a else np.zeros(x.shape)
        falling = 1.0 - (c - inside) ** 2 / ((c - a) * (c - b)) if b < c else np.ones(x.shape)
        return np.where(inside < b, rising, falling)
    if family == DISCRETE:
        return sum((x >= value) * share for value, share in _choices(dist))
    if family == NORMAL:
        return special.ndtr((x - a) / b)
    if family == NEVER:
        return np.where(x == math.inf, 1.0, 0.0)
    raise _unknown(family)


def quantile_of(dist: Dist, u: float) -> float:
    """Return the value at probability `u` in (0, 1), the same bits that an engine gets.

    Any family, DISCRETE too. Needs numba, unlike the rest of this module.
    """
    from simfunnel.distributions.quantiles import discrete_quantile, quantile

    if dist.family == DISCRETE:
        return discrete_quantile(u, np.array(dist.values), np.array(dist.cumulative))
    return quantile(u, dist.family, dist.a, dist.b, dist.c)


def probability_of(dist: Dist, x: float) -> float:
    """Return P(value <= x), the same bits on every machine: what `cdf` gives by scipy, up to rounding. Needs numba."""
    from simfunnel.distributions.quantiles import discrete_probability, probability

    if dist.family == DISCRETE:
        return discrete_probability(x, np.array(dist.values), np.array(dist.cumulative))
    return probability(x, dist.family, dist.a, dist.b, dist.c)


def quantiles_of(dist: Dist, u: Floats) -> Floats:
    """Return values at probabilities `u` (any shape, in (0, 1)), by scipy: equal to `quantile_of` up to rounding."""
    from scipy import special

    family, a, b, c = dist[:4]
    u = np.asarray(u, dtype=np.float64)
    if family in (CONSTANT, NEVER):
        return np.full(u.shape, a)
    if family == EXPONENTIAL:
        return -a * np.log1p(-u)
    if family == LOGNORMAL:
        return np.exp(a + b * special.ndtri(u))
    if family == GAMMA:
        upper = special.gammainccinv(a, 1.0 - u)
        return np.where(u < 0.5, special.gammaincinv(a, u), upper) * b
    if family == WEIBULL:
        return np.asarray(b * (-np.log1p(-u)) ** (1.0 / a))
    if family == UNIFORM:
        return a + (b - a) * u
    if family == TRIANGULAR:
        rising = a + np.sqrt(u * (c - a) * (b - a))
        falling = c - np.sqrt((1.0 - u) * (c - a) * (c - b))
        return np.where(u * (c - a) < b - a, rising, falling)
    if family == DISCRETE:
        places = np.searchsorted(np.array(dist.cumulative), u, side="right")
        return np.array(dist.values)[np.minimum(places, len(dist.values) - 1)]
    if family == NORMAL:
        return np.asarray(a + b * special.ndtri(u))
    raise _unknown(family)


def _choices(dist: Dist) -> list[tuple[float, float]]:
    before = (0.0, *dist.cumulative[:-1])
    return [(v, upper - lower) for v, lower, upper in zip(dist.values, before, dist.cumulative, strict=True)]


def _unknown(family: int) -> ValueError:
    return ValueError(f"there is no family with code {family}")
