"""The first cause of a changed win is named by the lever that was moved, and goes the way in which it was moved."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from simfunnel import study
from simfunnel.scenario import parse
from simfunnel.study.compare import LeadsView

pytestmark = pytest.mark.usefixtures("few_pilots")

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


NURTURED: dict[str, Any] = {
    **BASE,
    "score": {"accuracy": {"auc": 0.7}},
    "qualification": {"threshold": 50, "near_miss": 10},
    "acceptance": {"rate": "70%", "rejected_to": "nurture"},
    "nurture": {
        "delay": "7 days", "score_lift": {"mean": 4, "sd": 5}, "quality_lift": {"mean": 0.1, "sd": 0.2},
        "opt_out": "30%", "cycles": 2, "patience": {"median": "2 days"},
    },
}  # fmt: skip

OF_NURTURE: dict[str, tuple[str, Any, str]] = {  # a change for the worse, or the better: path, value, cause
    "later": ("nurture.delay", "60 days", "nurture down"),
    "sooner": ("nurture.delay", "1 day", "nurture up"),
    "more opt out": ("nurture.opt_out", "90%", "nurture down"),
    "nobody opts out": ("nurture.opt_out", "0%", "nurture up"),
    "one cycle": ("nurture.cycles", 1, "nurture down"),
    "four cycles": ("nurture.cycles", 4, "nurture up"),
    "no lift": ("nurture.score_lift", {"mean": 0, "sd": 5}, "score down"),
    "a large lift": ("nurture.score_lift", {"mean": 12, "sd": 5}, "score up"),
    "put off": ("nurture.quality_lift", {"mean": -1.5, "sd": 0.2}, "quality down"),
    "convinced": ("nurture.quality_lift", {"mean": 1.5, "sd": 0.2}, "quality up"),
    "impatient": ("nurture.patience", {"median": "3 hours"}, "patience down"),
    "patient": ("nurture.patience", {"median": "30 days"}, "patience up"),
    "fewer near misses": ("qualification.near_miss", 2, "score down"),
    "more near misses": ("qualification.near_miss", 25, "score up"),
    "rejected and dropped": ("acceptance.rejected_to", "lost", "nurture down"),
    "stricter": ("qualification.threshold", 60, "score down"),
    "laxer": ("qualification.threshold", 40, "score up"),
    "flattered less": ("channels.web.score_bias", -8, "score down"),
    "flattered more": ("channels.web.score_bias", 8, "score up"),
    "most of a channel": ("channels.web.mql_rate", "95%", "score up"),
    "hardly anybody of a channel": ("channels.web.mql_rate", "5%", "score down"),
}


@cache
def nurtured_views() -> dict[str, LeadsView]:
    """What each field of nurture does, and where leads come to it from."""
    what_ifs = {name: {path: value} for name, (path, value, _) in OF_NURTURE.items()}
    found = study.compare(parse({**NURTURED, "what_ifs": what_ifs}), list(what_ifs), replications=6, start="settled")
    return {view.plan: view for view in found.leads_view}


@pytest.mark.parametrize("name", OF_NURTURE)
def test_a_field_of_nurture_or_the_score_has_its_cause_and_way(name: str) -> None:
    cause = OF_NURTURE[name][2]
    view = nurtured_views()[name]
    counts = view.lost_a_win if cause.endswith("down") else view.gained_a_win

    assert counts, f"{name} changed no win"
    assert max(counts, key=lambda cause: counts[cause]) == cause, dict(counts)


PRICED = {
    "dearer": {"channels.web.deal_value": "18k"},
    "two prices": {"channels.web.deal_value": {"prices": {"18k": "40%", "4k": "60%"}}},
    "a stay costs": {"nurture.cost": 50},
    "commission": {"pools.AE.commission": "10%"},
}
SLOW = [{"on": "2026-10-12", "reps": 5, "ramp": "9 months", "start_at": "20%"}]
QUICK = [{"on": "2026-10-12", "reps": 5}]


def test_what_only_moves_money_changes_no_win() -> None:
    found = study.compare(parse({**NURTURED, "what_ifs": PRICED}), list(PRICED), replications=1, start="settled")

    assert [(view.plan, dict(view.lost_a_win), dict(view.gained_a_win)) for view in found.leads_view] == [
        (name, {}, {}) for name in PRICED
    ]


def hired(today: list[dict[str, Any]], then: list[dict[str, Any]]) -> LeadsView:
    """Five of ten AEs are new; they work otherwise from the first day."""
    pools = {**BASE["pools"], "AE": {**BASE["pools"]["AE"], "reps": 5, "hires": today}}
    scenario = parse({**BASE, "pools": pools, "what_ifs": {"otherwise": {"pools.AE.hires": then}}})
    (view,) = study.compare(scenario, ["otherwise"], replications=4, start="settled").leads_view
    return view


def test_new_reps_with_a_ramp_take_longer_and_without_one_less_time() -> None:
    lost, gained = hired(QUICK, SLOW).lost_a_win, hired(SLOW, QUICK).gained_a_win

    assert max(lost, key=lambda cause: lost[cause]) in ("work down", "follow-up down"), dict(lost)
    assert max(gained, key=lambda cause: gained[cause]) in ("work up", "follow-up up"), dict(gained)
