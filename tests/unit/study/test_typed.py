"""Typed numbers beside simulated ones: what counts as met, and what is told where it is not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from simfunnel.errors import Problem
from simfunnel.plan import static_calibration
from simfunnel.scenario import Scenario
from simfunnel.study.estimates import WHOLE, Estimate, Part
from simfunnel.study.run.typed_rates import TypedRate, contradicted, typed_rates
from tests.unit.scenario.building import with_paths

DAY = 24.0


def shown(metric: str, mean: float, half_width: float, part: Part = WHOLE) -> Estimate:
    """An estimate of today."""
    return Estimate(metric, "share", "today", part, mean, half_width, mean, mean, mean)


def beside(scenario: Scenario, *estimates: Estimate) -> dict[str, TypedRate]:
    """Typed numbers that are simulated, by path."""
    found = typed_rates(scenario, static_calibration(scenario), estimates)
    return {rate.path: rate for rate in found}


def lines(scenario: Scenario, *estimates: Estimate) -> list[Problem]:
    """What is told of them."""
    calibration = static_calibration(scenario)
    return list(contradicted(scenario, calibration, typed_rates(scenario, calibration, estimates)))


@pytest.mark.parametrize(
    ("mean", "half_width", "met"),
    [
        (0.605, 0.0001, True),  # within 1% of 60%
        (0.607, 0.0001, False),
        (0.62, 0.011, True),  # within two half-widths
        (0.62, 0.009, False),
        (0.9, math.nan, True),  # a single replication says nothing
        (math.nan, math.nan, False),
    ],
)
def test_a_rate_is_met_within_two_half_widths_or_one_percent_of_it(mean: float, half_width: float, met: bool) -> None:
    scenario = with_paths({})
    rate = shown("acceptance_rate", mean, half_width)

    assert beside(scenario, rate)["acceptance.rate"].met is met
    assert [problem.path for problem in lines(scenario, rate)] == ([] if met else [("acceptance", "rate")])


OPEN = [{"channel": "web", "stage": "proposal", "count": 40, "age": "3 days"}]
NO_NEW = {"channels.web.leads": "none", "channels.chat.leads": "none", "qualification": {"mql_rate": "30%"}}


@pytest.mark.parametrize(
    ("metric", "part", "path", "met"),
    [
        ("mql_rate", WHOLE, "qualification.mql_rate", True),
        ("acceptance_rate", WHOLE, "acceptance.rate", True),
        ("conversion", Part(stage="discovery"), "stages.discovery.conversion", True),
        ("conversion", Part(stage="proposal"), "stages.proposal.conversion", False),  # open leads come to it
    ],
)
def test_a_rate_that_no_lead_can_meet_without_new_leads_does_not_fail(
    metric: str, part: Part, path: str, met: bool
) -> None:
    scenario = with_paths(NO_NEW, opening_pipeline=OPEN)

    assert beside(scenario, shown(metric, math.nan, math.nan, part))[path].met is met


@pytest.mark.parametrize(("replications", "half_width", "met"), [(10, 0.0, True), (4, 0.001, True), (10, 0.001, False)])
def test_a_few_years_that_show_nearly_the_same_do_not_make_a_rate_fail(
    replications: int, half_width: float, met: bool
) -> None:
    """None of so few decisions that three standard errors of 60% among them are more than 60 points."""
    scenario, contacts = with_paths({}), shown("contacts", 4.0 / replications, 0.1)
    rate = shown("acceptance_rate", 0.0, half_width)
    (found,) = typed_rates(scenario, static_calibration(scenario), (rate, contacts), replications=replications)

    assert found.met is met


def slow(**more: Any) -> Scenario:
    """A cycle of 60 days, shared over the waits of the later stages."""
    return with_paths(more, cycle="60 days")


@pytest.mark.parametrize(
    ("median", "mean", "met"),
    [(50, 65, True), (60.3, 75, True), (45, 59.8, True), (66, 80, False), (30, 40, False)],
)
def test_a_cycle_holds_between_the_median_and_the_mean_time_to_win(median: float, mean: float, met: bool) -> None:
    seen = (shown("time_to_win_mean", mean * DAY, 1.0), shown("time_to_win_median", median * DAY, 1.0))
    rate = beside(slow(), *seen)["cycle"]

    assert (rate.met, rate.unit) == (met, "hours")
    assert len(lines(slow(), *seen)) == (not met)


def test_a_cycle_that_comes_out_longer_is_told_with_the_waits_that_would_fit() -> None:
    (problem,) = lines(slow(), shown("time_to_win_mean", 80 * DAY, 1.0), shown("time_to_win_median", 66 * DAY, 1.0))

    assert "a win takes 80 days on average" in problem.rule
    assert "drop cycle, and write wait: {mean: 40 days} at proposal" in problem.remedy


def test_a_cycle_that_had_no_time_to_last_is_not_said_to_differ() -> None:
    scenario = with_paths({}, cycle="9 months")
    seen = (shown("time_to_win_mean", 180 * DAY, 1.0), shown("time_to_win_median", 170 * DAY, 1.0))

    assert beside(scenario, *seen)["cycle"].met


def test_a_cycle_that_contradicts_the_waits_is_told_once() -> None:
    scenario = with_paths({"stages.proposal.wait": {"mean": "80 days"}}, cycle="60 days")
    seen = (shown("time_to_win_mean", 85 * DAY, 1.0), shown("time_to_win_median", 70 * DAY, 1.0))

    assert lines(scenario, *seen) == []  # arithmetic has told it


def recycled(**rates: str) -> Scenario:
    """Win rates where leads come back, which integrals do not see."""
    typed = {f"channels.{name}.win_rate": rate for name, rate in rates.items()}
    otherwise = {"stages.discovery.otherwise": {"nurture": "50%", "lost": "50%"}}
    return with_paths({**typed, **otherwise}, nurture={"delay": "21 days"}, period={"start": "2027-01-04"})


def winning(web: float, chat: float, half_width: float) -> list[Estimate]:
    """Simulated win rates, beside many leads."""
    found = []
    for name, rate in (("web", web), ("chat", chat)):
        part = Part(channel=name)
        found += [shown("win_rate", rate, half_width, part), shown("leads", 1e6, 1.0, part)]
    return found


def test_simulated_win_rates_that_are_all_off_are_one_line_with_the_rates_that_fit() -> None:
    (problem,) = lines(recycled(web="2%", chat="4%"), *winning(0.01, 0.02, 1e-5))

    assert problem.path == ("channels", "web", "win_rate")
    assert "by these 1.25% of the leads win, by the win_rates 2.5%" in problem.rule
    assert "win_rates of 0.5 times these (web 1% and chat 2%)" in problem.remedy


def test_simulated_win_rates_that_come_out_are_silent_and_one_that_is_off_is_told_alone() -> None:
    scenario = recycled(web="2%", chat="4%")

    assert lines(scenario, *winning(0.02, 0.04, 1e-5)) == []
    (problem, *rest) = lines(scenario, *winning(0.0205, 0.0387, 1e-5))
    assert "cannot come out" in problem.rule
    assert [each.path for each in (problem, *rest)] == [("channels", n, "win_rate") for n in ("web", "chat")]


def test_win_rates_are_not_compared_where_the_pipeline_began_empty() -> None:
    scenario = with_paths({"channels.web.win_rate": "5%", "channels.chat.win_rate": "9%"}, period={
        "start": "2027-01-04", "run_in": "0 days"})  # fmt: skip

    assert not any("win_rate" in path for path in beside(scenario, *winning(0.01, 0.02, 1e-5)))
