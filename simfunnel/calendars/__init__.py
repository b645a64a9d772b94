"""Working calendars: weekly windows, holidays and zones in; open intervals and working time out.

The compiled scalars of `clock` are looked up on first use, so that reading a scenario needs no numba.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from simfunnel.calendars.build import (
    ALWAYS,
    Calendar,
    WeeklyWindows,
    always,
    build,
    parse_days,
    parse_hours,
    parse_weekly_times,
    weekly_windows,
    windows_by_day,
)
from simfunnel.calendars.dates import check_country, check_zone, day_number, holiday_days

if TYPE_CHECKING:
    from simfunnel.calendars.clock import (
        add_working,
        is_open,
        next_open,
        working_between,
        working_between_each,
    )

__all__ = [
    "ALWAYS",
    "Calendar",
    "WeeklyWindows",
    "add_working",
    "always",
    "build",
    "check_country",
    "check_zone",
    "day_number",
    "holiday_days",
    "is_open",
    "next_open",
    "parse_days",
    "parse_hours",
    "parse_weekly_times",
    "weekly_windows",
    "windows_by_day",
    "working_between",
    "working_between_each",
]

_COMPILED = frozenset({"add_working", "is_open", "next_open", "working_between", "working_between_each"})


def __getattr__(name: str) -> object:
    if name in _COMPILED:
        return getattr(importlib.import_module("simfunnel.calendars.clock"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
