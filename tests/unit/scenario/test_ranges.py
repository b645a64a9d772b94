"""Numbers typed as ranges: which texts are ranges, what they mean, and that no draw leaves a field's limits."""

from __future__ import annotations

import pickle
from typing import Any

import jsonschema
import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import (
    FieldError,
    Scenario,
    TypedRange,
    load,
    parse,
    phases_of,
    ranges_of,
    schema,
    set_value,
    starter_text,
    with_values,
)
from simfunnel.units import Duration
from tests.unit.scenario.building import small, with_paths

CONVERSION = "stages.discovery.conversion"


def only_range(path: str, text: object, **changes: Any) -> TypedRange:
    found = ranges_of(with_paths({path: text}, **changes))
    assert len(found) == 1
    return found[0]


def complaint(path: str, text: object) -> str:
    with pytest.raises(ScenarioError) as caught:
        with_paths({path: text})
    assert len(caught.value.problems) == 1, str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "text", "low", "high", "unit", "kind"),
    [
        (CONVERSION, "25% to 35%", 0.25, 0.35, "", "share"),
        (CONVERSION, "25 to 35%", 0.25, 0.35, "", "share"),
        (CONVERSION, "0.25 to 0.35", 0.25, 0.35, "", "share"),
        (CONVERSION, " 25%  TO  35% ", 0.25, 0.35, "", "share"),
        (CONVERSION, "1 to 5%", 0.01, 0.05, "", "share"),  # 1 alone would be 100%
        ("handoff.default.leak", "0% to 5%", 0.0, 0.05, "", "share"),
        ("acceptance", "55% to 65%", 0.55, 0.65, "", "share"),
        ("acceptance.effort", "20% to 30%", 0.2, 0.3, "", "share"),
        ("acceptance.effort", "20 to 30 minutes", 20, 30, "minutes", "duration"),
        ("pools.SDR.reps", "4 to 7", 4, 7, "", "whole"),
        ("pools.AE.queue_limit", "10 to 20", 10, 20, "", "whole"),
        ("handoff.default.delay", "3 h to 5 h", 3, 5, "hours", "duration"),
        ("handoff.default.delay", "3 to 5 h", 3, 5, "hours", "duration"),
        ("handoff.default.delay", "3 hours to 2 days", 3, 48, "hours", "duration"),
        ("stages.proposal.wait", "2 to 3 business days", 2, 3, "business days", "duration"),
        ("stages.proposal.wait", {"median": "4 to 6 days", "p90": "14 days"}, 4, 6, "days", "duration"),
        ("stages.proposal.effort", {"mean": "2 hours", "cv": "0.6 to 1"}, 0.6, 1, "", "number"),
        ("channels.web.leads", "800 to 1,200 / month", 800, 1200, "/ month", "volume"),
        ("channels.web.leads", "800 / month to 1200 / month", 800, 1200, "/ month", "volume"),
        ("channels.web.leads", "800 to 1200 per month", 800, 1200, "/ month", "volume"),
        ("channels.web.volume", "40 to 60 / business day", 40, 60, "/ business day", "volume"),
        ("channels.web.deal_value", "20000 USD to 30000 USD", 20_000, 30_000, "", "money"),
        ("channels.web.deal_value", "$20k to $30k", 20_000, 30_000, "", "money"),
        ("channels.web.deal_value", {"median": "20,000 to 30,000"}, 20_000, 30_000, "", "money"),
        ("channels.web.quality", "-0.2 to 0.4", -0.2, 0.4, "", "number"),
        ("channels.web.growth", "5% to 10%", 0.05, 0.1, "", "factor"),
        ("channels.web.season.jul", "80% to 90%", 0.8, 0.9, "", "factor"),
        ("pools.SDR.cost_per_rep", "70k to 80k / year", 70_000, 80_000, "/ year", "cost"),
        ("pools.SDR.cost_per_rep", "$70k / year to $80k / year", 70_000, 80_000, "/ year", "cost"),
        ("qualification.threshold", "55 to 65", 55, 65, "", "number"),
        ("qualification.threshold.chat", "45 to 55", 45, 55, "", "number"),
        ("score.accuracy.auc", "0.6 to 0.64", 0.6, 0.64, "", "number"),
        ("speed_to_lead.default.odds", {"0 h": 1, "1 h": "50% to 70%"}, 0.5, 0.7, "", "factor"),
        ("pools.SDR.load.odds", {"10": 1, "25": "0.6 to 0.8"}, 0.6, 0.8, "", "factor"),
    ],
)
def test_a_range_is_read_in_the_units_of_its_field(
    path: str, text: object, low: float, high: float, unit: str, kind: str
) -> None:
    found = only_range(path, text)

    assert (found.low, found.high, found.unit, found.kind) == (low, high, unit, kind)


