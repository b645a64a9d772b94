"""Waits, no-shows, decisions and what happens to those who do not advance (MODEL 8)."""

from __future__ import annotations

import pytest

from simfunnel import streams
from simfunnel.ledger import columns
from tests.traces.harness import NEVER_THERE, TUE, WED, at, funnel, pool, stage, trace

ANYBODY = {"reps": "unlimited"}
NO = {"conversion": "0%"}


def test_the_customers_wait_holds_no_rep() -> None:
    """Called 9-10, five hours of wait; the rep serves b meanwhile; the demo starts when the wait ends, 15:00."""
    t = trace(funnel({"a": at(9), "b": at(10)}, stages=[stage("call"), stage("demo", wait="5 hours")]))
    assert t.tasks("a") == [("call", 0, 9, 9, 10, "advanced"), ("demo", 0, 15, 15, 16, "advanced")]
    assert t.served("b") == (0, 10, 11)
    assert [row.entered for row in t.work("a")] == [9, 10]
    assert [row.kind for row in t.work("a")] == [columns.FIRST_CONTACT, columns.WORK]
    assert t.passes("a")[0].stage == 2


def test_a_working_wait_runs_on_the_pools_calendar() -> None:
    """Called 14-15; four working hours: two on Monday, two on Tuesday: 11:00."""
    t = trace(funnel({"a": at(14)}, stages=[stage("call"), stage("demo", wait="4 working hours")]))
    assert t.tasks("a")[1] == ("demo", 0, TUE + 11, TUE + 11, TUE + 12, "advanced")


def test_an_elapsed_wait_may_end_while_closed() -> None:
    """Called 10-11; ten hours: 21:00; queued then, started on Tuesday at 09:00."""
    t = trace(funnel({"a": at(10)}, stages=[stage("call"), stage("demo", wait="10 hours")]))
    assert t.tasks("a")[1] == ("demo", 0, 21, TUE + 9, TUE + 10, "advanced")


def test_who_does_not_advance_is_lost_by_default() -> None:
    """Never advances: lost when the call ends; no value."""
    t = trace(funnel({"a": at(10)}, call=NO))
    assert t.tasks("a") == [("call", 0, 10, 10, 11, "lost")]
    assert t.closed("a") == ("lost", 11)
    assert (t.passes("a")[0].left_to, t.passes("a")[0].left_at, t.passes("a")[0].stage) == ("lost", 11, 0)


def test_each_no_show_costs_half_the_effort_and_a_new_wait() -> None:
    """Never there. Demo: wait three hours (14:00), half of two hours (15:00), wait (18:00), 19:00, wait (22:00)...; no
    decision.
    """
    steps = [stage("call"), stage("demo", effort="2 hours", wait="3 hours", no_show=NEVER_THERE, no_show_effort="50%")]
    t = trace(funnel({"a": at(10)}, stages=steps, calendar="always"))
    assert t.tasks("a")[:4] == [
        ("call", 0, 10, 10, 11, "advanced"),
        ("demo", 0, 14, 14, 15, "no-show"),
        ("demo", 0, 18, 18, 19, "no-show"),
        ("demo", 0, 22, 22, 23, "no-show"),
    ]
    assert [row.entered for row in t.work("a")[:4]] == [10, 11, 15, 19]
    assert {row.kind for row in t.work("a")[1:4]} == {columns.NO_SHOW}
    assert {row.x for row in t.work("a")[1:4]} == {None}
    assert t.closed("a") == ("open", None)


def test_whether_a_customer_shows_up_is_the_luck_of_that_task() -> None:
    """No-show 50%, twelve leads: the n-th task is missed iff its uniform is below one half; the first held one
    decides.
    """
    t = trace(funnel({"a": at(10, 12)}, call={"no_show": "50%", "wait": "1 hour"}, desk=ANYBODY, calendar="always"))
    missed = 0
    for name in t.names():
        start, count = 10.0, 1
        for row in t.tasks(name):
            there = t.luck(name, streams.NO_SHOW, "call", count) >= 0.5
            assert row[3:] == (start, start + (1 if there else 0.5), "advanced" if there else "no-show")
            start, count, missed = start + 1.5, count + 1, missed + (not there)
        assert there
        assert t.passes(name)[0].first_response_at == t.tasks(name)[-1][3]
    assert missed > 0


def test_a_customer_who_comes_back_from_a_missed_first_appointment_joins_the_line_anew() -> None:
    """a misses 9-9.5 (all do); after an hour, 10.5, it stands behind b (joined at 9.25, misses 9.5-10) and c (joined at
    9.75).
    """
    first = {"no_show": NEVER_THERE, "wait": "1 hour", "effort": "1 hour"}
    t = trace(funnel({"a": at(9), "b": at(9.25), "c": at(9.75)}, call=first))
    # rep: a 9-9.5, b 9.5-10, c 10-10.5; a back at 10.5 (10.5-11), b at 11 (11-11.5), c at 11.5
    assert [row[2:5] for row in t.tasks("a")[:2]] == [(9, 9, 9.5), (10.5, 10.5, 11)]
    assert [row[2:5] for row in t.tasks("b")[:2]] == [(9.25, 9.5, 10), (11, 11, 11.5)]
    assert [row[2:5] for row in t.tasks("c")[:2]] == [(9.75, 10, 10.5), (11.5, 11.5, 12)]


