"""Typed views of a ledger table's columns."""

from __future__ import annotations

import numpy as np

from simfunnel.ledger.model import Table
from simfunnel.plan.model import Floats, Ints


class Columns:
    """A table of the ledger, each column as float64 or int64; converted once, KeyError for an unknown name."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ints: dict[str, Ints] = {}

    def __len__(self) -> int:
        return len(next(iter(self._table.values())))

    def floats(self, name: str) -> Floats:
        """A column of hours, money, points or log-odds."""
        return self._table[name].astype(np.float64, copy=False)

    def ints(self, name: str) -> Ints:
        """A column of rows, numbers or codes."""
        if name not in self._ints:
            self._ints[name] = self._table[name].astype(np.int64)
        return self._ints[name]
