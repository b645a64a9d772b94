"""What sales accepts, and what a rejected contact costs (MODEL 5)."""

from __future__ import annotations

from statistics import NormalDist

import pytest

from simfunnel import streams
from tests.traces.harness import TUE, at, funnel, stage, trace

NOBODY = "0.0000001%"  # a rate of 0% may not be typed: the funnel would end there
BACK = {"delay": "24 hours", "score_lift": 0, "opt_out": "0%", "cycles": 1, "cost": 0}


def test_a_rejected_contact_costs_a_quarter_of_an_hour_and_is_wasted() -> None:
    """Nobody is accepted: 10:00 to 10:15 of a call of two hours, then lost as rejected; the rep is free for b."""
    t = trace(funnel({"a": at(10), "b": at(10.125)}, call={"effort": "2 hours"}, acceptance=NOBODY))
    assert t.tasks("a") == [("call", 0, 10, 10, 10.25, "rejected")]
    assert t.served("b") == (0, 10.25, 10.5)
    assert t.closed("a") == ("rejected", 10.25)
    assert (t.lead("a").effort, t.lead("a").wasted) == (0.25, 0.25)
    (only,) = t.passes("a")
    assert (only.first_response_at, only.accepted, only.left_to) == (10, 0, "rejected")


def test_the_cost_of_a_rejected_contact_may_be_a_share_of_the_drawn_effort() -> None:
    """A quarter of two hours."""
    t = trace(funnel({"a": at(10)}, call={"effort": "2 hours"}, acceptance={"rate": NOBODY, "effort": "25%"}))
    assert t.tasks("a") == [("call", 0, 10, 10, 10.5, "rejected")]


def test_selling_time_stretches_a_rejected_contact_too() -> None:
    """A quarter of an hour at half selling time: half an hour."""
    t = trace(funnel({"a": at(10)}, acceptance=NOBODY, desk={"selling_time": "50%"}))
    assert t.tasks("a") == [("call", 0, 10, 10, 10.5, "rejected")]


def test_the_accepted_go_on_within_the_same_task() -> None:
    """Everybody is accepted: the call takes its two hours, no more and no less."""
    t = trace(funnel({"a": at(10)}, call={"effort": "2 hours"}, acceptance="100%"))
    assert t.tasks("a") == [("call", 0, 10, 10, 12, "advanced")]
    assert t.passes("a")[0].accepted == 1
    assert t.lead("a").wasted == 0


def test_without_a_rejection_nothing_is_judged_twice() -> None:
    """Postponed and called again: accepted at the first contact, still accepted; the second call is work, not a
    contact.
    """
    call = {"conversion": "0%", "otherwise": {"postponed": "100%"}, "postponed_for": "2 hours"}
    t = trace(funnel({"a": at(10)}, call=call, acceptance="100%"))
    assert [row[2:5] for row in t.tasks("a")[:2]] == [(10, 10, 11), (13, 13, 14)]
    assert t.passes("a")[0].first_response_at == 10
    assert [row.kind for row in t.work("a")[:2]] == [0, 1]


def test_a_rejected_lead_may_be_nurtured_and_judged_again() -> None:
    """Rejected at 10:15, nurture for a day, a second pass on Tuesday at 10:15, rejected at 10:30: out of cycles,
    rejected.
    """
    t = trace(funnel({"a": at(10)}, acceptance={"rate": NOBODY, "rejected_to": "nurture"}, nurture=BACK))
    assert t.tasks("a") == [
        ("call", 0, 10, 10, 10.25, "rejected"),
        ("call", 0, TUE + 10.25, TUE + 10.25, TUE + 10.5, "rejected"),
    ]
    assert t.entries("a") == [("rejected", 10.25, TUE + 10.25, "new pass")]
    assert t.closed("a") == ("rejected", TUE + 10.5)
    assert [row.accepted for row in t.passes("a")] == [0, 0]
    assert t.lead("a").wasted == 0.5


def test_sales_judge_by_their_own_view_and_not_by_the_score() -> None:
    """A = r_A Q + a e_S + n e_A >= cut, with r_S = 0.6, r_A = 0.5, agreement 0.46: a = (0.46 - 0.3) / 0.8 = 0.2,
    n^2 = 1 - 0.25 - 0.04 = 0.71. Half are accepted: the cut is 0. Among sixteen, A and S rank differently.
    """
    acceptance = {"rate": "50%", "accuracy": {"correlation": 0.5}, "agreement": 0.46}
    score = {"accuracy": {"correlation": 0.6}}
    t = trace(funnel({"a": at(10, 16)}, acceptance=acceptance, score=score, desk={"reps": "unlimited"}))
    normal = NormalDist().inv_cdf
    assert t.plan.phases[0].cut == pytest.approx(0, abs=0.02)
    by_score = []
    for name in t.names():
        quality, noise = normal(t.luck(name, streams.QUALITY)), normal(t.luck(name, streams.SCORE))
        own = normal(t.luck(name, streams.ASSESSMENT, count=1))
        view = 0.5 * quality + 0.2 * noise + 0.71**0.5 * own
        assert t.passes(name)[0].accepted == (view >= t.plan.phases[0].cut)
        by_score.append((t.passes(name)[0].score, t.passes(name)[0].accepted))
    accepted = [flag for _, flag in sorted(by_score)]
    assert accepted != sorted(accepted)
    assert 0 < sum(accepted) < 16


def test_acceptance_belongs_to_the_first_stage_only() -> None:
    """Both stages are worked in full once the contact is accepted."""
    t = trace(funnel({"a": at(10)}, stages=[stage("call"), stage("demo")], acceptance="100%"))
    assert [row[3:5] for row in t.tasks("a")] == [(10, 11), (11, 12)]
