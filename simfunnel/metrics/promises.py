"""Which metrics of the table an agreement may promise, and what is wrong with those it may not."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from simfunnel.errors import Problem
from simfunnel.metrics.table import CONCEPTS, TABLE, Metric
from simfunnel.plan.model import Clause
from simfunnel.units import Duration


def promised_metrics(part: str = "") -> tuple[str, ...]:
    """Names of the metrics that a clause under `other` may name; `part`: for one "pool" or one "channel" only."""
    return tuple(name for name, metric in TABLE.items() if _may_be_promised(metric) and part in ("", *metric.splits))


def clause_problems(clauses: Sequence[Clause]) -> list[Problem]:
    """What is wrong with the clauses under `other` of an agreement, by their place in the scenario."""
    others = [clause for clause in clauses if clause.side == "other"]
    found = [_problem(number, clause) for number, clause in enumerate(others)]
    return [problem for problem in found if problem is not None]


def _may_be_promised(metric: Metric) -> bool:
    return metric.whole and not metric.name.startswith("sla_")


def _problem(number: int, clause: Clause) -> Problem | None:
    part = "pool" if clause.pool else "channel" if clause.channel else ""
    path = ("sla", "other", number, "metric")
    if clause.metric not in promised_metrics():
        near = difflib.get_close_matches(clause.metric, promised_metrics(), 1)
        remedy = f"did you mean {near[0]}?" if near else "the table of metrics in the reference names them all"
        return Problem(path, clause.metric, "is not a metric that can be promised", remedy)
    if clause.metric not in promised_metrics(part):
        remedy = f"leave out the {part}, or promise another metric"
        return Problem(path, clause.metric, f"is not measured by {part}", remedy)
    wrong = None if clause.within is None else _clock(clause.metric, clause.within)
    return wrong and Problem(path, clause.metric, *wrong)


def _clock(metric: str, typed: Duration) -> tuple[str, str] | None:
    """(rule, remedy) where a metric is promised as a duration, but measured in something else; None where it fits."""
    if TABLE[metric].unit != "hours":
        return f"is promised as a time ({typed}), but measured as {TABLE[metric].unit}", "write a number, 5% or 9k"
    concept = CONCEPTS[metric]
    other = metric.replace("response_", "response_working_")
    if concept == "response" and typed.working:
        return f"is measured by the clock, but promised in working time ({typed})", f"promise {other} instead"
    if concept == "response in working hours" and not typed.working:
        other = metric.replace("_working", "")
        rule = f"is measured in working hours, but promised by the clock ({typed})"
        return rule, f"write the promise in working hours, or promise {other} instead"
    return None
