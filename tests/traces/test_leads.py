"""Arrivals, deal values and the first scoring (MODEL 3, 4, 5)."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from simfunnel import streams
from tests.traces.harness import TUE, WED, at, funnel, pool, stage, trace

EASY = {"pools": {"desk": pool("call", reps="unlimited")}}


def test_a_lead_that_finds_the_rep_free_is_served_at_once_and_wins_its_value() -> None:
    """Monday 10:00 created, qualified, handed over and answered; an hour of work; won at 11:00 for 1,000."""
    t = trace(funnel({"a": at(10)}))
    assert t.tasks("a") == [("call", 0, 10, 10, 11, "advanced")]
    assert t.closed("a") == ("won", 11)
    lead, (only,) = t.lead("a"), t.passes("a")
    assert (lead.created, lead.value, lead.effort, lead.wasted, lead.passes, lead.entries) == (10, 1000, 1, 0, 1, 0)
    assert (only.started, only.handed_off_at, only.first_response_at, only.rep) == (10, 10, 10, 0)
    assert (only.left_to, only.left_at) == ("won", 11)
    assert getattr(only, "pass") == 1


def test_lists_come_one_gap_after_the_start_and_then_at_every_gap() -> None:
    """Without a run-in the start is hour 0: lists of two at 30, 60 and 90; the next, at 120, is after the end (96)."""
    leads = {"a": {"lists": {"every": "30 hours", "size": 2}}}
    t = trace(funnel(leads, days=4, run_in_days=0, calendar="always", **EASY))
    assert [t.lead(name).created for name in t.names()] == [30, 30, 60, 60, 90, 90]


def test_a_campaign_brings_its_leads_from_its_first_day_to_the_end_of_its_last() -> None:
    """5 and 6 January are hours 24 to 72; 200 leads expected, so 130 to 270 within five standard deviations (seed
    1).
    """
    fair = {"fair": {"from": "2027-01-05", "to": "2027-01-06", "leads": 200, "cost": 0}}
    t = trace(funnel({"a": at(300, campaigns=fair)}, **EASY))
    leads = t.ledger.leads
    created = leads["created"][leads["campaign"] == 0]
    assert 130 <= len(created) <= 270
    assert created.min() >= TUE
    assert created.max() < TUE + 48
    assert created.max() - created.min() > 24
    assert leads["created"][leads["campaign"] == -1].tolist() == [300]


def test_a_campaign_spreads_over_opening_hours_and_skips_holidays_under_the_business_profile() -> None:
    """The fifth is a holiday, so all 200 leads come on Wednesday the sixth between 09:00 and 17:00."""
    fair = {"fair": {"from": "2027-01-05", "to": "2027-01-06", "leads": 200, "cost": 0}}
    t = trace(
        funnel(
            {"a": at(300, campaigns=fair, hours_of_week="business")},
            calendar={"days": "Mon-Fri", "hours": "09:00-17:00", "own_holidays": ["2027-01-05"]},
            **EASY,
        )
    )
    leads = t.ledger.leads
    created = leads["created"][leads["campaign"] == 0]
    assert 130 <= len(created) <= 270
    assert created.min() >= WED + 9
    assert created.max() < WED + 17


def test_leads_come_in_opening_hours_only_under_the_business_profile() -> None:
    """200 a week over two weeks: 400, so 300 to 500 within five deviations (seed 1); Monday to Friday, 9 to 17.

    That is five an hour for forty hours; a rate averaged over the week would bring three quarters at closed hours.
    """
    leads = {"a": {"leads": "200 / week", "hours_of_week": "business", "day_to_day_swing": 0}}
    created = trace(funnel(leads, run_in_days=0, **EASY)).ledger.leads["created"]
    assert 300 <= len(created) <= 500
    assert set((created // 24 % 7).astype(int)) == {0, 1, 2, 3, 4}
    assert (created % 24).min() >= 9
    assert (created % 24).max() < 17


def test_a_season_without_leads_has_none() -> None:
    """1 February is day 28: leads in January, none after."""
    leads = {"a": {"leads": "200 / week", "season": {"feb": "0%"}, "day_to_day_swing": 0}}
    created = trace(funnel(leads, run_in_days=0, days=42, **EASY)).ledger.leads["created"]
    assert len(created) > 600
    assert created.max() < 28 * 24


def test_a_score_below_the_threshold_is_disqualified_at_creation_without_a_pass() -> None:
    """A score lies near 50; a threshold of 1,000 lets nobody through, and no near miss is typed."""
    t = trace(funnel({"a": at(10)}, qualification={"threshold": 1000}))
    assert t.closed("a") == ("disqualified", 10)
    assert (t.passes("a"), t.tasks("a"), t.entries("a")) == ([], [], [])
    assert t.lead("a").passes == 0


def test_a_near_miss_may_be_disqualified_too() -> None:
    """Within 2,000 points of a threshold of 1,000, but near misses are sent to `disqualified`."""
    near = {"threshold": 1000, "near_miss": 2000, "near_miss_to": "disqualified"}
    assert trace(funnel({"a": at(10)}, qualification=near)).closed("a") == ("disqualified", 10)


def test_the_bar_is_reached_from_the_threshold_on_and_nearly_missed_down_to_its_distance() -> None:
    """The lead's own score s: at s - 0.0001 it is an MQL; at s + 0.0001 a near miss within 0.001, but not within
    0.00005.
    """
    score = trace(funnel({"a": at(10)})).passes("a")[0].score

    def outcome(threshold: float, near_miss: float = 0) -> str:
        bar = {"threshold": threshold, "near_miss": near_miss}
        nurture = {"delay": "100 days", "opt_out": "0%", "cycles": 1, "cost": 0}
        return trace(funnel({"a": at(10)}, qualification=bar, nurture=nurture)).closed("a")[0]

    assert outcome(score - 0.0001) == "won"
    assert outcome(score + 0.0001, 0.001) == "in nurture"
    assert outcome(score + 0.0001, 0.00005) == "disqualified"
    assert outcome(score + 0.0001) == "disqualified"


def test_a_score_bias_lifts_one_channel_over_the_threshold() -> None:
    """Scores near 50 and near 550 against 300: only the flattered channel qualifies."""
    t = trace(funnel({"a": at(10), "b": at(10, score_bias=500)}, qualification={"threshold": 300}))
    assert t.closed("a") == ("disqualified", 10)
    assert t.closed("b") == ("won", 11)
    assert 450 < t.passes("b")[0].score < 650


def test_a_threshold_may_differ_by_channel() -> None:
    """The same scores; a bar of -1,000 for one channel, of 1,000 for the other."""
    t = trace(funnel({"a": at(10), "b": at(11)}, qualification={"threshold": {"a": -1000, "b": 1000}}))
    assert t.closed("a") == ("won", 11)
    assert t.closed("b") == ("disqualified", 11)


def test_a_score_is_the_standardised_view_of_quality_and_noise() -> None:
    """One channel, accuracy 0.6: r_S Q + sqrt(1 - r_S^2) e_S is standard normal, so S = 50 + 20 (0.6 Q + 0.8 e_S)."""
    t = trace(funnel({"a": at(10, 5)}, score={"mean": 50, "sd": 20, "accuracy": {"correlation": 0.6}}, **EASY))
    for name in t.names():
        quality = NormalDist().inv_cdf(t.luck(name, streams.QUALITY))
        noise = NormalDist().inv_cdf(t.luck(name, streams.SCORE))
        assert t.lead(name).quality == pytest.approx(quality, abs=1e-9)
        assert t.passes(name)[0].score == pytest.approx(50 + 20 * (0.6 * quality + 0.8 * noise), abs=1e-4)


def test_a_discrete_deal_value_follows_its_quantile_function() -> None:
    """4,000 with 60% and 11,000 with 40%: the quantile function is 4,000 up to u = 0.6, whatever order they are typed
    in.
    """
    t = trace(funnel({"a": at(10, 12, deal_value={"prices": {"11k": "40%", "4k": "60%"}})}, **EASY))
    values = [t.lead(name).value for name in t.names()]
    assert values == [4000 if t.luck(name, streams.VALUE) <= 0.6 else 11000 for name in t.names()]
    assert set(values) == {4000, 11000}


def test_a_value_fully_coupled_to_quality_is_the_quantile_of_the_leads_rank_in_its_channel() -> None:
    """c = 1: F^-1(Phi(Q~)), for a uniform on 0 to 1,000 that is 1,000 Phi(Q~); Q~ is centred on the lead's own
    channel.
    """
    uniform = {"family": "uniform", "low": 0, "high": 1000}
    leads = {"a": at(10, 3, quality=1, deal_value=uniform, value_quality=1), "b": at(10, 3, quality=-1)}
    t = trace(funnel(leads, **EASY))
    for name in ("a1", "a2", "a3"):
        own = t.lead(name).quality - 1  # the centre is zero: equal volumes at +1 and -1
        assert t.lead(name).value == pytest.approx(500 * math.erfc(-own / math.sqrt(2)), rel=1e-9)


def test_unlimited_reps_serve_everybody_at_once_and_are_not_numbered() -> None:
    """Three at 10:00, all answered at 10:00."""
    t = trace(funnel({"a": at(10, 3)}, desk={"reps": "unlimited"}))
    assert [t.served(name) for name in t.names()] == [(-1, 10, 11)] * 3


def test_nothing_happens_at_or_after_the_end_and_rep_hours_are_clipped() -> None:
    """One day, open round the clock. A lead at 20:00 needs four hours: its end falls on the period's end and is not
    run.

    The rep is booked for the four hours up to the end. A list due at 24:00 does not come.
    """
    scenario = funnel({"a": at(20)}, call={"effort": "4 hours"}, days=1, calendar="always")
    t = trace(scenario)
    assert t.tasks("a") == [("call", 0, 20, 20, None, "pending")]
    assert t.closed("a") == ("open", None)
    assert t.passes("a")[0].left_to == "in progress"
    assert (t.rep_week("desk", 0).busy, t.rep_week("desk", 0).staffed) == (4, 24)
    none = trace(funnel({"a": {"lists": {"every": "24 hours", "size": 1}}}, days=1, run_in_days=0, stages=[stage()]))
    assert none.names() == {}
