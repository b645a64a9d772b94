"""Random opening hours and periods."""

from __future__ import annotations

from datetime import date
from typing import Any

from simfunnel.calendars.reporting import add_months
from simfunnel.verify.funnels.chooser import Chooser
from simfunnel.verify.funnels.sketch import Sketch, Typed

# a plain Monday, a leap day, a change to and from daylight saving, the turn of a year, a month's end
STARTS = (
    date(2027, 1, 4), date(2028, 2, 24), date(2027, 3, 10), date(2027, 10, 29), date(2027, 12, 20), date(2027, 4, 30),
)  # fmt: skip
DAYS = ("Mon-Fri", "Mon-Sun", "Mon-Thu, Sat", "Tue-Fri")
HOURS = ("09:00-17:00", "08:00-12:00, 13:00-18:00", "00:00-24:00", "07:30-10:15, 10:30-15:45")
WINDOWS: tuple[Typed, ...] = (
    {"Mon-Thu": "09:00-17:30", "Fri": "09:00-13:00"},
    {"Mon": "00:00-24:00", "Tue": "00:00-06:00", "Thu-Sun": "10:00-20:00"},
)
COUNTRIES = ("US", "DE-BY", "GB")
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin")


def days_of_a_month(start: date) -> int:
    """Days from a date to the same of the next month."""
    return (add_months(start, 1) - start).days


def period(luck: Chooser, start: date, days: int, run_in: int | None) -> Typed:
    """A period of `days`; with `run_in` days before it unless None."""
    length: Typed = luck.one_of(({"days": days}, {"end": date.fromordinal(start.toordinal() + days - 1).isoformat()}))
    if days == days_of_a_month(start):
        length = {"months": 1}
    elif days % 7 == 0 and luck.flag(0.5):
        length = {"weeks": days // 7}
    typed: Typed = {"start": start.isoformat(), **length}
    if run_in is not None:
        typed["run_in"] = f"{run_in} days" if luck.flag(0.7) else f"{24 * run_in} hours"
    return typed


def calendar(s: Sketch) -> Any:
    """Opening hours; of a pool, it inherits what is not typed."""
    luck = s.luck
    kind = luck.one_of(("hours", "always", "windows", "days", "always but"))
    if kind == "always":
        return "always"
    typed: Typed = {}
    if kind == "always but":
        typed["always"] = True
    if kind == "windows":
        typed["windows"] = luck.one_of(WINDOWS)
    if kind in ("hours", "days"):
        typed["days"] = luck.one_of(DAYS)
    if kind == "hours":
        typed["hours"] = luck.one_of(HOURS)
    if luck.flag(0.3):
        typed["time_zone"] = luck.one_of(ZONES)
    if luck.flag(0.2):
        typed["holidays"] = luck.one_of(COUNTRIES)
    if luck.flag(0.3):
        typed["own_holidays"] = sorted({s.day(-s.run_in, s.days) for _ in range(luck.whole(1, 3))})
    return typed or "always"
