"""What the screen of a sweep shows: chosen, ordered and named, still unrounded."""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

from simfunnel.report.run_view import Value, assumed_inputs, period_days
from simfunnel.scenario import Lever
from simfunnel.study import AtAccuracy, Fresh, Most, RidgeStep, SweepResult, SweptLevel

MONTH_DAYS = 365 / 12
LEAST_LOAD = 0.01  # a difference of busy shares worth a word
BETWEEN = " / "  # the levels of a cell of two levers
NOTHING = Value(math.nan, math.nan)


class Line(NamedTuple):
    """One level: what it is called, what came of it, and what it costs in load, waiting and wasted work.

    Nothing is `best` where no difference can be detected.
    `other` is the metric beside the objective; `busy` is by pool, in the order of the view's pools.
    """

    name: str
    today: bool
    best: bool
    tied: bool
    status: str
    mqls: Value
    objective: Value
    other: Value
    busy: tuple[Value, ...]
    reply: Value
    wasted: Value


class SweepView(NamedTuple):
    """Everything on the screen of a sweep. Places in `most`, `accuracies` and `ridge` count in `lines`."""

    title: str
    first_day: date
    last_day: date
    start: str
    currency: str
    levers: tuple[Lever, ...]
    objective: str
    other: str  # the metric beside it; empty when there is none
    zone: float
    zone_assumed: bool
    pools: tuple[str, ...]
    lines: tuple[Line, ...]
    levels: tuple[SweptLevel, ...]
    best: int
    today: int
    decided: bool
    margin: float
    detectable: bool
    skew: tuple[int, int]  # years that the skewness asks for, and those there are
    fresh: Fresh | None
    most: tuple[Most, ...]
    accuracies: tuple[AtAccuracy, ...]
    score_correlation: float
    ridge: tuple[RidgeStep, ...]
    warnings: tuple[str, ...]
    file: str
    assumed: int
    seed: int
    years: int
    total_years: int
    seconds: float
    engine: str

    @property
    def tied(self) -> tuple[int, ...]:
        """Places of the levels tied with the best, itself included."""
        return tuple(place for place, line in enumerate(self.lines) if line.tied)


def sweep_view(result: SweepResult) -> SweepView:
    """The view of a sweep."""
    scenario = result.scenario
    first, last = period_days(scenario)
    months = scenario.period.n_days / MONTH_DAYS
    pools = tuple(name for name in scenario.pools if any(_known(each, "busy_share", name) for each in result.levels))
    other = _other(result)
    return SweepView(
        title=scenario.title,
        first_day=first,
        last_day=last,
        start=result.start,
        currency=scenario.currency,
        levers=result.levers,
        objective=result.objective,
        other=other,
        zone=result.zone,
        zone_assumed=result.zone_assumed,
        pools=pools,
        lines=tuple(_line(each, result, other, pools, months) for each in result.levels),
        levels=result.levels,
        best=result.best,
        today=next(place for place, each in enumerate(result.levels) if each.today),
        decided=result.decided,
        margin=result.margin,
        detectable=result.detectable,
        skew=(result.wanted_for_skew, result.chosen.years),
        fresh=result.fresh,
        most=result.most,
        accuracies=result.accuracies,
        score_correlation=result.score_correlation,
        ridge=result.ridge,
        warnings=result.warnings,
        file=scenario.file or "FILE",
        assumed=assumed_inputs(scenario),
        seed=result.seed,
        years=result.replications,
        total_years=result.total_replications,
        seconds=result.seconds,
        engine=result.engine,
    )


def _other(result: SweepResult) -> str:
    """Revenue beside another objective; beside revenue the profit, when anything costs."""
    if result.objective != "revenue":
        return "revenue"
    return "profit" if any(_value(each, "cost").mean > 0 for each in result.levels) else ""


def _line(each: SweptLevel, result: SweepResult, other: str, pools: tuple[str, ...], months: float) -> Line:
    mqls = _value(each, "mqls")
    return Line(
        BETWEEN.join(each.words),
        each.today,
        each.best and result.detectable,
        each.tied,
        each.status,
        Value(mqls.mean / months, mqls.half_width / months),
        _value(each, result.objective),
        _value(each, other) if other else NOTHING,
        tuple(_value(each, "busy_share", pool) for pool in pools),
        _value(each, "response_median"),
        _value(each, "wasted_hours"),
    )


def _value(each: SweptLevel, metric: str, pool: str = "") -> Value:
    figure = each.figure(metric, pool)
    return NOTHING if figure is None else Value(figure.mean, figure.half_width)


def _known(each: SweptLevel, metric: str, pool: str) -> bool:
    return not math.isnan(_value(each, metric, pool).mean)
