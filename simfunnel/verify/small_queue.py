"""One rep and a queue by class, as small as a simulation can be: compiled, and nothing of the engines in it."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.jit import compiled


@compiled("void(float64[::1], float64[::1], int64[::1], int64, float64[::1])")
def one_rep_by_class(queued: Floats, effort: Floats, rank: Ints, ranks: int, started: Floats) -> None:
    """Write when one rep starts each task (given in the order of joining): lowest rank first, fifo within a rank.

    All arrays are [tasks]; `rank` runs from 0 to `ranks` - 1.
    """
    n = queued.size
    following = np.full(n, -1, np.int64)
    first, last = np.full(ranks, -1, np.int64), np.full(ranks, -1, np.int64)
    free, i, waiting = 0.0, 0, 0
    while i < n or waiting > 0:
        if waiting == 0 and queued[i] > free:
            free = queued[i]
        while i < n and queued[i] <= free:
            k = rank[i]
            if first[k] < 0:
                first[k] = i
            else:
                following[last[k]] = i
            last[k] = i
            waiting += 1
            i += 1
        k = 0
        while first[k] < 0:
            k += 1
        task = first[k]
        first[k] = following[task]
        waiting -= 1
        started[task] = free
        free += effort[task]
