"""Dates and zones: day numbers, public holidays, offsets between zones, and the months that results are shown by."""

from __future__ import annotations

import difflib
import itertools
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from simfunnel.units import UnitError

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Return days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    """Return the date of a day number.

    >>> date_of(0)
    datetime.date(1970, 1, 1)
    """
    return date.fromordinal(number + _EPOCH)


def check_country(code: object) -> str:
    """Return `code` itself if public holidays are known for it: a country such as `US`, or with a subdivision, `US-CA`.

    Raises UnitError that names near spellings.
    """
    remedy = "write a two-letter country code such as US, GB or DE, with a subdivision if need be: US-CA"
    if not isinstance(code, str):
        raise UnitError("this is not a country code", remedy)
    import holidays

    country, _, part = code.partition("-")
    known = {name: parts for name, parts in holidays.list_supported_countries().items() if len(name) == 2}
    if country not in known:
        raise UnitError(f"no holidays are known for {country!r}", _did_you_mean(country, list(known)) or remedy)
    if part and part not in known[country]:
        parts = known[country]
        listed = f"write one of {', '.join(parts)}" if parts else f"write {country} alone"
        raise UnitError(f"{country} has no part {part!r}", _did_you_mean(part, list(parts)) or listed)
    return code


def check_zone(name: object) -> str:
    """Return `name` itself if it is a time zone of the IANA database, such as Europe/Berlin or UTC; else UnitError."""
    remedy = "write a place such as America/New_York, Europe/Berlin or UTC"
    if not isinstance(name, str):
        raise UnitError("this is not a time zone", remedy)
    known = zoneinfo.available_timezones()
    if name not in known:
        raise UnitError(f"no time zone is called {name!r}", _did_you_mean(name, sorted(known)) or remedy)
    return name


@lru_cache(maxsize=256)
def holiday_days(code: str, year: int) -> tuple[int, ...]:
    """Return the day numbers of a country's public holidays in a year, as observed (a Sunday's may be kept on Monday),
    sorted."""
    import holidays

    country, _, part = check_country(code).partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=year)
    return tuple(sorted(day_number(day) for day in found))


@lru_cache(maxsize=65536)
def zone_offset_s(zone: str, day: int) -> int:
    """Return seconds by which a zone's clock is ahead of UTC at noon UTC of a day number."""
    noon = datetime.fromtimestamp(day * 86400 + 43200, tz=UTC)
    offset = noon.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _did_you_mean(text: str, names: list[str]) -> str:
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(text.lower(), by_lower, n=1)
    return f"did you mean {by_lower[near[0]]}?" if near else ""


PERIODS = 12
WEEK = timedelta(days=7)
HALF_YEAR = timedelta(days=182)


class ReportingMonth(NamedTuple):
    """A month as results name it, and its first reported day."""

    first: date
    name: str


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the month's last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def months_from(start: date, stop: date) -> tuple[ReportingMonth, ...]:
    """Return the calendar months of [start, stop) where it begins on a 1st, else months counted from its first day.

    >>> [month.name for month in months_from(date(2027, 1, 31), date(2027, 4, 1))]
    ['2027-01-31', '2027-02-28', '2027-03-31']
    """
    form = "%Y-%m" if start.day == 1 else "%Y-%m-%d"
    days = itertools.takewhile(lambda day: day < stop, (add_months(start, k) for k in itertools.count()))
    return tuple(ReportingMonth(day, day.strftime(form)) for day in days)


def fiscal_months(start: date, stop: date, first_month: int) -> tuple[ReportingMonth, ...]:
    """Return the calendar months of [start, stop) as periods of a fiscal year that begins with a month, 1 to 12.

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
    """Return periods of whole weeks of [start, stop): `weeks` is a quarter's, such as (4, 4, 5); `first_day` begins a
    year.

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
    """All periods of the years around [start, stop); one begins on the day nearest to `first_day` with its weekday."""
    begins = []
    for year in range(start.year - first_day.year - 1, stop.year - first_day.year + 3):
        same_day = add_months(first_day, PERIODS * year)
        ahead = (first_day.weekday() - same_day.weekday()) % 7
        begins.append(same_day + timedelta(days=ahead if ahead <= 3 else ahead - 7))
    for began, ended in itertools.pairwise(begins):
        lengths = [WEEK * each for each in tuple(weeks) * 4]
        firsts = itertools.accumulate(lengths[:-1], initial=timedelta(0))
        for number, offset in enumerate(firsts, start=1):
            yield ReportingMonth(began + offset, _named(number, began, ended))


def _named(number: int, began: date, ended: date) -> str:
    """`P1 FY27/28`; one year only where all of the fiscal year but a few days lies in it."""
    middle, last = began + HALF_YEAR, ended - timedelta(days=1)
    outside = (began.year != middle.year) * (date(middle.year, 1, 1) - began)
    outside += (last.year != middle.year) * (last - date(middle.year, 12, 31))
    year = f"{middle.year % 100:02}" if outside <= WEEK else f"{began.year % 100:02}/{last.year % 100:02}"
    return f"P{number} FY{year}"
