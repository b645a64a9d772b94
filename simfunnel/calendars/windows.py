"""When a team works in a week: parsed from what a planner types, and the figures that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

    def open_minutes(self) -> NDArray[np.bool_]:
        """[10080] whether each minute of the week from Monday 00:00 is open."""
        is_open = np.zeros(MINUTES_PER_WEEK, dtype=np.bool_)
        for weekday, day in enumerate(self.windows):
            for opens, closes in day:
                is_open[weekday * MINUTES_PER_DAY + opens : weekday * MINUTES_PER_DAY + closes] = True
        return is_open


ALWAYS: Final = WeeklyWindows((((0, MINUTES_PER_DAY),),) * 7)
"""24 hours, 7 days."""


def weekly_windows(days: Sequence[int], hours: DayWindows) -> WeeklyWindows:
    """The same opening hours on each of the given weekdays (0 = Monday)."""
    return WeeklyWindows(tuple(hours if weekday in days else () for weekday in range(7)))


def windows_by_day(typed: Mapping[str, str]) -> WeeklyWindows:
    """Windows from days -> hours, such as {"Mon-Thu": "09:00-17:00", "Fri": "09:00-13:00"}; a day may come once."""
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
    """Weekdays, Monday = 0, in order.

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
    """(weekday, minute) of each moment in the week, sorted.

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
