"""Who is served next, by whom, and who balks (MODEL 7)."""

from __future__ import annotations

import pytest

from tests.traces.harness import at, funnel, pool, stage, trace

FOUR = {"effort": "4 hours"}


def order(t, *names: str) -> list[tuple[float, float]]:  # type: ignore[no-untyped-def]
    return [t.served(name)[1:] for name in names]


def test_fifo_goes_by_the_instant_of_joining_not_of_creation() -> None:
    """a is made first but handed over at 15:00; b joins at 11:00. The rep frees at 16:00: b, then a."""
    handoff = {"default": {"instant": True}, "a": {"delay": "5 hours"}}
    leads = {"z": at(9), "a": at(10), "b": at(11)}
    t = trace(funnel(leads, call={"effort": "7 hours"}, calendar="always", handoff=handoff))
    assert order(t, "z", "b", "a") == [(9, 16), (16, 23), (23, 30)]


def test_leads_that_join_at_one_instant_are_served_in_lead_order() -> None:
    """Three of one list at 10:00, one rep: by their number. a and b meet in a batch: by creation."""
    t = trace(funnel({"a": at(10, 3)}))
    assert order(t, "a1", "a2", "a3") == [(10, 11), (11, 12), (12, 13)]
    t = trace(funnel({"a": at(10.5), "b": at(10)}, handoff={"default": {"batch": "daily 12:00"}}))
    assert order(t, "b", "a") == [(12, 13), (13, 14)]


def test_newest_first_turns_the_line_round() -> None:
    """Waiting since 10, 11 and 12 when the rep frees at 13: 12, 11, 10."""
    leads = {"z": at(9), "a": at(10), "b": at(11), "c": at(12)}
    t = trace(funnel(leads, call=FOUR, desk={"discipline": "newest first"}, calendar="always"))
    assert order(t, "z", "c", "b", "a") == [(9, 13), (13, 17), (17, 21), (21, 25)]


def test_newest_first_keeps_lead_order_among_those_who_joined_together() -> None:
    """A list of two at 10:00, a later lead at 11:00: the later one, then the list in lead order."""
    leads = {"z": at(9), "a": at(10, 2), "b": at(11)}
    t = trace(funnel(leads, call=FOUR, desk={"discipline": "newest first"}, calendar="always"))
    assert order(t, "b", "a1", "a2") == [(13, 17), (17, 21), (21, 25)]


def test_highest_score_first_serves_by_score_whenever_they_joined() -> None:
    """Scores near 50, 550 and 300."""
    leads = {"z": at(9), "low": at(10), "high": at(11, score_bias=500), "mid": at(12, score_bias=250)}
    t = trace(funnel(leads, call=FOUR, desk={"discipline": "highest score first"}, calendar="always"))
    assert order(t, "z", "high", "mid", "low") == [(9, 13), (13, 17), (17, 21), (21, 25)]


def test_highest_score_first_uses_the_score_of_each_lead_of_a_list() -> None:
    """Six at once: the order of service is the order of their scores."""
    t = trace(funnel({"a": at(10, 6)}, desk={"discipline": "highest score first"}))
    by_score = sorted(t.names(), key=lambda name: -t.passes(name)[0].score)
    assert [t.served(name)[1] for name in by_score] == [10, 11, 12, 13, 14, 15]
    assert by_score != list(t.names())


STEPS = [stage("call", effort="2 hours"), stage("demo", effort="2 hours")]
THREE = {"a": at(9), "b": at(10), "c": at(12)}


def test_open_deals_come_before_first_contacts_by_default() -> None:
    """a is called 9-11, its demo is ready at 11 and goes before b, who has waited since 10; and so on."""
    t = trace(funnel(THREE, stages=STEPS, calendar="always"))
    assert [row[3:5] for row in t.tasks("a")] == [(9, 11), (11, 13)]
    assert [row[3:5] for row in t.tasks("b")] == [(13, 15), (15, 17)]
    assert [row[3:5] for row in t.tasks("c")] == [(17, 19), (19, 21)]


