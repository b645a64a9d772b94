"""The Plan's rules as arrays of records, so that compiled rules can look them up.

A record is handed from one compiled function to the next as an address. An array costs several words and two counts of
who uses it, in each call; so a rule takes the record of its phase or channel, and an array only where it has to. What
has no fixed length (choices of a discrete distribution, hours of batches, points of an effect, teams that help) lies in
long lists; a record says from where to where. F phases, C channels, S stages, P pools.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats, Ids, Ints, Records
from simfunnel.distributions import DISCRETE, NEVER, Dist
from simfunnel.engine.order import headcount_changes, pools_by_name, queue_rules
from simfunnel.plan.kept import kept_by_plan
from simfunnel.plan.model import HYBRID, OWNED_BY_REP, POOLED, SHARED_QUEUE, Phase, Plan, PoolRules, StageRules, Way
from simfunnel.theory.visit import Visit

Row = tuple[object, ...]


def record(*fields: tuple[str, Any]) -> np.dtype[Any]:
    """Return a dtype whose items show their fields as attributes, compiled or not."""
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


DIST = record(
    ("family", "i8"), ("a", "f8"), ("b", "f8"), ("c", "f8"),
    ("first", "i8"), ("last", "i8"),  # choices of a discrete distribution, `last` is one past the end
    ("working", "?"),
)  # fmt: skip

WAY = (("way", "i8"), ("leak", "f8"), ("delay", DIST), ("first_batch", "i8"), ("last_batch", "i8"))

# ---------------------------------------------------------------------- before the queue

PHASE = record(
    ("starts", "f8"), ("r_score", "f8"), ("score_mean", "f8"), ("score_per_unit", "f8"),
    ("near_miss", "f8"), ("near_miss_to", "i8"), ("below_to", "i8"),
    ("nurtures", "?"), ("cycles", "i8"), ("opt_out", "f8"),
    ("nurture_delay", DIST), ("score_lift", DIST), ("quality_lift", DIST), ("nurture_patience", DIST),
)  # fmt: skip
CHANNEL = record(
    ("quality_mean", "f8"), ("score_bias", "f8"), ("value_quality", "f8"), ("threshold", "f8"), *WAY,
    ("first_open", "i8"), ("last_open", "i8"),  # open intervals of the first stage's pool; -1 when it needs none
    ("value", DIST), ("patience", DIST),
)  # fmt: skip


class Tables(NamedTuple):
    """Lookup tables for what happens before the queue, and the lists that other records point into too."""

    end_h: float
    by_phase: Records  # PHASE [F]
    by_channel: Records  # CHANNEL [F, C]
    batch_h: Floats  # hours of batches, one way after another
    opens: Floats  # open intervals, one calendar after another
    closes: Floats
    choice_values: Floats  # discrete distributions, one after another
    choice_cumulative: Floats


# ---------------------------------------------------------------------- from the queue on

EFFECT = record(("strength", "f8"), ("first", "i8"), ("middle", "i8"), ("last", "i8"))  # x, then y
ACCEPTANCE = record(
    ("accepts", "?"), ("cut", "f8"), ("r_assessment", "f8"), ("a_score", "f8"), ("a_noise", "f8"),
    ("acceptance_share", "f8"), ("acceptance_effort", DIST), ("rejected_to", "i8"),
)  # fmt: skip
STAGE = record(
    ("intercept", "f8"), ("log_quality_odds", "f8"), ("effort", DIST), ("wait", DIST),
    ("visit", record(*((name, "f8") for name in Visit._fields))), ("postponed_for", DIST), *WAY,
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
HOURS = record(("first", "i8"), ("last", "i8"))  # open intervals of a calendar in `opens` and `closes`


class Rules(NamedTuple):
    """What the event loop looks up beside the Tables."""

    acceptance: Records  # ACCEPTANCE [F]
    stage_rules: Records  # STAGE [F, S]
    pool_rules: Records  # POOL_RULES [F, P]
    fits: Records  # FIT [F, P, C]
    speed: Records  # EFFECT [F, C]
    home_pool: Ints  # [F, C, S], -1: none
    stage_hash: Ids  # [S]
    hours: Records  # HOURS [calendars]
    by_name: Ints  # [P] pools in the order of their names
    changes_h: Floats  # hours at which somebody joins or leaves, by (hour, pool)
    changes_in: Ints  # the pool
    points: Floats  # of effects
    whole: Ints


# ---------------------------------------------------------------------- laid out


class Layout:
    """Records of a plan, and the lists that they point into; phases, channels, stages and pools are in its order."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.choice_values: list[float] = []
        self.choice_cumulative: list[float] = []
        self.batch_h: list[float] = []
        self.points: list[float] = []
        self.whole: list[int] = []
        self.queue_rules: dict[Row, int] = {}
        self.first_open = np.cumsum([0, *(opens.size for opens, _ in plan.calendars)]).tolist()

    def tables(self) -> Tables:
        """Return the tables; `rules`, if wanted, are laid out before, since they add to the lists."""
        plan, channels = self.plan, range(len(self.plan.channels))
        by_phase = [
            (
                p.start_h, p.r_score, p.score_mean, p.score_per_unit, p.near_miss, p.near_miss_to, p.below_to,
                p.nurtures, p.cycles, p.opt_out,
                *map(self._dist, (p.nurture_delay, p.score_lift, p.quality_lift, p.nurture_patience)),
            )
            for p in plan.phases
        ]  # fmt: skip
        by_channel = [[self._channel(phase, c) for c in channels] for phase in plan.phases]
        opens, closes = (np.concatenate([np.empty(0), *(pair[k] for pair in plan.calendars)]) for k in (0, 1))
        return Tables(
            end_h=float(plan.end_h),
            by_phase=np.array(by_phase, PHASE),
            by_channel=np.array(by_channel, CHANNEL).reshape(len(plan.phases), -1),
            batch_h=np.array(self.batch_h, np.float64),
            opens=opens,
            closes=closes,
            choice_values=np.array(self.choice_values, np.float64),
            choice_cumulative=np.array(self.choice_cumulative, np.float64),
        )

    def rules(self) -> Rules:
        """Return what the event loop looks up."""
        plan, phases, channels = self.plan, self.plan.phases, range(len(self.plan.channels))
        changes = headcount_changes(plan)
        acceptance = [
            (
                p.accepts, p.cut, p.r_assessment, p.a_score, p.a_noise,
                p.acceptance_share, self._dist(p.acceptance_effort), p.rejected_to,
            )
            for p in phases
        ]  # fmt: skip
        return Rules(
            acceptance=np.array(acceptance, ACCEPTANCE),
            stage_rules=np.array([[self._stage(stage) for stage in phase.stages] for phase in phases], STAGE),
            pool_rules=np.array([[self._pool(pool) for pool in phase.pools] for phase in phases], POOL_RULES),
            fits=np.array([[[self._fit(pool, c) for c in channels] for pool in phase.pools] for phase in phases], FIT),
            speed=np.array([[self._effect(s.strength, s.hours, s.odds) for s in p.speed] for p in phases], EFFECT),
            home_pool=np.array([phase.home_pool for phase in phases], dtype=np.int64),
            stage_hash=np.array(plan.stage_hash, dtype=np.uint64),
            hours=np.array(list(pairwise(self.first_open)), HOURS),
            by_name=np.array(pools_by_name(plan), dtype=np.int64),
            changes_h=np.array([t for t, _ in changes], dtype=np.float64),
            changes_in=np.array([pool for _, pool in changes], dtype=np.int64),
            points=np.array([*self.points, np.nan]),
            whole=np.array([*self.whole, -1], dtype=np.int64),
        )

    def _channel(self, p: Phase, c: int) -> Row:
        pool = int(p.home_pool[c, 0])
        calendar = p.pools[pool].calendar if pool >= 0 else -1
        return (
            p.quality_mean[c], p.score_bias[c], p.value_quality[c], p.threshold[c],
            *self._way(p.handoff[c]),
            *((-1, -1) if calendar < 0 else self.first_open[calendar : calendar + 2]),
            self._dist(p.value[c]), self._dist(p.patience[c]),
        )  # fmt: skip

    def _stage(self, s: StageRules) -> Row:
        return (
            s.intercept, s.log_quality_odds, self._dist(s.effort), self._dist(s.wait),
            s.visit, self._dist(s.postponed_for), *self._way(s.handoff),
        )  # fmt: skip

    def _way(self, way: Way) -> Row:
        return way.way, way.leak, self._dist(way.delay), *_added(self.batch_h, way.batch_h)

    def _pool(self, p: PoolRules) -> Row:
        overflows, load = p.structure == HYBRID and p.overflow_after.family != NEVER, p.load
        return (
            p.calendar, p.selling_time, p.unlimited, p.structure == POOLED,
            p.routing != SHARED_QUEUE, p.ownership == OWNED_BY_REP,
            overflows, p.overflow_after.working, p.overflow_after.a,
            p.routing, p.discipline, p.open_deals, p.queue_limit, *_added(self.whole, p.team_of),
            self._effect(load.strength, load.odds_at, load.odds),
            self._effect(load.strength, load.effort_at, load.effort),
            self.queue_rules.setdefault(queue_rules(p), len(self.queue_rules)),
        )  # fmt: skip

    def _fit(self, p: PoolRules, channel: int) -> Row:
        helpers = p.overflow_to[channel] if p.overflow_to else ()
        return (
            p.skill_log_odds[channel], p.skill_time[channel], p.own_log_odds[channel], p.own_time[channel],
            *_added(self.whole, helpers),
        )  # fmt: skip

    def _dist(self, dist: Dist) -> Row:
        first, last = _added(self.choice_values, dist.values if dist.family == DISCRETE else ())
        if dist.family == DISCRETE:
            self.choice_cumulative += dist.cumulative
        return (*dist[:4], first, last, dist.working)

    def _effect(self, strength: float, at: Floats, factor: Floats) -> Row:
        first, middle = _added(self.points, at)
        return (strength, first, middle, _added(self.points, factor)[1])


def _added(to: list[Any], more: Iterable[Any]) -> tuple[int, int]:
    """Add items to a list; return where they begin, and one past their end."""
    first = len(to)
    to.extend(more)
    return first, len(to)


def tables_of(plan: Plan) -> Tables:
    """Return the lookup tables of what happens before the queue."""
    return Layout(plan).tables()


@kept_by_plan
def records_of(plan: Plan) -> tuple[Tables, Rules]:
    """Return all that the compiled engine looks up: before the queue, and from it on."""
    layout = Layout(plan)
    rules = layout.rules()
    return layout.tables(), rules
