"""The scenario as the planner means it: every part validated, every default in place, nothing computed yet."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import PrivateAttr, model_validator

from simfunnel.calendars.dates import ReportingMonth, months_from
from simfunnel.distributions import mean
from simfunnel.errors import Problem
from simfunnel.scenario.change.what_if import WhatIf
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.calendars import CalendarSpec, FiscalYear, Period
from simfunnel.scenario.fields.field import (
    DEFAULT,
    DurationValue,
    FieldError,
    Model,
    NoneOfThem,
    Off,
    Readings,
    Reads,
    Text,
    belief,
    fact,
    filled,
    lever,
)
from simfunnel.scenario.fields.pools import Pool, Skill
from simfunnel.scenario.fields.qualification import Acceptance, Nurture, Qualification, Score
from simfunnel.scenario.fields.sla import Sla, Target
from simfunnel.scenario.fields.stages import USUAL_WAY, Handoff, Opening, Speed, Stage
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.ranges.ranges import TypedRange
from simfunnel.scenario.read.folder import Folder
from simfunnel.scenario.read.source import Places
from simfunnel.units import Duration

USUAL_WAIT = DurationDist(mean=Duration(7.0, "day", False))
ELAPSED_BUSINESS_DAY = 24.0 * 7.0 / 5.0  # a customer's business day in elapsed hours, over a whole week


def read_currency(value: object) -> str:
    """Read a three-letter currency code."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{3}", value):
        raise FieldError("is not a currency code", "write three letters, e.g. USD, EUR or GBP")
    return value.upper()


Currency = Annotated[str, Reads(read_currency, {"type": "string", "pattern": "^[A-Za-z]{3}$"})]
WhatIfs = Annotated[
    dict[str, WhatIf],
    Reads(
        lambda found: found,  # made by the loader, and shared by all phases
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    {"type": "object"},
                    {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}},
                ]
            },
        },
    ),
]


@dataclass(frozen=True)
class Assumption:
    """A default that was taken: where, what stands there now, and why this value."""

    path: str
    value_text: str
    why: str


