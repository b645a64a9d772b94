"""Who does the work of a study, who hears how far it is, and how many replications it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from simfunnel.engine import AUTO
from simfunnel.errors import StoppedError
from simfunnel.stats import StopRule, replication_checks
from simfunnel.study.years.calls import run_calls

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Replications = int | Literal["auto"]
Progress = Callable[[str, int, int], None]

COMPILING, CALIBRATING, SIMULATING, WRITING = "compiling", "calibrating", "simulating", "writing ledgers"
NOTHING_DONE = "stopped before the first simulated year was finished"
STOPPED_EARLY = "stopped early: only what was finished is shown"


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
            raise StoppedError(NOTHING_DONE)

    def run_one(self, call: Callable[[Item], Answer], item: Item) -> Answer:
        """Answer one item by whoever does the work; raises StoppedError when it was stopped before."""
        for answer in self.run(call, [item]):
            return answer
        raise StoppedError(NOTHING_DONE)

    def run(
        self,
        call: Callable[[Item], Answer],
        items: Sequence[Item],
        step: str = "",
        *,
        each: int = 1,
        before: int = 0,
        total: int | None = None,
    ) -> list[Answer]:
        """Answer the items as `run_calls` does, fewer when stopped; tell how far a step is, if one is named.

        An item counts `each`, what was done `before` counts too; `total`: by default that of the items.
        """
        most = before + each * len(items) if total is None else total
        return run_calls(
            call,
            items,
            executor=self.executor,
            workers=self.workers,
            on_done=(lambda done: self.tell(step, min(before + each * done, most), most)) if step else None,
            stop=self.stop,
        )


class Meter:
    """How far a study of several searches is, in simulated years: one bar for all of them."""

    def __init__(self, work: Work) -> None:
        self._outer = work
        self.work = replace(work, on_progress=self.tell)
        self.done = 0
        self._before = 0
        self._expected = 0

    def expect(self, years: int) -> None:
        """Take so many years to be still to come."""
        self._expected = self.done + years

    def expect_in_all(self, years: int) -> None:
        """Take so many years to be done in the end, unless more are expected."""
        self._expected = max(self._expected, years)

    def tell(self, step: str, done: int, total: int) -> None:
        """Pass on how far the study is, of all its searches when one of them tells of simulated years."""
        if step != SIMULATING:
            self._outer.tell(step, done, total)
            return
        if done == 0:
            self._before = self.done
        self.done = self._before + done
        self._outer.tell(step, self.done, max(self._expected, self._before + total))


def checks_of(replications: Replications, rule: StopRule) -> tuple[int, ...]:
    """Return the numbers of replications at which a study may end, the last being the most there will be.

    30, 40, ... 400 for "auto"; raises ValueError for a number below 1.
    """
    if replications == "auto":
        return replication_checks(rule)
    if replications < 1:
        raise ValueError(f"{replications} replications: at least 1 is needed")
    return (replications,)