@pytest.mark.parametrize(
    ("path", "text", "middle"),
    [
        (CONVERSION, "25% to 35%", "30%"),
        (CONVERSION, "1% to 30%", "6.2%"),
        ("handoff.default.leak", "0% to 5%", "2.5%"),  # an end at the limit of shares: evenly between the ends
        ("handoff.default.delay", "3 h to 5 h", "3.9 hours"),
        ("handoff.default.delay", "3 h to 2 days", "12 hours"),
        ("channels.web.leads", "800 to 1200 / month", "980 / month"),
        ("channels.web.deal_value", "20k to 30k", "24000"),
        ("channels.web.quality", "-0.2 to 0.4", "0.1"),
        ("pools.SDR.reps", "4 to 7", "5"),
    ],
)
def test_the_value_used_is_the_middle_and_is_listed_as_assumed(path: str, text: str, middle: str) -> None:
    scenario = with_paths({path: text})

    found = {item.path: item for item in scenario.assumed}[path.replace("volume", "leads")]
    assert found.value_text == middle
    assert f"the middle of {text}" in found.why


def test_fields_hold_the_middle_and_raw_values_what_was_typed() -> None:
    scenario = with_paths({CONVERSION: "25% to 35%", "pools.SDR.reps": "4 to 7"})

    assert scenario.stage("discovery").conversion == 0.3
    assert scenario.pools["SDR"].reps == 5
    assert scenario.raw["pools"]["SDR"]["reps"] == "4 to 7"


def test_a_scenario_at_its_middles_means_the_same_as_one_that_types_them() -> None:
    typed = with_paths({CONVERSION: "30%"})

    assert with_paths({CONVERSION: "25% to 35%"}).meaning_sha256() == typed.meaning_sha256()


def test_without_ranges_there_are_none() -> None:
    assert ranges_of(parse(small())) == ()
    assert ranges_of(parse(starter_text())) == ()


def test_promises_titles_and_sources_are_no_ranges() -> None:
    scenario = with_paths({}, title="From 2 to 3", sla={"marketing": {"mqls": "450 to 750 / month"}})

    assert ranges_of(scenario) == ()


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (CONVERSION, "35% to 25%", "write 25% to 35%"),
        (CONVERSION, "30% to 30%", "write one number"),
        (CONVERSION, "25% to 135%", "a share cannot be above 1"),
        (CONVERSION, "0.25 to 35%", "may begin at 0.25 or at 0.25%"),
        (CONVERSION, "25%-35%", "write 25% to 35%"),
        (CONVERSION, "low to high", "end high"),
        (CONVERSION, "20% to 30% to 40%", "end"),
        ("pools.SDR.reps", "4.5 to 6", "end 4.5: is not a whole number"),
        ("pools.SDR.reps", "4 to unlimited", "end unlimited: is not a number"),
        ("handoff.default.delay", "3 to 5", "end 5: a duration needs a unit"),
        ("handoff.default.delay", "3 hours to 2 business days", "both ends in the same unit"),
        ("channels.web.leads", "100 / week to 800 / month", "both ends in the same unit"),
        ("channels.web.deal_value", "20 to 30k", "may begin at 20 or at 20k"),
        ("channels.web.deal_value", "20k EUR to 30k EUR", "is not in USD"),
        ("pools.SDR.cost_per_rep", "70 to 80k / year", "write the unit at both ends"),
        ("period.months", "6 to 12", "frames what is simulated"),
        ("target.revenue", "4M to 5M", "frames what is simulated"),
    ],
)
def test_a_range_that_is_wrong_is_refused_with_what_to_write(path: str, text: str, says: str) -> None:
    assert says in complaint(path, text)


