"""Runs one tiny scenario without luck and reads its ledger aloud, so that a trace can be worked out by hand.

Hour 0 is Monday 2027-01-04, 00:00. Each channel brings one list of leads at a stated hour: the list's gap is longer
than half of the simulated time, so it comes exactly once. Nothing is drawn unless a trace asks for it: constants, 100%
and 0%.
"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from simfunnel import engine, streams
from simfunnel.ledger import Ledger, columns
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import Plan
from simfunnel.scenario import parse, phases_of
from tests.engines.agree import by_every_engine

MON, TUE, WED, THU, FRI, SAT, SUN, NEXT_MON = (24 * day for day in range(8))
NEVER_THERE = "99.9999999%"  # a customer who never comes may not be typed
RUN_IN_DAYS = 21
DAYS = 14
ALONE = "SIMFUNNEL_TRACES_BY"  # an engine that is judged by the traces' expectations and nothing else

Typed = dict[str, Any]
Row = tuple[Any, ...]


def at(hour: float, size: int = 1, **channel: Any) -> Typed:
    """A channel whose only leads are `size` that come together at `hour`."""
    return {"at": hour, "size": size, **channel}


def stage(name: str = "call", **typed: Any) -> Typed:
    """A stage: one hour of work that always advances, and a customer who is ready at once, unless said otherwise."""
    return {"name": name, "effort": "1 hour", "wait": "0 hours", "conversion": "100%", **typed}


def pool(*stages: str, **typed: Any) -> Typed:
    """A pool with one rep who sells all the time, unless said otherwise."""
    return {"stages": list(stages), "reps": 1, "selling_time": "100%", **typed}


def hours(amount: float, working: bool = False) -> str:
    """A duration as a planner types it."""
    return f"{amount!r} {'working ' if working else ''}hours"


def funnel(
    leads: Mapping[str, Typed],
    *,
    stages: Sequence[Typed] = (),
    pools: Mapping[str, Typed] | None = None,
    desk: Mapping[str, Any] | None = None,
    call: Mapping[str, Any] | None = None,
    start: str = "2027-01-04",
    days: int = DAYS,
    run_in_days: int = RUN_IN_DAYS,
    **sections: Any,
) -> Typed:
    """A scenario: everybody qualifies, arrives at once, is called for an hour by the one rep of `desk`, and wins.

    `desk` and `call` change that pool and that stage; `stages` and `pools` replace them (one pool `desk` serves all
    stages).
    """
    steps = [dict(typed) for typed in stages] or [stage(**(call or {}))]
    return {
        "period": {"start": start, "days": days, "run_in": f"{run_in_days} days"},
        "channels": {name: _channel(dict(typed), 24 * run_in_days) for name, typed in leads.items()},
        "qualification": {"threshold": -1000},
        "handoff": {"default": {"instant": True}},
        "pools": dict(pools) if pools else {"desk": pool(*(step["name"] for step in steps), **(desk or {}))},
        "stages": steps,
        **copy.deepcopy(sections),
    }


def _channel(typed: Typed, before: float) -> Typed:
    if "at" in typed:
        typed["lists"] = {"every": hours(before + typed.pop("at")), "size": typed.pop("size")}
    return {"deal_value": 1000, **typed}


def compiled(scenario: str | Typed, what_ifs: Sequence[str] = (), start: str | date = "period") -> Plan:
    """The plan of a scenario under what-ifs, with the base's constants by integrals."""
    spec = phases_of(parse(scenario), list(what_ifs), start)
    return compile_plan(spec, static_calibration(spec.base))


def trace(
    scenario: str | Typed,
    what_ifs: Sequence[str] = (),
    seed: int = 1,
    start: str | date = "period",
    replication: int = 0,
) -> Trace:
    """Simulate by every engine: each writes the same bytes, every lead is accounted for, Little's identity holds.

    If an engine is named in the environment, simulate by that one alone and check nothing: what fails then is what
    the trace expects.
    """
    plan = compiled(scenario, what_ifs, start)
    if alone := os.environ.get(ALONE):
        return Trace(plan, engine.simulate(plan, seed, replication, alone), seed, replication)
    return Trace(plan, by_every_engine(plan, seed, replication), seed, replication)


