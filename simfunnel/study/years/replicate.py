"""The loop over replications: how many, by whom, when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO
from simfunnel.errors import StoppedError
from simfunnel.ledger import Ledger
from simfunnel.metrics import EVERYTHING, Key, PairChanges, Wanted, add_changes, keys_of
from simfunnel.plan import Plan
from simfunnel.stats import Precision, StopRule, precision_of, replication_checks
from simfunnel.study.years.calls import IN_FLIGHT_PER_WORKER, run_tasks
from simfunnel.study.years.measured_year import Item, ItemResult, simulate_item
from simfunnel.study.years.samples import ROWS_A_PART, Part, Samples, packed_rows

Replications = int | Literal["auto"]
Progress = Callable[[str, int, int], None]
OnLedger = Callable[[int, Ledger], None]

COMPILING, CALIBRATING, SIMULATING, WRITING = "compiling", "calibrating", "simulating", "writing ledgers"
REVENUE = Key("revenue")
DONE = ItemResult((), ())  # an item of which all is kept elsewhere


@dataclass(frozen=True)
class Work:
    """Who does the work of a study and on which engine, who hears how far it is, and who may stop it.

    `on_progress(step, done, total)`: step is "compiling", "calibrating" or "simulating". `executor` None: this process.
    """

    executor: Executor | None = None
    workers: int = 1
    on_progress: Progress | None = None
    stop: Callable[[], bool] | None = None
    engine: str = AUTO

    @property
    def stopped(self) -> bool:
        """Whether someone asked to stop."""
        return self.stop is not None and self.stop()

    def tell(self, step: str, done: int, total: int) -> None:
        """Pass on how far the study is."""
        if self.on_progress is not None:
            self.on_progress(step, done, total)

    def tell_or_leave(self, step: str, done: int, total: int) -> None:
        """Pass on how far the study is; raises StoppedError when it was stopped meanwhile."""
        self.tell(step, done, total)
        if self.stopped:
            raise StoppedError("stopped before the first simulated year was finished")


@dataclass(frozen=True)
class Replicated:
    """All replications of all plans, in order: an item each, the numbers as samples by plan.

    `changes`: of outcome from the first plan to each other, summed over the replications.
    """

    items: tuple[ItemResult, ...]
    samples: tuple[Samples, ...]
    precision: Precision
    cancelled: bool
    changes: tuple[PairChanges, ...] = ()


def replicate(
    plans: Sequence[Plan],
    seed: int,
    replications: Replications,
    precision: float,
    work: Work,
    on_ledger: OnLedger | None = None,
    beside: float = 0.0,
    wanted: Wanted = EVERYTHING,
) -> Replicated:
    """Simulate every plan in replications 0, 1, ...; the base comes first in `plans`.

    "auto" checks at 30, 40, ... 400 whether the half-width of every plan's revenue difference (of one plan: of its mean
    revenue) is below `precision` of the base's revenue. A stop keeps the replications that are finished. `on_ledger` is
    called with the number of every replication that counts and the first plan's ledger, in order. `beside`: share of
    mean revenue's half-width that no replication makes smaller. `wanted`: what is measured, revenue among it.

    Raises StoppedError when none is, ValueError for a number of replications below 1.
    """
    if replications != "auto" and replications < 1:
        raise ValueError(f"{replications} replications: at least 1 is needed")
    rule = StopRule(relative=precision)
    done, cancelled = _Done(plans, wanted), False

    def item(replication: int) -> Item:
        return Item(tuple(plans), seed, replication, work.engine, on_ledger is not None, wanted)

    for upto in replication_checks(rule) if replications == "auto" else (replications,):
        cancelled = not _extend(done, item, upto, work, on_ledger)
        if cancelled or precision_of(*done.revenues(), rule, beside).stop:
            break
    if not done.items:
        raise StoppedError("stopped before the first simulated year was finished")
    found = precision_of(*done.revenues(), rule, beside)
    return Replicated(tuple(done.items), done.samples(), found, cancelled, tuple(done.changes))


class _Done:
    """What is finished: the numbers of every plan packed as they come, what else the items brought back, revenues."""

    def __init__(self, plans: Sequence[Plan], wanted: Wanted) -> None:
        self._keys = [keys_of(plan, wanted) for plan in plans]
        self._parts: list[list[Part]] = [[] for _ in plans]
        self.changes = [add_changes([]) for _ in plans[1:]]
        self.items: list[ItemResult] = []

    def add(self, found: Sequence[ItemResult]) -> None:
        """Keep what some more items brought back; their ledgers are not kept."""
        for place, parts in enumerate(self._parts):
            parts += packed_rows([item.numbers[place] for item in found])
        for place, before in enumerate(self.changes):
            self.changes[place] = add_changes([before, *(item.changes[place] for item in found if item.changes)])
        self.items += [DONE] * len(found)

    def samples(self) -> tuple[Samples, ...]:
        """Samples of every plan."""
        pairs = zip(self._keys, self._parts, strict=True)
        return tuple(Samples.of_parts(keys, parts) for keys, parts in pairs)

    def revenues(self) -> tuple[Floats, Floats | None]:
        """[replications] revenues of the first plan, [replications, others] of the others, None without any."""
        if not self.items:
            return np.empty(0), None
        pairs = zip(self._keys, self._parts, strict=True)
        table = np.column_stack([Samples.of_parts(keys, parts).only([REVENUE]).numerator for keys, parts in pairs])
        return table[:, 0], table[:, 1:] if table.shape[1] > 1 else None


def _extend(done: _Done, item: Callable[[int], Item], upto: int, work: Work, on_ledger: OnLedger | None) -> bool:
    """Simulate up to `upto` replications in all; False when stopped before. Few ledgers are in memory at a time."""
    work.tell(SIMULATING, len(done.items), upto)
    at_once = ROWS_A_PART if on_ledger is None else IN_FLIGHT_PER_WORKER * max(1, work.workers)
    while len(done.items) < upto:
        end = min(len(done.items) + at_once, upto)
        _add(done, item, end, upto, work, on_ledger)
        if len(done.items) < end:
            return False
    return True


def _add(done: _Done, item: Callable[[int], Item], end: int, upto: int, work: Work, on_ledger: OnLedger | None) -> None:
    """Simulate up to `end`, and pack what was found, which is let go before more is simulated."""
    start = len(done.items)
    found = run_tasks(
        simulate_item,
        [item(replication) for replication in range(start, end)],
        executor=work.executor,
        workers=work.workers,
        on_done=partial(_tell, work, start, upto),
        stop=work.stop,
    )
    for replication, result in enumerate(found, start):
        if on_ledger is not None and result.ledger is not None:
            on_ledger(replication, result.ledger)
    done.add(found)


def _tell(work: Work, start: int, upto: int, new: int) -> None:
    work.tell(SIMULATING, start + new, upto)
