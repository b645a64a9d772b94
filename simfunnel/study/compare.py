"""Compare several plans with the base: the same leads with the same luck in each.

The transition leads from today to the new plan: the difference by month, how deep it first falls and when it has paid
back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import CHANGES, EVERYTHING, Key, PairChanges, Wanted
from simfunnel.scenario import Scenario, ranges_of
from simfunnel.stats import beyond_rounding, estimate, smallest_detectable, told_apart
from simfunnel.study.estimates import WHOLE, Difference, Part, differences, estimates, refuse_no_part
from simfunnel.study.header import NotebookTable, Record, at_middles
from simfunnel.study.run.result import RunResult, notebook_rows, refuse_unknown
from simfunnel.study.run.study import facts
from simfunnel.study.run.typed_rates import typed_rates
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start, calendar_months, month_labels, prepare
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import replicate
from simfunnel.study.years.work import Progress, Replications, Work

TRANSITIONS = ("revenue", "profit")
SPARE_TIME = 0.65  # of the busiest team: below this, and with hardly a lead gone cold, more reps would idle
FEW_COLD = 0.02  # of the MQLs


class MonthDifference(NamedTuple):
    """Plan minus base in one month, and from the period's start to that month's end; half-widths at 95%."""

    month: str
    mean: float
    half_width: float
    cumulative: float
    cumulative_half_width: float


class Trough(NamedTuple):
    """The lowest point of the cumulative difference: at the end of `month` the plan is `depth` (negative) behind."""

    month: str
    depth: float
    half_width: float


@dataclass(frozen=True)
class Transition:
    """How one metric of a plan moves away from the base's, month by month.

    `trough`: None unless the cumulative difference falls below zero by more than its half-width. `payback_month`: the
    first month after the trough from whose end on the cumulative difference is never again below zero; empty when
    there is no trough or it is not made good within the period. `years`: replications behind all of it.
    """

    plan: str
    metric: str
    months: tuple[MonthDifference, ...]
    trough: Trough | None
    payback_month: str
    years: int

    @property
    def told(self) -> tuple[MonthDifference, ...]:
        """Months at whose end the plan is told apart from the base, behind or ahead."""
        return tuple(row for row in self.months if told_apart(row.cumulative, row.cumulative_half_width, self.years))

    @property
    def detected(self) -> bool:
        """Whether the plan is told apart from the base at the end of any month."""
        return bool(self.told)

    def record(self) -> dict[str, Any]:
        """Return the transition as plain values."""
        return {
            "plan": self.plan,
            "metric": self.metric,
            "months": [month._asdict() for month in self.months],
            "detected": self.detected,
            "trough": self.trough and self.trough._asdict(),
            "payback_month": self.payback_month or None,
        }


def transition(plan: str, metric: str, base: Samples, other: Samples, months: Sequence[str]) -> Transition:
    """Find the transition of a metric that adds up over months, from paired samples; `months` labels them in order."""
    keys = [Key(metric, month=month) for month in range(len(months))]
    before, after = base.only(keys).numerator, other.only(keys).numerator  # sums have denominator 1
    steps = beyond_rounding(after - before, before, after)
    monthly = estimate(steps)
    total = estimate(np.cumsum(steps, axis=1))
    numbers = np.column_stack([monthly.mean, monthly.half_width, total.mean, total.half_width]).tolist()
    rows = tuple(MonthDifference(name, *row) for name, row in zip(months, numbers, strict=True))
    trough, paid = None, ""
    lowest = min(rows, key=lambda row: row.cumulative, default=None)
    if lowest and lowest.cumulative < 0 and told_apart(lowest.cumulative, lowest.cumulative_half_width, len(steps)):
        trough = Trough(lowest.month, lowest.cumulative, lowest.cumulative_half_width)
        for row in reversed(rows):
            if row.month == lowest.month or row.cumulative < 0:
                break
            paid = row.month
    return Transition(plan, metric, rows, trough, paid, len(steps))


@dataclass(frozen=True)
class LeadsView:
    """Of the same leads, how many changed their outcome under a plan, by the first event that differs; a replication.

    `lost_a_win`, `gained_a_win`, `other`: cause -> mean leads. `gone_wins` and `new_wins`: wins of leads that only the
    base or only the plan has.
    """

    plan: str
    same_leads: float
    lost_a_win: Mapping[str, float]
    gained_a_win: Mapping[str, float]
    other: Mapping[str, float]
    gone_wins: float
    new_wins: float


@dataclass(frozen=True, repr=False)
class CompareResult(RunResult):
    """Several plans beside the base, lead by lead."""

    schema: ClassVar[str] = "simfunnel.compare/1"

    differences: tuple[Difference, ...] = ()
    leads_view: tuple[LeadsView, ...] = ()
    transition: tuple[Transition, ...] = ()
    smallest_detectable: float = math.nan

    def difference(self, metric: str, plan: str, part: Part = WHOLE) -> Difference | None:
        """Return the difference of one metric between a plan and the base, None when it was not measured in both.

        Raises UnknownNameError for a metric or plan that there is not.
        """
        refuse_unknown(self, metric, plan)
        refuse_no_part(part)
        return self._differing.get((metric, plan, part))

    def busiest(self, plan: str) -> tuple[str, float]:
        """Return the busiest team under a plan and its busy share; no name and nan where none is known."""
        busy = {pool: self.busy(pool, plan).mean for pool in self.scenario.pools}
        known = {pool: share for pool, share in busy.items() if not math.isnan(share)}
        return max(known.items(), key=lambda each: each[1], default=("", math.nan))

    def spare_time(self, plan: str) -> bool:
        """Tell whether reps have time to spare under a plan, so that leads limit revenue."""
        cold = self.value("went_cold", plan=plan).mean / max(self.value("mqls", plan=plan).mean, 1.0)
        return self.busiest(plan)[1] <= SPARE_TIME and cold <= FEW_COLD

    def rows(self) -> Iterator[Record]:
        """Yield values and differences."""
        yield from super().rows()
        yield from ({"kind": "difference"} | each.record() for each in self.differences)

    @cached_property
    def _differing(self) -> dict[tuple[str, str, Part], Difference]:
        return {(each.metric, each.plan, each.part): each for each in self.differences}

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        return super().record() | {
            "smallest_detectable_revenue": self.smallest_detectable,
            "differences": [each.record() for each in self.differences],
            "leads_view": [dict(view.__dict__) for view in self.leads_view],
            "transition": [each.record() for each in self.transition],
        }

    def notebook(self) -> NotebookTable:
        """Return differences of the numbers that are not split, for notebooks."""
        said = [each.verdict for each in self.differences if each.part == WHOLE and not math.isnan(each.mean)]
        rows = [(*row, each) for row, each in zip(notebook_rows(self.differences, "+,"), said, strict=True)]
        title = f"{self.scenario.title}: difference to {self.plans[0]}, {self.replications} replications"
        return NotebookTable(("metric", "plan", "difference", "", "unit", "verdict"), rows, title)


@validated
def compare(
    scenario: Scenario,
    what_ifs: Sequence[str],
    *,
    replications: Replications = 50,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
    measured: Wanted = EVERYTHING,
) -> CompareResult:
    """Compare each of `what_ifs` with the scenario as it is, replication by replication and lead by lead.

    `start`: what-ifs begin at the period's start ("period"), on a date, or at the run-in's start ("settled").
    `replications`: a number, or "auto" to go on until the half-width of every plan's revenue difference is below
    `precision` of the base's revenue (30 to 400). `measured`: metrics and splits, all by default; fewer numbers take
    less memory. The other arguments and what is raised are as in `run`.
    """
    if not what_ifs:
        known = ", ".join(scenario.what_ifs) or "no what-ifs; add some under what_ifs"
        raise ArgumentError("what_ifs", f"name at least one what-if: {scenario.file or 'the scenario'} has {known}")
    began, work = time.perf_counter(), Work(executor, workers, on_progress, stop, engine)
    prepared = prepare(scenario, [[], *([name] for name in dict.fromkeys(what_ifs))], start, work)
    done = replicate(prepared.plans, seed, replications, precision, work, wanted=measured)
    months, by_calendar = month_labels(prepared.plans[0]), calendar_months(prepared.plans[0])
    samples, years = dict(zip(prepared.names, done.samples, strict=True)), done.replications
    with_errors = zip(samples.items(), prepared.errors, strict=True)
    found = [each for (name, own), error in with_errors for each in estimates(name, own, months, error, by_calendar)]
    differing = tuple(differences(samples, months))
    typed = typed_rates(scenario, prepared.calibration, found, replications=years)
    also, changes = at_middles(ranges_of(scenario, what_ifs)), zip(prepared.names[1:], done.changes, strict=True)
    return CompareResult(
        auto=replications == "auto",
        estimates=tuple(found),
        differences=differing,
        leads_view=tuple(leads_view(name, total, years) for name, total in changes),
        transition=tuple(transitions(samples, months)),
        smallest_detectable=visible_difference(differing, years),
        **facts(scenario, prepared, done, seed, start, work, began, typed, also),
    )


def transitions(samples: Mapping[str, Samples], months: Sequence[str]) -> list[Transition]:
    """Return the transition of revenue and of profit, where measured by month, under each plan."""
    base, *others = samples
    measured = [metric for metric in TRANSITIONS if Key(metric, month=0) in samples[base].keys]
    return [transition(name, metric, samples[base], samples[name], months) for name in others for metric in measured]


def visible_difference(found: Sequence[Difference], n: int) -> float:
    """Return the true difference of revenue that it would have shown with 80% chance, of its least certain plan."""
    widths = [each.half_width for each in found if each.metric == "revenue" and each.part == WHOLE]
    return float(smallest_detectable(max(widths, default=float("nan")), n))


def leads_view(plan: str, total: PairChanges, n: int) -> LeadsView:
    """Average the changes a replication of the same leads' outcomes, by first cause; `total`: over n replications."""
    lost, gained, other = (
        {cause: count / n for cause, count in total.by_cause(change).items() if count} for change in range(len(CHANGES))
    )
    return LeadsView(plan, total.same_leads / n, lost, gained, other, total.gone_wins / n, total.new_wins / n)
