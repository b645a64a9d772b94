"""Values changed by path, absolute and relative."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from simfunnel.scenario import FieldError, parse, set_value
from simfunnel.scenario.change.overrides import merged
from tests.unit.scenario.building import small


def changed(path: str, value: object, raw: dict[str, Any] | None = None) -> Any:
    scenario = parse(set_value(small() if raw is None else raw, path, value))
    return scenario


def test_the_values_it_starts_from_are_never_touched() -> None:
    raw = small()
    before = copy.deepcopy(raw)

    set_value(raw, "stages.proposal.conversion", "30%")
    set_value(raw, "channels.*.volume", "10% more")

    assert raw == before


def test_a_value_is_set_and_blocks_above_it_are_made() -> None:
    scenario = changed("nurture.delay", "21 days")

    assert str(scenario.nurture.delay.value) == "21 days"


def test_a_short_form_opens_when_one_of_its_fields_is_set() -> None:
    scenario = changed("acceptance.effort", "30 minutes")

    assert scenario.acceptance.rate == 0.6
    assert str(scenario.acceptance.effort.value) == "30 minutes"


def test_a_value_in_short_form_can_be_changed_relative_to_itself() -> None:
    assert changed("acceptance.rate", "10% more").acceptance.rate == 0.66


def test_one_threshold_becomes_the_default_when_a_channel_gets_its_own() -> None:
    scenario = changed("qualification.threshold.chat", 50)

    assert scenario.qualification.threshold_of("chat") == 50
    assert scenario.qualification.threshold_of("web") == 60


@pytest.mark.parametrize(
    ("path", "value", "gone"),
    [
        ("qualification.mql_rate", "30%", ("qualification", "threshold")),
        ("channels.web.visit_to_lead", "2%", ("channels", "web", "leads")),
        ("period.weeks", 26, ("period", "months")),
        ("handoff.default.instant", True, ("handoff", "default", "delay")),
        ("channels.web.win_rate", "2%", ("channels", "web", "quality")),
        ("channels.web.mql_rate", "40%", ("channels", "web", "score_bias")),
        ("stages.discovery.capacity", "8 / business day", ("stages", 0, "effort")),
        ("score.accuracy.auc", 0.7, ("score", "accuracy", "word")),
    ],
)
def test_a_value_replaces_the_other_ways_to_say_the_same(path: str, value: object, gone: tuple[str | int, ...]) -> None:
    raw = small(
        period={"start": "2027-01-04", "months": 12},
        handoff={"default": {"delay": "3 hours", "leak": "4%"}},
        score={"accuracy": "good"},
    )
    raw["channels"]["web"] |= {"quality": 0.1, "score_bias": 3}
    raw["stages"][0]["effort"] = "45 minutes"

    node: Any = set_value(raw, path, value)

    for part in gone[:-1]:
        node = node[part]
    assert gone[-1] not in node


def test_a_leak_stays_when_the_way_changes() -> None:
    raw = set_value(small(handoff={"default": {"instant": True, "leak": "4%"}}), "handoff.default.batch", "daily 09:00")

    assert raw["handoff"]["default"] == {"leak": "4%", "batch": "daily 09:00"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("pools.SDR.reps", "2 more", 7),
        ("pools.SDR.reps", "3 fewer", 2),
        ("pools.SDR.reps", "20% more", 6),
        ("channels.web.leads", "10% more", "66 / week"),
        ("channels.web.volume", "5 more", "65 / week"),
        ("channels.web.deal_value", "10% less", 8100),
        ("qualification.threshold", "5 more", 65),
        ("qualification.threshold", "1.5 times", 90),
        ("pools.SDR.selling_time", "10% more", 0.55),
        ("score.sd", "10% more", 22),
    ],
)
def test_a_relative_value_changes_what_stands_there(path: str, value: str, expected: object) -> None:
    node: Any = set_value(small(), path, value)

    for part in path.replace("volume", "leads").split("."):
        node = node[part]
    assert node == expected


def test_a_distribution_is_scaled_as_a_whole() -> None:
    raw = small()
    raw["channels"]["web"]["deal_value"] = {"median": "9k", "p90": "30k"}
    raw["stages"][0]["effort"] = {"mean": "50 minutes", "cv": 0.8}
    raw["channels"]["chat"]["deal_value"] = {"prices": {"11k": "40%", "4000": "60%"}}

    for path in ("channels.*.deal_value", "stages.discovery.effort"):
        raw = set_value(raw, path, "10% more")

    assert raw["channels"]["web"]["deal_value"] == {"median": 9900, "p90": 33000}
    assert raw["stages"][0]["effort"] == {"mean": "55 minutes", "cv": 0.8}
    assert raw["channels"]["chat"]["deal_value"] == {"prices": {"12100": "40%", "4400": "60%"}}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("pools.SDR.cost_per_rep", "10% more", "no value is typed there"),
        ("acceptance", "2 more", "not a share|no quantity|not an amount|changes|cannot"),
        ("channels.web", "10% more", "changes a block"),
        ("pools.SDR.stages", "10% more", "no quantity"),
        ("pools.AE.reps", "200% less", "100% less"),
    ],
)
def test_a_change_of_what_cannot_be_changed_says_so(path: str, value: str, message: str) -> None:
    with pytest.raises((FieldError, Exception), match=message):
        parse(set_value(small(), path, value))


def test_a_text_that_reads_like_a_change_stays_a_text() -> None:
    assert parse(set_value(small(), "title", "2 more")).title == "2 more"


def test_laid_over_blocks_merge_and_distributions_and_lists_do_not() -> None:
    base = small(handoff={"default": {"delay": {"median": "3 hours", "p90": "1 day"}, "leak": "4%"}})
    own = {
        "channels": {"web": {"deal_value": {"mean": "8k"}}},
        "handoff": {"default": {"instant": True}},
        "acceptance": {"effort": "30 minutes"},
        "qualification": {"mql_rate": "30%"},
        "pools": {"SDR": {"reps": 9}},
    }

    data = merged(base, own)

    assert data["channels"]["web"] == {"leads": "60 / week", "deal_value": {"mean": "8k"}}
    assert data["handoff"] == {"default": {"leak": "4%", "instant": True}}
    assert data["acceptance"] == {"rate": "60%", "effort": "30 minutes"}
    assert data["qualification"] == {"mql_rate": "30%"}
    assert data["pools"]["SDR"] == {"stages": ["discovery"], "reps": 9, "selling_time": "50%"}
