"""Elementary functions of our own: the same bits on every machine.

A processor, a C library or numpy picks its own logarithm, and they differ in the last bit. Whatever decides a byte of a
ledger goes through these: + - * / and square roots in a fixed order, which IEEE 754 rounds alike everywhere, and exact
moves of bits. No product is fused with a sum (compiled code is made without fast-math), no table, no library call.

The same source serves plain Python and compiled code (`jit.portable`). Errors are stated in ulp, units in the last
place of the exact value, and hold for every argument named. The polynomials interpolate their function at Chebyshev
points, worked out to 80 digits; where a rational function of the literature is used its source is named.
"""

from __future__ import annotations

import math

from simfunnel.jit import bits_of, float_of, portable

LN_2 = 0.6931471805599453
_LN_2_HIGH = 0.6931471805598903  # the first 42 bits of ln 2: its product with an exponent is exact
_LN_2_LOW = 5.497923018708371e-14
_LOG_2_E = 1.4426950408889634
_LOG_ROOT_TWO_PI = 0.9189385332046728  # ln(sqrt(2 pi))
_ONE_PER_ROOT_TWO_PI = 0.3989422804014327

_LEAST_NORMAL = 2.2250738585072014e-308
_LARGEST = 1.7976931348623157e308
_MANTISSA = (1 << 52) - 1
_ROOT_HALF = 0x3FE6A09E << 32  # bits of sqrt(1/2), its lower half blank
_TO_ROOT_HALF = (0x3FF << 52) - _ROOT_HALF
_TO_INTEGER = 6755399441055744.0  # 1.5 x 2^52: a number added to it is rounded to a whole one
_TO_INTEGER_BITS = 0x4338 << 48
_NEAR_HALF = 0.1715  # |2u - 1| up to which the series of the logarithm takes a uniform as it is
_STIRLING_FROM = 10.0


@portable
def _log_series(z: float) -> float:
    """ln((1 + s) / (1 - s)) / s - 2 for z = s^2 <= 0.0295: 2 z / 3 + 2 z^2 / 5 + ..., to 2^-57."""
    w = z * z
    odd = z * (0.666666666666667 + w * (0.28571428625975487 + w * (0.18182889125261723 + w * 0.14616449685043406)))
    even = w * (0.39999999999899505 + w * (0.2222221113479508 + w * 0.15331721600556042))
    return odd + even


@portable
def _log_of(exponent: int, f: float, rest: float) -> float:
    """exponent x ln 2 + ln(1 + f) + rest, for f from sqrt(1/2) - 1 to sqrt(2) - 1 and a tiny `rest`.

    With s = f / (2 + f) the logarithm is 2 s + s R(s^2), and 2 s = f - f^2 / 2 + s f^2 / 2: the leading term is exact.
    """
    s = f / (2.0 + f)
    half = 0.5 * f * f
    low = s * (half + _log_series(s * s)) + (exponent * _LN_2_LOW + rest)
    return exponent * _LN_2_HIGH - ((half - low) - f)


@portable
def _log_split(x: float, rest: float) -> float:
    """ln(x) + rest for a normal x > 0."""
    bits = bits_of(x) + _TO_ROOT_HALF
    f = float_of((bits & _MANTISSA) + _ROOT_HALF) - 1.0
    return _log_of((bits >> 52) - 1023, f, rest)


@portable
def log(x: float) -> float:
    """Return ln(x), to 1 ulp; -inf at 0, nan below.

    >>> log(1.0), log(2.0) == LN_2
    (0.0, True)
    """
    if _LEAST_NORMAL <= x <= _LARGEST:
        return _log_split(x, 0.0)
    if x > 0.0:
        return x if x > _LARGEST else _log_split(x * 18014398509481984.0, 0.0) - 54.0 * LN_2
    return -math.inf if x == 0.0 else math.nan


@portable
def log1p(x: float) -> float:
    """Return ln(1 + x), to 1 ulp; -inf at -1, nan below."""
    if -0.29 < x < 0.41:
        return _log_of(0, x, 0.0)
    if not -1.0 < x < 1e17:
        return log(x) if x > 0.0 else -math.inf if x == -1.0 else math.nan
    u = 1.0 + x
    missed = x - (u - 1.0) if x < 1.0 else 1.0 - (u - x)  # by the rounding of u
    return _log_split(u, missed / u)


@portable
def logit(u: float) -> float:
    """Return ln(u / (1 - u)), the standard logistic quantile of u in (0, 1): to 4 ulp if 1 - u is exact, else to 5."""
    s = 2.0 * u - 1.0
    if abs(s) <= _NEAR_HALF:
        return 2.0 * s + s * _log_series(s * s)
    return log(u / (1.0 - u))


@portable
def _exp_series(r: float) -> float:
    """exp(r) - 1 - r for |r| <= ln(2) / 2, to 2^-61."""
    r2 = r * r
    r4 = r2 * r2
    first = (0.5 + 0.1666666666666667 * r) + (0.04166666666666667 + 0.008333333333326112 * r) * r2
    second = (0.001388888888888373 + 0.0001984126987490126 * r) + (
        2.4801587325605324e-05 + 2.7557255297969643e-06 * r
    ) * r2
    third = (2.755727357010214e-07 + 2.5105259538448494e-08 * r) + 2.0914717341716378e-09 * r2
    return r2 * (first + second * r4 + third * (r4 * r4))


@portable
def _two_to(exponent: int) -> float:
    """2^exponent, from -1022 to 1023."""
    return float_of((exponent + 1023) << 52)


