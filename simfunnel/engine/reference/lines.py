"""Reps and the lines in which tasks wait for them."""

from __future__ import annotations

from heapq import heappop
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simfunnel.engine.reference.lead import Lead

Ticket = tuple[int, float, int, int, "Lead"]  # class, key, lead order, ticket number, lead


class Rep:
    """One rep: place on the headcount, team, what is in hand, and the line of tasks only this rep may do."""

    __slots__ = (
        "busy",
        "here",
        "idle_since",
        "joined",
        "line",
        "number",
        "open",
        "position",
        "ramp_days",
        "start_at",
        "team",
        "waiting",
    )

    def __init__(self, number: int, position: int, joined: float, start_at: float, ramp_days: float) -> None:
        self.number, self.position, self.joined = number, position, joined
        self.start_at, self.ramp_days = start_at, ramp_days
        self.here, self.busy = True, False
        self.idle_since = joined
        self.team = 0
        self.open = 0  # leads owned, asleep ones not counted
        self.line: list[Ticket] = []
        self.waiting = 0  # first contacts in `line`


class Team:
    """One line and the free reps who look at it first."""

    __slots__ = ("free", "last_given", "line", "overdue", "reps", "waiting")

    def __init__(self) -> None:
        self.line: list[Ticket] = []
        self.overdue: list[Ticket] = []  # of `line` and of its reps' lines: may be taken by other teams too
        self.free: list[tuple[float, int, Rep]] = []
        self.reps: list[Rep] = []
        self.last_given = -1
        self.waiting = 0  # first contacts in `line`


def head_of(line: list[Ticket]) -> Ticket | None:
    """The first ticket in a line that is still good."""
    while line:
        entry = line[0]
        if entry[4].ticket == entry[3]:
            return entry
        heappop(line)
    return None
