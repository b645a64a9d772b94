"""Speed to lead and load: what they do to the odds and to the work (MODEL 8)."""

from __future__ import annotations

import math

import pytest

from tests.traces.harness import TUE, at, funnel, stage, trace

FLAT = {"quality_odds": 1}  # then x is the sum of the effects
CURVE = {"default": {"strength": 0.5, "odds": {"0 hours": 1.0, "1 hour": 0.6, "24 hours": 0.2}}}


def x(t, name: str, task: int = 0) -> float:  # type: ignore[no-untyped-def]
    return t.work(name)[task].x


def log(factor: float, strength: float = 1.0) -> object:
    return pytest.approx(strength * math.log(factor), abs=1e-12)


def test_odds_fall_with_the_response_time_linearly_between_points_and_flat_outside() -> None:
    """W = 0: f = 1. W = 1: 0.6. W = 12.5: half way from 1 to 24 hours: 0.4. W = 40: 0.2. Strength one half."""
    delays = {"b": {"delay": "1 hour"}, "c": {"delay": "12.5 hours"}, "d": {"delay": "40 hours"}}
    handoff = {"default": {"instant": True}, **delays}
    leads = {"a": at(9), "b": at(9), "c": at(9), "d": at(9)}
    t = trace(funnel(leads, call=FLAT, desk={"reps": 4}, handoff=handoff, speed_to_lead=CURVE, calendar="always"))
    assert [x(t, name) for name in "abcd"] == [0, log(0.6, 0.5), log(0.4, 0.5), log(0.2, 0.5)]


def test_response_time_counts_hand_off_queue_and_closed_hours() -> None:
    """Made at 16:00, one hour of hand-off, closed until Tuesday 09:00: W = 17 hours: 0.6 - 0.4 x 16 / 23."""
    t = trace(funnel({"a": at(16)}, call=FLAT, handoff={"default": {"delay": "1 hour"}}, speed_to_lead=CURVE))
    assert t.served("a")[1] == TUE + 9
    assert x(t, "a") == log(0.6 - 0.4 * 16 / 23, 0.5)


def test_response_time_acts_at_every_first_stage_decision_of_the_pass_and_nowhere_else() -> None:
    """W = 1 at the first call; postponed and called again: the same W. Advancing, the demo feels nothing of it."""
    handoff = {"default": {"delay": "1 hour"}}
    again = {"conversion": "0%", "otherwise": {"postponed": "100%"}, "postponed_for": "30 hours", **FLAT}
    t = trace(funnel({"a": at(9)}, call=again, handoff=handoff, speed_to_lead=CURVE, calendar="always"))
    assert [x(t, "a", 0), x(t, "a", 1)] == [log(0.6, 0.5)] * 2
    steps = [stage("call", **FLAT), stage("demo", **FLAT)]
    t = trace(funnel({"a": at(9)}, stages=steps, handoff=handoff, speed_to_lead=CURVE))
    assert [x(t, "a", 0), x(t, "a", 1)] == [log(0.6, 0.5), 0]