@dataclass(frozen=True)
class Origin:
    """Where a scenario comes from: the plain values as typed (after `extends` and `--set`), the file and its places.

    `readings`: what blocks of the scenario as loaded were read as.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
    sha256: str = ""
    places: Places = field(default_factory=Places)
    folder: Folder = field(default_factory=Folder)
    readings: Readings = field(default_factory=Readings, compare=False)
    unfit: frozenset[str] = frozenset()  # what-ifs that today, as it stands, leaves nothing to change


class Scenario(Model):
    """A lead funnel as its planner describes it; a value, never changed after loading."""

    title: Text = fact("what results are headed with", "Our inbound funnel", default="Untitled funnel")
    currency: Currency = fact("currency code of all amounts", "USD", default="USD")
    period: Period = fact("the days that results are about", {"start": "2027-01-04"})
    fiscal_year: Annotated[FiscalYear | None, Off] = fact(
        "the year whose periods results are shown by instead of by months; an sla is judged by calendar months", "apr",
        {"first_day": "2027-02-01", "weeks": "4-4-5"}, default=None,
    )  # fmt: skip
    calendar: CalendarSpec = lever("opening hours of all teams", default=CalendarSpec())
    cycle: Annotated[DurationValue | None, Off] = lever(
        "usual time from lead to win, shared over the waits of later stages that type none", "60 days", default=None
    )
    channels: dict[str, Channel] = lever(
        "where leads come from, by name", {"website": {"leads": "60 / week", "deal_value": "9k"}}
    )
    score: Score = lever("marketing's score", default=Score())
    qualification: Qualification = lever("who becomes an MQL", {"mql_rate": "30%"})
    acceptance: Annotated[Acceptance | None, Off] = lever(
        "sales' judgement at the first contact; everyone is accepted when not typed", "60%", default=None
    )
    handoff: dict[str, Handoff] = lever("from marketing to sales, by channel or default", default={})
    speed_to_lead: Annotated[dict[str, Speed] | None, Off] = belief(
        "what a late first contact does to the odds at the first stage, by channel or default", default=None
    )
    pools: dict[str, Pool] = lever("teams by name; a stage without a team needs no rep", default={})
    skills: Annotated[dict[str, dict[str, Skill]], NoneOfThem] = lever(
        "what reps of a pool do better or worse with leads of a channel, by pool and channel (or default)",
        {"SDR": {"chat": {"odds": 1.1, "time": "90%"}}},
        default={},
    )
    stages: tuple[Stage, ...] = lever("the stages in order", [{"name": "discovery", "conversion": "45%"}])
    nurture: Annotated[Nurture | None, Off] = lever("the nurture programme", default=None)
    opening_pipeline: Annotated[Opening | None, Off] = fact(
        "open leads with which the period starts, instead of a run-in: a list, or a CSV file",
        [{"channel": "website", "stage": "demo", "count": 40, "age": "10 days"}],
        "pipeline.csv",
        default=None,
    )
    sla: Annotated[Sla | None, Off] = fact("service level agreement between marketing and sales", default=None)
    target: Annotated[Target | None, Off] = fact("what the period must bring", default=None)
    sources: dict[str, Text] = fact(
        "where a number comes from, by its path; printed beside it", {"acceptance.rate": "our CRM, 2026"}, default={}
    )
    what_ifs: WhatIfs = fact(
        "named changes: paths with new values, or a list of names",
        {"stricter": {"qualification.threshold": 65}},
        default={},
    )

    _origin: Origin = PrivateAttr(default_factory=Origin)
    _ranges: tuple[TypedRange, ...] = PrivateAttr(default=())
    _assumed: tuple[Assumption, ...] = PrivateAttr(default=())
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    pass_through: ClassVar[tuple[str, ...]] = ("title", "sources", "what_ifs", "sla", "target", "fiscal_year")

    @model_validator(mode="after")
    def _fill(self) -> Scenario:
        """Put in place what one part inherits from another: hand-offs, calendars, effort and waits of stages."""
        default = self.handoff.get(DEFAULT, Handoff()).filled_from(USUAL_WAY)
        pools = {
            name: filled(pool, {"calendar": pool.calendar.filled_from(self.calendar)})
            if pool.calendar is not None
            else pool
            for name, pool in self.pools.items()
        }
        self.__dict__.update(handoff=self.handoff | {DEFAULT: default}, pools=pools, stages=filled_stages(self))
        return self

    # what was typed ------------------------------------------------------------------------------------------------

    @property
    def origin(self) -> Origin:
        """Where it comes from."""
        return self._origin

    @property
    def raw(self) -> dict[str, Any]:
        """The plain values as typed, after `extends` and `--set`; not to be changed."""
        return self._origin.raw

    @property
    def file(self) -> str | None:
        """The file it was loaded from."""
        return self._origin.file

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's text."""
        return self._origin.sha256

    @property
    def places(self) -> Places:
        """Where in which file each value stands."""
        return self._origin.places

    @property
    def folder(self) -> Folder:
        """The folder whose files the scenario may read."""
        return self._origin.folder

    @property
    def readings(self) -> Readings:
        """What blocks of the scenario as loaded were read as."""
        return self._origin.readings

    @property
    def ranges(self) -> tuple[TypedRange, ...]:
        """Every number typed as a range, in the order of the file; the fields hold the middles."""
        return self._ranges

    @property
    def assumed(self) -> tuple[Assumption, ...]:
        """Every default taken that a planner should know of."""
        return self._assumed

    @property
    def fitting(self) -> tuple[str, ...]:
        """Names of the what-ifs that can be asked for: those that fit today as it stands, `--set` included."""
        return tuple(name for name in self.what_ifs if name not in self._origin.unfit)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd but can be simulated."""
        return self._warnings

    def with_origin(
        self, origin: Origin, assumed: tuple[Assumption, ...] = (), warnings: tuple[Problem, ...] = ()
    ) -> Scenario:
        """Return the same scenario with its origin, what was assumed and what is odd."""
        copy = self.model_copy()
        copy._origin, copy._assumed, copy._warnings = origin, assumed, warnings
        return copy

    def with_ranges(self, ranges: tuple[TypedRange, ...]) -> Scenario:
        """Return the same scenario, whose fields hold the middles of these ranges."""
        copy = self.model_copy()
        copy._ranges = ranges
        return copy

    def meaning_sha256(self) -> str:
        """Hash all that can change a simulated number of the base: titles, what-ifs, sla and the like cannot."""
        content = self.model_dump(mode="python", exclude=set(self.pass_through))
        return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()

    # look-ups ------------------------------------------------------------------------------------------------------

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        return tuple(stage.name for stage in self.stages)

    @cached_property
    def months(self) -> tuple[ReportingMonth, ...]:
        """The months that results are shown by."""
        if self.fiscal_year is not None:
            return self.fiscal_year.months(self.period.start, self.period.stop)
        return months_from(self.period.start, self.period.stop)

    @property
    def last_days(self) -> tuple[date, ...]:
        """The last reported day of each of `months`."""
        ends = [*(month.first for month in self.months[1:]), self.period.stop]
        return tuple(end - timedelta(days=1) for end in ends)

    def stage(self, name: str) -> Stage:
        """Return the stage of that name."""
        return self.stages[self.stage_names.index(name)]

    def pool_of(self, channel: str, stage: str) -> str | None:
        """Return the name of the pool that works leads of `channel` at `stage`; None when nobody needs to."""
        return next((name for name, pool in self.pools.items() if pool.serves(stage, channel)), None)

    def handoff_of(self, channel: str) -> Handoff:
        """Return the hand-off of a channel, filled from the default key by key."""
        default = self.handoff[DEFAULT]
        own = self.handoff.get(channel)
        return default if own is None else own.filled_from(default)

    def speed_of(self, channel: str) -> Speed | None:
        """Return what a late first contact does to leads of a channel; None when nothing."""
        if self.speed_to_lead is None:
            return None
        default = self.speed_to_lead.get(DEFAULT, Speed())
        own = self.speed_to_lead.get(channel, default)
        odds = own.odds if own.odds is not None else default.odds
        strength = own.strength if own.strength is not None else default.strength
        return None if odds is None else Speed(strength=1.0 if strength is None else strength, odds=odds)

    def skill_of(self, pool: str, channel: str) -> Skill:
        """Return the skill of every rep of a pool with leads of a channel; 1 where nothing is typed."""
        skills = self.skills.get(pool, {})
        return skills.get(channel, Skill()).filled_from(skills.get(DEFAULT))

    def calendar_of(self, pool: str) -> CalendarSpec:
        """Return the complete calendar of a pool."""
        return self.pools[pool].calendar or self.calendar

    @property
    def weights(self) -> dict[str, float]:
        """Share of each channel in the leads of today: typed weekly volume, campaigns not counted."""
        open_days = float(self.calendar.weekly.open_days)
        volumes = {name: channel.weekly(open_days) for name, channel in self.channels.items()}
        total = sum(volumes.values())
        return {name: volume / total if total > 0 else 1.0 / len(volumes) for name, volume in volumes.items()}

    @property
    def run_in_days(self) -> int:
        """Days simulated before the first reported day; none with an opening pipeline."""
        return 0 if self.opening_pipeline else self.period.run_in_days

    @property
    def starts_empty(self) -> bool:
        """Whether the period begins with an empty pipeline."""
        return self.run_in_days == 0 and not self.opening_pipeline

    @cached_property
    def cycle_hours(self) -> float:
        """A cycle: the sum of the mean waits of the stages after the first, in hours."""
        return sum(mean_hours(stage.wait) for stage in self.stages[1:])

    @property
    def start(self) -> date:
        """The first reported day."""
        return self.period.start


def mean_hours(spread: DurationDist | None) -> float:
    """Return the mean of a duration in elapsed hours, a business day taken as 7/5 of a day; 0 for None."""
    return 0.0 if spread is None else mean(spread.compile(ELAPSED_BUSINESS_DAY))


def filled_stages(scenario: Scenario) -> tuple[Stage, ...]:
    """Return the stages with the effort and wait that were not typed."""
    wait = shared_wait(scenario)
    served = {stage for pool in scenario.pools.values() for stage in pool.stages}
    stages = []
    for index, stage in enumerate(scenario.stages):
        update: dict[str, Any] = {}
        if stage.wait is None:
            update["wait"] = wait if index else USUAL_WAIT
        if stage.effort is None and stage.capacity is None and stage.name in served:
            update["effort"] = usual_effort(index, len(scenario.stages))
        stages.append(filled(stage, update))
    return tuple(stages)


def usual_effort(index: int, stages: int) -> DurationDist:
    """Return the work per task where nothing is typed: 45 minutes at the first stage, 3 hours at the last, else 60."""
    later = Duration(3.0, "hour") if index == stages - 1 else Duration(60.0, "minute")
    return DurationDist(mean=later if index else Duration(45.0, "minute"), cv=0.8)


def shared_wait(scenario: Scenario) -> DurationDist:
    """Return the wait of a later stage that types none: its part of what is left of the cycle, else 7 days."""
    later = scenario.stages[1:]
    untyped = sum(stage.wait is None for stage in later)
    if scenario.cycle is None or not untyped:
        return USUAL_WAIT
    left = scenario.cycle.hours(ELAPSED_BUSINESS_DAY) - sum(mean_hours(stage.wait) for stage in later)
    return DurationDist(mean=Duration(left / untyped / 24.0, "day", False)) if left > 0 else USUAL_WAIT
