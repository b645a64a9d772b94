"""The range of outcomes over replications: quantiles with rank intervals, and when n is too small for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


class QuantileEstimate(NamedTuple):
    """A quantile of the outcomes with its interval; not `enough`: n is too small for one, its ends are nan."""

    value: Floats
    low: Floats
    high: Floats
    enough: bool


def outcome_range(x: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """P10, P50 and P90 of the replications (axis 0), unknown values (nan) left out; nan where none is known.

    Median-unbiased interpolation of order statistics (Hyndman & Fan 1996, type 8).
    """
    values = np.asarray(x, np.float64)
    if values.shape[0] == 0:
        nothing = np.full(values.shape[1:], np.nan)
        return nothing, nothing, nothing
    columns = values.reshape(len(values), -1)
    gaps = np.isnan(columns).sum(axis=0)
    found = np.full((3, columns.shape[1]), np.nan)
    # numpy takes columns with gaps one by one, so only those that need it go there
    for method, those in ((np.quantile, gaps == 0), (np.nanquantile, (gaps > 0) & (gaps < len(values)))):
        if those.any():
            found[:, those] = method(columns[:, those], (0.1, 0.5, 0.9), axis=0, method="median_unbiased")
    low, middle, high = found.reshape(3, *values.shape[1:])
    return low, middle, high


def order_ranks(n: int, p: float, level: float = 0.95) -> tuple[int, int] | None:
    """Ranks (from 1) of the order statistics that enclose the p-quantile with probability of at least `level`.

    Binomial ranks with equal tails (David & Nagaraja 2003, 7.1). None when n is too small: P10 and P90 at 95% need
    36 replications, the median 6.

    >>> order_ranks(50, 0.1), order_ranks(35, 0.1)
    ((1, 10), None)
    """
    tail = (1 - level) / 2
    at_most = special.bdtr(np.arange(n + 1, dtype=np.float64), n, p)  # P(at most k of n lie below the quantile)
    low = int(np.searchsorted(at_most, tail, side="right"))  # largest l with P(fewer than l) <= tail
    high = int(np.searchsorted(at_most, 1 - tail, side="left")) + 1  # smallest u with P(u or more) <= tail
    return (low, high) if low >= 1 and high <= n else None


def quantile_estimate(x: ArrayLike, p: float, level: float = 0.95) -> QuantileEstimate:
    """Quantile p of the outcomes over replications (axis 0) with its interval by ranks."""
    values = np.sort(np.asarray(x, np.float64), axis=0)
    n = values.shape[0]
    nothing = np.full(values.shape[1:], np.nan)
    middle = np.quantile(values, p, axis=0, method="median_unbiased") if n else nothing
    ranks = order_ranks(n, p, level)
    if ranks is None:
        return QuantileEstimate(middle, nothing, nothing, False)
    return QuantileEstimate(middle, values[ranks[0] - 1], values[ranks[1] - 1], True)
