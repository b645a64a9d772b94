"""From today to the new plan: the difference by month, how deep it first falls and when it has paid back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simfunnel.metrics import Key
from simfunnel.stats import beyond_rounding, estimate, told_apart
from simfunnel.study.years.samples import Samples


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