@portable
def exp(x: float) -> float:
    """Return e^x, to 1 ulp; where the result has fewer bits than others, below 2.3e-308, to 1 of its last places.

    >>> exp(0.0), exp(1.0) == 2.718281828459045
    (1.0, True)
    """
    if not -745.2 < x < 709.8:
        return math.inf if x > 0.0 else 0.0 if x < 0.0 else x
    shifted = x * _LOG_2_E + _TO_INTEGER
    exponent = bits_of(shifted) - _TO_INTEGER_BITS
    whole = shifted - _TO_INTEGER
    high, low = x - whole * _LN_2_HIGH, whole * _LN_2_LOW
    value = 1.0 + (high + (_exp_series(high - low) - low))
    half = exponent >> 1
    return value * _two_to(half) * _two_to(exponent - half)


@portable
def expm1(x: float) -> float:
    """Return e^x - 1, to 2 ulp."""
    if -0.34 < x < 0.34:
        return x + _exp_series(x)
    if not -40.0 < x < 40.0:
        return exp(x) - 1.0
    shifted = x * _LOG_2_E + _TO_INTEGER
    whole = shifted - _TO_INTEGER
    high, low = x - whole * _LN_2_HIGH, whole * _LN_2_LOW
    power_of_two = _two_to(bits_of(shifted) - _TO_INTEGER_BITS)
    return (power_of_two - 1.0) + power_of_two * (high + (_exp_series(high - low) - low))


@portable
def power(x: float, y: float) -> float:
    """Return x^y for x >= 0, as exp(y ln x): to 2 + 2 |y ln x| ulp; x itself where y is 1, and 1 where y is 0 or x is
    1."""
    if y == 1.0:
        return x
    if y == 0.0 or x == 1.0:
        return 1.0
    if x == 0.0:
        return 0.0 if y > 0.0 else math.inf
    return exp(y * log(x))


# ------------------------------------------------------------------ the normal distribution


@portable
def _bell(y: float) -> float:
    """exp(-y^2 / 2): the square is taken in two parts, so that its rounding does not grow with y."""
    near = math.floor(y * 16.0) / 16.0
    return exp(-near * near * 0.5) * exp(-(y - near) * (y + near) * 0.5)


@portable
def _middle_share(x: float) -> float:
    """P(0 <= standard normal <= x) for |x| <= 0.6745."""
    t = x * x
    return (
        x
        * ((((0.065682337918207449113 * t + 2.2352520354606839287) * t + 161.02823106855587881) * t
        + 1067.6894854603709582) * t + 18154.981253343561249)
        / ((((t + 47.20258190468824187) * t + 976.09855173777669322) * t + 10260.932208618978205) * t
        + 45507.789335026729956)
    )  # fmt: skip


@portable
def _tail_ratio(y: float) -> float:
    """P(standard normal >= y) / exp(-y^2 / 2) for y from 0.6745 to sqrt(32)."""
    above = (((((((1.0765576773720192317e-8 * y + 0.39894151208813466764) * y + 8.8831497943883759412) * y
        + 93.506656132177855979) * y + 597.27027639480026226) * y + 2494.5375852903726711) * y
        + 6848.1904505362823326) * y + 11602.651437647350124) * y + 9842.7148383839780218  # fmt: skip
    below = (((((((y + 22.266688044328115691) * y + 235.38790178262499861) * y + 1519.377599407554805) * y
        + 6485.558298266760755) * y + 18615.571640885098091) * y + 34900.952721145977266) * y
        + 38912.003286093271411) * y + 19685.429676859990727  # fmt: skip
    return above / below


@portable
def _far_ratio(y: float) -> float:
    """P(standard normal >= y) / exp(-y^2 / 2) for y above sqrt(32)."""
    t = 1.0 / (y * y)
    above = ((((0.02307344176494017303 * t + 0.21589853405795699) * t + 0.1274011611602473639) * t
        + 0.022235277870649807) * t + 0.001421619193227893466) * t + 2.9112874951168792e-5  # fmt: skip
    below = ((((t + 1.28426009614491121) * t + 0.468238212480865118) * t + 0.0659881378689285515) * t
        + 0.00378239633202758244) * t + 7.29751555083966205e-5  # fmt: skip
    return (_ONE_PER_ROOT_TWO_PI - t * above / below) / y


@portable
def ndtr(x: float) -> float:
    """Return P(standard normal <= x), to 8 ulp down to x = -37 (rationals of Cody 1969, Math. Comp. 23, 631)."""
    y = abs(x)
    if y <= 0.67448975:
        return 0.5 + _middle_share(x)
    if not y < 38.6:
        return 1.0 if x > 0.0 else 0.0 if x < 0.0 else x
    tail = _bell(y) * (_tail_ratio(y) if y <= 5.656854249492381 else _far_ratio(y))
    return 1.0 - tail if x > 0.0 else tail


@portable
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


@portable
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


@portable
def ndtri(u: float) -> float:
    """Return the standard normal quantile of u in (0, 1), to 8 ulp (PPND16 of Wichura 1988, algorithm AS 241)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _centre(0.180625 - q * q)
    size = _tail(math.sqrt(-log(min(u, 1.0 - u))))
    return size if q > 0.0 else -size


# ------------------------------------------------------------------ the gamma function


@portable
def stirling_rest(x: float) -> float:
    """Return ln Gamma(x) less Stirling's formula, for x >= 10 (DLMF 5.11.1)."""
    w = 1.0 / (x * x)
    return ((((w / 1188.0 - 1.0 / 1680.0) * w + 1.0 / 1260.0) * w - 1.0 / 360.0) * w + 1.0 / 12.0) / x


@portable
def log_gamma(x: float) -> float:
    """Return ln Gamma(x) for x > 0, to 3e-14 of the larger of 1 and the value."""
    product = 1.0
    while x < _STIRLING_FROM:
        product *= x
        x += 1.0
    return (x - 0.5) * log(x) - x + _LOG_ROOT_TWO_PI + stirling_rest(x) - log(product)
