"""The search for levels that reach a target: one lever by its root, several by the cheapest plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt
from typing import Any

from simfunnel.errors import ArgumentError, ScenarioError
from simfunnel.stats import LeverGrid, PricedLever, Root, RootSearch, cheapest_plan, ranks_for_chance
from simfunnel.study.target.moves import LEVEL, Move, TargetGoal, changes_at, shortened
from simfunnel.study.target.trials import Trials
from simfunnel.units import significant

Levels = tuple[float, ...]
Positions = tuple[int, ...]

FIRST = 50  # replications of the first look at a level
GLANCE = 30  # the same where several levers make many plans
PROBES = 5
MOST_ROUNDS = 3

_TINY = 1e-9


@dataclass(frozen=True)
class Found:
    """Levels at which the target is reached, or is nearest.

    `verdict`: "already" today, "found", "undecided" (some levels may do, none is shown to), "out of reach".
    `levels`: one a lever. `estimate`: of a single lever, where the estimate of the chance crosses the one asked
    for: the least level to the best of what is known, while `levels` is the least one shown. `too_little`: of a single
    lever, the furthest level tried that is shown to be too little.
    `reversals`: levels of a single lever of which the further one is detectably worse. `looked_at`: plans tried.
    `warnings`: why a lever ends before its range does.
    """

    verdict: str
    levels: Levels
    looked_at: int
    estimate: float | None = None
    too_little: float | None = None
    reversals: tuple[tuple[float, float], ...] = ()
    warnings: tuple[str, ...] = ()


def sizes_of(goal: TargetGoal, replications: int) -> tuple[int, ...]:
    """Return the replications of the looks at a level; ArgumentError when the last cannot show the chance asked for."""
    least = goal.ranked().least_replications
    if replications < least:
        rule = f"a chance of {significant(goal.chance, 4)} cannot be shown in {replications} simulated periods"
        raise ArgumentError("replications", f"{rule}: it takes {least} or more")
    return (FIRST, replications) if replications > FIRST else (replications,)


def search(trials: Trials, goal: TargetGoal, moves: Sequence[Move], replications: int) -> Found:
    """Find the least of a single lever, the cheapest plan of several; ScenarioError when no level can be simulated."""
    sizes = sizes_of(goal, replications)
    if len(moves) > 1:
        return _cheapest(trials, goal, moves, sizes)
    (move,) = moves
    lever = possible(trials, moves, [move.grid.start], 0)

    def changes(level: float) -> Mapping[str, Any]:
        return changes_at([lever], [level])

    root = _root(trials, goal, lever.grid, sizes[:1], PROBES, changes)
    if root.verdict != "out of reach" and len(sizes) > 1:  # what few replications rule out, more need not
        root = _root(trials, goal, lever.grid, sizes, PROBES, changes)
    verdict = root.verdict
    if verdict == "already" and move.lever.today is not None and root.value != move.lever.today:
        verdict = "found"  # the range begins beyond today
    told: tuple[str, ...] = ()
    try:
        if len(lever.grid) < len(move.grid):
            trials.plan(changes_at(moves, [move.grid.at(len(lever.grid))]))
    except ScenarioError as error:
        told = (f"{move.path} ends at {move.lever.words(lever.grid.end)}: beyond, {error.problems[0]}",)
    return Found(verdict, (root.value,), len(root.curve), root.estimate, root.too_little, root.reversals, told)


def alone(trials: Trials, goal: TargetGoal, moves: Sequence[Move], at: int) -> Found:
    """Find what one of several levers does by itself, the others where they start; by a first look only."""
    fixed = [move.grid.start for move in moves]
    lever = possible(trials, moves, fixed, at)
    root = _root(
        trials,
        goal,
        lever.grid,
        (GLANCE,),
        3,
        lambda level: changes_at(moves, [*fixed[:at], level, *fixed[at + 1 :]]),
    )
    value = root.value if root.estimate is None else root.estimate
    verdict = "found" if root.estimate is not None else root.verdict
    return Found(verdict, (*fixed[:at], value, *fixed[at + 1 :]), len(root.curve))


def _root(
    trials: Trials,
    goal: TargetGoal,
    grid: LeverGrid,
    looks: tuple[int, ...],
    probes: int,
    changes: Callable[[float], Mapping[str, Any]],
) -> Root:
    """Search the least level of a single lever that reaches the goal, by `looks` of so many replications."""
    finder = RootSearch(grid, goal.ranked(), looks, 2, probes, False)
    while (ask := finder.next()) is not None:
        finder.tell(trials.values(changes(ask.value), goal.key, ask.stop)[ask.start :])
    return finder.result()


def possible(trials: Trials, moves: Sequence[Move], fixed: Sequence[float], at: int) -> Move:
    """Cut the lever off where its plans can no longer be simulated; ScenarioError when not even its first steps can."""
    grid = moves[at].grid

    def fits(position: int) -> bool:
        return trials.fits(changes_at(moves, [*fixed[:at], grid.at(position), *fixed[at + 1 :]]))

    low, high = 0, len(grid) - 1
    if fits(high):
        return moves[at]
    trials.plan(changes_at(moves, [*fixed[:at], grid.at(0), *fixed[at + 1 :]]))
    first = changes_at(moves, [*fixed[:at], grid.at(min(1, high)), *fixed[at + 1 :]])
    trials.plan(first)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return shortened(moves[at], low)


def _cheapest(trials: Trials, goal: TargetGoal, moves: Sequence[Move], sizes: tuple[int, ...]) -> Found:
    """The cheapest plan by a first look, then as near to it as all replications show (retrospective approximation).

    The first look asks for as large a share of its few replications as the last one will need to show the chance.
    """
    n = sizes[-1]
    few = min(n, GLANCE)
    looks = Looks(trials, goal, moves)
    starts = tuple(move.grid.start for move in moves)
    if looks.perhaps(starts, few) and looks.shown(starts, n):
        today = all(move.lever.today == start for move, start in zip(moves, starts, strict=True))
        return Found("already" if today else "found", starts, looks.count)
    top = looks.ceiling(few)
    needed = min(1.0, ranks_for_chance(n, goal.chance, LEVEL)[0] / n)
    levers = tuple(PricedLever(replace(move.grid, end=end), move.price) for move, end in zip(moves, top, strict=True))
    first = cheapest_plan(levers, lambda levels: looks.share(levels, few) >= needed - _TINY)
    around = tuple(PricedLever(move.grid, move.price) for move in moves)
    nearby = _Nearby(looks, around, n)
    sure = nearby.improved(top if first is None else first.values) if looks.perhaps(top, few) else None
    if sure is not None:
        return Found("found", sure, looks.count)
    verdict = "undecided" if first is not None or looks.perhaps(top, n) else "out of reach"
    return Found(verdict, top if first is None else first.values, looks.count)


class Looks:
    """Plans of several levers, judged by how many of their replications reach the goal."""

    def __init__(self, trials: Trials, goal: TargetGoal, moves: Sequence[Move]) -> None:
        self._trials, self._goal, self._moves = trials, goal, moves
        self._seen: set[Levels] = set()

    @property
    def count(self) -> int:
        """How many plans were looked at."""
        return len(self._seen)

    def share(self, levels: Levels, n: int) -> float:
        """Return the share of n replications that reach the goal; 0 for a plan that no team can keep up with."""
        self._seen.add(levels)
        try:
            values = self._trials.values(changes_at(self._moves, levels), self._goal.key, n)
        except ScenarioError:
            return 0.0
        return float((values >= self._goal.wanted).mean())

    def shown(self, levels: Levels, n: int) -> bool:
        """Return whether n replications show the chance asked for.

        On the way there a plan is given up once more of them failed than the share that may fail and two standard
        deviations of it: a plan that would just have passed may be missed, none that fails passes.
        """
        may_fail = 1.0 - ranks_for_chance(n, self._goal.chance, LEVEL)[0] / n
        for some in (*range(FIRST, n, FIRST), n):
            doubt = 2.0 * sqrt(some * may_fail * (1.0 - may_fail) * (1.0 - some / n))
            if (1.0 - self.share(levels, some)) * some > may_fail * some + doubt + _TINY:
                return False
        return True

    def perhaps(self, levels: Levels, n: int) -> bool:
        """Return whether n replications leave the chance asked for possible."""
        return self.share(levels, n) >= ranks_for_chance(n, self._goal.chance, LEVEL)[2] / n - _TINY

    def ceiling(self, n: int) -> Levels:
        """Find the plan with the highest mean, from all levers at their ends, one lever after the other (and again).

        More is not always more: leads beyond what the teams can answer drown those that they have. Below the ceiling
        more of a lever helps, so the cheapest plan is looked for there. Where the ceiling does not seem to reach the
        goal, its neighbourhood is looked at in ever shorter steps, so that no higher one beside it is missed.
        """
        best = tuple(move.grid.end for move in self._moves)
        mean = self._mean(best, n)
        for _ in range(MOST_ROUNDS):
            before = best
            for k, move in enumerate(self._moves):
                last = len(move.grid) - 1
                for position in sorted({round(last * part / PROBES) for part in range(PROBES + 1)}, reverse=True):
                    beside = (*best[:k], move.grid.at(position), *best[k + 1 :])
                    if (other := self._mean(beside, n)) > mean:
                        best, mean = beside, other
            if best == before:
                break
        return best if self.perhaps(best, n) else self._climbed(best, mean, n)

    def _climbed(self, best: Levels, mean: float, n: int) -> Levels:
        """From a plan to the highest one beside it, by steps of one lever at a time that are halved down to one."""
        steps = [max(1, (len(move.grid) - 1) // (2 * PROBES)) for move in self._moves]
        while True:
            before = best
            for k, move in enumerate(self._moves):
                at = position_of(move.grid, best[k])
                for position in (at - steps[k], at + steps[k]):
                    if 0 <= position < len(move.grid):
                        beside = (*best[:k], move.grid.at(position), *best[k + 1 :])
                        if (other := self._mean(beside, n)) > mean:
                            best, mean = beside, other
            if best == before:
                if max(steps) == 1:
                    return best
                steps = [max(1, step // 2) for step in steps]

    def _mean(self, levels: Levels, n: int) -> float:
        """Mean of the goal's metric; -inf for a plan that no team can keep up with."""
        self._seen.add(levels)
        try:
            return float(self._trials.values(changes_at(self._moves, levels), self._goal.key, n).mean())
        except ScenarioError:
            return -inf


