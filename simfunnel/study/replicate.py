"""The loop over replications: how many, by whom, when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simfunnel.engine import AUTO
from simfunnel.errors import StoppedError
from simfunnel.ledger import Ledger
from simfunnel.metrics import Key, keys_of
from simfunnel.plan import Plan
from simfunnel.stats import Precision, StopRule, precision_of, replication_checks
from simfunnel.study.items import Item, ItemResult, simulate_item
from simfunnel.study.samples import Samples, stacked
from simfunnel.study.tasks import IN_FLIGHT_PER_WORKER, run_tasks

Replications = int | Literal["auto"]
Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
OnLedger = Callable[[int, Ledger], None]

COMPILING, CALIBRATING, SIMULATING, WRITING = "compiling", "calibrating", "simulating", "writing ledgers"
REVENUE = Key("revenue")


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
    """All replications of all plans, in order: what each work item brought back, and as samples by plan."""

    items: tuple[ItemResult, ...]
    samples: tuple[Samples, ...]
    precision: Precision
    cancelled: bool


def replicate(
    plans: Sequence[Plan],
    seed: int,
    replications: Replications,
    precision: float,
    work: Work,
    on_ledger: OnLedger | None = None,
    beside: float = 0.0,
) -> Replicated:
    """Simulate every plan in replications 0, 1, ...; the base comes first in `plans`.

    "auto" checks at 30, 40, ... 400 whether the half-width of every plan's revenue difference (of one plan: of its mean
    revenue) is below `precision` of the base's revenue. A stop keeps the replications that are finished. `on_ledger` is
    called with the number of every replication that counts and the first plan's ledger, in order. `beside`: share of
    mean revenue's half-width that no replication makes smaller.

    Raises StoppedError when none is, ValueError for a number of replications below 1.
    """
    if replications != "auto" and replications < 1:
        raise ValueError(f"{replications} replications: at least 1 is needed")
    rule = StopRule(relative=precision)
    done: list[ItemResult] = []
    cancelled = False

    def item(replication: int) -> Item:
        return Item(tuple(plans), seed, replication, work.engine, on_ledger is not None)

    for upto in replication_checks(rule) if replications == "auto" else (replications,):
        cancelled = not _extend(done, item, upto, work, on_ledger)
        if cancelled or precision_of(*_revenues(plans, done), rule, beside).stop:
            break
    if not done:
        raise StoppedError("stopped before the first simulated year was finished")
    samples = tuple(stacked(keys_of(plan), [item.numbers[place] for item in done]) for place, plan in enumerate(plans))
    return Replicated(tuple(done), samples, precision_of(*_revenues(plans, done), rule, beside), cancelled)


def _extend(
    done: list[ItemResult], item: Callable[[int], Item], upto: int, work: Work, on_ledger: OnLedger | None
) -> bool:
    """Simulate up to `upto` replications in all; False when stopped before. Few ledgers are in memory at a time."""
    work.tell(SIMULATING, len(done), upto)
    at_once = upto if on_ledger is None else IN_FLIGHT_PER_WORKER * max(1, work.workers)
    while len(done) < upto:
        start, end = len(done), min(len(done) + at_once, upto)
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
            done.append(result._replace(ledger=None))
        if len(done) < end:
            return False
    return True


def _tell(work: Work, start: int, upto: int, new: int) -> None:
    work.tell(SIMULATING, start + new, upto)


def _revenues(plans: Sequence[Plan], done: Sequence[ItemResult]) -> tuple[Floats, Floats | None]:
    if not done:
        return np.empty(0), None
    columns = [keys_of(plan).index(REVENUE) for plan in plans]
    table = np.array([[numbers[0, at] for numbers, at in zip(item.numbers, columns, strict=True)] for item in done])
    return table[:, 0], table[:, 1:] if table.shape[1] > 1 else None
