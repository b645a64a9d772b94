"""The clock: a SimPy environment of absolute hours, in which what happens at one instant has an order."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy
from simpy.events import EventPriority

from simfunnel.engine.order import key_of

Steps = Generator[simpy.Event, Any, None]


class Hour(float):
    """An absolute hour where SimPy adds a delay to now: now + (t - now) is not always t."""

    def __radd__(self, now: float) -> float:
        return float(self)


class Moment(simpy.Event):
    """An hour that comes by itself, like SimPy's Timeout, with its place in the order of its instant."""

    def __init__(self, clock: Clock, t: float, kind: int, order: int) -> None:
        super().__init__(clock)
        self._ok, self._value = True, None
        clock.schedule(self, EventPriority(key_of(kind, order)), Hour(t))


class Clock(simpy.Environment):
    """Hours from the period's start. What SimPy itself schedules within an instant comes before all kinds but one:
    a process that starts and an event that succeeds go on at once, and no task ends at the instant at which it began.
    """

    def __init__(self, start_h: float, end_h: float) -> None:
        super().__init__(initial_time=start_h)
        self.end_h = end_h

    def until(self, t: float, kind: int, order: int) -> simpy.Event:
        """Return the event of hour `t`; what would happen at or after the end never happens."""
        return Moment(self, t, kind, order) if t < self.end_h else self.event()

    def call_at(self, t: float, kind: int, order: int, what: Callable[[], object]) -> None:
        """Call `what` at hour `t`."""
        callbacks: Any = self.until(t, kind, order).callbacks
        callbacks.append(lambda _: what())
