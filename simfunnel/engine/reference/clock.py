"""The clock: SimPy's environment with absolute times and the order of what happens within one instant.

One instant has five steps (docs/decisions/0004): completions; changes of the world (phase switches, headcount,
openings); tasks that become ready; assignment; patience. SimPy takes the order through an event's priority.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import cast

import simpy
from simpy.events import NORMAL, Event, EventPriority

COMPLETION, WORLD, READY, PATIENCE = 0, 1, 2, 4  # 3 is assignment: not an event, the clock calls `settle`
_KIND = 40  # priority = kind << 40 | order within the kind

Steps = Generator[Event, object, None]


class Alarm(Event):
    """An event that is used again and again: a lead waits for one thing at a time."""

    def __init__(self, env: Clock) -> None:
        self.env = env
        self.callbacks = []
        self._ok = True
        self._value = None

    def ring(self, value: object) -> None:
        """Let it happen now, within the current instant, without a detour through the event queue."""
        callbacks, self.callbacks = self.callbacks, []
        self._value = value
        for callback in callbacks:
            callback(self)


class Life(simpy.Process):
    """A process that starts in the very moment it is made, so that no extra event can come in between."""

    def __init__(self, env: Clock, steps: Steps, first: Alarm) -> None:
        self.env = env
        self.callbacks = []
        self._generator = steps
        self._target = first
        self._resume(first)


class Clock(simpy.Environment):
    """Hours from the period's start; events are pushed at absolute times because now + (t - now) is not always t."""

    def __init__(self, start_h: float, end_h: float) -> None:
        super().__init__(initial_time=start_h)
        self.end_h = end_h

    def at(self, t: float, kind: int, order: int, event: Event) -> None:
        """Put an event at hour `t`; what would happen at or after the end never happens."""
        if t < self.end_h:
            heappush(self._queue, (t, EventPriority(kind << _KIND | order), next(self._eid), event))

    def until(self, alarm: Alarm, t: float, kind: int, order: int) -> Alarm:
        """Set a lead's alarm for hour `t`; a process yields it to wait until then."""
        alarm.callbacks = []
        alarm._value = None
        if t < self.end_h:
            heappush(self._queue, (t, EventPriority(kind << _KIND | order), next(self._eid), alarm))
        return alarm

    def call_at(self, t: float, kind: int, order: int, what: Callable[[], None]) -> None:
        """Call `what` at hour `t`."""
        event = Alarm(self)
        event.callbacks = [lambda _: what()]
        self.at(t, kind, order, event)

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """A life that has ended has nobody waiting for it, so it needs no event; a fault in it is raised at once."""
        if not event.ok:
            raise cast(BaseException, event.value)
        if event.callbacks:
            super().schedule(event, priority, delay)

    def run_to_the_end(self, settle: Callable[[], None]) -> None:
        """Run instant by instant; `settle` is the assignment of free reps, between what is ready and patience."""
        queue = self._queue
        before_assignment = (PATIENCE - 1) << _KIND
        settle()
        while queue:
            instant = queue[0][0]
            while queue and queue[0][0] == instant and queue[0][1] < before_assignment:
                self._next()
            settle()
            if queue and queue[0][0] == instant:
                while queue and queue[0][0] == instant:
                    self._next()
                settle()

    def _next(self) -> None:
        """SimPy's `step` for events that cannot fail."""
        self._now, _, _, event = heappop(self._queue)
        callbacks, event.callbacks = event.callbacks, []
        for callback in callbacks:
            callback(event)
