"""Leads, reps and teams as they are while the clock runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
import simpy

from simfunnel.distributions import Dist, quantile_of
from simfunnel.ledger import columns as c
from simfunnel.streams import uniform

NAN = math.nan

Ticket = tuple[int, float, int, "Lead"]  # class, key, lead order: the lower the sooner; and the lead that waits


@dataclass(eq=False, slots=True)
class Rep:
    """One rep: place on the headcount, team, what is in hand, and the line of tasks only this rep may do."""

    number: int
    position: int
    joined: float
    start_at: float  # productivity on the first day
    ramp_days: float
    idle_since: float
    team: int = 0
    here: bool = True
    busy: bool = False
    open: int = 0  # leads owned, asleep ones not counted
    line: list[Ticket] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Team:
    """One line, and the reps who look at it first."""

    reps: list[Rep] = field(default_factory=list)
    line: list[Ticket] = field(default_factory=list)
    overdue: list[Ticket] = field(default_factory=list)  # of `line` and its reps' lines: other teams may help
    last_given: int = -1

    def idle(self) -> list[Rep]:
        """Return the free reps, the one idle longest first, then by number."""
        return sorted((rep for rep in self.reps if not rep.busy), key=attrgetter("idle_since", "number"))


@dataclass(eq=False, slots=True)
class Lead:
    """What is known of one lead while it lives; `row` is its place in lead order, a pool is its index, -1 for none."""

    seed: int
    replication: int
    row: int
    id: int
    channel: int
    quality: float
    noise: float  # e_S
    score: float
    entries: int
    # the pass
    pass_: int = 0
    pass_started: float = NAN
    handed_off: float = NAN
    gives_up: float = NAN
    contacted_at: float = NAN
    contacted_by: int = -1
    first_pool: int = -1
    accepted: int = -1
    assessment: float = NAN
    passed_stages: int = 0
    first_contact: bool = True  # nobody has reached it yet
    worked_in: int = -1  # the last pool that took a task of this pass
    # the task
    stage: int = 0
    pool: int = -1
    rep: Rep | None = None
    entered: float = NAN
    queued: float = NAN
    started: float = NAN
    ended: float = NAN
    task_effort: float = 0.0
    kind: int = c.WORK
    x: float = NAN
    decision: int = c.PENDING
    # while it waits in a queue
    waits: bool = False
    ticket: Ticket = field(init=False)
    home: int = 0  # team
    given_to: Rep | None = None  # whose line it is in, if not the team's
    served: simpy.Event = field(init=False)
    # the whole life
    open_in: int = -1  # the pool whose open work it is
    owners: dict[int, Rep] = field(default_factory=dict)  # by pool
    tasks: dict[int, int] = field(default_factory=dict)  # started, by stage
    waits_begun: dict[int, int] = field(default_factory=dict)  # by stage
    effort: float = 0.0
    wasted: float = 0.0

    def identity(self) -> Any:
        """Return the id as the type that rules with tables are compiled for."""
        return np.uint64(self.id)

    def luck(self, purpose: int, stage_hash: int, count: int) -> float:
        """Return the lead's keyed uniform number."""
        return uniform(self.seed, self.replication, self.id, purpose, stage_hash, count)

    def draw(self, dist: Dist, purpose: int, stage_hash: int, count: int) -> float:
        """Return the value of a distribution at the lead's keyed uniform number."""
        return quantile_of(dist, self.luck(purpose, stage_hash, count))

    def new_pass(self, started: float, handed_off: float, gives_up: float) -> None:
        """Begin a pass: a scoring has qualified the lead (again)."""
        self.pass_ += 1
        self.pass_started, self.handed_off, self.gives_up = started, handed_off, gives_up
        self.contacted_at, self.contacted_by, self.first_pool = NAN, -1, -1
        self.accepted, self.assessment = -1, NAN
        self.passed_stages, self.stage, self.first_contact, self.worked_in = 0, 0, True, -1
        self.new_task(handed_off)

    def new_task(self, entered: float) -> None:
        """Begin a task, open work from `entered` on; nothing of it has happened yet."""
        self.entered, self.queued, self.started, self.ended = entered, NAN, NAN, NAN
        self.task_effort, self.kind, self.x, self.decision = 0.0, c.WORK, NAN, c.PENDING
        self.rep = None
