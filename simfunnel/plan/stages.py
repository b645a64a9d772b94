"""Hand-offs, acceptance, stages and nurture in the numbers of a plan.

Of a stage these are delay, leak, effort, wait, no-show, exits and the intercept.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions import Dist, constant, lognormal, never
from simfunnel.distributions.elementary import log
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan.arrivals import elapsed
from simfunnel.plan.calendars import DAY_H, MARGIN_DAYS, business_day, open_days_per_week
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import BATCH, DELAY, INSTANT, TO_DISQUALIFIED, TO_LOST, TO_NURTURE, Speed, StageRules, Way
from simfunnel.plan.today.calibration import Calibration
from simfunnel.scenario.fields.calendars import CalendarSpec
from simfunnel.scenario.fields.stages import Handoff, Stage
from simfunnel.scenario.model import Scenario

_NOTHING: Floats = np.empty(0)
_WEEK = 7
_MONDAY = 3  # weekday of day number 0, 1 January 1970, is a Thursday


def channel_ways(frame: Frame, phase: int) -> tuple[Way, ...]:
    """Return [channels] the way to the first queue."""
    found = []
    for name in frame.channels:
        scenario = frame.with_channel(phase, name)
        pool = scenario.pool_of(name, frame.stages[0])
        home = None if pool is None else scenario.calendar_of(pool)
        found.append(way(frame, scenario.handoff_of(name), home))
    return tuple(found)


def way(frame: Frame, handoff: Handoff | None, home: CalendarSpec | None) -> Way:
    """Return one hand-off; `home` is the calendar of the pool it leads to, None when the stage needs no rep."""
    if handoff is None:
        return Way(INSTANT, constant(0.0), _NOTHING, 0.0)
    leak = handoff.leak or 0.0
    if handoff.batch is not None:
        return Way(BATCH, constant(0.0), batch_hours(frame, handoff.batch, home), leak)
    if handoff.delay is not None:
        delay = handoff.delay.compile(business_day(home or frame.base.calendar))
        return Way(DELAY, delay if home else elapsed(delay, frame.base.calendar), _NOTHING, leak)
    return Way(INSTANT, constant(0.0), _NOTHING, leak)


def batch_hours(frame: Frame, batch: tuple[tuple[int, int], ...], home: CalendarSpec | None) -> Floats:
    """Return hours at which a batch goes: local times of the home pool's zone, over the simulated days and a margin.

    A batch that falls on a day on which the home pool is closed goes at the same hour of its next open day.
    """
    calendars = frame.calendars
    days = np.arange(frame.first_day - _WEEK, frame.last_day + MARGIN_DAYS - _WEEK)
    weekdays = (days + frame.day_zero + _MONDAY) % _WEEK
    open_days = days if home is None else calendars.open_days(home)
    if len(open_days) == 0:
        return _NOTHING
    times: list[Floats] = []
    for weekday, minute in batch:
        due = days[weekdays == weekday]
        place = np.searchsorted(open_days, due)
        goes = open_days[place[place < len(open_days)]]
        shift = np.zeros(len(goes)) if home is None else calendars.shift_h(home, goes)
        times.append(goes * DAY_H + minute / 60.0 + shift)
    hours = np.unique(np.concatenate(times)) if times else _NOTHING
    return np.asarray(hours[hours >= frame.first_day * DAY_H])


def speeds(frame: Frame, phase: int) -> tuple[Speed, ...]:
    """Return [channels] odds at the first stage by hours to the first contact; empty tables where nothing is typed."""
    found = []
    for name in frame.channels:
        typed = frame.with_channel(phase, name).speed_of(name)
        if typed is None or not typed.odds or not typed.strength:
            found.append(Speed(0.0, _NOTHING, _NOTHING))
        else:
            hours, odds = np.array(typed.odds, dtype=np.float64).T
            found.append(Speed(typed.strength, np.ascontiguousarray(hours), np.ascontiguousarray(odds)))
    return tuple(found)


_WEEK_H = 168.0
_EFFORT_CV = 0.8  # of work whose mean follows from a capacity


def stage_rules(frame: Frame, phase: int, calibration: Calibration) -> tuple[StageRules, ...]:
    """Return the stages of a phase; intercepts are the base's."""
    scenario, found = frame.scenarios[phase], []
    for index, stage in enumerate(scenario.stages):
        day = business_day(calendar_at(scenario, stage.name))
        pool = frame.stage_pool(phase, stage.name)
        asleep = stage.postponed_for
        rules = StageRules(
            intercept=calibration.intercepts[index],
            log_quality_odds=log(stage.quality_odds),
            effort=effort(frame.base, scenario, stage),
            wait=constant(0.0) if stage.wait is None else on_clock(stage.wait.compile(day), scenario, stage.name),
            visit=stage.visit,
            postponed_for=constant(0.0) if asleep is None else on_clock(asleep.compile(day), scenario, stage.name),
            handoff=way(frame, stage.handoff, None if pool is None else scenario.calendar_of(pool)),
        )
        found.append(rules)
    return tuple(found)


