"""SLA clauses judged over replications: the chance to keep each, why it is missed, and what could be promised."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO
from simfunnel.errors import MISSING, Problem, StoppedError
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.metrics.keys import clause_names
from simfunnel.metrics.sla import CAUSES
from simfunnel.plan.model import Clause, Plan
from simfunnel.scenario import Scenario, ranges_of, with_places
from simfunnel.stats import (
    KeepableRange,
    Side,
    StopRule,
    estimate,
    keepable_range,
    keepable_ranges,
    least_replications,
    replication_checks,
    share_interval_of_groups,
)
from simfunnel.study.compare import at_middles
from simfunnel.study.header import Record, Result, html_table, told
from simfunnel.study.run.study import warnings_of
from simfunnel.study.validated import validated
from simfunnel.study.years.levels import Levels
from simfunnel.study.years.plans import Start, calendar_months, prepare
from simfunnel.study.years.replicate import Progress, Replications, Work
from simfunnel.study.years.samples import Samples
from simfunnel.units import significant
from simfunnel.version import __version__

COLUMNS = (
    "kind", "clause", "side", "metric", "unit", "within", "within_hours", "clock", "channel", "pool", "low", "high",
    "chance", "chance_low", "chance_high", "months_judged", "month", "cause", "mean", "half_width", "share",
    "share_half_width", "promise_low", "promise_high", "promise_kept",
)  # fmt: skip


@dataclass(frozen=True)
class Chance:
    """A probability with its 95% interval; nan when there was nothing to judge."""

    share: float
    low: float
    high: float

    def record(self) -> Record:
        """Tidy record, with the columns of the table."""
        return {"chance": self.share, "chance_low": self.low, "chance_high": self.high}


UNKNOWN = Chance(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class BreachCause:
    """Why a clause is broken: months a period by this main cause, and its share of all breaches; with half-widths.

    `share_half_width` is the longer side of the share's interval: few breaches tell little of their causes.
    """

    cause: str
    mean: float
    half_width: float
    share: float
    share_half_width: float


@dataclass(frozen=True)
class ClauseKept:
    """One clause: what it promises, how likely it is kept, why not, and what could be promised in its place.

    `month`: in a month that can be judged, of which there are `months_judged` in a period on average; `year`: in all of
    them. `by_month`: label and chance, nan for a month judged in less than half of the periods. `causes`: the most
    frequent first. `alone`: the range kept in all months with the confidence wanted; `together`: with that confidence
    beside all other clauses' ranges at once. None with too few replications in which it can be judged.
    """

    name: str
    clause: Clause
    unit: str
    month: Chance
    year: Chance
    months_judged: float
    by_month: tuple[tuple[str, float], ...]
    causes: tuple[BreachCause, ...]
    alone: KeepableRange | None
    together: KeepableRange | None

    @property
    def at_once(self) -> bool:
        """Whether it promises a metric without months, judged once for the whole period."""
        return math.isnan(self.month.share) and not math.isnan(self.year.share)

    def record(self) -> Record:
        """What the clause is, with the columns of the table."""
        clause = self.clause
        promised = clause.promise if clause.side == "sales" and clause.metric == "response" else None
        return {
            "clause": self.name,
            "side": clause.side,
            "metric": clause.metric,
            "unit": self.unit,
            "within": promised and str(promised),
            "within_hours": promised and clause.within_h,
            "clock": promised and ("working" if promised.working else "elapsed"),
            "channel": clause.channel or None,
            "pool": clause.pool or None,
            "low": clause.low,
            "high": clause.high,
        }


@dataclass(frozen=True, repr=False)
class SlaResult(Result):
    """The agreement of a plan, judged over many simulated periods, and everything needed to ask again.

    `month`, `year`: the chance that every clause is kept, in a month and in all; `causes` of all breaches together.
    `needed`: replications from which ranges for all clauses can be promised with `confidence`.
    """

    schema: ClassVar[str] = "simfunnel.sla/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    version: str
    scenario: Scenario
    plan: str
    start: str
    seed: int
    replications: int
    engine: str
    seconds: float
    warnings: tuple[str, ...]
    confidence: float
    needed: int
    clauses: tuple[ClauseKept, ...]
    month: Chance
    year: Chance
    causes: tuple[BreachCause, ...]
    cancelled: bool = False

    def clause(self, name: str) -> ClauseKept:
        """The clause of that name; KeyError when there is none."""
        return {each.name: each for each in self.clauses}[name]

    def table(self) -> list[Record]:
        """Tidy records: chances, chances by month, causes and promises; what does not apply is None."""
        rows: list[Record] = []
        for each in self.clauses:
            head = each.record()
            rows.append(head | {"kind": "month", "months_judged": each.months_judged} | each.month.record())
            rows.append(head | {"kind": "year"} | each.year.record())
            rows += [head | {"kind": "by month", "month": label, "chance": share} for label, share in each.by_month]
            rows += [head | {"kind": "breaches"} | dict(cause.__dict__) for cause in each.causes]
            promises = (("promise alone", each.alone), ("promise together", each.together))
            rows += [head | {"kind": kind} | _promised(found) for kind, found in promises if found is not None]
        every: Record = {"clause": "all"}
        rows += [every | {"kind": "month"} | self.month.record(), every | {"kind": "year"} | self.year.record()]
        rows += [every | {"kind": "breaches"} | dict(cause.__dict__) for cause in self.causes]
        return [dict.fromkeys(COLUMNS) | row for row in rows]

    def _about(self) -> str:
        return self.scenario.title

    def _contents(self) -> Record:
        scenario = self.scenario
        return {
            "schema": self.schema,
            "version": self.version,
            "scenario": {"title": scenario.title, "file": scenario.file, "sha256": scenario.sha256},
            "currency": scenario.currency,
            "plan": self.plan,
            "start": self.start,
            "seed": self.seed,
            "replications": self.replications,
            "cancelled": self.cancelled,
            "engine": self.engine,
            **told(self.warnings),
            "assumed": [{"path": a.path, "value": a.value_text, "why": a.why} for a in scenario.assumed],
            "confidence": self.confidence,
            "replications_needed": self.needed,
            "month": dict(self.month.__dict__),
            "year": dict(self.year.__dict__),
            "causes": [dict(cause.__dict__) for cause in self.causes],
            "clauses": [_contents(each) for each in self.clauses],
        }

    def _repr_html_(self) -> str:
        """The chances, for notebooks."""
        rows = [
            (each.name, *(f"{c.share:.0%} ({c.low:.0%} to {c.high:.0%})" for c in (each.month, each.year)))
            for each in self.clauses
        ]
        title = f"{self.scenario.title}: agreement kept, {self.replications} replications"
        return html_table(("clause", "in a month", "in all months"), rows, title)


def _promised(found: KeepableRange) -> Record:
    return {"promise_low": found.low, "promise_high": found.high, "promise_kept": found.kept}


def _contents(each: ClauseKept) -> dict[str, Any]:
    return each.record() | {
        "months_judged": each.months_judged,
        "month": dict(each.month.__dict__),
        "year": dict(each.year.__dict__),
        "by_month": [{"month": label, "chance": share} for label, share in each.by_month],
        "causes": [dict(cause.__dict__) for cause in each.causes],
        "promise_alone": None if each.alone is None else dict(each.alone.__dict__),
        "promise_together": None if each.together is None else dict(each.together.__dict__),
    }


USUAL = 200  # replications when nobody says how many: promises are about the worst years
CONFIDENCE = 0.9
REMEDY = "add sla, e.g. sla: {marketing: {mqls: 450 to 750 / month}, sales: {response: 60% within 8 working hours}}"
BREACHES = tuple(f"sla_breaches_{cause}" for cause in CAUSES)
WANTED: Wanted = (
    *((metric, split) for metric in ("sla_kept", "sla_value") for split in ("clause", "clause+month")),
    *((metric, split) for metric in ("sla_months_kept", "sla_months_judged") for split in ("", "clause")),
    *((metric, "clause") for metric in BREACHES),
)


@validated
def sla(
    scenario: Scenario,
    *,
    what_ifs: Sequence[str] = (),
    confidence: float = CONFIDENCE,
    replications: Replications | None = None,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
) -> SlaResult:
    """Judge the agreement of a scenario, with `what_ifs` applied in order, month by month over many periods.

    `confidence`: the probability with which ranges that are proposed are kept in all months of a period; they hold
    with 95% certainty. `replications`: a number (200 when not given), or "auto" to go on until the chance of every
    clause in a month is known within `precision` (30 to 400). The other arguments are as in `run`.

    Raises ScenarioError (also without an agreement), ValueError for a confidence outside (0, 1) or an engine that there
    is not, StoppedError when nothing was finished.
    """
    began = time.perf_counter()
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence of {significant(confidence, 6)} is not between 0 and 1")
    work = Work(executor, workers, on_progress, stop, engine)
    prepared = prepare(scenario, [what_ifs], start, work)
    if not prepared.plans[0].clauses:
        raise with_places(scenario, [Problem(("sla",), MISSING, "no agreement is typed", REMEDY)])
    levels = Levels(prepared, seed, WANTED, work)
    _replicate(levels, replications, precision, work)
    found = _judged(scenario, what_ifs, levels, confidence, start, work)
    return replace(found, seconds=time.perf_counter() - began)


def _judged(
    scenario: Scenario, what_ifs: Sequence[str], levels: Levels, confidence: float, start: Start, work: Work
) -> SlaResult:
    (name,), (plan,) = levels.names, levels.plans
    agreement = _Agreement(plan, levels.samples()[name])
    at_middle = at_middles(ranges_of(scenario, what_ifs))
    return SlaResult(
        version=__version__,
        scenario=scenario,
        plan=name,
        start=start.isoformat() if isinstance(start, date) else start,
        seed=levels.seed,
        replications=levels.common,
        engine=work.engine,
        seconds=0.0,
        warnings=(*warnings_of(scenario, levels.prepared, work.stopped), *at_middle),
        confidence=confidence,
        needed=least_replications(confidence, agreement.ends),
        clauses=agreement.clauses(confidence),
        month=agreement.month(),
        year=agreement.year(),
        causes=agreement.causes(agreement.names),
        cancelled=work.stopped,
    )


def _replicate(levels: Levels, replications: Replications | None, precision: float, work: Work) -> None:
    """As many years as asked for; raises StoppedError when not one is finished."""
    steps = replication_checks(StopRule(relative=precision)) if replications == "auto" else (replications or USUAL,)
    if steps[-1] < 1:
        raise ValueError(f"{steps[-1]} replications: at least 1 is needed")
    for upto in steps:
        levels.extend(upto)
        if work.stopped or _widest(levels) <= precision:
            break
    if not levels.common:
        raise StoppedError("stopped before the first simulated year was finished")


def _widest(levels: Levels) -> float:
    """The widest half-width of a clause's chance in a month."""
    (plan,), (name,) = levels.plans, levels.names
    agreement = _Agreement(plan, levels.samples()[name])
    widths = [(chance.high - chance.low) / 2 for chance in map(agreement.month_of, agreement.names)]
    return max((width for width in widths if np.isfinite(width)), default=0.0)


