"""Teams as numbers: who serves what, how they share the work, what they gain and what they cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import Dist, constant, never
from simfunnel.distributions.elementary import log
from simfunnel.plan import model
from simfunnel.plan.calendars import business_day
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import NO_POOL, Load, PoolRules
from simfunnel.scenario.pools import Pool

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRUCTURES = {"pooled": model.POOLED, "dedicated": model.DEDICATED, "hybrid": model.HYBRID}
ROUTINGS = {"shared queue": model.SHARED_QUEUE, "round robin": model.ROUND_ROBIN, "random": model.RANDOM}
DISCIPLINES = {
    "fifo": model.FIFO,
    "newest first": model.NEWEST_FIRST,
    "highest score first": model.HIGHEST_SCORE,
}
OPEN_DEALS = {"first": model.OPEN_DEALS_FIRST, "last": model.OPEN_DEALS_LAST, "in turn": model.IN_TURN}
OWNERSHIPS = {"pool": model.OWNED_BY_POOL, "rep": model.OWNED_BY_REP}

_NOTHING: Floats = np.empty(0)
_YEAR_DAYS = 365.0


def home_pools(frame: Frame, phase: int) -> Ints:
    """[channels, stages] index of the pool that works a channel at a stage; NO_POOL where none needs to."""
    rows = []
    for channel in frame.channels:
        homes = [frame.home_pool(phase, channel, stage) for stage in frame.stages]
        rows.append([NO_POOL if home is None else frame.pools.index(home) for home in homes])
    return np.array(rows, dtype=np.int64).reshape(len(frame.channels), len(frame.stages))


def pool_rules(frame: Frame, phase: int, name: str, team_of: Ints) -> PoolRules:
    """One pool in one phase; `team_of` is the channel of each head's team, -1 when pooled.

    A pool that serves nobody has no teams, whatever its structure: it is pooled until it does.
    """
    scenario = frame.with_pool(phase, name)
    pool = scenario.pools[name]
    calendar = scenario.calendar_of(name)
    teams = bool((team_of >= 0).any())
    own = [pool.specialised_for(channel) for channel in frame.channels]
    skill = [scenario.skill_of(name, channel) for channel in frame.channels]
    cost = 0.0 if pool.cost_per_rep is None else pool.cost_per_rep.per_year
    return PoolRules(
        calendar=frame.calendars.row(calendar),
        unlimited=pool.reps == "unlimited",
        selling_time=pool.selling_share,
        structure=STRUCTURES[pool.structure] if teams else model.POOLED,
        routing=ROUTINGS[pool.routing],
        discipline=DISCIPLINES[pool.discipline],
        open_deals=OPEN_DEALS[pool.open_deals],
        ownership=OWNERSHIPS[pool.ownership],
        queue_limit=-1 if pool.queue_limit is None else pool.queue_limit,
        overflow_after=_overflow_after(pool, business_day(calendar)),
        overflow_to=_overflow_to(frame, pool),
        team_of=team_of,
        own_log_odds=np.array([log(s.odds or 1.0) if teams else 0.0 for s in own]),
        own_time=np.array([s.time or 1.0 if teams else 1.0 for s in own]),
        skill_log_odds=np.array([log(s.odds or 1.0) for s in skill]),
        skill_time=np.array([s.time or 1.0 for s in skill]),
        load=_load(pool),
        cost_per_day=cost / _YEAR_DAYS,
        commission=pool.commission,
    )


def _overflow_after(pool: Pool, day: float) -> Dist:
    """Wait after which other teams may help: at once when a hybrid pool types none, never in other structures."""
    if pool.structure != "hybrid":
        return never()
    if pool.overflow is None:
        return constant(0.0)
    if isinstance(pool.overflow.after, str):
        return never()
    return constant(pool.overflow.after.hours(day), working=pool.overflow.after.working)


def _overflow_to(frame: Frame, pool: Pool) -> tuple[tuple[int, ...], ...]:
    """Per channel the teams that help its leads: those typed, in order, else all others by name."""
    if pool.structure != "hybrid":
        return ((),) * len(frame.channels)
    named = pool.overflow.to if pool.overflow is not None and pool.overflow.to is not None else frame.channels
    served = pool.channels if pool.channels is not None else frame.channels
    helpers = [frame.channels.index(name) for name in named if name in frame.channels and name in served]
    return tuple(
        tuple(helper for helper in helpers if helper != own) if channel in served else ()
        for own, channel in enumerate(frame.channels)
    )


def _load(pool: Pool) -> Load:
    if pool.load is None or not pool.load.strength:
        return Load(0.0, _NOTHING, _NOTHING, _NOTHING, _NOTHING)
    odds_at, odds = _table(pool.load.odds)
    effort_at, effort = _table(pool.load.effort)
    return Load(pool.load.strength, odds_at, odds, effort_at, effort)


def _table(points: tuple[tuple[float, float], ...] | None) -> tuple[Floats, Floats]:
    if not points:
        return _NOTHING, _NOTHING
    at, factor = np.array(points, dtype=np.float64).T
    return np.ascontiguousarray(at), np.ascontiguousarray(factor)