def test_the_problem_names_the_path_and_the_whole_range() -> None:
    assert f"{CONVERSION}: '25% to 135%', end 135%: a share cannot" in complaint(CONVERSION, "25% to 135%")


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("stages.proposal.wait", {"median": "4 to 16 days", "p90": "14 days"}, "at its end 16 days"),
        ("pools.SDR.selling_time", "0% to 60%", "at its end 0%"),
        ("stages.discovery.otherwise", {"nurture": "30% to 50%", "lost": "60%"}, "shares add up to 0.9"),
    ],
)
def test_each_end_must_fit_what_stands_beside_it(path: str, text: object, says: str) -> None:
    changes = {"nurture": {"delay": "21 days"}}
    with pytest.raises(ScenarioError) as caught:
        with_paths({path: text}, **changes)

    assert says in str(caught.value)


def test_each_end_must_fit_what_the_scenario_means() -> None:
    with pytest.raises(ScenarioError, match=r"at its end 1, pools\.SDR\.structure cannot split 1 head"):
        with_paths({"pools.SDR.reps": "1 to 5", "pools.SDR.structure": "dedicated"})


# --- the distribution ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CONVERSION, "25% to 35%"),
        (CONVERSION, "1% to 90%"),
        ("channels.web.leads", "10 to 1000 / week"),
        ("channels.web.quality", "-0.5 to 2"),
        ("qualification.threshold", "-10 to 80"),
        ("score.accuracy.correlation", "0.3 to 0.9"),
        ("pools.SDR.reps", "3 to 9"),
    ],
)
def test_one_draw_in_twenty_lies_below_the_lower_end_and_one_above_the_higher(path: str, text: str) -> None:
    found = only_range(path, text)

    assert found.quantile(0.05) == pytest.approx(found.low, rel=1e-9)
    assert found.quantile(0.95) == pytest.approx(found.high, rel=1e-9)
    assert found.low < found.middle < found.high


@pytest.mark.parametrize(
    ("path", "text"),
    [(CONVERSION, "1% to 99%"), ("channels.web.quality", "-4.5 to 4.5"), ("pools.AE.queue_limit", "0 to 3")],
)
def test_no_draw_leaves_the_limits_of_its_field(path: str, text: str) -> None:
    found = only_range(path, text)

    draws = [found.quantile(u) for u in (1e-12, 0.001, 0.3, 0.5, 0.999, 1 - 1e-12)]
    assert draws == sorted(draws)
    assert found.span.low <= draws[0] <= draws[-1] <= found.span.high


def test_an_end_at_the_limit_means_evenly_between_the_ends() -> None:
    found = only_range("handoff.default.leak", "0% to 4%")

    assert [found.quantile(u) for u in (0.25, 0.5, 0.75)] == pytest.approx([0.01, 0.02, 0.03])


def test_draws_of_whole_numbers_are_whole() -> None:
    found = only_range("pools.SDR.reps", "4 to 7")

    assert {found.quantile(k / 40) for k in range(1, 40)} == {4, 5, 6, 7}


# --- changing them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CONVERSION, "25% to 35%"),
        (CONVERSION, "0.25 to 0.35"),
        ("handoff.default.delay", "3 hours to 5 hours"),
        ("channels.web.leads", "800 / month to 1200 / month"),
        ("pools.SDR.cost_per_rep", "70000 / year to 80000 / year"),
        ("pools.SDR.reps", "4 to 7"),
    ],
)
def test_a_range_written_back_reads_as_the_same_range(path: str, text: str) -> None:
    found = only_range(path, text)

    assert found.changed(found.low, found.high) == text
    assert only_range(path, found.changed(found.low, found.high)) == found


def test_numbers_are_put_in_the_place_of_ranges_as_a_file_would_hold_them() -> None:
    scenario = with_paths({CONVERSION: "25% to 35%", "handoff.default.delay": "3 to 5 h", "pools.SDR.reps": "4 to 7"})
    by_path = {each.path: each for each in ranges_of(scenario)}

    found = with_values(
        scenario,
        {
            CONVERSION: by_path[CONVERSION].typed(0.333),
            "handoff.default.delay": by_path["handoff.default.delay"].typed(4.25),
            "pools.SDR.reps": by_path["pools.SDR.reps"].typed(7.0),
        },
    )

    assert ranges_of(found) == ()
    assert found.stage("discovery").conversion == 0.333
    assert found.handoff["default"].delay is not None
    assert found.handoff["default"].delay.value == Duration(4.25, "hour")
    assert found.pools["SDR"].reps == 7


def test_ranges_elsewhere_stay_ranges() -> None:
    scenario = with_paths({CONVERSION: "25% to 35%", "pools.SDR.reps": "4 to 7"})

    assert [each.path for each in ranges_of(with_values(scenario, {"pools.SDR.reps": 6}))] == [CONVERSION]


