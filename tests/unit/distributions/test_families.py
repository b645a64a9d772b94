import math

import pytest

from simfunnel.distributions import (
    CONSTANT,
    FAMILY_NAMES,
    NEVER,
    Dist,
    constant,
    discrete,
    exponential,
    gamma,
    lognormal,
    mean,
    never,
    normal,
    quantile_of,
    sd,
    triangular,
    uniform,
    variance,
    weibull,
)


@pytest.mark.parametrize("make", [lognormal, gamma, weibull])
@pytest.mark.parametrize(("typed_mean", "cv"), [(0.75, 0.8), (3.0, 0.3), (100.0, 1.0), (2.0, 2.5), (1.0, 0.02)])
def test_a_family_by_mean_and_cv_has_that_mean_and_cv(make, typed_mean: float, cv: float) -> None:
    dist = make(mean=typed_mean, cv=cv)

    assert mean(dist) == pytest.approx(typed_mean, rel=1e-12)
    assert sd(dist) / mean(dist) == pytest.approx(cv, rel=1e-9)


def test_a_lognormal_by_median_and_p90_has_those_quantiles() -> None:
    dist = lognormal(median=3.0, p90=20.0)

    assert quantile_of(dist, 0.5) == pytest.approx(3.0, rel=1e-14)
    assert quantile_of(dist, 0.9) == pytest.approx(20.0, rel=1e-14)


def test_an_exponential_may_be_given_by_its_median() -> None:
    assert quantile_of(exponential(median=5.0), 0.5) == pytest.approx(5.0, rel=1e-14)
    assert mean(exponential(7.0)) == 7.0
    assert variance(exponential(7.0)) == 49.0


def test_prices_with_shares_are_drawn_by_their_shares_in_order_of_size() -> None:
    dist = discrete([11e3, 4e3, 9e9], [0.4, 0.6, 0.0])

    assert dist.values == (4e3, 11e3)
    assert dist.cumulative == (0.6, 1.0)
    assert mean(dist) == pytest.approx(0.4 * 11e3 + 0.6 * 4e3, rel=1e-14)
    assert variance(dist) == pytest.approx(0.24 * 7e3**2, rel=1e-13)


def test_the_moments_of_simple_shapes_are_the_textbook_ones() -> None:
    assert (mean(uniform(2.0, 8.0)), variance(uniform(2.0, 8.0))) == (5.0, 3.0)
    assert (mean(triangular(0.0, 3.0, 6.0)), variance(triangular(0.0, 3.0, 6.0))) == (3.0, 1.5)
    assert (mean(normal(8.0, 10.0)), variance(normal(8.0, 10.0))) == (8.0, 100.0)
    assert (mean(constant(4.0)), variance(constant(4.0))) == (4.0, 0.0)
    assert mean(never()) == math.inf
    assert math.isnan(variance(never()))


@pytest.mark.parametrize(
    "dist",
    [
        lognormal(median=2.0, p90=2.0),
        lognormal(mean=2.0, cv=0.0),
        gamma(2.0, 0.0),
        weibull(2.0, 0.0),
        uniform(2.0, 2.0),
        triangular(2.0, 2.0, 2.0),
        normal(2.0, 0.0),
        discrete([2.0, 5.0], [1.0, 0.0]),
    ],
)
def test_a_distribution_without_spread_is_a_constant_to_the_bit(dist: Dist) -> None:
    assert dist == constant(2.0)


@pytest.mark.parametrize("dist", [exponential(0.0), lognormal(mean=0.0, cv=1.0), gamma(0.0, 1.0), weibull(0.0, 1.0)])
def test_a_mean_of_zero_is_the_constant_zero(dist: Dist) -> None:
    assert dist == constant(0.0)


def test_working_time_is_remembered_by_every_family() -> None:
    made = [
        constant(1.0, working=True),
        never(working=True),
        exponential(1.0, working=True),
        lognormal(median=1.0, p90=2.0, working=True),
        lognormal(mean=1.0, cv=1.0, working=True),
        gamma(1.0, 1.0, working=True),
        weibull(1.0, 1.0, working=True),
        uniform(1.0, 2.0, working=True),
        triangular(1.0, 2.0, 3.0, working=True),
        normal(1.0, 1.0, working=True),
        discrete([1.0, 2.0], [0.5, 0.5], working=True),
        gamma(1.0, 0.0, working=True),
    ]

    assert all(dist.working for dist in made)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lognormal(median=3.0, p90=2.0), "the 90% quantile 2 lies below the median 3"),
        (lambda: lognormal(median=0.0, p90=2.0), "the median must be above 0, but is 0"),
        (lambda: lognormal(median=3.0), "a lognormal needs median and p90, or mean and cv"),
        (lambda: lognormal(median=3.0, p90=5.0, cv=1.0), "a lognormal needs median and p90, or mean and cv"),
        (lambda: exponential(), "an exponential needs either its mean or its median"),
        (lambda: exponential(-1.0), "the mean must not be negative, but is -1"),
        (lambda: exponential(math.inf), "the mean must be a finite number, not inf"),
        (lambda: gamma(1.0, -0.5), "the cv must not be negative, but is -0.5"),
        (lambda: weibull(1.0, 1e60), "no Weibull distribution has the coefficient of variation 1e+60"),
        (lambda: uniform(3.0, 2.0), "the highest value 2 lies below the lowest 3"),
        (lambda: triangular(0.0, 9.0, 6.0), "a triangle needs low <= mode <= high, not 0, 9, 6"),
        (lambda: discrete([1.0, 2.0], [0.5, 0.6]), "the shares add up to 1.1; they must add up to 1"),
        (lambda: discrete([], []), "a discrete distribution needs as many shares as values, and at least one"),
        (lambda: discrete([1.0, 2.0], [1.5, -0.5]), "the share must not be negative, but is -0.5"),
        (lambda: constant(math.nan), "the value must be a finite number, not nan"),
    ],
)
def test_impossible_parameters_are_refused_in_words(make, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()

    assert str(caught.value) == message


def test_every_family_code_has_its_name() -> None:
    assert FAMILY_NAMES[CONSTANT] == "constant"
    assert FAMILY_NAMES[NEVER] == "never"
    assert len(FAMILY_NAMES) == NEVER + 1


@pytest.mark.parametrize("function", [mean, variance])
def test_an_unknown_family_is_refused(function) -> None:
    with pytest.raises(ValueError, match="no family with code 99"):
        function(Dist(99))
