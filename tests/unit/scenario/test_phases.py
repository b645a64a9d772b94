"""What-ifs turned into phases."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import Scenario, parse, phases_of
from tests.unit.scenario.building import small

WHAT_IFS: dict[str, Any] = {
    "stricter": {"qualification.threshold": 65},
    "by_rate": {"qualification.mql_rate": "20%"},
    "april": {"from": "2027-04-01", "pools.AE.reps": "2 more"},
    "july": {"from": "2027-07-01", "pools.AE.reps": "1 fewer"},
    "better_world": {"stages.proposal.conversion": "30%"},
    "all": ["stricter", "april", {"acceptance.rate": "50%"}],
    "nested": ["all", "july"],
    "same": "stricter",
}


def scenario() -> Scenario:
    return parse(small(what_ifs=WHAT_IFS))


def test_the_plain_base_is_one_phase_without_a_date() -> None:
    base = scenario()

    spec = phases_of(base, [])

    assert spec.name == "today"
    assert spec.base is base
    assert spec.phases == ((None, base),)


def test_a_lever_begins_at_the_period_s_start_and_leaves_today_alone() -> None:
    spec = phases_of(scenario(), ["stricter"])

    (first, today), (second, then) = spec.phases
    assert (first, second) == (None, date(2027, 1, 4))
    assert today.qualification.threshold == 60
    assert then.qualification.threshold == 65
    assert spec.base.qualification.threshold == 60


def test_a_rate_as_a_lever_drops_the_threshold_it_replaces() -> None:
    then = phases_of(scenario(), ["by_rate"]).phases[1][1]

    assert then.qualification.mql_rate == 0.2
    assert then.qualification.threshold is None
    assert "threshold" not in then.raw["qualification"]


def test_settings_on_several_dates_pile_up_in_the_order_of_dates() -> None:
    spec = phases_of(scenario(), ["july", "april", "stricter"])

    assert [day for day, _ in spec.phases] == [None, date(2027, 1, 4), date(2027, 4, 1), date(2027, 7, 1)]
    assert [phase.pools["AE"].reps for _, phase in spec.phases] == [4, 4, 6, 5]
    assert [phase.qualification.threshold for _, phase in spec.phases] == [60, 65, 65, 65]


def test_what_ifs_build_on_each_other_and_keep_their_own_dates() -> None:
    spec = phases_of(scenario(), ["nested"])

    assert [day for day, _ in spec.phases] == [None, date(2027, 1, 4), date(2027, 4, 1), date(2027, 7, 1)]
    assert spec.phases[-1][1].acceptance.rate == 0.5  # type: ignore[union-attr]
    assert spec.phases[-1][1].pools["AE"].reps == 5


def test_a_what_if_may_be_another_name_for_one() -> None:
    assert phases_of(scenario(), ["same"]).phases[1][1].qualification.threshold == 65


def test_settled_levers_are_in_force_from_the_run_in_and_dates_stay() -> None:
    spec = phases_of(scenario(), ["all"], "settled")

    assert [day for day, _ in spec.phases] == [None, date(2027, 4, 1)]
    assert spec.phases[0][1].qualification.threshold == 65
    assert spec.base.qualification.threshold == 60


def test_a_start_by_date_moves_only_settings_without_a_date_of_their_own() -> None:
    spec = phases_of(scenario(), ["all"], date(2027, 6, 1))

    assert [day for day, _ in spec.phases] == [None, date(2027, 4, 1), date(2027, 6, 1)]


def test_a_start_outside_the_period_is_refused() -> None:
    with pytest.raises(ScenarioError, match="does not lie in the period"):
        phases_of(scenario(), ["all"], date(2028, 6, 1))


def test_a_belief_changes_the_base_from_the_run_in_on() -> None:
    spec = phases_of(scenario(), ["better_world", "stricter"])

    assert spec.base.stage("proposal").conversion == 0.3
    assert [phase.stage("proposal").conversion for _, phase in spec.phases] == [0.3, 0.3]
    assert spec.phases[0][1] is spec.base


def test_an_unknown_what_if_says_what_was_probably_meant() -> None:
    with pytest.raises(ScenarioError, match="did you mean stricter"):
        phases_of(scenario(), ["strickter"])


def test_two_named_what_ifs_that_set_one_path_at_one_date_clash() -> None:
    with pytest.raises(ScenarioError, match="is set twice at one date"):
        phases_of(scenario(), ["stricter", "by_rate"])


def test_a_star_and_a_name_clash_where_they_meet() -> None:
    raw = small(what_ifs={"both": {"channels.*.volume": "10% more", "channels.chat.leads": "30 / week"}})

    with pytest.raises(ScenarioError, match="is set twice at one date"):
        parse(raw)


def test_two_keys_of_one_way_do_not_clash() -> None:
    raw = small(what_ifs={"visits": {"channels.web.visits": "900 / week", "channels.web.visit_to_lead": "3%"}})

    web = phases_of(parse(raw), ["visits"]).phases[1][1].channels["web"]

    assert web.leads is None
    assert web.visit_to_lead == 0.03


def test_the_order_of_names_decides_between_settings_above_and_below() -> None:
    raw = small(
        handoff={"default": {"delay": "3 hours", "leak": "4%"}},
        what_ifs={"way": {"handoff.default": {"instant": True}, "handoff.default.leak": "1%"}},
    )

    way = phases_of(parse(raw), ["way"]).phases[1][1].handoff_of("chat")

    assert (way.instant, way.leak) == (True, 0.01)


def test_plans_travel_to_workers() -> None:
    spec = phases_of(scenario(), ["nested"])

    assert pickle.loads(pickle.dumps(spec)) == spec


def test_a_what_if_can_switch_a_part_off_and_on() -> None:
    raw = small(what_ifs={"all_welcome": {"acceptance": "none"}, "rest": {"nurture": {"delay": "21 days"}}})

    assert phases_of(parse(raw), ["all_welcome"]).phases[1][1].acceptance is None


def test_a_campaign_can_be_added_by_a_what_if() -> None:
    campaign = {"from": "2027-04-05", "to": "2027-04-16", "leads": 300}
    raw = small(what_ifs={"fair": {'channels.web.campaigns."spring fair"': campaign}})

    found = phases_of(parse(raw), ["fair"]).phases[1][1].channels["web"].campaigns

    assert found["spring fair"].n_days == 12


def test_what_ifs_that_fit_alone_but_not_together_are_refused_together() -> None:
    raw = small(what_ifs={"teams": {"pools.SDR.structure": "dedicated"}, "lean": {"pools.SDR.reps": 1}})

    with pytest.raises(ScenarioError, match=r'what_ifs\.teams\."pools\.SDR\.structure": .*cannot split 1 head'):
        phases_of(parse(raw), ["teams", "lean"])


MORE = """\
period: {start: 2027-01-04}
channels: {web: {leads: 60 / week, deal_value: 9k}}
qualification: {threshold: 60}
handoff: {default: {delay: 3 hours}}
pools: {SDR: {stages: [call], reps: 5}}
stages: [{name: call, conversion: 45%}]
what_ifs:
  more: {pools.SDR.reps: 1 more}
  fewer: {pools.SDR.reps: 4 fewer}
  both: [more, {qualification.threshold: 65}]
  stricter: {qualification.threshold: 65}
