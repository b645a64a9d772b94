"""What the screen of a comparison shows: chosen, ordered and named, still unrounded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from simfunnel.metrics import EVERYTHING
from simfunnel.report.run_view import NOTHING, Achieved, Value, achieved, assumed_inputs, period_days, value
from simfunnel.scenario import Scenario
from simfunnel.study import WHOLE, Allotment, CompareResult, LeadsView, Part, Transition
from simfunnel.study.run.study import TOLD

BY_MONTH = ("revenue", "profit", "cost", "commission_cost")  # of the last two the error of profit is made
ON_SCREEN = tuple(
    (metric, split)
    for metric, split in EVERYTHING
    if split == ""
    or (split == "month" and metric in BY_MONTH)
    or (metric, split) in (("busy_share", "pool"), ("sla_months_kept", "clause"), *TOLD)
)
"""What a comparison measures when only its screen is wanted: of pools how busy they are, of clauses the months kept, by
month what the transition is told by."""

MONTH_DAYS = 365 / 12
SAME_COST = 0.005  # of today's revenue
SPARE_TIME = 0.65  # busiest team: below this, and with hardly a lead going cold, more reps would idle
FEW_COLD = 0.02  # of the MQLs
TOO_FULL = 0.95


class Cell(NamedTuple):
    """A plan's difference to today in one row."""

    difference: Value
    share_better: float
    verdict: str
    note: str = ""


class Row(NamedTuple):
    """One line of the comparison. `kind`: money, count, share, hours or months (plans' own values, not differences).

    `main` rows show half-widths, and the share of years and the verdict below.
    """

    label: str
    kind: str
    base: Value
    cells: tuple[Cell, ...]
    main: bool = False
    verdict: bool = False


class Why(NamedTuple):
    """Of the same leads: how many lost or gained a win, by first cause, and which team is the busiest."""

    plan: str
    lost: tuple[tuple[str, float], ...]
    gained: tuple[tuple[str, float], ...]
    gone_wins: float  # of leads that only today has
    new_wins: float  # of leads that only the plan has
    busiest: tuple[str, float]
    to_spare: bool  # reps have time to spare: leads limit revenue


class CompareView(NamedTuple):
    """Everything on the screen of a comparison."""

    title: str
    first_day: date
    last_day: date
    replications: int
    seed: int
    engine: str
    currency: str
    start: str
    base: str
    plans: tuple[str, ...]
    rows: tuple[Row, ...]
    why: tuple[Why, ...]
    teams: tuple[Allotment, ...]
    transition: tuple[Transition, ...]
    by: str  # what the transition's months are
    smallest_detectable: float
    revenue: float
    precision: Achieved
    warnings: tuple[str, ...]
    file: str
    assumed: int


def compare_view(result: CompareResult) -> CompareView:
    """The view of a comparison."""
    scenario = result.scenario
    base, *others = result.plans
    first, last = period_days(scenario)
    return CompareView(
        title=scenario.title,
        first_day=first,
        last_day=last,
        replications=result.replications,
        seed=result.seed,
        engine=result.engine,
        currency=scenario.currency,
        start=result.start,
        base=base,
        plans=tuple(others),
        rows=tuple(_rows(result, others)),
        why=tuple(_why(result, view) for view in result.leads_view),
        teams=result.teams,
        transition=tuple(_transitions(result)),
        by=_months_in_words(scenario),
        smallest_detectable=result.smallest_detectable,
        revenue=value(result, "revenue").mean,
        precision=achieved(result),
        warnings=result.warnings,
        file=scenario.file or "FILE",
        assumed=assumed_inputs(scenario),
    )


def _months_in_words(scenario: Scenario) -> str:
    if scenario.fiscal_year is not None:
        return "month of the fiscal year"
    return "month" if scenario.start.day == 1 else f"month, each from day {scenario.start.day} on"


