"""How much of the spread of outcomes is luck, and how much is not knowing the inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Floats
from simfunnel.stats.intervals import t_quantile
from simfunnel.stats.quantiles import outcome_range

LEAST_DRAWS = 10


@dataclass(frozen=True)
class VarianceSplit:
    """Variance of one period's outcome: `of_luck` with the inputs known, `of_inputs` of the mean as the inputs vary.

    `share` of the spread that is not knowing the inputs, between `low` and `high`; `floored`: the inputs' variance was
    estimated below 0 and is shown as 0. `total`: P10, P50 and P90 of the outcome with both, the total range.
    """

    of_luck: float
    of_inputs: float
    share: float
    low: float
    high: float
    floored: bool
    total: tuple[float, float, float]


def split_variance(values: ArrayLike, level: float = 0.95) -> VarianceSplit:
    """Return two-level design by one-way random effects (Ankenman & Nelson 2012).

    `values`: [draws, replications], every row with inputs drawn anew, and *every cell with a replication of its own*:
    rows that repeat the same replications share their luck, which the rows' means would then hide, and the share comes
    out too small. of_inputs = (MS between - MS within) / m, at least 0; of_luck = MS within. The interval is the
    jackknife over draws of the log of MS between / MS within (Arvesen & Schmitz 1970), which unlike the F interval
    does not lean on normal outcomes. Where nothing varies the share is nan. ValueError below 10 draws or below 2
    replications a draw.
    """
    table = np.asarray(values, np.float64)
    draws, each = table.shape
    if draws < LEAST_DRAWS or each < 2:
        raise ValueError(f"needs {LEAST_DRAWS} draws of 2 replications, not {draws} of {each}")
    lowest, middle, highest = (float(p) for p in outcome_range(table.ravel()))
    total = lowest, middle, highest
    between, within = each * float(table.mean(axis=1).var(ddof=1)), float(_within(table).mean())
    of_inputs = max(0.0, (between - within) / each)
    if between + within == 0.0:
        return VarianceSplit(0.0, 0.0, np.nan, np.nan, np.nan, False, total)
    low, high = _share_interval(table, level)
    share = of_inputs / (of_inputs + within)
    return VarianceSplit(within, of_inputs, share, low, high, between < within, total)


def _within(table: Floats) -> Floats:
    """Variance of each row; taken from its first value, so that a row without luck has exactly none."""
    return np.asarray((table - table[:, :1]).var(axis=1, ddof=1))


def _share_interval(table: Floats, level: float) -> tuple[float, float]:
    """Jackknife over draws on the log of the ratio of mean squares, turned into shares."""
    draws, each = table.shape
    means, variances = table.mean(axis=1), _within(table)
    if variances.sum() == 0.0:
        return 1.0, 1.0
    left_within = (variances.sum() - variances) / (draws - 1)
    centred = means - means.mean()
    squares = (centred**2).sum()
    # leaving out draw i takes n / (n - 1) times its squared distance from the sum of squares
    left_between = each * (squares - draws / (draws - 1) * centred**2) / (draws - 2)
    left = np.log(np.maximum(left_between, np.finfo(float).tiny) / np.maximum(left_within, np.finfo(float).tiny))
    whole = np.log(max(each * squares / (draws - 1), np.finfo(float).tiny) / variances.mean())
    pseudo = draws * whole - (draws - 1) * left
    width = t_quantile(0.5 + level / 2, draws - 1) * float(pseudo.std(ddof=1)) / np.sqrt(draws)
    ratios = (np.exp(pseudo.mean() + side * width) for side in (-1, 1))
    low, high = (float(max(0.0, (ratio - 1) / (ratio - 1 + each))) for ratio in ratios)
    return low, high