class _Nearby:
    """Plans near one that fewer replications chose: the cheapest of those that all replications show."""

    def __init__(self, looks: Looks, levers: tuple[PricedLever, ...], n: int) -> None:
        self._looks, self._levers, self._n = looks, levers, n
        self._deep = max(range(len(levers)), key=lambda k: len(levers[k].grid))

    def improved(self, levels: Levels) -> Levels | None:
        """Settle the longest lever, then try one step of every other with a cheaper level of the longest."""
        pairs = zip(self._levers, levels, strict=True)
        best = self.enough(tuple(position_of(lever.grid, level) for lever, level in pairs))
        while best is not None:
            cheaper = next((plan for plan in self.steps(best) if self.shown(plan)), None)
            if cheaper is None:
                break
            best = self.least(cheaper)
        return None if best is None else self.levels(best)

    def enough(self, plan: Positions) -> Positions | None:
        """Find the plan with the least of the longest lever that is shown; the others one step up where none is."""
        while True:
            if self.shown(plan):
                return self.least(plan)
            if (found := self.up(plan)) is not None:
                return found
            more = [_at(plan, k, plan[k] + 1) for k in self.others() if plan[k] + 1 < len(self._levers[k].grid)]
            if not more:
                return None
            plan = min(more, key=self.cost)

    def up(self, plan: Positions) -> Positions | None:
        """From a plan that is not shown, with growing steps of the longest lever to one that is, and back."""
        low, step, last = plan[self._deep], 1, len(self._levers[self._deep].grid) - 1
        while low < last:
            high = min(low + step, last)
            if self.shown(_at(plan, self._deep, high)):
                return self.between(plan, low, high)
            low, step = high, 2 * step
        return None

    def least(self, plan: Positions) -> Positions:
        """From a plan that is shown, with growing steps of the longest lever down to one that is not, and back."""
        high, step = plan[self._deep], 1
        while high > 0 and self.shown(_at(plan, self._deep, max(high - step, 0))):
            high, step = max(high - step, 0), 2 * step
        return self.between(plan, max(high - step, -1), high)

    def between(self, plan: Positions, low: int, high: int) -> Positions:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.shown(_at(plan, self._deep, middle)) else (middle, high)
        return _at(plan, self._deep, high)

    def steps(self, plan: Positions) -> Iterator[Positions]:
        """Return one step of another lever, and as much of the longest as still costs less than the plan."""
        for k in self.others():
            for step in (-1, 1):
                if 0 <= plan[k] + step < len(self._levers[k].grid):
                    beside = _at(plan, k, plan[k] + step)
                    deep = range(len(self._levers[self._deep].grid))
                    cheaper = [at for at in deep if self.cost(_at(beside, self._deep, at)) < self.cost(plan) - _TINY]
                    for at in dict.fromkeys((max(cheaper), (max(cheaper) + plan[self._deep]) // 2) if cheaper else ()):
                        yield _at(beside, self._deep, min(at, max(cheaper)))

    def others(self) -> list[int]:
        return [k for k in range(len(self._levers)) if k != self._deep]

    def shown(self, plan: Positions) -> bool:
        return self._looks.shown(self.levels(plan), self._n)

    def cost(self, plan: Positions) -> float:
        return sum(lever.cost(at) for lever, at in zip(self._levers, plan, strict=True))

    def levels(self, plan: Positions) -> Levels:
        return tuple(lever.grid.at(at) for lever, at in zip(self._levers, plan, strict=True))


def position_of(grid: LeverGrid, level: float) -> int:
    """Return the position of the level that is nearest."""
    steps = round(abs(level - grid.start) / grid.step)
    near = range(max(0, steps - 1), min(len(grid), steps + 2))
    return min(near, key=lambda k: abs(grid.at(k) - level), default=len(grid) - 1)


def _at(plan: Positions, lever: int, position: int) -> Positions:
    return (*plan[:lever], position, *plan[lever + 1 :])