def test_a_second_pass_has_its_own_response_time() -> None:
    """Pass 1 waits an hour for its hand-off, pass 2 too: W counts from the second start, not from the creation."""
    back = {"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 1, "cost": 0}
    call = {"conversion": "0%", "otherwise": {"nurture": "100%"}, **FLAT}
    t = trace(
        funnel({"a": at(9)}, call=call, handoff={"default": {"delay": "1 hour"}}, speed_to_lead=CURVE, nurture=back)
    )
    assert [row[3] for row in t.tasks("a")] == [10, TUE + 12]
    assert [x(t, "a", 0), x(t, "a", 1)] == [log(0.6, 0.5)] * 2


def test_a_channel_may_have_its_own_curve() -> None:
    """b: strength 1, odds 0.5 at any time."""
    curves = {**CURVE, "b": {"strength": 1, "odds": {"0 hours": 0.5}}}
    t = trace(funnel({"a": at(9), "b": at(9)}, call=FLAT, desk={"reps": 2}, speed_to_lead=curves))
    assert (x(t, "a"), x(t, "b")) == (0, log(0.5))


def test_load_lowers_odds_and_slows_work_by_open_leads_per_head() -> None:
    """Two reps, four at 10:00: two open leads a head, this one included: odds 0.5, double effort. At 12:00 two are won,
    two are left: one a head: odds 1, one hour.
    """
    load = {"odds": {1: 1.0, 2: 0.5}, "effort": {1: 1.0, 2: 2.0}}
    t = trace(funnel({"a": at(10, 4)}, call=FLAT, desk={"reps": 2, "load": load}))
    assert [t.served(f"a{k}") for k in (1, 2, 3, 4)] == [(0, 10, 12), (1, 10, 12), (0, 12, 13), (1, 12, 13)]
    assert [x(t, f"a{k}") for k in (1, 2, 3, 4)] == [log(0.5), log(0.5), 0, 0]


def test_load_is_read_between_points_and_frozen_at_the_start_of_the_task() -> None:
    """One rep. a alone at 10:00: load 1, odds 1, though b, c join while it lasts. b at 11:00: two open: half way of 1
    and 3.
    """
    load = {"odds": {1: 1.0, 3: 0.5}}
    t = trace(funnel({"a": at(10), "b": at(10.25), "c": at(10.5)}, call=FLAT, desk={"load": load}))
    assert [x(t, name) for name in "abc"] == [0, log(0.75), 0]
    assert [t.served(name)[1] for name in "abc"] == [10, 11, 12]


def test_load_counts_leads_that_wait_for_the_customer() -> None:
    """a: called 9-10, demo after ten hours. b's call at 12:00 has two open: 0.5; so has a's demo at 20:00 (b waits
    until 23); b's demo at 23:00 is alone: 1. Strength 2: the log doubles.
    """
    steps = [stage("call", **FLAT), stage("demo", wait="10 hours", **FLAT)]
    load = {"strength": 2, "odds": {1: 1.0, 2: 0.5}}
    t = trace(funnel({"a": at(9), "b": at(12)}, stages=steps, desk={"load": load}, calendar="always"))
    assert [row[3] for row in t.tasks("a") + t.tasks("b")] == [9, 20, 12, 23]
    assert [x(t, "a", 0), x(t, "b", 0), x(t, "a", 1), x(t, "b", 1)] == [0, log(0.5, 2), log(0.5, 2), 0]


def test_load_does_not_count_sleepers() -> None:
    """a is postponed for a hundred hours at 10:00; b, at 12:00, is the only open lead."""
    call = {"conversion": "0%", "otherwise": {"postponed": "100%"}, "postponed_for": "100 hours", **FLAT}
    load = {"odds": {1: 1.0, 2: 0.5}}
    t = trace(funnel({"a": at(9), "b": at(12)}, call=call, desk={"load": load}, calendar="always"))
    assert [x(t, "a", 0), x(t, "b", 0), x(t, "a", 1)] == [0, 0, 0]


def test_under_ownership_load_is_the_reps_own() -> None:
    """Two reps. a: rep 0, 9-10, then ten hours for the customer. b at 12: rep 1, his only one: 1. c at 14: rep 0 (free
    since 10, rep 1 since 13): a and c: 0.5. By heads it would have been 3 / 2: 0.75.
    """
    steps = [stage("call", **FLAT), stage("demo", wait="10 hours", **FLAT)]
    load = {"odds": {1: 1.0, 2: 0.5}}
    leads = {"a": at(9), "b": at(12), "c": at(14)}
    own = trace(funnel(leads, stages=steps, desk={"reps": 2, "ownership": "rep", "load": load}, calendar="always"))
    assert [own.served(name)[0] for name in "abc"] == [0, 1, 0]
    assert [x(own, name) for name in "abc"] == [0, 0, log(0.5)]
    shared = trace(funnel(leads, stages=steps, desk={"reps": 2, "load": load}, calendar="always"))
    assert [x(shared, name) for name in "abc"] == [0, 0, log(0.75)]


def test_odds_of_skill_speed_and_load_multiply() -> None:
    """Skill 2, response after an hour 0.6 at strength one half, load of one on a table that starts at 1 with 0.9."""
    t = trace(
        funnel(
            {"a": at(9)},
            call=FLAT,
            desk={"load": {"odds": {1: 0.9, 2: 0.5}}},
            skills={"desk": {"a": {"odds": 2}}},
            handoff={"default": {"delay": "1 hour"}},
            speed_to_lead=CURVE,
        )
    )
    expected = math.log(2) + 0.5 * math.log(0.6) + math.log(0.9)
    assert x(t, "a") == pytest.approx(expected, abs=1e-12)
