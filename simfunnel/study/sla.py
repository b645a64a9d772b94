"""SLA clauses judged over replications: the chance to keep each, why it is missed, and what could be promised."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO
from simfunnel.errors import MISSING, Problem
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
    share_interval_of_groups,
)
from simfunnel.study.header import Header, NotebookTable, Record, Result, header_of, warnings_of
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start, calendar_months, prepare
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Progress, Replications, Work, checks_of
from simfunnel.units import significant

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
        """Return tidy record, with the columns of the table."""
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
        """Return what the clause is, with the columns of the table."""
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

    def contents(self) -> Record:
        """Return the JSON object."""
        return self.record() | {
            "months_judged": self.months_judged,
            "month": dict(self.month.__dict__),
            "year": dict(self.year.__dict__),
            "by_month": [{"month": label, "chance": share} for label, share in self.by_month],
            "causes": [dict(cause.__dict__) for cause in self.causes],
            "promise_alone": None if self.alone is None else dict(self.alone.__dict__),
            "promise_together": None if self.together is None else dict(self.together.__dict__),
        }


@dataclass(frozen=True, repr=False)
class SlaResult(Header, Result):
    """The agreement of a plan, judged over many simulated periods, and everything needed to ask again.

    `month`, `year`: the chance that every clause is kept, in a month and in all; `causes` of all breaches together.
    `needed`: replications from which ranges for all clauses can be promised with `confidence`.
    """

    schema: ClassVar[str] = "simfunnel.sla/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    plan: str
    confidence: float
    needed: int
    clauses: tuple[ClauseKept, ...]
    month: Chance
    year: Chance
    causes: tuple[BreachCause, ...]

    def clause(self, name: str) -> ClauseKept:
        """Return the clause of that name; KeyError when there is none."""
        return {each.name: each for each in self.clauses}[name]

    def rows(self) -> Iterator[Record]:
        """Yield chances, chances by month, causes and promises."""
        for each in self.clauses:
            head = each.record()
            yield head | {"kind": "month", "months_judged": each.months_judged} | each.month.record()
            yield head | {"kind": "year"} | each.year.record()
            yield from (head | {"kind": "by month", "month": label, "chance": share} for label, share in each.by_month)
            yield from (head | {"kind": "breaches"} | vars(cause) for cause in each.causes)
            for kind, found in (("promise alone", each.alone), ("promise together", each.together)):
                if found is not None:
                    ends = {"promise_low": found.low, "promise_high": found.high, "promise_kept": found.kept}
                    yield head | {"kind": kind} | ends
        every: Record = {"clause": "all"}
        yield every | {"kind": "month"} | self.month.record()
        yield every | {"kind": "year"} | self.year.record()
        yield from (every | {"kind": "breaches"} | vars(cause) for cause in self.causes)

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        return {
            **self.heading("plan", "start", "seed", "replications", "cancelled", "engine"),
            **self.notes(),
            "confidence": self.confidence,
            "replications_needed": self.needed,
            "month": dict(self.month.__dict__),
            "year": dict(self.year.__dict__),
            "causes": [dict(cause.__dict__) for cause in self.causes],
            "clauses": [each.contents() for each in self.clauses],
        }

    def notebook(self) -> NotebookTable:
        """Return the chances, for notebooks."""
        rows = [
            (each.name, *(f"{c.share:.0%} ({c.low:.0%} to {c.high:.0%})" for c in (each.month, each.year)))
            for each in self.clauses
        ]
        title = f"{self.scenario.title}: agreement kept, {self.replications} replications"
        return NotebookTable(("clause", "in a month", "in all months"), rows, title)


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
    years, (name,), (plan,) = Years(prepared.by_name, seed, WANTED, work), prepared.names, prepared.plans
    checks = checks_of(replications or USUAL, StopRule(relative=precision))
    years.extend_until(checks, lambda: _Agreement(plan, years.of(name)).widest <= precision)
    agreement, cancelled = _Agreement(plan, years.of(name)), work.stopped
    warnings = warnings_of(scenario, prepared, cancelled, middles=ranges_of(scenario, what_ifs))
    header = header_of(scenario, prepared.calibration, work, seed=seed, start=start, replications=years.common,
                       began=began, warnings=warnings, cancelled=cancelled)  # fmt: skip
    return SlaResult(
        **vars(header),
        plan=name,
        confidence=confidence,
        needed=least_replications(confidence, agreement.ends),
        clauses=agreement.clauses(confidence),
        month=agreement.month(),
        year=agreement.year(),
        causes=agreement.causes(agreement.names),
    )


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

    @property
    def widest(self) -> float:
        """The widest half-width of a clause's chance in a month."""
        widths = [(chance.high - chance.low) / 2 for chance in map(self.month_of, self.names)]
        return max((width for width in widths if np.isfinite(width)), default=0.0)

    def clauses(self, confidence: float) -> tuple[ClauseKept, ...]:
        """Return what there is to say of each clause."""
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
                float(self.numbers("sla_months_judged", [name])[0].mean()),
                self.by_month(name),
                self.causes([name]),
                alone[at],
                None if together is None or alone[at] is None else together[at],  # too few years judge it
            )
            for at, (name, clause) in enumerate(zip(self.names, self.plan.clauses, strict=True))
        )

    def values(self, name: str) -> Floats:
        """Return [replications, months] what the clause promises as it came out, nan where it cannot be judged.

        One column where a metric has no months.
        """
        _, judged = self.by(name, "sla_kept")
        over, under = self.by(name, "sla_value")
        if judged.any():
            blank = np.full(over.shape, np.nan)
            return np.asarray(np.divide(over, under, out=blank, where=(judged > 0) & (under != 0)))
        whole = self.samples.only([Key("sla_value", part=name)])
        return whole.ratios()

    def month_of(self, name: str) -> Chance:
        """Return the chance of keeping a clause in a month that can be judged."""
        kept, judged = self.by(name, "sla_kept")
        return chance_of(kept.sum(axis=1), judged.sum(axis=1))

    def year_of(self, name: str) -> Chance:
        """Return the chance of keeping a clause in every month that can be judged."""
        over, under = self.numbers("sla_kept", [name])
        return chance_of(over, under)

    def month(self) -> Chance:
        """Return the chance that every clause that can be judged in a month is kept."""
        whole = self.samples.only([Key("sla_months_kept"), Key("sla_months_judged")]).numerator
        return chance_of(whole[:, 0], whole[:, 1])

    def year(self) -> Chance:
        """Return the chance that every clause is kept in every month."""
        found = [self.numbers("sla_kept", [name]) for name in self.names]
        ever = np.any([under > 0 for _, under in found], axis=0)
        kept = np.all([(over > 0) | (under == 0) for over, under in found], axis=0)
        return chance_of((kept & ever).astype(float), ever.astype(float))

    def causes(self, names: Sequence[str]) -> tuple[BreachCause, ...]:
        """Why some clauses are broken, the most frequent cause first; none when they never are."""
        by_cause = np.array([self.numbers(metric, names)[0] for metric in BREACHES])
        total = by_cause.sum(axis=0)
        judged = [clause for name, clause in zip(self.names, self.plan.clauses, strict=True) if name in names]
        # whatever the luck: what sales accepts is the kind of leads
        one_cause = all((clause.side, clause.metric) == ("sales", "acceptance") for clause in judged)
        found = []
        for cause, count in zip(CAUSES, by_cause, strict=True):
            often, share = estimate(count), chance_of(count, total)
            if count.any():
                width = 0.0 if one_cause else max(share.high - share.share, share.share - share.low)
                found.append(BreachCause(cause, float(often.mean), float(often.half_width), share.share, width))
        return tuple(sorted(found, key=lambda each: -each.mean))

    def by(self, name: str, metric: str) -> tuple[Floats, Floats]:
        """Return [replications, months] numerators and denominators of a clause."""
        months = len(self.plan.month_start_h) - 1
        found = self.samples.only([Key(metric, part=name, month=month) for month in range(months)])
        return found.numerator, found.denominator

    def numbers(self, metric: str, names: Sequence[str]) -> tuple[Floats, Floats]:
        """Return [replications] numerators and denominators of clauses together."""
        found = self.samples.only([Key(metric, part=name) for name in names])
        return found.numerator.sum(axis=1), found.denominator.sum(axis=1)

    def by_month(self, name: str) -> tuple[tuple[str, float], ...]:
        kept, judged = (numbers.sum(axis=0) for numbers in self.by(name, "sla_kept"))
        often = judged * 2 > self.samples.replications  # in other years the month tells of its early leads only
        shares = np.divide(kept, judged, out=np.full(kept.shape, np.nan), where=often)
        return tuple(zip(calendar_months(self.plan), shares.tolist(), strict=True)) if judged.any() else ()


def side_of(clause: Clause) -> Side:
    """Return which ends a clause has."""
    return (
        "both" if np.isfinite(clause.low) and np.isfinite(clause.high) else "low" if np.isfinite(clause.low) else "high"
    )


def unit_of(clause: Clause) -> str:
    """Return the unit of what a clause promises."""
    if clause.side == "other":
        return TABLE[clause.metric].unit
    return "count" if clause.metric == "mqls" else "share"


def chance_of(kept: Floats, judged: Floats) -> Chance:
    """Share kept of what was judged, [replications] each, with its 95% interval; their months hang together."""
    if not judged.any():
        return UNKNOWN
    return Chance(float(kept.sum() / judged.sum()), *share_interval_of_groups(kept, judged))
