"""Small funnels that have exact answers, and the window in which they are measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simfunnel.arrays import Array, Floats, Ints
from simfunnel.errors import EngineError
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of

Typed = dict[str, Any]


def funnel(channels: Mapping[str, Typed], stages: Sequence[Typed], *, days: int, run_in: int, **sections: Any) -> Typed:
    """Return a scenario in which everybody qualifies and arrives at once, day and night, unless `sections` differ."""
    return {
        "period": {"start": "2027-01-04", "days": days, "run_in": f"{run_in} days"},
        "calendar": "always",
        "channels": {name: {"day_to_day_swing": 0, "deal_value": 1000, **typed} for name, typed in channels.items()},
        "qualification": {"threshold": -1_000_000},
        "handoff": {"default": {"instant": True}},
        "stages": [{"wait": "0 hours", "conversion": "100%", "quality_odds": 1, **typed} for typed in stages],
        **sections,
    }


def desk(
    leads: str | Mapping[str, Typed],
    reps: int,
    effort: Any,
    *,
    days: int,
    run_in: int,
    pool: Typed | None = None,
    **more: Any,
) -> Typed:
    """Return one pool that works one stage all the time. `leads` is the volume of the only channel, or the channels."""
    channels = {"leads": {"leads": leads}} if isinstance(leads, str) else leads
    patience = more.pop("patience", None)
    if patience is not None:
        channels = {name: {**typed, "patience": patience} for name, typed in channels.items()}
    pools = {"desk": {"stages": ["call"], "reps": reps, "selling_time": "100%", **(pool or {})}}
    call = {"name": "call", "effort": effort, **more.pop("call", {})}
    return funnel(channels, [call], days=days, run_in=run_in, pools=pools, **more)


def minutes(mean: float) -> Typed:
    """Return an exponential duration."""
    return {"mean": f"{mean!r} minutes"}


def hours(mean: float) -> Typed:
    """Return an exponential duration."""
    return {"mean": f"{mean!r} hours"}


def plan_of(
    scenario: Typed | str, what_ifs: Sequence[str] = (), start: Literal["period", "settled"] = "period"
) -> Plan:
    """Return the plan of a scenario under what-ifs, with the base's constants by integrals."""
    spec = phases_of(parse(scenario), list(what_ifs), start)
    return compile_plan(spec, static_calibration(spec.base))


@dataclass(frozen=True)
class Tasks:
    """The tasks of one stage, in the order in which they joined the queue; columns of equal length."""

    lead: Ints
    channel: Ints
    rep: Ints
    queued: Floats
    started: Floats  # nan: never
    left: Floats  # the queue: started, gave up, or nan
    ended: Floats
    effort: Floats

    def where(self, rows: Array) -> Tasks:
        """Return the tasks of some rows."""
        return Tasks(*(column[rows] for column in vars(self).values()))

    @property
    def wait(self) -> Floats:
        """Hours in the queue, of the tasks that left it."""
        return self.left - self.queued

    @property
    def served(self) -> Floats:
        """Hours in the queue, of those whom a rep took."""
        return (self.started - self.queued)[~np.isnan(self.started)]


@dataclass(frozen=True)
class Window:
    """A replication seen between the period's start and `until`, hours later, before which all that joined is done."""

    plan: Plan
    ledger: Ledger
    seed: int
    replication: int
    until: float

    def tasks(self, stage: int = 0) -> Tasks:
        """Return all tasks of a stage that joined a queue, those of the run-in and of the end included."""
        t = self.ledger.tasks
        rows = np.flatnonzero((t["stage"] == stage) & ~np.isnan(t["queued"]))
        rows = rows[np.lexsort((t["lead"][rows], t["queued"][rows]))]
        left = np.where(np.isnan(t["started"][rows]), t["ended"][rows], t["started"][rows])
        lead = t["lead"][rows].astype(np.int64)
        channel = self.ledger.leads["channel"][lead].astype(np.int64)
        rep = t["rep"][rows].astype(np.int64)
        return Tasks(
            lead, channel, rep, t["queued"][rows], t["started"][rows], left, t["ended"][rows], t["effort"][rows]
        )

    def joined(self, stage: int = 0, channel: str | None = None) -> Tasks:
        """Return the tasks that joined the queue in the window; each of them has left it before the end."""
        tasks = self.tasks(stage)
        inside = (tasks.queued >= 0.0) & (tasks.queued < self.until)
        if channel is not None:
            inside &= tasks.channel == self.plan.channels.index(channel)
        tasks = tasks.where(inside)
        if np.isnan(tasks.left).any():
            raise EngineError(f"{int(np.isnan(tasks.left).sum())} tasks of the window were never taken nor given up")
        return tasks

    def created(self) -> int:
        """Return leads created in the window."""
        created = self.ledger.leads["created"]
        return int(((created >= 0.0) & (created < self.until)).sum())

    def outcomes(self, *codes: int) -> int:
        """Return leads that closed in the window with one of some outcomes."""
        leads = self.ledger.leads
        return int(
            (np.isin(leads["outcome"], codes) & (leads["closed_at"] >= 0) & (leads["closed_at"] < self.until)).sum()
        )

    def average(self, begins: Floats, ends: Floats) -> float:
        """Return the time average of how many of the intervals are open; nan: not over at the end."""
        inside = np.minimum(np.where(np.isnan(ends), np.inf, ends), self.until) - np.maximum(begins, 0.0)
        return float(np.maximum(inside, 0.0).sum()) / self.until

    def busy(self, reps: int, stage: int = 0) -> float:
        """Return the share of the reps' time with a task in hand."""
        tasks = self.tasks(stage)
        begun = ~np.isnan(tasks.started)
        ends = np.where(np.isnan(tasks.ended), self.plan.end_h, tasks.ended)
        return self.average(tasks.started[begun], ends[begun]) / reps

    def waiting(self, stage: int = 0) -> float:
        """Return the time average of the number in the queue."""
        tasks = self.tasks(stage)
        return self.average(tasks.queued, tasks.left)

    def twin(self, speed: float, stage: int = 0, *, own_queues: bool = False) -> float:
        """Return the mean wait of the same tasks at one rep `speed` times as fast, or each rep so much faster (Lindley
        1952)."""
        tasks = self.tasks(stage)
        wait = np.empty(tasks.queued.size)
        for rep in np.unique(tasks.rep) if own_queues else (None,):
            own = np.flatnonzero(tasks.rep == rep) if own_queues else np.arange(tasks.queued.size)
            net = tasks.effort[own[:-1]] / speed - np.diff(tasks.queued[own])
            walk = np.concatenate(([0.0], np.cumsum(net)))
            wait[own] = walk - np.minimum.accumulate(walk)
        return float(wait[(tasks.queued >= 0.0) & (tasks.queued < self.until)].mean())

    def without_queue(self, joined: Floats, effort: Floats, reps: int) -> tuple[float, float]:
        """If every task started when it joined: (share of time with at least `reps` at work, mean number above)."""
        events = np.concatenate((joined, joined + effort))
        order = np.argsort(events, kind="stable")
        number = np.cumsum(np.repeat((1, -1), joined.size)[order])
        edges = np.clip(np.append(events[order], self.until), 0.0, self.until)
        share = np.diff(edges) / self.until
        return float(share[number >= reps].sum()), float((np.maximum(number - reps, 0) * share).sum())
