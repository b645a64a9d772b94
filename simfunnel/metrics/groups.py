"""Rows that share a key, brought together without a loop over the keys."""

from __future__ import annotations

import numpy as np

from simfunnel.metrics.facts import Mask
from simfunnel.plan.model import Floats, Ints


class Groups:
    """Rows by key: the keys that occur, rising, and what the rows of each have in common.

    Quickest where the keys nearly rise already, as they do along a ledger's rows.
    """

    def __init__(self, key: Ints) -> None:
        self._order = np.argsort(key, kind="stable")
        ordered = key[self._order]
        self._start = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(key)])
        self.keys: Ints = ordered[self._start]

    def least(self, values: Floats) -> Floats:
        """Smallest value of each key's rows."""
        return np.minimum.reduceat(values[self._order], self._start) if len(self._start) else np.empty(0)

    def any(self, mask: Mask) -> Mask:
        """Whether any of each key's rows is in a mask."""
        return np.logical_or.reduceat(mask[self._order], self._start) if len(self._start) else np.empty(0, bool)

    def first_least(self, values: Floats) -> Ints:
        """The row with the smallest value of each key, the first of several."""
        size = np.diff(np.append(self._start, len(values)))
        group = np.repeat(np.arange(len(size)), size)
        lowest = np.flatnonzero(values[self._order] == self.least(values)[group])
        first = np.append(True, np.diff(group[lowest]) > 0)[: len(lowest)]
        rows: Ints = self._order[lowest[first]]
        return rows
