"""How long a lead waits before it goes cold (MODEL 7)."""

from __future__ import annotations

from simfunnel.ledger import columns
from tests.traces.harness import MON, NEVER_THERE, TUE, at, funnel, stage, trace

ALL = {"threshold": -10_000}


def test_a_lead_goes_cold_in_the_queue_when_its_patience_ends() -> None:
    """The rep is busy 10:00 to 14:00; b comes at 10:30 with two hours of patience: cold at 12:30."""
    t = trace(funnel({"a": at(10), "b": at(10.5, patience="2 hours")}, call={"effort": "4 hours"}))
    assert t.tasks("b") == [("call", -1, 10.5, None, 12.5, "went cold")]
    assert t.closed("b") == ("went cold", 12.5)
    (only,) = t.passes("b")
    assert (only.first_response_at, only.left_to, only.left_at) == (None, "went cold", 12.5)


def test_whoever_goes_cold_leaves_the_others_in_their_order_wherever_it_stood() -> None:
    """Highest score first; s7 is the seventh best of those who come, z is on the phone 9 to 29.

    The first, the last, the one in the middle and the best of the rest give up, one after the other, while more come.
    """
    came = {"s3": (10, 0), "s10": (10.5, 7.5), "s7": (11, 0), "s5": (11.5, 2.5), "s8": (12, 0.75), "s6": (12.5, 0),
            "s4": (13, 3), "s9": (15, 0), "s11": (16.5, 0), "s12": (17, 2), "s2": (17.5, 2)}  # fmt: skip
    leads = {
        name: at(hour, score_bias=-200 * int(name[1:]), **({"patience": f"{patience} hours"} if patience else {}))
        for name, (hour, patience) in came.items()
    }
    desk = {"discipline": "highest score first"}
    t = trace(
        funnel({"z": at(9), **leads}, call={"effort": "20 hours"}, desk=desk, calendar="always", qualification=ALL)
    )
    cold = {name: t.closed(name) for name, (_, patience) in came.items() if patience}
    assert cold == {name: ("went cold", sum(came[name])) for name in ("s10", "s5", "s8", "s4", "s12", "s2")}
    assert [t.served(name)[1] for name in ("s3", "s6", "s7", "s9", "s11")] == [29, 49, 69, 89, 109]


def test_patience_runs_from_the_start_of_the_pass_so_the_hand_off_uses_it_up() -> None:
    """Three hours of hand-off, two of patience: cold at 12:00, before it ever joined a queue, with the rep idle all
    day.
    """
    t = trace(funnel({"a": at(10, patience="2 hours")}, handoff={"default": {"delay": "3 hours"}}))
    assert t.closed("a") == ("went cold", 12)
    assert t.tasks("a") == []
    assert t.passes("a")[0].handed_off_at is None


def test_what_the_hand_off_leaves_of_the_patience_is_spent_in_the_queue() -> None:
    """Two hours of hand-off of five of patience: joins at 12:00, the rep is busy 10:00 to 17:00, cold at 15:00."""
    handoff = {"default": {"instant": True}, "b": {"delay": "2 hours"}}
    t = trace(funnel({"a": at(10), "b": at(10, patience="5 hours")}, call={"effort": "7 hours"}, handoff=handoff))
    assert t.tasks("b") == [("call", -1, 12, None, 15, "went cold")]


def test_patience_runs_through_closed_hours() -> None:
    """18:00 and ten hours of patience: cold on Tuesday at 04:00, while nobody is there."""
    t = trace(funnel({"a": at(18, patience="10 hours")}))
    assert t.tasks("a") == [("call", -1, 18, None, TUE + 4, "went cold")]


def test_a_lead_whose_rep_frees_at_the_very_end_of_its_patience_is_served() -> None:
    """a 10:00 to 14:00; b at 12:00 with two hours: completion (0) and assignment (3) come before patience (4)."""
    t = trace(funnel({"a": at(10), "b": at(12, patience="2 hours")}, call={"effort": "4 hours"}))
    assert t.tasks("b") == [("call", 0, 12, 14, TUE + 10, "advanced")]


def test_a_lead_whose_pool_opens_at_the_very_end_of_its_patience_is_served() -> None:
    """18:00 and fifteen hours: Tuesday 09:00, opening (1) and assignment (3) come before patience (4)."""
    t = trace(funnel({"a": at(18, patience="15 hours")}))
    assert t.tasks("a") == [("call", 0, 18, TUE + 9, TUE + 10, "advanced")]


def test_a_lead_handed_over_at_the_very_end_of_its_patience_is_served_if_a_rep_is_free() -> None:
    """Hand-off and patience of two hours each end at 12:00: it joins (2), is taken (3). With a busy rep it goes cold
    (4).
    """
    handoff = {"default": {"instant": True}, "b": {"delay": "2 hours"}}
    b = at(10, patience="2 hours")
    assert trace(funnel({"b": b}, handoff=handoff)).tasks("b") == [("call", 0, 12, 12, 13, "advanced")]
    t = trace(funnel({"a": at(11), "b": b}, call={"effort": "4 hours"}, handoff=handoff))
    assert t.tasks("b") == [("call", -1, 12, None, 12, "went cold")]


