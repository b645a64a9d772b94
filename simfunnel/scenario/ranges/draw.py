"""The same scenario with other numbers, for studies that move inputs or draw them from their ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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


def ranges_of(scenario: Scenario, what_ifs: Sequence[str] = ()) -> tuple[TypedRange, ...]:
    """List every number of a scenario typed as a range, in the order of its lines, then those that named what-ifs set.

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
    """Return the scenario with values set by path, as `--set` would: the base itself changes, and with it its what-ifs.

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
    what_ifs = {
        name: WhatIf(name, tuple(i._replace(value=values.get(path_text(i.owner), i.value)) for i in what_if.items))
        for name, what_if in scenario.what_ifs.items()
    }
    found, wrong = _judged(draft.data, scenario, what_ifs)
    if isinstance(found, list) or wrong:
        raise ScenarioError(located(problem, draft.data, draft.places) for problem in wrong)
    origin = replace(scenario.origin, raw=dict(draft.data), places=draft.places)
    base = {key: value for key, value in draft.data.items() if key != ROOT}
    return found.with_origin(origin, assumptions(found, base), scenario.warnings)


def _judged(
    data: Mapping[str, Any], scenario: Scenario, what_ifs: Mapping[str, WhatIf]
) -> tuple[Scenario | list[Problem], list[Problem]]:
    """Return the scenario of changed values, or its problems, and all that makes it wrong."""
    found = validated(data, scenario.folder, scenario.readings, extra={ROOT: what_ifs})
    return found, found if isinstance(found, list) else [p for p in meaning(found) if p.severity == "error"]


def wrong_ends(scenario: Scenario, ranges: Iterable[TypedRange], known: Collection[tuple[Path, str]]) -> list[Problem]:
    """Return what each end of some ranges would make wrong, all else at the middle, told at the range, without places.

    `known`: paths and rules of what is wrong anyway.
    """
    problems = []
    for each in ranges:
        for number in (each.low, each.high):
            data = with_value(scenario.raw, each.at, each.typed(number))
            for problem in _judged(data, scenario, scenario.what_ifs)[1]:
                if (problem.path, problem.rule) not in known:
                    there = "" if problem.path == each.at else f"{path_text(named(problem.path, data))} "
                    rule = f"at its end {each.words(number)}, {there}{problem.rule}"
                    problems.append(Problem(each.at, each.text, rule, problem.remedy))
    return problems
