"""The shipped scenarios, and plans compared with their base: the same leads, the same luck, a fixed seed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from simfunnel import study
from simfunnel.scenario import Scenario, load
from simfunnel.study import WHOLE, CompareResult, Difference, Part

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))
SEED = 20270101


def scenario(name: str, *sets: str) -> Scenario:
    """A shipped scenario, with values set as on the command line."""
    return load(FOLDER / name, sets)


@cache
def compared(name: str, plans: tuple[str, ...], replications: int, *sets: str) -> CompareResult:
    """Plans beside the base of a shipped scenario."""
    return study.compare(scenario(name, *sets), plans, replications=replications, seed=SEED)


def difference(result: CompareResult, metric: str, plan: str, part: Part = WHOLE) -> Difference:
    """The paired difference of a plan to the base."""
    found = result.difference(metric, plan, part)
    assert found is not None, f"{metric} of {plan} was not measured"
    return found


def higher(result: CompareResult, metric: str, plan: str, part: Part = WHOLE) -> bool:
    """Whether the whole 95% interval of the paired difference lies above 0."""
    found = difference(result, metric, plan, part)
    return found.mean - found.half_width > 0.0


def lower(result: CompareResult, metric: str, plan: str, part: Part = WHOLE) -> bool:
    """Whether the whole 95% interval of the paired difference lies below 0."""
    found = difference(result, metric, plan, part)
    return found.mean + found.half_width < 0.0


def value(result: study.RunResult, metric: str, plan: str | None = None, part: Part = WHOLE) -> float:
    """The mean of one metric under one plan (the base unless named)."""
    found = result.estimate(metric, plan, part)
    assert found is not None, f"{metric} of {plan} was not measured"
    return found.mean
