"""A small funnel whose first team is nearly full, for the tests of targets."""

from __future__ import annotations

from typing import Any

from simfunnel.scenario import Scenario, parse, set_value

RAW: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 12, "run_in": "8 weeks"},
    "channels": {
        "web": {"visits": "2000 / week", "visit_to_lead": "2%", "deal_value": "7k", "cost_per_lead": 60,
                "patience": {"median": "3 days"}},
        "fair": {"leads": "10 / week", "deal_value": "9k", "patience": {"median": "3 days"}},
    },
    "qualification": {"threshold": 50},
    "acceptance": "60%",
    "handoff": {"default": {"instant": True}},
    "pools": {
        "SDR": {"stages": ["discovery"], "reps": 2, "selling_time": "25%", "cost_per_rep": "75k / year"},
        "AE": {"stages": ["proposal"], "reps": 3, "cost_per_rep": "140k / year",
               "hires": [{"on": "2027-02-01", "reps": 1, "ramp": "3 weeks"}]},
    },
    "stages": [
        {"name": "discovery", "effort": "90 minutes", "conversion": "50%"},
        {"name": "proposal", "wait": "10 days", "effort": "3 hours", "conversion": "50%"},
    ],
}  # fmt: skip


def funnel(**values: Any) -> Scenario:
    """The funnel with some paths set, `__` for dots."""
    raw = RAW
    for path, value in values.items():
        raw = set_value(raw, path.replace("__", "."), value)
    return parse(raw)
