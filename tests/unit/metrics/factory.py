"""Small plans and ledgers by hand: only what a test is about is named, everything else is plain.

Hour 0 is Friday 2027-01-01, 00:00; three calendar months (January, February, March); a run-in of four weeks.
Two channels (web, chat), one campaign (fair, of web), SDRs for discovery and AEs for proposal, always open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from simfunnel.distributions import Dist
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger.columns import TABLES
from simfunnel.plan import model as m
from simfunnel.plan.model import Plan

DAY = 24.0
JANUARY, FEBRUARY, MARCH = 0.0, 31 * DAY, 59 * DAY
END = 90 * DAY
RUN_IN = -28 * DAY
WEB, CHAT = 0, 1
SDR, AE = 0, 1
DISCOVERY, PROPOSAL = 0, 1

ZERO = Dist(0, 0.0)
NEVER = Dist(9, np.inf)
NONE = np.empty(0)
ALWAYS = (np.array([-1e7]), np.array([1e7]))

Row = dict[str, Any]

_USUAL: dict[str, Row] = {
    "leads": {"campaign": -1, "closed_at": np.nan, "value": 100.0, "outcome": 0},
    "passes": {
        "pass": 1, "score": 60.0, "handed_off_at": np.nan, "first_response_at": np.nan, "accepted": -1,
        "assessment": np.nan, "pool": -1, "rep": -1, "left_at": np.nan,
    },
    "tasks": {
        "pass": 1, "rep": -1, "entered": np.nan, "queued": np.nan, "started": np.nan, "ended": np.nan, "x": np.nan,
        "kind": 1,
    },
    "entries": {"entry": 1, "left_at": np.nan},
    "reps": {},
    "queues": {},
}  # fmt: skip


def calendar(*days: float, opens: float = 9.0, closes: float = 17.0) -> tuple[m.Floats, m.Floats]:
    """A calendar that is open on the given days (from day 0) between two hours."""
    start = np.array(days) * DAY
    return start + opens, start + closes


def rules(**changes: Any) -> m.PoolRules:
    """Rules of one pool: one shared fifo queue, no skills, no load; 240 a day for a rep."""
    usual: Row = {
        "calendar": 0, "unlimited": False, "selling_time": 1.0, "structure": m.POOLED, "routing": m.SHARED_QUEUE,
        "discipline": m.FIFO, "open_deals": m.OPEN_DEALS_FIRST, "ownership": m.OWNED_BY_POOL, "queue_limit": -1,
        "overflow_after": NEVER, "overflow_to": ((), ()), "team_of": np.array([-1, -1]),
        "own_log_odds": np.zeros(2), "own_time": np.ones(2), "skill_log_odds": np.zeros(2), "skill_time": np.ones(2),
        "load": m.Load(1.0, NONE, NONE, NONE, NONE), "cost_per_day": 240.0, "commission": 0.0,
    }  # fmt: skip
    return m.PoolRules(**{**usual, **changes})


def phase(**changes: Any) -> m.Phase:
    """Rules of one phase: threshold 60 on scores of 50 +- 20, everything else instant and certain."""
    way = m.Way(m.INSTANT, ZERO, NONE, 0.0)
    stage = m.StageRules(0.0, 0.0, ZERO, ZERO, m.Visit(0.0, 0.5, 0.0, 0.0), ZERO, way)
    usual: Row = {
        "start_h": RUN_IN, "home_pool": np.array([[SDR, AE], [SDR, AE]]), "quality_mean": np.zeros(2), "r_score": 0.5,
        "score_mean": 50.0, "score_per_unit": 20.0, "score_bias": np.zeros(2), "value": (ZERO, ZERO),
        "value_quality": np.zeros(2), "threshold": np.array([60.0, 60.0]), "near_miss": 0.0,
        "near_miss_to": m.TO_NURTURE,
        "below_to": m.TO_DISQUALIFIED, "accepts": True, "cut": 0.0, "r_assessment": 0.5, "a_score": 0.0, "a_noise": 0.8,
        "acceptance_effort": ZERO, "acceptance_share": -1.0, "rejected_to": m.TO_LOST, "handoff": (way, way),
        "patience": (NEVER, NEVER), "speed": (m.Speed(1.0, NONE, NONE),) * 2, "stages": (stage, stage),
        "pools": (rules(), rules(commission=0.1)), "nurtures": True, "nurture_delay": ZERO, "score_lift": ZERO,
        "quality_lift": ZERO, "opt_out": 0.0, "cycles": 2, "nurture_patience": NEVER, "nurture_cost": 4.0,
        "cost_per_lead": np.array([60.0, 25.0]),
    }  # fmt: skip
    return m.Phase(**{**usual, **changes})


def roster(*reps: tuple[int, float, float]) -> m.Roster:
    """Reps as (pool, joins, leaves), numbered and placed in their order within each pool."""
    pool = np.array([rep[0] for rep in reps], np.int64)
    number = np.array([sum(1 for other in reps[:k] if other[0] == rep[0]) for k, rep in enumerate(reps)], np.int64)
    joins, leaves = (np.array([rep[k] for rep in reps], np.float64) for k in (1, 2))
    return m.Roster(pool, number, number.copy(), joins, leaves, np.ones(len(reps)), np.zeros(len(reps)))


def plan(**changes: Any) -> Plan:
    """A plan; `phases`, `roster`, `clauses` and all other fields may be replaced."""
    usual: Row = {
        "channels": ("web", "chat"), "campaigns": ("fair",), "stages": ("discovery", "proposal"),
        "pools": ("SDR", "AE"),
        "stage_hash": (1, 2), "day_zero": (date(2027, 1, 1) - date(1970, 1, 1)).days, "first_day": -28, "n_days": 118,
        "start_h": RUN_IN, "end_h": END, "month_start_h": np.array([JANUARY, FEBRUARY, MARCH, END]),
        "switches_h": np.array([RUN_IN]), "phases": (phase(),), "sources": (), "profiles": np.ones((1, 10080)),
        "calendars": (ALWAYS,), "working_day_h": np.array([24.0]),
        "roster": roster((SDR, RUN_IN, np.inf), (SDR, RUN_IN, np.inf), (AE, RUN_IN, np.inf)), "opening": (),
        "open_leads": np.empty((0, 5)), "campaign_facts": (m.CampaignFacts(WEB, 500.0, 40),), "clauses": (),
        "target_revenue": np.nan, "currency": "USD",
    }  # fmt: skip
    return Plan(**{**usual, **changes})


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table of the ledger; what a row does not name is usual, else 0."""
    full = [{**_USUAL[name], **row} for row in rows]
    for row in full:
        unknown = set(row) - {column.name for column in TABLES[name]}
        assert not unknown, f"{name} has no {unknown}"
    return {c.name: np.array([row.get(c.name, 0) for row in full], dtype=c.dtype) for c in TABLES[name]}


def ledger(**rows: Sequence[Mapping[str, Any]]) -> Ledger:
    """A ledger from rows by table; leads get ids 1, 2, ... unless they name their own."""
    leads = [{"id": k + 1, **row} for k, row in enumerate(rows.get("leads", ()))]
    return Ledger(**{name: table(name, leads if name == "leads" else rows.get(name, ())) for name in TABLES})


def with_phases(base: Plan, *phases: m.Phase) -> Plan:
    """The same plan with other phases."""
    return dataclasses.replace(base, phases=phases, switches_h=np.array([one.start_h for one in phases]))
