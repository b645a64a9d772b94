"""The elementary functions beside exact values, and the same bits in plain Python and in compiled code."""

import hashlib
import math
import random
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

import numba
import numpy as np
import pytest

from simfunnel.distributions import elementary, quantiles
from simfunnel.distributions.elementary import exp, expm1, log, log1p, log_gamma, logit, ndtr, ndtri, power
from simfunnel.jit import bits_of, float_of

Exact = Callable[[Decimal], Decimal]
luck = random.Random(1)  # the same arguments in every run

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
POWERS = [math.exp(luck.uniform(-700.0, 700.0)) for _ in range(1500)]
NEAR_ONE = [1.0 + luck.choice((-1.0, 1.0)) * 10.0 ** -luck.uniform(0.4, 15.0) for _ in range(1500)]
TINY = [luck.choice((-1.0, 1.0)) * 10.0 ** -luck.uniform(0.0, 20.0) for _ in range(1500)]
UNIFORMS = [(luck.getrandbits(52) + 0.5) * 2.0**-52 for _ in range(2500)]
ENDS = [2.0**-53, 1.5 * 2.0**-52, 1.0 - 2.0**-53, 0.25, 0.41, 0.59, 0.75]


def ulp_off(function: Callable[[float], float], exact: Exact, arguments: Iterable[float]) -> float:
    """How far a function is off at most, in units in the last place of the exact value."""
    worst = 0.0
    with localcontext() as context:
        context.prec = 90
        for x in arguments:
            right = exact(Decimal(x))
            off = abs(Decimal(function(x)) - right)
            worst = max(worst, float(off / Decimal(math.ulp(float(right)))))
    return worst


def exact_ndtr(x: Decimal) -> Decimal:
    """P(standard normal <= x) by its series, or beyond 6 by Laplace's continued fraction."""
    y, root = abs(x), (2 * PI).sqrt()
    if y < 6:
        term = total = y
        n = 1
        while abs(term) > Decimal(10) ** -70:
            term *= y * y / (2 * n + 1)
            total, n = total + term, n + 1
        inside = total * (-y * y / 2).exp() / root
        return Decimal("0.5") - inside if x < 0 else Decimal("0.5") + inside
    fraction = Decimal(0)
    for k in range(300, 0, -1):
        fraction = k / (y + fraction)
    tail = (-y * y / 2).exp() / root / (y + fraction)
    return tail if x < 0 else 1 - tail


def exact_ndtri(u: Decimal) -> Decimal:
    """The normal quantile by Newton's method from ours."""
    x = Decimal(ndtri(float(u)))
    for _ in range(3):
        x -= (exact_ndtr(x) - u) * (2 * PI).sqrt() * (x * x / 2).exp()
    return x


def test_a_logarithm_is_off_by_less_than_an_ulp() -> None:
    assert ulp_off(log, Decimal.ln, [*POWERS, *NEAR_ONE, 5e-324, 1e-310, 1.7976931348623157e308]) < 1.0
    close = [x for x in [*TINY, *(x - 1.0 for x in POWERS)] if x > -1.0]
    assert ulp_off(log1p, lambda x: (1 + x).ln(), [*close, -1.0 + 2.0**-53, 1e300]) < 1.0


def test_an_exponential_is_off_by_less_than_an_ulp() -> None:
    wide = [luck.uniform(-745.0, 709.7) for _ in range(1500)]
    assert ulp_off(exp, Decimal.exp, [*wide, *TINY, -745.13, 709.78]) < 1.0
    assert ulp_off(expm1, lambda x: x.exp() - 1, [*TINY, *(x / 15.0 for x in wide if x)]) < 2.0


def test_log_odds_of_the_uniforms_of_luck_are_off_by_less_than_4_ulp() -> None:
    near_half = [0.5 + math.ldexp(luck.randrange(1, 2**44), -52) for _ in range(500)]
    assert ulp_off(logit, lambda u: (u / (1 - u)).ln(), [*UNIFORMS, *near_half, *ENDS]) < 4.0


