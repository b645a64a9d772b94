"""Everything that can fall on one instant, in the order of MODEL 7.

(0) completions; (1) phase switches, headcount, closings, openings; (2) tasks that become ready; (3) assignment, then
queue limits; (4) patience. Within a kind: lead order, then rep number. Each test names the two kinds that meet.
"""

from __future__ import annotations

from tests.traces.harness import NEXT_MON, TUE, at, funnel, pool, stage, trace

FOUR = {"effort": "4 hours"}


def test_0_0_two_reps_who_free_together_take_by_number_in_lead_order() -> None:
    """Both free at 14:00, so idle equally long: rep 0 takes the first of those waiting, rep 1 the second."""
    t = trace(funnel({"a": at(10, 2), "b": at(11), "c": at(12)}, call=FOUR, desk={"reps": 2}, calendar="always"))
    assert (t.served("b"), t.served("c")) == ((0, 14, 18), (1, 14, 18))


def test_0_0_two_calls_that_end_together_give_demos_in_lead_order() -> None:
    """Two reps call both 10-11; the one closer takes their demos, ready together, in lead order."""
    pools = {"desk": pool("call", reps=2), "closers": pool("demo")}
    t = trace(funnel({"a": at(10, 2)}, stages=[stage("call"), stage("demo")], pools=pools))
    assert t.tasks("a1")[1] == ("demo", 0, 11, 11, 12, "advanced")
    assert t.tasks("a2")[1] == ("demo", 0, 11, 12, 13, "advanced")


def test_0_1_a_task_that_ends_at_closing_is_done_and_nothing_starts() -> None:
    """a 16-17; b waits since 16:30: the pool closes at the instant at which the rep frees."""
    t = trace(funnel({"a": at(16), "b": at(16.5)}))
    assert t.served("a") == (0, 16, 17)
    assert t.served("b") == (0, TUE + 9, TUE + 10)


def test_0_1_a_leaver_whose_task_ends_at_midnight_takes_no_other() -> None:
    """z: rep 0, 19-26. b: rep 1, half of seven hours, 20:30-24:00, and leaves then. c waits since 21:00: rep 0 at
    26:00.
    """
    desk = {"reps": 2, "hires": [{"on": "2027-01-05", "reps": -1}]}
    slow = {"desk": {"b": {"time": "50%"}}}
    leads = {"z": at(19), "b": at(20.5), "c": at(21)}
    t = trace(funnel(leads, call={"effort": "7 hours"}, desk=desk, skills=slow, calendar="always"))
    assert (t.served("z"), t.served("b")) == ((0, 19, 26), (1, 20.5, 24))
    assert t.served("c") == (0, 26, 33)
    assert t.rep_week("desk", 1).staffed == 24


def test_0_2_a_lead_that_comes_as_the_rep_frees_is_served_at_once() -> None:
    """a 10-14; b at 14:00."""
    t = trace(funnel({"a": at(10), "b": at(14)}, call={"effort": "4 hours"}, calendar="always"))
    assert t.served("b") == (0, 14, 18)


def test_0_2_of_a_newcomer_and_one_who_waits_the_discipline_decides_though_the_rep_frees_now() -> None:
    """a 10-14; b waits since 11; c comes at 14: assignment sees both. FIFO: b; newest first: c."""
    leads = {"a": at(10), "b": at(11), "c": at(14)}
    fifo = trace(funnel(leads, call=FOUR, calendar="always"))
    assert (fifo.served("b")[1], fifo.served("c")[1]) == (14, 18)
    newest = trace(funnel(leads, call=FOUR, desk={"discipline": "newest first"}, calendar="always"))
    assert (newest.served("c")[1], newest.served("b")[1]) == (14, 18)


