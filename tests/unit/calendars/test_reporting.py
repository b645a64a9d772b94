"""The months that results are shown by."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from simfunnel.calendars.dates import add_months, fiscal_months, fiscal_weeks, months_from

DAY = timedelta(days=1)
QUARTER = (4, 4, 5)


@pytest.mark.parametrize("start", [date(2027, 1, 4), date(2027, 1, 1), date(2027, 1, 31), date(2028, 2, 29)])
def test_twelve_months_from_any_day_are_twelve(start: date) -> None:
    found = months_from(start, add_months(start, 12))
    assert len(found) == 12
    assert found[0].first == start
    assert len({each.name for each in found}) == 12


def test_fifty_two_weeks_from_a_monday_are_twelve_months_and_a_day_more_than_a_month_is_two() -> None:
    start = date(2027, 1, 4)
    assert len(months_from(start, start + timedelta(weeks=52))) == 12
    assert [each.name for each in months_from(start, date(2027, 2, 5))] == ["2027-01-04", "2027-02-04"]


def test_a_period_that_starts_on_a_first_has_calendar_months() -> None:
    assert [each.name for each in months_from(date(2027, 12, 1), date(2028, 2, 15))] == [
        "2027-12",
        "2028-01",
        "2028-02",
    ]


def test_a_fiscal_year_of_months_counts_from_its_month_and_names_both_calendar_years() -> None:
    found = fiscal_months(date(2027, 4, 1), date(2028, 4, 1), 4)
    assert [each.name for each in (found[0], found[-1])] == ["P1 FY27/28", "P12 FY27/28"]
    assert [each.first for each in found] == [add_months(date(2027, 4, 1), k) for k in range(12)]
    assert fiscal_months(date(2027, 1, 1), date(2028, 1, 1), 1)[11].name == "P12 FY27"


def test_a_month_of_the_fiscal_year_is_shown_from_the_first_reported_day_on() -> None:
    first, second, *_ = fiscal_months(date(2027, 1, 4), date(2028, 1, 4), 4)
    assert (first.first, first.name) == (date(2027, 1, 4), "P10 FY26/27")
    assert (second.first, second.name) == (date(2027, 2, 1), "P11 FY26/27")


@pytest.mark.parametrize("weeks", [(4, 4, 5), (4, 5, 4), (5, 4, 4)])
def test_a_fiscal_year_of_weeks_has_four_quarters_of_thirteen(weeks: tuple[int, ...]) -> None:
    start = date(2027, 2, 1)
    found = fiscal_weeks(start, start + timedelta(weeks=52), start, weeks)
    ends = [*(each.first for each in found[1:]), start + timedelta(weeks=52)]
    assert [(end - each.first).days // 7 for each, end in zip(found, ends, strict=True)] == list(weeks * 4)
    assert [each.name for each in found] == [f"P{k} FY27/28" for k in range(1, 13)]


@pytest.mark.parametrize("days", [364, 365, 366, 371])
def test_the_53rd_week_or_a_part_of_it_joins_the_last_period(days: int) -> None:
    start = date(2027, 2, 1)
    found = fiscal_weeks(start, start + days * DAY, start, QUARTER)
    assert len(found) == 12
    assert found[-1].first == start + timedelta(weeks=47)


def test_fiscal_years_begin_on_one_weekday_and_never_drift_from_their_date() -> None:
    first = date(2027, 2, 1)
    found = fiscal_weeks(first, date(2047, 2, 1), first, QUARTER)
    begins = [each.first for each in found if each.name.startswith("P1 ")]
    assert {day.weekday() for day in begins} == {0}
    assert {(later - day).days // 7 for day, later in itertools.pairwise(begins)} == {52, 53}
    assert all(abs((day - date(day.year, 2, 1)).days) <= 3 for day in begins)


def test_a_year_of_weeks_that_is_nearly_a_calendar_year_bears_its_name() -> None:
    for first in (date(2027, 1, 4), date(2026, 12, 28)):
        assert fiscal_weeks(first, first + timedelta(weeks=52), first, QUARTER)[0].name == "P1 FY27"


def test_days_before_the_first_day_belong_to_the_year_before() -> None:
    found = fiscal_weeks(date(2027, 1, 4), date(2028, 1, 4), date(2027, 2, 1), QUARTER)
    assert [each.name for each in found[:2]] == ["P12 FY26/27", "P1 FY27/28"]
    assert found[0].first == date(2027, 1, 4)
    assert found[-1].name == "P12 FY27/28"
