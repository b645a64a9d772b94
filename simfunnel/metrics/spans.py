"""Which span of time each instant lies in; compiled, because every metric asks it of every event."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.jit import compiled

_FLOATS = "Array(float64, 1, 'C', readonly=True)"


@compiled(f"int64[::1]({_FLOATS}, {_FLOATS})")
def span_of(edges: Floats, at: Floats) -> Ints:
    """Return the last of the rising `edges` that is not after each instant; -1 before the first and for nan.

    As `np.searchsorted(edges, at, side="right") - 1`, but quick where neighbours lie in the same span.
    """
    found = np.empty(len(at), np.int64)
    k = -1
    for i in range(len(at)):
        if not at[i] >= edges[0]:  # nan too
            found[i] = -1
            continue
        k = max(k, 0)
        while at[i] < edges[k]:
            k -= 1
        while k + 1 < len(edges) and at[i] >= edges[k + 1]:
            k += 1
        found[i] = k
    return found
