"""Values that vary: the forms a planner may type and the distributions they mean."""

from __future__ import annotations

import math

import pytest

from simfunnel.distributions import CONSTANT, DISCRETE, NEVER, NORMAL, mean, quantile_of, sd
from simfunnel.errors import ScenarioError
from simfunnel.scenario import parse
from simfunnel.scenario.fields.values import CountDist, DurationDist, MoneyDist, NumberDist
from tests.unit.scenario.building import small


def test_median_and_p90_are_a_lognormal_with_these_quantiles() -> None:
    dist = DurationDist.model_validate({"median": "3 hours", "p90": "1 day"}).compile()

    assert quantile_of(dist, 0.5) == pytest.approx(3.0)
    assert quantile_of(dist, 0.9) == pytest.approx(24.0)


def test_mean_and_cv_give_a_lognormal_with_this_mean_and_spread() -> None:
    dist = DurationDist.model_validate({"mean": "75 minutes", "cv": 0.8}).compile()

    assert mean(dist) == pytest.approx(1.25)
    assert sd(dist) == pytest.approx(1.0)


def test_mean_alone_and_median_alone_are_exponential() -> None:
    by_mean = DurationDist.model_validate({"mean": "10 hours"}).compile()
    by_median = DurationDist.model_validate({"median": "10 hours"}).compile()

    assert mean(by_mean) == pytest.approx(10.0)
    assert mean(by_median) == pytest.approx(10.0 / math.log(2.0))


def test_a_bare_value_is_constant_and_never_never_happens() -> None:
    assert DurationDist.model_validate("30 minutes").compile()[:2] == (CONSTANT, 0.5)
    assert DurationDist.model_validate("never").compile().family == NEVER


def test_business_days_are_working_hours_of_the_calendar() -> None:
    dist = DurationDist.model_validate({"mean": "2 business days"}).compile(business_day=8.5)

    assert dist.working
    assert mean(dist) == pytest.approx(17.0)


def test_prices_are_discrete_with_their_shares() -> None:
    dist = MoneyDist.model_validate({"prices": {"11k": "40%", "4k": "60%"}}).compile()

    assert dist.family == DISCRETE
    assert mean(dist) == pytest.approx(0.4 * 11_000 + 0.6 * 4_000)


def test_mean_and_sd_of_plain_numbers_are_normal_and_may_be_negative() -> None:
    dist = NumberDist.model_validate({"mean": -2, "sd": 10}).compile()

    assert dist[:3] == (NORMAL, -2.0, 10.0)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"family": "gamma", "mean": 20, "cv": 0.5}, 20.0),
        ({"family": "weibull", "mean": 20, "cv": 0.5}, 20.0),
        ({"family": "exponential", "mean": 20}, 20.0),
        ({"low": 10, "high": 30}, 20.0),
        ({"low": 10, "mode": 20, "high": 30}, 20.0),
        ({"mean": 20, "cv": 0}, 20.0),
        (200, 200.0),
    ],
)
def test_every_family_has_the_mean_that_was_typed(typed: object, expected: float) -> None:
    assert mean(CountDist.model_validate(typed).compile()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("field", "typed", "rule"),
    [
        ("patience", {"family": "uniform", "mean": "3 days"}, "{mean} does not describe a uniform distribution"),
        ("patience", {"low": "1 day", "mode": "9 days", "high": "5 days"}, "does not lie between"),
        ("patience", {"family": "normal", "mean": "1 day", "sd": "-1 days"}, "cannot be negative"),
        ("patience", True, "is not a duration"),
        ("deal_value", {"prices": {"11k": "x"}}, "this is not a share"),
        ("deal_value", {"prices": {"dear": "100%"}}, "this is not an amount of money"),
    ],
)
def test_what_is_no_distribution_says_so(field: str, typed: object, rule: str) -> None:
    channel = {"leads": "60 / week", "deal_value": "9k"} | {field: typed}
    raw = small(channels={"web": channel})

    with pytest.raises(ScenarioError, match=rule.replace("{", r"\{").replace("}", r"\}")):
        parse(raw)
