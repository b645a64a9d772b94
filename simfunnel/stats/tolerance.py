"""A range that all periods of a year keep with a wanted chance: what may be promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

Side = Literal["both", "low", "high"]


@dataclass(frozen=True)
class KeepableRange:
    """`low` to `high` (infinite where nothing is promised), and the share of the replications that kept it."""

    low: float
    high: float
    kept: float


def keepable_range(values: ArrayLike, chance: float, side: Side = "both", level: float = 0.95) -> KeepableRange | None:
    """The range that all periods of a replication keep together with probability `chance` or more.

    `values`: [replications, periods], a month's MQLs or its share answered in time; periods unknown (nan) are left
    out. A distribution-free tolerance region (Wald 1943; Tukey 1947): the replications with the lowest period and the
    highest are set aside in turn (one of them only for `side` "low": at least, or "high": at most), as many as leave
    the wanted chance with confidence `level`: setting r of n aside leaves a Beta(n + 1 - r, r) share, whatever the
    distribution and however the periods hang together. None when n is too small: a chance of 90% needs 29 replications
    on one side, 46 on both.
    """
    table = np.asarray(values, np.float64)
    table = table[~np.isnan(table).all(axis=1)]
    aside = _set_aside(len(table), chance, level)
    if aside < (2 if side == "both" else 1):
        return None
    least, most = np.nanmin(table, axis=1), np.nanmax(table, axis=1)
    low, high, left = -np.inf, np.inf, np.ones(len(table), bool)
    for turn in range(aside):
        if side == "low" or (side == "both" and turn % 2 == 0):
            out = int(np.where(left, least, np.inf).argmin())
            low = float(least[out])
        else:
            out = int(np.where(left, most, -np.inf).argmax())
            high = float(most[out])
        left[out] = False
    return KeepableRange(low, high, float(((least >= low) & (most <= high)).mean()))


def _set_aside(n: int, chance: float, level: float) -> int:
    """The most replications that may be set aside, 0 when none may."""
    aside = np.arange(1, n + 1)
    enough = special.betainc(n + 1 - aside, aside, chance) <= 1 - level
    return int(enough.sum())
