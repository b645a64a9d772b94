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
    """Takes rows one by one and hands them out as a table; memory is that of the columns plus one batch.

    Columns have room for more rows than they hold: memory that nothing was written to is not used. One large piece per
    column is given back whole, where many small ones would leave holes.
    """

    def __init__(self, name: str) -> None:
        columns = ENDS if name == "ends" else tuple((column.name, column.dtype) for column in TABLES[name])
        self.rows: list[tuple[float, ...]] = []
        self.written = 0
        self.columns = {column: np.empty(2 * BATCH, dtype) for column, dtype in columns}

    def add(self, row: tuple[float, ...]) -> None:
        """One row, in the order of the table's columns."""
        self.rows.append(row)
        if len(self.rows) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        end = self.written + len(self.rows)
        for name, values in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            column = self.columns[name]
            if end > column.size:
                wider = np.empty(2 * column.size, column.dtype)
                wider[: self.written] = column[: self.written]
                column = self.columns[name] = wider
            column[self.written : end] = values
        self.written, self.rows = end, []

    def table(self, before: Table | None = None) -> Table:
        """All rows as columns, after those of `before`, sorted by lead (within a lead as they were added)."""
        self._flush()
        order = None
        table: Table = {}
        for name in list(self.columns):
            column = self.columns.pop(name)[: self.written]
            if before is not None:
                column = np.concatenate([before[name], column])
            if order is None:
                order = np.argsort(column, kind="stable")
            table[name] = column[order]
        return table
