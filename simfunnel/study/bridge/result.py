"""What a bridge hands back: parts that add up, leaks ranked by money, and what is left to the target."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from simfunnel.scenario import Scenario
from simfunnel.stats import Precision
from simfunnel.study.estimates import Amount
from simfunnel.study.header import Header, NotebookTable, Record, Result
from simfunnel.study.overview import LeakValue
from simfunnel.study.run.result import precision_record
from simfunnel.units import significant

REMAINDER = "only more leads or better closing"
NUMBERS = ("mean", "half_width", "share_better", "verdict", "a_year", "a_year_half_width")
BRIDGE_COLUMNS = ("kind", "plan", "part", "of", "metric", "unit", "owner", "lever", *NUMBERS, "leads_a_year")


@dataclass(frozen=True)
class BridgePart:
    """What one group of changes brings to one metric, averaged over every order of making the changes.

    `changes`: its settings, as typed. `verdict` is adjusted for the number of parts (Holm).
    """

    part: str
    changes: tuple[str, ...]
    metric: str
    unit: str
    mean: float
    half_width: float
    verdict: str

    def record(self) -> Record:
        """Return the JSON object."""
        return {**self.__dict__, "changes": list(self.changes)}


@dataclass(frozen=True)
class BridgeTotal:
    """One metric of both plans, and its difference: the sum of the parts."""

    metric: str
    unit: str
    before: Amount
    after: Amount
    difference: Amount

    def record(self) -> Record:
        """Return the JSON object."""
        ends = {name: getattr(self, name)._asdict() for name in ("before", "after", "difference")}
        return {"metric": self.metric, "unit": self.unit, **ends}


@dataclass(frozen=True)
class ToTarget:
    """A revenue to be reached in the period, beside today and beside today with every leak repaired.

    `gap` and `remainder`: the target less mean revenue today and repaired; what is negative is to spare.
    `reached_today`, `reached_repaired`: shares of the replications that reach it.
    """

    revenue: float
    gap: Amount
    remainder: Amount
    reached_today: float
    reached_repaired: float

    def record(self) -> Record:
        """Return the JSON object."""
        return {
            "revenue": self.revenue,
            "gap": self.gap._asdict(),
            "remainder": {"name": REMAINDER, **self.remainder._asdict()},
            "reached_today": self.reached_today,
            "reached_repaired": self.reached_repaired,
        }


@dataclass(frozen=True, repr=False)
class BridgeResult(Header, Result):
    """A difference split into parts that add up, and (of a bridge without what-ifs) the ledger of leaks.

    `after`: the name of the plan that is bridged to. `exact`: every subset of the groups was simulated; else a random
    order of the changes, and its reverse, in every replication. `leaks`: by falling revenue, those that do not exist
    last. `beyond`: what all repairs bring to revenue more than the sum of what each brings alone.
    """

    schema: ClassVar[str] = "simfunnel.bridge/1"
    columns: ClassVar[tuple[str, ...]] = BRIDGE_COLUMNS

    precision: Precision
    auto: bool
    before: str
    after: str
    exact: bool
    parts: tuple[BridgePart, ...]
    totals: tuple[BridgeTotal, ...]
    leaks: tuple[LeakValue, ...]
    beyond: Amount | None
    to: ToTarget | None

    def part(self, name: str, metric: str = "revenue") -> BridgePart | None:
        """Return what a group brings to a metric; None when it is no part of this bridge."""
        return next((each for each in self.parts if (each.part, each.metric) == (name, metric)), None)

    def total(self, metric: str = "revenue") -> BridgeTotal | None:
        """Return both ends of a metric; None when it was not measured."""
        return next((each for each in self.totals if each.metric == metric), None)

    def leak(self, name: str, of: str = "") -> LeakValue | None:
        """Return the value of a leak (of one team when named); None when the bridge has no ledger of leaks."""
        return next((each for each in self.leaks if (each.leak.name, each.leak.of) == (name, of)), None)

    @property
    def alone(self) -> float:
        """Revenue of the period that all repairs bring one by one, added up."""
        return math.fsum(each.revenue.mean for each in self.leaks if not each.leak.of)

    @property
    def yearly(self) -> float:
        """What an amount of the period is multiplied by to be one of a year."""
        return yearly(self.scenario)

    def rows(self) -> Iterator[Record]:
        """Yield values, parts, totals, leaks, what they bring beyond one by one, gap and remainder to a target."""
        for total in self.totals:
            named = {"metric": total.metric, "unit": total.unit}
            yield {"kind": "value", "plan": self.before, **named, **total.before._asdict()}
            yield {"kind": "value", "plan": self.after, **named, **total.after._asdict()}
            yield {"kind": "difference", "plan": self.after, **named, **total.difference._asdict()}
        for part in self.parts:
            yield {"kind": "part", "plan": self.after} | {k: v for k, v in part.record().items() if k != "changes"}
        for each in self.leaks:
            leak, gain = each.leak, each.revenue
            yield {
                **{"kind": "leak", "part": leak.name, "of": leak.of, "metric": gain.metric, "unit": gain.unit},
                **{"owner": leak.owner, "lever": ", ".join(leak.lever)},
                **{name: getattr(gain, name) for name in NUMBERS[:4]},
                **{"a_year": gain.mean * self.yearly, "a_year_half_width": gain.half_width * self.yearly},
                "leads_a_year": each.counted.mean * self.yearly,
            }
        money = {"metric": "revenue", "unit": "money"}
        if self.beyond is not None:
            yield {"kind": "beyond one by one", "plan": self.after, **money, **self.beyond._asdict()}
        if self.to is not None:
            yield {"kind": "gap", **money, **self.to.gap._asdict()}
            yield {"kind": "remainder", "part": REMAINDER, **money, **self.to.remainder._asdict()}

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        found: Record = {
            **self.heading("seed", "replications", "cancelled", "engine", "start"),
            "precision": precision_record(self.precision, self.auto),
            **self.notes(),
            "before": self.before,
            "after": self.after,
            "orders": "every" if self.exact else "random",
            "parts": [each.record() for each in self.parts],
            "totals": [each.record() for each in self.totals],
        }
        if self.leaks:
            found |= {"a_year": self.yearly, "leaks": [each.record() for each in self.leaks]}
        if self.beyond is not None:
            found["beyond_one_by_one"] = self.beyond._asdict()
        return found if self.to is None else found | {"target": self.to.record()}

    def notebook(self) -> NotebookTable:
        """Return the parts, for notebooks."""
        rows = [
            (
                each.part,
                each.metric,
                significant(each.mean, 4, "+,"),
                f"± {significant(each.half_width, 2, ',')}",
                each.unit,
                each.verdict,
            )
            for each in self.parts
            if not math.isnan(each.mean)
        ]
        title = f"{self.scenario.title}: from {self.before} to {self.after}, {self.replications} replications"
        return NotebookTable(("part", "metric", "brings", "", "unit", "verdict"), rows, title)


def yearly(scenario: Scenario) -> float:
    """Years' worth by which the period's amounts are multiplied; 1 for a period of 360 to 372 days, called a year."""
    days = scenario.period.n_days
    return 1.0 if 360 <= days <= 372 else 365.0 / days
