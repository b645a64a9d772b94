"""The Ledger: all that an engine writes, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfunnel.ledger.columns import TABLES

Table = dict[str, NDArray[Any]]


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
        """The table called `name` (a key of `columns.TABLES`)."""
        found: Table = getattr(self, name)
        return found


def empty_table(name: str) -> Table:
    """A table of `columns.TABLES` without rows, with the right dtypes."""
    return {column.name: np.empty(0, dtype=column.dtype) for column in TABLES[name]}
