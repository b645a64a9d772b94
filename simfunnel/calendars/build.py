"""A planner's calendar compiled to open intervals in elapsed hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfunnel.calendars.dates import date_of, day_number, holiday_days, zone_offset_s
from simfunnel.calendars.windows import WeeklyWindows

Floats = NDArray[np.float64]

FAR_H: Final = 1e7
"""Hours (over a thousand years) that stand for the ends of `always`."""

_THURSDAY = 3  # weekday of 1970-01-01


class Calendar(NamedTuple):
    """Open intervals [opens, closes) in elapsed hours: sorted, disjoint, not touching; the arrays are read-only."""

    opens: Floats
    closes: Floats


def always() -> Calendar:
    """Open at any time: one interval."""
    return _frozen(np.array([-FAR_H]), np.array([FAR_H]))


def build(
    windows: WeeklyWindows,
    *,
    day_zero: int,
    first_day: int,
    last_day: int,
    holidays: str | None = None,
    own_holidays: Sequence[date] = (),
    time_zone: str | None = None,
    scenario_zone: str | None = None,
) -> Calendar:
    """Open intervals of the days first_day ... last_day - 1 (0 is the day whose midnight is hour 0).

    `day_zero` is the calendar day number of day 0, `holidays` a country code for `dates.holiday_days`. Windows and
    dates are those of `time_zone`, the intervals' hours those of the scenario's zone: a pool whose clock is an hour
    behind opens an hour later. The distance between the zones is that at noon UTC of each day, all day long; None
    means the scenario's zone. Days have 24 hours whatever the clocks do.
    """
    zones = (time_zone, scenario_zone) if time_zone and scenario_zone and time_zone != scenario_zone else None
    return _build(windows, day_zero, first_day, last_day, holidays, tuple(sorted(set(own_holidays))), zones)


@lru_cache(maxsize=64)
def _build(
    windows: WeeklyWindows,
    day_zero: int,
    first_day: int,
    last_day: int,
    holidays: str | None,
    own_holidays: tuple[date, ...],
    zones: tuple[str, str] | None,
) -> Calendar:
    days = np.arange(first_day, last_day, dtype=np.int64)
    numbers = days + day_zero
    closed = _closed_days(int(numbers[0]), int(numbers[-1]), holidays, own_holidays) if len(days) else []
    works = ~np.isin(numbers, closed)
    shift = _shifts_s(numbers, *zones) if zones else np.zeros(len(days), dtype=np.int64)
    seconds = [
        days[chosen] * 86400 + shift[chosen] + minute * 60
        for weekday, day in enumerate(windows.windows)
        for chosen in [works & ((numbers + _THURSDAY) % 7 == weekday)]
        for window in day
        for minute in window
    ]
    opens = np.concatenate([np.empty(0, dtype=np.int64), *seconds[0::2]])
    closes = np.concatenate([np.empty(0, dtype=np.int64), *seconds[1::2]])
    return _merged(opens, closes)


def _closed_days(first: int, last: int, country: str | None, own: tuple[date, ...]) -> list[int]:
    closed = [day_number(day) for day in own]
    if country:
        for year in range(date_of(first).year, date_of(last).year + 1):
            closed.extend(holiday_days(country, year))
    return closed


def _shifts_s(numbers: NDArray[np.int64], zone: str, scenario_zone: str) -> NDArray[np.int64]:
    """Seconds by which local times of `zone` come later on the clock of `scenario_zone`, by day."""
    shifts = [zone_offset_s(scenario_zone, int(day)) - zone_offset_s(zone, int(day)) for day in numbers]
    return np.array(shifts, dtype=np.int64)


def _merged(opens: NDArray[np.int64], closes: NDArray[np.int64]) -> Calendar:
    """Sort, and join intervals that touch or overlap (midnight of a 24-hour day, a zone's shift); whole seconds in."""
    order = np.argsort(opens, kind="stable")
    opens, closes = opens[order], np.maximum.accumulate(closes[order])
    starts = np.ones(len(opens), dtype=np.bool_)
    starts[1:] = opens[1:] > closes[:-1]
    ends = np.append(starts[1:], True)[: len(opens)]
    return _frozen(opens[starts] / 3600.0, closes[ends] / 3600.0)


def _frozen(opens: Floats, closes: Floats) -> Calendar:
    opens.flags.writeable = False
    closes.flags.writeable = False
    return Calendar(opens, closes)
