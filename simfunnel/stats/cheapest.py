"""The cheapest whole-number plan of several priced levers that meets a goal, asking for as few plans as it can."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from math import isfinite

from simfunnel.stats.goals import LeverGrid

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
        """What this position costs more than the start."""
        return self.price * abs(self.grid.at(position) - self.grid.start)


@dataclass(frozen=True)
class CheapestPlan:
    """The cheapest plan that meets the goal: a value per lever, its cost, and how many plans were asked for."""

    values: tuple[float, ...]
    cost: float
    asked: int


def cheapest_plan(levers: tuple[PricedLever, ...], meets: Meets) -> CheapestPlan | None:
    """The cheapest plan for which `meets` holds, None if it fails with all levers at their ends.

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
        """Lever values of a plan."""
        return tuple(lever.grid.at(k) for lever, k in zip(self._levers, plan, strict=True))

    def cost(self, plan: Positions) -> float:
        """What a plan costs more than the start of all levers."""
        return sum(lever.cost(k) for lever, k in zip(self._levers, plan, strict=True))

    def holds(self, plan: Positions) -> bool:
        """Whether a plan meets the goal, asked for only if no other plan tells."""
        if any(_no_more(good, plan) for good in self._good):
            return True
        if any(_no_more(plan, failed) for failed in self._failed):
            return False
        holds = self._meets(self.values(plan))
        (self._good if holds else self._failed).append(plan)
        return holds

    def least(self, plan: Positions, lever: int, floor: int) -> int:
        """The least position of one lever, the others as in a plan that holds, by bisection."""
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
