"""What is too large to simulate is refused by what is expected to come, at the field that makes it so, at once."""

from __future__ import annotations

import math
import time

import pytest

from simfunnel.engine import simulate
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import frame_of
from simfunnel.scenario import Scenario, parse, phases_of, phases_with
from simfunnel.scenario.checks.size import MOST_BYTES, leads_of, sizes_of
from simfunnel.study import sweep

FUNNEL = """\
period: {start: 2027-01-04, months: 12}
channels:
  web: {leads: 1000 / month, deal_value: 12k}
qualification: {mql_rate: 30%}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: unlimited}
  AE: {stages: [proposal], reps: unlimited}
stages: [{name: discovery, conversion: 45%}, {name: proposal, conversion: 25%}]
"""


def refused(*sets: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        parse(FUNNEL, sets)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("sets", "path", "figure"),
    [
        (["channels.web.growth=10000%", "period.months=36"], "channels.web.growth", "2,695,"),
        (["channels.web.season={jul: 1e9%}"], "channels.web.season.jul", "20,3"),
        (["channels.web.leads=20000000 / year"], "channels.web.leads", "39,"),
        (["channels.web.lists={every: 1 hour, size: 100000}"], "channels.web.lists", "1,749,"),
        (
            ["channels.web.campaigns={fair: {from: 2027-03-01, to: 2027-03-02, leads: 30000000}}"],
            "channels.web.campaigns",
            "30,0",
        ),
        (["opening_pipeline=[" + "{channel: web, stage: discovery, count: 1000000, age: 1 day}, " * 20 + "]"],
         "opening_pipeline", "20,000,000"),
        (["stages.discovery.no_show=99.9999%", "stages.discovery.wait=0 minutes"], "stages.discovery.no_show",
         "1,000,000 times"),
        (
            ["stages.discovery={name: discovery, conversion: 0.001%, otherwise: {postponed: 100%}, "
             "postponed_for: 1 minute}"],
            "stages.discovery.otherwise.postponed", "100,000 times",
        ),
        (
            ["nurture={delay: 0 minutes, cycles: 1000, score_lift: 3}", "qualification.below_to=nurture",
             "channels.web.leads=3000 / day"],
            "nurture.cycles", "1,000 times",
        ),
        (
            ["channels.web.leads=7400000 / year", "qualification.mql_rate=99.9%", "acceptance=99%",
             "stages.discovery.conversion=99%", "stages.proposal.no_show=30%"],
            "channels", "GiB",
        ),
    ],
)  # fmt: skip
def test_what_would_be_too_large_is_refused_at_the_field_that_makes_it_so(
    sets: list[str], path: str, figure: str
) -> None:
    began = time.process_time()

    problem = refused(*sets)

    text = str(problem)
    assert f"{path}:" in text.replace('"', "")
    assert figure in text
    assert problem.remedy
    assert time.process_time() - began < 1.0


def test_channels_that_are_too_many_leads_only_together_are_told_together() -> None:
    more = "channels:\n" + "".join(f"  c{k}: {{leads: 3000000 / year, deal_value: 1k}}\n" for k in range(5))
    with pytest.raises(ScenarioError, match=r"channels: bring 29,9\d\d,\d\d\d leads"):
        parse(FUNNEL.replace("channels:\n", more))


def test_ten_million_leads_of_the_benchmark_are_not_refused_and_twenty_are() -> None:
    from benchmarks.players import SCENARIO, size
    from simfunnel.scenario import load

    scenario = load(str(SCENARIO), sets=size(10_000_000))
    sizes = sizes_of(scenario, leads_of(scenario), 0)

    assert 3 << 30 < sizes.bytes < 6 << 30 < MOST_BYTES
    with pytest.raises(ScenarioError, match="20,000,000 leads"):
        load(str(SCENARIO), sets=size(20_000_000))


@pytest.mark.parametrize("change", ["leads: 30000000 / year", "growth: 10000%", "season: {jul: 1e9%}"])
def test_a_plan_is_as_large_as_its_what_if_makes_it(change: str) -> None:
    field, _, value = change.partition(": ")
    with pytest.raises(ScenarioError, match="more than the 15,000,000"):
        parse(FUNNEL, ["period.months=36", f"what_ifs={{more: {{channels.web.{field}: {value}}}}}"])
    with pytest.raises(ScenarioError, match="more than the 15,000,000"):
        phases_with(
            parse(FUNNEL, ["period.months=36"]),
            {f"channels.web.{field}": {"jul": "1e9%"} if field == "season" else value},
        )


def test_what_ifs_that_are_too_large_only_together_are_refused_together() -> None:
    text = FUNNEL + "what_ifs: {more: {channels.web.leads: 5000000 / year}, dearer: {channels.web.growth: 3000%}}\n"
    scenario = parse(text)

    with pytest.raises(ScenarioError, match="more than the 15,000,000"):
        phases_of(scenario, ["more", "dearer"])


def test_a_sweep_refuses_a_level_that_is_too_large_before_it_simulates() -> None:
    with pytest.raises(ScenarioError, match="more than the 15,000,000"):
        sweep(parse(FUNNEL), ["channels.web.leads=1000 / month:9000000 / month:4000000 / month"], replications=2)


@pytest.mark.parametrize(
    "more",
    [
        "growth: 40%",
        "growth: -60%",
        "season: {jul: 300%, dec: 20%}",
        "season: {jan: 0%}, growth: 1",
        "hours_of_week: business",
        "lists: {every: 3 days, size: 50}",
        "campaigns: {fair: {from: 2027-03-01, to: 2027-03-12, leads: 700}}",
    ],
)
def test_the_leads_expected_are_those_of_the_plan(more: str) -> None:
    scenario = parse(FUNNEL.replace("deal_value: 12k", f"deal_value: 12k, {more}"))
    frame = frame_of(scenario)
    exact = Arrivals(frame).expected_leads("web", scenario, frame.first_day)

    assert math.isclose(leads_of(scenario)["web"], exact, rel_tol=0.06)  # holidays and part weeks are not asked


@pytest.mark.parametrize("name", ["b2b", "reference", "micro_teams", "threshold"])
def test_the_tasks_of_a_replication_are_no_more_than_expected_and_not_far_below(name: str) -> None:
    from tests.scenarios.shipped import scenario as shipped

    scenario: Scenario = shipped(f"{name}.yaml")
    expected = sizes_of(scenario, leads_of(scenario), sum(row.count for row in scenario.opening_pipeline or ()))
    ledger = simulate(compile_plan(scenario, static_calibration(scenario)), 1, 0)

    tasks = len(ledger.tasks["lead"])
    assert tasks <= expected.tasks * 1.1
    assert expected.tasks <= 8 * tasks
