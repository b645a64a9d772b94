"""Pools of a scenario in the numbers of a plan: rosters of reps, teams, and whom each serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.distributions import Dist, constant, mean, never
from simfunnel.distributions.elementary import log
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan import model
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.calendars import business_day
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import NO_POOL, Load, PoolRules, Roster
from simfunnel.plan.stages import effort
from simfunnel.scenario.fields.pools import Pool

DAY_H = 24.0


@dataclass
class Rep:
    """One rep of a pool; days relative to day 0."""

    number: int
    position: int
    joins: int
    start_at: float
    ramp_days: float
    leaves: int | None = None


@dataclass
class Headcount:
    """Reps of one pool over time: the last hired leaves first, a new hire takes the place that is free."""

    reps: list[Rep] = field(default_factory=list)
    present: list[Rep] = field(default_factory=list)

    def join(self, day: int, count: int, start_at: float = 1.0, ramp_days: float = 0.0) -> None:
        """`count` reps join at the day's midnight."""
        for _ in range(count):
            rep = Rep(len(self.reps), len(self.present), day, start_at, ramp_days)
            self.reps.append(rep)
            self.present.append(rep)

    def leave(self, day: int, count: int) -> None:
        """The `count` last hired leave at the day's midnight."""
        for _ in range(min(count, len(self.present))):
            self.present.pop().leaves = day

    def daily(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Return [days] reps on the headcount, first ... last - 1, and how many fully productive ones they equal."""
        heads, productive = np.zeros(last - first), np.zeros(last - first)
        for rep in self.reps:
            start, stop = max(first, rep.joins), last if rep.leaves is None else min(last, rep.leaves)
            heads[start - first : max(start, stop) - first] += 1.0
            days = np.arange(start, max(start, stop)) - rep.joins
            ramp = rep.start_at + (1.0 - rep.start_at) * days / rep.ramp_days if rep.ramp_days > 0.0 else 1.0
            productive[start - first : max(start, stop) - first] += np.minimum(1.0, ramp)
        return heads, productive

    @property
    def positions(self) -> int:
        """Most reps that are ever there at once."""
        return 1 + max((rep.position for rep in self.reps), default=-1)


def headcounts(frame: Frame) -> dict[str, Headcount]:
    """Return the headcount of every pool over all phases, by name; empty for a pool that is unlimited throughout.

    On its first day a phase sets the headcount to what it means, by reps who join fully productive, or leave; then its
    dated hires follow, in file order within a day.
    """
    found = {name: Headcount() for name in frame.pools}
    for name, count in found.items():
        for phase, start in enumerate(frame.starts):
            pool = frame.scenarios[phase].pools.get(name)
            typed = () if pool is None or pool.reps == "unlimited" else pool.hires
            hires = sorted(((frame.day(hire.on), hire) for hire in typed), key=lambda dated: dated[0])
            reps = pool.reps if pool is not None and isinstance(pool.reps, int) else 0
            change = max(0, reps + sum(hire.reps for day, hire in hires if day < start)) - len(count.present)
            count.join(start, max(change, 0))
            count.leave(start, max(-change, 0))
            for day, hire in hires:
                if start <= day < frame.end_of(phase):
                    ramp_days = 0.0 if hire.ramp is None else hire.ramp.hours() / DAY_H
                    count.leave(day, max(-hire.reps, 0))
                    start_at = hire.productivity_at_start if ramp_days > 0.0 else 1.0
                    count.join(day, max(hire.reps, 0), start_at, ramp_days)
    return found


def roster(frame: Frame, counts: dict[str, Headcount]) -> Roster:
    """Return all reps, pool by pool in the order of hiring."""
    rows = [(pool, rep) for pool, name in enumerate(frame.pools) for rep in counts[name].reps]
    return Roster(
        pool=np.array([pool for pool, _ in rows], dtype=np.int64),
        number=np.array([rep.number for _, rep in rows], dtype=np.int64),
        position=np.array([rep.position for _, rep in rows], dtype=np.int64),
        joins_h=np.array([rep.joins * DAY_H for _, rep in rows], dtype=np.float64),
        leaves_h=np.array([inf if rep.leaves is None else rep.leaves * DAY_H for _, rep in rows], dtype=np.float64),
        start_at=np.array([rep.start_at for _, rep in rows], dtype=np.float64),
        ramp_days=np.array([rep.ramp_days for _, rep in rows], dtype=np.float64),
    )


def allot(loads: Mapping[str, float], heads: int, quotas: Mapping[str, int] | None = None) -> list[str]:
    """Return the team of each head in turn: one each by name, then always the team with the largest load / heads.

    Ties go by name; loads that differ by less than a billionth are tied, whatever their last bits are. `quotas` are
    heads that a planner typed for some teams; these are filled first, and do not grow until every other team has what
    it needs or nobody else is left.
    """
    fixed = dict(quotas or {})
    names = sorted(name for name in loads if fixed.get(name, 1) > 0)
    counts = dict.fromkeys(names, 0)
    order: list[str] = []
    for _ in range(heads):
        empty = [name for name in names if counts[name] == 0]
        short = [name for name in names if counts[name] < fixed.get(name, 0)]
        free = [name for name in names if name not in fixed]
        # of several with the largest load a head the first, and names are in order
        most = short or free or names
        team = empty[0] if empty else max(most, key=lambda name: float(f"{loads[name] / counts[name]:.9g}"))
        counts[team] += 1
        order.append(team)
    return order


def team_loads(
    frame: Frame, phase: int, pool: str, arrivals: Arrivals, pass_shares: Sequence[float]
) -> dict[str, float]:
    """Return expected hours of first-stage work of the reported period by channel: leads x share that passes x mean
    effort."""
    scenario = frame.scenarios[phase]
    stages = [stage for stage in scenario.stages if stage.name in scenario.pools[pool].stages]
    work = mean(effort(frame.base, scenario, stages[0])) if stages else 0.0
    served = [
        name
        for name in frame.channels
        if name in scenario.channels and any(frame.home_pool(phase, name, stage) == pool for stage in frame.stages)
    ]
    return {
        name: arrivals.expected_leads(name, scenario) * float(pass_shares[frame.channels.index(name)]) * work
        for name in served
    }


def team_of(frame: Frame, phase: int, pool: str, loads: Mapping[str, float], positions: int, fewest: int) -> Ints:
    """Return [positions] channel of each head's team; `fewest` is the smallest headcount in the phase.

    ScenarioError when there are fewer heads than teams, or than `teams` types.
    """
    typed = frame.scenarios[phase].pools[pool].teams
    needed = sum((typed or {}).get(name, 1) for name in loads)
    if fewest < needed:
        what, remedy = "a team for each of its channels takes", f"write at least {needed}, or structure: pooled"
        path, value = ("pools", pool, "reps"), frame.scenarios[phase].pools[pool].reps
        rule = f"heads, but at times there are {fewest}"
        if typed is None:
            raise ScenarioError([Problem(path, value, f"{what} {needed} {rule}", remedy)])
        what, remedy = "its `teams` add up to", "type fewer heads in `teams`, or more reps"
        raise ScenarioError([Problem(("pools", pool, "teams"), typed, f"{what} {needed} {rule}", remedy)])
    if not loads:
        return np.full(positions, -1, dtype=np.int64)
    return np.array([frame.channels.index(name) for name in allot(loads, positions, typed)], dtype=np.int64)


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
    """Return [channels, stages] index of the pool that works a channel at a stage; NO_POOL where none needs to."""
    rows = []
    for channel in frame.channels:
        homes = [frame.home_pool(phase, channel, stage) for stage in frame.stages]
        rows.append([NO_POOL if home is None else frame.pools.index(home) for home in homes])
    return np.array(rows, dtype=np.int64).reshape(len(frame.channels), len(frame.stages))


def pool_rules(frame: Frame, phase: int, name: str, team_of: Ints) -> PoolRules:
    """Return one pool in one phase; `team_of` is the channel of each head's team, -1 when pooled.

    A pool that serves nobody has no teams, whatever its structure: it is pooled until it does.
    """
    scenario = frame.with_pool(phase, name)
    pool = scenario.pools[name]
    calendar = scenario.calendar_of(name)
    teams = bool((team_of >= 0).any())
    own = [pool.specialised_for(channel) for channel in frame.channels]
    skill = [scenario.skill_of(name, channel) for channel in frame.channels]
    cost = 0.0 if pool.cost_per_rep is None else pool.cost_per_rep.per_year
    after, helpers = _overflow(frame, pool, business_day(calendar))
    load = Load(0.0, _NOTHING, _NOTHING, _NOTHING, _NOTHING)
    if pool.load is not None and pool.load.strength:
        load = Load(pool.load.strength, *_table(pool.load.odds), *_table(pool.load.effort))
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
        overflow_after=after,
        overflow_to=helpers,
        team_of=team_of,
        own_log_odds=np.array([log(s.odds or 1.0) if teams else 0.0 for s in own]),
        own_time=np.array([s.time or 1.0 if teams else 1.0 for s in own]),
        skill_log_odds=np.array([log(s.odds or 1.0) for s in skill]),
        skill_time=np.array([s.time or 1.0 for s in skill]),
        load=load,
        cost_per_day=cost / _YEAR_DAYS,
        commission=pool.commission,
    )


def _overflow(frame: Frame, pool: Pool, day: float) -> tuple[Dist, tuple[tuple[int, ...], ...]]:
    """(wait after which other teams may help, by channel the teams that do).

    At once when a hybrid pool types no wait, never in other structures; those typed, in order, else all others by name.
    """
    if pool.structure != "hybrid":
        return never(), ((),) * len(frame.channels)
    typed = pool.overflow.after if pool.overflow is not None else None
    after = constant(0.0)
    if typed is not None:
        after = never() if isinstance(typed, str) else constant(typed.hours(day), working=typed.working)
    named = pool.overflow.to if pool.overflow is not None and pool.overflow.to is not None else frame.channels
    served = pool.channels if pool.channels is not None else frame.channels
    helpers = [frame.channels.index(name) for name in named if name in frame.channels and name in served]
    return after, tuple(
        tuple(helper for helper in helpers if helper != own) if channel in served else ()
        for own, channel in enumerate(frame.channels)
    )


def _table(points: tuple[tuple[float, float], ...] | None) -> tuple[Floats, Floats]:
    if not points:
        return _NOTHING, _NOTHING
    at, factor = np.array(points, dtype=np.float64).T
    return np.ascontiguousarray(at), np.ascontiguousarray(factor)
