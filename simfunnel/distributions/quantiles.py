"""Quantile functions as compiled scalars: the only way from a uniform number to a value in an engine.

Built on `elementary`, so a value has the same bits on every machine, in both engines; that holds for the gamma
distribution too, whose quantile is found by Newton's method and not by a library. All are finite and non-decreasing for
u from 2^-53 to 1 - 2^-53, the range of `streams.uniform`.
"""

from __future__ import annotations

import math

from simfunnel.arrays import Floats
from simfunnel.distributions import elementary
from simfunnel.distributions.elementary import exp, expm1, log, log1p, log_gamma, power, stirling_rest
from simfunnel.distributions.families import (
    CONSTANT,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    NEVER,
    NORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)
from simfunnel.jit import compiled

_FLOATS = "Array(float64, 1, 'C', readonly=True)"

_LARGE_SHAPE = 1e5  # from here the Cornish-Fisher series of the gamma quantile is exact to 1e-13
_STIRLING_FROM = 10.0
_LOG_STEP = 1e-9  # Newton converges quadratically: a step of this size leaves an error near 1e-16
_MOST_STEPS = 100
_MOST_TERMS = 10_000
_SMALLEST = 1e-300
_FAR = 38.0  # sd of a normal beyond which nothing counts

ndtr = compiled("float64(float64)")(elementary.ndtr)
ndtri = compiled("float64(float64)")(elementary.ndtri)
logit = compiled("float64(float64)")(elementary.logit)


@compiled("float64(float64, float64)")
def gamma_weight(shape: float, x: float) -> float:
    """Return x^shape exp(-x) / Gamma(shape): what P(shape, x) gains per unit of ln x; Stirling's series for large
    shapes."""
    if shape < _STIRLING_FROM:
        return exp(shape * log(x) - x - log_gamma(shape))
    off = (x - shape) / shape
    return math.sqrt(shape / (2.0 * math.pi)) * exp(-shape * (off - log1p(off)) - stirling_rest(shape))


@compiled("UniTuple(float64, 2)(float64, float64, float64)")
def gamma_tails(shape: float, x: float, weight: float) -> tuple[float, float]:
    """Return P and Q, the regularised lower and upper incomplete gamma functions; `weight` is `gamma_weight(shape, x)`.

    Power series below shape + 1, else Legendre's continued fraction by Lentz's method (DLMF 8.7.1 and 8.9.2).
    """
    if x < shape + 1.0:
        term = 1.0 / shape
        total = term
        n = 0
        while term > total * 1e-17 and n < _MOST_TERMS:
            n += 1
            term *= x / (shape + n)
            total += term
        lower = min(total * weight, 1.0)
        return lower, 1.0 - lower
    b = x + 1.0 - shape
    c = 1.0 / _SMALLEST
    d = 1.0 / b
    fraction = d
    for n in range(1, _MOST_TERMS):
        a = -n * (n - shape)
        b += 2.0
        d = a * d + b
        d = 1.0 / (d if abs(d) > _SMALLEST else _SMALLEST)
        c = b + a / c
        c = c if abs(c) > _SMALLEST else _SMALLEST
        fraction *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    upper = min(fraction * weight, 1.0)
    return 1.0 - upper, upper


@compiled("float64(float64, float64)")
def gamma_start(u: float, shape: float) -> float:
    """Return a first guess of the gamma quantile: Wilson and Hilferty 1931, or the leading term of P if small."""
    z = ndtri(u)
    cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * math.sqrt(shape))
    if shape >= 0.5 and cube > 0.3:
        return shape * cube * cube * cube
    return exp((log(u) + log_gamma(shape + 1.0)) / shape)


@compiled("float64(float64, float64)")
def _beyond_normal(shape: float, z: float) -> float:
    """What the gamma quantile of a large shape has beyond shape + z sqrt(shape), z being the normal quantile."""
    z2, root = z * z, math.sqrt(shape)
    series = (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root) - ((3.0 * z2 + 7.0) * z2 - 16.0) / (810.0 * shape)
    return series + z * ((9.0 * z2 + 256.0) * z2 - 433.0) / (38880.0 * shape * root)


