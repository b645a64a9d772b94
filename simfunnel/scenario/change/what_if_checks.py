"""What-ifs judged like the base: their fields one by one, their meaning as the plans that they make."""

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
    build_phases,
    checked_settings,
    outside_period,
    owned,
    plan_meaning,
)
from simfunnel.scenario.change.what_if import ROOT, Setting, WhatIf
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.ranges.draw import wrong_ends
from simfunnel.scenario.read.mistakes import located, validated
from simfunnel.scenario.read.places import Places


def what_if_fields(
    what_ifs: Mapping[str, WhatIf], data: Any, origin: Origin, known: Sequence[Problem] = ()
) -> list[Problem]:
    """What is wrong with the paths and values of what-ifs, apart from what is `known` to be wrong with the base.

    `data`: the base's plain values, that come from `origin`.
    """
    base = {(problem.path, problem.rule) for problem in known}
    problems: list[Problem] = []
    for what_if in what_ifs.values():
        try:
            applied = checked_settings(data, origin.places, what_if.items)
        except ScenarioError as error:
            problems += [_composed(problem, what_if, origin.places) for problem in error.problems]
            continue
        for owner, group in groupby(applied, key=lambda item: item.setting.owner[:-1]):
            if owner[1] == what_if.name:  # the others are judged where they are typed
                problems += _values(list(group), data, origin, base)
    return problems


def _composed(problem: Problem, what_if: WhatIf, places: Places) -> Problem:
    """A clash between what-ifs that one builds on, told where they are brought together."""
    if problem.path[1] == what_if.name or not problem.rule.startswith(TWICE):
        return problem
    rule = f"takes from {problem.path[1]} a value that {problem.rule}"
    return places.locate(Problem((ROOT, what_if.name), MISSING, rule, problem.remedy))


def _values(items: Sequence[Applied], data: Any, origin: Origin, base: set[Any]) -> list[Problem]:
    """What is wrong with values set together, in their place, apart from what is wrong with the base."""
    draft = Draft(data)
    problems: list[Problem] = []
    owners: list[tuple[Path, Setting]] = []
    for setting, targets in items:
        try:
            draft.set(setting.path, setting.value)
            owners += [(target, setting) for target in targets]
        except FieldError as error:
            if not {path for path, _ in base} & set(targets):
                problems.append(origin.places.locate(Problem(setting.owner, setting.value, error.rule, error.remedy)))
    found = validated(draft.data, origin.folder, origin.readings) if owners else []
    new = [p for p in found if (p.path, p.rule) not in base] if isinstance(found, list) else []
    return [*problems, *(owned(problem, owners, draft.data, origin.places) for problem in new)]


def judged(scenario: Scenario) -> list[Problem]:
    """Every error and warning about what the base and each what-if mean, with places; the base's are not repeated."""
    todays = meaning(scenario)
    known = {(problem.path, problem.rule) for problem in todays}
    found = [*todays, *wrong_ends(scenario, scenario.ranges, known)]
    problems = [located(problem, scenario.raw, scenario.places) for problem in found]
    for what_if in scenario.what_ifs.values():
        dated = [item for item in what_if.items if item.start is not None]
        late = [s for s in dated if s.start is not None and not _within(scenario, s)]
        problems += [_late(scenario, setting) for setting in late]
        if not late:
            problems += _meant(scenario, what_if, todays)
    return problems


def _within(scenario: Scenario, setting: Setting) -> bool:
    return setting.start is not None and scenario.period.start <= setting.start < scenario.period.stop


def _late(scenario: Scenario, setting: Setting) -> Problem:
    day = setting.start or scenario.period.start
    return scenario.places.locate(outside_period(scenario, day, (*setting.owner[:-1], "from")))


def _meant(scenario: Scenario, what_if: WhatIf, todays: Sequence[Problem]) -> Sequence[Problem]:
    """What the plan of one what-if means that the base does not."""
    try:
        plan = build_phases(scenario, what_if.name, what_if.items)
        return [*plan_meaning(scenario, plan, what_if.items, todays), *_ends(scenario, plan, what_if)]
    except ScenarioError as error:
        return error.problems


def _ends(scenario: Scenario, plan: PlanSpec, what_if: WhatIf) -> list[Problem]:
    """What the ends of ranges that a what-if sets make wrong, told at its settings."""
    applied = checked_settings(scenario.raw, scenario.places, what_if.items, lambda item: object())
    owners = [(target, item.setting) for item in applied for target in item.targets]
    problems = []
    for phase in (plan.base, *(phase for _, phase in plan.phases)):
        own = [each for each in phase.ranges if each not in scenario.ranges]
        known = {(problem.path, problem.rule) for problem in meaning(phase)} if own else set()
        problems += [owned(p, owners, phase.raw, scenario.places) for p in wrong_ends(phase, own, known)]
    return problems
