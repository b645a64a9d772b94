"""Rows on their way into a ledger table: kept as tuples in small batches, as columns otherwise."""

from __future__ import annotations

import numpy as np

from simfunnel.ledger import Table
from simfunnel.ledger.columns import TABLES

BATCH = 8192

# what becomes of a lead, on its way into the columns of `leads`
ENDS = (
    ("lead", "i4"), ("outcome", "i1"), ("closed_at", "f8"), ("quality", "f8"),
    ("passes", "i2"), ("entries", "i2"), ("effort", "f8"), ("wasted", "f8"),
)  # fmt: skip


class Recorder:
    """Takes rows one by one and hands them out as a table; memory is that of the columns plus one batch."""

    def __init__(self, name: str) -> None:
        self.columns = list(ENDS) if name == "ends" else [(column.name, column.dtype) for column in TABLES[name]]
        self.rows: list[tuple[float, ...]] = []
        self.batches: list[list[np.ndarray]] = []

    def add(self, row: tuple[float, ...]) -> None:
        """One row, in the order of the table's columns."""
        self.rows.append(row)
        if len(self.rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if self.rows:
            columns = zip(*self.rows, strict=True)
            self.batches.append(
                [np.array(values, dtype=dtype) for values, (_, dtype) in zip(columns, self.columns, strict=True)]
            )
            self.rows = []

    def table(self, before: Table | None = None) -> Table:
        """All rows as columns, after those of `before`, sorted by lead (within a lead as they were added)."""
        self._flush()
        order = None
        table: Table = {}
        for i, (name, dtype) in enumerate(self.columns):
            parts = [batch[i] for batch in self.batches]
            if before is not None:
                parts.insert(0, before[name])
            column = np.concatenate([np.empty(0, dtype), *parts]).astype(dtype, copy=False)
            if order is None:
                order = np.argsort(column, kind="stable")
            table[name] = column[order]
            for batch in self.batches:
                batch[i] = np.empty(0)
        return table
