"""The best of several levels under the same luck: replications needed, ties, and elimination of the clearly worse."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.stats.intervals import replications_for_skew, t_quantile
from simfunnel.stats.pairs import LEAST_YEARS, dunnett_point, tukey_point

LEAST_FIRST_STAGE = 10


@dataclass(frozen=True)
class TwoStage:
    """What a first stage says about the whole: `n` replications of every level in all, the first stage included.

    `spread`: standard deviation of the difference of two levels in one replication. With `n` replications the best
    level is selected with probability `level` whenever it leads by `zone` or more. `constant` is Dunnett's point,
    `range_constant` Tukey's.
    """

    n: int
    spread: float
    constant: float
    range_constant: float
    zone: float

    def margin(self, n: int) -> float:
        """Return the joint half-width of a level against all others after `n` replications; at most the zone from
        `self.n` on."""
        return self.constant * self.spread / float(np.sqrt(n))

    def apart(self, n: int) -> float:
        """Return a difference beyond which two levels are told apart after `n` replications, all pairs at once."""
        return self.range_constant * self.spread / float(np.sqrt(n))


def two_stage(first_stage: ArrayLike, zone: float, level: float = 0.95) -> TwoStage:
    """Return replications that select the best of k levels under common random numbers (Nelson & Matejcik 1995).

    `first_stage`: [replications, levels], replication r of all levels with the same luck; `zone`: the smallest lead
    worth detecting. S^2 = 2 sum of squared residuals of the replication x level table / ((k - 1)(n - 1)), N = (g S /
    zone)^2. It takes the differences of all pairs to vary alike; where they do not, `Elimination` looks at each pair
    by itself. ValueError below two levels, below ten replications, or without a zone above 0.
    """
    table = np.asarray(first_stage, np.float64)
    n, levels = table.shape
    if levels < 2 or n < LEAST_FIRST_STAGE or not zone > 0:
        raise ValueError(f"needs 2 levels, {LEAST_FIRST_STAGE} replications and a zone, not {levels}, {n} and {zone}")
    residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    df = (levels - 1) * (n - 1)
    spread = float(np.sqrt(2 * (residual**2).sum() / df))
    constant = dunnett_point(levels - 1, df, level)
    wanted = ceil((constant * spread / zone) ** 2)
    return TwoStage(max(n, wanted), spread, constant, tukey_point(levels, df, level), zone)


@dataclass(frozen=True, eq=False)
class BestComparison:
    """Each level against the best of the others. Arrays are [levels].

    `lead`: mean minus the highest other mean; its true value lies between `low` and `high` for all levels at once.
    `tied`: not told apart from `best`, or behind it by no more than the zone.
    """

    best: int
    lead: Floats
    low: Floats
    high: Floats
    tied: Bools

    @property
    def detectable(self) -> bool:
        """Whether any level was told apart from the best; if not, there is no detectable difference."""
        return not bool(self.tied.all())


def compare_with_best(means: ArrayLike, margin: ArrayLike, apart: ArrayLike, zone: float = 0.0) -> BestComparison:
    """Return multiple comparisons with the best (Hsu 1984; Edwards & Hsu 1983 for margins that differ by pair).

    `means`: [levels], more is better. `margin`: half-width of the differences of one level to all others, jointly;
    `apart`: of all pairs, jointly; numbers, or [levels, levels]. The first makes the intervals, the second the levels
    tied, so that a level as good as the best is rarely called worse however many of them there are.
    """
    mean = np.asarray(means, np.float64)
    return compare_differences(mean[:, None] - mean, margin, apart, zone)


def compare_differences(
    difference: ArrayLike, margin: ArrayLike, apart: ArrayLike, zone: float = 0.0, best: int | None = None
) -> BestComparison:
    """Return `compare_with_best` from the differences of all pairs, [levels, levels], row minus column.

    For levels with unequal replications, where each difference is taken over those that both met. `best` is the level
    that was selected; without it, the one whose least lead is the highest.
    """
    d = np.asarray(difference, np.float64)
    oneself = np.eye(len(d), dtype=bool)
    width = np.where(oneself, 0.0, np.asarray(margin, np.float64))
    lead = np.where(oneself, np.inf, d).min(axis=1)
    best = int(lead.argmax()) if best is None else best
    could_be_best = (d >= -width).all(axis=1) | (np.arange(len(d)) == best)
    # what beats a level, if anything does, is among those that could be best
    least = np.where(could_be_best & ~oneself, d - width, np.inf).min(axis=1)
    most = np.where(oneself, np.inf, d + width).min(axis=1)
    low = np.where(np.isinf(least), 0.0, np.minimum(least, 0.0))
    high = np.where(could_be_best, np.maximum(most, 0.0), 0.0)
    level_with_all = (d >= -np.where(oneself, 0.0, np.asarray(apart, np.float64))).all(axis=1)
    return BestComparison(best, lead, low, high, level_with_all | (d[best] <= zone))


LOOKS = (30, 40, 55, 75, 100, 130, 170, 220, 300, 400)


@dataclass(frozen=True)
class EliminationRule:
    """When levels leave, and when the rest is known well enough.

    `zone`: the smallest lead worth detecting, in the unit of the values; `looks`: replications at which levels may
    leave, the last one is the most that a level gets; `level`: chance that a study selects rightly, and that its
    intervals hold.
    """

    zone: float
    looks: tuple[int, ...] = LOOKS
    level: float = 0.95

    def __post_init__(self) -> None:
        """ValueError without a zone above 0 or with looks that do not rise from 2 replications on."""
        if not self.zone > 0:
            raise ValueError(f"the zone must be above 0, not {self.zone}")
        if not self.looks or self.looks[0] < 2 or any(b <= a for a, b in zip(self.looks, self.looks[1:], strict=False)):
            raise ValueError(f"looks must rise from 2 replications on, not {self.looks}")


@dataclass(frozen=True)
class Batch:
    """What is asked for: replications `start` to `stop` - 1 of these levels, with the same luck for all."""

    levels: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Selection:
    """The best level, those tied with it, and how sure that is; arrays are [levels].

    `comparison` holds the joint intervals; `mean` and `n` are each level's own. `decided`: the margins of all levels
    left are within the zone, so the best is selected with the wanted probability if it leads by the zone; otherwise
    the replications ran out and `margin`, the widest of them, is what could be told apart. `wanted_for_skew`:
    replications that the skewness of the closest differences asks for; above `n` the margins are too optimistic.
    """

    best: int
    comparison: BestComparison
    mean: Floats
    n: Ints
    decided: bool
    margin: float
    wanted_for_skew: int

    @property
    def tied(self) -> tuple[int, ...]:
        """Levels that cannot be told apart from the best, or trail it by no more than the zone."""
        return tuple(int(k) for k in np.flatnonzero(self.comparison.tied))


class Elimination:
    """Asks for replications of levels until the best is known within the zone; more is better.

    At each look every pair of levels left is compared by its own paired differences, so that neighbours, which differ
    by little luck, need few replications; no equal variances, correlations or order of the levels are assumed (Clark &
    Yang 1986). A level leaves when it is told apart from another one and trails the best by more than the zone;
    Bonferroni over all pairs and looks keeps a level as good as the best from ever leaving, with probability
    `rule.level`. It ends when all levels left are known within the zone of the best: half-widths are Bonferroni over a
    level's rivals, as of the last look. When to stop depends on the spread of the differences only, which costs no
    coverage that could be measured (Chow & Robbins 1965). Fewer than six replications tell no levels apart.

    >>> search = Elimination(2, EliminationRule(zone=1.0, looks=(6, 8)))
    >>> search.next()
    Batch(levels=(0, 1), start=0, stop=6)
    >>> search.tell([[1.0, 9.0], [2.0, 10.1], [3.0, 10.9], [4.0, 12.0], [5.0, 13.1], [6.0, 13.9]])
    >>> search.next() is None, search.result().best
    (True, 1)
    """

    def __init__(self, levels: int, rule: EliminationRule) -> None:
        """`levels`: how many there are, at least 2, else ValueError."""
        if levels < 2:
            raise ValueError(f"needs at least 2 levels, not {levels}")
        self._rule = rule
        self._left = np.arange(levels)
        self._told: list[list[Floats]] = [[] for _ in range(levels)]
        self._n = np.zeros(levels, np.int64)
        self._difference = np.zeros((levels, levels))
        self._margin = np.zeros((levels, levels))
        self._apart = np.zeros((levels, levels))
        self._looked = 0
        self._best = 0
        self._decided = False

    @property
    def left(self) -> tuple[int, ...]:
        """Levels that are still in."""
        return tuple(int(k) for k in self._left)

    def next(self) -> Batch | None:
        """Return the replications to simulate next, or None when nothing more is needed."""
        if self._decided or self._looked == len(self._rule.looks):
            return None
        start = self._rule.looks[self._looked - 1] if self._looked else 0
        return Batch(self.left, start, self._rule.looks[self._looked])

    def tell(self, values: ArrayLike) -> None:
        """Results of the batch asked for: [replications, levels of the batch]. ValueError for another shape or nan."""
        batch, table = self.next(), np.asarray(values, np.float64)
        if batch is None or table.shape != (batch.stop - batch.start, len(batch.levels)):
            raise ValueError(f"{table.shape} values do not answer {batch}")
        if not np.isfinite(table).all():
            raise ValueError("values that are not known (nan) cannot be ranked")
        for column, k in enumerate(batch.levels):
            self._told[k].append(table[:, column])
        self._n[self._left] = batch.stop
        self._looked += 1
        self._look(np.column_stack([np.concatenate(self._told[k]) for k in batch.levels]))

    def result(self) -> Selection:
        """Return what the replications told so far say. ValueError before the first look."""
        if not self._looked:
            raise ValueError("nothing was told yet")
        comparison = compare_differences(self._difference, self._margin, self._apart, self._rule.zone, self._best)
        mean = np.array([np.concatenate(told).mean() for told in self._told])
        widest = float(self._margin[self._best, self._left].max())
        best = np.concatenate(self._told[self._best])
        # the most that any difference of the best to a level left asks for; all of them met the same replications
        others = [np.concatenate(self._told[k]) for k in self.left if k != self._best]
        wanted = max((replications_for_skew(best - other) for other in others), default=2)
        return Selection(self._best, comparison, mean, self._n.copy(), self._decided, widest, wanted)

    def _look(self, table: Floats) -> None:
        """Compare the levels left over all their replications, and let those go that are out."""
        n = len(table)
        mean, spread = table.mean(axis=0), np.cov(table, rowvar=False)
        variance = np.maximum(np.diag(spread)[:, None] + np.diag(spread) - 2 * spread, 0.0)
        pairs = np.ix_(self._left, self._left)
        self._difference[pairs] = mean[:, None] - mean
        error = np.sqrt(variance / n)
        rivals = len(self._difference) - 1
        tail = (1 - self._rule.level) / rivals
        self._margin[pairs] = t_quantile(1 - tail, n - 1) * error
        self._apart[pairs] = t_quantile(1 - tail / ((rivals + 1) * len(self._rule.looks)), n - 1) * error
        if n < LEAST_YEARS:
            self._apart[pairs] = np.inf
        self._best = int(self._left[mean.argmax()])
        worse = (self._difference[pairs] < -self._apart[pairs]).any(axis=1)
        self._left = self._left[~(worse & (mean.max() - mean > self._rule.zone))]
        known = (self._margin[self._best, self._left] <= self._rule.zone).all()
        self._decided = bool(known) and n >= LEAST_YEARS
