"""Quantile functions as compiled scalars: the only way from a uniform number to a value in an engine.

`math.*` only: numpy's vector functions differ from these in the last bit, and both engines must get the same bytes.
All are finite and non-decreasing for u from 2^-53 to 1 - 2^-53, the range of `streams.uniform`.
"""

from __future__ import annotations

import math

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
    Floats,
)
from simfunnel.jit import compiled

_FLOATS = "Array(float64, 1, 'C', readonly=True)"

_LARGE_SHAPE = 1e5  # from here the Cornish-Fisher series of the gamma quantile is exact to 1e-13
_STIRLING_FROM = 10.0
_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
_LOG_STEP = 1e-9  # Newton converges quadratically: a step of this size leaves an error near 1e-16
_MOST_STEPS = 100
_MOST_TERMS = 10_000
_SMALLEST = 1e-300


@compiled("float64(float64)")
def _centre(r: float) -> float:
    """Normal quantile per unit of q = u - 1/2, from r = 0.425^2 - q^2."""
    return (
        ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
        + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
        + 133.14166789178437745) * r + 3.387132872796366608
    ) / (
        ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
        + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
        + 42.313330701600911252) * r + 1.0
    )  # fmt: skip


@compiled("float64(float64)")
def _tail(r: float) -> float:
    """Size of the normal quantile in a tail of probability exp(-r^2)."""
    if r <= 5.0:
        r -= 1.6
        return (
            ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
            + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734
        ) / (
            ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
            + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
            + 2.05319162663775882187) * r + 1.0
        )  # fmt: skip
    r -= 5.0
    return (
        ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
        + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
        + 5.4637849111641143699) * r + 6.6579046435011037772
    ) / (
        ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
        + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
        + 0.59983220655588793769) * r + 1.0
    )  # fmt: skip


@compiled("float64(float64)")
def ndtr(x: float) -> float:
    """P(standard normal <= x)."""
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


@compiled("float64(float64)")
def ndtri(u: float) -> float:
    """Standard normal quantile of u in (0, 1), to about 1e-15 (PPND16 of Wichura 1988, algorithm AS 241)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _centre(0.180625 - q * q)
    size = _tail(math.sqrt(-math.log(min(u, 1.0 - u))))
    return size if q > 0.0 else -size


@compiled("float64(float64)")
def logit(u: float) -> float:
    """ln(u / (1 - u)): the standard logistic quantile, exact to the last bits near 1/2 too."""
    if u < 0.25:
        return math.log(u) - math.log1p(-u)
    s = 2.0 * u - 1.0
    return math.log1p(s) - math.log1p(-s)


@compiled("float64(float64)")
def stirling_rest(x: float) -> float:
    """ln Gamma(x) less Stirling's formula, for x >= 10 (DLMF 5.11.1)."""
    w = 1.0 / (x * x)
    return ((((w / 1188.0 - 1.0 / 1680.0) * w + 1.0 / 1260.0) * w - 1.0 / 360.0) * w + 1.0 / 12.0) / x


@compiled("float64(float64)")
def log_gamma(x: float) -> float:
    """ln Gamma(x) for x > 0; our own, since numba's and Python's `lgamma` differ in the last bits."""
    product = 1.0
    while x < _STIRLING_FROM:
        product *= x
        x += 1.0
    return (x - 0.5) * math.log(x) - x + _LOG_ROOT_TWO_PI + stirling_rest(x) - math.log(product)


@compiled("float64(float64, float64)")
def gamma_weight(shape: float, x: float) -> float:
    """x^shape exp(-x) / Gamma(shape): what P(shape, x) gains per unit of ln x; Stirling's series for large shapes."""
    if shape < _STIRLING_FROM:
        return math.exp(shape * math.log(x) - x - log_gamma(shape))
    off = (x - shape) / shape
    return math.sqrt(shape / (2.0 * math.pi)) * math.exp(-shape * (off - math.log1p(off)) - stirling_rest(shape))


@compiled("UniTuple(float64, 2)(float64, float64, float64)")
def gamma_tails(shape: float, x: float, weight: float) -> tuple[float, float]:
    """P and Q, the regularised lower and upper incomplete gamma functions; `weight` is `gamma_weight(shape, x)`.

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
    """A first guess of the gamma quantile: Wilson and Hilferty 1931, or the leading term of P for small values."""
    z = ndtri(u)
    cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * math.sqrt(shape))
    if shape >= 0.5 and cube > 0.3:
        return shape * cube * cube * cube
    return math.exp((math.log(u) + log_gamma(shape + 1.0)) / shape)


@compiled("float64(float64, float64)")
def gamma_quantile(u: float, shape: float) -> float:
    """Quantile of the gamma distribution with scale 1, to about 1e-13.

    Newton steps in ln x on the logarithm of the smaller tail. Both tails are log-concave in ln x, so from the second
    step on the iterates come from one side and cannot miss. Shapes from 1e5: Cornish-Fisher (Goldberg and Levine 1946).
    """
    if shape >= _LARGE_SHAPE:
        z, root = ndtri(u), math.sqrt(shape)
        z2 = z * z
        series = (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root) - ((3.0 * z2 + 7.0) * z2 - 16.0) / (810.0 * shape)
        return shape + z * root + series + z * ((9.0 * z2 + 256.0) * z2 - 433.0) / (38880.0 * shape * root)
    x = gamma_start(u, shape)
    if x < 1e-17:
        return x  # the leading term is all there is
    for _ in range(_MOST_STEPS):
        weight = gamma_weight(shape, x)
        lower, upper = gamma_tails(shape, x, weight)
        if u <= 0.5:
            step = (math.log(u) - math.log(lower)) * lower / weight
        else:
            step = (math.log(upper) - math.log(1.0 - u)) * upper / weight
        step = min(max(step, -1.0), 1.0)
        x *= math.exp(step)
        if abs(step) < _LOG_STEP:
            break
    return x


@compiled("float64(float64, float64, float64, float64)")
def triangular_quantile(u: float, low: float, mode: float, high: float) -> float:
    """Quantile of the triangular distribution, from the nearer end."""
    if u * (high - low) < mode - low:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


@compiled("float64(float64, int64, float64, float64, float64)")
def quantile(u: float, family: int, a: float, b: float, c: float) -> float:
    """Value at probability `u` in (0, 1) of a family of `families`, DISCRETE excepted (see `discrete_quantile`).

    An unknown family gives nan.
    """
    if family == CONSTANT:
        return a
    if family == EXPONENTIAL:
        return -a * math.log1p(-u)
    if family == LOGNORMAL:
        return math.exp(a + b * ndtri(u))
    if family == GAMMA:
        return b * gamma_quantile(u, a)
    if family == WEIBULL:
        return b * math.pow(-math.log1p(-u), 1.0 / a)
    if family == UNIFORM:
        return a + (b - a) * u
    if family == TRIANGULAR:
        return triangular_quantile(u, a, b, c)
    if family == NORMAL:
        return a + b * ndtri(u)
    if family == NEVER:
        return math.inf
    return math.nan


@compiled(f"float64(float64, {_FLOATS}, {_FLOATS})")
def discrete_quantile(u: float, values: Floats, cumulative: Floats) -> float:
    """The first of `values` whose cumulative share is above `u` (the last cumulative share is 1)."""
    for k in range(len(values)):
        if u < cumulative[k]:
            return float(values[k])
    return float(values[-1])
