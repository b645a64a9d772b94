"""Many statements at once: Holm's step-down and simultaneous intervals."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from simfunnel.arrays import Floats
from simfunnel.stats.intervals import t_quantile

Verdict = Literal["better", "worse", "higher", "lower", "no detectable difference"]
DETECTED_AT = 0.05


def holm_adjust(p_values: ArrayLike) -> Floats:
    """Return adjusted p-values of several comparisons with one base, in the order given (Holm 1979).

    Rejecting those below a keeps the chance of any false claim below a, whatever the dependence. `p_values`: [plans]
    or [plans, metrics] (adjusted over plans). An unknown p-value (nan) stays unknown and counts as a comparison.

    >>> holm_adjust([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, axis=0, kind="stable")
    left = np.arange(p.shape[0], 0, -1, dtype=np.float64).reshape((-1,) + (1,) * (p.ndim - 1))
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, axis=0) * left, axis=0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=0)
    return adjusted


def verdict(difference: float, adjusted_p: float, better: str, detected_at: float = DETECTED_AT) -> Verdict:
    """Return what may be said of a difference: plan minus base, at an adjusted p-value.

    `better`: the metric's direction, "higher", "lower", or "" for a metric that is neither; then the verdict is
    "higher" or "lower". A nan on any side is no detectable difference.
    """
    if not adjusted_p < detected_at or difference == 0 or np.isnan(difference):
        return "no detectable difference"
    if better == "":
        return "higher" if difference > 0 else "lower"
    return "better" if (difference > 0) == (better == "higher") else "worse"


NODES = 64
REACH = 8.5  # beyond so many standard deviations a normal has nothing left to add
HALVINGS = 45


@cache
def dunnett_point(rivals: int, df: int, level: float = 0.95) -> float:
    """Return the `level` point of the largest of `rivals` t variables with `df` degrees and common correlation 1/2.

    One level against all others, one-sided (Dunnett 1955): with T_i = (Z_i - Z_0) / (S sqrt 2) it solves
    E[Phi(Z_0 + g S sqrt 2)^rivals] = level, by quadrature over Z_0 and S. With one rival it is the quantile of
    Student's t. `level` is at least 0.5. ValueError without a rival or without a degree of freedom.

    >>> [round(dunnett_point(k - 1, (k - 1) * 19), 3) for k in (5, 10, 20)]
    [2.197, 2.437, 2.642]
    """
    if rivals < 1 or df < 1:
        raise ValueError(f"needs a rival and a degree of freedom, not {rivals} and {df}")
    if rivals == 1:
        return t_quantile(level, df)
    high = t_quantile(1 - (1 - level) / rivals, df)  # Bonferroni's point is never too small
    return _solve(lambda z, width: special.ndtr(z + width) ** rivals, df, level, high)


@cache
def tukey_point(levels: int, df: int, level: float = 0.95) -> float:
    """Return the `level` point of the largest of all differences of `levels` levels over their own standard error.

    All pairs, two-sided: the studentized range over sqrt 2 (Tukey 1953). With two levels it is the two-sided quantile
    of Student's t. ValueError below two levels or without a degree of freedom.

    >>> round(tukey_point(3, 20), 3)  # 3.578 / sqrt 2 in the tables
    2.53
    """
    if levels < 2 or df < 1:
        raise ValueError(f"needs two levels and a degree of freedom, not {levels} and {df}")
    high = t_quantile(1 - (1 - level) / (levels * (levels - 1)), df)

    def within(z: Floats, width: Floats) -> Floats:
        return np.asarray(levels * (special.ndtr(z) - special.ndtr(z - width)) ** (levels - 1))

    return _solve(within, df, level, high)


def _solve(chance: Callable[[Floats, Floats], Floats], df: int, level: float, high: float) -> float:
    """The g at which the mean of chance(z, g S sqrt 2) over a normal z and S = sqrt(chi2 / df) is `level`."""
    at, weights = np.polynomial.legendre.leggauss(NODES)
    spread = np.sqrt(2 * special.chdtri(df, (1 - at) / 2) / df)
    z = np.linspace(-REACH, REACH, 2 * NODES + 1)
    density = np.exp(-z * z / 2)
    low = 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = float(density @ chance(z[:, None], middle * spread) @ weights / density.sum() / 2)
        low, high = (middle, high) if found < level else (low, middle)
    return (low + high) / 2