def test_0_2_a_customers_wait_that_ends_as_the_rep_frees_comes_before_a_first_contact() -> None:
    """a called 10-11, its demo ready at 12, when b's call (11-12) ends; c waits since 11.5: open deals first: a's
    demo.
    """
    steps = [stage("call"), stage("demo", wait="1 hour")]
    t = trace(funnel({"a": at(10), "b": at(11), "c": at(11.5)}, stages=steps))
    assert t.tasks("a")[1] == ("demo", 0, 12, 12, 13, "advanced")
    # at 13 b's demo is ready (12 + 1) and goes before c
    assert t.tasks("b")[1] == ("demo", 0, 13, 13, 14, "advanced")
    assert t.served("c") == (0, 14, 15)


def test_0_3_a_lead_goes_through_three_pools_at_one_instant() -> None:
    """The call ends at 11:00 in the pool last by name; the demo starts at 11:00 in the first, where a rep is free."""
    steps = [stage("call"), stage("demo")]
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"zeta": pool("call"), "alpha": pool("demo")}))
    assert t.tasks("a")[1] == ("demo", 0, 11, 11, 12, "advanced")
    t = trace(funnel({"a": at(10)}, stages=steps, pools={"alpha": pool("call"), "zeta": pool("demo")}))
    assert t.tasks("a")[1] == ("demo", 0, 11, 11, 12, "advanced")


def test_0_4_patience_loses_against_the_rep_who_frees() -> None:
    """a 10-14; b's patience ends at 14:00: served. c's ends then too, but only one rep frees: cold."""
    leads = {"a": at(10), "b": at(12, patience="2 hours"), "c": at(13, patience="1 hour")}
    t = trace(funnel(leads, call=FOUR, calendar="always"))
    assert t.served("b") == (0, 14, 18)
    assert t.closed("c") == ("went cold", 14)


def test_0_4_a_rep_who_frees_at_closing_saves_nobody() -> None:
    """a ends at 17:00, closing: b, whose patience ends then, goes cold: nothing starts at closing."""
    t = trace(funnel({"a": at(16), "b": at(16.5, patience="30 minutes")}))
    assert t.closed("b") == ("went cold", 17)


def test_1_1_a_hire_at_an_opening_at_midnight_takes_a_waiting_lead() -> None:
    """Open 00:00 to 08:00. Two wait since Monday 10:00; at 24:00 the hire joins and the pool opens: both are served."""
    nights = {"days": "Mon-Fri", "hours": "00:00-08:00"}
    t = trace(funnel({"a": at(10, 2)}, desk={"hires": [{"on": "2027-01-05", "reps": 1}]}, calendar=nights))
    assert (t.served("a1"), t.served("a2")) == ((0, TUE, TUE + 1), (1, TUE, TUE + 1))


def test_1_2_a_lead_that_comes_at_closing_waits_and_at_opening_is_served() -> None:
    """17:00: closed already. 09:00: open already."""
    assert trace(funnel({"a": at(17)})).served("a") == (0, TUE + 9, TUE + 10)
    assert trace(funnel({"a": at(9)})).served("a") == (0, 9, 10)


def test_1_2_a_lead_that_comes_as_the_only_idle_rep_leaves_must_wait() -> None:
    """Rep 0 is busy 23-27; rep 1 leaves at 24:00, when b comes: headcount (1) before arrivals (2)."""
    desk = {"reps": 2, "hires": [{"on": "2027-01-05", "reps": -1}]}
    t = trace(funnel({"a": at(23), "b": at(24)}, call=FOUR, desk=desk, calendar="always"))
    assert t.served("b") == (0, 27, 31)


def test_1_2_a_lead_that_comes_as_a_rep_joins_is_served_at_once() -> None:
    """Rep 0 is busy 23-27; the hire joins at 24:00, when b comes."""
    desk = {"hires": [{"on": "2027-01-05", "reps": 1}]}
    t = trace(funnel({"a": at(23), "b": at(24)}, call=FOUR, desk=desk, calendar="always"))
    assert t.served("b") == (1, 24, 28)


