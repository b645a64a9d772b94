"""Phases made of what-ifs: today's world as the base, then the same world with levers, from date to date.

Beliefs among the settings change the base itself, from the run-in's start; levers begin at their date, else at the
period's start. What-ifs are checked like the base: their fields one by one, their meaning as the plans that they make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Literal, NamedTuple

from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.scenario.change.overrides import Draft
from simfunnel.scenario.change.path_text import did_you_mean, parse_path
from simfunnel.scenario.change.paths import concrete, model_at, named, spot_at
from simfunnel.scenario.change.what_if import ROOT, Setting, WhatIf
from simfunnel.scenario.checks import meaning
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.ranges.inputs import wrong_ends
from simfunnel.scenario.read.mistakes import located, validated
from simfunnel.scenario.read.source import Places

TODAY = "today"
TWICE = "is set twice at one date"
Start = Literal["period", "settled"] | date

_FROZEN = {  # tables and lists to which a what-if can neither add nor take away
    "stages": "a what-if cannot add, rename or remove stages",
    "channels": "a what-if cannot add or remove channels",
    "pools": "a what-if cannot add or remove pools",
}


@dataclass(frozen=True)
class PlanSpec:
    """One plan in scenario form: the base (beliefs applied) and the scenario in force from each date.

    The first phase is in force from the run-in's start (its date is None); later ones from midnight of their date.
    """

    name: str
    base: Scenario
    phases: tuple[tuple[date | None, Scenario], ...]
    settings: tuple[Setting, ...] = ()  # that make it of today's scenario


class Applied(NamedTuple):
    """A setting with the concrete paths it stands for."""

    setting: Setting
    targets: tuple[Path, ...]


def phases_of(scenario: Scenario, what_ifs: Sequence[str] = (), start: Start = "period") -> PlanSpec:
    """Make the plan that named what-ifs make of a scenario; without names, today's.

    `start` says when settings without a date of their own begin: at the period's start, at the run-in's start
    ("settled") or on a date within the period. Raises ScenarioError for unknown names and changes that do not fit.
    """
    problems = [unknown_what_if(scenario, name) for name in what_ifs if name not in scenario.what_ifs]
    if isinstance(start, date) and not scenario.period.start <= start < scenario.period.stop:
        problems.append(outside_period(scenario, start, ("from",)))
    if problems:
        raise ScenarioError(problems)
    settings = [item for name in what_ifs for item in scenario.what_ifs[name].items]
    plan = build_phases(scenario, " + ".join(what_ifs) or TODAY, settings, start)
    if len(what_ifs) > 1 or not set(what_ifs) <= set(scenario.fitting):  # else judged when the scenario was loaded
        _refuse_nonsense(scenario, plan, settings)
    return plan


def phases_with(scenario: Scenario, changes: Mapping[str, Any], start: Start = "period") -> PlanSpec:
    """Make the plan in which some paths have other values, as a what-if of these settings would make it.

    Its name says what is set, `today` when nothing is. Raises ScenarioError for changes that do not fit, told at the
    place of what they change, and for a date outside the period.
    """
    if isinstance(start, date) and not scenario.period.start <= start < scenario.period.stop:
        raise ScenarioError([outside_period(scenario, start, ("from",))])
    settings = []
    for path, value in changes.items():
        owner: Path = (path,)
        with suppress(FieldError):  # said to be no path where it is applied
            owner = parse_path(path)
        settings.append(Setting(None, path, value, owner))
    name = ", ".join(f"{path}={value}" for path, value in changes.items()) or TODAY
    return phases_by(scenario, name, settings, start)


def phases_by(scenario: Scenario, name: str, settings: Sequence[Setting], start: Start = "period") -> PlanSpec:
    """Make the plan of this name by settings in order, those of a what-if or some of them; ScenarioError as above."""
    plan = build_phases(scenario, name, settings, start)
    _refuse_nonsense(scenario, plan, settings)
    return plan


def _refuse_nonsense(scenario: Scenario, plan: PlanSpec, settings: Sequence[Setting]) -> None:
    errors = [problem for problem in plan_meaning(scenario, plan, settings) if problem.severity == "error"]
    if errors:
        raise ScenarioError(dict.fromkeys(errors))


def plan_meaning(
    scenario: Scenario, plan: PlanSpec, settings: Sequence[Setting], todays: Sequence[Problem] | None = None
) -> list[Problem]:
    """Return what the phases of a plan mean that they should not, at the settings that make it; today's own left out.

    Contradictions are left out too: typed rates and times describe today, from which a what-if may depart.
    `todays`: what today means, where it is known already.
    """
    known = {(problem.path, problem.rule) for problem in (meaning(scenario) if todays is None else todays)}
    owners = owners_of(scenario, settings)
    phases = (plan.base, *(phase for _, phase in plan.phases))
    scenarios = {id(phase): phase for phase in phases if phase is not scenario}
    return [
        at_setting(problem, owners, phase.raw, scenario.places)
        for phase in scenarios.values()
        for problem in meaning(phase)
        if problem.kind != "contradiction" and (problem.path, problem.rule) not in known
    ]


def owners_of(scenario: Scenario, settings: Sequence[Setting]) -> list[tuple[Path, Setting]]:
    """Return every path that settings set, with its setting."""
    applied = checked_settings(scenario.raw, scenario.places, settings, lambda item: object())
    return [(target, item.setting) for item in applied for target in item.targets]


def in_plan(scenario: Scenario, plan: PlanSpec, problem: Problem) -> Problem:
    """Locate a problem that the plan's numbers show: at the setting that makes it, of a plan with settings."""
    if not plan.settings:
        return located(problem, scenario.raw, scenario.places)
    owners = owners_of(scenario, plan.settings)
    found = at_setting(problem, owners, plan.phases[-1][1].raw, scenario.places)
    return found if plan.name in found.path else replace(found, rule=f"in the plan {plan.name}: {found.rule}")


