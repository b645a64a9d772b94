"""From the qualifying score to the queue, and between pools (MODEL 6)."""

from __future__ import annotations

from simfunnel import streams
from tests.traces.harness import FRI, MON, NEXT_MON, THU, TUE, at, funnel, pool, stage, trace


def handed_over(t, name: str) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    (row,) = t.passes(name)
    return row.handed_off_at, row.first_response_at


def test_an_elapsed_delay_runs_through_closed_hours() -> None:
    """Three hours: 10:00 -> 13:00, served; 16:00 -> 19:00, closed, served on Tuesday at 09:00."""
    t = trace(funnel({"a": at(10), "b": at(16)}, handoff={"default": {"delay": "3 hours"}}))
    assert handed_over(t, "a") == (13, 13)
    assert handed_over(t, "b") == (19, TUE + 9)
    assert t.tasks("b") == [("call", 0, 19, TUE + 9, TUE + 10, "advanced")]


def test_a_working_delay_runs_only_while_the_home_pool_is_open() -> None:
    """Two working hours: 10:00 -> 12:00; 16:00 -> one hour to closing, one on Tuesday: 10:00; 20:00 -> Tuesday
    11:00.
    """
    t = trace(funnel({"a": at(10), "b": at(16), "c": at(20)}, handoff={"default": {"delay": "2 working hours"}}))
    assert handed_over(t, "a") == (12, 12)
    assert handed_over(t, "b") == (TUE + 10, TUE + 10)
    assert handed_over(t, "c") == (TUE + 11, TUE + 11)


def test_a_working_delay_that_fills_the_day_ends_at_closing_and_the_lead_waits_overnight() -> None:
    """15:00 and two working hours end at 17:00, the earliest time at which they are done; nothing starts at closing."""
    t = trace(funnel({"a": at(15)}, handoff={"default": {"delay": "2 working hours"}}))
    assert handed_over(t, "a") == (17, TUE + 9)


def test_a_business_day_is_a_day_of_opening_hours() -> None:
    """Eight working hours from Monday 10:00: seven until closing, one on Tuesday: 10:00."""
    t = trace(funnel({"a": at(10)}, handoff={"default": {"delay": "1 business day"}}))
    assert handed_over(t, "a") == (TUE + 10, TUE + 10)


def test_a_batch_takes_the_leads_made_before_it_and_at_its_very_instant() -> None:
    """Monday and Thursday 09:00. 10:00 on Monday -> Thursday 09:00; made at that instant -> with it; 09:15 -> next
    Monday.
    """
    leads = {"a": at(10), "b": at(THU + 9), "c": at(THU + 9.25)}
    t = trace(funnel(leads, desk={"reps": 2}, handoff={"default": {"batch": "Mon,Thu 09:00"}}))
    assert handed_over(t, "a") == (THU + 9, THU + 9)
    assert handed_over(t, "b") == (THU + 9, THU + 9)
    assert handed_over(t, "c") == (NEXT_MON + 9, NEXT_MON + 9)


def test_a_batch_on_a_closed_day_goes_at_the_same_hour_of_the_next_open_day() -> None:
    """Thursday the 7th is a holiday: Thursday's batch goes on Friday at its hour, 10:00, not at opening.

    A daily batch on Saturday and Sunday goes with Monday's.
    """
    closed = {"days": "Mon-Fri", "hours": "09:00-17:00", "own_holidays": ["2027-01-07"]}
    t = trace(funnel({"a": at(11)}, calendar=closed, handoff={"default": {"batch": "Mon,Thu 10:00"}}))
    assert handed_over(t, "a") == (FRI + 10, FRI + 10)
    t = trace(funnel({"a": at(FRI + 17.5)}, handoff={"default": {"batch": "daily 10:00"}}))
    assert handed_over(t, "a") == (NEXT_MON + 10, NEXT_MON + 10)


def test_a_batch_after_closing_on_an_open_day_goes_at_its_hour() -> None:
    """18:00 on a Monday: the day is open, the hour is not; the lead joins at 18:00 and is served on Tuesday at
    09:00.
    """
    t = trace(funnel({"a": at(10)}, handoff={"default": {"batch": "daily 18:00"}}))
    assert handed_over(t, "a") == (18, TUE + 9)


def test_batch_times_are_in_the_home_pools_zone() -> None:
    """Tokyo is nine hours ahead: 09:00 there is 00:00 here. Made at 02:00 (11:00 there): Tuesday's batch, hour 24."""
    tokyo = {"days": "Mon-Fri", "hours": "09:00-17:00", "time_zone": "Asia/Tokyo"}
    t = trace(funnel({"a": at(2)}, desk={"calendar": tokyo}, handoff={"default": {"batch": "daily 09:00"}}))
    assert handed_over(t, "a") == (TUE, TUE)
    assert t.closed("a") == ("won", TUE + 1)


