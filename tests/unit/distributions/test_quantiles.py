import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simfunnel.distributions import (
    Dist,
    cdf,
    constant,
    discrete,
    exponential,
    gamma,
    lognormal,
    mean,
    never,
    normal,
    quantile_of,
    quantiles_of,
    triangular,
    uniform,
    variance,
    weibull,
)
from simfunnel.distributions.quantiles import gamma_quantile, log_gamma, logit, ndtr, ndtri, quantile

SMALLEST_U, LARGEST_U = 2.0**-53, 1.0 - 2.0**-53
GRID = np.concatenate(
    [np.geomspace(1e-16, 1e-3, 60), np.linspace(1e-3, 1 - 1e-3, 501), 1 - np.geomspace(1e-3, 2e-16, 60)]
)

SPREAD = {
    "exponential": exponential(7.0),
    "lognormal": lognormal(median=3.0, p90=20.0),
    "narrow lognormal": lognormal(mean=0.75, cv=0.1),
    "gamma": gamma(1.0, 0.3),
    "wide gamma": gamma(2.0, 3.0),
    "narrow gamma": gamma(2.0, 0.01),
    "exponential gamma": gamma(2.0, 1.0),
    "weibull": weibull(3.0, 0.5),
    "wide weibull": weibull(3.0, 2.0),
    "uniform": uniform(2.0, 5.0),
    "triangular": triangular(1.0, 2.0, 6.0),
    "triangular to the left": triangular(1.0, 1.0, 6.0),
    "triangular to the right": triangular(1.0, 6.0, 6.0),
    "discrete": discrete([11e3, 4e3, 20e3], [0.4, 0.5, 0.1]),
    "normal": normal(8.0, 10.0),
}
CONTINUOUS = {name: dist for name, dist in SPREAD.items() if name != "discrete"}
SCIPY = {
    "exponential": stats.expon(scale=7.0),
    "lognormal": stats.lognorm(s=SPREAD["lognormal"].b, scale=3.0),
    "gamma": stats.gamma(a=1 / 0.09, scale=0.09),
    "weibull": stats.weibull_min(c=SPREAD["weibull"].a, scale=SPREAD["weibull"].b),
    "uniform": stats.uniform(2.0, 3.0),
    "triangular": stats.triang(c=0.2, loc=1.0, scale=5.0),
    "normal": stats.norm(8.0, 10.0),
}


@pytest.mark.parametrize("name", SPREAD)
def test_scalar_and_vector_quantiles_agree(name: str) -> None:
    dist = SPREAD[name]
    tolerance = 1e-9 if "gamma" in name else 1e-12

    scalars = np.array([quantile_of(dist, u) for u in GRID])

    np.testing.assert_allclose(scalars, quantiles_of(dist, GRID), rtol=tolerance, atol=1e-290)


@pytest.mark.parametrize("name", SCIPY)
def test_moments_quantiles_and_distribution_functions_are_those_of_scipy(name: str) -> None:
    dist, oracle = SPREAD[name], SCIPY[name]
    middle = np.linspace(0.01, 0.99, 99)

    assert mean(dist) == pytest.approx(oracle.mean(), rel=1e-12)
    assert variance(dist) == pytest.approx(oracle.var(), rel=1e-10)
    np.testing.assert_allclose(quantiles_of(dist, middle), oracle.ppf(middle), rtol=1e-11)
    np.testing.assert_allclose(cdf(dist, oracle.ppf(middle)), middle, rtol=1e-11)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_distribution_function_undoes_the_quantile_function(name: str) -> None:
    for u in (1e-6, 0.05, 0.5, 0.95, 1 - 1e-6):
        assert cdf(CONTINUOUS[name], quantile_of(CONTINUOUS[name], u)) == pytest.approx(u, rel=1e-9)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_quantiles_never_fall(name: str) -> None:
    values = np.array([quantile_of(CONTINUOUS[name], u) for u in GRID])

    assert (np.diff(values) >= 0).all()


@pytest.mark.parametrize("name", SPREAD)
def test_quantiles_are_finite_at_the_ends_of_the_uniform(name: str) -> None:
    for u in (SMALLEST_U, 1e-16, 1 - 1e-16, LARGEST_U):
        assert math.isfinite(quantile_of(SPREAD[name], u))


def test_distribution_functions_are_flat_outside_their_range() -> None:
    for dist in CONTINUOUS.values():
        assert cdf(dist, -1e9) == 0.0
        assert cdf(dist, 1e12) == 1.0