def test_1_3_those_who_waited_and_those_who_come_at_the_opening_stand_in_one_line() -> None:
    """a waits since 18:00, b comes on Tuesday at 09:00: FIFO a, b; newest first b, a."""
    leads = {"a": at(18), "b": at(TUE + 9)}
    fifo = trace(funnel(leads))
    assert (fifo.served("a")[1], fifo.served("b")[1]) == (TUE + 9, TUE + 10)
    newest = trace(funnel(leads, desk={"discipline": "newest first"}))
    assert (newest.served("a")[1], newest.served("b")[1]) == (TUE + 10, TUE + 9)


def test_1_4_patience_loses_against_a_hire() -> None:
    """Rep 0 busy 20-28; b's patience ends at 24:00, when the hire joins: served."""
    desk = {"hires": [{"on": "2027-01-05", "reps": 1}]}
    leads = {"a": at(20), "b": at(21, patience="3 hours")}
    t = trace(funnel(leads, call={"effort": "8 hours"}, desk=desk, calendar="always"))
    assert t.served("b") == (1, 24, 32)


def test_1_4_patience_that_was_set_first_loses_against_a_rep_who_gets_free_at_that_instant() -> None:
    """a 9-11, then c 11-13; b waits since 9:30 and would give up at 13:00, which nobody knew of c's end yet: served."""
    leads = {"a": at(9), "c": at(9.25), "b": at(9.5, patience="210 minutes")}
    t = trace(funnel(leads, call={"effort": "2 hours"}))
    assert (t.served("c")[1:], t.served("b")[1:]) == ((11, 13), (13, 15))


def test_2_2_leads_made_later_but_handed_over_together_stand_in_lead_order() -> None:
    """a (made 10:00, three hours) and b (made 11:00, two hours) both join at 13:00: a first, by creation."""
    handoff = {"default": {"delay": "3 hours"}, "b": {"delay": "2 hours"}}
    t = trace(funnel({"b": at(11), "a": at(10)}, handoff=handoff))
    assert (t.served("a")[1], t.served("b")[1]) == (13, 14)


def test_2_2_a_return_and_an_arrival_at_one_instant_stand_in_one_line() -> None:
    """In turn: a's demo ready at 12:00, b made at 12:00: both joined now; a is the earlier lead: its demo first."""
    steps = [stage("call"), stage("demo", wait="1 hour")]
    t = trace(funnel({"a": at(10), "b": at(12)}, stages=steps, desk={"open_deals": "in turn"}))
    assert t.tasks("a")[1][3:5] == (12, 13)
    assert t.served("b") == (0, 13, 14)


def test_2_3_the_overflow_that_falls_due_as_the_home_rep_frees_stays_home() -> None:
    """Two hours of work, two of patience with the home team: at 12:00 the home rep comes first."""
    desk = {"reps": 2, "structure": "hybrid", "overflow": {"after": "2 working hours"}}
    t = trace(funnel({"a": at(10, 3), "b": at(200, 3)}, call={"effort": "2 hours"}, desk=desk))
    assert (t.served("a2"), t.served("a3")) == ((0, 12, 14), (1, 12, 14))


def test_2_3_a_lead_of_the_helpers_own_that_comes_as_another_spills_goes_first() -> None:
    """a2 may spill at 12:00, when b1 comes: rep 1's own queue is not empty until b1, its own, is taken: a2 waits for
    16:00.
    """
    desk = {"reps": 2, "structure": "hybrid", "overflow": {"after": "2 working hours"}}
    leads = {"a": at(10, 2), "b": at(12)}
    t = trace(funnel(leads, call={"effort": "6 hours"}, desk=desk, calendar="always"))
    assert (t.served("b"), t.served("a2")) == ((1, 12, 18), (0, 16, 22))


