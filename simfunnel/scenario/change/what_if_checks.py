"""Checks of what-ifs like those of the base: their fields one by one, their meaning as the plans that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.scenario.change.overrides import Draft
from simfunnel.scenario.change.phases import (
    TWICE,
    Applied,
    PlanSpec,
    at_setting,
    build_phases,
    checked_settings,
    draft_with,
    outside_period,
    owners_of,
    plan_meaning,
)
from simfunnel.scenario.change.what_if import ROOT, WhatIf
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.ranges.draw import wrong_ends
from simfunnel.scenario.read.mistakes import located, validated


def what_if_fields(
    what_ifs: Mapping[str, WhatIf], data: Any, origin: Origin, known: Sequence[Problem] = ()
) -> list[Problem]:
    """Return what is wrong with paths and values of what-ifs, apart from what is `known` to be wrong with the base.

    `data`: the base's plain values, that come from `origin`.
    """
    base = {(problem.path, problem.rule) for problem in known}
    problems: list[Problem] = []
    for what_if in what_ifs.values():
        try:
            applied = checked_settings(data, origin.places, what_if.items)
        except ScenarioError as error:
            for problem in error.problems:
                if problem.path[1] != what_if.name and problem.rule.startswith(TWICE):  # told where they meet
                    rule = f"takes from {problem.path[1]} a value that {problem.rule}"
                    problem = origin.places.locate(Problem((ROOT, what_if.name), MISSING, rule, problem.remedy))
                problems.append(problem)
            continue
        for owner, group in groupby(applied, key=lambda item: item.setting.owner[:-1]):
            if owner[1] == what_if.name:  # the others are judged where they are typed
                problems += _values(list(group), data, origin, base)
    return problems


def _values(items: Sequence[Applied], data: Any, origin: Origin, base: set[tuple[Path, str]]) -> list[Problem]:
    """Return what is wrong with values set together, in their place, apart from what is wrong with the base."""
    draft = Draft(data)
    owners, misfits = draft_with(draft, items, origin.places)
    of_base = {path for path, _ in base}
    problems = [problem for item, problem in misfits if not of_base & set(item.targets)]
    found = validated(draft.data, origin.folder, origin.readings) if owners else []
    new = [p for p in found if (p.path, p.rule) not in base] if isinstance(found, list) else []
    return [*problems, *(at_setting(problem, owners, draft.data, origin.places) for problem in new)]


def meaning_problems(scenario: Scenario) -> list[Problem]:
    """Return every error and warning about what the base and its what-ifs mean, with places; the base's only once."""
    of_base = meaning(scenario)
    known = {(problem.path, problem.rule) for problem in of_base}
    found = [*of_base, *wrong_ends(scenario, scenario.ranges, known)]
    problems = [located(problem, scenario.raw, scenario.places) for problem in found]
    first, stop = scenario.period.start, scenario.period.stop
    for what_if in scenario.what_ifs.values():
        late = [item for item in what_if.items if item.start is not None and not first <= item.start < stop]
        for item in late:
            problem = outside_period(scenario, item.start or first, (*item.owner[:-1], "from"))
            problems.append(scenario.places.locate(problem))
        try:
            if not late:
                plan = build_phases(scenario, what_if.name, what_if.items)
                problems += plan_meaning(scenario, plan, what_if.items, of_base)
                problems += _wrong_ends_of(scenario, plan, what_if)
        except ScenarioError as error:
            problems += error.problems
    return problems


def _wrong_ends_of(scenario: Scenario, plan: PlanSpec, what_if: WhatIf) -> list[Problem]:
    """Return what the ends of ranges that a what-if sets make wrong, told at its settings."""
    owners = owners_of(scenario, what_if.items)
    problems = []
    for phase in (plan.base, *(phase for _, phase in plan.phases)):
        own = [each for each in phase.ranges if each not in scenario.ranges]
        known = {(problem.path, problem.rule) for problem in meaning(phase)} if own else set()
        problems += [at_setting(p, owners, phase.raw, scenario.places) for p in wrong_ends(phase, own, known)]
    return problems
