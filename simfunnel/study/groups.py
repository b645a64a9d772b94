"""What-ifs taken apart into groups of changes, and the plan that each subset of the groups makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from simfunnel.errors import Problem, ScenarioError
from simfunnel.scenario import PlanSpec, Scenario, Setting, phases_by, phases_of
from simfunnel.scenario.paths import parse_path
from simfunnel.scenario.typed import flow_text
from simfunnel.stats import subsets
from simfunnel.study.prepare import Start
from simfunnel.study.split import EXACT_GROUPS
from simfunnel.study.subsets import TODAY, Subset

BY_NAME = ("pools", "channels", "stages", "skills", "handoff")  # tables whose entries are told apart


@dataclass(frozen=True)
class Group:
    """Some settings of a plan under one name."""

    name: str
    settings: tuple[Setting, ...]
    places: tuple[int, ...]  # of the settings among all of the plan, which apply in this order

    @property
    def changes(self) -> tuple[str, ...]:
        """The settings as a what-if types them, each with the date from which it holds if it has its own."""
        return tuple(
            f"{each.path}: {_as_typed(each.value)}" + ("" if each.start is None else f" (from {each.start})")
            for each in self.settings
        )


def groups_of(scenario: Scenario, what_ifs: Sequence[str], start: Start = "period") -> tuple[Group, ...]:
    """The groups whose parts of a difference are asked for: several what-ifs, or the named parts of one, or its paths.

    Paths that cannot be set one without the other (a team's structure and its heads) are one group by the table they
    belong to. Raises ScenarioError for an unknown name, and for named parts that do not hold without each other.
    """
    phases_of(scenario, what_ifs, start)  # unknown names, and what is wrong with all of it, are told first
    named = len(what_ifs) > 1
    keyed = [
        (name if named else _part(setting, name), setting)
        for name in what_ifs
        for setting in scenario.what_ifs[name].items
    ]
    groups = _grouped(keyed)
    if named or any(key != setting.path for key, setting in keyed):
        _first_problem(scenario, groups, start, tell=True)
        return groups
    if _first_problem(scenario, groups, start) is None:
        return groups
    return _grouped([(_table(setting), setting) for _, setting in keyed])


def spec_maker(scenario: Scenario, groups: Sequence[Group], start: Start) -> Callable[[Subset], PlanSpec]:
    """A function from the numbers of groups to the plan that their settings make, in the order in which they apply."""

    def made(subset: Subset) -> PlanSpec:
        chosen = [groups[at] for at in sorted(subset)]
        placed = sorted(
            (pair for group in chosen for pair in zip(group.places, group.settings, strict=True)), key=itemgetter(0)
        )
        name = " + ".join(group.name for group in chosen) or "today"
        return phases_by(scenario, name, [setting for _, setting in placed], start)

    return made


def _part(setting: Setting, what_if: str) -> str:
    """The what-if that a setting was typed in, where that is another one; else its path."""
    typed_in = str(setting.owner[1]) if len(setting.owner) > 2 else what_if
    return setting.path if typed_in == what_if else typed_in


def _as_typed(value: Any) -> str:
    return value if isinstance(value, str) else "null" if value is None else flow_text(value)


def _table(setting: Setting) -> str:
    parts = parse_path(setting.path)
    return ".".join(parts[: 2 if parts[0] in BY_NAME else 1])


def _grouped(keyed: Sequence[tuple[str, Setting]]) -> tuple[Group, ...]:
    found: dict[str, list[int]] = {}
    for place, (key, _) in enumerate(keyed):
        found.setdefault(key, []).append(place)
    return tuple(
        Group(name, tuple(keyed[place][1] for place in places), tuple(places)) for name, places in found.items()
    )


def _first_problem(
    scenario: Scenario, groups: Sequence[Group], start: Start, tell: bool = False
) -> ScenarioError | None:
    """What is wrong with some of the groups without the others; raised, naming them, when `tell` says so."""
    made = spec_maker(scenario, groups, start)
    for subset in _tried(len(groups)):
        try:
            made(subset)
        except ScenarioError as error:
            if tell:
                raise ScenarioError(_alone(error.problems, [groups[at].name for at in sorted(subset)])) from None
            return error
    return None


def _tried(count: int) -> list[Subset]:
    """Every subset of few groups; of many each group by itself, and all but each."""
    if 1 <= count <= EXACT_GROUPS:
        return [frozenset(each) for each in subsets(count)]
    every = frozenset(range(count))
    return [TODAY, *(frozenset((at,)) for at in range(count)), *(every - {at} for at in range(count))]


def _alone(problems: Sequence[Problem], names: Sequence[str]) -> list[Problem]:
    remedy = "name the parts that need each other as one what-if"
    return [
        replace(each, rule=f"{each.rule} (with only {' and '.join(names)} of the plan)", remedy=remedy)
        for each in problems
    ]
