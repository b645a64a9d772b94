"""Chances with intervals, causes by rank and promises, from samples made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel import study
from simfunnel.scenario import parse
from simfunnel.study.sla import SlaResult, chance_of

RAW = {
    "period": {"start": "2027-01-01", "months": 3, "run_in": "0 days"},
    "channels": {"web": {"leads": "200 / month", "deal_value": "7k"}},
    "qualification": {"mql_rate": "50%"},
    "pools": {"SDR": {"stages": ["discovery"], "reps": 2, "selling_time": "50%"}},
    "stages": [{"name": "discovery", "conversion": "50%"}],
    "sla": {
        "marketing": {"mqls": "80 to 120 / month"},
        "other": [{"metric": "busy_share", "pool": "SDR", "at_most": "99%"}],
    },
}


@pytest.fixture(scope="module")
def result() -> SlaResult:
    return study.sla(parse(RAW), replications=60, confidence=0.8)


def test_the_chance_of_a_month_is_the_share_of_the_months_that_can_be_judged() -> None:
    found = chance_of(np.array([3.0, 1.0, 0.0]), np.array([4.0, 4.0, 0.0]))

    assert found.share == 0.5
    assert 0 <= found.low < 0.5 < found.high <= 1


def test_a_clause_that_was_always_kept_is_not_certain() -> None:
    found = chance_of(np.full(50, 12.0), np.full(50, 12.0))

    assert (found.share, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 50))


def test_a_chance_of_whole_years_has_an_interval_that_is_never_too_short() -> None:
    found = chance_of(np.array([1.0] * 5 + [0.0] * 95), np.ones(100))

    assert (round(found.low, 3), round(found.high, 3)) == (0.016, 0.113)


def test_nothing_to_judge_is_no_chance() -> None:
    assert np.isnan(chance_of(np.zeros(4), np.zeros(4)).share)


def test_causes_add_up_to_all_breaches_and_come_by_rank(result: SlaResult) -> None:
    clause = result.clause("marketing.mqls")

    broken = clause.months_judged * (1 - clause.month.share)
    assert sum(each.mean for each in clause.causes) == pytest.approx(broken)
    assert sum(each.share for each in clause.causes) == pytest.approx(1.0)
    assert [each.mean for each in clause.causes] == sorted((each.mean for each in clause.causes), reverse=True)


def test_months_with_few_or_many_leads_break_the_clause_on_their_number(result: SlaResult) -> None:
    assert result.clause("marketing.mqls").causes[0].cause == "volume"


def test_a_metric_without_months_is_judged_once() -> None:
    other = [{"metric": "open_deals", "at_most": 0.5}, {"metric": "win_rate", "at_least": "99%"}]
    found = study.sla(parse({**RAW, "sla": {"other": other}}), replications=40, confidence=0.8)
    at_once, monthly = found.clauses

    assert (at_once.at_once, monthly.at_once) == (True, False)
    assert np.isnan(at_once.month.share)
    assert at_once.year.share < 1
    assert at_once.causes == ()
    assert at_once.alone is not None


def test_a_share_of_wins_is_not_broken_for_want_of_reps() -> None:
    other = [{"metric": "win_rate", "at_least": "99%"}, {"metric": "revenue", "at_least": "100M"}]
    wins, revenue = study.sla(parse({**RAW, "sla": {"other": other}}), replications=3).clauses

    assert [cause.cause for cause in wins.causes] == ["mix"]
    assert [cause.cause for cause in revenue.causes] == ["volume"]


def test_one_breach_tells_little_of_its_cause() -> None:
    low = study.sla(parse({**RAW, "sla": {"marketing": {"mqls": "75 to 500 / month"}}}), replications=60)
    (clause,) = low.clauses

    often = sum(each.mean for each in clause.causes) * low.replications
    assert 1 <= often <= 10  # months broken in all
    assert all(each.share_half_width > 0.25 for each in clause.causes)


def test_a_clause_judged_in_few_years_promises_nothing_beside_others() -> None:
    """With six leads a year most years have no month whose MQLs can be judged by what they win."""
    rare = {**RAW, "channels": {"web": {"leads": "0.1 / month", "deal_value": "7k"}}}
    agreement = {"marketing": {"win_share": "50%"}, "other": [{"metric": "busy_share", "at_most": "50%"}]}
    found = study.sla(parse({**rare, "sla": agreement}), replications=60, confidence=0.8)
    wins, busy = found.clauses

    assert 0 < wins.months_judged < 1
    assert (wins.alone, wins.together) == (None, None)
    assert busy.alone is not None
    assert busy.together is not None


def test_keeping_all_clauses_is_no_likelier_than_keeping_one(result: SlaResult) -> None:
    assert result.year.share <= min(each.year.share for each in result.clauses)
    assert result.month.share <= result.clause("marketing.mqls").month.share


def test_promises_made_together_are_no_narrower_than_each_alone(result: SlaResult) -> None:
    clause = result.clause("marketing.mqls")

    assert clause.alone is not None
    assert clause.together is not None
    assert clause.together.low <= clause.alone.low < clause.alone.high <= clause.together.high
    assert clause.together.high - clause.together.low > clause.alone.high - clause.alone.low
    assert result.needed == 30


def test_a_proposed_promise_is_kept_by_other_years_with_the_wanted_chance() -> None:
    """Proposed from 100 years of one seed; kept in 400 years of another, in at least 80% less two standard errors."""
    scenario = parse(RAW)
    proposed = study.sla(scenario, replications=100, confidence=0.8, seed=5)
    mqls = proposed.clause("marketing.mqls").together
    busy = proposed.clause("other.busy_share[SDR]").together
    assert mqls is not None
    assert busy is not None
    typed = {"marketing": {"mqls": f"{mqls.low} to {mqls.high} / month"},
             "other": [{"metric": "busy_share", "pool": "SDR", "at_most": busy.high}]}  # fmt: skip

    kept = study.sla(parse({**RAW, "sla": typed}), replications=400, seed=6)

    assert kept.year.share > 0.8 - 2 * 0.02
