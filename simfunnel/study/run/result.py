"""What a run found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import ClassVar

import numpy as np

from simfunnel.errors import UnknownNameError
from simfunnel.metrics import TABLE, Key
from simfunnel.plan import Plan
from simfunnel.plan.model import POOLED
from simfunnel.stats import Precision, estimate_ratio
from simfunnel.study.estimates import NOT_MEASURED, WHOLE, Amount, Difference, Estimate, Part, refuse_no_part
from simfunnel.study.header import Header, NotebookTable, Record, Result
from simfunnel.study.overview import LeakValue, Marginal
from simfunnel.study.run.typed_rates import TypedRate
from simfunnel.study.sensitivity.draws import NotKnowing
from simfunnel.study.sensitivity.input_effects import LeastKnown
from simfunnel.study.years.samples import Samples
from simfunnel.units import significant


@dataclass(frozen=True)
class Allotment:
    """Heads of each team of a pool under a plan when a phase starts; `phase` counts from 0."""

    plan: str
    pool: str
    phase: int
    heads: Mapping[str, int]


def allotments(name: str, plan: Plan) -> list[Allotment]:
    """List the teams of every pool that a plan splits, by phase; a split that stays the same is told once."""
    found: list[Allotment] = []
    roster = plan.roster
    for phase, rules in enumerate(plan.phases):
        here = (roster.joins_h <= rules.start_h) & (roster.leaves_h > rules.start_h)
        for place, pool in enumerate(rules.pools):
            if pool.structure == POOLED or pool.unlimited:
                continue
            positions = roster.position[here & (roster.pool == place)]
            counts = np.bincount(pool.team_of[positions], minlength=len(plan.channels))
            heads = {channel: int(n) for channel, n in zip(plan.channels, counts, strict=True) if n}
            before = next((each for each in reversed(found) if each.pool == plan.pools[place]), None)
            if before is None or before.heads != heads:
                found.append(Allotment(name, plan.pools[place], phase, heads))
    return found


PART_COLUMNS = ("channel", "campaign", "pool", "stage", "month", "rep", "band", "pass")
NUMBER_COLUMNS = ("mean", "half_width", "se_cal", "p10", "p50", "p90", "share_better", "verdict")
COLUMNS = ("kind", "plan", "metric", "unit", *PART_COLUMNS, *NUMBER_COLUMNS)


@dataclass(frozen=True, repr=False)
class RunResult(Header, Result):
    """One plan, simulated: what happened, and everything needed to do it again."""

    schema: ClassVar[str] = "simfunnel.run/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    precision: Precision
    auto: bool  # replications went on until the precision wanted, or as long as they may
    typed: tuple[TypedRate, ...]
    plans: tuple[str, ...]
    teams: tuple[Allotment, ...]
    estimates: tuple[Estimate, ...]
    samples: Mapping[str, Samples] = field(repr=False, compare=False)
    not_knowing: NotKnowing | None = None  # of a run whose inputs were drawn from ranges
    one_more: tuple[Marginal, ...] = ()
    leaks: tuple[LeakValue, ...] = ()
    known: LeastKnown | None = None  # which of the inputs that are not known exactly matter most

    def estimate(self, metric: str, plan: str | None = None, part: Part = WHOLE) -> Estimate | None:
        """Return the estimate of one metric (of the base unless a plan is named), None when it was not measured.

        Raises UnknownNameError for a metric or plan that there is not.
        """
        refuse_unknown(self, metric, plan)
        refuse_no_part(part)
        return self._found.get((metric, plan or self.plans[0], part))

    def value(self, metric: str, part: Part = WHOLE, plan: str | None = None) -> Amount:
        """Return mean and half-width of one metric (of the base unless a plan is named), nan when not measured."""
        found = self.estimate(metric, plan, part)
        return NOT_MEASURED if found is None else Amount(found.mean, found.half_width)

    def ratio(self, over: str, under: str) -> Amount:
        """Divide two plain sums of the base, with the half-width of their ratio."""
        sums, _ = self.samples[self.plans[0]].only([Key(over), Key(under)]).independent()
        found = estimate_ratio(sums[:, 0], sums[:, 1])
        return Amount(float(found.mean), float(found.half_width))

    def reps(self, pool: str) -> Amount:
        """Return the reps of a pool of the base; infinity where they are unlimited, whom no roster counts."""
        if self.scenario.pools[pool].reps == "unlimited":
            return Amount(math.inf, math.nan)
        return self.value("reps", Part(pool=pool))

    def busy(self, pool: str, plan: str | None = None) -> Amount:
        """Return the share of selling time that the reps of a pool are at work."""
        return self.value("busy_share", Part(pool=pool), plan)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Names of the clauses of the agreement that were judged, in its order."""
        kept = (each.part.band for each in self.estimates if each.metric == "sla_months_kept")
        return tuple(dict.fromkeys(name for name in kept if name))

    def rows(self) -> Iterator[Record]:
        """Yield the values."""
        yield from ({"kind": "value"} | each.record() for each in self.estimates)

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return f"{self.scenario.title}: {', '.join(self.plans)}"

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        months = zip(self.scenario.months, self.scenario.last_days, strict=True)
        return {
            **self.heading("seed", "replications", "cancelled", "engine", "start"),
            "months": [
                {"month": month.name, "first_day": month.first.isoformat(), "last_day": last.isoformat()}
                for month, last in months
            ],
            "precision": precision_record(self.precision, self.auto),
            **self.notes(),
            "typed": [dict(rate.__dict__) for rate in self.typed],
            "teams": [dict(each.__dict__) for each in self.teams],
            **({} if self.not_knowing is None else {"not_knowing": self.not_knowing.record()}),
            **({"one_more": [each.record() for each in self.one_more]} if self.one_more else {}),
            **({"leaks": [each.record() for each in self.leaks]} if self.leaks else {}),
            **({} if self.known is None else {"know": self.known.record()}),
            "metrics": [each.record() for each in self.estimates],
        }

    @cached_property
    def _found(self) -> dict[tuple[str, str, Part], Estimate]:
        return {(each.metric, each.plan, each.part): each for each in self.estimates}

    def notebook(self) -> NotebookTable:
        """Return the numbers that are not split, for notebooks."""
        title = f"{self.scenario.title}: {self.replications} replications"
        return NotebookTable(("metric", "plan", "mean", "", "unit"), notebook_rows(self.estimates, ","), title)


def refuse_unknown(result: RunResult, metric: str, plan: str | None) -> None:
    """Refuse a metric or a plan that a result has not; raises UnknownNameError with the nearest names that it has."""
    metrics = {*TABLE, *(each.metric for each in result.estimates)}
    for kind, name, known in (("metric", metric, sorted(metrics)), ("plan", plan, list(result.plans))):
        if (name is None and kind == "plan") or name in known:
            continue
        near = get_close_matches(str(name), known, 3, 0.5)
        remedy = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
        raise UnknownNameError(f"no {kind} is called {name!r}; {remedy}")


def precision_record(precision: Precision, auto: bool) -> Record:
    """Return the precision in the JSON object; none is wanted where a number of replications was."""
    return {"achieved": precision.achieved, "wanted": precision.wanted if auto else None}


def notebook_rows(numbers: Sequence[Estimate | Difference], form: str) -> list[tuple[str, ...]]:
    """Return the numbers that are not split and known, for notebooks."""
    return [
        (
            each.metric,
            each.plan,
            significant(each.mean, 4, form),
            f"± {significant(each.half_width, 2, ',')}",
            each.unit,
        )
        for each in numbers
        if each.part == WHOLE and not math.isnan(each.mean)
    ]
