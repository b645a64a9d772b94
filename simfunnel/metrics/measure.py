"""All metrics of one replication."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simfunnel.ledger import Ledger
from simfunnel.metrics.cost import cost_metrics
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.funnel import funnel_metrics, loss_metrics, stage_metrics
from simfunnel.metrics.keys import Key, Measures
from simfunnel.metrics.layout import Layout, layout_of
from simfunnel.metrics.pipeline import pipeline_metrics
from simfunnel.metrics.response import response_metrics
from simfunnel.metrics.revenue import revenue_metrics
from simfunnel.metrics.score_bands import score_metrics
from simfunnel.metrics.sla import sla_metrics
from simfunnel.metrics.staffing import Staffing
from simfunnel.metrics.table import TABLE
from simfunnel.metrics.tally import Ratio
from simfunnel.metrics.workload import workload_metrics
from simfunnel.plan.model import Plan


def measure(plan: Plan, ledger: Ledger) -> Measures:
    """Every metric of the table by every split it has, for one replication of a plan.

    The keys depend on the plan only, so the measures of its replications stack. What is dated in [0, end) counts, in
    the order of the ledger's rows, so the same ledger gives the same bytes.
    """
    facts = Facts(plan, ledger)
    ratios = all_ratios(facts)
    numerators, denominators = [], []
    for name, metric in TABLE.items():
        for split in (("",) if metric.whole else ()) + metric.splits:
            over, under = ratios[name].by(split)
            numerators.append(over)
            denominators.append(under)
    return Measures(_keys(facts.layout), np.concatenate(numerators), np.concatenate(denominators))


def keys_of(plan: Plan) -> tuple[Key, ...]:
    """The keys that `measure` gives for a plan, in order."""
    return _keys(layout_of(plan))


def all_ratios(facts: Facts) -> dict[str, Ratio]:
    """Every metric of the table before it is split."""
    staffing = Staffing(facts)
    ratios = {
        **revenue_metrics(facts),
        **funnel_metrics(facts),
        **stage_metrics(facts),
        **loss_metrics(facts),
        **response_metrics(facts),
        **workload_metrics(facts, staffing),
        **cost_metrics(facts, staffing),
        **pipeline_metrics(facts),
        **score_metrics(facts),
    }
    return {**ratios, **sla_metrics(facts, staffing, ratios)}


@lru_cache(maxsize=64)
def _keys(layout: Layout) -> tuple[Key, ...]:
    found: list[Key] = []
    for name, metric in TABLE.items():
        for split in (("",) if metric.whole else ()) + metric.splits:
            found.extend(layout.keys(name, split))
    return tuple(found)
