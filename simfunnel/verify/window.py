"""What one replication of a small funnel shows: the tasks of a stage, waits, busy time, averages over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfunnel.errors import EngineError
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tasks:
    """The tasks of one stage, in the order in which they joined the queue; columns of equal length."""

    lead: NDArray[np.int64]
    channel: NDArray[np.int64]
    rep: NDArray[np.int64]
    queued: Floats
    started: Floats  # nan: never
    left: Floats  # the queue: started, gave up, or nan
    ended: Floats
    effort: Floats

    def where(self, rows: NDArray[Any]) -> Tasks:
        """The tasks of some rows."""
        return Tasks(*(column[rows] for column in vars(self).values()))

    @property
    def wait(self) -> Floats:
        """Hours in the queue, of whoever left it."""
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
        """All tasks of a stage that joined a queue, those of the run-in and of the end included."""
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
        """The tasks that joined the queue in the window; each of them has left it before the end."""
        tasks = self.tasks(stage)
        inside = (tasks.queued >= 0.0) & (tasks.queued < self.until)
        if channel is not None:
            inside &= tasks.channel == self.plan.channels.index(channel)
        tasks = tasks.where(inside)
        if np.isnan(tasks.left).any():
            raise EngineError(f"{int(np.isnan(tasks.left).sum())} tasks of the window were never taken nor given up")
        return tasks

    def created(self) -> int:
        """Leads created in the window."""
        created = self.ledger.leads["created"]
        return int(((created >= 0.0) & (created < self.until)).sum())

    def outcomes(self, *codes: int) -> int:
        """Leads that closed in the window with one of some outcomes."""
        leads = self.ledger.leads
        return int(
            (np.isin(leads["outcome"], codes) & (leads["closed_at"] >= 0) & (leads["closed_at"] < self.until)).sum()
        )

    def average(self, begins: Floats, ends: Floats) -> float:
        """Time average of how many of the intervals are open; nan: not over at the end."""
        inside = np.minimum(np.where(np.isnan(ends), np.inf, ends), self.until) - np.maximum(begins, 0.0)
        return float(np.maximum(inside, 0.0).sum()) / self.until

    def busy(self, reps: int, stage: int = 0) -> float:
        """Share of the reps' time with a task in hand."""
        tasks = self.tasks(stage)
        begun = ~np.isnan(tasks.started)
        ends = np.where(np.isnan(tasks.ended), self.plan.end_h, tasks.ended)
        return self.average(tasks.started[begun], ends[begun]) / reps

    def waiting(self, stage: int = 0) -> float:
        """Time average of the number in the queue."""
        tasks = self.tasks(stage)
        return self.average(tasks.queued, tasks.left)

    def twin(self, speed: float, stage: int = 0, *, own_queues: bool = False) -> float:
        """Mean wait of the same tasks at one rep `speed` times as fast, or each rep so much faster (Lindley 1952)."""
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
