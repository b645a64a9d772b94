"""How leads travel between owners, and what a late first contact does: ways, batch times and odds as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import constant
from simfunnel.plan.arrivals import elapsed
from simfunnel.plan.calendars import DAY_H, MARGIN_DAYS, business_day
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import BATCH, DELAY, INSTANT, Speed, Way
from simfunnel.scenario.calendars import CalendarSpec
from simfunnel.scenario.handoff import Handoff
from simfunnel.scenario.model import Scenario

Floats = NDArray[np.float64]

_NOTHING: Floats = np.empty(0)
_WEEK = 7
_MONDAY = 3  # weekday of day number 0, 1 January 1970, is a Thursday


def channel_ways(frame: Frame, phase: int) -> tuple[Way, ...]:
    """[channels] the way to the first queue."""
    first = frame.stages[0]
    return tuple(
        way(frame, frame.with_channel(phase, name).handoff_of(name), _home_calendar(frame, phase, name, first))
        for name in frame.channels
    )


def way(frame: Frame, handoff: Handoff | None, home: CalendarSpec | None) -> Way:
    """One hand-off; `home` is the calendar of the pool it leads to, None when the stage needs no rep."""
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
    """Hours at which a batch goes: local times of the home pool's zone, over the simulated days and a margin.

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
    """[channels] odds at the first stage by hours to the first contact; empty tables where nothing is typed."""
    return tuple(_speed(frame.with_channel(phase, name), name) for name in frame.channels)


def _speed(scenario: Scenario, name: str) -> Speed:
    typed = scenario.speed_of(name)
    if typed is None or not typed.odds or not typed.strength:
        return Speed(0.0, _NOTHING, _NOTHING)
    hours, odds = np.array(typed.odds, dtype=np.float64).T
    return Speed(typed.strength, np.ascontiguousarray(hours), np.ascontiguousarray(odds))


def _home_calendar(frame: Frame, phase: int, channel: str, stage: str) -> CalendarSpec | None:
    scenario = frame.with_channel(phase, channel)
    pool = scenario.pool_of(channel, stage)
    return None if pool is None else scenario.calendar_of(pool)
