"""The Plan's per-phase rules as plain arrays, so that compiled rules can look them up by phase and channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simfunnel.distributions import DISCRETE, Dist
from simfunnel.plan.model import Floats, Ints, Phase, Plan

DIST_WIDTH = 5  # family, a, b, c, working


class Tables(NamedTuple):
    """Lookup tables for what happens before the queue; F phases, C channels."""

    switches: Floats  # [F]
    end_h: float
    quality_mean: Floats  # [F, C]
    score: Floats  # [F, 3] r_S, mean, points per unit
    score_bias: Floats  # [F, C]
    value: Floats  # [F, C, 5]
    value_quality: Floats  # [F, C]
    threshold: Floats  # [F, C]
    below: Floats  # [F, 3] near miss band, near_miss_to, below_to
    nurture: Floats  # [F, 3] nurtures, opt-out share, cycles
    nurture_delay: Floats  # [F, 5]
    score_lift: Floats  # [F, 5]
    quality_lift: Floats  # [F, 5]
    nurture_patience: Floats  # [F, 5]
    patience: Floats  # [F, C, 5]
    way: Ints  # [F, C]
    delay: Floats  # [F, C, 5]
    leak: Floats  # [F, C]
    batch_from: Ints  # [F, C] first batch in batch_h
    batch_to: Ints  # [F, C] one past the last
    batch_h: Floats
    home_calendar: Ints  # [F, C] calendar of the first stage's pool, -1 when it needs no pool
    calendar_from: Ints  # [calendars + 1]
    opens: Floats
    closes: Floats
    choice_values: Floats  # all discrete distributions, one after another
    choice_cumulative: Floats


class _Choices:
    """Collects discrete distributions into two flat arrays."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.cumulative: list[float] = []

    def row(self, dist: Dist) -> list[float]:
        if dist.family != DISCRETE:
            return [float(dist.family), dist.a, dist.b, dist.c, float(dist.working)]
        at = len(self.values)
        self.values.extend(dist.values)
        self.cumulative.extend(dist.cumulative)
        return [float(DISCRETE), float(at), float(len(self.values)), 0.0, float(dist.working)]

    def rows(self, dists: Sequence[Dist]) -> list[list[float]]:
        return [self.row(dist) for dist in dists]


def tables_of(plan: Plan) -> Tables:
    """Stack the plan's phases into arrays; the order of phases, channels and calendars is the plan's."""
    phases, choices = plan.phases, _Choices()
    batches = [way.batch_h for phase in phases for way in phase.handoff]
    batch_at = np.concatenate([[0], np.cumsum([b.size for b in batches])]).astype(np.int64)
    shape = (len(phases), len(plan.channels))
    lengths = [opens.size for opens, _ in plan.calendars]
    return Tables(
        switches=np.asarray(plan.switches_h, dtype=np.float64),
        end_h=float(plan.end_h),
        quality_mean=_stack(phases, "quality_mean"),
        score=np.array([[p.r_score, p.score_mean, p.score_per_unit] for p in phases], dtype=np.float64),
        score_bias=_stack(phases, "score_bias"),
        value=np.array([choices.rows(p.value) for p in phases], dtype=np.float64),
        value_quality=_stack(phases, "value_quality"),
        threshold=_stack(phases, "threshold"),
        below=np.array([[p.near_miss, p.near_miss_to, p.below_to] for p in phases], dtype=np.float64),
        nurture=np.array([[p.nurtures, p.opt_out, p.cycles] for p in phases], dtype=np.float64),
        nurture_delay=np.array(choices.rows([p.nurture_delay for p in phases]), dtype=np.float64),
        score_lift=np.array(choices.rows([p.score_lift for p in phases]), dtype=np.float64),
        quality_lift=np.array(choices.rows([p.quality_lift for p in phases]), dtype=np.float64),
        nurture_patience=np.array(choices.rows([p.nurture_patience for p in phases]), dtype=np.float64),
        patience=np.array([choices.rows(p.patience) for p in phases], dtype=np.float64),
        way=np.array([[way.way for way in p.handoff] for p in phases], dtype=np.int64),
        delay=np.array([choices.rows([way.delay for way in p.handoff]) for p in phases], dtype=np.float64),
        leak=np.array([[way.leak for way in p.handoff] for p in phases], dtype=np.float64),
        batch_from=batch_at[:-1].reshape(shape),
        batch_to=batch_at[1:].reshape(shape),
        batch_h=np.concatenate([*batches, np.empty(0)]).astype(np.float64),
        home_calendar=np.array([_home_calendars(p) for p in phases], dtype=np.int64),
        calendar_from=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        opens=np.concatenate([*(opens for opens, _ in plan.calendars), np.empty(0)]).astype(np.float64),
        closes=np.concatenate([*(closes for _, closes in plan.calendars), np.empty(0)]).astype(np.float64),
        choice_values=np.array([*choices.values, np.nan], dtype=np.float64),
        choice_cumulative=np.array([*choices.cumulative, np.nan], dtype=np.float64),
    )


def _stack(phases: Sequence[Phase], name: str) -> Floats:
    return np.array([getattr(phase, name) for phase in phases], dtype=np.float64)


def _home_calendars(phase: Phase) -> list[int]:
    return [phase.pools[pool].calendar if pool >= 0 else -1 for pool in phase.home_pool[:, 0].tolist()]
