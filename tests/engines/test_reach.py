"""The random scenarios reach everything: what may be typed, what a plan may hold, what a ledger may say, every line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from simfunnel import engine
from simfunnel.engine import reference
from simfunnel.scenario import phases_of
from simfunnel.verify.random import RandomScenario, random_scenario
from tests.engines import reach
from tests.engines.agree import by_every_engine
from tests.engines.events import EVENTS, in_run

NUMBERS = 500
TRACED = 200


def reached_by(found: RandomScenario) -> set[str]:
    """What a scenario, its plan and its ledger reach; every engine writes the same ledger."""
    spec = phases_of(found.scenario, list(found.what_if), found.start)
    ledger = by_every_engine(found.plan, found.seed, found.replication)
    things = {thing for _, scenario in spec.phases for thing in reach.typed(scenario)}
    return {*things, *reach.in_plan(found.plan), *reach.in_ledger(ledger), *in_run(found.plan, ledger)}


def test_every_distribution_of_a_plan_is_looked_at() -> None:
    assert set(reach.DISTRIBUTIONS) == reach.distributed()


@pytest.mark.slow
def test_random_scenarios_are_the_same_by_every_engine_and_reach_everything() -> None:
    """Every field of the schema and every word it knows; every distribution in every family it may have, every mixture
    of rules; every outcome, decision and end; every kind of event. As many are drawn as it takes.
    """
    wanted = reach.schema() | reach.rules() | reach.codes() | set(EVENTS)
    for number in range(NUMBERS):
        if not wanted:
            break
        wanted -= reached_by(random_scenario(number))
    assert sorted(wanted) == []


# ---------------------------------------------------------------------- every line of the engine that is the model


def lines_of(code: CodeType) -> set[int]:
    """The lines of a piece of code and of all within it."""
    found = {line for _, _, line in code.co_lines() if line is not None and line != code.co_firstlineno}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= lines_of(inner)
    return found


class Lines:
    """Strikes the lines that run off those that have to; code of which none is left runs untraced."""

    def __init__(self, files: list[Path]) -> None:
        self.left = {str(file): bodies(file) for file in files}
        self.of: dict[CodeType, set[int]] = {}

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        left = self.left.get(code.co_filename)
        if not left:
            return None
        if code not in self.of:
            self.of[code] = lines_of(code) & left
        return self.line if self.of[code] & left else None

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        self.left[frame.f_code.co_filename].discard(frame.f_lineno)
        return self.line


def bodies(file: Path) -> set[int]:
    """The lines of a file that run when its functions are called, not when it is imported."""
    module = compile(file.read_text(encoding="utf-8"), str(file), "exec")
    found: set[int] = set()
    waiting = [code for code in module.co_consts if isinstance(code, CodeType)]
    while waiting:
        code = waiting.pop()
        if code.co_flags & 0x02:  # a function; a class body runs at import
            found |= lines_of(code)
        else:
            waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return found


@contextmanager
def traced_by(lines: Lines) -> Iterator[None]:
    """Trace what runs here, but no line of what makes the plan."""
    before = sys.gettrace()
    sys.settrace(lines)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.slow
def test_every_line_of_the_reference_engine_is_reached() -> None:
    files = sorted(Path(str(reference.__file__)).parent.glob("*.py"))
    lines = Lines(files)
    for number in range(TRACED):
        if not any(lines.left.values()):
            break
        found = random_scenario(number)
        with traced_by(lines):
            engine.simulate(found.plan, found.seed, found.replication, "simpy")
    assert [f"{Path(file).name}:{line}" for file, left in lines.left.items() for line in sorted(left)] == []
