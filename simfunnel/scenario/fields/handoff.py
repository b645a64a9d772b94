"""How leads travel to sales, how long that takes, and what the delay does to their odds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from simfunnel.calendars import parse_weekly_times
from simfunnel.scenario.fields.field import (
    FACTOR,
    FieldError,
    Model,
    NoneIsZero,
    NonNegativeNumber,
    Reads,
    Share,
    belief,
    either,
    filled,
    lever,
    number,
    one_of,
    refuse_shape,
    refused_at,
)
from simfunnel.scenario.fields.values import DurationDist, TimeOrNone
from simfunnel.units import Duration, parse_duration, parse_factor

Points = tuple[tuple[float, float], ...]


def read_batch(value: object) -> tuple[tuple[int, int], ...]:
    """Read (weekday, minute of the day) of every weekly hand-over, sorted; Monday is 0."""
    return value if isinstance(value, tuple) else parse_weekly_times(value)


def read_points(read_key: Callable[[Any], float], what: str) -> Callable[[object], Points]:
    """Make a reader of a table {x: factor} as points sorted by x; `read_key` reads x."""

    def read(value: object) -> Points:
        if isinstance(value, tuple):
            return value
        if not isinstance(value, Mapping) or not value:
            raise FieldError(f"is not a table of {what}", f"write {{{what}: factor, ...}}")
        points = []
        for key, factor in value.items():
            with refused_at(str(key), at_key=True):
                x = read_key(key)
            with refused_at(str(key)):
                points.append((x, _positive(factor)))
        points.sort()
        if any(a[0] == b[0] for a, b in pairwise(points)):
            raise FieldError("names a point twice", "keep one factor per point")
        return tuple(points)

    return read


def _positive(factor: object) -> float:
    refuse_shape(factor, "a factor", "0.6 or 60%")
    found = float(parse_factor(factor))
    if not 0 < found < math.inf:
        raise FieldError("is not above zero", "write odds or effort against those of 1.0, e.g. 0.6")
    return found


def _elapsed_hours(key: object) -> float:
    duration = parse_duration(str(key))
    if duration.working:
        raise FieldError("is working time", "write elapsed time, e.g. 24 hours: customers wait at night too")
    return duration.hours()


_TABLE = {"type": "object", "additionalProperties": {"type": ["number", "string"]}, "minProperties": 1}
Batch = Annotated[tuple[tuple[int, int], ...], Reads(read_batch, {"type": "string", "title": "e.g. Mon,Thu 09:00"})]
_POINT = Reads(_positive, {"type": ["number", "string"]}, span=FACTOR)
HourOdds = Annotated[Points, Reads(read_points(_elapsed_hours, "duration"), _TABLE, items=_POINT)]
LoadTable = Annotated[Points, Reads(read_points(number(0.0), "open leads per rep"), _TABLE, items=_POINT)]


class Handoff(Model):
    """The way leads travel (at once, after a delay or in batches), and the share that arrives nowhere."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("instant", "delay", "batch"),)

    instant: bool | None = lever("handed over at once", True, default=None)
    delay: TimeOrNone | None = lever(
        "or time that the hand-off takes", {"median": "3 hours", "p90": "1 day"}, "30 minutes", default=None
    )
    batch: Batch | None = lever("or handed over at set times", "Mon,Thu 09:00", "daily 09:00", default=None)
    leak: Annotated[Share | None, NoneIsZero] = lever(
        "share that gets lost on the way; 0% when not typed", "4%", default=None
    )

    def check_fields(self) -> None:
        """Refuse more than one way, and a way that is only denied."""
        typed = one_of(self.__dict__, ("instant", "delay", "batch"))
        if self.instant is False:
            raise FieldError("says only what it is not", "write a `delay` or a `batch` instead", path=("instant",))
        if len(typed) > 1:
            raise FieldError(f"names {len(typed)} ways ({', '.join(typed)})", "keep one of instant, delay and batch")

    def filled_from(self, other: Handoff) -> Handoff:
        """Return this hand-off with the way (when it types none) and the leak (when not typed) of `other`."""
        inherited: dict[str, object] = {} if self.leak is not None else {"leak": other.leak}
        if not one_of(self.__dict__, ("instant", "delay", "batch")):
            inherited |= {"instant": other.instant, "delay": other.delay, "batch": other.batch}
        return filled(self, inherited)


USUAL_WAY = Handoff(delay=DurationDist(median=Duration(3.0, "hour", False), p90=Duration(1.0, "day", False)), leak=0.0)


class Speed(Model):
    """What a late first contact does to the odds at the first stage."""

    strength: NonNegativeNumber | None = belief(
        "power to which the odds are raised; 0 is off, 1 when not typed", 0.5, default=None
    )
    odds: HourOdds | None = belief(
        "odds by time from the pass's start to its first contact; linear between, flat outside",
        {"0 hours": 1.0, "1 hour": 0.6, "24 hours": 0.2},
        default=None,
    )
