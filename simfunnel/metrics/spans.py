"""Loops over the events of a replication that every metric needs; compiled, because numpy takes several passes each."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Floats, Indices, Ints
from simfunnel.jit import compiled

_FLOATS = "Array(float64, 1, 'C', readonly=True)"
_INTS = "Array(int64, 1, 'C', readonly=True)"
_TABLE = "Array(int32, 2, 'C', readonly=True)"


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


@compiled(f"int64[::1]({_FLOATS}, {_FLOATS}, float64)")
def span_before(edges: Floats, at: Floats, end: float) -> Ints:
    """As `span_of`, but -1 for what does not lie in [0, end)."""
    found = span_of(edges, at)
    for i in range(len(at)):
        if not 0.0 <= at[i] < end:
            found[i] = -1
    return found


@compiled(f"void(int64[::1], int64, {_INTS}, {_INTS})")
def put_part(code: Ints, size: int, part: Ints, row: Ints) -> None:
    """Number each event's cell by one dimension more, in place: `part[row]` of each (-1: none) of `size` parts.

    Without rows `part` is that of each event.
    """
    every = len(row) == 0
    for i in range(len(code)):
        code[i] = code[i] * (size + 1) + part[i if every else row[i]] + 1


@compiled(f"float64[::1]({_INTS}, {_FLOATS}, {_TABLE}, int64)")
def sums_by_split(code: Ints, weight: Floats, into: Indices, places: int) -> Floats:
    """Add up the weights of events (ones, where there are none) by cell, then cells in their order by split.

    `code`: the cell of each event. `into`: [cells, splits] place among `places` of the sum that a cell adds to, 0 for
    what belongs to no part.
    """
    by_cell = np.zeros(len(into))
    if len(weight):
        for i in range(len(code)):
            by_cell[code[i]] += weight[i]
    else:
        for i in range(len(code)):
            by_cell[code[i]] += 1.0
    found = np.zeros(places)
    for cell in range(len(by_cell)):
        if by_cell[cell] != 0.0:
            for split in range(into.shape[1]):
                found[into[cell, split]] += by_cell[cell]
    return found


@compiled(f"int64[::1]({_INTS}, int64, {_INTS})")
def order_by(code: Ints, size: int, order: Ints) -> Ints:
    """Return the rows of `order` by their code in 0 ... size - 1, kept in their order within one: a counting sort."""
    start = np.zeros(size + 1, np.int64)
    for row in order:
        start[code[row] + 1] += 1
    for k in range(size):
        start[k + 1] += start[k]
    found = np.empty(len(order), np.int64)
    for row in order:
        found[start[code[row]]] = row
        start[code[row]] += 1
    return found


@compiled(f"float64[::1]({_FLOATS}, {_INTS}, float64)")
def quantiles(values: Floats, start: Ints, p: float) -> Floats:
    """Return a quantile (linear between order statistics) of the rising values in each part; 0 where a part has none.

    `start`: where the values of each part start, and the last ends.
    """
    found = np.zeros(len(start) - 1)
    for part in range(len(found)):
        count = start[part + 1] - start[part]
        if count:
            rank = (count - 1) * p
            low = int(rank)
            first = start[part] + low
            second = min(first + 1, start[part + 1] - 1)
            found[part] = values[first] + (rank - low) * (values[second] - values[first])
    return found
