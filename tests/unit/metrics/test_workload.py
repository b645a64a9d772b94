"""How busy the teams are, and what an hour of a rep brings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import measure
from tests.unit.metrics.factory import (
    AE,
    END,
    FEBRUARY,
    MARCH,
    RUN_IN,
    SDR,
    Row,
    calendar,
    ledger,
    phase,
    plan,
    roster,
    rules,
)

TIME = END


def week(pool: int, rep: int, week: int, staffed: float, busy: float, open_hours: float = 0.0) -> Row:
    return {"pool": pool, "rep": rep, "week": week, "staffed": staffed, "busy": busy, "open_hours": open_hours}


def test_busy_is_the_share_of_staffed_hours_with_a_task_in_hand() -> None:
    reps = [week(SDR, 0, 0, 40, 30), week(SDR, 1, 0, 40, 10), week(AE, 0, 1, 20, 20), week(SDR, 0, -1, 40, 40)]

    m = measure(plan(), ledger(reps=reps))

    assert m.value("busy_share") == 0.6
    assert m.value("busy_share", pool="SDR") == 0.5
    assert m.value("busy_share", pool="SDR", rep=0) == 0.75
    assert m.value("idle_hours") == 40


def test_a_week_counts_in_the_month_of_its_middle() -> None:
    """Week 4 is 29 January to 4 February, its middle at noon on 1 February."""
    reps = [week(SDR, 0, 3, 10, 5), week(SDR, 0, 4, 20, 20)]

    m = measure(plan(), ledger(reps=reps))

    assert m.value("busy_share", month=0) == 0.5
    assert m.value("busy_share", month=1) == 1
    assert m.value("busy_share", pool="SDR", month=1) == 1


def test_the_last_week_may_be_cut_off_by_the_end() -> None:
    m = measure(plan(), ledger(reps=[week(SDR, 0, 12, 10, 5)]))

    assert m.value("busy_share", month=2) == 0.5


def test_an_unlimited_pool_is_neither_staffed_nor_busy() -> None:
    m = measure(plan(), ledger(reps=[week(SDR, -1, 0, 0, 30), week(AE, 0, 0, 40, 20)]))

    assert m.value("busy_share") == 0.5
    assert math.isnan(m.value("busy_share", pool="SDR"))


def test_reps_are_counted_by_calendar_days_on_the_headcount() -> None:
    """One SDR all the time, one from February, one who left at the end of January."""
    staff = roster((SDR, RUN_IN, np.inf), (SDR, FEBRUARY, np.inf), (SDR, RUN_IN, FEBRUARY))

    m = measure(plan(roster=staff), ledger())

    assert m.value("reps", pool="SDR") == 2
    assert [m.value("reps", pool="SDR", month=k) for k in range(3)] == [2, 2, 2]
    assert m.value("rep_hours", pool="SDR", rep=1) == END - FEBRUARY
    assert m.value("rep_hours", pool="SDR", rep=2) == FEBRUARY


def test_staffed_hours_are_open_hours_of_the_pools_calendar() -> None:
    p = plan(calendars=(calendar(0, 40),), working_day_h=np.array([8.0]), roster=roster((SDR, 0.0, np.inf)))

    m = measure(p, ledger())

    assert m.value("rep_hours") == 16
    assert [m.value("rep_hours", month=k) for k in range(3)] == [8, 8, 0]


def test_open_leads_are_a_mean_over_time() -> None:
    """Half the time one lead of nobody's and one of AE 0's are open: a mean of 1, and of 1 per AE (there is one)."""
    reps = [week(AE, -1, k, 0, 0, 168 / 2) for k in range(13)] + [week(AE, 0, k, 1, 0, 168 / 2) for k in range(13)]
    reps[12], reps[25] = week(AE, -1, 12, 0, 0, (TIME - 12 * 168) / 2), week(AE, 0, 12, 1, 0, (TIME - 12 * 168) / 2)

    m = measure(plan(), ledger(reps=reps))

    assert m.value("open_leads", pool="AE") == pytest.approx(1)
    assert m.value("open_leads_per_rep", pool="AE") == pytest.approx(1)
    assert m.value("open_leads", month=1) == pytest.approx(1)
    assert m.value("open_leads_per_rep", pool="AE", rep=0) == pytest.approx(0.5)


def test_new_leads_count_once_a_pass_and_pool_by_the_first_task_started() -> None:
    def task(pass_: int, pool: int, started: float) -> Row:
        return {"pass": pass_, "pool": pool, "rep": 0, "started": started, "ended": started + 1, "stage": pool}

    tasks = [task(1, SDR, 10.0), task(1, SDR, 90.0), task(1, AE, 20.0), task(2, SDR, 50.0), task(3, SDR, -5.0)]
    staff = roster((SDR, 0.0, np.inf), (AE, 0.0, np.inf))

    m = measure(plan(roster=staff), ledger(leads=[{}], tasks=tasks))

    assert m.value("new_leads_per_rep_day", pool="SDR") == pytest.approx(2 / 90)
    assert m.value("new_leads_per_rep_day", pool="AE", rep=0) == pytest.approx(1 / 90)
    assert m.value("new_leads_per_rep_day", pool="SDR", month=0) == pytest.approx(2 / 31)


def test_revenue_per_rep_hour_of_a_pool_counts_the_deals_it_worked_on() -> None:
    """An SDR and an AE for 2,160 hours each; the second win was no SDR's work."""
    leads = [{"outcome": c.WON, "closed_at": t, "value": v} for t, v in ((30.0, 4320.0), (MARCH, 2160.0))]
    tasks = [
        {"lead": 0, "stage": 0, "pool": SDR, "rep": 0, "started": 1.0, "ended": 2.0, "decision": c.ADVANCED},
        {"lead": 0, "stage": 0, "pool": SDR, "rep": 0, "started": 3.0, "ended": 4.0, "decision": c.ADVANCED},
        {"lead": 0, "stage": 1, "pool": AE, "rep": 0, "started": 29.0, "ended": 30.0, "decision": c.ADVANCED},
        {"lead": 1, "stage": 1, "pool": AE, "rep": 0, "started": MARCH - 1, "ended": MARCH, "decision": c.ADVANCED},
    ]
    staff = roster((SDR, 0.0, np.inf), (AE, 0.0, np.inf))

    m = measure(plan(roster=staff), ledger(leads=leads, tasks=tasks))

    assert m.value("revenue_per_rep_hour") == 1.5
    assert m.value("revenue_per_rep_hour", pool="SDR") == 2
    assert m.value("revenue_per_rep_hour", pool="AE") == 3
    assert m.value("opportunities_per_rep_hour", pool="SDR") == pytest.approx(2 / 2160)
    assert m.value("revenue_per_rep_hour", month=1) == 0


def test_a_pool_without_reps_has_no_rates() -> None:
    p = plan(phases=(phase(pools=(rules(unlimited=True), rules())),), roster=roster((AE, 0.0, np.inf)))

    m = measure(p, ledger())

    assert math.isnan(m.value("revenue_per_rep_hour", pool="SDR"))
    assert m.value("reps", pool="SDR") == 0
