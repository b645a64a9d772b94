"""What `sla` hands back: by clause the chance of keeping it, why it is broken, and what could be promised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from simfunnel.plan.model import Clause
from simfunnel.scenario import Scenario
from simfunnel.stats import KeepableRange
from simfunnel.study.results import Record, Result, html_table, told

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
