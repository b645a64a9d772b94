"""What the screen of a target shows: chosen, ordered and named, still unrounded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simfunnel.report.run_view import NOTHING, Value, period_days
from simfunnel.study import WHOLE, Part
from simfunnel.study.target import TargetGoal, TargetResult
from simfunnel.study.target.result import PLAN, TODAY
from simfunnel.theory.waterfall import Steps


class TargetRow(NamedTuple):
    """One line of today, the calculator and the plan. `kind`: money or count; middle: of the middle period."""

    label: str
    kind: str
    today: Value
    calculator: float
    plan: Value


class TargetView(NamedTuple):
    """Everything on the screen of a target: the result, and what is chosen from its figures."""

    result: TargetResult
    first_day: date
    last_day: date
    ceiling: Value
    rows: tuple[TargetRow, ...]
    channels: tuple[tuple[str, Steps, float], ...]  # name, counts by the calculator, leads today

    @property
    def goal(self) -> TargetGoal:
        """What is asked for."""
        return self.result.goal

    @property
    def currency(self) -> str:
        """Currency code of all amounts."""
        return self.result.scenario.currency

    @property
    def every_channel(self) -> tuple[str, ...]:
        """All channels of the scenario."""
        return tuple(self.result.scenario.channels)


def target_view(result: TargetResult) -> TargetView:
    """The view of a target."""
    ceiling = _value(result, result.goal.metric, PLAN)
    return TargetView(result, *period_days(result.scenario), ceiling, tuple(_rows(result)), tuple(_channels(result)))


def _rows(result: TargetResult) -> Iterator[TargetRow]:
    calculated = result.calculator.all if result.calculator else None
    counts = calculated._asdict() if calculated else {}
    counts["opportunities"] = calculated.opportunities if calculated else math.nan
    yield TargetRow(
        "Revenue, middle period",
        "middle",
        _middle(result, TODAY),
        counts.get("revenue", math.nan),
        _middle(result, PLAN),
    )
    for label, metric in (("Leads", "leads"), ("Visits", "visits"), ("MQL", "mqls"), ("Opportunities", "opportunities"),
                          ("Won", "wins")):  # fmt: skip
        today, plan = ((_visits if metric == "visits" else _value)(result, metric, name) for name in (TODAY, PLAN))
        if not math.isnan(today.mean):
            yield TargetRow(label, "count", today, counts.get(metric, math.nan), plan)
    for pool in result.scenario.pools:
        part = Part(pool=pool)
        if not math.isnan(_value(result, "busy_share", TODAY, part).mean):
            heads = (_value(result, "reps", name, part) for name in (TODAY, PLAN))
            today, plan = heads
            reps = math.nan if result.calculator is None else float(result.calculator.reps.get(pool, math.nan))
            yield TargetRow(f"{pool} reps", "reps", today, reps, plan)
            busy = tuple(_value(result, "busy_share", name, part) for name in (TODAY, PLAN))
            yield TargetRow(f"{pool} busy", "share", busy[0], 1.0 if reps == reps else math.nan, busy[1])
    profit = tuple(_value(result, "profit", name) for name in (TODAY, PLAN))
    if profit[0].mean != _value(result, "revenue", TODAY).mean:
        yield TargetRow("Profit, mean", "money", profit[0], math.nan, profit[1])


def _channels(result: TargetResult) -> Iterator[tuple[str, Steps, float]]:
    if result.calculator is None:
        return
    for name, steps in result.calculator.by_channel.items():
        yield name, steps, _value(result, "leads", TODAY, Part(channel=name)).mean


def _value(result: TargetResult, metric: str, plan: str, part: Part = WHOLE) -> Value:
    found = result.estimate(metric, plan, part)
    return NOTHING if found is None else Value(found.mean, found.half_width)


def _middle(result: TargetResult, plan: str) -> Value:
    """The middle period's revenue; single periods vary, so no more digits than their spread allows."""
    found = result.estimate("revenue", plan)
    return NOTHING if found is None else Value(found.p50, (found.p90 - found.p10) / 10)


def _visits(result: TargetResult, metric: str, plan: str) -> Value:
    """Visits of the channels that count them."""
    total, width = 0.0, 0.0
    for name, channel in result.scenario.channels.items():
        leads = _value(result, "leads", plan, Part(channel=name))
        if channel.visit_to_lead:
            total, width = total + leads.mean / channel.visit_to_lead, width + leads.half_width / channel.visit_to_lead
    return Value(total, width) if total else NOTHING
