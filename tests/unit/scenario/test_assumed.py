"""Every default that was taken is listed."""

from __future__ import annotations

from pathlib import Path

from simfunnel.scenario import Scenario, load, parse
from tests.unit.scenario.building import small

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def listed(scenario: Scenario) -> dict[str, str]:
    return {item.path: item.value_text for item in scenario.assumed}


def test_the_minimal_scenario_lists_every_default_of_the_table() -> None:
    found = listed(load(SCENARIOS / "minimal.yaml"))

    assert found["score.accuracy"] == "fair (correlation 0.5)"
    assert found["score"] == "mean 50, sd 20"
    assert found["acceptance.accuracy"] == "fair (correlation 0.5)"
    assert found["acceptance.agreement"] == "independent"
    assert found["acceptance.effort"] == "15 minutes"
    assert found["stages.discovery.quality_odds"] == "1.8"
    assert found["stages.discovery.effort"] == "mean 45 minutes, cv 0.8"
    assert found["stages.proposal.effort"] == "mean 3 hours, cv 0.8"
    assert found["stages.proposal.wait"] == "mean 7 days"
    assert found["pools.SDR.selling_time"] == "50%"
    assert found["handoff.default"] == "median 3 hours, p90 1 day, leak 0%"
    assert found['channels."all leads".patience'] == "none"
    assert found['channels."all leads".day_to_day_swing'] == "0.3"
    assert {found[name] for name in ("speed_to_lead", "pools.*.load", "nurture")} == {"off"}
    assert found["period.run_in"] == "52 weeks"


def test_each_assumption_says_why() -> None:
    assert all(item.why and item.value_text for item in load(SCENARIOS / "minimal.yaml").assumed)


def test_what_is_typed_is_not_assumed_even_when_it_is_the_default() -> None:
    raw = small(score={"mean": 50, "sd": 20, "accuracy": "fair"}, handoff={"default": {"delay": "3 hours"}})
    raw["stages"][1]["wait"] = {"mean": "7 days"}

    found = listed(parse(raw))

    assert not {"score", "score.accuracy", "handoff.default", "stages.proposal.wait"} & set(found)


def test_what_all_channels_leave_out_is_one_line() -> None:
    raw = small()
    assert "channels.*.patience" in listed(parse(raw))

    raw["channels"]["web"]["patience"] = "3 days"
    assert "channels.chat.patience" in listed(parse(raw))
    assert "channels.*.patience" not in listed(parse(raw))