def test_a_postponed_deal_sleeps_and_then_joins_the_queue_without_a_wait() -> None:
    """Demo done 15-16 after five hours of wait, not now: asleep for 24 hours; queued on Tuesday at 16:00, no wait.

    While asleep it is no open work: entered is the instant of waking.
    """
    later = {"otherwise": {"postponed": "100%"}, "postponed_for": "24 hours"}
    t = trace(funnel({"a": at(9)}, stages=[stage("call"), stage("demo", wait="5 hours", **NO, **later)]))
    assert t.tasks("a")[1:3] == [
        ("demo", 0, 15, 15, 16, "postponed"),
        ("demo", 0, TUE + 16, TUE + 16, TUE + 17, "postponed"),
    ]
    assert [row.entered for row in t.work("a")[1:3]] == [10, TUE + 16]


def test_a_deal_that_wakes_while_closed_waits_for_the_opening() -> None:
    """Asleep from 11:00 for fifteen hours: 02:00 on Tuesday; started at 09:00."""
    later = {"otherwise": {"postponed": "100%"}, "postponed_for": "15 hours"}
    t = trace(funnel({"a": at(10)}, call={**NO, **later}))
    assert t.tasks("a")[1] == ("call", 0, TUE + 2, TUE + 9, TUE + 10, "postponed")


def test_the_exit_is_cut_in_the_order_nurture_postponed_lost() -> None:
    """Shares 30, 30, 40: u < 0.3 nurture, u < 0.6 postponed, else lost; among sixteen leads all three happen."""
    exits = {"otherwise": {"lost": "40%", "nurture": "30%", "postponed": "30%"}, "postponed_for": "100 days"}
    back = {"delay": "100 days", "score_lift": 0, "opt_out": "0%", "cycles": 3, "cost": 0}
    t = trace(funnel({"a": at(10, 16)}, call={**NO, **exits}, desk=ANYBODY, nurture=back))
    seen = set()
    for name in t.names():
        u = t.luck(name, streams.EXIT, "call", 1)
        expected = "nurture" if u < 0.3 else "postponed" if u < 0.6 else "lost"
        assert t.tasks(name)[0][5] == expected
        seen.add(expected)
    assert seen == {"nurture", "postponed", "lost"}


def test_a_lead_advances_iff_its_luck_is_below_its_log_odds() -> None:
    """Conversion 50%, quality odds e: logit(u) < b + Q, with x = Q in the ledger; both happen among sixteen."""
    t = trace(funnel({"a": at(10, 16)}, call={"conversion": "50%", "quality_odds": 2.718281828459045}, desk=ANYBODY))
    intercept = t.plan.phases[0].stages[0].intercept
    assert intercept == pytest.approx(0, abs=0.02)  # mean logistic(b + Q) is one half at b = 0, Q symmetric
    seen = set()
    for name in t.names():
        (row,) = t.work(name)
        assert row.x == pytest.approx(t.lead(name).quality, abs=1e-12)
        u = t.luck(name, streams.LUCK, "call", 1)
        advanced = u < 1 / (1 + 2.718281828459045 ** -(intercept + row.x))
        assert t.tasks(name)[0][5] == ("advanced" if advanced else "lost")
        seen.add(advanced)
    assert seen == {True, False}


def test_the_rep_who_is_free_starts_the_next_stage_at_the_same_instant() -> None:
    """Three stages in three pools, no waits: one hour each, without a gap, over closing in between."""
    steps = [stage("call"), stage("demo"), stage("sign")]
    pools = {"c": pool("call"), "a": pool("demo"), "b": pool("sign")}
    t = trace(funnel({"a": at(15)}, stages=steps, pools=pools))
    assert [row[2:5] for row in t.tasks("a")] == [(15, 15, 16), (16, 16, 17), (17, TUE + 9, TUE + 10)]
    assert t.closed("a") == ("won", TUE + 10)
    assert t.lead("a").effort == 3


def test_open_lead_hours_count_waiting_for_the_customer_but_not_sleep_or_other_pools() -> None:
    """a: desk 9-10. Closers: demo entered 10, wait to 15, done 16, not now: asleep for 24 h, Wednesday... 16-17,
    asleep.

    Closers' open lead-hours of the first two days: 10 to 16, and Tuesday 16 to 17: 7. With sleeps of four days more:
    none.
    """
    later = {"otherwise": {"postponed": "100%"}, "postponed_for": "24 hours"}
    steps = [stage("call"), stage("demo", wait="5 hours", **NO, **later)]
    pools = {"desk": pool("call"), "closers": pool("demo", ownership="rep")}
    t = trace(funnel({"a": at(9)}, stages=steps, pools=pools, days=2))
    assert t.rep_week("desk", -1).open_hours == 1
    # no owner before the first closer takes it at 15:00; his from then on, while awake
    assert t.rep_week("closers", -1).open_hours + t.rep_week("closers", 0).open_hours == 7
    assert WED == 48