"""


@pytest.mark.parametrize(
    ("sets", "unfit"),
    [
        (["pools.SDR.reps=unlimited"], ("more", "fewer", "both")),
        (["pools.SDR.reps=3"], ("fewer",)),
        (["pools.SDR.reps=8"], ()),
    ],
)
def test_a_what_if_that_does_not_fit_what_is_set_fails_only_when_it_is_asked_for(
    sets: list[str], unfit: tuple[str, ...]
) -> None:
    scenario = parse(MORE, sets)

    assert [name for name in scenario.what_ifs if name not in scenario.fitting] == list(unfit)
    told = "\n".join(map(str, scenario.warnings))
    for name in unfit:
        with pytest.raises(ScenarioError, match=r"pools\.SDR\.reps"):
            phases_of(scenario, [name])
        assert name == "both" or f"what_ifs.{name}" in told
    assert phases_of(scenario, ["stricter"]).name == "stricter"


def test_a_change_of_unlimited_reps_typed_in_the_file_fails_only_when_it_is_asked_for() -> None:
    scenario = parse(MORE.replace("reps: 5", "reps: unlimited"))

    assert scenario.fitting == ("stricter",)
    with pytest.raises(ScenarioError, match="it is unlimited"):
        phases_of(scenario, ["more"])


@pytest.mark.parametrize(
    ("typed", "instead"),
    [("1 more", "1 moer"), ("pools.SDR.reps: 1", "pools.SDR.rep: 1"), ("threshold: 65}\n", "threshold: high}\n")],
)
def test_a_mistyped_what_if_is_a_mistake_whatever_is_set(typed: str, instead: str) -> None:
    assert typed in MORE
    with pytest.raises(ScenarioError):
        parse(MORE.replace(typed, instead), ["pools.SDR.reps=unlimited"])