@compiled("float64(float64, float64)")
def gamma_quantile(u: float, shape: float) -> float:
    """Return the quantile of the gamma distribution with scale 1, to about 1e-13.

    Newton steps in ln x on the logarithm of the smaller tail. Both tails are log-concave in ln x, so from the second
    step on the iterates come from one side and cannot miss. Shapes from 1e5: Cornish-Fisher (Goldberg and Levine 1946).
    """
    if shape >= _LARGE_SHAPE:
        z = ndtri(u)
        return shape + z * math.sqrt(shape) + _beyond_normal(shape, z)
    x = gamma_start(u, shape)
    if x < 1e-17:
        return x  # the leading term is all there is
    for _ in range(_MOST_STEPS):
        weight = gamma_weight(shape, x)
        lower, upper = gamma_tails(shape, x, weight)
        if u <= 0.5:
            step = (log(u) - log(lower)) * lower / weight
        else:
            step = (log(upper) - log(1.0 - u)) * upper / weight
        step = min(max(step, -1.0), 1.0)
        x *= exp(step)
        if abs(step) < _LOG_STEP:
            break
    return x


@compiled("float64(float64, float64, float64, float64)")
def triangular_quantile(u: float, low: float, mode: float, high: float) -> float:
    """Return the quantile of the triangular distribution, from the nearer end."""
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


@compiled("float64(float64, int64, float64, float64, float64)")
def quantile(u: float, family: int, a: float, b: float, c: float) -> float:
    """Return the value at probability `u` in (0, 1) of a family of `families`, DISCRETE excepted (see
    `discrete_quantile`).

    An unknown family gives nan.
    """
    if family == CONSTANT:
        return a
    if family == EXPONENTIAL:
        return -a * log1p(-u)
    if family == LOGNORMAL:
        return exp(a + b * ndtri(u))
    if family == GAMMA:
        return b * gamma_quantile(u, a)
    if family == WEIBULL:
        return b * power(-log1p(-u), 1.0 / a)
    if family == UNIFORM:
        return a + (b - a) * u
    if family == TRIANGULAR:
        return triangular_quantile(u, a, b, c)
    if family == NORMAL:
        return a + b * ndtri(u)
    if family == NEVER:
        return math.inf
    return math.nan


@compiled("float64(float64, float64)")
def gamma_probability(x: float, shape: float) -> float:
    """Return P(gamma of scale 1 <= x), to about 1e-13; for large shapes where the quantile's series gives `x`."""
    if x <= 0.0:
        return 0.0
    if shape < _LARGE_SHAPE:
        return gamma_tails(shape, x, gamma_weight(shape, x))[0]
    root = math.sqrt(shape)
    z = far = min(max((x - shape) / root, -_FAR), _FAR)
    for _ in range(_MOST_STEPS):
        before, z = z, min(max(far - _beyond_normal(shape, z) / root, -_FAR), _FAR)
        if abs(z - before) < 1e-15:
            break
    return ndtr(z)


@compiled("float64(float64, float64, float64, float64)")
def triangular_probability(x: float, low: float, mode: float, high: float) -> float:
    """Return P(triangular <= x), from the nearer end."""
    if x <= low or x >= high:
        return 0.0 if x <= low else 1.0
    if x < mode:
        return (x - low) * (x - low) / ((high - low) * (mode - low))
    return 1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))


@compiled("float64(float64, int64, float64, float64, float64)")
def probability(x: float, family: int, a: float, b: float, c: float) -> float:
    """Return P(value <= x) of a family of `families`, DISCRETE excepted (see `discrete_probability`).

    An unknown family gives nan.
    """
    if family == CONSTANT:
        return 1.0 if x >= a else 0.0
    if family == EXPONENTIAL:
        return -expm1(-max(x, 0.0) / a)
    if family == LOGNORMAL:
        return ndtr((log(x) - a) / b) if x > 0.0 else 0.0
    if family == GAMMA:
        return gamma_probability(x / b, a)
    if family == WEIBULL:
        return -expm1(-power(max(x, 0.0) / b, a))
    if family == UNIFORM:
        return min(max((x - a) / (b - a), 0.0), 1.0)
    if family == TRIANGULAR:
        return triangular_probability(x, a, b, c)
    if family == NORMAL:
        return ndtr((x - a) / b)
    if family == NEVER:
        return 1.0 if x == math.inf else 0.0
    return math.nan


@compiled(f"float64(float64, {_FLOATS}, {_FLOATS})")
def discrete_quantile(u: float, values: Floats, cumulative: Floats) -> float:
    """Return the first of `values` whose cumulative share is above `u` (the last cumulative share is 1)."""
    for k in range(len(values)):
        if u < cumulative[k]:
            return float(values[k])
    return float(values[-1])


@compiled(f"float64(float64, {_FLOATS}, {_FLOATS})")
def discrete_probability(x: float, values: Floats, cumulative: Floats) -> float:
    """Return P(value <= x) of the ascending `values`."""
    share = 0.0
    for k in range(len(values)):
        if values[k] <= x:
            share = float(cumulative[k])
    return share
