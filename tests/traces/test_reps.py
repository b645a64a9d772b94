"""Ownership, routing, joining and leaving (MODEL 1 and 7)."""

from __future__ import annotations

import math

from simfunnel import streams
from tests.traces.harness import TUE, WED, at, funnel, stage, trace

FOUR = {"effort": "4 hours"}


def test_the_rep_who_starts_a_lead_keeps_it_however_idle_the_others_are() -> None:
    """a: rep 0, 9-13; b: rep 1, 10-14; c at 13: rep 0, 13-17. a's demo is ready at 14: rep 1 is free, but rep 0 owns
    it: 17.

    Without ownership rep 1 does it at 14.
    """
    steps = [stage("call", effort="4 hours"), stage("demo", wait="1 hour")]
    leads = {"a": at(9), "b": at(10), "c": at(13)}
    owned = trace(funnel(leads, stages=steps, desk={"reps": 2, "ownership": "rep"}, calendar="always"))
    assert owned.served("c") == (0, 13, 17)
    assert owned.tasks("a")[1] == ("demo", 0, 14, 17, 18, "advanced")
    assert owned.tasks("b")[1] == ("demo", 1, 15, 15, 16, "advanced")
    assert owned.tasks("c")[1] == ("demo", 0, 18, 18, 19, "advanced")
    shared = trace(funnel(leads, stages=steps, desk={"reps": 2}, calendar="always"))
    assert shared.tasks("a")[1] == ("demo", 1, 14, 14, 15, "advanced")


def test_when_the_owner_is_gone_the_next_taker_owns() -> None:
    """Rep 2, the last hired, leaves on Tuesday 00:00 and owned c. c's demo (ready 39) goes to rep 0, free since 38, not
    to rep 1, free since 39. Its signature (ready 50) waits for rep 0, busy with d from 49.5 to 53.5, though rep 1 is
    free.
    """
    steps = [stage("call", **FOUR), stage("demo", wait="24 hours"), stage("sign", wait="10 hours")]
    leads = {"a": at(9), "b": at(10), "c": at(11), "d": at(49.5)}
    desk = {"reps": 3, "ownership": "rep", "hires": [{"on": "2027-01-05", "reps": -1}]}
    t = trace(funnel(leads, stages=steps, desk=desk, calendar="always"))
    assert [row[1:5] for row in t.tasks("a")] == [(0, 9, 9, 13), (0, 37, 37, 38), (0, 48, 48, 49)]
    assert [row[1:5] for row in t.tasks("b")] == [(1, 10, 10, 14), (1, 38, 38, 39), (1, 49, 49, 50)]
    assert t.served("d") == (0, 49.5, 53.5)
    assert [row[1:5] for row in t.tasks("c")] == [(2, 11, 11, 15), (0, 39, 39, 40), (0, 50, 53.5, 54.5)]


def test_a_postponed_deal_comes_back_to_its_owner_without_a_wait() -> None:
    """a: rep 0, 9-10, not now: asleep for a day, back at 34. Rep 0 is busy with c (33.5-34.5), rep 1 free since 34: rep
    0.
    """
    call = {"conversion": "0%", "otherwise": {"postponed": "100%"}, "postponed_for": "24 hours", "wait": "5 hours"}
    leads = {"a": at(9), "b": at(33), "c": at(33.5)}
    t = trace(funnel(leads, call=call, desk={"reps": 2, "ownership": "rep"}, calendar="always"))
    assert (t.served("b"), t.served("c")) == ((1, 33, 34), (0, 33.5, 34.5))
    assert t.tasks("a")[:2] == [("call", 0, 9, 9, 10, "postponed"), ("call", 0, 34, 34.5, 35.5, "postponed")]


SLOW = {"desk": {"slow": {"time": "800%"}}}


def test_round_robin_gives_the_lead_to_the_next_number_even_if_another_rep_is_idle() -> None:
    """slow: rep 0 for eight hours; b: rep 1, 10-11; c: rep 0 again, who frees at 17; d: rep 1 at 12."""
    leads = {"slow": at(9), "b": at(10), "c": at(11), "d": at(12)}
    t = trace(funnel(leads, desk={"reps": 2, "routing": "round robin"}, skills=SLOW, calendar="always"))
    assert t.served("slow") == (0, 9, 17)
    assert t.served("b") == (1, 10, 11)
    assert t.tasks("c") == [("call", 0, 11, 17, 18, "advanced")]
    assert t.served("d") == (1, 12, 13)


