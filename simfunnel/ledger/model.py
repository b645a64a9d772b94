"""The ledger: what happened to every lead, task and rep in one replication, as typed columns of tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simfunnel.arrays import Array, Floats, Ints
from simfunnel.ledger.columns import TABLES


class Columns:
    """A table of the ledger, each column as float64 or int64; converted once, KeyError for an unknown name."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ints: dict[str, Ints] = {}

    def __len__(self) -> int:
        return len(next(iter(self._table.values())))

    def floats(self, name: str) -> Floats:
        """Return a column of hours, money, points or log-odds."""
        return self._table[name].astype(np.float64, copy=False)

    def ints(self, name: str) -> Ints:
        """Return a column of rows, numbers or codes."""
        if name not in self._ints:
            self._ints[name] = self._table[name].astype(np.int64)
        return self._ints[name]


Table = dict[str, Array]


@dataclass(frozen=True)
class Ledger:
    """Columns of one replication; every table is a dict of equally long arrays named as in `columns`."""

    leads: Table
    passes: Table
    tasks: Table
    entries: Table
    reps: Table
    queues: Table

    def table(self, name: str) -> Table:
        """Return the table called `name` (a key of `columns.TABLES`)."""
        found: Table = getattr(self, name)
        return found


def empty_table(name: str) -> Table:
    """Return a table of `columns.TABLES` without rows, with the right dtypes."""
    return {column.name: np.empty(0, dtype=column.dtype) for column in TABLES[name]}
