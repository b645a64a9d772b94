"""Any metric of the table may be promised, by the parts it is measured by; others are refused by name."""

from __future__ import annotations

import math

import pytest

from simfunnel.metrics import TABLE, clause_problems, measure, promised_metrics
from simfunnel.plan.model import Clause
from tests.unit.metrics.factory import ledger, plan


def promise(metric: str, **part: str) -> Clause:
    return Clause("other", metric, 0.0, math.inf, **part)


@pytest.mark.parametrize("part", ["", "pool", "channel"])
def test_every_metric_that_may_be_promised_can_be_judged(part: str) -> None:
    of = {"": {}, "pool": {"pool": "AE"}, "channel": {"channel": "chat"}}[part]
    clauses = tuple(promise(metric, **of) for metric in promised_metrics(part))
    agreed = plan(clauses=clauses)

    found = measure(agreed, ledger(leads=[{}], passes=[{"lead": 0, "started": 1.0}]))

    assert len(clauses) > (10 if part else 50)
    assert clause_problems(clauses) == []
    judged = {key.part for key in found.keys if key.metric == "sla_kept"}
    assert len(judged) == len(clauses)


def test_an_unknown_metric_is_refused_with_the_nearest_name() -> None:
    (problem,) = clause_problems([promise("busy_shares", pool="AE")])

    assert str(problem) == (
        "sla.other[0].metric: 'busy_shares', is not a metric that can be promised; did you mean busy_share?"
    )


def test_a_metric_is_refused_by_a_part_it_is_not_measured_by() -> None:
    clauses = (promise("profit"), promise("profit", pool="AE"))

    (problem,) = clause_problems(clauses)

    assert str(problem).startswith("sla.other[1].metric: 'profit', is not measured by pool; leave out the pool")


def test_metrics_by_stage_and_the_agreement_itself_cannot_be_promised() -> None:
    refused = set(TABLE) - set(promised_metrics())

    assert {"conversion", "band_win_share", "sla_months_kept", "sla_kept"} <= refused
    assert "revenue" not in refused
