"""Small funnels with luck in every step, and how they are simulated here: always through the ledger's checks."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simfunnel.arrays import Array
from simfunnel.engine import simulate
from simfunnel.ledger import Ledger, checks
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import Plan
from simfunnel.scenario import parse, phases_of

Typed = dict[str, Any]

BUSY: Typed = {
    "period": {"start": "2027-01-04", "weeks": 8, "run_in": "4 weeks"},
    "calendar": {"days": "Mon-Fri", "hours": "09:00-17:00"},
    "channels": {
        "web": {
            "leads": "60 / week",
            "deal_value": {"median": "9k", "p90": "30k"},
            "patience": {"median": "2 days"},
            "quality": 0.1,
        },
        "chat": {
            "leads": "30 / week",
            "deal_value": {"prices": {"5k": "60%", "20k": "40%"}},
            "patience": {"median": "4 hours"},
            "hours_of_week": "business",
            "quality": 0.3,
        },
    },
    "score": {"mean": 50, "sd": 20, "accuracy": "good"},
    "qualification": {"threshold": 50, "near_miss": 10},
    "acceptance": {"rate": "70%", "rejected_to": "nurture"},
    "handoff": {"default": {"delay": {"median": "2 hours", "p90": "9 hours"}, "leak": "3%"}},
    "pools": {
        "SDR": {"stages": ["call"], "reps": 3, "selling_time": "60%"},
        "AE": {"stages": ["close"], "reps": 2, "selling_time": "60%", "ownership": "rep"},
    },
    "stages": [
        {"name": "call", "effort": {"mean": "1 hour", "cv": 0.8}, "conversion": "50%", "no_show": "10%",
         "otherwise": {"nurture": "40%", "lost": "60%"}},
        {"name": "close", "effort": {"mean": "2 hours", "cv": 0.6}, "wait": {"median": "5 days"}, "conversion": "40%",
         "otherwise": {"postponed": "30%", "lost": "70%"}, "postponed_for": {"median": "10 days"}},
    ],
    "nurture": {"delay": {"median": "10 days"}, "score_lift": {"mean": 6, "sd": 8}, "opt_out": "10%", "cycles": 2},
}  # fmt: skip


def changed(base: Mapping[str, Any], **paths: Any) -> Typed:
    """A copy of `base` with values put at paths written with two underscores between names."""
    text = copy.deepcopy(dict(base))
    for path, value in paths.items():
        *parents, last = path.split("__")
        place: Any = text
        for name in parents:
            place = place[name]
        place[last] = value
    return text


def plan_of(typed: Mapping[str, Any], what_ifs: Sequence[str] = (), start: Any = "period") -> Plan:
    """The plan of a scenario by selection integrals alone: good enough where rates need not be met."""
    scenario = parse(typed)
    spec = phases_of(scenario, what_ifs, start)
    return compile_plan(spec, static_calibration(spec.base))


def lived(plan: Plan, replication: int = 0, seed: int = 1) -> Ledger:
    """One replication, checked."""
    ledger = simulate(plan, seed, replication)
    checks.check(plan, ledger)
    return ledger


def same_bytes(a: Ledger, b: Ledger) -> bool:
    """Whether two ledgers are equal to the bit, nan for nan."""
    return all(
        a.table(table)[name].tobytes() == b.table(table)[name].tobytes()
        for table in ("leads", "passes", "tasks", "entries", "reps", "queues")
        for name in a.table(table)
    )


def won_value(ledger: Ledger) -> float:
    """Value of the leads won, whenever."""
    return float(ledger.leads["value"][ledger.leads["outcome"] == 1].sum())


def rows_of(ledger: Ledger, channel: int, columns: Sequence[str]) -> dict[int, tuple[float, ...]]:
    """Columns of a channel's leads, by identity."""
    mine = np.flatnonzero(ledger.leads["channel"] == channel)
    values: list[Array] = [ledger.leads[name][mine] for name in columns]
    return dict(zip(ledger.leads["id"][mine].tolist(), zip(*(v.tolist() for v in values), strict=True), strict=True))
