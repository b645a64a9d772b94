"""How soon the first contact comes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import Measures, measure
from simfunnel.plan.model import Plan
from tests.unit.metrics.factory import (
    CHAT,
    END,
    FEBRUARY,
    RUN_IN,
    SDR,
    WEB,
    Row,
    calendar,
    ledger,
    phase,
    plan,
    rules,
    with_phases,
)


def answered(plan_: Plan, *passes: Row, channels: tuple[int, ...] = ()) -> Measures:
    """Measures of passes, each of its own lead; an answer is by SDR 0."""
    leads = [{"channel": channels[k] if channels else WEB} for k in range(len(passes))]
    rows = [{"lead": k, "pool": SDR, "rep": 0, **row} for k, row in enumerate(passes)]
    return measure(plan_, ledger(leads=leads, passes=rows))


def contact(started: float, after: float, **changes: object) -> Row:
    """A pass that is contacted some hours after its start."""
    return {"started": started, "first_response_at": started + after, "accepted": 1, **changes}


def test_response_is_from_the_passs_start_to_its_first_contact() -> None:
    m = answered(plan(), contact(10.0, 1.0), contact(20.0, 2.0), contact(30.0, 6.0))

    assert m.value("response_mean") == 3
    assert m.value("response_median") == 2
    assert m.value("response_p90") == pytest.approx(2 + 0.8 * 4)


def test_only_first_passes_count_and_only_contacts_of_the_period() -> None:
    m = answered(plan(), contact(10.0, 1.0), contact(20.0, 99.0, **{"pass": 2}), contact(-9.0, 5.0), contact(-2.0, 5.0))

    assert m.value("response_mean") == 3


def test_response_by_channel_month_pool_and_rep() -> None:
    m = answered(plan(), contact(10.0, 1.0), contact(FEBRUARY, 3.0), channels=(WEB, CHAT))

    assert m.value("response_median", channel="chat") == 3
    assert m.value("response_median", month=0) == 1
    assert m.value("response_mean", pool="SDR", rep=0) == 2
    assert math.isnan(m.value("response_mean", pool="SDR", rep=1))


def test_a_part_without_contacts_has_no_median() -> None:
    m = answered(plan(), contact(10.0, 1.0))

    assert math.isnan(m.value("response_median", month=2))


def test_working_hours_are_those_of_the_pools_calendar() -> None:
    """Open 9 to 17 on days 3 and 4: from 15:00 of day 3 to 10:00 of day 4 are 19 elapsed, 3 working hours."""
    open_plan = plan(calendars=(calendar(3, 4),), working_day_h=np.array([8.0]))

    m = answered(open_plan, contact(3 * 24 + 15, 19.0))

    assert m.value("response_mean") == 19
    assert m.value("response_working_mean") == 3
    assert m.value("response_working_p90") == 3


def test_the_calendar_is_that_of_the_phase_in_which_the_pass_starts() -> None:
    base = plan(calendars=(calendar(3, 4), (np.array([-1e7]), np.array([1e7]))), working_day_h=np.array([8.0, 24.0]))
    always_open = (rules(calendar=1), rules(calendar=1))
    switched = with_phases(base, phase(), phase(start_h=3 * 24.0 + 16, pools=always_open))

    m = answered(switched, contact(3 * 24 + 15, 19.0), contact(3 * 24 + 16, 19.0), channels=(WEB, CHAT))

    assert m.value("response_working_mean", channel="web") == 3
    assert m.value("response_working_mean", channel="chat") == 19


def test_shares_answered_in_time_count_those_never_contacted_as_misses() -> None:
    cold = {"started": 50.0, "left_to": c.P_COLD, "left_at": 60.0, "pool": -1, "rep": -1}

    m = answered(plan(), contact(10.0, 1 / 12), contact(20.0, 1.0), contact(30.0, 24.5), cold)

    assert m.value("answered_in_5_minutes") == 0.25
    assert m.value("answered_in_1_hour") == 0.5
    assert m.value("answered_in_1_day") == 0.5
    assert m.value("answered_in_1_day", pool="SDR") == 0.5


def test_who_may_still_be_answered_in_time_when_the_period_ends_is_not_judged() -> None:
    waiting = {"started": END - 2, "left_to": c.IN_PROGRESS}

    m = answered(plan(), contact(10.0, 0.5), waiting)

    assert m.value("answered_in_1_hour") == 0.5
    assert m.value("answered_in_1_day") == 1


def test_a_stage_without_pool_answers_in_elapsed_hours() -> None:
    nobody = plan(phases=(phase(home_pool=np.array([[-1, 1], [-1, 1]])),))

    m = answered(nobody, contact(10.0, 2.0, pool=-1, rep=-1))

    assert m.value("response_working_mean") == 2


def test_the_run_in_is_not_reported() -> None:
    m = answered(plan(), contact(RUN_IN, 2.0))

    assert math.isnan(m.value("response_mean"))
    assert math.isnan(m.value("answered_in_1_hour"))
