"""Random arrivals and calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

from simfunnel.calendars.dates import add_months
from simfunnel.units import amount_text
from simfunnel.verify.random.sketch import GRID_H, Chooser, Sketch, Typed, count, elapsed, money, patience, share

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
    """Return days from a date to the same of the next month."""
    return (add_months(start, 1) - start).days


def period(luck: Chooser, start: date, days: int, run_in: int | None) -> Typed:
    """Draw a period of `days`; with `run_in` days before it unless None."""
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


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PER = {"hour": 1.0, "day": 24.0, "business day": 33.6, "week": 168.0, "month": 730.0, "year": 8760.0}


def channel(s: Sketch, leads: float, wins: float, *, knows_mql_rate: bool) -> Typed:
    """Draw a channel of about `leads` leads over all days, of whom a share `wins` would win if all were worked.

    It types an MQL rate of its own only when that cannot contradict others.
    """
    luck = s.luck
    typed: Typed = _volume(s, leads)
    typed |= {"deal_value": money(luck, luck.real(2000.0, 20000.0))}
    _rhythm(s, typed)
    if luck.flag(0.6):
        typed["quality"] = round(luck.real(-0.8, 1.2), 2)
    elif wins > 0.0 and luck.flag(0.3):
        typed["win_rate"] = share(wins * luck.real(0.01, 0.05))
    if luck.flag(0.3):
        typed["score_bias"] = round(luck.real(-0.5, 0.6) * s.score[1], 1)
    elif knows_mql_rate and luck.flag(0.3):
        typed["mql_rate"] = share(luck.real(0.3, 0.8))
    if luck.flag(0.75):
        typed["patience"] = patience(s)
    if luck.flag(0.3):
        typed["value_quality"] = round(luck.real(0.05, 1.0), 2)
    if luck.flag(0.2):
        typed["cost_per_lead"] = luck.whole(1, 90)
    if luck.flag(0.25):
        typed["campaigns"] = {
            name: _campaign(s, leads, "hours_of_week" in typed) for name in ("fair", "spring mail")[: luck.whole(1, 2)]
        }
    return typed


def _volume(s: Sketch, leads: float) -> Typed:
    """Leads or visits a time, lists, or both."""
    luck = s.luck
    kind = luck.one_of(("leads", "lists", "leads and lists", "visits") if not s.tied else ("lists", "leads and lists"))
    if kind == "leads and lists":
        leads /= 2.0
    typed: Typed = {}
    if "lists" in kind:
        typed["lists"] = lists(s, leads)
    if "leads" in kind or "visits" in kind:
        unit = luck.one_of(tuple(PER))
        amount = leads / (24.0 * (s.days + s.run_in)) * PER[unit]
        if kind == "visits":
            rate = luck.real(0.01, 0.5)
            typed |= {"visits": f"{amount_text(_rounded(amount / rate))} / {unit}", "visit_to_lead": share(rate)}
        else:
            typed["leads"] = f"{amount_text(_rounded(amount))} / {unit}"
    return typed


def _rounded(amount: float) -> float:
    """An amount with four digits, as a planner would type it."""
    return float(f"{amount:.4g}")


def lists(s: Sketch, leads: float) -> Typed:
    """Draw batches, at even gaps or not."""
    luck = s.luck
    hours = 24.0 * (s.days + s.run_in)
    batches = max(1, luck.whole(2, 20))
    every = max(1.5, hours / batches)
    gap: Any = f"{round(every / GRID_H) * GRID_H:g} hours" if s.tied or luck.flag(0.4) else elapsed(s, every, every)
    size = max(1, round(leads / batches))
    return {"every": gap, "size": size if s.tied else count(luck, size)}


def _rhythm(s: Sketch, typed: Typed) -> None:
    luck = s.luck
    if luck.flag(0.4):
        every = luck.whole(2, 7)  # hours; from Monday 00:00, nothing between them
        week = [0.0 if (day + hour) % every else 1.0 + hour / 10.0 for day in range(7) for hour in range(24)]
        typed["hours_of_week"] = luck.one_of(("business", "flat", week))
    if luck.flag(0.2):
        month = MONTHS[s.start.month - 1]
        typed["season"] = {month: share(luck.real(0.4, 1.5)), MONTHS[s.start.month % 12]: luck.one_of(("0%", "120%"))}
    if luck.flag(0.2):
        typed["growth"] = luck.one_of((0.4, "-30%", "80%"))
    if luck.flag(0.4):
        typed["day_to_day_swing"] = luck.one_of((0, 0.8, 1.5))


def _campaign(s: Sketch, leads: float, closed_at_times: bool) -> Typed:
    """Some days; all of them where leads come at opening hours only, which one day may not have."""
    luck = s.luck
    first = -s.run_in if closed_at_times else luck.whole(-s.run_in, s.days - 1)
    typed: Typed = {
        "from": s.day(first, first),
        "to": s.day(s.days - 1, s.days - 1) if closed_at_times else s.day(first, min(first + 12, s.days - 1)),
        "leads": luck.one_of((0, round(luck.real(0.2, 1.0) * leads / 2.0, 1))),
    }
    return typed | {"cost": "5k"} if luck.flag(0.5) else typed


def opening(s: Sketch) -> list[Typed]:
    """Draw leads open at the start, at some or all stages."""
    luck = s.luck
    rows = [(name, stage) for name in s.channels for stage in s.stages if luck.flag(0.6)] or [
        (s.channels[0], s.stages[0])
    ]
    return [
        {
            "channel": name,
            "stage": stage,
            "count": luck.whole(1, 6),
            "age": elapsed(s, *luck.one_of(((1.0, 24.0), (24.0, 200.0), (500.0, 2000.0)))),
        }
        for name, stage in rows
    ]