def test_3_3_of_those_who_join_together_the_queue_limit_turns_away_who_was_not_taken() -> None:
    """Limit 1. The rep frees at 14:00, when three come and one waits since 12: the one who waited is taken, one
    stays.
    """
    leads = {"a": at(10), "b": at(12), "c": at(14, 3)}
    t = trace(funnel(leads, call=FOUR, desk={"queue_limit": 1}, calendar="always"))
    assert t.served("b") == (0, 14, 18)
    assert t.served("c1") == (0, 18, 22)
    assert t.closed("c2") == t.closed("c3") == ("balked", 14)


def test_3_3_the_limit_never_turns_away_who_joined_before_even_if_the_newcomer_is_taken() -> None:
    """Limit 1, newest first. b waits since 12; c comes at 14 as the rep frees and is taken; b stays."""
    leads = {"a": at(10), "b": at(12), "c": at(14)}
    t = trace(funnel(leads, call=FOUR, desk={"queue_limit": 1, "discipline": "newest first"}, calendar="always"))
    assert (t.served("c"), t.served("b")) == ((0, 14, 18), (0, 18, 22))


def test_3_4_a_lead_whose_patience_ends_now_still_fills_the_queue() -> None:
    """Limit 1. b's patience ends at 13:00, when c comes: limits (3) are checked before patience (4): c balks, b goes
    cold.
    """
    leads = {"a": at(10), "b": at(12, patience="1 hour"), "c": at(13)}
    t = trace(funnel(leads, call=FOUR, desk={"queue_limit": 1}, calendar="always"))
    assert t.closed("c") == ("balked", 13)
    assert t.closed("b") == ("went cold", 13)


def test_2_4_patience_that_ends_with_the_hand_off_is_spent_in_the_queue_if_nobody_is_free() -> None:
    """It joins at 12:00, no rep is free (a: 11-15), cold at 12:00; with limit 0 it balks before (3)."""
    handoff = {"default": {"instant": True}, "b": {"delay": "2 hours"}}
    leads = {"a": at(11), "b": at(10, patience="2 hours")}
    cold = trace(funnel(leads, call=FOUR, handoff=handoff))
    assert cold.closed("b") == ("went cold", 12)
    assert cold.passes("b")[0].handed_off_at == 12
    balks = trace(funnel(leads, call=FOUR, handoff=handoff, desk={"queue_limit": 0}))
    assert balks.closed("b") == ("balked", 12)


def test_a_decision_without_a_wait_starts_the_next_task_at_the_same_instant() -> None:
    """Call 10-11, demo 11-12. Rep 1, who never worked, is idle longest and takes the demo; under ownership rep 0 keeps
    it.
    """
    steps = [stage("call"), stage("demo")]
    shared = trace(funnel({"a": at(10)}, stages=steps, desk={"reps": 2}))
    assert shared.tasks("a")[1] == ("demo", 1, 11, 11, 12, "advanced")
    owned = trace(funnel({"a": at(10)}, stages=steps, desk={"reps": 2, "ownership": "rep"}))
    assert owned.tasks("a")[1] == ("demo", 0, 11, 11, 12, "advanced")


def test_nurture_that_ends_at_an_opening_meets_those_who_come_then() -> None:
    """a near miss of Friday 10:00 returns on Monday at 09:00 with the opening (1), as b (made earlier, waiting) and c
    come.

    Joined: b Friday 18:00, a and c Monday 09:00; a is the earlier lead. One line: b, a, c.
    """
    qualification = {"threshold": {"a": 1000, "b": -1000, "c": -1000}, "near_miss": 3000}
    nurture = {"delay": "60 hours", "score_lift": 3000, "opt_out": "0%", "cycles": 1, "cost": 0}
    leads = {"a": at(96 + 10), "b": at(96 + 18), "c": at(NEXT_MON + 9)}
    t = trace(funnel(leads, qualification=qualification, nurture=nurture))
    assert [t.served(name)[1] - NEXT_MON for name in "bac"] == [9, 10, 11]
