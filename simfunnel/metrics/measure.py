"""The metrics of one replication: all of the table, or those that a study asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from simfunnel.ledger import Ledger
from simfunnel.metrics.facts import Facts, by_calendar_months
from simfunnel.metrics.funnel import (
    cohort_metrics,
    funnel_metrics,
    loss_metrics,
    pipeline_metrics,
    score_metrics,
    stage_metrics,
    verdict_metrics,
)
from simfunnel.metrics.keys import Key, Layout, Measures, layout_of
from simfunnel.metrics.response import in_time_metrics, response_metrics, working_response_metrics
from simfunnel.metrics.revenue import cost_metrics, revenue_metrics
from simfunnel.metrics.sla import sla_metrics
from simfunnel.metrics.table import CONCEPTS, TABLE
from simfunnel.metrics.tally import Ratio
from simfunnel.metrics.workload import Staffing, rep_hour_metrics, staffing_of, team_metrics, work_metrics
from simfunnel.plan.model import Plan

Wanted = tuple[tuple[str, str], ...]
"""What is measured: metrics of the table, each by one of its splits ("" for the whole plan)."""

EVERYTHING: Wanted = tuple(
    (name, split) for name, metric in TABLE.items() for split in (("",) if metric.whole else ()) + metric.splits
)


def measure(plan: Plan, ledger: Ledger, wanted: Wanted = EVERYTHING) -> Measures:
    """Return the metrics `wanted` of one replication of a plan, by default every metric of the table by every split it
    has.

    The keys depend on the plan only, so the measures of its replications stack. What is dated in [0, end) counts, in
    the order of the ledger's rows, so the same ledger gives the same bytes; a number does not depend on what else is
    wanted. KeyError for a metric or a split that the table does not have.
    """
    facts = Facts(plan, ledger)
    ratios = Ratios(facts)
    keys = _keys(facts.layout, wanted)
    numerator, denominator = np.empty(len(keys)), np.ones(len(keys))
    at = 0
    for name, split in wanted:
        over, under = ratios[name]
        values = over.by(split)
        end = at + len(values)
        numerator[at:end] = values
        if under is not None:
            denominator[at:end] = under.by(split)
        at = end
    ratios.let_go()
    return Measures(keys, numerator, denominator)


def keys_of(plan: Plan, wanted: Wanted = EVERYTHING) -> tuple[Key, ...]:
    """Return the keys that `measure` gives for a plan, in order."""
    return _keys(layout_of(plan), wanted)


class Ratios:
    """Every metric of the table before it is split, worked out concept by concept as they are asked for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._found: dict[str, Ratio] = {}
        self._by_calendar_months: Ratios | None = None

    def __getitem__(self, name: str) -> Ratio:
        if name not in self._found:
            concept, facts = CONCEPTS[name], self.facts
            if concept in OF_FACTS:
                made = OF_FACTS[concept](facts)
            elif concept in OF_STAFFING:
                made = OF_STAFFING[concept](facts, staffing_of(facts.plan))
            elif (plan := by_calendar_months(facts.plan)) is facts.plan:
                made = sla_metrics(facts, staffing_of(plan), self)
            else:
                self._by_calendar_months = Ratios(Facts(plan, facts.ledger))
                made = sla_metrics(self._by_calendar_months.facts, staffing_of(plan), self._by_calendar_months)
            self._found |= made
        return self._found[name]

    def let_go(self) -> None:
        """Forget all that was worked out: its parts refer to each other, and would hold the ledger until the next
        collection of garbage."""
        if self._by_calendar_months is not None:
            self._by_calendar_months.let_go()
        vars(self.facts).clear()
        self._found.clear()


OF_FACTS: dict[str, Callable[[Facts], dict[str, Ratio]]] = {
    "revenue": revenue_metrics,
    "funnel": funnel_metrics,
    "stages": stage_metrics,
    "cohorts": cohort_metrics,
    "losses": loss_metrics,
    "response": response_metrics,
    "response in working hours": working_response_metrics,
    "answers in time": in_time_metrics,
    "work": work_metrics,
    "pipeline": pipeline_metrics,
    "score": score_metrics,
    "verdicts": verdict_metrics,
}
OF_STAFFING: dict[str, Callable[[Facts, Staffing], dict[str, Ratio]]] = {
    "team": team_metrics,
    "rep hours": rep_hour_metrics,
    "money": cost_metrics,
}


@lru_cache(maxsize=64)
def _keys(layout: Layout, wanted: Wanted) -> tuple[Key, ...]:
    for name, split in wanted:
        if (name, split) not in _KNOWN:
            raise KeyError(f"there is no metric {name} by {split or 'the whole plan'}")
    return tuple(key for name, split in wanted for key in layout.keys(name, split))


_KNOWN = frozenset(EVERYTHING)
