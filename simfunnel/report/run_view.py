"""What the screen of a run shows: chosen, ordered and named, still unrounded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from simfunnel.errors import path_text
from simfunnel.metrics import EVERYTHING, TABLE, Key
from simfunnel.report.words import BREACHES, LEAKS, LOSSES
from simfunnel.scenario import Scenario
from simfunnel.stats import LEAST_YEARS, estimate_ratio, order_ranks
from simfunnel.study import Allotment, Difference, Estimate, Known, NotKnowing, OneMore, Part, RunResult

ON_SCREEN = tuple(
    (metric, split)
    for metric, split in EVERYTHING
    if split in ("", "channel", "campaign", "pool", "stage", "clause")
    or (metric, split) in (("revenue", "month"), ("open_leads", "pool+month"))
)
"""What a run measures when only its screen is wanted: no number by rep or band of scores, and by month but revenue and
the open leads of teams, by which one that falls behind is told."""


class Value(NamedTuple):
    """A number with its half-width; nan where unknown."""

    mean: float
    half_width: float


NOTHING = Value(math.nan, math.nan)


class Headline(NamedTuple):
    """The revenue of the period and what is read beside it."""

    revenue: Estimate
    target: float  # nan: none typed
    target_reached: float  # share of simulated periods
    target_confidence: float  # share wanted, nan: none typed
    wins: Value
    win_rate: Value
    profit: Value  # unknown when nothing costs anything
    cost_per_win: Value
    months: tuple[tuple[str, float], ...]  # ("2027-01", mean revenue)
    pipeline: Value
    nurture_pipeline: Value


class FunnelRow(NamedTuple):
    """A step of the funnel: how many, of the step before, what was typed, and whether it is met."""

    label: str
    number: Value
    share: Value
    typed: float
    met: bool
    source: str  # path whose source stands behind the typed rate, empty when none
    first: bool  # nothing stands before it
    typed_range: str  # as typed, where the rate is a range


class LossRow(NamedTuple):
    """Leads lost on the way, and what repairing this leak alone would bring to revenue; None where not simulated."""

    label: str
    leads: Value
    repaired: Difference | None


class TeamRow(NamedTuple):
    """A pool's reps and their work."""

    pool: str
    reps: Value
    busy: Value
    new_per_day: Value
    open_per_rep: Value
    reply: Value
    reply_working: Value
    in_1_hour: Value
    in_1_day: Value


class ClauseRow(NamedTuple):
    """One clause of the agreement: months kept of those judged, the chance of all, the main cause of breaches."""

    name: str
    kept: Value
    judged: float
    all_year: float
    cause: str


class Achieved(NamedTuple):
    """Half-width of revenue (of the widest difference, when plans are compared) as a share of revenue."""

    share: float
    wanted: float  # nan: a number of replications was asked for instead


class RunView(NamedTuple):
    """Everything on the screen of a run."""

    title: str
    first_day: date
    last_day: date
    replications: int
    seed: int
    engine: str
    currency: str
    headline: Headline
    not_knowing: NotKnowing | None
    one_more: tuple[OneMore, ...]
    known: Known | None
    funnel: tuple[FunnelRow, ...]
    recycled: Value
    losses: tuple[LossRow, ...]
    leak_years: int  # replications behind what repairs bring; 0 when they were not asked for
    team: tuple[TeamRow, ...]
    split: tuple[Allotment, ...]
    wasted: tuple[tuple[str, Value, Value], ...]  # pool, hours, cost
    clauses: tuple[ClauseRow, ...]
    clauses_kept: Value
    clauses_judged: float
    file: str
    assumed: int
    sources: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    precision: Achieved
    thin: bool  # too few replications for an interval of "one in ten"


def run_view(result: RunResult) -> RunView:
    """The view of a run."""
    scenario = result.scenario
    first, last = period_days(scenario)
    clauses = tuple(_clauses(result))
    return RunView(
        title=scenario.title,
        first_day=first,
        last_day=last,
        replications=result.replications,
        seed=result.seed,
        engine=result.engine,
        currency=scenario.currency,
        headline=_headline(result),
        not_knowing=result.not_knowing,
        one_more=result.one_more,
        known=result.known,
        funnel=tuple(_funnel(result)),
        recycled=value(result, "recycled_mqls"),
        losses=tuple(_losses(result)),
        leak_years=result.leaks[0].years if result.leaks else 0,
        team=tuple(_team(result)),
        split=result.teams,
        wasted=tuple(_wasted(result)),
        clauses=clauses,
        clauses_kept=value(result, "sla_months_kept") if clauses else NOTHING,
        clauses_judged=value(result, "sla_months_judged").mean if clauses else math.nan,
        file=scenario.file or "FILE",
        assumed=assumed_inputs(scenario),
        sources=tuple(scenario.sources.items()),
        warnings=result.warnings,
        precision=achieved(result),
        thin=order_ranks(result.replications, 0.1) is None,
    )


def achieved(result: RunResult) -> Achieved:
    """How precise the result is."""
    return Achieved(result.precision.achieved, result.precision.wanted if result.auto else math.nan)


def period_days(scenario: Scenario) -> tuple[date, date]:
    """First and last reported day."""
    return scenario.start, scenario.start + timedelta(days=scenario.period.n_days - 1)


# the default is a frozen Part, so it can be shared
def assumed_inputs(scenario: Scenario) -> int:
    """How many inputs nobody typed, not even as a range."""
    ranges = {each.path for each in scenario.ranges}
    return sum(each.path not in ranges for each in scenario.assumed)