def test_round_robin_deals_out_leads_that_join_together_in_lead_order() -> None:
    """Five at once over two reps: 0, 1, 0, 1, 0."""
    t = trace(funnel({"a": at(10, 5)}, desk={"reps": 2, "routing": "round robin"}))
    expected = [(0, 10, 11), (1, 10, 11), (0, 11, 12), (1, 11, 12), (0, 12, 13)]
    assert [t.served(name) for name in t.names()] == expected


def test_each_rep_has_a_queue_limit_when_leads_are_given_to_reps() -> None:
    """Limit 1, two reps, five at 10:00: reps 0 and 1 start one each and keep one each; the fifth, rep 0's second,
    balks.
    """
    desk = {"reps": 2, "routing": "round robin", "queue_limit": 1}
    t = trace(funnel({"a": at(10, 5)}, desk=desk))
    assert [t.served(f"a{k}") for k in (1, 2, 3, 4)] == [(0, 10, 11), (1, 10, 11), (0, 11, 12), (1, 11, 12)]
    assert t.closed("a5") == ("balked", 10)


def test_a_lead_given_to_a_rep_who_leaves_is_given_again_and_keeps_its_rank() -> None:
    """a: rep 0, 9-29; b: rep 1, 10-30; c (11) and e (13) wait for rep 0, d (12) for rep 1, who leaves on Tuesday 00:00.

    d is given to rep 0 and stands between c and e: 29 c, 49 d, 69 e. Rep 1 finishes b.
    """
    leads = {"a": at(9), "b": at(10), "c": at(11), "d": at(12), "e": at(13)}
    desk = {"reps": 2, "routing": "round robin", "hires": [{"on": "2027-01-05", "reps": -1}]}
    t = trace(funnel(leads, call={"effort": "20 hours"}, desk=desk, calendar="always"))
    assert (t.served("a"), t.served("b")) == ((0, 9, 29), (1, 10, 30))
    assert [t.served(name) for name in ("c", "d", "e")] == [(0, 29, 49), (0, 49, 69), (0, 69, 89)]


def test_random_routing_gives_each_lead_to_the_rep_its_luck_names() -> None:
    """floor(3 u): everybody waits for the rep so named, in lead order, an hour each, whoever is idle."""
    t = trace(funnel({"a": at(10, 7)}, desk={"reps": 3, "routing": "random"}))
    free = [10, 10, 10]
    given = []
    for name in t.names():
        rep = math.floor(3 * t.luck(name, streams.ROUTING, "call", 1))
        given.append(rep)
        assert t.served(name) == (rep, free[rep], free[rep] + 1)
        free[rep] += 1
    assert given != [0, 1, 2, 0, 1, 2, 0]


def test_later_tasks_of_a_routed_lead_follow_its_owner() -> None:
    """Round robin and ownership: call by rep 0 and 1, the demo by the same rep; the pointer moves with first contacts
    only.
    """
    steps = [stage("call"), stage("demo")]
    leads = {"a": at(10), "b": at(10.5), "c": at(13)}
    t = trace(funnel(leads, stages=steps, desk={"reps": 2, "routing": "round robin", "ownership": "rep"}))
    assert [row[1:5] for row in t.tasks("a")] == [(0, 10, 10, 11), (0, 11, 11, 12)]
    assert [row[1:5] for row in t.tasks("b")] == [(1, 10.5, 10.5, 11.5), (1, 11.5, 11.5, 12.5)]
    assert t.served("c") == (0, 13, 14)


def test_without_ownership_later_tasks_are_given_anew() -> None:
    """Round robin: a's call rep 0, its demo the next number, rep 1; b's call rep 0, its demo rep 1."""
    steps = [stage("call"), stage("demo")]
    t = trace(funnel({"a": at(10), "b": at(13)}, stages=steps, desk={"reps": 2, "routing": "round robin"}))
    assert [row[1:5] for row in t.tasks("a")] == [(0, 10, 10, 11), (1, 11, 11, 12)]
    assert [row[1:5] for row in t.tasks("b")] == [(0, 13, 13, 14), (1, 14, 14, 15)]


