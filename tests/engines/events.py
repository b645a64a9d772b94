"""Kinds of events that a plan and its ledger tell: who was ready, served, helped, moved or gone, and ties."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from simfunnel.arrays import Array, Bools
from simfunnel.ledger import Ledger
from simfunnel.ledger import columns as c
from simfunnel.plan.model import HYBRID, OWNED_BY_REP, Plan


class Seen:
    """A ledger's tasks beside the plan; columns of equal length, in the ledger's order."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self.plan, self.ledger = plan, ledger

    def task(self, name: str) -> Array:
        """A column of the tasks."""
        return self.ledger.tasks[name]

    @cached_property
    def before(self) -> Array:
        """The decision of the same lead's task before; PENDING where there is none."""
        lead, decision = self.task("lead"), self.task("decision")
        found = np.full(len(lead), c.PENDING)
        found[1:] = np.where(lead[1:] == lead[:-1], decision[:-1], c.PENDING)
        return found

    @cached_property
    def phase(self) -> Array:
        """Phase in which each task started or, if it did not, joined."""
        at = np.fmax(self.task("started"), self.task("entered"))
        return np.maximum(np.searchsorted(self.plan.switches_h, at, side="right") - 1, 0)

    @cached_property
    def joined(self) -> Bools:
        """Joined a queue."""
        return ~np.isnan(self.task("queued"))

    @cached_property
    def first(self) -> Bools:
        """First row of its lead, pass and pool."""
        key = list(zip(*(self.task(name).tolist() for name in ("lead", "pass", "pool")), strict=True))
        known: set[Any] = set()
        return np.array([not (one in known or known.add(one)) for one in key], bool)

    def after(self, decision: int) -> bool:
        """Whether a task joined a queue after one of its lead that ended so."""
        return bool((self.joined & (self.before == decision)).any())

    def rules(self, row: int) -> Any:
        """The pool's rules when a task started."""
        return self.plan.phases[self.phase[row]].pools[self.task("pool")[row]]

    def by_reps(self) -> list[int]:
        """Rows of tasks that a numbered rep started."""
        return np.flatnonzero((self.task("rep") >= 0) & ~np.isnan(self.task("started"))).tolist()

    @cached_property
    def leaves(self) -> dict[tuple[int, int], float]:
        """When each rep leaves, by pool and number."""
        roster = self.plan.roster
        keys = zip(roster.pool.tolist(), roster.number.tolist(), strict=True)
        return dict(zip(keys, roster.leaves_h.tolist(), strict=True))

    def rep(self, row: int) -> tuple[int, int]:
        """(pool, number) of who did a task."""
        return int(self.task("pool")[row]), int(self.task("rep")[row])

    def again(self) -> list[tuple[int, int]]:
        """Pairs of a lead's consecutive tasks in one pool that reps own in the phase of the later."""
        rows, pairs = self.by_reps(), []
        last: dict[Any, int] = {}
        for row in rows:
            key = tuple(int(self.task(name)[row]) for name in ("lead", "pass", "pool"))
            if key in last and self.rules(row).ownership == OWNED_BY_REP == self.rules(last[key]).ownership:
                pairs.append((last[key], row))
            last[key] = row
        return pairs


def _helped(s: Seen) -> bool:
    """A rep of another team took a task."""
    roster = s.plan.roster
    position = dict(zip(zip(roster.pool.tolist(), roster.number.tolist(), strict=True), roster.position, strict=True))
    for row in s.by_reps():
        rules = s.rules(row)
        if rules.structure == HYBRID and rules.team_of[position[s.rep(row)]] != _channel(s, row):
            return True
    return False


def _channel(s: Seen, row: int) -> int:
    return int(s.ledger.leads["channel"][s.task("lead")[row]])


def _across(s: Seen, times: Array, since: str, until: str) -> bool:
    """Whether one of the times lies within a task's stay."""
    a, b = s.task(since), np.nan_to_num(s.task(until), nan=np.inf)
    return bool(any(((a < t) & (t < b)).any() for t in times))


def _shared(one: Array, other: Array) -> bool:
    """Whether the two hold the same instant."""
    return bool(np.intersect1d(one[~np.isnan(one)], other[~np.isnan(other)]).size)


def _repeated(times: Array) -> bool:
    kept = times[~np.isnan(times)]
    return bool(np.unique(kept).size < kept.size)


def _at_opening(s: Seen) -> bool:
    opens = np.concatenate([opens for opens, _ in s.plan.calendars] or [np.empty(0)])
    late = s.task("started") > s.task("queued")
    return _shared(s.task("started")[late], opens)


def _ended(s: Seen, decision: int) -> Array:
    return s.task("ended")[s.task("decision") == decision]


def _finished_after_leaving(s: Seen) -> bool:
    return any(s.task("started")[row] < s.leaves[s.rep(row)] < s.task("ended")[row] for row in s.by_reps())


