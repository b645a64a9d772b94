"""The months that results are shown by: calendar months, months from the first day, or periods of a fiscal year."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

PERIODS = 12
WEEK = timedelta(days=7)
HALF_YEAR = timedelta(days=182)


class ReportingMonth(NamedTuple):
    """A month as results name it, and its first reported day."""

    first: date
    name: str


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the month's last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def months_from(start: date, stop: date) -> tuple[ReportingMonth, ...]:
    """Calendar months of [start, stop) where it begins on a 1st, else months counted from its first day.

    >>> [month.name for month in months_from(date(2027, 1, 31), date(2027, 4, 1))]
    ['2027-01-31', '2027-02-28', '2027-03-31']
    """
    form = "%Y-%m" if start.day == 1 else "%Y-%m-%d"
    days = itertools.takewhile(lambda day: day < stop, (add_months(start, k) for k in itertools.count()))
    return tuple(ReportingMonth(day, day.strftime(form)) for day in days)


def fiscal_months(start: date, stop: date, first_month: int) -> tuple[ReportingMonth, ...]:
    """The calendar months of [start, stop) as periods of a fiscal year that begins with a month, 1 to 12.

    >>> [month.name for month in fiscal_months(date(2027, 3, 1), date(2027, 5, 1), 4)]
    ['P12 FY26/27', 'P1 FY27/28']
    """
    found: list[ReportingMonth] = []
    for first in (add_months(start.replace(day=1), k) for k in itertools.count()):
        if first >= stop:
            return tuple(found)
        began = date(first.year - (first.month < first_month), first_month, 1)
        number = (first.month - first_month) % PERIODS + 1
        found.append(ReportingMonth(max(first, start), _named(number, began, add_months(began, PERIODS))))
    raise AssertionError  # the months never end


def fiscal_weeks(start: date, stop: date, first_day: date, weeks: Sequence[int]) -> tuple[ReportingMonth, ...]:
    """Periods of whole weeks of [start, stop): `weeks` is a quarter's, such as (4, 4, 5); `first_day` begins a year.

    A year has 52 weeks; a 53rd, where the weekday nearest to the next `first_day` leaves one, or the reported days end
    with a part of it, joins the last period.

    >>> [month.name for month in fiscal_weeks(date(2027, 12, 1), date(2028, 2, 7), date(2027, 2, 1), (4, 4, 5))]
    ['P11 FY27/28', 'P12 FY27/28']
    """
    found = [each for each in _periods(start, stop, first_day, weeks) if each.first < stop]
    before = [each for each in found if each.first <= start]
    found = [before[-1]._replace(first=start), *found[len(before) :]]
    if len(found) > 1 and found[-1].name.startswith("P1 ") and stop - found[-1].first <= WEEK:
        found.pop()
    return tuple(found)


def _periods(start: date, stop: date, first_day: date, weeks: Sequence[int]) -> Iterator[ReportingMonth]:
    """All periods of the years around [start, stop)."""
    years = range(start.year - first_day.year - 1, stop.year - first_day.year + 2)
    for began, ended in itertools.pairwise([_same_weekday(first_day, year) for year in (*years, years[-1] + 1)]):
        lengths = [WEEK * each for each in tuple(weeks) * 4]
        firsts = itertools.accumulate(lengths[:-1], initial=timedelta(0))
        for number, offset in enumerate(firsts, start=1):
            yield ReportingMonth(began + offset, _named(number, began, ended))


def _same_weekday(first_day: date, years: int) -> date:
    """The day nearest to `first_day` so many years later that falls on the same weekday."""
    later = add_months(first_day, PERIODS * years)
    ahead = (first_day.weekday() - later.weekday()) % 7
    return later + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def _named(number: int, began: date, ended: date) -> str:
    """`P1 FY27/28`; one year only where all of the fiscal year but a few days lies in it."""
    middle, last = began + HALF_YEAR, ended - timedelta(days=1)
    outside = (began.year != middle.year) * (date(middle.year, 1, 1) - began)
    outside += (last.year != middle.year) * (last - date(middle.year, 12, 31))
    year = f"{middle.year % 100:02}" if outside <= WEEK else f"{began.year % 100:02}/{last.year % 100:02}"
    return f"P{number} FY{year}"
