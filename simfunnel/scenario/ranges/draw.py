"""The same scenario with other numbers: what studies ask for who move inputs or draw them from their ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from simfunnel.errors import Path, Problem, ScenarioError, path_text
from simfunnel.scenario.change.overrides import Draft, with_value
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.change.paths import concrete, named
from simfunnel.scenario.change.what_if import ROOT, WhatIf
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import range_at
from simfunnel.scenario.ranges.ranges import TypedRange
from simfunnel.scenario.read.mistakes import located, validated
from simfunnel.scenario.tell.as_typed import assumptions

Known = set[tuple[Path, str]]


def ranges_of(scenario: Scenario, what_ifs: Sequence[str] = ()) -> tuple[TypedRange, ...]:
    """Every number of a scenario typed as a range, in the order of its lines, then those that named what-ifs set.

    The path of one in a what-if is that of its setting: `what_ifs.slower."handoff.default.delay"`.
    """
    found = {each.path: each for each in scenario.ranges}
    context = {"currency": scenario.currency}
    for name in what_ifs:
        for item in scenario.what_ifs[name].items:
            target = concrete(scenario.raw, parse_path(item.path))[0]
            typed = range_at(target, item.value, context, scenario.raw)
            if typed is not None:
                path = path_text(item.owner)
                found[path] = replace(typed, path=path, at=item.owner)
    return tuple(found.values())


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """The scenario with values set by path, as `--set` would: the base itself changes, and what-ifs are built on it.

    A value is what a file would hold (`TypedRange.typed` makes it from a number); ranges at other paths stay ranges.
    The path of a what-if's setting sets the value there, in every what-if that builds on it.
    Raises ScenarioError when a path or a value, or what they mean together, does not hold.
    """
    draft = Draft(scenario.raw, scenario.places)
    problems: list[Problem] = []
    for path, value in values.items():
        if path.startswith(f"{ROOT}."):
            continue
        try:
            draft.set(path, value)
        except FieldError as error:
            problems.append(Problem((), f"{path}={value}", error.rule, error.remedy, file=scenario.file))
    if problems:
        raise ScenarioError(problems)
    what_ifs = {name: _with_settings(what_if, values) for name, what_if in scenario.what_ifs.items()}
    found = validated(draft.data, scenario.folder, scenario.readings, extra={ROOT: what_ifs})
    wrong = found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]
    if wrong or isinstance(found, list):
        raise ScenarioError(located(problem, draft.data, draft.places) for problem in wrong)
    origin = replace(scenario.origin, raw=dict(draft.data), places=draft.places)
    base = {key: value for key, value in draft.data.items() if key != ROOT}
    return found.with_origin(origin, assumptions(found, base), scenario.warnings)


def _with_settings(what_if: WhatIf, values: Mapping[str, Any]) -> WhatIf:
    owned = [(item, path_text(item.owner)) for item in what_if.items]
    return WhatIf(what_if.name, tuple(item._replace(value=values.get(path, item.value)) for item, path in owned))


def wrong_ends(scenario: Scenario, ranges: Iterable[TypedRange], known: Known) -> list[Problem]:
    """What each end of some ranges would make wrong, all else at the middle, told at the range, without places.

    `known`: paths and rules of what is wrong anyway.
    """
    problems = []
    for each in ranges:
        for number in (each.low, each.high):
            data = with_value(scenario.raw, each.at, each.typed(number))
            found = validated(data, scenario.folder, scenario.readings, extra={ROOT: scenario.what_ifs})
            wrong = found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]
            problems += [_at_end(each, number, p, data) for p in wrong if (p.path, p.rule) not in known]
    return problems


def _at_end(each: TypedRange, number: float, problem: Problem, data: Mapping[str, Any]) -> Problem:
    there = "" if problem.path == each.at else f"{path_text(named(problem.path, data))} "
    return Problem(each.at, each.text, f"at its end {each.words(number)}, {there}{problem.rule}", problem.remedy)
