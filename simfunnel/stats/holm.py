"""Several plans against one base: adjusted p-values, and what may be said in words."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Verdict = Literal["better", "worse", "higher", "lower", "no detectable difference"]
DETECTED_AT = 0.05


def holm_adjust(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjusted p-values of several comparisons with one base, in the order given (Holm 1979).

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
    """What may be said of a difference: plan minus base, at an adjusted p-value.

    `better`: the metric's direction, "higher", "lower", or "" for a metric that is neither; then the verdict is
    "higher" or "lower". A nan on any side is no detectable difference.
    """
    if not adjusted_p < detected_at or difference == 0 or np.isnan(difference):
        return "no detectable difference"
    if better == "":
        return "higher" if difference > 0 else "lower"
    return "better" if (difference > 0) == (better == "higher") else "worse"
