"""Working hours, holidays, zones and selling time (MODEL 1)."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from simfunnel import streams
from tests.traces.harness import FRI, MON, NEXT_MON, SAT, TUE, WED, at, funnel, pool, trace


def test_work_that_does_not_fit_goes_on_at_the_next_opening_with_the_same_rep() -> None:
    """16:00, three hours: one on Monday, two on Tuesday until 11:00. The rep is not free in between: b is served at
    11:00.
    """
    t = trace(funnel({"a": at(16), "b": at(16.5)}, call={"effort": "3 hours"}))
    assert t.tasks("a") == [("call", 0, 16, 16, TUE + 11, "advanced")]
    assert t.served("b") == (0, TUE + 11, TUE + 14)
    assert t.rep_week("desk", 0).busy == 6
    assert t.rep_week("desk", 0).staffed == 40


def test_work_that_fills_the_day_ends_at_closing() -> None:
    """15:00, two hours: ends at 17:00, not at the next opening. b waits, and starts at 09:00."""
    t = trace(funnel({"a": at(15), "b": at(15)}, call={"effort": "2 hours"}))
    assert sorted([t.served("a"), t.served("b")]) == [(0, 15, 17), (0, TUE + 9, TUE + 11)]


def test_work_may_span_several_days_and_the_weekend() -> None:
    """Friday 16:00, eleven hours: one on Friday, eight on Monday, two on Tuesday until 11:00."""
    t = trace(funnel({"a": at(FRI + 16)}, call={"effort": "11 hours"}))
    assert t.served("a") == (0, FRI + 16, NEXT_MON + 24 + 11)
    assert (t.rep_week("desk", 0, 0).busy, t.rep_week("desk", 0, 1).busy) == (1, 10)


def test_nothing_starts_while_closed() -> None:
    """At closing it is closed, at opening open: 17:00 -> Tuesday 09:00; Tuesday 09:00 sharp is served (after the
    first).
    """
    t = trace(funnel({"a": at(17), "b": at(TUE + 9), "c": at(SAT + 3)}))
    assert t.served("a") == (0, TUE + 9, TUE + 10)
    assert t.served("b") == (0, TUE + 10, TUE + 11)
    assert t.served("c") == (0, NEXT_MON + 9, NEXT_MON + 10)


def test_a_holiday_of_ones_own_is_closed() -> None:
    """Tuesday the 5th is closed: from Monday 16:00, two hours end on Wednesday at 10:00."""
    closed = {"days": "Mon-Fri", "hours": "09:00-17:00", "own_holidays": ["2027-01-05"]}
    t = trace(funnel({"a": at(16)}, call={"effort": "2 hours"}, calendar=closed))
    assert t.served("a") == (0, 16, WED + 10)


def test_a_countrys_holidays_are_closed() -> None:
    """Martin Luther King Day is Monday 2027-01-18, hour 336: a lead at 10:00 that day is served on Tuesday at 09:00."""
    us = {"days": "Mon-Fri", "hours": "09:00-17:00", "holidays": "US"}
    t = trace(funnel({"a": at(336 + 10), "b": at(10)}, days=21, run_in_days=28, calendar=us))
    assert t.served("a") == (0, 336 + 24 + 9, 336 + 24 + 10)
    assert t.served("b") == (0, 10, 11)


def test_round_the_clock_never_closes() -> None:
    """Saturday 23:00, four hours: done on Sunday at 03:00."""
    t = trace(funnel({"a": at(SAT + 23)}, call={"effort": "4 hours"}, calendar="always"))
    assert t.served("a") == (0, SAT + 23, SAT + 27)


def test_a_pool_may_have_its_own_calendar_in_its_own_zone() -> None:
    """New York is five hours behind UTC in January: 09:00 there is 14:00 here, 17:00 is 22:00."""
    new_york = {"days": "Mon-Fri", "hours": "09:00-17:00", "time_zone": "America/New_York"}
    t = trace(funnel({"a": at(10), "b": at(21)}, call={"effort": "2 hours"}, desk={"calendar": new_york}))
    assert t.served("a") == (0, 14, 16)
    assert t.served("b") == (0, 21, TUE + 15)


def test_a_lunch_break_is_closed() -> None:
    """11:00, two hours: 11-12 and 13-14. At 12:00 it is closed: served at 14:00, after the first."""
    lunch = {"days": "Mon-Fri", "hours": "09:00-12:00, 13:00-17:00"}
    t = trace(funnel({"a": at(11), "b": at(12)}, call={"effort": "2 hours"}, calendar=lunch))
    assert t.served("a") == (0, 11, 14)
    assert t.served("b") == (0, 14, 16)


def test_windows_that_touch_do_not_close_in_between() -> None:
    """09:00-12:00 and 12:00-17:00 are one window: a lead at 12:00 is served at 12:00."""
    touching = {"days": "Mon-Fri", "hours": "09:00-12:00, 12:00-17:00"}
    t = trace(funnel({"a": at(11), "b": at(12)}, calendar=touching))
    assert t.served("a") == (0, 11, 12)
    assert t.served("b") == (0, 12, 13)


def test_selling_time_stretches_work() -> None:
    """Half of the opening hours sell: an hour of effort takes two working hours. The ledger counts what it took."""
    t = trace(funnel({"a": at(10)}, desk={"selling_time": "50%"}))
    assert t.served("a") == (0, 10, 12)
    assert t.rep_week("desk", 0).busy == 2


def test_a_task_takes_at_least_a_second() -> None:
    """No effort at all: one second."""
    t = trace(funnel({"a": at(10)}, call={"effort": "0 minutes"}))
    assert t.served("a") == (0, 10, 10 + 1 / 3600)


def test_work_may_be_typed_as_what_a_rep_can_do_in_a_day() -> None:
    """Four tasks a day of 24 open hours, selling half of it: three hours of work on average, lognormal, cv 0.8 as
    assumed.

    A task takes twice its work: 3 exp(s z - s^2 / 2) hours with s^2 = ln(1 + 0.8^2), z the lead's normal luck.
    """
    call = {"name": "call", "capacity": "4 / business day", "wait": "0 hours", "conversion": "100%"}
    pools = {"desk": pool("call", reps="unlimited", selling_time="50%")}
    t = trace(funnel({"a": at(9, 4)}, stages=[call], pools=pools, calendar="always"))
    variance = math.log(1.64)
    for name in t.names():
        z = NormalDist().inv_cdf(t.luck(name, streams.EFFORT, "call", 1))
        work = 3 * math.exp(math.sqrt(variance) * z - variance / 2)
        assert t.lead(name).effort == pytest.approx(work, rel=1e-9)
        assert t.served(name)[2] == pytest.approx(9 + 2 * work, rel=1e-9)


def test_the_run_in_has_negative_hours_and_its_own_week_numbers() -> None:
    """Sunday 22:00 before the period, round the clock: created at -2, done at 2; two busy hours in each week."""
    t = trace(funnel({"a": at(MON - 2)}, call={"effort": "4 hours"}, calendar="always"))
    assert t.lead("a").created == -2
    assert t.served("a") == (0, -2, 2)
    assert t.rep_week("desk", 0, -1).busy == 2
    assert t.rep_week("desk", 0, 0).busy == 2