def _rows(result: CompareResult, plans: list[str]) -> Iterator[Row]:
    scenario = result.scenario
    months = scenario.period.n_days / MONTH_DAYS

    def row(label: str, kind: str, metric: str, part: Part = WHOLE, scale: float = 1.0, **marks: bool) -> Row:
        cells = tuple(_cell(result, metric, plan, part, scale) for plan in plans)
        return Row(label, kind, _scaled(value(result, metric, part), scale), cells, **marks)

    yield row("REVENUE", "money", "revenue", main=True, verdict=True)
    if any(value(result, "cost", plan=plan).mean for plan in result.plans):
        yield row("PROFIT", "money", "profit", main=True)
    yield row("Won", "count", "wins", main=True)
    yield row("MQL a month", "count", "mqls", scale=1 / months)
    yield row("Win rate of MQL", "share", "win_rate_of_mqls")
    for pool in scenario.pools:
        part = Part(pool=pool)
        if not math.isnan(value(result, "busy_share", part).mean):
            yield row(f"{pool} busy", "share", "busy_share", part)
    yield row("First reply, working", "hours", "response_working_median")
    if any(value(result, "went_cold", plan=plan).mean for plan in result.plans):
        yield row("Went cold", "count", "went_cold")
    if scenario.sla is not None:
        yield _sla_row(result, plans)


def _scaled(number: Value, scale: float) -> Value:
    return Value(number.mean * scale, number.half_width * scale)


def _cell(result: CompareResult, metric: str, plan: str, part: Part, scale: float) -> Cell:
    found = result.difference(metric, plan, part)
    if found is None:
        return Cell(NOTHING, math.nan, "")
    return Cell(_scaled(Value(found.mean, found.half_width), scale), found.share_better, found.verdict)


def _sla_row(result: CompareResult, plans: list[str]) -> Row:
    judged = value(result, "sla_months_judged").mean
    cells = []
    for plan in plans:
        kept = value(result, "sla_months_kept", plan=plan)
        worst = _worst_clause(result, plan).partition(".")[2] if kept.mean < judged else ""
        found = result.difference("sla_months_kept", plan)
        cells.append(Cell(kept, math.nan, found.verdict if found else "", worst))
    return Row(f"SLA kept, months of {judged:.0f}", "months", value(result, "sla_months_kept"), tuple(cells))


def _worst_clause(result: CompareResult, plan: str) -> str:
    kept = {
        each.part.band: each.mean
        for each in result.estimates
        if each.metric == "sla_months_kept" and each.plan == plan and each.part.band
    }
    return min(kept, key=lambda name: kept[name], default="")


def _transitions(result: CompareResult) -> Iterator[Transition]:
    """Of each plan that of revenue, and that of profit where the plan costs more or less than today."""
    least = SAME_COST * abs(value(result, "revenue").mean)
    for each in result.transition:
        cost = result.difference("cost", each.plan)
        if each.metric == "revenue" or (cost is not None and abs(cost.mean) > least):
            yield each


def _why(result: CompareResult, view: LeadsView) -> Why:
    busy = {pool: value(result, "busy_share", Part(pool=pool), view.plan).mean for pool in result.scenario.pools}
    known = {pool: share for pool, share in busy.items() if not math.isnan(share)}
    busiest = max(known, key=lambda pool: known[pool], default="")
    cold = value(result, "went_cold", plan=view.plan).mean / max(value(result, "mqls", plan=view.plan).mean, 1.0)
    return Why(
        view.plan,
        _largest_first(view.lost_a_win),
        _largest_first(view.gained_a_win),
        view.gone_wins,
        view.new_wins,
        (busiest, known.get(busiest, math.nan)),
        known.get(busiest, math.nan) <= SPARE_TIME and cold <= FEW_COLD,
    )


def _largest_first(counts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    pairs = counts.items()
    return tuple(sorted(((cause, float(n)) for cause, n in pairs if n > 0), key=lambda pair: -pair[1]))