def unknown_what_if(scenario: Scenario, name: str) -> Problem:
    """Return the problem of a what-if that the scenario has not."""
    remedy = did_you_mean(name, scenario.what_ifs, "add it under what_ifs")
    return Problem(("what_ifs", name), MISSING, "there is no what-if of this name", remedy)


def outside_period(scenario: Scenario, day: date, path: Path) -> Problem:
    """Return the problem of a what-if that begins outside the period."""
    first, stop = scenario.period.start, scenario.period.stop
    remedy = f"write a date from {first} to before {stop}"
    return Problem(path, day.isoformat(), "does not lie in the period", remedy)


def build_phases(scenario: Scenario, name: str, settings: Sequence[Setting], start: Start = "period") -> PlanSpec:
    """Make the plan of a scenario under settings in order; ScenarioError with every change that does not fit."""
    applied = checked_settings(scenario.raw, scenario.places, settings, lambda item: begins(scenario, item, start))
    beliefs = [item for item in applied if is_belief_setting(item)]
    levers = [item for item in applied if not is_belief_setting(item)]
    base = _changed(scenario, scenario, beliefs) if beliefs else scenario
    by_date: dict[date | None, list[Applied]] = {}
    for item in levers:
        by_date.setdefault(begins(scenario, item.setting, start), []).append(item)
    phases: list[tuple[date | None, Scenario]] = [(None, base)]
    current = base
    for day in sorted(by_date, key=lambda day: day or date.min):
        current = _changed(current, scenario, by_date[day])
        if day is None:
            phases = [(None, current)]
        else:
            phases.append((day, current))
    return PlanSpec(name, base, tuple(phases), tuple(settings))


def begins(scenario: Scenario, setting: Setting, start: Start) -> date | None:
    """Return the date from which a setting holds; None: from the run-in's start."""
    if setting.start is not None:
        return setting.start
    if start == "settled":
        return None
    return scenario.period.start if start == "period" else start


def is_belief_setting(item: Applied) -> bool:
    """Return whether the setting says how the world is today."""
    spot = spot_at(item.targets[0])
    return spot is not None and spot.mark == "belief"


def checked_settings(
    data: Any, places: Places, settings: Sequence[Setting], begin: Callable[[Setting], object] = lambda item: item.start
) -> list[Applied]:
    """Return the settings with their concrete paths; ScenarioError with all that break a rule of what-ifs.

    `begin` says from when a setting holds, to find what is set twice at one date.
    """
    applied: list[Applied] = []
    problems: list[Problem] = []
    taken: dict[object, tuple[object, Applied]] = {}
    for setting in settings:
        try:
            item = Applied(setting, tuple(concrete(data, parse_path(setting.path))))
            _refuse_forbidden(item)
            _refuse_twice(item, begin(setting), taken)
            applied.append(item)
        except FieldError as error:
            problems.append(places.locate(Problem(setting.owner, MISSING, error.rule, error.remedy, "key")))
    if problems:
        raise ScenarioError(problems)
    return applied


