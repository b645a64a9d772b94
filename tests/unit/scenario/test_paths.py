"""Paths as a planner types them."""

from __future__ import annotations

import pytest

from simfunnel.scenario import FieldError, is_belief
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.change.paths import concrete, spot_at
from tests.unit.scenario.building import small


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("acceptance.rate", ("acceptance", "rate")),
        ("channels.*.volume", ("channels", "*", "volume")),
        ('pools."field sales".reps', ("pools", "field sales", "reps")),
        ("pools.'a.b'.reps", ("pools", "a.b", "reps")),
        ("stages[1].effort", ("stages", "1", "effort")),
        ("  stages.demo  ", ("stages", "demo")),
        ("channels.all leads.leads", ("channels", "all leads", "leads")),
    ],
)
def test_a_path_is_read_part_by_part(typed: str, parts: tuple[str, ...]) -> None:
    assert parse_path(typed) == parts


@pytest.mark.parametrize("typed", ["", ".", "a.", ".a", "a..b", '"open', "a[1", 'a"b"c"', "a.[", "a]b["])
def test_what_is_no_path_is_refused(typed: str) -> None:
    with pytest.raises(FieldError):
        parse_path(typed)


def test_a_star_stands_for_every_channel_and_volume_for_what_is_typed() -> None:
    raw = small()
    raw["channels"]["web"] = {"visits": "900 / week", "visit_to_lead": "2%", "deal_value": "9k"}
    raw["channels"]["fair"] = {"lists": {"every": "30 days", "size": 50}, "deal_value": "9k"}

    assert concrete(raw, parse_path("channels.*.volume")) == [
        ("channels", "web", "visits"),
        ("channels", "chat", "leads"),
    ]


def test_the_volume_of_a_channel_with_neither_is_refused() -> None:
    raw = small(channels={"fair": {"lists": {"every": "30 days", "size": 50}, "deal_value": "9k"}})

    with pytest.raises(FieldError, match=r"lists\.size"):
        concrete(raw, parse_path("channels.fair.volume"))


def test_list_items_are_found_by_name_and_by_position() -> None:
    raw = small()

    assert concrete(raw, parse_path("stages.proposal.wait")) == [("stages", 1, "wait")]
    assert concrete(raw, parse_path("stages[0].wait")) == [("stages", 0, "wait")]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("pool.SDR.reps", "did you mean pools"),
        ("pools.SRD.reps", "did you mean SDR"),
        ("pools.SDR.rep", "did you mean reps"),
        ("stages.proposals.wait", "did you mean proposal"),
        ("pools.SDR.reps.more", "single value"),
        ("*.reps", "did you mean|known here|see"),
    ],
)
def test_a_path_to_nothing_says_what_was_probably_meant(path: str, message: str) -> None:
    with pytest.raises(FieldError, match=message):
        concrete(small(), parse_path(path))


@pytest.mark.parametrize(
    ("path", "belief"),
    [
        ("stages.discovery.conversion", True),
        ("stages.discovery.quality_odds", True),
        ("stages.discovery.effort", False),
        ("speed_to_lead.default.strength", True),
        ("speed_to_lead", True),
        ("pools.SDR.load.odds", True),
        ("pools.SDR.load", True),
        ("pools.SDR.reps", False),
        ("acceptance.rate", False),
        ("qualification.mql_rate", False),
    ],
)
def test_only_conversion_quality_odds_speed_and_load_are_beliefs(path: str, belief: bool) -> None:
    assert is_belief(path) is belief


def test_a_block_with_beliefs_and_levers_is_mixed() -> None:
    stage, channel = spot_at(("stages", 0)), spot_at(("channels", "web"))

    assert stage is not None
    assert stage.mixed
    assert channel is not None
    assert not channel.mixed
