"""Verify this installation: known answers, engines that agree, and theory that agrees."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from itertools import groupby

from simfunnel.engine import AUTO, resolve
from simfunnel.errors import ArgumentError, StoppedError
from simfunnel.study.validated import validated
from simfunnel.study.years.work import Progress, Work
from simfunnel.verify.checks import Answer, Item, Subject, answer, items_of, subjects
from simfunnel.verify.result import Check, VerifyResult, this_machine
from simfunnel.version import __version__

VERIFYING = "checking"


@validated
def verify(
    checks: Sequence[str] = (),
    *,
    random: int = 20,
    full: bool = False,
    engine: str = AUTO,
    seed: int = 1,
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> VerifyResult:
    """Check on this machine that simfunnel computes what it should, and say how far every figure is off.

    Known answers of the random numbers; the same bytes from every engine for the starter scenario and `random` random
    ones; the exact numbers of queueing and selection theory, those that take a minute in all or, if `full`, every one,
    simulated by `engine`. `checks` names some checks ("R02", "philox") instead. `seed`: other luck, other scenarios.
    `executor`: any `concurrent.futures.Executor` with `workers` workers, None for this process. `stop()` is asked
    between checks; what is finished is kept.

    Raises ValueError for a check or engine that there is not, StoppedError when nothing was finished.
    """
    began = time.perf_counter()
    wanted = chosen(checks, random, full)
    items = items_of(wanted, resolve(engine), seed)
    work = Work(executor, workers, on_progress, stop, engine)
    work.tell(VERIFYING, 0, len(items))
    answers = work.run(answer, items, VERIFYING)
    if not answers:
        raise StoppedError("stopped before the first check was finished")
    return VerifyResult(
        version=__version__,
        machine=this_machine(),
        engine=engine,
        seed=seed,
        seconds=time.perf_counter() - began,
        asked=len(wanted),
        checks=tuple(_gathered(items, answers)),
        cancelled=len(answers) < len(items),
    )


def chosen(names: Sequence[str], random: int, full: bool) -> list[Subject]:
    """Return the checks that are named; without names the quick ones, or all. Raises ValueError for a name of none."""
    known = subjects(random)
    for name in names:
        if not any(subject.answers_to(name) for subject in known):
            there_are = ", ".join(dict.fromkeys(subject.name.split()[0] for subject in known))
            raise ArgumentError("checks", f"no check is called {name!r}; there are: {there_are}")
    if names:
        return [subject for subject in known if any(subject.answers_to(name) for name in names)]
    return [subject for subject in known if full or subject.depth == "quick"]


def _gathered(items: Sequence[Item], answers: Sequence[Answer]) -> list[Check]:
    """The answers put together check by check; after a stop a check may lack its last parts."""
    pairs = zip(items, answers, strict=False)
    checks = []
    for subject, parts in groupby(pairs, key=lambda pair: pair[0].subject):
        found = [part for _, part in parts]
        figures = tuple(figure for part in found for figure in part.figures)
        checks.append(Check(subject, figures, sum(part.seconds for part in found)))
    return checks