def _refuse_forbidden(item: Applied) -> None:
    """Raise for a setting of what no what-if may set."""
    for target in item.targets:
        spot = spot_at(target)
        if spot is None:
            raise FieldError("is no path of a scenario", "see `simfunnel schema`")
        if spot.mark == "fact":
            raise FieldError(f"sets {target[0]}, which a what-if cannot change", "change it with --set")
        structural = len(target) == 1 or (target[0] == "stages" and target[2:] == ("name",))
        if target[0] in _FROZEN and structural:
            raise FieldError(_FROZEN[str(target[0])], "set the fields of those that are there")
        if spot.mixed:
            rule = "sets beliefs (how the world is) and levers (what you do) at once"
            raise FieldError(rule, "set its fields one by one")
        if spot.mark == "belief" and item.setting.start is not None:
            rule = "is a belief about the world, which cannot begin on a date"
            raise FieldError(rule, "drop `from`: then today is solved anew with it")


def _refuse_twice(item: Applied, day: object, taken: dict[object, tuple[object, Applied]]) -> None:
    """Raise when a path is set twice at a date, or in two ways that exclude each other: threshold and mql_rate."""
    for target in item.targets:
        slots: list[tuple[object, object]] = [((day, target), object())]
        model = model_at(target[:-1])
        for i, group in enumerate(model.ways if model is not None else ()):
            slots += [((day, target[:-1], i), way) for way in group if str(target[-1]) in way]
        for slot, way in slots:
            known, earlier = taken.setdefault(slot, (way, item))
            if known != way:
                owner = earlier.setting.owner
                by = f"{owner[1]} ({owner[-1]})" if len(owner) > 2 else earlier.setting.path
                raise FieldError(f"{TWICE}, also by {by}", "keep one of the two")


def _changed(current: Scenario, scenario: Scenario, items: Sequence[Applied]) -> Scenario:
    """Return the scenario with settings applied to its plain values, validated anew."""
    draft = Draft(current.raw, current.places)
    owners, misfits = draft_with(draft, items, scenario.places)
    problems = [problem for _, problem in misfits]
    found = problems or validated(draft.data, current.folder, current.readings, extra={"what_ifs": current.what_ifs})
    if isinstance(found, list):
        raise ScenarioError(problems or [at_setting(problem, owners, draft.data, scenario.places) for problem in found])
    origin = replace(current.origin, raw=draft.data, places=draft.places)
    return found.with_origin(origin, current.assumed, current.warnings)


def draft_with(
    draft: Draft, items: Sequence[Applied], places: Places
) -> tuple[list[tuple[Path, Setting]], list[tuple[Applied, Problem]]]:
    """Apply settings to a draft; return the paths set, each with its setting, and problems of those that do not fit."""
    owners: list[tuple[Path, Setting]] = []
    misfits: list[tuple[Applied, Problem]] = []
    for item in items:
        setting = item.setting
        try:
            owners += [(target, setting) for target in draft.set(setting.path, setting.value, setting.place)]
        except FieldError as error:
            problem = Problem(setting.owner, setting.value, error.rule, error.remedy)
            misfits.append((item, places.locate(problem)))
    return owners, misfits


def at_setting(
    problem: Problem, owners: Sequence[tuple[Path, Setting]], data: Mapping[str, Any], places: Places
) -> Problem:
    """Return a problem of a changed scenario, told at the setting that makes it."""
    for target, setting in reversed(owners):
        if problem.path[: len(target)] == target:
            return places.locate(replace(problem, path=(*setting.owner, *problem.path[len(target) :])))
    near = [setting for target, setting in reversed(owners) if problem.path[: len(target) - 1] == target[:-1]]
    setting = near[0] if near else owners[-1][1]
    rule = str(Problem(named(problem.path, data), problem.value, problem.rule))
    return places.locate(Problem(setting.owner, MISSING, f"then {rule}", problem.remedy, severity=problem.severity))


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