def test_a_hire_ramps_by_whole_days_and_a_task_keeps_the_pace_it_was_started_with() -> None:
    """Half pace on the first day, three quarters on the second, full on the third: three hours take 6, 4, 3.

    Pairs come at Tuesday 10:00, 23:00 and Wednesday 08:00, Thursday 10:00; the longest idle is rep 0 each time, the
    hire next. The hire's task of 23:00 crosses midnight and still takes six hours.
    """
    hire = {"on": "2027-01-05", "reps": 1, "ramp": "2 days", "start_at": "50%"}
    leads = {"p": at(TUE + 10, 2), "q": at(TUE + 23, 2), "r": at(WED + 8, 2), "s": at(WED + 34, 2)}
    t = trace(funnel(leads, call={"effort": "3 hours"}, desk={"hires": [hire]}, calendar="always"))
    assert [t.served(name) for name in ("p1", "p2")] == [(0, TUE + 10, TUE + 13), (1, TUE + 10, TUE + 16)]
    assert [t.served(name) for name in ("q1", "q2")] == [(0, TUE + 23, TUE + 26), (1, TUE + 23, TUE + 29)]
    assert [t.served(name) for name in ("r1", "r2")] == [(0, WED + 8, WED + 11), (1, WED + 8, WED + 12)]
    assert [t.served(name) for name in ("s1", "s2")] == [(0, WED + 34, WED + 37), (1, WED + 34, WED + 37)]


def test_a_hire_joins_at_midnight_and_takes_who_waits() -> None:
    """Rep 0 is busy 20:00 to 28:00; b has waited since 21:00 and is taken at 24:00 by the hire."""
    desk = {"hires": [{"on": "2027-01-05", "reps": 1}]}
    t = trace(funnel({"a": at(20), "b": at(21)}, call={"effort": "8 hours"}, desk=desk, calendar="always"))
    assert t.served("a") == (0, 20, 28)
    assert t.served("b") == (1, 24, 32)


def test_the_last_hired_leaves_first_finishing_the_task_in_hand() -> None:
    """Rep 1 leaves on Tuesday 00:00, busy 22:00 to 26:00: finishes, is staffed until 26, and never takes c, who came at
    23:00.

    c is taken by rep 0 at 25:00 (21:00 to 25:00).
    """
    desk = {"reps": 2, "hires": [{"on": "2027-01-05", "reps": -1}]}
    leads = {"a": at(21), "b": at(22), "c": at(23), "d": at(23.5)}
    t = trace(funnel(leads, call=FOUR, desk=desk, calendar="always"))
    assert (t.served("a"), t.served("b")) == ((0, 21, 25), (1, 22, 26))
    assert (t.served("c"), t.served("d")) == ((0, 25, 29), (0, 29, 33))
    assert (t.rep_week("desk", 1).staffed, t.rep_week("desk", 1).busy) == (26, 4)
    assert (t.rep_week("desk", 0).staffed, t.rep_week("desk", 0).busy) == (168, 12)


def test_an_idle_leaver_is_staffed_until_midnight() -> None:
    """Rep 1 never worked: 24 hours of the first week."""
    desk = {"reps": 2, "hires": [{"on": "2027-01-05", "reps": -1}]}
    t = trace(funnel({"a": at(10)}, desk=desk, calendar="always"))
    assert t.rep_week("desk", 1).staffed == 24


def test_a_busy_leaver_finishes_over_closed_hours() -> None:
    """Monday 16:00, three hours: one on Monday, two on Tuesday by rep 1, who left at midnight and is staffed until
    11:00.
    """
    desk = {"reps": 2, "hires": [{"on": "2027-01-05", "reps": -1}]}
    t = trace(funnel({"a": at(15.5), "b": at(16)}, call={"effort": "3 hours"}, desk=desk))
    assert t.served("b") == (1, 16, TUE + 11)
    assert (t.rep_week("desk", 1).staffed, t.rep_week("desk", 1).busy) == (10, 3)
