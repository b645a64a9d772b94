"""One work item: every plan of one replication, measured and paired where the ledgers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfunnel.engine import AUTO, simulate
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, PairChanges, Wanted, measure, pair_changes
from simfunnel.plan import Plan

Numbers = NDArray[np.float64]
"""[2, keys] numerators and denominators of a replication's measures; the keys follow from the plan and stay at home."""


@dataclass(frozen=True)
class Item:
    """The plans of a study (the base first), which replication to run on which engine, what to measure and to keep."""

    plans: tuple[Plan, ...]
    seed: int
    replication: int
    engine: str = AUTO
    keep_ledger: bool = False
    wanted: Wanted = EVERYTHING

    def __str__(self) -> str:
        return f"simulated year {self.replication + 1} of seed {self.seed}"


class ItemResult(NamedTuple):
    """What each plan measures, the changes of outcome from the first plan to each other, and the first's ledger."""

    numbers: tuple[Numbers, ...]
    changes: tuple[PairChanges, ...]
    ledger: Ledger | None = None


def simulate_item(item: Item) -> ItemResult:
    """Simulate one replication under every plan; ledgers stay here unless the item keeps the first plan's."""
    first, *others = item.plans
    base = simulate(first, item.seed, item.replication, item.engine)
    numbers = [numbers_of(first, base, item.wanted)]
    changes = []
    for plan in others:
        ledger = simulate(plan, item.seed, item.replication, item.engine)
        numbers.append(numbers_of(plan, ledger, item.wanted))
        changes.append(pair_changes(first, base, plan, ledger))
    return ItemResult(tuple(numbers), tuple(changes), base if item.keep_ledger else None)


def numbers_of(plan: Plan, ledger: Ledger, wanted: Wanted = EVERYTHING) -> Numbers:
    """The metrics `wanted` of one replication, as they travel."""
    found = measure(plan, ledger, wanted)
    return np.stack([found.numerator, found.denominator])
