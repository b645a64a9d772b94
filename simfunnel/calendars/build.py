"""Weekly working windows as a planner types them, and a calendar compiled to open intervals in elapsed hours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.calendars.dates import date_of, day_number, holiday_days, zone_offset_s
from simfunnel.units import UnitError

DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES_PER_DAY: Final = 24 * 60
MINUTES_PER_WEEK: Final = 7 * MINUTES_PER_DAY

_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY_DAY = ("daily", "every day", "all days")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAYS_REMEDY = "write days such as Mon-Fri, Mon,Thu or daily"
_HOURS_REMEDY = 'write opening hours such as "09:00-17:30" or "09:00-12:00, 13:00-17:00"'
_TIMES_REMEDY = 'write days and times such as "Mon,Thu 09:00" or "daily 09:00, 15:00"'

DayWindows = tuple[tuple[int, int], ...]


class WeeklyWindows(NamedTuple):
    """Open windows by weekday, Monday first: per day (opening, closing) minutes after midnight, sorted and disjoint."""

    windows: tuple[DayWindows, ...]

    @property
    def open_hours_per_week(self) -> float:
        """Hours open in a week without holidays."""
        return sum(closes - opens for day in self.windows for opens, closes in day) / 60.0

    @property
    def open_days(self) -> int:
        """Weekdays with any open minute."""
        return sum(1 for day in self.windows if day)

    @property
    def business_day(self) -> float:
        """Hours of a business day: weekly open hours / open weekdays."""
        return self.open_hours_per_week / self.open_days

    def open_minutes(self) -> Bools:
        """Return [10080] whether each minute of the week from Monday 00:00 is open."""
        is_open = np.zeros(MINUTES_PER_WEEK, dtype=np.bool_)
        for weekday, day in enumerate(self.windows):
            for opens, closes in day:
                is_open[weekday * MINUTES_PER_DAY + opens : weekday * MINUTES_PER_DAY + closes] = True
        return is_open


ALWAYS: Final = WeeklyWindows((((0, MINUTES_PER_DAY),),) * 7)
"""24 hours, 7 days."""


def weekly_windows(days: Sequence[int], hours: DayWindows) -> WeeklyWindows:
    """Return the same opening hours on each of the given weekdays (0 = Monday)."""
    return WeeklyWindows(tuple(hours if weekday in days else () for weekday in range(7)))


def windows_by_day(typed: Mapping[str, str]) -> WeeklyWindows:
    """Return windows of days -> hours, as {"Mon-Thu": "09:00-17:00", "Fri": "09:00-13:00"}; a day may come once."""
    by_day: dict[int, DayWindows] = {}
    for days, hours in typed.items():
        for weekday in parse_days(days):
            if weekday in by_day:
                raise UnitError(f"{DAY_NAMES[weekday]} is given twice", "write each day once")
            by_day[weekday] = parse_hours(hours)
    if not by_day:
        raise UnitError("a calendar without open hours", "write at least one day with its hours")
    return WeeklyWindows(tuple(by_day.get(weekday, ()) for weekday in range(7)))


def parse_days(text: object) -> tuple[int, ...]:
    """Return weekdays, Monday = 0, in order.

    >>> parse_days("Mon-Fri"), parse_days("Sat, Wed"), parse_days("Sat-Mon")
    ((0, 1, 2, 3, 4), (2, 5), (0, 5, 6))
    """
    if not isinstance(text, str):
        raise UnitError("these are not days of the week", _DAYS_REMEDY)
    if text.strip().lower() in _EVERY_DAY:
        return tuple(range(7))
    found: set[int] = set()
    for part in text.split(","):
        ends = [_weekday(name) for name in re.split(r"[-–]", part)]
        if len(ends) > 2:
            raise UnitError(f"{part.strip()!r} is not a range of days", _DAYS_REMEDY)
        first, last = ends[0], ends[-1]
        found.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return tuple(sorted(found))


def parse_hours(text: object) -> DayWindows:
    """Opening hours of a day in minutes after midnight, sorted; several are joined by commas.

    >>> parse_hours("09:00-17:30"), parse_hours("13:00-17:00, 9:00-12:00")
    (((540, 1050),), ((540, 720), (780, 1020)))
    """
    if not isinstance(text, str):
        raise UnitError("these are not opening hours", _HOURS_REMEDY)
    windows = sorted(_window(part) for part in text.split(","))
    for (_, closes), (opens, _) in pairwise(windows):
        if opens < closes:
            raise UnitError(f"opening hours overlap at {_clock(opens)}", "write windows that follow each other")
    return tuple(windows)


def parse_weekly_times(text: object) -> tuple[tuple[int, int], ...]:
    """Return (weekday, minute) of each moment in the week, sorted.

    >>> parse_weekly_times("Mon,Thu 09:00")
    ((0, 540), (3, 540))
    """
    match = re.fullmatch(r"([^\d]+?)\s+(\d.*)", text.strip()) if isinstance(text, str) else None
    if match is None:
        raise UnitError("these are not days and times", _TIMES_REMEDY)
    minutes = sorted({_minute(part, _TIMES_REMEDY) for part in match[2].split(",")})
    if minutes[-1] == MINUTES_PER_DAY:
        raise UnitError("24:00 is the next day", "write 00:00 on the next day")
    return tuple((weekday, minute) for weekday in parse_days(match[1]) for minute in minutes)


def _weekday(text: str) -> int:
    name = text.strip().lower().removesuffix(".")
    for weekday, full in enumerate(_FULL_NAMES):
        if len(name) >= 3 and (full.startswith(name) or full + "s" == name):
            return weekday
    raise UnitError(f"{text.strip()!r} is not a day of the week", _DAYS_REMEDY)


def _window(text: str) -> tuple[int, int]:
    ends = re.split(r"[-–]", text)
    if len(ends) != 2:
        raise UnitError(f"{text.strip()!r} is not a window of opening hours", _HOURS_REMEDY)
    opens, closes = (_minute(end, _HOURS_REMEDY) for end in ends)
    if closes < opens:
        remedy = f"write {_clock(opens)}-24:00 on the first day and 00:00-{_clock(closes)} on the next (`windows`)"
        raise UnitError(f"{text.strip()!r} runs past midnight", remedy)
    if closes == opens:
        raise UnitError(f"{text.strip()!r} is never open", "write a closing time after the opening time")
    return opens, closes


def _minute(text: str, remedy: str) -> int:
    match = _TIME.fullmatch(text.strip())
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or minute > MINUTES_PER_DAY:
        raise UnitError(f"{text.strip()!r} is not a time of day", remedy)
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


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
    works = ~are_holidays(numbers, holidays, own_holidays)
    shift = zone_shifts_s(numbers, *zones) if zones else np.zeros(len(days), dtype=np.int64)
    seconds = [
        days[chosen] * 86400 + shift[chosen] + minute * 60
        for weekday, day in enumerate(windows.windows)
        for chosen in [works & ((numbers + _THURSDAY) % 7 == weekday)]
        for window in day
        for minute in window
    ]
    opens = np.concatenate([np.empty(0, dtype=np.int64), *seconds[0::2]])
    closes = np.concatenate([np.empty(0, dtype=np.int64), *seconds[1::2]])
    order = np.argsort(opens, kind="stable")
    opens, closes = opens[order], np.maximum.accumulate(closes[order])
    starts = np.ones(len(opens), dtype=np.bool_)
    starts[1:] = opens[1:] > closes[:-1]
    ends = np.append(starts[1:], True)[: len(opens)]
    return _frozen(opens[starts] / 3600.0, closes[ends] / 3600.0)


def are_holidays(numbers: Ints, country: str | None, own: Sequence[date]) -> Bools:
    """Return whether each calendar day number is a public holiday of a country (or of none) or one of its `own`."""
    closed = [day_number(day) for day in own]
    if country and len(numbers):
        years = range(date_of(int(numbers.min())).year, date_of(int(numbers.max())).year + 1)
        closed += [day for year in years for day in holiday_days(country, year)]
    return np.isin(numbers, closed)


def zone_shifts_s(numbers: Ints, zone: str, scenario_zone: str) -> Ints:
    """Return seconds by which local times of `zone` come later on the clock of `scenario_zone`, by day number."""
    shifts = [zone_offset_s(scenario_zone, day) - zone_offset_s(zone, day) for day in numbers.tolist()]
    return np.array(shifts, dtype=np.int64)


def _frozen(opens: Floats, closes: Floats) -> Calendar:
    opens.flags.writeable = False
    closes.flags.writeable = False
    return Calendar(opens, closes)
