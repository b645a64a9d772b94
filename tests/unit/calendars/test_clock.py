import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simfunnel.calendars import (
    add_working,
    always,
    build,
    day_number,
    holiday_days,
    is_open,
    next_open,
    parse_days,
    parse_hours,
    weekly_windows,
    working_between,
    working_between_each,
)

FRIDAY_NEW_YEAR = day_number(date(2027, 1, 1))
OFFICE = weekly_windows(parse_days("Mon-Fri"), parse_hours("09:00-17:30"))
WEEK = build(OFFICE, day_zero=day_number(date(2027, 1, 4)), first_day=0, last_day=14)  # hour 0 is a Monday
YEARS = build(OFFICE, day_zero=FRIDAY_NEW_YEAR, first_day=-365, last_day=800, holidays="US")
MONDAY, TUESDAY, FRIDAY, NEXT_MONDAY = 0.0, 24.0, 96.0, 168.0

hours = st.floats(-8000.0, 15000.0)
work = st.floats(0.0, 500.0)


@pytest.mark.parametrize(
    ("t", "opens", "is_open_then"),
    [
        (MONDAY - 100, MONDAY + 9, False),
        (MONDAY + 8.999, MONDAY + 9, False),
        (MONDAY + 9, MONDAY + 9, True),
        (MONDAY + 12, MONDAY + 12, True),
        (MONDAY + 17.5, TUESDAY + 9, False),  # at its closing a calendar is closed
        (FRIDAY + 17.5, NEXT_MONDAY + 9, False),
        (FRIDAY + 30, NEXT_MONDAY + 9, False),
        (14 * 24.0, math.inf, False),
    ],
)
def test_the_next_open_instant(t: float, opens: float, is_open_then: bool) -> None:
    assert next_open(*WEEK, t) == opens
    assert is_open(*WEEK, t) is is_open_then


@pytest.mark.parametrize(
    ("start", "work_h", "end"),
    [
        (MONDAY + 9, 8.5, MONDAY + 17.5),  # fills the day: ends at closing, not on Tuesday morning
        (MONDAY + 9, 8.75, TUESDAY + 9.25),
        (MONDAY + 16.5, 3.0, TUESDAY + 11),
        (MONDAY + 17.5, 1.0, TUESDAY + 10),
        (MONDAY + 2, 1.0, MONDAY + 10),
        (FRIDAY + 17, 1.0, NEXT_MONDAY + 9.5),
        (FRIDAY + 20, 1.0, NEXT_MONDAY + 10),
        (MONDAY + 9, 42.5, FRIDAY + 17.5),
        (MONDAY + 9, 43.5, NEXT_MONDAY + 10),
        (MONDAY + 3, 0.0, MONDAY + 3),
        (MONDAY + 9, 1000.0, math.inf),
    ],
)
def test_work_goes_on_at_the_next_opening(start: float, work_h: float, end: float) -> None:
    assert add_working(*WEEK, start, work_h) == end


def test_work_goes_round_a_holiday() -> None:
    new_year = 9.0  # Friday 1 January 2027, hour 0 of YEARS

    assert next_open(*YEARS, new_year) == 3 * 24 + 9
    assert add_working(*YEARS, -24 + 17, 1.0) == 3 * 24 + 9.5


def test_eighty_five_tasks_of_six_minutes_fill_a_day_in_spite_of_rounding() -> None:
    t = MONDAY + 9
    for _ in range(85):
        t = add_working(*WEEK, t, 0.1)

    assert t == MONDAY + 17.5


def test_always_is_plain_addition() -> None:
    calendar = always()

    assert next_open(*calendar, -3.3) == -3.3
    assert add_working(*calendar, -3.3, 7.7) == -3.3 + 7.7
    assert working_between(*calendar, 1.0, 3.5) == 2.5


@pytest.mark.parametrize(
    ("a", "b", "open_h"),
    [
        (MONDAY, TUESDAY, 8.5),
        (MONDAY + 10, MONDAY + 12, 2.0),
        (MONDAY + 17, TUESDAY + 10, 1.5),
        (MONDAY + 18, TUESDAY + 8, 0.0),
        (FRIDAY, NEXT_MONDAY, 8.5),
        (MONDAY - 50, MONDAY + 10, 1.0),
        (TUESDAY, MONDAY, 0.0),
        (MONDAY + 10, MONDAY + 10, 0.0),
    ],
)
def test_working_hours_between_two_instants(a: float, b: float, open_h: float) -> None:
    assert working_between(*WEEK, a, b) == open_h


def test_working_hours_of_many_pairs_are_those_of_each() -> None:
    starts, ends = np.array([0.0, 17.0, 24.0]), np.array([24.0, 34.0, 0.0])

    assert working_between_each(*WEEK, starts, ends).tolist() == [8.5, 1.5, 0.0]


@given(t=hours, w=work)
def test_work_takes_exactly_its_working_hours(t: float, w: float) -> None:
    end = add_working(*YEARS, t, w)

    assert end >= t
    assert working_between(*YEARS, t, end) == pytest.approx(w, abs=1e-8)


@given(t=hours, w=work, more=work)
def test_more_work_never_ends_earlier(t: float, w: float, more: float) -> None:
    assert add_working(*YEARS, t, w) <= add_working(*YEARS, t, w + more)


@given(t=hours, w=work, later=st.floats(0.0, 100.0))
def test_work_started_later_never_ends_earlier(t: float, w: float, later: float) -> None:
    assert add_working(*YEARS, t, w) <= add_working(*YEARS, t + later, w) + 1e-8


@given(t=hours, w=st.floats(0.01, 500.0))
def test_work_never_ends_outside_opening_hours(t: float, w: float) -> None:
    end = add_working(*YEARS, t, w)
    k = int(np.searchsorted(YEARS.opens, end, side="left")) - 1

    assert YEARS.opens[k] < end <= YEARS.closes[k]


@given(t=hours, w=st.floats(1e-3, 8.0))
def test_work_inside_one_window_is_plain_addition(t: float, w: float) -> None:
    start = next_open(*YEARS, t)
    closing = YEARS.closes[np.searchsorted(YEARS.opens, start, side="right") - 1]

    assert start + w > closing or add_working(*YEARS, start, w) == start + w


@given(day=st.integers(-300, 600), days=st.integers(1, 60))
def test_whole_business_days_are_those_of_numpy_busday(day: int, days: int) -> None:
    closed = np.array([d for year in range(2026, 2030) for d in holiday_days("US", year)], dtype="datetime64[D]")
    first = np.busday_offset(np.datetime64(FRIDAY_NEW_YEAR + day, "D"), 0, roll="forward", holidays=closed)
    last = np.busday_offset(first, days - 1, holidays=closed)

    end = add_working(*YEARS, day * 24.0, days * 8.5)

    assert end == (int(last.astype(int)) - FRIDAY_NEW_YEAR) * 24.0 + 17.5
