"""The smallest value of a lever that reaches a goal: a root search with the same luck at every value."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Floats
from simfunnel.stats.goals import Bounds, Goal, LeverGrid
from simfunnel.stats.pairs import paired_difference

Side = Literal["low", "estimate", "high"]
Verdict = Literal["found", "already", "undecided", "out of reach"]

SIZES = (50, 200, 800)
REVERSED_AT = 0.05
FINEST = 50  # of a lever's way: peaks narrower than this part of it are not looked for


@dataclass(frozen=True)
class Ask:
    """What is asked for: replications `start` to `stop` - 1 at a value; `fresh`: of seeds the search never uses."""

    position: int
    value: float
    start: int
    stop: int
    fresh: bool


@dataclass(frozen=True)
class Root:
    """Where the goal is reached. Values are those of the lever.

    `verdict`: "found"; "already" at the start; "out of reach" when the goal is shown to be missed at every value
    tried; "undecided" when some value may do, but none is shown to within the replications. `value`: the smallest one
    shown to be enough; without one, where the estimate crosses the goal; without that, the best one tried: the
    ceiling. `estimate`: where the estimate crosses, or None. `too_little`: the largest value tried and shown to be too
    little, or None. The true smallest value lies above it and at most at `value` ("found"), each with the goal's
    level. `searched`: what the search saw at `value`; `fresh`: two-sided, on seeds that the search never saw: quote
    this one. `reversals`: pairs of values of which the further one is detectably worse, so that more is not always
    better. `curve`: (value, replications, estimate) of all values tried.
    """

    verdict: Verdict
    value: float
    estimate: float | None
    too_little: float | None
    searched: Bounds
    fresh: Bounds
    reversals: tuple[tuple[float, float], ...]
    curve: tuple[tuple[float, int, float], ...]


class RootSearch:
    """Asks for replications at lever values until the smallest one that reaches the goal is known.

    Retrospective approximation (Chen & Schmeiser 2001; Pasupathy 2010): the crossing is found with few replications
    first, then again with more from there, always the same replications at every value, so that the estimates of two
    values differ by what the lever does and little else. The first size also looks at `probes` values over the whole
    lever. At the last size three crossings are searched: of the estimate, of the lower bound (enough) and of the upper
    bound (no longer shown to be too little). Only the crossing between two values that were tried is taken for
    granted; single replications may go either way, and `reversals` tells where even their mean does. Where no value
    tried is at the goal, the neighbourhood of the best one is looked at in ever shorter steps, for a peak between the
    probes; what rises and falls again beside a lower one is not seen. In the end the value is simulated on fresh seeds.

    >>> from simfunnel.stats.goals import MeanGoal
    >>> search = RootSearch(LeverGrid(0, 10, 1), MeanGoal(6.5), sizes=(4,), fresh=4)
    >>> while ask := search.next():
    ...     search.tell(ask.value + np.array([-0.1, 0.1, -0.1, 0.1]))
    >>> search.result().verdict, search.result().value, search.result().too_little
    ('found', 7.0, 6.0)
    """

    def __init__(
        self,
        grid: LeverGrid,
        goal: Goal,
        sizes: tuple[int, ...] = SIZES,
        fresh: int = 400,
        probes: int = 5,
        narrow: bool = True,
    ) -> None:
        """ValueError when sizes do not rise from 2 replications on, or without fresh replications or two probes.

        Without `narrow`, no replications are spent on the largest value that is too little once one is enough.
        """
        if not sizes or sizes[0] < 2 or any(b <= a for a, b in pairwise(sizes)):
            raise ValueError(f"sizes must rise from 2 replications on, not {sizes}")
        if fresh < 2 or probes < 2:
            raise ValueError(f"needs 2 fresh replications and 2 probes, not {fresh} and {probes}")
        self._grid, self._goal, self._sizes, self._probes, self._narrowed = grid, goal, sizes, probes, narrow
        self._told: dict[int, Floats] = {}
        self._judged: dict[tuple[int, int], Bounds] = {}
        self._fresh = np.empty(0)
        self._found: dict[Side, int | None] = {}
        self._chosen, self._too_little = 0, -1
        self._steps = self._search(fresh)
        self._pending: Ask | None = next(self._steps)

    def next(self) -> Ask | None:
        """Return the replications to simulate next, or None when the search is over."""
        return self._pending

    def tell(self, values: ArrayLike) -> None:
        """Results of what was asked for, [replications]; 0 or 1 for a chance. ValueError for another shape or nan."""
        ask, told = self._pending, np.asarray(values, np.float64)
        if ask is None or told.shape != (ask.stop - ask.start,):
            raise ValueError(f"{told.shape} values do not answer {ask}")
        if not np.isfinite(told).all():
            raise ValueError("values that are not known (nan) reach no goal")
        if ask.fresh:
            self._fresh = told
        else:
            self._told[ask.position] = np.concatenate([self._told.get(ask.position, np.empty(0)), told])
        self._pending = next(self._steps, None)

    def result(self) -> Root:
        """Return what was found. ValueError while something is still asked for."""
        if self._pending is not None:
            raise ValueError(f"still asks for {self._pending}")
        goal, at, enough = self._goal, self._grid.at, self._found["low"]
        crossing, short = self._found["estimate"], self._too_little
        verdict: Verdict = "undecided" if enough is None else "found" if enough else "already"
        tried, reversals = sorted(self._told), []
        for near, far in pairwise(tried):  # the further one detectably worse, Bonferroni over all that were tried
            n = min(len(self._told[near]), len(self._told[far]))
            pair = paired_difference(self._told[near][:n], self._told[far][:n])
            if pair.mean < 0 and pair.p_value / 2 < REVERSED_AT / (len(tried) - 1):
                reversals.append((at(near), at(far)))
        return Root(
            "out of reach" if self._found["high"] is None else verdict,
            at(self._chosen),
            None if crossing is None else at(crossing),
            None if short < 0 else at(short),
            goal.bounds(self._told[self._chosen], goal.level),
            goal.bounds(self._fresh, 0.5 + goal.level / 2),
            tuple(reversals),
            tuple((at(k), len(told), self._bound(k, len(told), "estimate")) for k, told in sorted(self._told.items())),
        )

    def _search(self, fresh: int) -> Generator[Ask, None, None]:
        """The whole course of questions."""
        last = len(self._grid) - 1
        for position in sorted({round(k * last / (self._probes - 1)) for k in range(self._probes)}):
            yield from self._simulate(position, self._sizes[0])
        stride = max(1, last // (4 * self._probes))
        for n in self._sizes:
            self._found["estimate"] = yield from self._first("estimate", n, stride)
            stride = max(1, stride // 2)
        self._found["low"] = yield from self._first("low", n, stride)
        if self._narrowed or self._found["low"] is None:
            yield from self._first("high", n, stride)
        self._too_little, self._found["high"] = self._bracket("high", n)
        known = (self._found["low"], self._found["estimate"], self._best(n))
        self._chosen = next(position for position in known if position is not None)
        yield Ask(self._chosen, self._grid.at(self._chosen), 0, fresh, True)

    def _simulate(self, position: int, n: int) -> Generator[Ask, None, None]:
        """Have n replications at a position."""
        done = len(self._told.get(position, ()))
        if done < n:
            yield Ask(position, self._grid.at(position), done, n, False)

    def _first(self, side: Side, n: int, stride: int) -> Generator[Ask, None, int | None]:
        """The first position at which this bound is at the goal with n replications, None if none was met."""
        crossing = self._found.get("estimate")
        yield from self._simulate(self._best(0) if crossing is None else crossing, n)
        below, above = self._bracket(side, n)
        step = stride
        while above is None and below < len(self._grid) - 1:
            yield from self._simulate(min(below + step, len(self._grid) - 1), n)
            below, above = self._bracket(side, n)
            step *= 2
        if above is None:
            yield from self._climb(side, n)
            below, above = self._bracket(side, n)
        if above is None:
            return None
        step = stride
        while below < 0 < (above or 0):
            yield from self._simulate(max((above or 0) - step, 0), n)
            below, above = self._bracket(side, n)
            step *= 2
        yield from self._narrow(side, n)
        return self._bracket(side, n)[1]

    def _climb(self, side: Side, n: int) -> Generator[Ask, None, None]:
        """Look beside the best position, ever nearer, until one is at the goal or none beside is better."""
        last = len(self._grid) - 1
        step = max(1, last // (2 * (self._probes - 1)))
        finest = max(1, last // FINEST)
        while self._bracket(side, n)[1] is None:
            best = self._best(n)
            for beside in (best - step, best + step):
                if 0 <= beside <= last:
                    yield from self._simulate(beside, n)
            if self._best(n) != best:
                continue
            if step <= finest:
                break
            step = max(finest, step // 2)

    def _narrow(self, side: Side, n: int) -> Generator[Ask, None, None]:
        """Close the bracket, by interpolation and bisection in turn."""
        below, above = self._bracket(side, n)
        interpolate = True
        while above is not None and above - below > 1:
            share = 0.5
            if interpolate:
                low, high = self._bound(below, n, side), self._bound(above, n, side)
                share = (self._goal.wanted - low) / (high - low)
            inside = below + round(share * (above - below))
            yield from self._simulate(min(max(inside, below + 1), above - 1), n)
            below, above = self._bracket(side, n)
            interpolate = not interpolate

    def _bracket(self, side: Side, n: int) -> tuple[int, int | None]:
        """(last position below the goal before the first one at it, that one); -1 and None where there is none."""
        tried = [position for position, told in self._told.items() if len(told) >= n]
        reach = [position for position in tried if self._bound(position, n, side) >= self._goal.wanted]
        above = min(reach, default=None)
        return max((k for k in tried if k not in reach and (above is None or k < above)), default=-1), above

    def _best(self, n: int) -> int:
        """The first position with the highest estimate among those with n replications or more."""
        tried = sorted(position for position, told in self._told.items() if len(told) >= n)
        return max(tried, key=lambda position: self._bound(position, len(self._told[position]), "estimate"))

    def _bound(self, position: int, n: int, side: Side) -> float:
        key = position, n
        if key not in self._judged:
            self._judged[key] = self._goal.bounds(self._told[position][:n], self._goal.level)
        return float(getattr(self._judged[key], side))
