"""What is odd about a scenario is a warning; what it cannot mean is in the corpus of bad files."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel.errors import path_text
from simfunnel.scenario import Overload, agreement_problem, check, overload_problem, parse, with_places
from simfunnel.scenario.checks.wording import listed
from tests.unit.scenario.building import small, with_paths


def warned(values: dict[str, Any], **changes: Any) -> dict[str, str]:
    return {path_text(problem.path): problem.rule for problem in check(with_paths(values, **changes))}


@pytest.mark.parametrize(("wait", "weeks"), [("33 days", 15), ("28 days", 12)])
def test_as_many_weeks_of_run_in_as_are_asked_for_are_enough(wait: str, weeks: int) -> None:
    def remedies(run_in: str) -> list[str]:
        values = with_paths({"stages.proposal.wait": wait}, period={"start": "2027-01-04", "run_in": run_in})
        return [problem.remedy for problem in check(values) if problem.path == ("period", "run_in")]

    assert remedies("4 weeks") == [f"write at least {weeks} weeks"]
    assert remedies(f"{weeks} weeks") == []


def test_a_sound_scenario_has_no_warnings() -> None:
    assert warned({}) == {}


@pytest.mark.parametrize(
    ("values", "changes", "path", "rule"),
    [
        ({"pools.SDR": {"stages": ["discovery"], "reps": 5}}, {}, "pools.SDR", "how much of its hours"),
        ({}, {"period": {"start": "2027-01-04", "run_in": "0 days"}}, "period.run_in", "begin with an empty pipeline"),
        (
            {"stages.proposal.wait": "30 days"},
            {"period": {"start": "2027-01-04", "run_in": "8 weeks"}},
            "period.run_in",
            "is shorter than 3 cycles (a cycle takes 30 days)",
        ),
        ({"pools.SDR.overflow": "2 hours"}, {}, "pools.SDR.overflow", "no what-if makes it hybrid"),
        ({"stages.proposal.wait": "6 days"}, {"cycle": "60 days"}, "cycle", "every later stage types its own wait"),
        ({}, {"nurture": {"delay": "21 days"}}, "nurture", "nobody is sent there"),
        ({"pools.AE.hires": [{"on": "2029-01-01", "reps": 1}]}, {}, "pools.AE.hires[0].on", "lies after the period"),
        ({"pools.AE": {"stages": [], "reps": 4}}, {}, "pools.AE.stages", "serves nobody"),
        (
            {"channels.web.campaigns": {"fair": {"from": "2027-12-20", "to": "2028-02-01", "leads": 9}}},
            {},
            "channels.web.campaigns.fair.to",
            "reaches out of the simulated time",
        ),
        (
            {},
            {"period": {"start": "2027-01-04", "days": 20}, "sla": {"sales": {"acceptance": "at least 60%"}}},
            "sla",
            "of which the period has none",
        ),
        (
            {},
            {
                "period": {"start": "2027-01-04", "run_in": "26 weeks"},
                "opening_pipeline": [{"channel": "web", "stage": "proposal", "count": 3, "age": "9 days"}],
            },
            "period.run_in",
            "is not used beside an opening pipeline",
        ),
    ],
)
def test_what_is_odd_is_told(values: dict[str, Any], changes: dict[str, Any], path: str, rule: str) -> None:
    found = warned(values, **changes)

    assert list(found) == [path]
    assert rule in found[path]


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [
        ("pools.SDR.selling_time", "0.5%", "50%"),
        ("pools.AE.commission", "0.08%", "8%"),
        ("pools.AE.hires", [{"on": "2027-03-01", "reps": 1, "ramp": "3 months", "start_at": "0.3%"}], "30%"),
        ("stages.proposal.no_show", "0.18%", "18%"),
        ("channels.web.season", {"jul": "0.85%"}, "85%"),
        ("channels.web.growth", "0.1%", "10%"),
        ("target", {"revenue": "1M", "confidence": "0.8%"}, "80%"),
        ("sla", {"sales": {"response": "0.6% within 8 working hours"}}, "60%"),
        ("sla", {"sales": {"acceptance": "at least 0.6%"}}, "60%"),
        ("skills", {"AE": {"web": {"time": "0.9%"}}}, "90%"),
    ],
)
def test_every_share_that_may_be_a_fraction_with_a_percent_sign_is_asked_about(
    field: str, value: object, meant: str
) -> None:
    above = field in ("target", "sla", "skills")
    built = with_paths({} if above else {field: value}, **({field: value} if above else {}))
    odd = [str(each) for each in check(built)]

    assert any("is below 1%" in each and f"see that {meant} is not meant" in each for each in odd)


def test_shares_that_are_often_small_are_not_asked_about() -> None:
    assert warned({"channels.web.cost_per_lead": 60}, handoff={"default": {"instant": True, "leak": "0.4%"}}) == {}


@pytest.mark.parametrize(
    ("values", "path", "rule"),
    [
        ({"channels.web.cost_per_lead": "900k"}, "channels.web.cost_per_lead", "is more than a whole deal of web"),
        ({"pools.AE.commission": "80%"}, "pools.AE.commission", "pays more than half of a deal"),
    ],
)
def test_amounts_that_eat_the_deal_are_told(values: dict[str, Any], path: str, rule: str) -> None:
    assert rule in warned(values)[path]


def test_odds_that_rise_with_the_time_to_the_first_contact_are_told() -> None:
    turned = {"default": {"odds": {"0 hours": 0.2, "24 hours": 1.0}}}

    assert "rise with the wait" in warned({}, speed_to_lead=turned)["speed_to_lead.default.odds"]


def test_a_hand_off_where_the_pool_does_not_change_is_odd() -> None:
    pools = {"SDR": {"stages": ["discovery", "proposal"], "reps": 5, "selling_time": "50%"}}

    assert "stages.proposal.handoff" in warned({"stages.proposal.handoff": {"instant": True}}, pools=pools)


def test_overflow_for_a_what_if_that_makes_teams_is_no_oddity() -> None:
    what_ifs = {"teams": {"pools.SDR.structure": "hybrid"}}

    assert warned({"pools.SDR.overflow": "2 hours"}, what_ifs=what_ifs) == {}


def test_an_oddity_that_only_a_what_if_makes_is_told_there() -> None:
    what_ifs = {"later": {"pools.AE.hires": [{"on": "2029-01-01", "reps": 1}]}}

    assert list(warned({}, what_ifs=what_ifs)) == ['what_ifs.later."pools.AE.hires"[0].on']


DROWNING = Overload("SDR", "behind", "2027-01-01", "2027-12-31", 1.37, 5.0, 490.0, 9.0, 41.0, 0.0, 7, True)


def test_the_message_of_an_overloaded_pool_says_its_load_and_the_heads_it_needs() -> None:
    problem = overload_problem(DROWNING)

    assert "gets 137% of the work that its 5 heads can do" in problem.rule
    assert "grows by about 41 leads a month (490 wait on 2027-12-31, 9 weeks of its work)" in problem.rule
    assert "about 7 heads keep up" in problem.remedy
    assert problem.severity == "warning"
    assert problem.path == ("pools", "SDR", "reps")


def test_problems_of_the_plan_get_their_places() -> None:
    scenario = parse("pools:\n  SDR: {stages: [discovery], reps: 5}\n" + TEXT)

    text = str(with_places(scenario, [overload_problem(DROWNING)]))

    assert text.startswith("scenario:2:36: pools.SDR.reps: cannot keep up")


TEXT = """\
period: {start: 2027-01-04}
channels: {web: {leads: 60 / week, deal_value: 9k}}
qualification: {threshold: 60}
stages: [{name: discovery, conversion: 45%}]
"""


@pytest.mark.parametrize(
    ("r_score", "r_assessment", "agreement", "possible"),
    [
        (0.5, 0.5, 0.25, True),
        (0.5, 0.5, 1.0, True),
        (0.5, 0.5, -0.5, True),
        (0.5, 0.5, -0.51, False),
        (1.0, 0.5, 0.5, True),
        (1.0, 0.5, 0.51, False),
        (0.7, 0.7, -0.0200001, False),
        (0.3, 0.7, 0.21 + ((1 - 0.09) * (1 - 0.49)) ** 0.5, True),
    ],
)
def test_two_judges_agree_within_what_their_accuracies_allow(
    r_score: float, r_assessment: float, agreement: float, possible: bool
) -> None:
    assert (agreement_problem(r_score, r_assessment, agreement) is None) is possible


def test_one_mistake_in_a_name_is_not_also_a_channel_without_pool() -> None:
    from simfunnel.errors import ScenarioError

    raw = small()
    raw["pools"]["AE"]["channels"] = ["web", "caht"]

    with pytest.raises(ScenarioError) as caught:
        parse(raw)
    assert len(caught.value.problems) == 1


def test_a_rate_of_a_what_if_that_nobody_can_reach_is_told_there() -> None:
    from simfunnel.errors import ScenarioError

    raw = small(what_ifs={"none": {"stages.discovery.conversion": "0%"}})

    with pytest.raises(
        ScenarioError, match=r'what_ifs\.none\."stages\.discovery\.conversion": .*lets nobody reach proposal'
    ):
        parse(raw)


def test_names_are_listed_as_in_a_sentence() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
