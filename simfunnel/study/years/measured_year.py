"""One simulated year: plans packed for a worker, simulated, measured and paired where the ledgers are."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO, simulate
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, PairChanges, Wanted, measure, pair_changes
from simfunnel.plan import Plan


def packed(plans: Sequence[Plan]) -> bytes:
    """The plans as bytes; levels of one lever have almost all of their arrays in common."""
    body = io.BytesIO()
    packer = _Packer(body)
    packer.dump(tuple(plans))
    return pickle.dumps((packer.arrays, body.getvalue()), pickle.HIGHEST_PROTOCOL)


@lru_cache(maxsize=4)
def unpacked(parcel: bytes) -> tuple[Plan, ...]:
    """The plans of a parcel; a worker that gets the same parcel again has them at hand."""
    arrays, body = pickle.loads(parcel)
    plans: tuple[Plan, ...] = _Unpacker(io.BytesIO(body), arrays).load()
    return plans


class _Packer(pickle.Pickler):
    """Puts a number in the place of every array; `arrays` has each of them once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.arrays: list[np.ndarray[Any, Any]] = []
        self._places: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def persistent_id(self, obj: object) -> int | None:
        """The number of an array; None for everything else, which is packed as usual."""
        if not isinstance(obj, np.ndarray):
            return None
        content = obj.dtype.str, obj.shape, obj.tobytes()
        place = self._places.setdefault(content, len(self.arrays))
        if place == len(self.arrays):
            self.arrays.append(obj)
        return place


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: Sequence[np.ndarray[Any, Any]]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: int) -> np.ndarray[Any, Any]:
        """The array of a number."""
        return self._arrays[pid]


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

    numbers: tuple[Floats, ...]
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


def numbers_of(plan: Plan, ledger: Ledger, wanted: Wanted = EVERYTHING) -> Floats:
    """The metrics `wanted` of one replication, as they travel."""
    found = measure(plan, ledger, wanted)
    return np.stack([found.numerator, found.denominator])
