"""The same scenario with other numbers: what studies ask for who move inputs or draw them from their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simfunnel.errors import Path, Problem, ScenarioError, path_text
from simfunnel.scenario.assumed import assumptions
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.fields import FieldError
from simfunnel.scenario.mistakes import located, validated
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.overrides import Draft, with_value
from simfunnel.scenario.paths import named
from simfunnel.scenario.ranges import TypedRange
from simfunnel.scenario.whatif import ROOT

Known = set[tuple[Path, str]]


def ranges_of(scenario: Scenario) -> tuple[TypedRange, ...]:
    """Every number of a scenario that is typed as a range, in the order of its lines."""
    return scenario.ranges


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with values set by path, as `--set` would: the base itself changes, and what-ifs are built on it.

    A value is what a file would hold (`TypedRange.typed` makes it from a number); ranges at other paths stay ranges.
    Raises ScenarioError when a path or a value, or what they mean together, does not hold.
    """
    draft = Draft(scenario.raw, scenario.places)
    problems: list[Problem] = []
    for path, value in values.items():
        try:
            draft.set(path, value)
        except FieldError as error:
            problems.append(Problem((), f"{path}={value}", error.rule, error.remedy, file=scenario.file))
    if problems:
        raise ScenarioError(problems)
    found = validated(draft.data, scenario.folder, extra={ROOT: scenario.what_ifs})
    wrong = found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]
    if wrong or isinstance(found, list):
        raise ScenarioError(located(problem, draft.data, draft.places) for problem in wrong)
    origin = Origin(dict(draft.data), scenario.file, scenario.sha256, draft.places, scenario.folder)
    base = {key: value for key, value in draft.data.items() if key != ROOT}
    return found.with_origin(origin, assumptions(found, base), scenario.warnings)


def wrong_ends(scenario: Scenario, ranges: Iterable[TypedRange], known: Known) -> list[Problem]:
    """What each end of some ranges would make wrong, all else at the middle, told at the range, without places.

    `known`: paths and rules of what is wrong anyway.
    """
    problems = []
    for each in ranges:
        for number in (each.low, each.high):
            data = with_value(scenario.raw, each.at, each.typed(number))
            found = validated(data, scenario.folder, extra={ROOT: scenario.what_ifs})
            wrong = found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]
            problems += [_at_end(each, number, p, data) for p in wrong if (p.path, p.rule) not in known]
    return problems


def _at_end(each: TypedRange, number: float, problem: Problem, data: Mapping[str, Any]) -> Problem:
    there = "" if problem.path == each.at else f"{path_text(named(problem.path, data))} "
    return Problem(each.at, each.text, f"at its end {each.words(number)}, {there}{problem.rule}", problem.remedy)
