"""The recycling of leads that were not ready (MODEL 10)."""

from __future__ import annotations

import pytest

from simfunnel import streams
from tests.traces.harness import TUE, WED, at, funnel, pool, trace

NEAR = {"threshold": 1000, "near_miss": 3000}
LOSE = {"conversion": "0%", "otherwise": {"nurture": "100%"}}


def back(**typed: object) -> dict[str, object]:
    return {"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 3, "cost": 0, **typed}


def test_a_near_miss_is_looked_at_again_after_the_delay_and_may_then_qualify() -> None:
    """Near 50 against 1,000, within reach; a day later, Tuesday 10:00, lifted by 2,000: qualifies, is called, wins."""
    t = trace(funnel({"a": at(10)}, qualification=NEAR, nurture=back(score_lift=2000)))
    assert t.entries("a") == [("near miss", 10, TUE + 10, "new pass")]
    assert t.tasks("a") == [("call", 0, TUE + 10, TUE + 10, TUE + 11, "advanced")]
    assert t.closed("a") == ("won", TUE + 11)
    (only,) = t.passes("a")
    assert only.started == TUE + 10
    assert 1950 < only.score < 2150
    assert (t.lead("a").entries, t.lead("a").created) == (1, 10)


def test_the_second_look_waits_for_the_home_pools_opening() -> None:
    """Twenty hours from 10:00 end on Tuesday at 06:00; the look is at 09:00, and the pass starts then."""
    t = trace(funnel({"a": at(10)}, qualification=NEAR, nurture=back(delay="20 hours", score_lift=2000)))
    assert t.entries("a") == [("near miss", 10, TUE + 9, "new pass")]
    assert t.tasks("a") == [("call", 0, TUE + 9, TUE + 9, TUE + 10, "advanced")]
    late = {"days": "Mon-Fri", "hours": "12:00-16:00"}
    t = trace(
        funnel(
            {"a": at(10)},
            qualification=NEAR,
            nurture=back(score_lift=2000),
            pools={"desk": pool("call", calendar=late)},
        )
    )
    assert t.entries("a") == [("near miss", 10, TUE + 12, "new pass")]


def test_opting_out_ends_it_at_the_second_look() -> None:
    """Everybody opts out: closed on Tuesday at 10:00, whatever the lift."""
    t = trace(funnel({"a": at(10)}, qualification=NEAR, nurture=back(score_lift=2000, opt_out="100%")))
    assert t.closed("a") == ("opted out", TUE + 10)
    assert t.entries("a") == [("near miss", 10, TUE + 10, "opted out")]


def test_who_opts_out_is_the_luck_of_that_entry() -> None:
    """Half opt out: iff the entry's uniform is below one half."""
    desk = {"reps": "unlimited"}
    t = trace(funnel({"a": at(10, 12)}, qualification=NEAR, nurture=back(score_lift=2000, opt_out="50%"), desk=desk))
    outcomes = [t.closed(name)[0] for name in t.names()]
    assert outcomes == ["opted out" if t.luck(name, streams.OPT_OUT, count=1) < 0.5 else "won" for name in t.names()]
    assert set(outcomes) == {"opted out", "won"}


def test_lifts_add_up_over_entries() -> None:
    """Near 50 against 550, lifts of 200: 250 and 450 are near misses, 650 qualifies at the third look, after three
    days.
    """
    near = {"threshold": 550, "near_miss": 3000}
    t = trace(funnel({"a": at(10)}, qualification=near, nurture=back(score_lift=200, cycles=5), calendar="always"))
    assert t.entries("a") == [
        ("near miss", 10, TUE + 10, "another entry"),
        ("near miss", TUE + 10, WED + 10, "another entry"),
        ("near miss", WED + 10, WED + 34, "new pass"),
    ]
    assert t.closed("a") == ("won", WED + 35)


def test_a_lead_that_used_up_its_cycles_closes_with_the_reasons_outcome() -> None:
    """Two cycles, no lift: entries at Monday and Tuesday 10:00; on Wednesday the third is refused: disqualified."""
    t = trace(funnel({"a": at(10)}, qualification=NEAR, nurture=back(cycles=2)))
    assert t.entries("a") == [("near miss", 10, TUE + 10, "another entry"), ("near miss", TUE + 10, WED + 10, "closed")]
    assert t.closed("a") == ("disqualified", WED + 10)
    assert t.lead("a").entries == 2


def test_a_near_miss_without_a_cycle_left_is_disqualified_whatever_brought_the_lead_there() -> None:
    """Lost at 11:00; a day later 3,000 points lower, a near miss: the reason is now the near miss, and it may not
    enter again.
    """
    bar = {"threshold": -1000, "near_miss": 5000}
    t = trace(funnel({"a": at(10)}, call=LOSE, qualification=bar, nurture=back(cycles=1, score_lift=-3000)))
    assert t.entries("a") == [("not advancing", 11, TUE + 11, "closed")]
    assert t.closed("a") == ("disqualified", TUE + 11)


def test_a_lost_deal_may_come_back_and_closes_as_lost_when_its_cycles_are_used_up() -> None:
    """Called 10-11, nurture, second pass on Tuesday at 11:00, called 11-12, refused a second entry: lost."""
    t = trace(funnel({"a": at(10)}, call=LOSE, nurture=back(cycles=1)))
    assert t.tasks("a") == [("call", 0, 10, 10, 11, "nurture"), ("call", 0, TUE + 11, TUE + 11, TUE + 12, "nurture")]
    assert t.entries("a") == [("not advancing", 11, TUE + 11, "new pass")]
    assert t.closed("a") == ("lost", TUE + 12)
    assert [(getattr(row, "pass"), row.left_to) for row in t.passes("a")] == [(1, "nurture"), (2, "lost")]


def test_a_look_far_below_the_threshold_closes_with_the_last_reason() -> None:
    """Lost on Monday, lowered by 2,000 against a threshold of -1,000: no near miss is typed, so it closes as lost."""
    t = trace(funnel({"a": at(10)}, call=LOSE, nurture=back(score_lift=-3000)))
    assert t.closed("a") == ("lost", TUE + 11)
    assert t.entries("a") == [("not advancing", 11, TUE + 11, "closed")]


def test_a_lead_below_the_threshold_may_be_nurtured_but_closes_as_disqualified() -> None:
    """No near miss typed; `below_to: nurture`: one entry, no lift, out of reach of a near miss: disqualified at the
    look.
    """
    t = trace(funnel({"a": at(10)}, qualification={"threshold": 1000, "below_to": "nurture"}, nurture=back()))
    assert t.entries("a") == [("below the threshold", 10, TUE + 10, "closed")]
    assert t.closed("a") == ("disqualified", TUE + 10)


def test_a_lead_still_in_nurture_at_the_end_says_so() -> None:
    """A hundred days of delay in a period of fourteen."""
    t = trace(funnel({"a": at(10)}, qualification=NEAR, nurture=back(delay="100 days")))
    assert t.closed("a") == ("in nurture", None)
    assert t.entries("a") == [("near miss", 10, None, "still in nurture")]


def test_a_quality_lift_makes_the_lead_itself_better() -> None:
    """Q + 1 after one entry; without the lift the same lead keeps its Q."""
    rules = {"qualification": NEAR, "calendar": "always"}
    plain = trace(funnel({"a": at(10)}, nurture=back(score_lift=2000), **rules))
    lifted = trace(funnel({"a": at(10)}, nurture=back(score_lift=2000, quality_lift=1), **rules))
    assert lifted.lead("a").quality == pytest.approx(plain.lead("a").quality + 1, abs=1e-12)
    assert lifted.passes("a")[0].score == plain.passes("a")[0].score


def test_a_second_pass_is_handed_over_like_the_first() -> None:
    """Batch at 12:00: first pass 12-13; nurture to Tuesday 13:00, batch on Wednesday: 12:00."""
    handoff = {"default": {"batch": "daily 12:00"}}
    t = trace(funnel({"a": at(10)}, call=LOSE, nurture=back(cycles=1), handoff=handoff))
    assert [row[2:5] for row in t.tasks("a")] == [(12, 12, 13), (WED + 12, WED + 12, WED + 13)]
    assert [(row.started, row.handed_off_at) for row in t.passes("a")] == [(10, 12), (TUE + 13, WED + 12)]


def test_nurture_ends_ownership() -> None:
    """a is rep 0's, 10-11, and goes to nurture; on Tuesday at 11:00 rep 1, who never worked, is idle longest and
    takes it.
    """
    t = trace(funnel({"a": at(10)}, call=LOSE, nurture=back(cycles=1), desk={"reps": 2, "ownership": "rep"}))
    assert [row[1:5] for row in t.tasks("a")] == [(0, 10, 10, 11), (1, TUE + 11, TUE + 11, TUE + 12)]


def test_highest_score_first_uses_the_lifted_score() -> None:
    """b stands first in line, but a came back with 3,000 points more.

    a: called 10-11, back on Tuesday at 13:00. The rep is busy with z on Tuesday 9-17; b waits since 10:30, a since
    13:00.
    """
    nurture = back(cycles=1, score_lift=3000, delay="26 hours", patience="10 days")
    leads = {"a": at(10), "z": at(TUE + 9), "b": at(TUE + 10.5)}
    skills = {"desk": {"z": {"time": "800%"}}}
    desk = {"discipline": "highest score first"}
    t = trace(funnel(leads, call=LOSE, nurture=nurture, desk=desk, skills=skills))
    # a: 10-11, back at TUE 13. z: TUE 9-17. WED 9: a (3,050), then b (50).
    assert t.served("z") == (0, TUE + 9, TUE + 17)
    assert t.tasks("a")[1][2:5] == (TUE + 13, WED + 9, WED + 10)
    assert t.served("b") == (0, WED + 10, WED + 11)


def test_a_second_pass_is_first_contact_work_again() -> None:
    """The queue limit of nobody turns the second pass away while the rep is busy: balked on Tuesday at 11:00."""
    t = trace(funnel({"a": at(10), "b": at(TUE + 10.5)}, call=LOSE, nurture=back(), desk={"queue_limit": 0}))
    assert t.tasks("a")[1] == ("call", -1, TUE + 11, None, TUE + 11, "balked")
    assert t.closed("a") == ("balked", TUE + 11)