def value(result: RunResult, metric: str, part: Part = Part(), plan: str | None = None) -> Value:  # noqa: B008
    """Mean and half-width of a metric, unknown when it was not measured."""
    found = result.estimate(metric, plan, part)
    return NOTHING if found is None else Value(found.mean, found.half_width)


def _headline(result: RunResult) -> Headline:
    target = result.scenario.target
    revenue = result.estimate("revenue")
    if revenue is None:
        raise LookupError("a run without revenue")
    costs = value(result, "cost").mean
    return Headline(
        revenue=revenue,
        target=math.nan if target is None else target.revenue,
        target_reached=value(result, "target_reached").mean,
        target_confidence=math.nan if target is None or target.confidence is None else target.confidence,
        wins=value(result, "wins"),
        win_rate=value(result, "win_rate"),
        profit=value(result, "profit") if costs else NOTHING,
        cost_per_win=value(result, "cost_per_win") if costs else NOTHING,
        months=tuple(by_month(result, "revenue")),
        pipeline=value(result, "open_pipeline"),
        nurture_pipeline=value(result, "nurture_pipeline"),
    )


def by_month(result: RunResult, metric: str) -> Iterator[tuple[str, float]]:
    """(month, mean) of a metric of the base, in order."""
    for each in result.estimates:
        month = each.part.month
        if (each.metric, each.plan, each.part) == (metric, result.plans[0], Part(month=month)) and month:
            yield month, each.mean


def _funnel(result: RunResult) -> Iterator[FunnelRow]:
    scenario, typed = result.scenario, {rate.path: rate for rate in result.typed}
    leads = value(result, "leads")
    ranges = {} if result.not_knowing is None else {each.path: each.text for each in result.not_knowing.ranges}

    def row(label: str, count: Value, share: Value, path: str = "") -> FunnelRow:
        rate = typed.get(path)
        source = path if path in scenario.sources else ""
        return FunnelRow(
            label,
            count,
            share,
            rate.typed if rate else math.nan,
            bool(rate and rate.met),
            source,
            not path and count is leads,
            ranges.get(path, ""),
        )

    yield row("Leads", leads, NOTHING)
    yield row("MQL", value(result, "mqls"), ratio(result, "mqls", "leads"), "qualification.mql_rate")
    yield row("Reached", value(result, "contacts"), value(result, "reached_share"))
    if scenario.acceptance is not None:
        yield row("Accepted (SAL)", value(result, "sals"), value(result, "acceptance_rate"), "acceptance.rate")
    names = [stage.name for stage in scenario.stages]
    for at, name in enumerate(names):
        label = "Won" if at == len(names) - 1 else "Opportunity" if at == 0 else names[at + 1].capitalize()
        part, path = Part(stage=name), path_text(("stages", name, "conversion"))
        yield row(label, value(result, "advances", part), value(result, "conversion", part), path)


def ratio(result: RunResult, over: str, under: str) -> Value:
    """Ratio of two plain sums of the base, with its half-width."""
    samples = result.samples[result.plans[0]].only([Key(over), Key(under)])
    sums, _ = samples.independent()
    found = estimate_ratio(sums[:, 0], sums[:, 1])
    return Value(float(found.mean), float(found.half_width))


def _losses(result: RunResult) -> list[LossRow]:
    """By what a repair brings where that is known, else in the order of a lead's life."""
    valued = {each.leak.counted: each for each in result.leaks}
    rows = []
    for metric, label in LOSSES.items():
        lost = value(result, metric) if metric in TABLE else NOTHING
        if lost.mean > 0:
            leak = valued.get(metric)
            told = (label, None) if leak is None else (LEAKS[leak.leak.name], leak.revenue)
            rows.append(LossRow(told[0], lost, told[1]))
    return sorted(rows, key=lambda row: -math.inf if row.repaired is None else row.repaired.mean, reverse=True)


def heads(result: RunResult, pool: str) -> Value:
    """Reps of a pool; without end where they are unlimited, whom no roster counts."""
    if result.scenario.pools[pool].reps == "unlimited":
        return Value(math.inf, math.nan)
    return value(result, "reps", Part(pool=pool))


def _team(result: RunResult) -> Iterator[TeamRow]:
    for pool in result.scenario.pools:
        part = Part(pool=pool)
        names = ("reps", "busy_share", "new_leads_per_rep_day", "open_leads_per_rep", "response_median")
        more = ("response_working_median", "answered_in_1_hour", "answered_in_1_day")
        yield TeamRow(pool, *(value(result, name, part) for name in names + more))._replace(reps=heads(result, pool))


def _wasted(result: RunResult) -> Iterator[tuple[str, Value, Value]]:
    for pool in result.scenario.pools:
        part = Part(pool=pool)
        hours = value(result, "wasted_hours", part)
        if hours.mean > 0:
            yield pool, hours, value(result, "wasted_cost", part)


def _clauses(result: RunResult) -> Iterator[ClauseRow]:
    names = dict.fromkeys(
        each.part.band for each in result.estimates if each.metric == "sla_months_kept" and each.part.band
    )
    for name in names:
        part = Part(band=name)
        breaches = {words: value(result, metric, part).mean for metric, words in BREACHES.items()}
        cause = max(breaches, key=lambda words: breaches[words])
        yield ClauseRow(
            name,
            value(result, "sla_months_kept", part),
            value(result, "sla_months_judged", part).mean,
            value(result, "sla_kept", part).mean,
            cause if breaches[cause] > 0 and result.replications >= LEAST_YEARS else "",
        )