def test_a_leaked_lead_arrives_nowhere_but_is_counted() -> None:
    """Leak 100%, drawn at the pass's start: closed at 10:00 as leaked; it made a pass, and no task."""
    t = trace(funnel({"a": at(10)}, handoff={"default": {"delay": "3 hours", "leak": "100%"}}))
    assert t.closed("a") == ("leaked", 10)
    (only,) = t.passes("a")
    assert (only.started, only.handed_off_at, only.left_to, only.left_at) == (10, None, "leaked", 10)
    assert t.tasks("a") == []


def test_a_channels_own_way_replaces_the_default_way_and_inherits_the_leak() -> None:
    """Default: three hours and everything leaks. `b` is instant and inherits the leak; `c` is instant and leaks
    nothing.
    """
    t = trace(
        funnel(
            {"b": at(10), "c": at(10)},
            handoff={
                "default": {"delay": "3 hours", "leak": "100%"},
                "b": {"instant": True},
                "c": {"instant": True, "leak": 0},
            },
        )
    )
    assert t.closed("b") == ("leaked", 10)
    assert handed_over(t, "c") == (10, 10)


def test_who_leaks_is_decided_by_the_luck_of_the_pass() -> None:
    """Leak 50%: a lead leaks iff its uniform is below one half; among twelve leads both happen."""
    t = trace(
        funnel({"a": at(10, 12)}, desk={"reps": "unlimited"}, handoff={"default": {"instant": True, "leak": "50%"}})
    )
    leaked = [name for name in t.names() if t.closed(name)[0] == "leaked"]
    assert leaked == [name for name in t.names() if t.luck(name, streams.LEAK, count=1) < 0.5]
    assert 0 < len(leaked) < 12


def test_a_lead_goes_over_to_another_pool_by_the_stages_hand_off_and_then_waits_for_the_customer() -> None:
    """Called 10:00 to 11:00; two hours of hand-off, one hour of wait: joins the closers at 14:00. Open work from
    11:00.
    """
    steps = [stage("call"), stage("demo", handoff={"delay": "2 hours"}, wait="1 hour")]
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"desk": pool("call"), "closers": pool("demo")}))
    assert t.tasks("a") == [("call", 0, 10, 10, 11, "advanced"), ("demo", 0, 14, 14, 15, "advanced")]
    assert [row.entered for row in t.work("a")] == [10, 11]
    assert t.closed("a") == ("won", 15)


def test_a_hand_off_between_stages_needs_a_change_of_pool() -> None:
    """The same stage in the same pool: no hand-off, only the hour of wait."""
    steps = [stage("call"), stage("demo", handoff={"delay": "2 hours", "leak": "100%"}, wait="1 hour")]
    t = trace(funnel({"a": at(10)}, stages=steps))
    assert t.tasks("a")[1] == ("demo", 0, 12, 12, 13, "advanced")


def test_a_working_hand_off_between_stages_runs_on_the_receiving_pools_calendar() -> None:
    """The closers open 12:00 to 16:00: two working hours from 11:00 end at 14:00."""
    late = {"days": "Mon-Fri", "hours": "12:00-16:00"}
    steps = [stage("call"), stage("demo", handoff={"delay": "2 working hours"})]
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"desk": pool("call"), "closers": pool("demo", calendar=late)}))
    assert t.tasks("a")[1] == ("demo", 0, 14, 14, 15, "advanced")


def test_a_deal_may_leak_between_stages() -> None:
    """Nearly everything leaks on the way to the closers: closed when the call ends, 11:00."""
    steps = [stage("call"), stage("demo", handoff={"instant": True, "leak": "99.9999%"})]
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"desk": pool("call"), "closers": pool("demo")}))
    assert t.closed("a") == ("leaked", 11)
    assert t.tasks("a")[0] == ("call", 0, 10, 10, 11, "advanced")
    assert t.passes("a")[0].left_to == "leaked"


def test_a_stage_without_a_pool_needs_no_rep() -> None:
    """The trial belongs to no pool: after the customer's two hours it is decided without anybody, closed hours or
    not.
    """
    steps = [stage("call"), {"name": "trial", "wait": "8 hours", "conversion": "100%"}]
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"desk": pool("call")}))
    trial = t.work("a")[1]
    assert (trial.pool, trial.rep, trial.entered, trial.started) == (-1, -1, 11, 19)
    assert t.closed("a")[0] == "won"
    assert MON + 19 <= t.closed("a")[1] < TUE
