"""One more rep, 100 more leads, a hand-off an hour faster: which steps there are, and what they are compared with."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel import study
from simfunnel.distributions import mean
from simfunnel.report.screens.run import run_screen
from simfunnel.scenario import Scenario, parse, set_value
from simfunnel.study import RunResult
from simfunnel.study.overview import MOST_YEARS, Today, marginal, sooner, steps
from simfunnel.study.years.work import Work

pytestmark = pytest.mark.usefixtures("few_pilots")

RAW: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 9, "run_in": "8 weeks"},
    "channels": {
        "web": {"leads": "40 / week", "deal_value": "7k", "patience": "1 day"},
        "fair": {"lists": {"every": "30 days", "size": 20}, "deal_value": "7k"},
    },
    "qualification": {"mql_rate": "60%"},
    "pools": {
        "SDR": {"stages": ["discovery"], "reps": 1, "selling_time": "30%", "cost_per_rep": "75k / year"},
        "AE": {"stages": ["proposal"], "reps": "unlimited"},
    },
    "stages": [{"name": "discovery", "conversion": "50%"}, {"name": "proposal", "conversion": "50%"}],
    "what_ifs": {"one": {"pools.SDR.reps": "1 more"}},
}


def funnel(**values: Any) -> Scenario:
    raw = RAW
    for path, value in values.items():
        raw = set_value(raw, path.replace("__", "."), value)
    return parse(raw)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return study.run(funnel(), replications=8, one_more=True)


def test_there_is_a_step_for_each_team_with_heads_for_leads_and_for_the_hand_off() -> None:
    found = dict(steps(funnel()))

    assert list(found) == ["pools.SDR.reps", "leads", "handoff"]
    assert found["pools.SDR.reps"] == {"pools.SDR.reps": "1 more"}
    assert list(found["leads"]) == ["channels.web.volume"]


def test_a_hundred_leads_a_year_are_a_hundred_leads_a_year() -> None:
    ((path, change),) = dict(steps(funnel()))["leads"].items()
    raw = set_value(RAW, path, change)

    before, after = (parse(each).channels["web"].weekly(5.0) for each in (RAW, raw))
    assert (after - before) * 365 / 7 == pytest.approx(100, rel=1e-4)


@pytest.mark.parametrize(
    ("typed", "now"),
    [
        ("4 hours", "3 hours"),
        ("2 days", "47 hours"),
        ("30 minutes", "0 hours"),
        ({"median": "4 hours", "p90": "20 hours"}, {"median": "3 hours", "p90": "15 hours"}),
        ({"family": "gamma", "mean": "3 hours", "cv": 0}, {"family": "gamma", "mean": "2 hours", "cv": 0}),
        ("8 working hours", "7 working hours"),
    ],
)
def test_an_hour_less_shortens_a_delay_in_proportion(typed: object, now: object) -> None:
    scenario = funnel(handoff__default__delay=typed)
    delay = scenario.handoff["default"].delay

    found = sooner(delay, 8.0)

    after = parse(set_value(RAW, "handoff.default.delay", found)).handoff["default"].delay
    expected = parse(set_value(RAW, "handoff.default.delay", now)).handoff["default"].delay
    assert after is not None
    assert expected is not None
    assert mean(after.compile(8.0)) == pytest.approx(mean(expected.compile(8.0)))
    assert after.shape == expected.shape


def test_there_is_no_hour_to_take_from_a_hand_off_at_once() -> None:
    assert "handoff" not in dict(steps(funnel(handoff__default__instant=True)))


def test_each_step_is_the_difference_that_compare_finds(result: RunResult) -> None:
    compared = study.compare(funnel(), ["one"], replications=8)

    found = {each.what: each for each in result.one_more}["pools.SDR.reps"]
    for step in (found.revenue, found.profit):
        other = compared.difference(step.metric, "one")
        assert other is not None
        assert (step.mean, step.half_width) == pytest.approx((other.mean, other.half_width))


def test_a_run_tells_steps_only_when_asked(result: RunResult) -> None:
    assert study.run(funnel(), replications=2).one_more == ()
    assert "one_more" not in study.run(funnel(), replications=2).as_dict()
    assert [each["what"] for each in result.as_dict()["one_more"]] == ["pools.SDR.reps", "leads", "handoff"]
    assert result.as_dict()["one_more"][0]["revenue"]["verdict"] in ("better", "no detectable difference")


def test_a_step_that_cannot_be_is_left_out() -> None:
    teams = {"reps": 2, "structure": "dedicated", "teams": {"web": 1, "fair": 1}}
    scenario = funnel(what_ifs={}, **{f"pools__SDR__{field}": value for field, value in teams.items()})

    found = study.run(scenario, replications=2, one_more=True).one_more

    assert "pools.SDR.reps" not in {each.what for each in found}
    assert found


def test_more_leads_than_a_team_can_keep_up_with_are_a_step_like_any_other() -> None:
    values = {"channels__web__patience": "none", "channels__web__leads": "19.5 / week"}
    scenario = funnel(pools__SDR__selling_time="28%", **values)

    found = study.run(scenario, replications=2, one_more=True).one_more

    assert [each.what for each in found] == ["pools.SDR.reps", "leads", "handoff"]


def test_one_more_rep_where_hires_ramp_says_that_it_does_not_ramp() -> None:
    hires = [{"on": "2027-06-01", "reps": 1, "ramp": "4 months"}]
    scenario = funnel(what_ifs={}, pools__SDR__hires=hires)

    result = study.run(scenario, replications=2, one_more=True)

    found = {each.what: each.note for each in result.one_more}
    said = "added reps count as fully productive from the first day; a hire ramps 4 months"
    assert found["pools.SDR.reps"] == said
    assert set(found.values()) == {said, ""}
    assert result.as_dict()["one_more"][0]["note"] == said
    assert said in " ".join(run_screen(result).split())


def test_a_hundred_years_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MOST_YEARS, "one more", 3)

    found = study.run(funnel(), replications=5, one_more=True).one_more

    assert {each.years for each in found} == {3}


def test_with_ranges_steps_are_taken_from_the_middles() -> None:
    scenario = funnel(stages__proposal__conversion="40% to 60%")

    ranged = study.run(scenario, replications=10, one_more=True).one_more
    middle = marginal(Today(funnel(), 10, 1, "period", Work()))

    assert [each.revenue for each in ranged] == [each.revenue for each in middle]
