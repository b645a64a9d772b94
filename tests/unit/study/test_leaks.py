"""Which leaks a scenario has, what repairs them, and that a repair repairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simfunnel import study
from simfunnel.metrics import Key
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import Scenario, is_belief, load, parse, phases_with, set_value
from simfunnel.study import Leak
from simfunnel.study.overview import GROUPS, KINDS, MOST_YEARS, TODAY, leaks_of, repaired_years, together
from simfunnel.study.years.work import Work
from simfunnel.verify.random import random_scenario

pytestmark = pytest.mark.usefixtures("few_pilots")

SHIPPED = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
LEAKY: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 6, "run_in": "4 weeks"},
    "channels": {"web": {"leads": "60 / week", "deal_value": "7k", "patience": "1 day"}},
    "qualification": {"threshold": 55, "near_miss": 10},
    "acceptance": {"rate": "60%", "agreement": 0.4, "rejected_to": "nurture"},
    "handoff": {"default": {"delay": "4 hours", "leak": "10%"}},
    "pools": {
        "SDR": {"stages": ["discovery"], "reps": 1, "selling_time": "30%", "queue_limit": 3},
        "AE": {"stages": ["proposal"], "reps": 2, "selling_time": "50%", "ownership": "rep"},
    },
    "stages": [
        {"name": "discovery", "conversion": "50%"},
        {"name": "proposal", "conversion": "50%", "no_show": "20%", "otherwise": {"nurture": "100%", "lost": "0%"}},
    ],
    "nurture": {"delay": "5 days", "score_lift": 10, "opt_out": "40%"},
}
SOUND: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 6, "run_in": "4 weeks"},
    "channels": {"web": {"leads": "60 / week", "deal_value": "7k"}},
    "score": {"accuracy": "perfect"},
    "qualification": {"threshold": 55},
    "handoff": {"default": {"instant": True}},
    "pools": {"SDR": {"stages": ["discovery", "proposal"], "reps": "unlimited"}},
    "stages": [{"name": "discovery", "conversion": "50%"}, {"name": "proposal", "conversion": "50%"}],
}


def leaky(**values: Any) -> Scenario:
    raw = LEAKY
    for path, value in values.items():
        raw = set_value(raw, path.replace("__", "."), value)
    return parse(raw)


def of(scenario: Scenario) -> dict[tuple[str, str], Leak]:
    return {(leak.name, leak.of): leak for leak in leaks_of(scenario, static_calibration(scenario))}


def test_leaks_come_in_the_order_of_a_leads_life_each_with_group_owner_and_lever() -> None:
    found = list(of(leaky()).values())

    assert list(dict.fromkeys(leak.name for leak in found)) == list(KINDS)
    assert {leak.group for leak in found} == set(GROUPS)
    assert {leak.owner for leak in found} == {"marketing", "sales", "both"}
    assert all(leak.lever for leak in found if leak.exists)


def test_a_sound_funnel_has_no_leak() -> None:
    assert not any(leak.exists for leak in of(parse(SOUND)).values())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_repair_of_a_shipped_scenario_can_be_planned_on_the_same_base(path: Path) -> None:
    scenario = load(path)
    calibration = static_calibration(scenario)
    leaks = leaks_of(scenario, calibration)

    for changes in (*(leak.changes for leak in leaks), together(leaks)):
        spec = phases_with(scenario, changes)
        compile_plan(spec, calibration)
        assert spec.base is scenario
        assert not any(is_belief(changed) for changed in changes)


def test_repairs_fit_every_funnel_that_can_be_drawn() -> None:
    for number in range(15):
        scenario = random_scenario(number).scenario
        calibration = static_calibration(scenario)
        leaks = leaks_of(scenario, calibration)
        for changes in (*(leak.changes for leak in leaks if leak.exists), together(leaks)):
            spec = phases_with(scenario, changes)
            compile_plan(spec, calibration)
            assert spec.base is scenario


@pytest.mark.parametrize("metric", ["near_misses", "leaked", "balked", "went_cold", "rejected", "opted_out"])
def test_after_a_repair_no_lead_is_lost_that_way(metric: str) -> None:
    scenario = leaky(nurture__patience="1 day") if metric != "balked" else leaky(channels__web__leads="200 / week")
    leaks = [leak for leak in of(scenario).values() if leak.counted == metric]
    years = repaired_years(scenario, leaks, [frozenset((0,))], "settled", 1, ((metric, ""),), Work())

    years.fill([(subset, number) for subset in (TODAY, frozenset((0,))) for number in range(2)])

    today, repaired = (years.of(subset, 2).values(Key(metric)) for subset in (TODAY, frozenset((0,))))
    assert today.min() > 0
    assert repaired.max() == 0


def test_with_unlimited_reps_nobody_waits_for_one_whatever_the_team() -> None:
    scenario = leaky(channels__web__patience="none", pools__SDR__queue_limit="none", pools__AE__routing="round robin")
    leaks = [leak for leak in of(scenario).values() if leak.name == "reps"]
    wanted = (("busy_share", "pool"), ("response_p90", ""))
    years = repaired_years(scenario, leaks, [frozenset((0,))], "settled", 1, wanted, Work())

    years.fill([(frozenset((0,)), 0)])

    found = years.of(frozenset((0,)), 1)
    assert [leak.of for leak in leaks] == ["", "SDR", "AE"]
    assert dict(leaks[0].changes) == {"pools.SDR.reps": "unlimited", "pools.AE.reps": 40}
    assert found.values(Key("busy_share", pool="AE"))[0] < 0.1
    assert found.values(Key("response_p90"))[0] < 4 + 24 * 3  # the hand-off's 4 hours, and a weekend


def test_a_team_for_each_channel_keeps_its_proportions_when_it_is_never_short() -> None:
    typed = {"reps": 3, "structure": "dedicated", "teams": {"web": 2, "chat": 1}}
    pools = {**LEAKY["pools"], "SDR": {**LEAKY["pools"]["SDR"], **typed}}
    chat = {"leads": "20 / week", "deal_value": "7k"}
    scenario = parse({**LEAKY, "pools": pools, "channels": {**LEAKY["channels"], "chat": chat}})

    changes = of(scenario)["reps", "SDR"].changes

    assert changes == {"pools.SDR.reps": 60, "pools.SDR.teams.web": 40, "pools.SDR.teams.chat": 20}
    compile_plan(phases_with(scenario, changes), static_calibration(scenario))


def test_near_misses_are_followed_by_a_bar_that_is_lower_by_their_band() -> None:
    assert of(leaky())["near_misses", ""].changes == {"qualification.threshold": 45.0, "qualification.near_miss": 0}
    by_rate = leaky(qualification__mql_rate="30%")
    bar = static_calibration(by_rate).thresholds[0]
    assert of(by_rate)["near_misses", ""].changes["qualification.threshold"] == pytest.approx(bar - 10)
    assert not of(leaky(qualification__near_miss=0))["near_misses", ""].exists


def test_a_typed_agreement_gives_way_to_a_judge_who_sees_everything() -> None:
    found = of(leaky())

    assert found["score", ""].changes == {"score.accuracy": "perfect", "acceptance.agreement": None}
    assert found["judgement", ""].changes == {"acceptance.accuracy": "perfect", "acceptance.agreement": None}


def test_only_what_is_typed_leaks() -> None:
    found = of(leaky(handoff__default__leak="0%", pools__SDR__queue_limit="none", stages__proposal__no_show="0%"))

    assert not any(found[name, ""].exists for name in ("leaked", "balked", "no_show"))
    assert found["handoff", ""].changes == {"handoff.default.instant": True}


def test_who_is_rejected_and_dropped_could_be_nurtured_where_there_is_nurture() -> None:
    assert not of(leaky())["not_nurtured", ""].exists
    dropped = leaky(acceptance__rejected_to="lost")
    assert of(dropped)["not_nurtured", ""].changes == {"acceptance.rejected_to": "nurture"}


def test_a_run_values_the_leaks_that_take_leads_over_at_most_twenty_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MOST_YEARS, "leaks", 3)

    result = study.run(leaky(), replications=5, leaks=True)

    taken = {each.leak.counted for each in result.leaks}
    assert {"near_misses", "leaked", "went_cold", "rejected", "opted_out"} <= taken
    assert "" not in taken
    assert {each.years for each in result.leaks} == {3}
    assert [each["leak"] for each in result.as_dict()["leaks"]] == [each.leak.name for each in result.leaks]
    assert study.run(leaky(), replications=2).leaks == ()