def test_open_deals_last_come_when_nobody_waits_for_a_first_contact() -> None:
    """Calls 9-11 (a), 11-13 (b), 13-15 (c, came at 12); then the demos in the order they became ready: 11, 13, 15."""
    t = trace(funnel(THREE, stages=STEPS, desk={"open_deals": "last"}, calendar="always"))
    assert [row[3:5] for row in t.tasks("a")] == [(9, 11), (15, 17)]
    assert [row[3:5] for row in t.tasks("b")] == [(11, 13), (17, 19)]
    assert [row[3:5] for row in t.tasks("c")] == [(13, 15), (19, 21)]


def test_open_deals_in_turn_stand_in_one_line_by_the_instant_of_joining() -> None:
    """b's call (10), a's demo (11), c's call (12), b's demo (13), c's demo (17)."""
    t = trace(funnel(THREE, stages=STEPS, desk={"open_deals": "in turn"}, calendar="always"))
    assert [row[3:5] for row in t.tasks("a")] == [(9, 11), (13, 15)]
    assert [row[3:5] for row in t.tasks("b")] == [(11, 13), (17, 19)]
    assert [row[3:5] for row in t.tasks("c")] == [(15, 17), (19, 21)]


def test_the_discipline_is_for_first_contacts_only() -> None:
    """Newest first, but the two demos that wait at 17 (ready at 11 and 13) are served oldest first.

    Open deals last: z is called 9-11, a (10) and b (10.5) wait: newest first b 11-13, a 13-15, then demos z, b, a.
    """
    leads = {"z": at(9), "a": at(10), "b": at(10.5)}
    rules = {"discipline": "newest first", "open_deals": "last"}
    t = trace(funnel(leads, stages=STEPS, desk=rules, calendar="always"))
    assert [row[3:5] for row in t.tasks("b")] == [(11, 13), (17, 19)]
    assert [row[3:5] for row in t.tasks("a")] == [(13, 15), (19, 21)]
    assert [row[3:5] for row in t.tasks("z")] == [(9, 11), (15, 17)]


def test_the_rep_idle_longest_takes_the_next_task_and_the_lower_number_among_equals() -> None:
    """All three joined together: a (four hours) to rep 0, b to rep 1, c at 11 to rep 2, who never worked, not to rep 1.

    At 13:00 rep 1 (free since 11), rep 2 (12); at 14:00 rep 0 (13); at 15:30 reps 1 and 2 (both 14), then rep 0 (15).
    """
    slow = {"desk": {"a": {"time": "400%"}}}
    leads = {"a": at(9), "b": at(10), "c": at(11), "d": at(13, 2), "e": at(14), "f": at(15.5, 3)}
    t = trace(funnel(leads, desk={"reps": 3}, skills=slow))
    assert t.served("a") == (0, 9, 13)
    assert t.served("b") == (1, 10, 11)
    assert t.served("c") == (2, 11, 12)
    assert (t.served("d1"), t.served("d2")) == ((1, 13, 14), (2, 13, 14))
    assert t.served("e") == (0, 14, 15)
    assert [t.served(name)[0] for name in ("f1", "f2", "f3")] == [1, 2, 0]


def test_a_queue_limit_turns_away_the_last_in_lead_order_of_those_who_come_together() -> None:
    """Limit 1, the rep busy 9-13: of three at 10:00 the first waits, the second and third balk at once."""
    t = trace(funnel({"z": at(9), "a": at(10, 3)}, call=FOUR, desk={"queue_limit": 1}, calendar="always"))
    assert t.served("a1") == (0, 13, 17)
    assert t.tasks("a2") == [("call", -1, 10, None, 10, "balked")]
    assert t.closed("a2") == t.closed("a3") == ("balked", 10)
    assert t.passes("a2")[0].left_to == "balked"


