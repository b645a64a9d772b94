"""Dates and zones: day numbers, public holidays, and how far a zone is from another on a day."""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import UTC, date, datetime
from functools import lru_cache

from simfunnel.units import UnitError

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    """The date of a day number.

    >>> date_of(0)
    datetime.date(1970, 1, 1)
    """
    return date.fromordinal(number + _EPOCH)


def check_country(code: object) -> str:
    """`code` itself if public holidays are known for it: a country such as `US`, or with a subdivision, `US-CA`.

    Raises UnitError that names near spellings.
    """
    remedy = "write a two-letter country code such as US, GB or DE, with a subdivision if need be: US-CA"
    if not isinstance(code, str):
        raise UnitError("this is not a country code", remedy)
    country, _, part = code.partition("-")
    known = _countries()
    if country not in known:
        raise UnitError(f"no holidays are known for {country!r}", _did_you_mean(country, list(known)) or remedy)
    if part and part not in known[country]:
        parts = known[country]
        listed = f"write one of {', '.join(parts)}" if parts else f"write {country} alone"
        raise UnitError(f"{country} has no part {part!r}", _did_you_mean(part, list(parts)) or listed)
    return code


def check_zone(name: object) -> str:
    """`name` itself if it is a time zone of the IANA database, such as Europe/Berlin or UTC; else UnitError."""
    remedy = "write a place such as America/New_York, Europe/Berlin or UTC"
    if not isinstance(name, str):
        raise UnitError("this is not a time zone", remedy)
    known = zoneinfo.available_timezones()
    if name not in known:
        raise UnitError(f"no time zone is called {name!r}", _did_you_mean(name, sorted(known)) or remedy)
    return name


@lru_cache(maxsize=256)
def holiday_days(code: str, year: int) -> tuple[int, ...]:
    """Day numbers of a country's public holidays in a year, as observed (a Sunday's may be kept on Monday), sorted."""
    import holidays

    country, _, part = check_country(code).partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=year)
    return tuple(sorted(day_number(day) for day in found))


@lru_cache(maxsize=65536)
def zone_offset_s(zone: str, day: int) -> int:
    """Seconds by which a zone's clock is ahead of UTC at noon UTC of a day number."""
    noon = datetime.fromtimestamp(day * 86400 + 43200, tz=UTC)
    offset = noon.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    import holidays

    return {code: tuple(parts) for code, parts in holidays.list_supported_countries().items() if len(code) == 2}


def _did_you_mean(text: str, names: list[str]) -> str:
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(text.lower(), by_lower, n=1)
    return f"did you mean {by_lower[near[0]]}?" if near else ""