EVENTS: dict[str, Callable[[Seen], bool]] = {
    "a lead of a campaign": lambda s: bool((s.ledger.leads["campaign"] >= 0).any()),
    "leads of a list come together": lambda s: _repeated(s.ledger.leads["created"]),
    "a lead open at the start, at the first stage": lambda s: any(group.stage == 0 for group in s.plan.opening),
    "a lead open at the start, further on": lambda s: any(group.stage > 0 for group in s.plan.opening),
    "open leads resampled": lambda s: bool(s.plan.opening) and len(s.plan.open_leads) > 0,
    "a hand-off takes time": lambda s: bool((s.ledger.passes["handed_off_at"] > s.ledger.passes["started"]).any()),
    "several handed off at one instant": lambda s: _repeated(s.ledger.passes["handed_off_at"]),
    "a hand-off outlasts the period": lambda s: bool(
        (np.isnan(s.ledger.passes["handed_off_at"]) & (s.ledger.passes["left_to"] == c.IN_PROGRESS)).any()
    ),
    "cold before the queue": lambda s: bool(
        (np.isnan(s.ledger.passes["handed_off_at"]) & (s.ledger.passes["left_to"] == c.P_COLD)).any()
    ),
    "cold in the queue": lambda s: bool((s.joined & (s.task("decision") == c.COLD)).any()),
    "cold in the wait after a no-show": lambda s: bool((~s.joined & (s.task("decision") == c.COLD)).any()),
    "cold in a later pass": lambda s: bool((s.task("pass")[s.task("decision") == c.COLD] > 1).any()),
    "balked in a later pass": lambda s: bool((s.task("pass")[s.task("decision") == c.BALKED_TASK] > 1).any()),
    "ready after a wait": lambda s: bool((s.joined & (s.task("queued") > s.task("entered"))).any()),
    "ready after advancing": lambda s: s.after(c.ADVANCED),
    "ready after a no-show": lambda s: s.after(c.NOBODY_THERE),
    "ready after sleep": lambda s: s.after(c.POSTPONED),
    "ready after nurture": lambda s: bool((s.joined & (s.task("pass") > 1)).any()),
    "ready after a move": lambda s: s.after(c.MOVED),
    "a no-show at the first stage": lambda s: bool(((s.task("kind") == c.NO_SHOW) & (s.task("stage") == 0)).any()),
    "moved while waiting in the queue": lambda s: bool((s.joined & (s.task("decision") == c.MOVED)).any()),
    "moved while waiting for the customer": lambda s: bool((~s.joined & (s.task("decision") == c.MOVED)).any()),
    "a stage that needs nobody": lambda s: bool((s.task("pool") < 0).any()),
    "reps without number": lambda s: bool(
        ((s.task("pool") >= 0) & (s.task("rep") < 0) & ~np.isnan(s.task("started"))).any()
    ),
    "started at an opening": _at_opening,
    "a task over a closing": lambda s: _across(
        s, np.concatenate([closes for _, closes in s.plan.calendars] or [np.empty(0)]), "started", "ended"
    ),
    "a switch while a task waits": lambda s: _across(s, s.plan.switches_h[1:], "queued", "started"),
    "a switch while a task is in hand": lambda s: _across(s, s.plan.switches_h[1:], "started", "ended"),
    "four phases": lambda s: len(s.plan.phases) >= 4,
    "a hire": lambda s: bool((s.plan.roster.joins_h > s.plan.start_h).any()),
    "a hire ramps up": lambda s: bool((s.plan.roster.ramp_days > 0).any()),
    "a leaver": lambda s: bool(np.isfinite(s.plan.roster.leaves_h).any()),
    "a leaver finishes the task in hand": _finished_after_leaving,
    "another team helps": _helped,
    "the owner goes on": lambda s: any(s.rep(a) == s.rep(b) for a, b in s.again()),
    "another takes over from an owner who left": lambda s: any(
        s.rep(a) != s.rep(b) and s.leaves[s.rep(a)] <= s.task("started")[b] for a, b in s.again()
    ),
    "two start at one instant": lambda s: _repeated(s.task("started")),
    "two join at one instant": lambda s: _repeated(s.task("queued")),
    "two end at one instant": lambda s: _repeated(s.task("ended")[s.joined]),
    "one joins as another ends": lambda s: _shared(s.task("queued")[s.before == c.PENDING], s.task("ended")),
    "one goes cold as another is served": lambda s: _shared(_ended(s, c.COLD), s.task("started")),
    "one balks as another is served": lambda s: _shared(_ended(s, c.BALKED_TASK), s.task("started")),
    "one is served at a switch": lambda s: _shared(s.task("started"), s.plan.switches_h[1:]),
    "in hand at the end": lambda s: bool((~np.isnan(s.task("started")) & np.isnan(s.task("ended"))).any()),
    "in the queue at the end": lambda s: bool(
        (s.joined & np.isnan(s.task("started")) & np.isnan(s.task("ended"))).any()
    ),
    "waiting for the customer at the end": lambda s: bool((~s.joined & (s.task("decision") == c.PENDING)).any()),
}


def in_run(plan: Plan, ledger: Ledger) -> set[str]:
    """The kinds of events of one run."""
    seen = Seen(plan, ledger)
    return {name for name, happened in EVENTS.items() if happened(seen)}
