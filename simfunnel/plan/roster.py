"""The headcount as a stack: every rep who is ever on it, when they join and leave, and how they ramp up."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from simfunnel.plan.frame import Frame
from simfunnel.plan.model import Roster
from simfunnel.scenario.pools import Hire, Pool

Floats = NDArray[np.float64]

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

    def at(self, day: int) -> int:
        """Reps on the headcount during a day."""
        return sum(rep.joins <= day and (rep.leaves is None or rep.leaves > day) for rep in self.reps)

    def on(self, first: int, last: int) -> list[int]:
        """Reps on the headcount on each of the days first ... last - 1."""
        return [self.at(day) for day in range(first, last)]

    def daily(self, first: int, last: int) -> tuple[Floats, Floats]:
        """[days] reps on the headcount, first ... last - 1, and how many fully productive ones they equal."""
        heads, productive = np.zeros(last - first), np.zeros(last - first)
        for rep in self.reps:
            start, stop = max(first, rep.joins), last if rep.leaves is None else min(last, rep.leaves)
            heads[start - first : max(start, stop) - first] += 1.0
            productive[start - first : max(start, stop) - first] += _productivity(rep, start, stop)
        return heads, productive

    @property
    def positions(self) -> int:
        """Most reps that are ever there at once."""
        return 1 + max((rep.position for rep in self.reps), default=-1)

    def productive_days(self, first: int, last: int) -> float:
        """Rep-days of full productivity on the days first ... last - 1."""
        return sum(_productive(rep, max(first, rep.joins), min(last, inf if rep.leaves is None else rep.leaves))
                   for rep in self.reps)  # fmt: skip


def headcounts(frame: Frame) -> dict[str, Headcount]:
    """The headcount of every pool over all phases, by name; empty for a pool that is unlimited throughout."""
    return {name: _headcount(frame, name) for name in frame.pools}


def roster(frame: Frame, counts: dict[str, Headcount]) -> Roster:
    """All reps, pool by pool in the order of hiring."""
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


def _headcount(frame: Frame, name: str) -> Headcount:
    """Phase by phase: on its first day the headcount is set to what the phase means, then its dated hires follow."""
    count = Headcount()
    for phase, start in enumerate(frame.starts):
        pool = frame.scenarios[phase].pools.get(name)
        hires = _dated(frame, pool)
        _switch(count, pool, [hire for day, hire in hires if day < start], start)
        for day, hire in hires:
            if start <= day < frame.end_of(phase):
                _apply(count, hire, day)
    return count


def _switch(count: Headcount, pool: Pool | None, earlier: list[Hire], day: int) -> None:
    """Reps join fully productive, or leave, until the headcount is what the new phase means for this day."""
    wanted = max(0, _reps(pool) + sum(hire.reps for hire in earlier)) if _limited(pool) else 0
    change = wanted - len(count.present)
    if change > 0:
        count.join(day, change)
    elif change < 0:
        count.leave(day, -change)


def _apply(count: Headcount, hire: Hire, day: int) -> None:
    if hire.reps < 0:
        count.leave(day, -hire.reps)
    else:
        ramp_days = 0.0 if hire.ramp is None else hire.ramp.hours() / DAY_H
        count.join(day, hire.reps, hire.productivity_at_start if ramp_days > 0.0 else 1.0, ramp_days)


def _dated(frame: Frame, pool: Pool | None) -> list[tuple[int, Hire]]:
    """Hires of a limited pool with their days, by date, in file order within a day."""
    if not _limited(pool) or pool is None:
        return []
    return sorted(((frame.day(hire.on), hire) for hire in pool.hires), key=lambda pair: pair[0])


def _reps(pool: Pool | None) -> int:
    return pool.reps if pool is not None and isinstance(pool.reps, int) else 0


def _limited(pool: Pool | None) -> bool:
    return pool is not None and pool.reps != "unlimited"


def _productive(rep: Rep, first: int, last: float) -> float:
    """Sum of the rep's productivity over the days first ... last - 1."""
    return float(_productivity(rep, first, last).sum())


def _productivity(rep: Rep, first: int, last: float) -> Floats:
    """[days] the rep's productivity on the days first ... last - 1."""
    days = np.arange(first, max(first, last)) - rep.joins
    if rep.ramp_days <= 0.0:
        return np.ones(len(days))
    return np.asarray(np.minimum(1.0, rep.start_at + (1.0 - rep.start_at) * days / rep.ramp_days))
