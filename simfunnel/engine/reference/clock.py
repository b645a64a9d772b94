"""The clock: SimPy's environment with absolute times and the order of what happens within one instant.

One instant has five steps (docs/decisions/0004): completions; changes of the world (phase switches, headcount,
openings); tasks that become ready; assignment; patience. SimPy takes the order through an event's priority.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import Event

from simfunnel.engine.order import ASSIGNMENT, ASSIGNMENT_AGAIN, key_of

_BEFORE_ASSIGNMENT, _ANY_KIND = key_of(ASSIGNMENT, 0), key_of(ASSIGNMENT_AGAIN, 0)

Steps = Generator[Event, object, None]


class Alarm(Event):
    """An event that is used again and again: a lead waits for one thing at a time, always in the same way."""

    def __init__(self, env: Clock, value: object = None) -> None:
        self.env = env
        self.callbacks = []
        self._ok = True
        self._value = value

    def ring(self, value: object) -> None:
        """Let it happen now, within the current instant, without a detour through the event queue."""
        self._value = value
        for callback in self.callbacks:
            callback(self)


class Life(simpy.Process):
    """A SimPy process that waits for one alarm only: it starts at once, and its end is no event."""

    def __init__(self, env: Clock, steps: Steps, alarm: Alarm) -> None:
        self.env = env
        self.callbacks = []
        self._generator = steps
        alarm.callbacks = [self._resume]
        self._resume(alarm)

    def _resume(self, event: Event) -> None:
        """Go on to the next moment at which the lead waits; a fault in its life is raised where it happens."""
        try:
            self._generator.send(event._value)
        except StopIteration:
            event.callbacks = []


class Clock(simpy.Environment):
    """Hours from the period's start; events are pushed at absolute times because now + (t - now) is not always t."""

    now = 0.0  # instead of SimPy's property, which every step of a lead would call

    def __init__(self, start_h: float, end_h: float) -> None:
        super().__init__(initial_time=start_h)
        self.now, self.end_h = start_h, end_h

    def at(self, t: float, kind: int, order: int, event: Event) -> None:
        """Put an event at hour `t`; what would happen at or after the end never happens."""
        if t < self.end_h:
            priority: Any = key_of(kind, order)
            heappush(self._queue, (t, priority, next(self._eid), event))

    def until(self, alarm: Alarm, t: float, kind: int, order: int) -> Alarm:
        """Set a lead's alarm for hour `t`; a process yields it to wait until then."""
        if t < self.end_h:
            priority: Any = key_of(kind, order)
            heappush(self._queue, (t, priority, next(self._eid), alarm))
        return alarm

    def call_at(self, t: float, kind: int, order: int, what: Callable[[], None]) -> None:
        """Call `what` at hour `t`."""
        event = Alarm(self)
        event.callbacks = [lambda _: what()]
        self.at(t, kind, order, event)

    def run_to_the_end(self, settle: Callable[[], None]) -> None:
        """Run instant by instant; `settle` is the assignment of free reps, between what is ready and patience."""
        queue = self._queue
        settle()
        while queue:
            self.now = self._now = instant = queue[0][0]
            self._all_of(instant, _BEFORE_ASSIGNMENT)
            settle()
            if queue and queue[0][0] == instant:
                self._all_of(instant, _ANY_KIND)
                settle()

    def _all_of(self, instant: float, limit: int) -> None:
        """SimPy's `step` for the events of an instant below a priority; none can fail, and all are used again."""
        queue = self._queue
        while queue and queue[0][0] == instant and queue[0][1] < limit:
            event = heappop(queue)[3]
            for callback in event.callbacks:
                callback(event)
