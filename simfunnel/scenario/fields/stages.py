"""The way of a lead through sales: its hand-off, the stages in order, and the leads open at them when a period starts.

How leads travel to sales, how long that takes, and what the delay does to their odds; the pipeline with which a period
starts is typed by channel, stage and age, or read from a CSV file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ValidationInfo, field_validator

from simfunnel.calendars import parse_weekly_times
from simfunnel.scenario.fields.field import (
    FACTOR,
    FieldError,
    Model,
    NoneIsZero,
    NonNegativeNumber,
    PositiveCount,
    PositiveFactor,
    Reads,
    Share,
    Text,
    VolumeValue,
    belief,
    either,
    fact,
    filled,
    lever,
    number,
    one_of,
    refuse_shape,
    refused_at,
)
from simfunnel.scenario.fields.values import DurationDist, Time, TimeOrNone, Wait
from simfunnel.scenario.read.folder import Folder, cell_text
from simfunnel.theory.visit import Visit
from simfunnel.units import Duration, parse_duration, parse_factor, significant

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


def read_elapsed_hours(key: object) -> float:
    """Read a duration by the clock as hours; FieldError for working time."""
    duration = parse_duration(str(key))
    if duration.working:
        raise FieldError("is working time", "write elapsed time, e.g. 24 hours: customers wait at night too")
    return duration.hours()


_TABLE = {"type": "object", "additionalProperties": {"type": ["number", "string"]}, "minProperties": 1}
Batch = Annotated[tuple[tuple[int, int], ...], Reads(read_batch, {"type": "string", "title": "e.g. Mon,Thu 09:00"})]
_POINT = Reads(_positive, {"type": ["number", "string"]}, span=FACTOR)
HourOdds = Annotated[Points, Reads(read_points(read_elapsed_hours, "duration"), _TABLE, items=_POINT)]
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


QUALITY_ODDS = 1.8


class Otherwise(Model):
    """Where leads go that do not advance, as shares."""

    nurture: Share = lever("into nurture", "40%", default=0.0)
    postponed: Share = lever("asleep for a time, then back to the same stage", "25%", default=0.0)
    lost: Share = lever("closed as lost", "60%", default=0.0)

    def check_fields(self) -> None:
        """Refuse shares that do not add up to 1."""
        total = math.fsum((self.nurture, self.postponed, self.lost))
        if abs(total - 1.0) > 1e-9:
            parts = " + ".join(f"{name} {significant(getattr(self, name), 6)}" for name in type(self).model_fields)
            raise FieldError(
                f"shares add up to {significant(total, 6)} ({parts})",
                "they must add up to 1: raise or lower one of them",
            )


LOST = Otherwise(lost=1.0)


class Stage(Model):
    """One stage: the customer's wait, the rep's task, and the decision at its end."""

    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("effort", "capacity"),)

    name: Text = lever("name of the stage", "discovery")
    effort: TimeOrNone | None = lever(
        "work per task; 45 minutes at the first stage, 3 hours at the last, 60 minutes between, cv 0.8",
        {"mean": "45 minutes", "cv": 0.8},
        default=None,
    )
    capacity: VolumeValue | None = lever("or tasks that one rep can do in a time", "8 / business day", default=None)
    conversion: Share = belief("today's share of decisions that advance", "45%")
    quality_odds: PositiveFactor = belief(
        "odds of advancing of a lead one standard deviation better", 1.8, default=QUALITY_ODDS
    )
    wait: Wait | None = lever(
        "customer's time before the task, no rep held; from `cycle`, else 7 days on average",
        {"median": "5 days", "p90": "14 days"},
        default=None,
    )
    no_show: Annotated[Share, NoneIsZero] = lever(
        "share of tasks to which the customer does not come", "18%", default=0.0
    )
    no_show_effort: Share = lever("work that a no-show costs, as a share of the task's", "50%", default=0.5)
    otherwise: Otherwise = lever("where leads go that do not advance", {"nurture": "40%", "lost": "60%"}, default=LOST)
    postponed_for: Time | None = lever(
        "how long postponed deals sleep", {"median": "90 days", "p90": "200 days"}, default=None
    )
    handoff: Handoff | None = lever(
        "hand-off on entering, when the pool changes; at once, without leak, when not typed",
        {"delay": "1 day"},
        default=None,
    )

    def check_fields(self) -> None:
        """Refuse effort beside capacity, sleep without a length, and a stage to which no customer comes."""
        if self.effort is not None and self.capacity is not None:
            raise FieldError("is typed beside `effort`, which it determines", "keep one of the two", path=("capacity",))
        if self.otherwise.postponed > 0 and self.postponed_for is None:
            raise FieldError(
                "postpones leads but not for how long",
                "add postponed_for, e.g. postponed_for: {median: 90 days}",
                path=("otherwise", "postponed"),
            )
        if self.no_show >= 1.0:
            raise FieldError("means that no customer ever comes", "write a share below 100%", path=("no_show",))

    @property
    def visit(self) -> Visit:
        """What the stage does to a lead on one visit."""
        to = self.otherwise
        postponed_below = 1.0 if to.lost == 0.0 else to.nurture + to.postponed
        return Visit(self.no_show, self.no_show_effort, to.nurture, postponed_below)


NO_TIMES = ("", "none", "never", "off", "unlimited")
COLUMNS = ("channel", "stage", "count", "age")
NUMERIC = ("count", "age")
CORRECT = "correct that line"


class OpenLeads(Model):
    """Leads that are open at one stage when the period starts."""

    channel: Text = fact("their channel", "website")
    stage: Text = fact("the stage at which they are", "demo")
    count: PositiveCount = fact("how many", 40)
    age: Time = fact("how long they have been at this stage", {"median": "10 days"})

    @field_validator("age", mode="before")
    @classmethod
    def _age_is_a_time(cls, value: Any) -> Any:
        if value is None or (isinstance(value, str) and value.strip().lower() in NO_TIMES):
            raise FieldError("is no age", "write how long they have been at this stage, e.g. 10 days, or 0 days")
        return value


def read_opening(value: Any, info: ValidationInfo) -> Any:
    """Read the rows of a CSV file in the scenario's folder; anything else unchanged."""
    if not isinstance(value, str) or value == "none":
        return value
    if not value.lower().endswith(".csv"):
        raise FieldError(
            "is neither a list nor a CSV file",
            "write [{channel: ..., stage: ..., count: 40, age: 10 days}], or the name of a CSV file",
        )
    folder = (info.context or {}).get("folder", Folder())
    table = folder.table(value, COLUMNS, NUMERIC)
    rows, wrong = [], []
    for (line, cells), (_, typed) in zip(table.rows, table.typed, strict=True):
        try:
            rows.append(OpenLeads.model_validate(dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))))
        except ValueError as error:
            rule, remedy = str(error), CORRECT
            for mistake in getattr(error, "errors", list)()[:1]:  # the first, after the cell as typed
                cause = mistake.get("ctx", {}).get("error")
                where = str(mistake["loc"][0]) if mistake["loc"] else ""
                cell = cell_text(dict(zip(COLUMNS, typed, strict=True)).get(where, str(mistake["input"])))
                rule = f"{where} {cell}, {getattr(cause, 'rule', mistake['msg'])}"
                remedy = getattr(cause, "remedy", CORRECT)
            wrong.append((line, rule, remedy))
    if wrong:
        line, rule, remedy = wrong[0]
        others = len(wrong) - 1
        more = f", and others in {others} more line{'' if others == 1 else 's'}" if others else ""
        raise FieldError(f"has a mistake in line {line} ({rule}){more}", remedy)
    return rows


Opening = Annotated[tuple[OpenLeads, ...], BeforeValidator(read_opening)]
