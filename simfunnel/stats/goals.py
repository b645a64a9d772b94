"""Goals of a search: whether a level meets them, and the cheapest plan of several priced levers that does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from math import ceil, inf, isfinite, log
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Floats
from simfunnel.stats.intervals import estimate, share_bounds


@dataclass(frozen=True)
class Bounds:
    """An estimate between two bounds; each of them holds with the level that was asked for, by itself."""

    low: float
    estimate: float
    high: float


class Goal(Protocol):
    """A quantity of the replications that should be `wanted` or more."""

    @property
    def wanted(self) -> float:
        """The least that will do."""

    @property
    def level(self) -> float:
        """Probability of each one-sided bound."""

    def bounds(self, values: ArrayLike, level: float) -> Bounds:
        """Return the quantity over replications, each bound with probability `level`."""


@dataclass(frozen=True)
class ChanceGoal:
    """Reached in a share `wanted` of replications or more; values are 0 or 1. Bounds after Clopper & Pearson (1934)."""

    wanted: float
    level: float = 0.95

    def __post_init__(self) -> None:
        """ValueError for a chance that no number of replications can show."""
        if not 0 < self.wanted < 1:
            raise ValueError(f"a chance lies between 0 and 1, not at {self.wanted}")

    @property
    def least_replications(self) -> int:
        """Replications below which not even a goal reached in all of them is shown to be reached often enough.

        >>> ChanceGoal(0.8).least_replications, ChanceGoal(0.99).least_replications
        (14, 299)
        """
        return ceil(log(1 - self.level) / log(self.wanted))

    def bounds(self, values: ArrayLike, level: float) -> Bounds:
        """Return the share of replications that reach the goal."""
        reached = np.asarray(values, np.bool_)
        low, high = share_bounds(int(reached.sum()), reached.size, level)
        return Bounds(low, float(reached.mean()), high)


@dataclass(frozen=True)
class RankGoal:
    """The quantity itself `wanted` or more in a share `chance` of replications or more.

    A bound reaches `wanted` exactly when that of a `ChanceGoal` on (value >= wanted) reaches `chance`: it is the value
    of the replication at the rank that decides. So a search can interpolate between levels, which shares of so many
    replications forbid.

    >>> goal = RankGoal(5.0, 0.8)
    >>> goal.bounds([9.0, 8.0, 7.0, 6.0, 1.0], 0.95)
    Bounds(low=-inf, estimate=6.0, high=8.0)
    """

    wanted: float
    chance: float
    level: float = 0.95

    def __post_init__(self) -> None:
        """ValueError for a chance that no number of replications can show."""
        ChanceGoal(self.chance, self.level)

    @property
    def least_replications(self) -> int:
        """As of a `ChanceGoal`."""
        return ChanceGoal(self.chance, self.level).least_replications

    def bounds(self, values: ArrayLike, level: float) -> Bounds:
        """Return the quantity reached in a share `chance` of replications; -inf and inf where they are too few."""
        falling = np.sort(np.asarray(values, np.float64))[::-1]
        low, middle, high = ranks_for_chance(falling.size, self.chance, level)
        return Bounds(_ranked(falling, low), _ranked(falling, middle), _ranked(falling, high))


@lru_cache(maxsize=256)
def ranks_for_chance(n: int, chance: float, level: float) -> tuple[int, int, int]:
    """Return how many of n replications must reach a goal so that the lower bound of the share, the share itself, and
    its upper bound are `chance` or more; n + 1 where not even all of them do.

    >>> ranks_for_chance(200, 0.8, 0.95)
    (170, 160, 151)
    """
    counts = range(n + 1)
    low = bisect_left(counts, chance, key=lambda k: share_bounds(k, n, level)[0])
    high = bisect_left(counts, chance, key=lambda k: share_bounds(k, n, level)[1])
    return low, ceil(chance * n - 1e-9), high


def _ranked(falling: Floats, rank: int) -> float:
    """The value of a rank from 1; inf before the first, -inf after the last."""
    if rank < 1:
        return inf
    return float(falling[rank - 1]) if rank <= falling.size else -inf


@dataclass(frozen=True)
class MeanGoal:
    """A mean over replications of `wanted` or more; bounds after Student."""

    wanted: float
    level: float = 0.95

    def bounds(self, values: ArrayLike, level: float) -> Bounds:
        """Return the mean over replications."""
        found = estimate(values, 2 * level - 1)
        mean, width = float(found.mean), float(found.half_width)
        return Bounds(mean - width, mean, mean + width)


@dataclass(frozen=True)
class LeverGrid:
    """Values of a lever from `start` towards `end` in steps of `step`: 1 for reps, a resolution for volumes.

    `end` may be below `start` for a lever that helps as it falls. The last value is `end` itself, also when the steps
    do not meet it. Positions count the steps from 0. ValueError without a step above 0.

    >>> grid = LeverGrid(4, 2.5, 0.5)
    >>> len(grid), [grid.at(k) for k in range(len(grid))]
    (4, [4.0, 3.5, 3.0, 2.5])
    """

    start: float
    end: float
    step: float

    def __post_init__(self) -> None:
        """Refuses a grid without values."""
        if not (isfinite(self.start) and isfinite(self.end) and isfinite(self.step) and self.step > 0):
            raise ValueError(f"a lever goes from a number to a number in steps above 0, not {self}")

    def __len__(self) -> int:
        """How many values there are."""
        return ceil(abs(self.end - self.start) / self.step - 1e-9) + 1

    def at(self, position: int) -> float:
        """Return the value at a position."""
        if position == len(self) - 1:
            return float(self.end)
        return float(self.start + position * (self.step if self.end >= self.start else -self.step))


Positions = tuple[int, ...]
Meets = Callable[[tuple[float, ...]], bool]


@dataclass(frozen=True)
class PricedLever:
    """A lever and the price of one unit away from its start: a rep, a lead a week, an hour less; 0 or more."""

    grid: LeverGrid
    price: float

    def __post_init__(self) -> None:
        """Refuses a price that would make more of the lever cheaper."""
        if not (isfinite(self.price) and self.price >= 0):
            raise ValueError(f"a price is 0 or more, not {self.price}")

    def cost(self, position: int) -> float:
        """Return what this position costs more than the start."""
        return self.price * abs(self.grid.at(position) - self.grid.start)


@dataclass(frozen=True)
class CheapestPlan:
    """The cheapest plan that meets the goal: a value per lever, its cost, and how many plans were asked for."""

    values: tuple[float, ...]
    cost: float
    asked: int


def cheapest_plan(levers: tuple[PricedLever, ...], meets: Meets) -> CheapestPlan | None:
    """Return the cheapest plan for which `meets` holds, None if it fails with all levers at their ends.

    `meets`: takes a value per lever; more of any lever must not turn True into False (on common random numbers and
    with one set of replications that is so but for accidents of few leads). Then the answer is exact: no plan of the
    grids that meets the goal costs less, and no lever of it can be reduced. First each lever is cut to what is needed
    with the others at their ends, and one plan is reduced lever by lever, the dearest first. Then the plans of all
    levers but the longest are walked through by rising cost, and the longest is bisected below the best cost so far.
    What is no more than a failed plan, or no less than a good one, is not asked for. ValueError without a lever.
    """
    if not levers:
        raise ValueError("needs a lever")
    search = _Search(levers, meets)
    top = tuple(len(lever.grid) - 1 for lever in levers)
    if not search.holds(top):
        return None
    floor = tuple(search.least(top, k, 0) for k in range(len(levers)))
    best = top
    for k in sorted(range(len(levers)), key=lambda k: -search.cost(_at(floor, k, top[k]))):
        best = _at(best, k, search.least(best, k, floor[k]))
    deep = max(range(len(levers)), key=lambda k: top[k] - floor[k])
    for plan in _by_cost(search, floor, top, deep):
        if search.cost(plan) >= search.cost(best):
            break
        dear = bisect_left(range(top[deep] + 1), search.cost(best), key=lambda k: search.cost(_at(plan, deep, k)))
        highest = _at(plan, deep, dear - 1)
        if search.holds(highest):
            best = _at(plan, deep, search.least(highest, deep, floor[deep]))
    return CheapestPlan(search.values(best), search.cost(best), search.asked)


class _Search:
    """The plans asked for so far, and what they say of others."""

    def __init__(self, levers: tuple[PricedLever, ...], meets: Meets) -> None:
        self._levers, self._meets = levers, meets
        self._good: list[Positions] = []
        self._failed: list[Positions] = []

    @property
    def asked(self) -> int:
        """How many plans were asked for."""
        return len(self._good) + len(self._failed)

    def values(self, plan: Positions) -> tuple[float, ...]:
        """Return the lever values of a plan."""
        return tuple(lever.grid.at(k) for lever, k in zip(self._levers, plan, strict=True))

    def cost(self, plan: Positions) -> float:
        """Return what a plan costs more than the start of all levers."""
        return sum(lever.cost(k) for lever, k in zip(self._levers, plan, strict=True))

    def holds(self, plan: Positions) -> bool:
        """Return whether a plan meets the goal, asked for only if no other plan tells."""
        if any(_no_more(good, plan) for good in self._good):
            return True
        if any(_no_more(plan, failed) for failed in self._failed):
            return False
        holds = self._meets(self.values(plan))
        (self._good if holds else self._failed).append(plan)
        return holds

    def least(self, plan: Positions, lever: int, floor: int) -> int:
        """Return the least position of one lever, the others as in a plan that holds, by bisection."""
        low, high = floor - 1, plan[lever]
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.holds(_at(plan, lever, middle)) else (middle, high)
        return high


def _by_cost(search: _Search, floor: Positions, top: Positions, deep: int) -> Iterator[Positions]:
    """Plans of all levers but `deep`, which stays at its floor, by rising cost."""
    heap, seen = [(search.cost(floor), floor)], {floor}
    while heap:
        _, plan = heappop(heap)
        yield plan
        for k in range(len(plan)):
            more = _at(plan, k, plan[k] + 1)
            if k != deep and plan[k] < top[k] and more not in seen:
                seen.add(more)
                heappush(heap, (search.cost(more), more))


def _at(plan: Positions, lever: int, position: int) -> Positions:
    return (*plan[:lever], position, *plan[lever + 1 :])


def _no_more(plan: Positions, other: Positions) -> bool:
    return all(a <= b for a, b in zip(plan, other, strict=True))
