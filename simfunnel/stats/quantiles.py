"""Ranges of outcomes: quantiles over replications with rank intervals, and tolerance bounds of periods of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from simfunnel.arrays import Floats


class QuantileEstimate(NamedTuple):
    """A quantile of the outcomes with its interval; not `enough`: n is too small for one, its ends are nan."""

    value: Floats
    low: Floats
    high: Floats
    enough: bool


def outcome_range(x: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return P10, P50 and P90 of the replications (axis 0), unknown values (nan) left out; nan where none is known.

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
    """Return ranks (from 1) of the order statistics that enclose the p-quantile with probability of at least `level`.

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
    """Return the quantile p of the outcomes over replications (axis 0) with its interval by ranks."""
    values = np.sort(np.asarray(x, np.float64), axis=0)
    n = values.shape[0]
    nothing = np.full(values.shape[1:], np.nan)
    middle = np.quantile(values, p, axis=0, method="median_unbiased") if n else nothing
    ranks = order_ranks(n, p, level)
    if ranks is None:
        return QuantileEstimate(middle, nothing, nothing, False)
    return QuantileEstimate(middle, values[ranks[0] - 1], values[ranks[1] - 1], True)


Side = Literal["both", "low", "high"]


@dataclass(frozen=True)
class KeepableRange:
    """`low` to `high` (infinite where nothing is promised), and the share of the replications that kept it."""

    low: float
    high: float
    kept: float


def keepable_range(values: ArrayLike, chance: float, side: Side = "both", level: float = 0.95) -> KeepableRange | None:
    """Return the range that all periods of a replication keep together with probability `chance` or more.

    `values`: [replications, periods], a month's MQLs or its share answered in time; periods unknown (nan) are left
    out. A distribution-free tolerance region (Wald 1943; Tukey 1947): the replications with the lowest period and the
    highest are set aside in turn (one of them only for `side` "low": at least, or "high": at most), as many as leave
    the wanted chance with confidence `level`: setting r of n aside leaves a Beta(n + 1 - r, r) share, whatever the
    distribution and however the periods hang together. None when n is too small: a chance of 90% needs 29 replications
    on one side, 46 on both.
    """
    table = np.asarray(values, np.float64)
    found = keepable_ranges([table[~np.isnan(table).all(axis=1)]], chance, [side], level)
    return found[0] if found is not None else None


def keepable_ranges(
    tables: Sequence[ArrayLike], chance: float, sides: Sequence[Side], level: float = 0.95
) -> tuple[KeepableRange, ...] | None:
    """Return ranges of several things that are all kept in all periods of a replication with probability `chance` or
    more.

    `tables`: [replications, periods] each, of the same replications. As `keepable_range`, with the ends of all ranges
    taking turns at setting a replication aside (Tukey 1947): they hold together, not each for itself. None when
    there are too few replications, see `least_replications`; `kept` is the share that kept them all.
    """
    known = [np.asarray(table, np.float64) for table in tables]
    ends = [(at, end) for at, side in enumerate(sides) for end in ("low", "high") if side in (end, "both")]
    count = len(known[0]) if known else 0
    aside = _set_aside(count, chance, level)
    if not ends or aside < len(ends):
        return None
    least = [np.where(np.isnan(table), np.inf, table).min(axis=1) for table in known]
    most = [np.where(np.isnan(table), -np.inf, table).max(axis=1) for table in known]
    low, high, left = [-np.inf] * len(known), [np.inf] * len(known), np.ones(count, bool)
    for turn in range(aside):
        at, end = ends[turn % len(ends)]
        if end == "low":
            out = int(np.where(left, least[at], np.inf).argmin())
            low[at] = float(least[at][out])
        else:
            out = int(np.where(left, most[at], -np.inf).argmax())
            high[at] = float(most[at][out])
        left[out] = False
    held = [(a >= b) & (c <= d) for a, b, c, d in zip(least, low, most, high, strict=True)]
    kept = float(np.all(held, axis=0).mean())
    return tuple(KeepableRange(bottom, top, kept) for bottom, top in zip(low, high, strict=True))


def least_replications(chance: float, ends: int, level: float = 0.95) -> int:
    """Return replications from which so many ends of ranges can be kept together with probability `chance`.

    >>> least_replications(0.9, 1), least_replications(0.9, 2)
    (29, 46)
    """
    n = ends
    while _set_aside(n, chance, level) < ends:
        n += 1
    return n


def _set_aside(n: int, chance: float, level: float) -> int:
    """The most replications that may be set aside, 0 when none may."""
    aside = np.arange(1, n + 1)
    enough = special.betainc(n + 1 - aside, aside, chance) <= 1 - level
    return int(enough.sum())
