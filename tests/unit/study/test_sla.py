"""Chances with intervals, causes by rank and promises, from samples made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel import study
from simfunnel.scenario import parse
from simfunnel.study.sla import chance_of
from simfunnel.study.sla_result import SlaResult

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


def test_a_metric_without_months_is_judged_once(result: SlaResult) -> None:
    clause = result.clause("other.busy_share[SDR]")

    assert clause.year.share == 1.0
    assert clause.alone is not None


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


@pytest.mark.slow
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
