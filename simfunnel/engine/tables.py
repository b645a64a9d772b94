"""The Plan's rules before the queue as a few plain arrays, so that compiled rules can look them up.

Few, because compiled code pays for every array that it hands from one function to the next: one row of numbers for each
phase, one for each phase and channel, and the lists that these rows point into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simfunnel.distributions import DISCRETE, Dist
from simfunnel.plan.model import Floats, Phase, Plan

DIST_WIDTH = 5  # family, a, b, c, working; a discrete one: family, first and one past the last of its choices

# columns of a phase's row
STARTS, R_SCORE, SCORE_MEAN, SCORE_PER_UNIT, NEAR_MISS_BAND, NEAR_MISS_TO, BELOW_TO, NURTURES, OPT_OUT_SHARE, CYCLES = (
    range(10)
)
NURTURE_DELAY, SCORE_LIFT, QUALITY_LIFT, NURTURE_PATIENCE, PHASE_WIDTH = range(10, 10 + 5 * DIST_WIDTH, DIST_WIDTH)

# columns of a channel's row in a phase
QUALITY_MEAN, SCORE_BIAS, VALUE_QUALITY, THRESHOLD, WAY, LEAK_SHARE, BATCH_FROM, BATCH_TO, OPEN_FROM, OPEN_TO = range(
    10
)
VALUE, PATIENCE, DELAY, CHANNEL_WIDTH = range(10, 10 + 4 * DIST_WIDTH, DIST_WIDTH)


class Tables(NamedTuple):
    """Lookup tables for what happens before the queue; F phases, C channels."""

    end_h: float
    by_phase: Floats  # [F, PHASE_WIDTH]
    by_channel: Floats  # [F, C, CHANNEL_WIDTH]
    batch_h: Floats  # hours of batches, one way after another
    opens: Floats  # open intervals, one calendar after another
    closes: Floats
    choice_values: Floats  # discrete distributions, one after another
    choice_cumulative: Floats


class _Lists:
    """Collects what rows point into."""

    def __init__(self, plan: Plan) -> None:
        self.values: list[float] = []
        self.cumulative: list[float] = []
        self.batches: list[float] = []
        lengths = [opens.size for opens, _ in plan.calendars]
        self.calendar_from = [0, *np.cumsum(lengths).tolist()]

    def dist(self, dist: Dist) -> list[float]:
        if dist.family != DISCRETE:
            return [float(dist.family), dist.a, dist.b, dist.c, float(dist.working)]
        at = len(self.values)
        self.values.extend(dist.values)
        self.cumulative.extend(dist.cumulative)
        return [float(DISCRETE), float(at), float(len(self.values)), 0.0, float(dist.working)]

    def batch(self, hours: Floats) -> list[float]:
        at = len(self.batches)
        self.batches.extend(hours.tolist())
        return [float(at), float(len(self.batches))]

    def hours_of(self, calendar: int) -> list[float]:
        if calendar < 0:
            return [-1.0, -1.0]
        return [float(self.calendar_from[calendar]), float(self.calendar_from[calendar + 1])]


def tables_of(plan: Plan) -> Tables:
    """Lay the plan's phases out in rows; the order of phases, channels and calendars is the plan's."""
    lists = _Lists(plan)
    by_phase = [_phase_row(phase, lists) for phase in plan.phases]
    by_channel = [[_channel_row(phase, c, lists) for c in range(len(plan.channels))] for phase in plan.phases]
    return Tables(
        end_h=float(plan.end_h),
        by_phase=np.array(by_phase, dtype=np.float64),
        by_channel=np.array(by_channel, dtype=np.float64).reshape(len(plan.phases), -1, CHANNEL_WIDTH),
        batch_h=np.array(lists.batches, dtype=np.float64),
        opens=_joined([opens for opens, _ in plan.calendars]),
        closes=_joined([closes for _, closes in plan.calendars]),
        choice_values=np.array([*lists.values, np.nan], dtype=np.float64),
        choice_cumulative=np.array([*lists.cumulative, np.nan], dtype=np.float64),
    )


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])


def _phase_row(p: Phase, lists: _Lists) -> list[float]:
    numbers = [
        p.start_h, p.r_score, p.score_mean, p.score_per_unit, p.near_miss, p.near_miss_to, p.below_to,
        p.nurtures, p.opt_out, p.cycles,
    ]  # fmt: skip
    dists = [lists.dist(dist) for dist in (p.nurture_delay, p.score_lift, p.quality_lift, p.nurture_patience)]
    return [*map(float, numbers), *(x for dist in dists for x in dist)]


def _channel_row(p: Phase, c: int, lists: _Lists) -> list[float]:
    way, pool = p.handoff[c], int(p.home_pool[c, 0])
    numbers = [p.quality_mean[c], p.score_bias[c], p.value_quality[c], p.threshold[c], way.way, way.leak]
    hours = lists.hours_of(p.pools[pool].calendar if pool >= 0 else -1)
    dists = [lists.dist(dist) for dist in (p.value[c], p.patience[c], way.delay)]
    return [*map(float, numbers), *lists.batch(way.batch_h), *hours, *(x for dist in dists for x in dist)]
