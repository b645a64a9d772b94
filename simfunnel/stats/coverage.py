"""Whether intervals keep their word: the share of repeated studies whose interval holds the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.stats.intervals import share_interval


@dataclass(frozen=True)
class Coverage:
    """`share` of `n` intervals that hold the truth; `low` to `high` is what that share says of all such studies."""

    share: float
    low: float
    high: float
    n: int


def interval_coverage(means: ArrayLike, half_widths: ArrayLike, truth: ArrayLike, level: float = 0.95) -> Coverage:
    """Coverage of mean +/- half-width over studies that differ in their seeds only (macro-replications; Schruben 1980).

    `means`, `half_widths`: [studies]; `truth`: a number, or [studies]. An interval that is unknown (nan) does not hold
    it.

    >>> interval_coverage([1.0, 2.0, 9.0], [1.5, 1.5, 1.5], 2.0).share
    0.6666666666666666
    """
    held = np.abs(np.asarray(means, np.float64) - np.asarray(truth, np.float64)) <= np.asarray(half_widths, np.float64)
    n, kept = held.size, int(held.sum())
    low, high = share_interval(kept, n, level)
    return Coverage(kept / n, low, high, n)