def test_values_that_do_not_hold_are_refused_by_path() -> None:
    scenario = parse(small())

    with pytest.raises(ScenarioError, match=r"pools\.SDR\.reps"):
        with_values(scenario, {"pools.SDR.reps": "six"})
    with pytest.raises(ScenarioError, match="cannot split"):
        with_values(scenario, {"pools.SDR.reps": 1, "pools.SDR.structure": "dedicated"})
    with pytest.raises(ScenarioError, match=r"did you mean SDR\?"):
        with_values(scenario, {"pools.SDX.reps": 1})


def test_the_volume_of_every_channel_can_be_set_at_once() -> None:
    found = with_values(parse(small()), {"channels.*.volume": "30 / week"})

    assert [str(channel.leads) for channel in found.channels.values()] == ["30 / week", "30 / week"]


@pytest.mark.parametrize(
    ("path", "typed", "change", "now"),
    [
        ("pools.SDR.reps", "4 to 7", "2 more", "6 to 9"),
        (CONVERSION, "20% to 40%", "10% less", "18% to 36%"),
        ("handoff.default.delay", "3 to 5 h", "1.5 times", "4.5 hours to 7.5 hours"),
        ("channels.web.volume", "800 to 1200 / month", "10% more", "880 / month to 1320 / month"),
    ],
)
def test_a_relative_change_moves_both_ends(path: str, typed: str, change: str, now: str) -> None:
    raw = set_value(set_value(small(), path, typed), path, change)

    assert ranges_of(parse(raw))[0].text == now


def test_a_bare_number_cannot_be_added_to_a_range_of_durations() -> None:
    raw = set_value(small(), "handoff.default.delay", "3 to 5 h")

    with pytest.raises(FieldError, match="adds a bare number to a duration"):
        set_value(raw, "handoff.default.delay", "2 more")


def test_set_takes_a_range(tmp_path: Any) -> None:
    file = tmp_path / "funnel.yaml"
    file.write_text(starter_text())

    scenario = load(file, ["stages.discovery.conversion=40% to 50%", "pools.SDR.reps=3 to 5"])

    assert [each.text for each in ranges_of(scenario)] == ["3 to 5", "40% to 50%"]
    with pytest.raises(ScenarioError, match=r"--set pools.SDR.reps: pools.SDR.reps: '5 to 3', does not go"):
        load(file, ["pools.SDR.reps=5 to 3"])


def phase(scenario: Scenario, name: str) -> Scenario:
    return phases_of(scenario, [name]).phases[-1][1]


def test_a_what_if_may_set_a_range_and_change_one() -> None:
    what_ifs = {"slower": {"handoff.default.delay": "1 to 2 days"}, "bigger": {"pools.SDR.reps": "2 more"}}
    scenario = with_paths({"pools.SDR.reps": "4 to 7"}, what_ifs=what_ifs)

    assert [each.text for each in phase(scenario, "slower").ranges] == ["4 to 7", "1 to 2 days"]
    assert phase(scenario, "bigger").pools["SDR"].reps == 7
    assert phase(with_values(scenario, {"pools.SDR.reps": 4}), "bigger").pools["SDR"].reps == 6


def test_the_ends_of_a_range_in_a_what_if_must_fit_too() -> None:
    what_ifs = {"teams": {"pools.SDR.structure": "dedicated", "pools.SDR.reps": "1 to 4"}}

    with pytest.raises(ScenarioError, match=r'what_ifs.teams."pools.SDR.reps": .*at its end 1'):
        with_paths({}, what_ifs=what_ifs)


# --- around them -----------------------------------------------------------------------------------------------------


def test_the_schema_takes_ranges_where_numbers_stand_but_not_in_the_period() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    ranged = [("pools.SDR.reps", "4 to 7"), (CONVERSION, "25% to 35%"), ("score.mean", "45 to 55")]

    for path, text in ranged:
        assert validator.is_valid(set_value(small(), path, text)), path
    assert not validator.is_valid(set_value(small(), "pools.SDR.reps", "many"))
    assert not validator.is_valid(set_value(small(), "period.months", "6 to 12"))


def test_ranges_travel_to_other_processes() -> None:
    scenario = with_paths({CONVERSION: "25% to 35%", "channels.web.leads": "800 to 1200 / month"})

    assert ranges_of(pickle.loads(pickle.dumps(scenario))) == ranges_of(scenario)
