"""Small scenarios for the tests of this room, as plain values to change."""

from __future__ import annotations

from typing import Any

from simfunnel.scenario import Scenario, parse, set_value


def small(**changes: Any) -> dict[str, Any]:
    """Two channels, two pools, two stages; `changes` replace whole sections."""
    base: dict[str, Any] = {
        "period": {"start": "2027-01-04"},
        "channels": {
            "web": {"leads": "60 / week", "deal_value": "9k"},
            "chat": {"leads": "20 / week", "deal_value": "7k"},
        },
        "qualification": {"threshold": 60},
        "acceptance": "60%",
        "pools": {
            "SDR": {"stages": ["discovery"], "reps": 5, "selling_time": "50%"},
            "AE": {"stages": ["proposal"], "reps": 4, "selling_time": "50%"},
        },
        "stages": [{"name": "discovery", "conversion": "45%"}, {"name": "proposal", "conversion": "25%"}],
    }
    return base | changes


def with_paths(values: dict[str, Any], **changes: Any) -> Scenario:
    """The small scenario with sections replaced and then paths set."""
    raw = small(**changes)
    for path, value in values.items():
        raw = set_value(raw, path, value)
    return parse(raw)
