"""Every check of `verify`, and the table of what each proves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from simfunnel.engine import ENGINES, simulate
from simfunnel.errors import SimfunnelError
from simfunnel.verify.cases import CASES
from simfunnel.verify.engines import random_figures, starter_figures
from simfunnel.verify.judging import DEFAULT_SEED, Case, Depth, Figure, Simulate, broken
from simfunnel.verify.known import KNOWN_ANSWERS


def figures_of(case: Case, simulate: Simulate, seed: int = DEFAULT_SEED) -> tuple[Figure, ...]:
    """Return every number of a case beside the exact one; another `seed`, other luck.

    `simulate(plan, seed, replication)` is an engine. Raises EngineError when a ledger breaks an invariant.
    """
    trial = case.build()
    samples = trial.samples(simulate, seed)
    return (*trial.beside, *(figure for judgement in trial.judged for figure in judgement.figures(samples)))


KNOWN, AGREE, THEORY = "known answers", "engines agree", "theory agrees"

# what a broken engine may raise; anything else is a fault of the check
FAULTS = (SimfunnelError, ArithmeticError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Subject:
    """What one check is about. `cost_s`: about how many seconds a core is busy with it."""

    group: str
    name: str
    title: str
    source: str
    cost_s: float
    depth: Depth
    restated: str = ""
    parts: int = 1

    def answers_to(self, word: str) -> bool:
        """Return whether a planner who types `word` means this check: its name, or what its name begins with."""
        return word.casefold() in (self.name.casefold(), self.name.split()[0].casefold())


def subjects(random: int) -> tuple[Subject, ...]:
    """Return every check, `random` scenarios in the one that draws them."""
    known = [Subject(KNOWN, each.name, each.title, each.source, 0.1, "quick") for each in KNOWN_ANSWERS]
    theory = [
        Subject(THEORY, case.name, case.title, case.source, case.cost_s, case.depth, case.restated) for case in CASES
    ]
    found = [Subject(AGREE, "starter", "starter and its what-ifs", "every byte", 6.0, "quick")]
    if random:
        title = f"{random} random scenario{'' if random == 1 else 's'}"
        found.append(Subject(AGREE, "random", title, "every byte", 0.2 * random, "quick", parts=random))
    return (*known, *found, *theory)


@dataclass(frozen=True)
class Item:
    """A part of a check, with the engine that theory is asked of."""

    subject: Subject
    part: int
    engine: str
    seed: int

    def __str__(self) -> str:
        return f"part {self.part + 1} of check {self.subject.name}"


class Answer(NamedTuple):
    """What an item found, and how long it took."""

    figures: tuple[Figure, ...]
    seconds: float


def items_of(wanted: Sequence[Subject], engine: str, seed: int) -> list[Item]:
    """Return the work of some checks, check by check."""
    return [Item(subject, part, engine, seed) for subject in wanted for part in range(subject.parts)]


def answer(item: Item) -> Answer:
    """Do one item; whatever an engine raises becomes a figure that failed."""
    began = time.perf_counter()
    try:
        figures = tuple(_asked(item)())
    except FAULTS as error:
        figures = (broken(item.subject.name, f"{type(error).__name__}: {error}"),)
    return Answer(figures, time.perf_counter() - began)


def _asked(item: Item) -> Callable[[], Sequence[Figure]]:
    name = item.subject.name
    if item.subject.group == KNOWN:
        return next(each.figures for each in KNOWN_ANSWERS if each.name == name)
    if item.subject.group == THEORY:
        case = next(case for case in CASES if case.name == name)
        return partial(figures_of, case, engine_of(item.engine), item.seed)
    engines = {each: engine_of(each) for each in ENGINES}
    if name == "starter":
        return partial(starter_figures, engines, item.seed)
    return partial(random_figures, engines, item.seed, item.part)


def engine_of(name: str) -> Simulate:
    """Return an engine as a function of plan, seed and replication."""
    return partial(simulate, engine=name)
