"""Working calendars as open intervals in hours, one row for each that differs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simfunnel import calendars
from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.calendars import Calendar
from simfunnel.calendars.build import are_holidays, zone_shifts_s
from simfunnel.scenario.fields.calendars import CalendarSpec

MARGIN_DAYS = 60  # open hours after the end, so that work begun before it has an end
DAY_H = 24.0
_BEFORE_DAYS = 14


def business_day(spec: CalendarSpec) -> float:
    """Return hours of a business day: weekly open hours / open weekdays."""
    return spec.weekly.business_day


def open_days_per_week(spec: CalendarSpec) -> float:
    """Open weekdays."""
    return float(spec.weekly.open_days)


@dataclass
class Calendars:
    """The calendars of a plan as they are asked for; `rows` is what the Plan keeps."""

    day_zero: int
    first_day: int
    last_day: int  # exclusive, before the margin
    zone: str
    rows: list[Calendar] = field(default_factory=list)
    working_days: list[float] = field(default_factory=list)
    _row_of: dict[tuple[object, ...], int] = field(default_factory=dict)

    def row(self, spec: CalendarSpec) -> int:
        """Return the row of a calendar, built when it is new; calendars that open alike share one."""
        closed = tuple(sorted(set(spec.own_holidays)))
        key = ("always",) if spec.always else (spec.weekly, spec.holidays, closed, spec.time_zone)
        if key not in self._row_of:
            self._row_of[key] = len(self.rows)
            self.rows.append(self.intervals(spec))
            self.working_days.append(business_day(spec))
        return self._row_of[key]

    def intervals(self, spec: CalendarSpec) -> Calendar:
        """Open intervals over the simulated days and a margin after them."""
        if spec.always:
            return calendars.always()
        return calendars.build(
            spec.weekly,
            day_zero=self.day_zero,
            first_day=self.first_day - 1,
            last_day=self.last_day + MARGIN_DAYS,
            holidays=spec.holidays,
            own_holidays=spec.own_holidays,
            time_zone=spec.time_zone,
            scenario_zone=self.zone,
        )

    def open_days(self, spec: CalendarSpec) -> Ints:
        """Return days (local, from day 0) on which it opens, from two weeks before to the margin after, sorted."""
        first = self.first_day - _BEFORE_DAYS
        if spec.always:
            return np.arange(first, self.last_day + MARGIN_DAYS)
        local = calendars.build(
            spec.weekly,
            day_zero=self.day_zero,
            first_day=first,
            last_day=self.last_day + MARGIN_DAYS,
            holidays=spec.holidays,
            own_holidays=spec.own_holidays,
        )
        # An interval may span midnights (24-hour days): every day that it touches is open.
        firsts = np.floor(local.opens / DAY_H).astype(np.int64)
        lasts = np.ceil(local.closes / DAY_H).astype(np.int64)
        lengths = lasts - firsts
        before = np.cumsum(lengths) - lengths
        return np.unique(np.repeat(firsts - before, lengths) + np.arange(lengths.sum()))

    def open_hours(self, spec: CalendarSpec, first: int, last: int) -> float:
        """Open hours on the days first ... last - 1."""
        opens, closes = self.rows[self.row(spec)]
        start, end = first * DAY_H, last * DAY_H
        return float(np.clip(np.minimum(closes, end) - np.maximum(opens, start), 0.0, None).sum())

    def daily_open_hours(self, spec: CalendarSpec) -> Floats:
        """Return [days] open hours of each simulated day."""
        opens, closes = self.rows[self.row(spec)]
        edges = np.arange(self.first_day, self.last_day + 1) * DAY_H
        before = np.concatenate([[0.0], np.cumsum(closes - opens)])
        at = np.searchsorted(opens, edges, side="right")
        last = np.maximum(at - 1, 0)
        inside = np.where(at > 0, np.minimum(edges, closes[last]) - opens[last], 0.0) if len(opens) else 0.0 * edges
        return np.diff(before[last] + inside)

    def holidays(self, spec: CalendarSpec, days: Ints) -> Bools:
        """Return whether each of `days` is a public or an own holiday of the calendar."""
        return are_holidays(days + self.day_zero, spec.holidays, spec.own_holidays)

    def shift_h(self, spec: CalendarSpec, days: Ints) -> Floats:
        """Return hours by which the calendar's local times come later on the scenario's clock, for each of `days`."""
        if spec.time_zone == self.zone:
            return np.zeros(len(days))
        return zone_shifts_s(days + self.day_zero, spec.time_zone, self.zone) / 3600.0
