"""The first cause of a changed win is named by the lever that was moved, and goes the way in which it was moved."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from simfunnel import study
from simfunnel.scenario import parse
from simfunnel.study.result import LeadsView

Change = tuple[str, Any, Any]  # path, worse, better

BASE: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 12, "run_in": "12 weeks"},
    "channels": {
        "web": {"leads": "120 / week", "deal_value": "9k", "patience": {"median": "2 days"}, "quality": 0},
        "chat": {"leads": "40 / week", "deal_value": "7k", "quality": 0},
    },
    "qualification": {"threshold": 50},
    "acceptance": {"rate": "70%"},
    "handoff": {"default": {"delay": "2 hours", "leak": "10%"}},
    "speed_to_lead": {"default": {"odds": {"0 hours": 1, "24 hours": 0.4}}},
    "pools": {
        "SDR": {
            "stages": ["call"], "reps": 6, "selling_time": "60%",
            "load": {"odds": {12: 1.0, 40: 0.8}, "strength": 0.5},
        },
        "AE": {"stages": ["demo", "close"], "reps": 10, "selling_time": "60%"},
    },
    "skills": {"AE": {"default": {"odds": 1.0, "time": "100%"}}},
    "stages": [
        {"name": "call", "conversion": "50%", "effort": "2 hours"},
        {"name": "demo", "conversion": "50%", "effort": "5 hours", "no_show": "20%", "wait": {"mean": "10 days"}},
        {"name": "close", "conversion": "50%", "effort": "3 hours", "wait": {"mean": "20 days"}},
    ],
}  # fmt: skip

LEVERS: dict[str, tuple[str, Any, Any]] = {
    "score": ("qualification.threshold", 60, 40),
    "leak": ("handoff.default.leak", "40%", "0%"),
    "hand-off": ("handoff.default.delay", "20 hours", "0 hours"),
    "acceptance": ("acceptance.rate", "40%", "95%"),
    "patience": ("channels.web.patience", {"median": "3 hours"}, {"median": "30 days"}),
    "wait": ("pools.SDR.reps", 3, 12),
    "customer": ("stages.demo.wait", {"mean": "30 days"}, {"mean": "1 day"}),
    "no-show": ("stages.demo.no_show", "70%", "0%"),
    "skills": ("skills.AE.default.odds", 0.5, 2.0),
    "effort": ("stages.demo.effort", "7 hours", "1 hour"),
    "work": ("pools.AE.selling_time", "45%", "100%"),
    "quality": ("channels.web.quality", -1, 1),
    "odds": ("stages.close.conversion", "25%", "75%"),
    "load table": ("pools.SDR.load.strength", 0, 2),
}
FEWER_IS_MORE = {"leak"}  # more of it is worse
ALSO = {"effort": "follow-up", "work": "follow-up"}  # deals wait for a rep who is longer at work on others


@cache
def views() -> dict[str, LeadsView]:
    """What each lever does, moved to its worse and to its better end."""
    what_ifs = {f"{name} {end}": {path: value} for name, (path, *ends) in LEVERS.items()
                for end, value in zip(("worse", "better"), ends, strict=True)}  # fmt: skip
    scenario = parse({**BASE, "what_ifs": what_ifs})
    found = study.compare(scenario, list(what_ifs), replications=4, start="settled")
    return {view.plan: view for view in found.leads_view}


@pytest.mark.parametrize("name", [name for name in LEVERS if name not in ("load table", "odds")])
@pytest.mark.parametrize("end", ["worse", "better"])
def test_most_of_what_a_lever_changes_is_told_by_its_own_name_and_way(name: str, end: str) -> None:
    view = views()[f"{name} {end}"]
    counts = view.lost_a_win if end == "worse" else view.gained_a_win
    way = "up" if (end == "better") != (name in FEWER_IS_MORE) else "down"

    assert counts, f"{name} {end} changed no win"
    assert max(counts, key=lambda cause: counts[cause]) in (f"{name} {way}", f"{ALSO.get(name)} {way}"), dict(counts)


@pytest.mark.parametrize("end", ["worse", "better"])
def test_a_rate_that_is_believed_otherwise_is_the_odds_of_its_stage(end: str) -> None:
    view = views()[f"odds {end}"]
    counts = view.lost_a_win if end == "worse" else view.gained_a_win

    assert max(counts, key=lambda cause: counts[cause]) == f"odds {'down' if end == 'worse' else 'up'}", dict(counts)


def halved(odds: dict[float, float]) -> LeadsView:
    """Half of the leads, where open leads do something to the odds."""
    pools = {**BASE["pools"], "SDR": {**BASE["pools"]["SDR"], "load": {"odds": odds}}}
    fewer = {"channels.web.leads": "50% less", "channels.chat.leads": "50% less"}
    scenario = parse({**BASE, "pools": pools, "what_ifs": {"half": fewer}})
    (view,) = study.compare(scenario, ["half"], replications=4, start="settled").leads_view
    return view


def test_half_the_leads_lose_wins_by_fewer_open_deals_where_idleness_costs_and_gain_by_them_where_load_does() -> None:
    idle, load = halved({0.5: 0.3, 4: 1.0}), halved({0.5: 1.0, 4: 0.3})

    assert idle.lost_a_win.get("load down", 0.0) > 0.0
    assert "load up" not in idle.lost_a_win or idle.lost_a_win["load up"] < 0.1 * idle.lost_a_win["load down"]
    assert load.gained_a_win.get("load down", 0.0) > 0.0