def test_the_distribution_function_of_prices_jumps_at_each_price() -> None:
    below_and_at = cdf(SPREAD["discrete"], np.array([3999.0, 4e3, 11e3, 20e3]))

    np.testing.assert_allclose(below_and_at, [0.0, 0.5, 0.9, 1.0], rtol=1e-15)


def test_a_constant_jumps_and_never_never_comes() -> None:
    assert (cdf(constant(4.0), 3.9), cdf(constant(4.0), 4.0)) == (0.0, 1.0)
    assert (cdf(never(), 1e300), cdf(never(), math.inf)) == (0.0, 1.0)
    assert (quantile_of(constant(4.0), 0.3), quantile_of(never(), 0.3)) == (4.0, math.inf)


def test_the_normal_quantile_is_scipys_to_the_last_digits() -> None:
    u = np.concatenate([GRID, np.geomspace(1e-300, 1e-17, 100), 0.5 + np.geomspace(1e-15, 0.01, 50)])

    np.testing.assert_allclose([ndtri(x) for x in u], special.ndtri(u), rtol=4e-15)
    assert ndtri(0.5) == 0.0


def test_the_normal_distribution_function_is_scipys_to_the_last_digits() -> None:
    x = np.linspace(-35, 9, 500)  # further out scipy's is the worse one: test_elementary has the exact values

    np.testing.assert_allclose([ndtr(v) for v in x], special.ndtr(x), rtol=2e-13)


def test_the_logistic_quantile_is_scipys_also_near_one_half() -> None:
    u = np.concatenate([GRID, 0.5 + np.geomspace(1e-15, 0.01, 50), 0.5 - np.geomspace(1e-15, 0.01, 50)])

    np.testing.assert_allclose([logit(x) for x in u], special.logit(u), rtol=4e-15)
    assert logit(0.5) == 0.0


def test_the_logarithm_of_gamma_is_scipys() -> None:
    x = np.concatenate([np.geomspace(1e-6, 9.99, 200), np.linspace(10.0, 500.0, 50)])

    np.testing.assert_allclose([log_gamma(v) for v in x], special.gammaln(x), rtol=1e-14, atol=2e-14)


@pytest.mark.parametrize("shape", [1e-3, 0.02, 0.3, 0.5, 0.999, 1.0, 1.7, 9.99, 10.0, 44.0, 1e3, 5e4, 1e5])
def test_the_gamma_quantile_is_scipys(shape: float) -> None:
    u = np.concatenate([np.geomspace(1e-16, 0.4, 40), np.linspace(0.4, 0.6, 21), 1 - np.geomspace(0.4, 2e-16, 40)])
    expected = np.where(u < 0.5, special.gammaincinv(shape, u), special.gammainccinv(shape, 1 - u))

    np.testing.assert_allclose([gamma_quantile(x, shape) for x in u], expected, rtol=1e-10, atol=1e-290)


@pytest.mark.parametrize("shape", [1e6, 1e8])
def test_the_gamma_quantile_of_a_large_shape_is_scipys_where_that_is_exact(shape: float) -> None:
    u = special.ndtr(np.linspace(-4, 4, 41))  # beyond 4.5 standard deviations scipy cuts a series after 2000 terms

    np.testing.assert_allclose([gamma_quantile(x, shape) for x in u], special.gammaincinv(shape, u), rtol=1e-12)


def test_the_gamma_quantile_does_not_jump_where_its_series_takes_over() -> None:
    below = [gamma_quantile(u, 1e5 * (1 - 1e-14)) for u in GRID]

    np.testing.assert_allclose(below, [gamma_quantile(u, 1e5) for u in GRID], rtol=1e-12)


@given(u=st.floats(SMALLEST_U, LARGEST_U), shape=st.floats(0.05, 1e5))
def test_the_gamma_quantile_solves_its_equation(u: float, shape: float) -> None:
    x = gamma_quantile(u, shape)

    if u <= 0.5:
        assert x < 1e-250 or special.gammainc(shape, x) == pytest.approx(u, rel=1e-8)
    else:
        assert special.gammaincc(shape, x) == pytest.approx(1 - u, rel=1e-8)


def test_an_unknown_family_has_no_value() -> None:
    assert math.isnan(quantile(0.5, 99, 1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match="no family with code 99"):
        quantiles_of(Dist(99), GRID)
    with pytest.raises(ValueError, match="no family with code 99"):
        cdf(Dist(99), 1.0)


def test_the_distribution_function_takes_arrays_of_any_shape() -> None:
    assert cdf(SPREAD["normal"], np.zeros((2, 3))).shape == (2, 3)
    assert isinstance(cdf(SPREAD["normal"], 8.0), float)
