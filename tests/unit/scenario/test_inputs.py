"""Which numbers of a scenario are moved, how far, and what a file would hold at their ends."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel.errors import ScenarioError
from simfunnel.scenario import HIGH, LOW, TODAY, Input, chosen, inputs_of, parse, with_values

RAW: dict[str, Any] = {
    "period": {"start": "2027-01-04"},
    "channels": {
        "web": {"leads": "40 / week", "deal_value": {"median": "9k", "p90": "30k"}, "patience": "3 days"},
        "fair": {"leads": "10 / week", "deal_value": "7k", "quality": 0.5, "cost_per_lead": 50},
    },
    "qualification": {"mql_rate": "60%"},
    "acceptance": {"rate": "60%", "accuracy": {"auc": 0.7}},
    "handoff": {"default": {"delay": "4 hours", "leak": "2%"}},
    "pools": {"SDR": {"stages": ["discovery", "proposal"], "reps": 3}},
    "stages": [
        {"name": "discovery", "conversion": "50%"},
        {"name": "proposal", "conversion": "20% to 30%", "effort": "2 hours", "wait": {"median": "5 days"}},
    ],
}


def inputs(**more: Any) -> dict[str, Input]:
    return {each.path: each for each in inputs_of(parse(RAW), **more)}


def test_a_typed_range_moves_between_its_own_ends() -> None:
    each = inputs()["stages.proposal.conversion"]

    assert each.origin == "range"
    assert [each.words(u) for u in (LOW, TODAY, HIGH)] == ["20%", "25%", "30%"]
    assert each.values(LOW) == {"stages.proposal.conversion": 0.2}


def test_what_nobody_typed_moves_further_than_what_was_typed() -> None:
    found = inputs()

    assumed, typed = found["pools.SDR.selling_time"], found["acceptance.rate"]
    assert (assumed.origin, typed.origin) == ("assumed", "typed")
    assert [assumed.words(u) for u in (LOW, HIGH)] == ["40%", "60%"]
    assert [typed.words(u) for u in (LOW, HIGH)] == ["55.6%", "64.3%"]


def test_the_odds_of_a_share_move_by_a_factor_and_back() -> None:
    (low,), (high,) = (inputs()["acceptance.rate"].values(u).values() for u in (LOW, HIGH))

    assert high / (1 - high) == pytest.approx(1.2 * 1.5)
    assert low / (1 - low) == pytest.approx(1.5 / 1.2)


def test_channels_move_together_where_the_doubt_is_the_same_and_alone_where_they_differ() -> None:
    found = inputs()

    assert found["channels.*.volume"].values(HIGH) == {
        "channels.web.leads": "44 / week",
        "channels.fair.leads": "11 / week",
    }
    assert found["channels.*.volume"].words(HIGH) == "+10%"
    assert found["channels.fair.quality"].words(HIGH) == "0.6"
    assert "channels.web.quality" in found


def test_all_amounts_of_a_distribution_move_and_its_shape_stays() -> None:
    assert inputs()["channels.*.deal_value"].values(HIGH)["channels.web.deal_value"] == {"median": 9900, "p90": 33000}


def test_an_accuracy_moves_in_the_way_in_which_it_was_typed() -> None:
    found = inputs()

    assert found["acceptance.accuracy"].values(LOW) == {"acceptance.accuracy": {"auc": 0.68}}
    assert found["score.accuracy"].values(HIGH) == {"score.accuracy": {"correlation": 0.7}}


def test_an_input_stands_at_today_in_the_middle() -> None:
    scenario = parse(RAW)
    today = scenario.model_dump()

    for each in inputs_of(scenario):
        if each.origin == "typed":  # an assumed value would be typed from then on
            assert with_values(scenario, each.values(TODAY)).model_dump() == today, each.path


def test_every_end_of_every_input_can_be_typed() -> None:
    scenario = parse(RAW)

    for each in inputs_of(scenario, agreement=0.3):
        for u in (LOW, 0.35, 0.65, HIGH):
            assert with_values(scenario, each.values(u))


def test_what_is_decided_is_not_moved_unless_a_range_is_typed_for_it() -> None:
    assert not [path for path in inputs() if path.endswith((".reps", ".threshold", ".mql_rate", ".near_miss"))]
    raw = {**RAW, "pools": {"SDR": {"stages": ["discovery", "proposal"], "reps": "2 to 4"}}}

    assert inputs_of(parse(raw))[0].path == "pools.SDR.reps"


def test_what_only_money_depends_on_is_left_out_where_no_metric_asks_for_it() -> None:
    assert "channels.fair.cost_per_lead" in inputs()
    assert "channels.fair.cost_per_lead" not in inputs(costs=False)


def test_what_is_nothing_or_off_has_no_size_to_move() -> None:
    found = inputs()

    assert "channels.fair.patience" not in found
    assert not [path for path in found if path.startswith(("speed_to_lead", "nurture"))]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("acceptance.rate", ["acceptance.rate"]),
        ("acceptance", ["acceptance.rate", "acceptance.accuracy", "acceptance.effort"]),
        ("channels.*.volume", ["channels.*.volume"]),
        ("stages.*.conversion", ["stages.proposal.conversion", "stages.discovery.conversion"]),
    ],
)
def test_inputs_are_named_by_path_by_the_start_of_one_or_with_a_star(pattern: str, paths: list[str]) -> None:
    assert [each.path for each in chosen(inputs_of(parse(RAW)), [pattern])] == paths


def test_a_name_that_no_input_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        ScenarioError, match=r"--input: 'acceptance.rat', names no number .* did you mean acceptance.rate"
    ):
        chosen(inputs_of(parse(RAW)), ["acceptance.rat"])
