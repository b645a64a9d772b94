"""Split a difference among settings: groups of settings, and Shapley values over their orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.errors import Problem, ScenarioError, StoppedError
from simfunnel.metrics import Key
from simfunnel.scenario import PlanSpec, Scenario, Setting, phases_by, phases_of
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.tell.as_typed import flow_text
from simfunnel.stats import (
    Attribution,
    Precision,
    StopRule,
    precision_of,
    replication_checks,
    shapley_of_ratio,
    shapley_orders,
    shapley_sampled,
    shapley_values,
    subsets,
)
from simfunnel.study.sensitivity.draws import luck_of
from simfunnel.study.years.levels import TODAY, Subset, Subsets
from simfunnel.study.years.plans import Start
from simfunnel.study.years.replicate import Replications

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


EXACT_GROUPS = 5
"""Groups up to which every subset is simulated: 32 plans. Of more, each replication makes one random order of the
changes and its reverse."""

REVENUE = Key("revenue")


@dataclass(frozen=True)
class Done:
    """How many replications are complete, how precise the difference of revenue is, and whether it was stopped."""

    replications: int
    precision: Precision
    cancelled: bool


class Split:
    """Groups of changes, `members[k]` those of group k, between today and all of them."""

    def __init__(self, plans: Subsets, members: Sequence[Subset], seed: int) -> None:
        self.plans, self.members, self.seed = plans, tuple(members), seed

    @property
    def exact(self) -> bool:
        """Whether every subset of the groups is simulated."""
        return len(self.members) <= EXACT_GROUPS

    @property
    def all(self) -> Subset:
        """Every change."""
        return self._union(range(len(self.members)))

    def needed(self, replication: int) -> list[Subset]:
        """The subsets of changes to be simulated in a replication, today first and all of them last."""
        if not self.members:
            return [TODAY]
        walks = self._in_order() if self.exact else [each for walk in self._walks(replication) for each in walk]
        return list(dict.fromkeys([TODAY, *walks, self.all]))

    def simulate(self, also: Sequence[Subset], replications: Replications, precision: float) -> Done:
        """Simulate all that is needed, and `also` these subsets in every replication.

        "auto" looks at 30, 40, ... 400 whether the half-width of the difference of revenue is below `precision` of
        today's. StoppedError when not one replication was finished, ValueError for a number of them below 1.
        """
        if replications != "auto" and replications < 1:
            raise ValueError(f"{replications} replications: at least 1 is needed")
        rule = StopRule(relative=precision)
        done = 0
        for upto in replication_checks(rule) if replications == "auto" else (replications,):
            wanted = [[*self.needed(number), *also] for number in range(upto)]
            finished = self.plans.extend([(each, number) for number in range(upto) for each in wanted[number]])
            while done < upto and all(self.plans.has(each, done) for each in wanted[done]):
                done += 1
            if not done:
                raise StoppedError("stopped before the first simulated year was finished")
            found = precision_of(self._revenue(TODAY, done), self._revenue(self.all, done), rule)
            if not finished or found.stop:
                break
        return Done(done, found, not finished)

    def attribution(self, key: Key, replications: int) -> Attribution | None:
        """What each group brings to one number; None for a ratio where orders are random."""
        if not self.exact:
            return self._by_orders(key, replications)
        each = [self.plans.samples(subset, replications).only([key]) for subset in self._in_order()]
        over = np.stack([samples.numerator[:, 0] for samples in each])
        under = np.stack([samples.denominator[:, 0] for samples in each])
        return shapley_values(over) if np.all(under == 1.0) else shapley_of_ratio(over, under)

    def _by_orders(self, key: Key, replications: int) -> Attribution | None:
        if np.any(self.plans.samples(TODAY, replications).only([key]).denominator != 1.0):
            return None
        orders = np.stack([self._orders(number) for number in range(replications)])
        values = [
            [[self.plans.value(subset, number, key) for subset in walk] for walk in self._walks(number)]
            for number in range(replications)
        ]
        return shapley_sampled(orders, values)

    def _in_order(self) -> list[Subset]:
        """Every subset, in the order in which Shapley values want them."""
        return [self._union(chosen) for chosen in subsets(len(self.members))]

    def _orders(self, replication: int) -> Ints:
        luck = [[luck_of(self.seed, f"order of group {at}", replication) for at in range(len(self.members))]]
        return np.asarray(shapley_orders(luck)[0])

    def _walks(self, replication: int) -> list[list[Subset]]:
        """Today, with the first change of an order, with the first two ... of each order of a replication."""
        return [
            [self._union(order[:size]) for size in range(len(self.members) + 1)]
            for order in self._orders(replication).tolist()
        ]

    def _union(self, groups: Sequence[int]) -> Subset:
        return frozenset[int]().union(*(self.members[at] for at in groups))

    def _revenue(self, subset: Subset, replications: int) -> Floats:
        return self.plans.samples(subset, replications).values(REVENUE)
