"""The loop over replications: how many, by whom, when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simfunnel.engine import AUTO
from simfunnel.errors import StoppedError
from simfunnel.metrics import Key, keys_of
from simfunnel.plan import Plan
from simfunnel.stats import Precision, StopRule, precision_of, replication_checks
from simfunnel.study.items import Item, ItemResult, simulate_item
from simfunnel.study.samples import Samples, stacked
from simfunnel.study.tasks import run_tasks

Replications = int | Literal["auto"]
Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

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

    def tell(self, step: str, done: int, total: int) -> None:
        """Pass on how far the study is."""
        if self.on_progress is not None:
            self.on_progress(step, done, total)

    def tell_or_leave(self, step: str, done: int, total: int) -> None:
        """Pass on how far the study is; raises StoppedError when it was stopped meanwhile."""
        self.tell(step, done, total)
        if self.stop is not None and self.stop():
            raise StoppedError("stopped before the first simulated year was finished")


@dataclass(frozen=True)
class Replicated:
    """All replications of all plans, in order: what each work item brought back, and as samples by plan."""

    items: tuple[ItemResult, ...]
    samples: tuple[Samples, ...]
    precision: Precision
    cancelled: bool


def replicate(plans: Sequence[Plan], seed: int, replications: Replications, precision: float, work: Work) -> Replicated:
    """Simulate every plan in replications 0, 1, ...; the base comes first in `plans`.

    "auto" checks at 30, 40, ... 400 whether the half-width of every plan's revenue difference (of one plan: of its mean
    revenue) is below `precision` of the base's revenue. A stop keeps the replications that are finished.

    Raises StoppedError when none is, ValueError for a number of replications below 1.
    """
    if replications != "auto" and replications < 1:
        raise ValueError(f"{replications} replications: at least 1 is needed")
    rule = StopRule(relative=precision)
    done: list[ItemResult] = []
    cancelled = False
    for upto in replication_checks(rule) if replications == "auto" else (replications,):
        cancelled = not _extend(done, plans, seed, upto, work)
        if cancelled or precision_of(*_revenues(plans, done), rule).stop:
            break
    if not done:
        raise StoppedError("stopped before the first simulated year was finished")
    samples = tuple(stacked(keys_of(plan), [item.numbers[place] for item in done]) for place, plan in enumerate(plans))
    return Replicated(tuple(done), samples, precision_of(*_revenues(plans, done), rule), cancelled)


def _extend(done: list[ItemResult], plans: Sequence[Plan], seed: int, upto: int, work: Work) -> bool:
    """Simulate up to `upto` replications in all; False when stopped before."""
    start = len(done)
    work.tell(SIMULATING, start, upto)
    done += run_tasks(
        simulate_item,
        [Item(tuple(plans), seed, replication, work.engine) for replication in range(start, upto)],
        executor=work.executor,
        workers=work.workers,
        on_done=lambda new: work.tell(SIMULATING, start + new, upto),
        stop=work.stop,
    )
    return len(done) == upto


def _revenues(plans: Sequence[Plan], done: Sequence[ItemResult]) -> tuple[Floats, Floats | None]:
    if not done:
        return np.empty(0), None
    columns = [keys_of(plan).index(REVENUE) for plan in plans]
    table = np.array([[numbers[0, at] for numbers, at in zip(item.numbers, columns, strict=True)] for item in done])
    return table[:, 0], table[:, 1:] if table.shape[1] > 1 else None
