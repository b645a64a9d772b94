"""What a run found: estimates, differences and parts, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from simfunnel.errors import ArgumentError, UnknownNameError, value_text
from simfunnel.metrics import TABLE, Key
from simfunnel.plan import Calibration, Plan
from simfunnel.plan.model import POOLED
from simfunnel.scenario import Scenario
from simfunnel.stats import Precision, estimate_ratio
from simfunnel.study.header import Record, Result, html_table, told
from simfunnel.study.overview.leaks import Leak
from simfunnel.study.sensitivity.input_effects import Known
from simfunnel.study.sensitivity.spread import NotKnowing
from simfunnel.study.transition import Transition
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
    """The teams of every pool that a plan splits, by phase; a split that stays the same is told once."""
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


@dataclass(frozen=True)
class Part:
    """What a number is for, where a metric is split; empty fields are not split by.

    `month` is "2027-01"; "2027-01-04" where months are counted from that day, "P1 FY27/28" of a fiscal year.
    """

    channel: str = ""
    campaign: str = ""
    pool: str = ""
    stage: str = ""
    month: str = ""
    rep: int | None = None
    band: str = ""
    pass_: int | None = None

    def record(self) -> Record:
        """The fields that are split by, under their names."""
        named = {**self.__dict__, "pass": self.pass_}
        del named["pass_"]
        return {name: value for name, value in named.items() if value not in ("", None)}


WHOLE = Part()
SPARE_TIME = 0.65  # of the busiest team: below this, and with hardly a lead gone cold, more reps would idle
FEW_COLD = 0.02  # of the MQLs


def refuse_no_part(part: object) -> None:
    """Refuse what is no Part where one is asked for; raises ArgumentError."""
    if not isinstance(part, Part):
        rule = f"{value_text(part)} is not a Part; write e.g. simfunnel.study.Part(channel='website')"
        raise ArgumentError("part", rule)


@dataclass(frozen=True)
class Estimate:
    """One metric of one plan over the replications.

    `mean` is the ratio of means, `half_width` the half of its 95% interval, which holds `se_cal`: the standard error
    that the pilots of the calibration leave. p10, p50 and p90 are of the outcomes of single replications. Unknown
    numbers are nan.
    """

    metric: str
    unit: str
    plan: str
    part: Part
    mean: float
    half_width: float
    p10: float
    p50: float
    p90: float
    se_cal: float = 0.0

    def record(self) -> Record:
        """Tidy record in the order of the JSON output."""
        numbers = {name: getattr(self, name) for name in ("mean", "half_width", "se_cal", "p10", "p50", "p90")}
        return {"metric": self.metric, "unit": self.unit, "plan": self.plan, **self.part.record(), **numbers}


@dataclass(frozen=True)
class Difference:
    """One metric of one plan minus that of the base, replication by replication with the same luck.

    `share_better`: share of replications in which the plan is the better one (for a metric without a better side: the
    higher one), ties counted half. `verdict` is adjusted for the number of plans (Holm).
    """

    metric: str
    unit: str
    plan: str
    part: Part
    mean: float
    half_width: float
    share_better: float
    verdict: str

    def record(self) -> Record:
        """Tidy record in the order of the JSON output."""
        numbers = {name: getattr(self, name) for name in ("mean", "half_width", "share_better", "verdict")}
        return {"metric": self.metric, "unit": self.unit, "plan": self.plan, **self.part.record(), **numbers}


@dataclass(frozen=True)
class OneMore:
    """A small step of one lever from the period's start, and its differences to today.

    `what` is the path of a pool's reps, "leads" or "handoff"; `changes` are what a what-if would type. Verdicts are
    adjusted for the number of steps (Holm).
    """

    what: str
    changes: Mapping[str, Any]
    years: int
    revenue: Difference
    profit: Difference
    note: str = ""  # what must be said beside the figures

    def record(self) -> Record:
        """The JSON object."""
        found: Record = {"what": self.what, "changes": dict(self.changes), "replications": self.years}
        if self.note:
            found["note"] = self.note
        for each in (self.revenue, self.profit):
            found[each.metric] = {"mean": each.mean, "half_width": each.half_width, "verdict": each.verdict}
        return found


class Amount(NamedTuple):
    """A mean over the replications and the half-width of its 95% interval."""

    mean: float
    half_width: float


NOT_MEASURED = Amount(math.nan, math.nan)


@dataclass(frozen=True)
class LeakValue:
    """A leak, how many leads it takes, and what its repair alone brings to revenue in the period.

    `counted`: leads a replication, nan where none are counted. A leak that does not exist brings exactly 0 +/- 0.
    Verdicts are adjusted for the number of leaks (Holm). `years`: replications behind it.
    """

    leak: Leak
    counted: Amount
    revenue: Difference
    years: int

    def record(self) -> Record:
        """The JSON object, amounts of the period."""
        leak, found = self.leak, self.revenue
        return {
            "leak": leak.name,
            "of": leak.of,
            "group": leak.group,
            "owner": leak.owner,
            "lever": list(leak.lever),
            "exists": leak.exists,
            "repair": dict(leak.changes),
            "replications": self.years,
            "leads": self.counted._asdict(),
            "revenue": {
                "mean": found.mean,
                "half_width": found.half_width,
                "share_better": found.share_better,
                "verdict": found.verdict,
            },
        }


@dataclass(frozen=True)
class TypedRate:
    """A rate or a time that the planner typed, beside what the base shows.

    `met`: within the larger of two half-widths and 1% of the typed value. `unit`: share or hours.
    `half_width` holds both the luck of the simulated years and `se_cal`, the standard error of the calibration.
    """

    path: str
    typed: float
    simulated: float
    half_width: float
    met: bool
    se_cal: float = 0.0
    unit: str = "share"


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
class RunResult(Result):
    """One plan, simulated: what happened, and everything needed to do it again."""

    schema: ClassVar[str] = "simfunnel.run/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    version: str
    scenario: Scenario
    calibration: Calibration
    seed: int
    replications: int
    engine: str
    seconds: float
    start: str
    precision: Precision
    auto: bool  # replications went on until the precision wanted, or as long as they may
    warnings: tuple[str, ...]
    typed: tuple[TypedRate, ...]
    plans: tuple[str, ...]
    teams: tuple[Allotment, ...]
    estimates: tuple[Estimate, ...]
    samples: Mapping[str, Samples] = field(repr=False, compare=False)
    cancelled: bool = False
    not_knowing: NotKnowing | None = None  # of a run whose inputs were drawn from ranges
    one_more: tuple[OneMore, ...] = ()
    leaks: tuple[LeakValue, ...] = ()
    known: Known | None = None  # which of the inputs that are not known exactly matter most

    def estimate(self, metric: str, plan: str | None = None, part: Part = WHOLE) -> Estimate | None:
        """The estimate of one metric (of the base unless a plan is named), None when it was not measured.

        Raises UnknownNameError for a metric or plan that there is not.
        """
        self._refuse_unknown(metric, plan)
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

    def _refuse_unknown(self, metric: str, plan: str | None) -> None:
        """Raise UnknownNameError, with the nearest names that there are."""
        metrics = {*TABLE, *(each.metric for each in self.estimates)}
        for kind, name, known in (("metric", metric, sorted(metrics)), ("plan", plan, list(self.plans))):
            if (name is None and kind == "plan") or name in known:
                continue
            near = get_close_matches(str(name), known, 3, 0.5)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
            raise UnknownNameError(f"no {kind} is called {name!r}; {remedy}")

    def table(self) -> list[Record]:
        """Tidy records, one a number, every record with the same columns (`COLUMNS`); what does not apply is None."""
        return [dict.fromkeys(COLUMNS) | {"kind": "value"} | each.record() for each in self.estimates]

    def _about(self) -> str:
        return f"{self.scenario.title}: {', '.join(self.plans)}"

    def _contents(self) -> Record:
        scenario = self.scenario
        return {
            "schema": self.schema,
            "version": self.version,
            "scenario": {"title": scenario.title, "file": scenario.file, "sha256": scenario.sha256},
            "currency": scenario.currency,
            "seed": self.seed,
            "replications": self.replications,
            "cancelled": self.cancelled,
            "engine": self.engine,
            "start": self.start,
            "months": [
                {"month": month.name, "first_day": month.first.isoformat(), "last_day": last.isoformat()}
                for month, last in zip(scenario.months, scenario.last_days, strict=True)
            ],
            "precision": {
                "achieved": self.precision.achieved,
                "wanted": self.precision.wanted if self.auto else None,
            },
            **told(self.warnings),
            "assumed": [{"path": a.path, "value": a.value_text, "why": a.why} for a in scenario.assumed],
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

    def _repr_html_(self) -> str:
        """The numbers that are not split, for notebooks."""
        rows = [
            (
                each.metric,
                each.plan,
                significant(each.mean, 4, ","),
                f"± {significant(each.half_width, 2, ',')}",
                each.unit,
            )
            for each in self.estimates
            if each.part == WHOLE and not math.isnan(each.mean)
        ]
        title = f"{self.scenario.title}: {self.replications} replications"
        return html_table(("metric", "plan", "mean", "", "unit"), rows, title)


@dataclass(frozen=True, repr=False)
class CompareResult(RunResult):
    """Several plans beside the base, lead by lead."""

    schema: ClassVar[str] = "simfunnel.compare/1"

    differences: tuple[Difference, ...] = ()
    leads_view: tuple[LeadsView, ...] = ()
    transition: tuple[Transition, ...] = ()
    smallest_detectable: float = math.nan

    def difference(self, metric: str, plan: str, part: Part = WHOLE) -> Difference | None:
        """The difference of one metric between a plan and the base, None when it was not measured in both.

        Raises UnknownNameError for a metric or plan that there is not.
        """
        self._refuse_unknown(metric, plan)
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

    def table(self) -> list[Record]:
        """Tidy records of values and differences."""
        blank = dict.fromkeys(COLUMNS) | {"kind": "difference"}
        return super().table() + [blank | each.record() for each in self.differences]

    @cached_property
    def _differing(self) -> dict[tuple[str, str, Part], Difference]:
        return {(each.metric, each.plan, each.part): each for each in self.differences}

    def _contents(self) -> Record:
        return super()._contents() | {
            "smallest_detectable_revenue": self.smallest_detectable,
            "differences": [each.record() for each in self.differences],
            "leads_view": [dict(view.__dict__) for view in self.leads_view],
            "transition": [each.record() for each in self.transition],
        }

    def _repr_html_(self) -> str:
        """Differences of the numbers that are not split, for notebooks."""
        rows = [
            (
                each.metric,
                each.plan,
                significant(each.mean, 4, "+,"),
                f"± {significant(each.half_width, 2, ',')}",
                each.unit,
                each.verdict,
            )
            for each in self.differences
            if each.part == WHOLE and not math.isnan(each.mean)
        ]
        title = f"{self.scenario.title}: difference to {self.plans[0]}, {self.replications} replications"
        return html_table(("metric", "plan", "difference", "", "unit", "verdict"), rows, title)
