"""Every assignment of random busy weeks, judged by a referee who knows only the rules and the ledger."""

from __future__ import annotations

import random
from typing import Any

import pytest

from simfunnel.plan.model import Plan
from tests.traces.harness import Typed, trace
from tests.traces.referee import Referee

CALENDARS: list[Any] = [
    "always",
    {"days": "Mon-Sun", "hours": "09:00-17:00"},
    {"days": "Mon-Fri", "hours": "08:00-12:00, 13:00-18:00"},
]


def busy_week(luck: random.Random) -> Typed:
    """A scenario of ten days in which two or three channels, two stages and few reps meet most rules of the queue
    at once.
    """
    names = ["a", "b", "c"][: luck.choice([2, 3])]
    channels = {name: _channel(luck) for name in names}
    one_pool = luck.random() < 0.6
    stages: list[Typed] = [
        {"name": "call", "effort": _work(luck), "conversion": "60%", "wait": luck.choice(["0 hours", "1 hour"])},
        {
            "name": "demo",
            "effort": _work(luck),
            "conversion": "50%",
            "wait": luck.choice(["0 hours", "90 minutes", "1 day"]),
        },
    ]
    if luck.random() < 0.5:
        stages[1]["no_show"] = "30%"
    if luck.random() < 0.3:
        stages[0]["no_show"] = "20%"
    if luck.random() < 0.5:
        stages[1] |= {
            "otherwise": {"postponed": "40%", "lost": "60%"},
            "postponed_for": luck.choice(["8 hours", "2 days"]),
        }
    if luck.random() < 0.5:
        stages[0]["otherwise"] = {"nurture": "70%", "lost": "30%"}
    pools = {"desk": _pool(luck, ["call", "demo"] if one_pool else ["call"], names)}
    if not one_pool:
        pools["closers"] = _pool(luck, ["demo"], names)
    return {
        "period": {"start": "2027-01-04", "days": 10, "run_in": "4 days"},
        "calendar": luck.choice(CALENDARS),
        "channels": channels,
        "qualification": {"threshold": 45, "near_miss": 10},
        "acceptance": {"rate": "80%", "effort": "30 minutes"},
        "handoff": {"default": luck.choice([{"instant": True}, {"delay": "2 hours"}, {"batch": "daily 09:00, 13:00"}])},
        "pools": pools,
        "stages": stages,
        "nurture": {"delay": "1 day", "score_lift": 8, "opt_out": "10%", "cycles": 2, "patience": "9 hours"},
    }


def changes(luck: random.Random, scenario: Typed) -> Typed:
    """A what-if that reorganises the teams while everything is in flight."""
    typed = scenario["pools"]["desk"]
    change: Typed = {"pools.desk.reps": luck.choice(["1 more", "2 more"])}
    if luck.random() < 0.5:
        change["pools.desk.structure"] = luck.choice(["pooled", "dedicated"])
    if luck.random() < 0.5:
        change["pools.desk.routing"] = luck.choice(["shared queue", "round robin", "random"])
    if luck.random() < 0.5 and typed["open_deals"] != "in turn":
        change["pools.desk.discipline"] = luck.choice(["fifo", "newest first", "highest score first"])
    if luck.random() < 0.3:
        change["pools.desk.queue_limit"] = 2
    if luck.random() < 0.3 and typed["structure"] != "hybrid":  # an overflow timer keeps the hours it began with
        change["pools.desk.calendar"] = luck.choice(CALENDARS)
    if luck.random() < 0.5:
        change["channels.a.patience"] = "3 hours"
    return change


def _channel(luck: random.Random) -> Typed:
    typed: Typed = {"deal_value": 1000, "patience": luck.choice(["none", "4 hours", "20 hours"])}
    if luck.random() < 0.5:
        typed["lists"] = {"every": luck.choice(["6 hours", "9 hours"]), "size": luck.choice([3, 5])}
    else:
        typed["leads"] = f"{luck.choice([60, 120])} / week"
    return typed


def _work(luck: random.Random) -> Any:
    return luck.choice(["1 hour", "2 hours", {"mean": "1 hour", "cv": 0.8}])


def _pool(luck: random.Random, stages: list[str], names: list[str]) -> Typed:
    structure = luck.choice(["pooled", "pooled", "dedicated", "hybrid"])
    discipline = luck.choice(["fifo", "newest first", "highest score first"])
    typed: Typed = {
        "stages": stages,
        "reps": len(names) + luck.choice([0, 1, 2]),
        "selling_time": "100%",
        "structure": structure,
        "discipline": discipline,
        "open_deals": luck.choice(["first", "last", "in turn"] if discipline == "fifo" else ["first", "last"]),
        "ownership": luck.choice(["pool", "rep"]),
        "hires": luck.choice([[], [{"on": "2027-01-06", "reps": 1}, {"on": "2027-01-09", "reps": -1}]]),
    }
    if structure == "hybrid":
        typed["overflow"] = {"after": luck.choice(["1 hour", "2 working hours"])}
    if luck.random() < 0.4:
        typed["routing"] = luck.choice(["round robin", "random"])
    if luck.random() < 0.4:
        typed["queue_limit"] = luck.choice([0, 1, 3])
    return typed


def complaints(plan: Plan, t: Any) -> list[str]:
    return [
        f"{plan.pools[pool]} {said}"
        for pool in range(len(plan.pools))
        for said in Referee(plan, t.ledger, pool, t.seed).complaints()
    ]


@pytest.mark.parametrize("seed", range(40))
def test_every_assignment_of_a_busy_week_follows_the_rules(seed: int) -> None:
    """Who starts with whom, who balks and who goes cold, at every instant; hundreds of instants a week, most of
    them tied.
    """
    t = trace(busy_week(random.Random(seed)), seed=seed)
    assert complaints(t.plan, t)[:3] == []
    assert len(t.ledger.tasks["lead"]) > 30


@pytest.mark.parametrize("seed", range(20))
def test_every_assignment_follows_the_rules_when_they_change_in_flight(seed: int) -> None:
    """The same weeks, reorganised at hour 0 and again three days later: queues formed anew, heads added, hours
    changed.
    """
    luck = random.Random(1000 + seed)
    scenario = busy_week(luck)
    later = changes(luck, scenario) | {"from": "2027-01-07"}
    scenario["what_ifs"] = {"now": changes(luck, scenario), "later": later}
    t = trace(scenario, ["now", "later"], seed=seed)
    assert len(t.plan.phases) == 3
    assert complaints(t.plan, t)[:3] == []