@dataclass(frozen=True)
class _Agreement:
    """The samples of a plan's clauses, over replications."""

    plan: Plan
    samples: Samples

    @property
    def names(self) -> tuple[str, ...]:
        """The clauses, marketing's first."""
        return clause_names(self.plan.clauses)

    @property
    def ends(self) -> int:
        """How many ends all promises have together."""
        return sum(2 if side_of(clause) == "both" else 1 for clause in self.plan.clauses)

    def clauses(self, confidence: float) -> tuple[ClauseKept, ...]:
        """What there is to say of each clause."""
        sides = [side_of(clause) for clause in self.plan.clauses]
        tables = [self.values(name) for name in self.names]
        alone = [keepable_range(table, confidence, side) for table, side in zip(tables, sides, strict=True)]
        together = keepable_ranges(tables, confidence, sides)
        return tuple(
            ClauseKept(
                name,
                clause,
                unit_of(clause),
                self.month_of(name),
                self.year_of(name),
                float(self._numbers("sla_months_judged", [name])[0].mean()),
                self._by_month(name),
                self.causes([name]),
                alone[at],
                None if together is None or alone[at] is None else together[at],  # too few years judge it
            )
            for at, (name, clause) in enumerate(zip(self.names, self.plan.clauses, strict=True))
        )

    def values(self, name: str) -> Floats:
        """[replications, months] what the clause promises as it came out, nan where it cannot be judged.

        One column where a metric has no months.
        """
        _, judged = self._by(name, "sla_kept")
        over, under = self._by(name, "sla_value")
        if judged.any():
            blank = np.full(over.shape, np.nan)
            return np.asarray(np.divide(over, under, out=blank, where=(judged > 0) & (under != 0)))
        whole = self.samples.only([Key("sla_value", part=name)])
        return whole.ratios()

    def month_of(self, name: str) -> Chance:
        """The chance of keeping a clause in a month that can be judged."""
        kept, judged = self._by(name, "sla_kept")
        return chance_of(kept.sum(axis=1), judged.sum(axis=1))

    def year_of(self, name: str) -> Chance:
        """The chance of keeping a clause in every month that can be judged."""
        over, under = self._numbers("sla_kept", [name])
        return chance_of(over, under)

    def month(self) -> Chance:
        """The chance that every clause that can be judged in a month is kept."""
        whole = self.samples.only([Key("sla_months_kept"), Key("sla_months_judged")]).numerator
        return chance_of(whole[:, 0], whole[:, 1])

    def year(self) -> Chance:
        """The chance that every clause is kept in every month."""
        found = [self._numbers("sla_kept", [name]) for name in self.names]
        ever = np.any([under > 0 for _, under in found], axis=0)
        kept = np.all([(over > 0) | (under == 0) for over, under in found], axis=0)
        return chance_of((kept & ever).astype(float), ever.astype(float))

    def causes(self, names: Sequence[str]) -> tuple[BreachCause, ...]:
        """Why some clauses are broken, the most frequent cause first; none when they never are."""
        by_cause = np.array([self._numbers(metric, names)[0] for metric in BREACHES])
        total = by_cause.sum(axis=0)
        found = []
        for cause, count in zip(CAUSES, by_cause, strict=True):
            often, share = estimate(count), chance_of(count, total)
            if count.any():
                width = 0.0 if self._one_cause(names) else max(share.high - share.share, share.share - share.low)
                found.append(BreachCause(cause, float(often.mean), float(often.half_width), share.share, width))
        return tuple(sorted(found, key=lambda each: -each.mean))

    def _one_cause(self, names: Sequence[str]) -> bool:
        """Whether the clauses have no other cause, whatever the luck: what sales accepts is the kind of leads."""
        found = [clause for name, clause in zip(self.names, self.plan.clauses, strict=True) if name in names]
        return all((clause.side, clause.metric) == ("sales", "acceptance") for clause in found)

    def _by(self, name: str, metric: str) -> tuple[Floats, Floats]:
        """[replications, months] numerators and denominators of a clause."""
        months = len(self.plan.month_start_h) - 1
        found = self.samples.only([Key(metric, part=name, month=month) for month in range(months)])
        return found.numerator, found.denominator

    def _numbers(self, metric: str, names: Sequence[str]) -> tuple[Floats, Floats]:
        """[replications] numerators and denominators of clauses together."""
        found = self.samples.only([Key(metric, part=name) for name in names])
        return found.numerator.sum(axis=1), found.denominator.sum(axis=1)

    def _by_month(self, name: str) -> tuple[tuple[str, float], ...]:
        kept, judged = (numbers.sum(axis=0) for numbers in self._by(name, "sla_kept"))
        often = judged * 2 > self.samples.replications  # in other years the month tells of its early leads only
        shares = np.divide(kept, judged, out=np.full(kept.shape, np.nan), where=often)
        return tuple(zip(calendar_months(self.plan), shares.tolist(), strict=True)) if judged.any() else ()


def side_of(clause: Clause) -> Side:
    """Which ends a clause has."""
    return (
        "both" if np.isfinite(clause.low) and np.isfinite(clause.high) else "low" if np.isfinite(clause.low) else "high"
    )


def unit_of(clause: Clause) -> str:
    """The unit of what a clause promises."""
    if clause.side == "other":
        return TABLE[clause.metric].unit
    return "count" if clause.metric == "mqls" else "share"


def chance_of(kept: Floats, judged: Floats) -> Chance:
    """Share kept of what was judged, [replications] each, with its 95% interval; their months hang together."""
    if not judged.any():
        return UNKNOWN
    return Chance(float(kept.sum() / judged.sum()), *share_interval_of_groups(kept, judged))
