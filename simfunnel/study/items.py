"""One work item: every plan of one replication, measured and paired where the ledgers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simfunnel.engine import AUTO, simulate
from simfunnel.metrics import Measures, PairChanges, measure, pair_changes
from simfunnel.plan import Plan


@dataclass(frozen=True)
class Item:
    """The plans of a study (the base first), which replication to run, and on which engine."""

    plans: tuple[Plan, ...]
    seed: int
    replication: int
    engine: str = AUTO

    def __str__(self) -> str:
        return f"simulated year {self.replication + 1} of seed {self.seed}"


class ItemResult(NamedTuple):
    """Measures of each plan, and the changes of outcome from the first plan to each of the others."""

    measures: tuple[Measures, ...]
    changes: tuple[PairChanges, ...]


def simulate_item(item: Item) -> ItemResult:
    """Simulate one replication under every plan; ledgers stay here, only measures are handed back."""
    first, *others = item.plans
    base = simulate(first, item.seed, item.replication, item.engine)
    measures = [measure(first, base)]
    changes = []
    for plan in others:
        ledger = simulate(plan, item.seed, item.replication, item.engine)
        measures.append(measure(plan, ledger))
        changes.append(pair_changes(first, base, plan, ledger))
    return ItemResult(tuple(measures), tuple(changes))