@dataclass(frozen=True)
class Trace:
    """A ledger with names for numbers; a lead is called by its channel, or `a1`, `a2`... when the channel has
    several.
    """

    plan: Plan
    ledger: Ledger
    seed: int
    replication: int

    def names(self) -> dict[str, int]:
        """Name of every lead -> its row, in lead order."""
        leads = self.ledger.leads
        rows = sorted(range(len(leads["id"])), key=lambda row: (leads["created"][row], leads["id"][row]))
        of_channel: dict[str, list[int]] = {}
        for row in rows:
            of_channel.setdefault(self.plan.channels[leads["channel"][row]], []).append(row)
        return {
            name if len(found) == 1 else f"{name}{k + 1}": row
            for name, found in of_channel.items()
            for k, row in enumerate(found)
        }

    def lead(self, name: str) -> SimpleNamespace:
        """The lead's row, with its outcome in words."""
        row = _record(self.ledger.leads, self.names()[name])
        row.outcome = columns.OUTCOMES[row.outcome]
        return row

    def closed(self, name: str) -> tuple[str, float | None]:
        """(outcome, hour at which it closed or None)."""
        row = self.lead(name)
        return row.outcome, row.closed_at

    def passes(self, name: str) -> list[SimpleNamespace]:
        """The lead's passes in order."""
        found = self._of("passes", name)
        for row in found:
            row.left_to = columns.LEFT_TO[row.left_to]
        return found

    def entries(self, name: str) -> list[Row]:
        """The lead's stays in nurture: (reason, entered, left, how it ended)."""
        return [
            (columns.REASONS[row.reason], row.entered, row.left_at, columns.ENTRY_ENDS[row.end])
            for row in self._of("entries", name)
        ]

    def tasks(self, name: str) -> list[Row]:
        """The lead's tasks: (stage, rep, queued, started, ended, decision), None for what never happened."""
        return [
            (self.plan.stages[row.stage], row.rep, row.queued, row.started, row.ended, columns.DECISIONS[row.decision])
            for row in self.work(name)
        ]

    def work(self, name: str) -> list[SimpleNamespace]:
        """The lead's task rows with all columns, in order."""
        return sorted(self._of("tasks", name), key=lambda row: (row.entered, row.stage))

    def served(self, name: str) -> tuple[int, float, float]:
        """(rep, started, ended) of the lead's first task."""
        row = self.work(name)[0]
        return row.rep, row.started, row.ended

    def rep_week(self, pool_name: str, rep: int, week: int = 0) -> SimpleNamespace:
        """Staffed, busy and open-lead hours of a rep in a week from the period's start."""
        reps = self.ledger.reps
        wanted = (self.plan.pools.index(pool_name), rep, week)
        rows = [k for k in range(len(reps["pool"])) if (reps["pool"][k], reps["rep"][k], reps["week"][k]) == wanted]
        assert len(rows) == 1, f"{len(rows)} rows for {wanted}"
        return _record(reps, rows[0])

    def luck(self, name: str, purpose: int, stage_name: str = "", count: int = 0) -> float:
        """The uniform that the lead meets for a purpose (MODEL 11)."""
        stage_hash = self.plan.stage_hash[self.plan.stages.index(stage_name)] if stage_name else 0
        lead_id = int(self.ledger.leads["id"][self.names()[name]])
        return float(streams.uniform(self.seed, self.replication, lead_id, purpose, stage_hash, count))

    def _of(self, table: str, name: str) -> list[SimpleNamespace]:
        found = self.ledger.table(table)
        return [_record(found, int(row)) for row in np.flatnonzero(found["lead"] == self.names()[name])]


def _record(table: Mapping[str, Any], row: int) -> SimpleNamespace:
    values = {name: column[row].item() for name, column in table.items()}
    return SimpleNamespace(**{k: None if isinstance(v, float) and math.isnan(v) else v for k, v in values.items()})
