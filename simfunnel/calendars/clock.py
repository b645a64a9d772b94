"""Working time as compiled scalars over open intervals: when is it open, when is work done, how long was it open."""

from __future__ import annotations

import math

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.jit import compiled

_FLOATS = "Array(float64, 1, 'C', readonly=True)"

ROUNDING_H = 1e-9
"""Hours (4 microseconds) by which a sum of floats may miss a closing time and still be that closing time."""


@compiled(f"int64({_FLOATS}, float64)")
def last_opening(opens: Floats, t: float) -> int:
    """Return the index of the last interval that opens at or before `t`; -1 before the first."""
    low, high = 0, len(opens)
    while low < high:
        middle = (low + high) >> 1
        if opens[middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled(f"boolean({_FLOATS}, {_FLOATS}, float64)")
def is_open(opens: Floats, closes: Floats, t: float) -> bool:
    """Return whether `t` lies in an open interval: its opening instant does, its closing instant does not."""
    k = last_opening(opens, t)
    return bool(k >= 0 and t < closes[k])


@compiled(f"float64({_FLOATS}, {_FLOATS}, float64)")
def next_open(opens: Floats, closes: Floats, t: float) -> float:
    """Return the earliest open instant at or after `t`; inf after the last closing."""
    k = last_opening(opens, t)
    if k >= 0 and t < closes[k]:
        return t
    return float(opens[k + 1]) if k + 1 < len(opens) else math.inf


@compiled(f"float64({_FLOATS}, {_FLOATS}, float64, float64)")
def add_working(opens: Floats, closes: Floats, t: float, w: float) -> float:
    """Return the earliest time at which `w` working hours after `t` are done; inf if the calendar ends before.

    Work that fills the day ends at the closing; work that fits into the open interval of `t` ends at exactly t + w;
    none (w <= 0) ends at `t`, open or not.
    """
    if w <= 0.0:
        return t
    k = last_opening(opens, t)
    if k < 0 or t >= closes[k]:
        k += 1
    left = w
    while k < len(opens):
        start = max(t, opens[k])
        end = start + left
        if end < closes[k] - ROUNDING_H:
            return float(end)
        if end <= closes[k] + ROUNDING_H:
            return float(closes[k])
        left -= closes[k] - start
        k += 1
    return math.inf


@compiled(f"float64({_FLOATS}, {_FLOATS}, float64, float64)")
def working_between(opens: Floats, closes: Floats, a: float, b: float) -> float:
    """Open hours in [a, b]; 0 when b <= a."""
    total = 0.0
    k = max(last_opening(opens, a), 0)
    while k < len(opens) and opens[k] < b:
        total += max(min(closes[k], b) - max(opens[k], a), 0.0)
        k += 1
    return total


@compiled(f"float64[::1]({_FLOATS}, {_FLOATS}, {_FLOATS}, {_FLOATS})")
def working_between_each(opens: Floats, closes: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return `working_between` for each pair of `starts` and `ends` (equal lengths)."""
    hours = np.empty(len(starts))
    for i in range(len(starts)):
        hours[i] = working_between(opens, closes, starts[i], ends[i])
    return hours
