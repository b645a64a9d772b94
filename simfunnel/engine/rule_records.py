"""The Plan's rules before the queue as arrays of records, so that compiled rules can look them up.

A record is handed from one compiled function to the next as an address. An array costs several words and two counts of
who uses it, in each call; so a rule takes the record of its phase or channel, and an array only where it has to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats, Records
from simfunnel.distributions import DISCRETE, Dist
from simfunnel.plan.model import Phase, Plan


def record(*fields: tuple[str, Any]) -> np.dtype[Any]:
    """A dtype whose items show their fields as attributes, compiled or not."""
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


DIST = record(
    ("family", "i8"), ("a", "f8"), ("b", "f8"), ("c", "f8"),
    ("first", "i8"), ("last", "i8"),  # choices of a discrete distribution, `last` is one past the end
    ("working", "?"),
)  # fmt: skip
PHASE = record(
    ("starts", "f8"), ("r_score", "f8"), ("score_mean", "f8"), ("score_per_unit", "f8"),
    ("near_miss", "f8"), ("near_miss_to", "i8"), ("below_to", "i8"),
    ("nurtures", "?"), ("cycles", "i8"), ("opt_out", "f8"),
    ("nurture_delay", DIST), ("score_lift", DIST), ("quality_lift", DIST), ("nurture_patience", DIST),
)  # fmt: skip
CHANNEL = record(
    ("quality_mean", "f8"), ("score_bias", "f8"), ("value_quality", "f8"), ("threshold", "f8"),
    ("way", "i8"), ("leak", "f8"), ("delay", DIST), ("first_batch", "i8"), ("last_batch", "i8"),
    ("first_open", "i8"), ("last_open", "i8"),  # open intervals of the first stage's pool; -1 when it needs none
    ("value", DIST), ("patience", DIST),
)  # fmt: skip


class Tables(NamedTuple):
    """Lookup tables for what happens before the queue; F phases, C channels."""

    end_h: float
    by_phase: Records  # PHASE [F]
    by_channel: Records  # CHANNEL [F, C]
    batch_h: Floats  # hours of batches, one way after another
    opens: Floats  # open intervals, one calendar after another
    closes: Floats
    choice_values: Floats  # discrete distributions, one after another
    choice_cumulative: Floats


class _Lists:
    """Collects what records point into."""

    def __init__(self, plan: Plan) -> None:
        self.values: list[float] = []
        self.cumulative: list[float] = []
        self.batches: list[Floats] = []
        self.batch_count = 0
        lengths = [opens.size for opens, _ in plan.calendars]
        self.calendar_from = [0, *np.cumsum(lengths).tolist()]

    def dist(self, dist: Dist) -> tuple[object, ...]:
        first = len(self.values)
        if dist.family == DISCRETE:
            self.values.extend(dist.values)
            self.cumulative.extend(dist.cumulative)
        return (*dist[:4], first, len(self.values), dist.working)

    def batch(self, hours: Floats) -> tuple[int, int]:
        first = self.batch_count
        self.batches.append(hours)
        self.batch_count += hours.size
        return first, self.batch_count

    def hours_of(self, calendar: int) -> tuple[int, int]:
        if calendar < 0:
            return -1, -1
        return self.calendar_from[calendar], self.calendar_from[calendar + 1]


def tables_of(plan: Plan) -> Tables:
    """Lay the plan's phases out in records; the order of phases, channels and calendars is the plan's."""
    lists = _Lists(plan)
    by_phase = [_phase(phase, lists) for phase in plan.phases]
    by_channel = [[_channel(phase, c, lists) for c in range(len(plan.channels))] for phase in plan.phases]
    return Tables(
        end_h=float(plan.end_h),
        by_phase=np.array(by_phase, PHASE),
        by_channel=np.array(by_channel, CHANNEL).reshape(len(plan.phases), -1),
        batch_h=_joined(lists.batches),
        opens=_joined([opens for opens, _ in plan.calendars]),
        closes=_joined([closes for _, closes in plan.calendars]),
        choice_values=np.array(lists.values, dtype=np.float64),
        choice_cumulative=np.array(lists.cumulative, dtype=np.float64),
    )


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])


def _phase(p: Phase, lists: _Lists) -> tuple[object, ...]:
    return (
        p.start_h, p.r_score, p.score_mean, p.score_per_unit, p.near_miss, p.near_miss_to, p.below_to,
        p.nurtures, p.cycles, p.opt_out,
        lists.dist(p.nurture_delay), lists.dist(p.score_lift), lists.dist(p.quality_lift),
        lists.dist(p.nurture_patience),
    )  # fmt: skip


def _channel(p: Phase, c: int, lists: _Lists) -> tuple[object, ...]:
    way, pool = p.handoff[c], int(p.home_pool[c, 0])
    hours = lists.hours_of(p.pools[pool].calendar if pool >= 0 else -1)
    return (
        p.quality_mean[c], p.score_bias[c], p.value_quality[c], p.threshold[c],
        way.way, way.leak, lists.dist(way.delay), *lists.batch(way.batch_h), *hours,
        lists.dist(p.value[c]), lists.dist(p.patience[c]),
    )  # fmt: skip
