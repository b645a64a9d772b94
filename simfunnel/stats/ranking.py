"""The best of several levels that met the same luck: how many replications it takes, and which levels tie with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simfunnel.stats.multiplicity import dunnett_point, tukey_point

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

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
        """Joint half-width of a level against all others after `n` replications; at most the zone from `self.n` on."""
        return self.constant * self.spread / float(np.sqrt(n))

    def apart(self, n: int) -> float:
        """A difference beyond which two levels are told apart after `n` replications, all pairs at once."""
        return self.range_constant * self.spread / float(np.sqrt(n))


def two_stage(first_stage: ArrayLike, zone: float, level: float = 0.95) -> TwoStage:
    """Replications that select the best of k levels under common random numbers (Nelson & Matejcik 1995).

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
    tied: Mask

    @property
    def detectable(self) -> bool:
        """Whether any level was told apart from the best; if not, there is no detectable difference."""
        return not bool(self.tied.all())


def compare_with_best(means: ArrayLike, margin: ArrayLike, apart: ArrayLike, zone: float = 0.0) -> BestComparison:
    """Multiple comparisons with the best (Hsu 1984; Edwards & Hsu 1983 for margins that differ by pair).

    `means`: [levels], more is better. `margin`: half-width of the differences of one level to all others, jointly;
    `apart`: of all pairs, jointly; numbers, or [levels, levels]. The first makes the intervals, the second the levels
    tied, so that a level as good as the best is rarely called worse however many of them there are.
    """
    mean = np.asarray(means, np.float64)
    return compare_differences(mean[:, None] - mean, margin, apart, zone)


def compare_differences(
    difference: ArrayLike, margin: ArrayLike, apart: ArrayLike, zone: float = 0.0, best: int | None = None
) -> BestComparison:
    """`compare_with_best` from the differences of all pairs, [levels, levels], row minus column.

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