def test_powers_are_off_by_what_their_logarithm_tells() -> None:
    for _ in range(1500):
        x, y = 10.0 ** luck.uniform(-6.0, 6.0), luck.uniform(-3.0, 3.0)
        off = ulp_off(lambda base, y=y: power(base, y), lambda base, y=y: (Decimal(y) * base.ln()).exp(), [x])
        assert off < 2.0 + 2.0 * abs(y * math.log(x))
    assert [power(1.3, 1.0), power(1.3, 0.0), power(1.0, 7.5), power(0.0, 2.0)] == [1.3, 1.0, 1.0, 0.0]


def test_the_normal_distribution_is_off_by_less_than_8_ulp_in_the_far_tail_too() -> None:
    x = [luck.uniform(low, high) for low, high in ((-37.0, -5.66), (-5.65, -0.68), (-0.67, 8.0)) for _ in range(400)]
    assert ulp_off(ndtr, exact_ndtr, x) < 8.0
    assert ulp_off(ndtri, exact_ndtri, [*UNIFORMS[:600], *ENDS, 1e-300]) < 8.0


def test_the_logarithm_of_the_gamma_function_is_that_of_factorials() -> None:
    for n in range(1, 150):
        right = math.log(math.factorial(n - 1))
        assert log_gamma(float(n)) == pytest.approx(right, abs=3e-14 * max(1.0, right))
    assert log_gamma(0.5) == pytest.approx(0.5 * math.log(math.pi), abs=3e-14)


def test_functions_are_told_what_has_no_number() -> None:
    assert log(0.0) == log1p(-1.0) == -math.inf
    assert log(math.inf) == log1p(math.inf) == exp(710.0) == exp(math.inf) == math.inf
    assert exp(-746.0) == exp(-math.inf) == ndtr(-math.inf) == 0.0
    assert (ndtr(math.inf), expm1(-math.inf)) == (1.0, -1.0)
    assert all(math.isnan(f(math.nan)) for f in (log, log1p, exp, expm1, ndtr))
    assert math.isnan(log(-1.0) + log1p(-2.0))


def test_bits_are_moved_and_nothing_else() -> None:
    assert (bits_of(1.0), bits_of(-0.0)) == (0x3FF << 52, -(2**63))
    assert all(float_of(bits_of(x)) == x for x in (0.1, -5e-324, 1.7976931348623157e308, math.inf))


FUNCTIONS = {
    "log": [*POWERS, *NEAR_ONE],
    "log1p": [x for x in [*TINY, *(x - 1.0 for x in POWERS)] if x > -1.0],
    "exp": [luck.uniform(-745.0, 709.7) for _ in range(2000)] + TINY,
    "expm1": [luck.uniform(-60.0, 60.0) for _ in range(2000)] + TINY,
    "logit": UNIFORMS,
    "ndtr": [luck.uniform(-38.0, 9.0) for _ in range(2000)],
    "ndtri": [*UNIFORMS, *ENDS],
    "log_gamma": [abs(x) for x in TINY] + [luck.uniform(0.0, 200.0) for _ in range(1000)],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_code_gives_the_same_bits_as_plain_python(name: str) -> None:
    function, arguments = getattr(elementary, name), FUNCTIONS[name]

    @numba.njit
    def each(x: np.ndarray, out: np.ndarray) -> None:
        for i in range(x.size):
            out[i] = function(x[i])

    assert quantiles.ndtri(0.5) == 0.0  # compiled code learns of the functions with the first that is made
    out = np.empty(len(arguments))
    each(np.array(arguments), out)

    assert out.tobytes() == np.array([function(x) for x in arguments]).tobytes()


KNOWN_BITS = "0cf08019ce621636"


def test_the_bits_are_what_they_were() -> None:
    steps = np.arange(1, 4000) / 4000.0  # quotients of whole numbers, exact to the last bit everywhere
    values = [f(x) for f in (log, exp, log1p, expm1, logit, ndtri, log_gamma) for x in steps.tolist()]
    values += [ndtr(16.0 * x - 8.0) for x in steps.tolist()] + [power(4.0 * x, 1.7) for x in steps.tolist()]
    assert hashlib.sha256(np.array(values).tobytes()).hexdigest()[:16] == KNOWN_BITS