def effort(base: Scenario, scenario: Scenario, stage: Stage) -> Dist:
    """Return hours of work per task. A capacity that a phase does not change means today's work, whatever selling time
    is."""
    if stage.effort is not None:
        return stage.effort.compile(business_day(calendar_at(scenario, stage.name)))._replace(working=False)
    capacity = stage.capacity
    if capacity is None:
        return constant(0.0)
    means = set()
    source = base if base.stage(stage.name).capacity == capacity else scenario
    for name, pool in sorted(source.pools.items()):
        if stage.name in pool.stages:
            calendar = source.calendar_of(name)
            days = open_days_per_week(calendar)  # `8 / day` means a day on which the pool is open
            per_hour = capacity.amount * days / _WEEK_H if capacity.unit == "day" else capacity.per_hour(days)
            means.add(calendar.weekly.open_hours_per_week * pool.selling_share / (per_hour * _WEEK_H))
    if len(means) > 1:
        rule = "means different work in the pools that serve the stage: their opening hours or selling times differ"
        path = ("stages", source.stage_names.index(stage.name), "capacity")
        raise ScenarioError([Problem(path, str(capacity), rule, "write `effort` instead")])
    return lognormal(mean=means.pop() if means else 0.0, cv=_EFFORT_CV)


def calendar_at(scenario: Scenario, stage: str) -> CalendarSpec:
    """Return the calendar of the first pool, by name, that works a stage; the scenario's when none does."""
    for name, pool in sorted(scenario.pools.items()):
        if stage in pool.stages:
            return scenario.calendar_of(name)
    return scenario.calendar


def on_clock(duration: Dist, scenario: Scenario, stage: str) -> Dist:
    """Return a duration at a stage; of working time at a stage without a pool, the elapsed time of as many business
    days."""
    if any(scenario.pool_of(channel, stage) is not None for channel in scenario.channels):
        return duration
    return elapsed(duration, scenario.calendar)


WHERE_TO = {"nurture": TO_NURTURE, "disqualified": TO_DISQUALIFIED, "lost": TO_LOST}


def acceptance_effort(scenario: Scenario) -> tuple[Dist, float]:
    """Return (hours of work on a rejected contact, share of the task's effort); the share is -1 when a duration is
    typed."""
    acceptance = scenario.acceptance
    if acceptance is None:
        return constant(0.0), -1.0
    if isinstance(acceptance.effort, float):
        return constant(0.0), acceptance.effort
    day = business_day(calendar_at(scenario, scenario.stage_names[0]))
    return acceptance.effort.compile(day)._replace(working=False), -1.0


class NurtureRules(TypedDict):
    """The fields of a Phase that nurture fills."""

    nurtures: bool
    nurture_delay: Dist
    score_lift: Dist
    quality_lift: Dist
    opt_out: float
    cycles: int
    nurture_patience: Dist
    nurture_cost: float


def nurture_rules(scenario: Scenario) -> NurtureRules:
    """Return the programme of a phase; without one nobody enters."""
    nurture = scenario.nurture
    if nurture is None:
        return NurtureRules(
            nurtures=False,
            nurture_delay=constant(0.0),
            score_lift=constant(0.0),
            quality_lift=constant(0.0),
            opt_out=0.0,
            cycles=0,
            nurture_patience=never(),
            nurture_cost=0.0,
        )
    first = scenario.stage_names[0]
    day = business_day(calendar_at(scenario, first))
    return NurtureRules(
        nurtures=True,
        nurture_delay=on_clock(nurture.delay.compile(day), scenario, first),
        score_lift=nurture.score_lift.compile(),
        quality_lift=constant(0.0) if nurture.quality_lift is None else nurture.quality_lift.compile(),
        opt_out=nurture.opt_out,
        cycles=nurture.cycles,
        nurture_patience=nurture.patience.compile(day),
        nurture_cost=nurture.cost,
    )
