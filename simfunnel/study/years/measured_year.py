"""Simulated years as calls to a worker: which plans in which replications, and what is kept of their ledgers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, PairChanges, Wanted, measure, pair_changes
from simfunnel.plan import Plan
from simfunnel.study.years.packing import unpacked

Seen = TypeVar("Seen")
Simulated = Iterator[tuple[Plan, Ledger]]


@dataclass(frozen=True)
class Call(Generic[Seen]):
    """Some years to simulate, `cases` of (place among the packed plans, replication); `look` makes the answer."""

    parcel: bytes
    cases: tuple[tuple[int, int], ...]
    seed: int
    engine: str
    look: Callable[[Simulated], Seen]

    def __str__(self) -> str:
        years = sorted({replication + 1 for _, replication in self.cases})
        few = f"year {years[0]}" if len(years) == 1 else f"years {years[0]} to {years[-1]}"
        return f"simulated {few} of seed {self.seed}"


def simulate_call(call: Call[Seen]) -> Seen:
    """Simulate the years of a call, one at a time, and return what its `look` makes of them; ledgers stay here."""
    plans = unpacked(call.parcel)
    return call.look(
        (plans[place], simulate(plans[place], call.seed, replication, call.engine)) for place, replication in call.cases
    )


class Measured(NamedTuple):
    """Numbers of every year of a call; of a pair also changes of outcome from the first year to each other."""

    numbers: tuple[Floats, ...]
    changes: tuple[PairChanges, ...] = ()
    ledger: Ledger | None = None  # of the first year, where it is kept


def measured(years: Simulated, wanted: Wanted) -> Measured:
    """Measure some years."""
    return Measured(tuple(numbers_of(plan, ledger, wanted) for plan, ledger in years))


def measured_pairs(years: Simulated, wanted: Wanted, keep_ledger: bool = False) -> Measured:
    """Measure the years of one replication under several plans, and pair the leads of the first with those of each."""
    first, base = next(years)
    numbers, changes = [numbers_of(first, base, wanted)], []
    for plan, ledger in years:
        numbers.append(numbers_of(plan, ledger, wanted))
        changes.append(pair_changes(first, base, plan, ledger))
    return Measured(tuple(numbers), tuple(changes), base if keep_ledger else None)


def numbers_of(plan: Plan, ledger: Ledger, wanted: Wanted = EVERYTHING) -> Floats:
    """Return [2, keys] numerators and denominators of some metrics of a year; the keys follow from the plan."""
    found = measure(plan, ledger, wanted)
    return np.stack([found.numerator, found.denominator])