def test_a_contact_under_way_never_reneges() -> None:
    """One hour of patience, four hours of contact: served at once, so nothing else matters."""
    t = trace(funnel({"a": at(10, patience="1 hour")}, call={"effort": "4 hours"}))
    assert t.tasks("a") == [("call", 0, 10, 10, 14, "advanced")]
    assert t.closed("a") == ("won", 14)


def test_later_tasks_never_renege() -> None:
    """Patience of an hour; the second task waits from 11:00 to 15:00 behind a four-hour task, and is done."""
    steps = [stage("call"), stage("demo", effort="4 hours", wait="30 minutes")]
    leads = {"a": at(10, patience="1 hour"), "b": at(9)}
    t = trace(funnel(leads, stages=steps, calendar="always"))
    # b: call 9-10, demo ready 10.5. a: call 10-11, demo ready 11.5. b's demo 11-15, a's demo 15-19.
    assert t.tasks("b") == [("call", 0, 9, 9, 10, "advanced"), ("demo", 0, 10.5, 11, 15, "advanced")]
    assert t.tasks("a") == [("call", 0, 10, 10, 11, "advanced"), ("demo", 0, 11.5, 15, 19, "advanced")]


def test_patience_that_ends_in_the_queue_for_a_later_task_ends_nothing() -> None:
    """a waits 10-11 for its call with patience until 12:45, and at 12:45 for its demo behind those of b and c."""
    steps = [stage("call"), stage("demo", effort="4 hours", wait="30 minutes")]
    leads = {"b": at(9), "c": at(9.5), "a": at(10, patience="165 minutes")}
    t = trace(funnel(leads, stages=steps, calendar="always", desk={"open_deals": "in turn"}))
    assert t.tasks("b") == [("call", 0, 9, 9, 10, "advanced"), ("demo", 0, 10.5, 12, 16, "advanced")]
    assert t.tasks("a") == [("call", 0, 10, 11, 12, "advanced"), ("demo", 0, 12.5, 20, 24, "advanced")]


def test_a_missed_first_appointment_is_no_contact_and_patience_runs_on() -> None:
    """Nobody ever shows up. 10:00 to 11:00 (half of two hours), three hours of wait, 14:00 to 15:00, wait until 18:00;
    six hours of patience end at 16:00, during that wait.
    """
    first = {"effort": "2 hours", "wait": "3 hours", "no_show": NEVER_THERE, "no_show_effort": "50%"}
    t = trace(funnel({"a": at(10, patience="6 hours")}, call=first))
    assert t.tasks("a")[:2] == [("call", 0, 10, 10, 11, "no-show"), ("call", 0, 14, 14, 15, "no-show")]
    assert t.closed("a") == ("went cold", 16)
    (only,) = t.passes("a")
    assert (only.handed_off_at, only.first_response_at, only.accepted, only.left_to) == (10, None, -1, "went cold")
    assert {row.kind for row in t.work("a")[:2]} == {columns.NO_SHOW}
    assert t.lead("a").effort == 2
    assert t.rep_week("desk", 0).busy == 2


def test_patience_that_ends_during_a_missed_appointment_ends_the_pass_with_it() -> None:
    """Four and a half hours end at 14:30, while the rep is in the meeting (14:00 to 15:00): cold when it turns out
    empty.
    """
    first = {"effort": "2 hours", "wait": "3 hours", "no_show": NEVER_THERE, "no_show_effort": "50%"}
    t = trace(funnel({"a": at(10, patience="4.5 hours")}, call=first))
    assert t.tasks("a")[:2] == [("call", 0, 10, 10, 11, "no-show"), ("call", 0, 14, 14, 15, "no-show")]
    assert t.closed("a") == ("went cold", MON + 15)


def test_a_second_pass_has_the_patience_of_nurture() -> None:
    """a never goes cold at first: called 10 to 14, not advancing, nurture for a day. Pass 2 starts on Tuesday at 14:00,
    the rep is busy with b from 13:00 to 17:00, two hours of patience: cold at 16:00. b came with none to lose.
    """
    back = {"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 2, "cost": 0, "patience": "2 hours"}
    call = {"effort": "4 hours", "conversion": "0%", "otherwise": {"nurture": "100%"}}
    t = trace(funnel({"a": at(10), "b": at(TUE + 13)}, call=call, nurture=back))
    assert t.tasks("a") == [("call", 0, 10, 10, 14, "nurture"), ("call", -1, TUE + 14, None, TUE + 16, "went cold")]
    assert t.closed("a") == ("went cold", TUE + 16)
    assert [row.started for row in t.passes("a")] == [10, TUE + 14]
