"""The Plan's rules from the queue on as arrays of records, one record for each phase and concept.

F phases, C channels, S stages, P pools. What has no fixed length (points of an effect, hours of batches, choices of a
discrete distribution, teams that help) lies in one long list; a record says from where to where.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Floats, Ids, Ints, Records
from simfunnel.distributions import DISCRETE, NEVER, Dist
from simfunnel.engine.order import headcount_changes, pools_by_name, queue_rules
from simfunnel.engine.rule_records import DIST, record
from simfunnel.plan.model import HYBRID, OWNED_BY_REP, POOLED, SHARED_QUEUE, Phase, Plan, PoolRules

EFFECT = record(("strength", "f8"), ("first", "i8"), ("middle", "i8"), ("last", "i8"))  # x, then y
PHASE = record(
    ("accepts", "?"), ("cut", "f8"), ("r_assessment", "f8"), ("a_score", "f8"), ("a_noise", "f8"),
    ("acceptance_share", "f8"), ("acceptance_effort", DIST), ("rejected_to", "i8"),
)  # fmt: skip
STAGE = record(
    ("intercept", "f8"), ("log_quality_odds", "f8"), ("effort", DIST), ("wait", DIST),
    ("no_show", "f8"), ("no_show_effort", "f8"),
    ("nurture_below", "f8"), ("postponed_below", "f8"), ("postponed_for", DIST),
    ("way", "i8"), ("leak", "f8"), ("delay", DIST), ("first_batch", "i8"), ("last_batch", "i8"),
)  # fmt: skip
POOL_RULES = record(
    ("calendar", "i8"), ("selling_time", "f8"), ("unlimited", "?"), ("pooled", "?"),
    ("given", "?"), ("owned", "?"), ("overflows", "?"), ("overflow_working", "?"), ("overflow_after", "f8"),
    ("routing", "i8"), ("discipline", "i8"), ("open_deals", "i8"), ("queue_limit", "i8"),
    ("first_head", "i8"), ("last_head", "i8"),  # teams of the heads in `whole`
    ("load_on_odds", EFFECT), ("load_on_effort", EFFECT),
    ("queue_rules", "i8"),  # equal numbers: waiting tasks keep their lines when the phase changes
)  # fmt: skip
FIT = record(
    ("skill_odds", "f8"), ("skill_time", "f8"), ("own_odds", "f8"), ("own_time", "f8"),
    ("first_helper", "i8"), ("last_helper", "i8"),  # in `whole`: teams that help this channel's home team
)  # fmt: skip
HOURS = record(("first", "i8"), ("last", "i8"))  # open intervals of a calendar


class Rules(NamedTuple):
    """What the event loop looks up; the rules of everything before the queue are in `engine.tables`."""

    phase_rules: Records  # PHASE [F]
    stage_rules: Records  # STAGE [F, S]
    pool_rules: Records  # POOL_RULES [F, P]
    fits: Records  # FIT [F, P, C]
    speed: Records  # EFFECT [F, C]
    home_pool: Ints  # [F, C, S], -1: none
    stage_hash: Ids  # [S]
    hours: Records  # HOURS [calendars], rows of tables.opens and tables.closes
    by_name: Ints  # [P] pools in the order of their names
    changes_h: Floats  # hours at which somebody joins or leaves, by (hour, pool)
    changes_in: Ints  # the pool
    numbers: Floats
    whole: Ints


class _Lists:
    """The two long lists, and what records need to point into them."""

    def __init__(self) -> None:
        self.numbers: list[float] = []
        self.whole: list[int] = []
        self.queue_rules: dict[tuple[object, ...], int] = {}

    def add(self, numbers: Iterable[float]) -> tuple[int, int]:
        first = len(self.numbers)
        self.numbers.extend(float(x) for x in numbers)
        return first, len(self.numbers)

    def add_whole(self, numbers: Iterable[int]) -> tuple[int, int]:
        first = len(self.whole)
        self.whole.extend(int(x) for x in numbers)
        return first, len(self.whole)

    def dist(self, dist: Dist) -> tuple[object, ...]:
        """A discrete one: its values from `first` to `last`, followed by as many cumulative shares."""
        if dist.family != DISCRETE:
            return (dist.family, dist.a, dist.b, dist.c, 0, 0, dist.working)
        first, last = self.add(dist.values)
        self.add(dist.cumulative)
        return (DISCRETE, 0.0, 0.0, 0.0, first, last, dist.working)

    def effect(self, strength: float, at: Floats, factor: Floats) -> tuple[object, ...]:
        first, middle = self.add(at)
        return (strength, first, middle, self.add(factor)[1])


def rules_of(plan: Plan) -> Rules:
    """Lay the plan's phases out in records; the order of phases, channels, stages and pools is the plan's."""
    lists, changes = _Lists(), headcount_changes(plan)
    phases, channels = plan.phases, range(len(plan.channels))
    return Rules(
        phase_rules=np.array([_phase(phase, lists) for phase in phases], PHASE),
        stage_rules=np.array([_stages(phase, lists) for phase in phases], STAGE),
        pool_rules=np.array([[_pool(pool, lists) for pool in phase.pools] for phase in phases], POOL_RULES),
        fits=np.array([[[_fit(pool, c, lists) for c in channels] for pool in phase.pools] for phase in phases], FIT),
        speed=np.array([[lists.effect(s.strength, s.hours, s.odds) for s in phase.speed] for phase in phases], EFFECT),
        home_pool=np.array([phase.home_pool for phase in phases], dtype=np.int64),
        stage_hash=np.array(plan.stage_hash, dtype=np.uint64),
        hours=_hours(plan),
        by_name=np.array(pools_by_name(plan), dtype=np.int64),
        changes_h=np.array([t for t, _ in changes], dtype=np.float64),
        changes_in=np.array([pool for _, pool in changes], dtype=np.int64),
        numbers=np.array([*lists.numbers, np.nan]),
        whole=np.array([*lists.whole, -1], dtype=np.int64),
    )


def _hours(plan: Plan) -> Records:
    ends = np.cumsum([0, *(opens.size for opens, _ in plan.calendars)]).tolist()
    return np.array(list(pairwise(ends)), HOURS)


def _phase(p: Phase, lists: _Lists) -> tuple[object, ...]:
    return (
        p.accepts, p.cut, p.r_assessment, p.a_score, p.a_noise,
        p.acceptance_share, lists.dist(p.acceptance_effort), p.rejected_to,
    )  # fmt: skip


def _stages(phase: Phase, lists: _Lists) -> list[tuple[object, ...]]:
    return [
        (
            s.intercept, s.log_quality_odds, lists.dist(s.effort), lists.dist(s.wait), s.no_show, s.no_show_effort,
            s.nurture_below, s.postponed_below, lists.dist(s.postponed_for),
            s.handoff.way, s.handoff.leak, lists.dist(s.handoff.delay), *lists.add(s.handoff.batch_h),
        )
        for s in phase.stages
    ]  # fmt: skip


def _pool(p: PoolRules, lists: _Lists) -> tuple[object, ...]:
    overflows = p.structure == HYBRID and p.overflow_after.family != NEVER
    load = p.load
    return (
        p.calendar, p.selling_time, p.unlimited, p.structure == POOLED,
        p.routing != SHARED_QUEUE, p.ownership == OWNED_BY_REP, overflows, p.overflow_after.working, p.overflow_after.a,
        p.routing, p.discipline, p.open_deals, p.queue_limit, *lists.add_whole(p.team_of.tolist()),
        lists.effect(load.strength, load.odds_at, load.odds), lists.effect(load.strength, load.effort_at, load.effort),
        lists.queue_rules.setdefault(queue_rules(p), len(lists.queue_rules)),
    )  # fmt: skip


def _fit(p: PoolRules, channel: int, lists: _Lists) -> tuple[object, ...]:
    helpers = p.overflow_to[channel] if p.overflow_to else ()
    return (
        p.skill_log_odds[channel], p.skill_time[channel], p.own_log_odds[channel], p.own_time[channel],
        *lists.add_whole(helpers),
    )  # fmt: skip