def test_a_queue_limit_is_checked_after_assignment() -> None:
    """Limit 1 and a free rep: the first of three is taken, the second waits, the third balks."""
    t = trace(funnel({"a": at(10, 3)}, call=FOUR, desk={"queue_limit": 1}, calendar="always"))
    assert t.served("a1") == (0, 10, 14)
    assert t.served("a2") == (0, 14, 18)
    assert t.closed("a3") == ("balked", 10)


def test_those_who_wait_already_do_not_balk() -> None:
    """Limit 1: a has waited since 10:00; b, at 11:00, balks, even under newest first."""
    leads = {"z": at(9), "a": at(10), "b": at(11)}
    for discipline in ("fifo", "newest first"):
        rules = {"queue_limit": 1, "discipline": discipline}
        t = trace(funnel(leads, call=FOUR, desk=rules, calendar="always"))
        assert t.served("a") == (0, 13, 17)
        assert t.closed("b") == ("balked", 11)


def test_open_deals_neither_balk_nor_count_for_the_queue_limit() -> None:
    """Limit 1, open deals last. Calls 9-13 (z), 13-17 (a), 17-21 (b); z's demo waits from 13 and counts for nothing:
    b, who comes at 14, stays; c, at 15, is the second first contact waiting and balks. Demos 21, 25, 29.
    """
    steps = [stage("call", **FOUR), stage("demo", **FOUR)]
    leads = {"z": at(9), "a": at(10), "b": at(14), "c": at(15)}
    t = trace(funnel(leads, stages=steps, desk={"queue_limit": 1, "open_deals": "last"}, calendar="always"))
    assert order(t, "z", "a", "b") == [(9, 13), (13, 17), (17, 21)]
    assert t.closed("c") == ("balked", 15)
    assert [t.tasks(name)[1][2:5] for name in ("z", "a", "b")] == [(13, 21, 25), (17, 25, 29), (21, 29, 33)]


def test_a_limit_of_nobody_still_lets_a_free_rep_serve() -> None:
    """Limit 0: taken at 10:00, or not at all."""
    t = trace(funnel({"a": at(10), "b": at(10.5)}, desk={"queue_limit": 0}))
    assert t.closed("a") == ("won", 11)
    assert t.closed("b") == ("balked", 10.5)


def test_two_stages_in_one_pool_share_the_reps_and_two_pools_do_not() -> None:
    """Effort two hours each. One pool of two: both of b's tasks and a's run side by side. Two pools of one: each by its
    own.
    """
    leads = {"a": at(9), "b": at(9.5)}
    one = trace(funnel(leads, stages=STEPS, desk={"reps": 2}, calendar="always"))
    assert [row[1:5] for row in one.tasks("a")] == [(0, 9, 9, 11), (0, 11, 11, 13)]
    assert [row[1:5] for row in one.tasks("b")] == [(1, 9.5, 9.5, 11.5), (1, 11.5, 11.5, 13.5)]
    two = trace(funnel(leads, stages=STEPS, pools={"desk": pool("call"), "closers": pool("demo")}, calendar="always"))
    assert [row[1:5] for row in two.tasks("a")] == [(0, 9, 9, 11), (0, 11, 11, 13)]
    assert [row[1:5] for row in two.tasks("b")] == [(0, 9.5, 11, 13), (0, 13, 13, 15)]


@pytest.mark.parametrize("reps", [1, 2])
def test_a_pool_serves_only_its_channels(reps: int) -> None:
    """a's pool is idle while b's queue waits: b 10-14 and 14-18, a 10-14."""
    pools = {"for a": pool("call", channels=["a"], reps=reps), "for b": pool("call", channels=["b"])}
    t = trace(funnel({"a": at(10), "b": at(10, 2)}, call=FOUR, pools=pools, calendar="always"))
    assert order(t, "a", "b1", "b2") == [(10, 14), (10, 14), (14, 18)]
    assert [t.plan.pools[t.work(name)[0].pool] for name in ("a", "b1")] == ["for a", "for b"]
