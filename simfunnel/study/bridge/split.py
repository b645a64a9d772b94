"""Split a difference among settings: groups of settings, and Shapley values over their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np

from simfunnel.arrays import Ints
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import Key, Wanted
from simfunnel.plan import Calibration
from simfunnel.scenario import PlanSpec, Scenario, Setting, phases_by, phases_of
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.tell.as_typed import flow_text
from simfunnel.stats import (
    Attribution,
    Precision,
    StopRule,
    precision_of,
    shapley_of_ratio,
    shapley_orders,
    shapley_sampled,
    shapley_values,
    subsets,
)
from simfunnel.study.calibrate.error import CalibrationError
from simfunnel.study.overview import TODAY, Subset
from simfunnel.study.sensitivity.draws import luck_of
from simfunnel.study.years.plans import Prepared, Start, prepare_specs
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import NOTHING_DONE, Replications, Work, checks_of

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
        found = []
        for each in self.settings:
            typed = (
                "null" if each.value is None else each.value if isinstance(each.value, str) else flow_text(each.value)
            )
            found.append(f"{each.path}: {typed}" + ("" if each.start is None else f" (from {each.start})"))
        return tuple(found)


def groups_of(scenario: Scenario, what_ifs: Sequence[str], start: Start = "period") -> tuple[Group, ...]:
    """Find the groups that a difference is split over: several what-ifs, or the named parts of one, or its paths.

    Paths that cannot be set one without the other (a team's structure and its heads) are one group by the table they
    belong to. Raises ScenarioError for an unknown name, and for named parts that do not hold without each other.
    """
    phases_of(scenario, what_ifs, start)  # unknown names, and what is wrong with all of it, are told first
    named, keyed = len(what_ifs) > 1, []
    for name in what_ifs:
        for setting in scenario.what_ifs[name].items:
            typed_in = str(setting.owner[1]) if len(setting.owner) > 2 else name  # a what-if that this one is made of
            keyed.append((name if named else setting.path if typed_in == name else typed_in, setting))
    groups = _grouped(keyed)
    if named or any(key != setting.path for key, setting in keyed):
        _first_problem(scenario, groups, start, tell=True)
        return groups
    if _first_problem(scenario, groups, start) is None:
        return groups
    paths = [parse_path(setting.path) for _, setting in keyed]
    tables = [".".join(path[: 2 if path[0] in BY_NAME else 1]) for path in paths]
    return _grouped([(table, setting) for table, (_, setting) in zip(tables, keyed, strict=True)])


def spec_maker(scenario: Scenario, groups: Sequence[Group], start: Start) -> Callable[[Subset], PlanSpec]:
    """Return a function from numbers of groups to the plan of their settings, in the order in which they apply."""

    def made(subset: Subset) -> PlanSpec:
        chosen = [groups[at] for at in sorted(subset)]
        placed = sorted(
            (pair for group in chosen for pair in zip(group.places, group.settings, strict=True)), key=itemgetter(0)
        )
        name = " + ".join(group.name for group in chosen) or "today"
        return phases_by(scenario, name, [setting for _, setting in placed], start)

    return made


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
    """Return what is wrong with some of the groups without the others; raise it, naming them, when `tell` says so.

    Of few groups every subset is tried; of many each group by itself, and all but each.
    """
    made, count = spec_maker(scenario, groups, start), len(groups)
    alone = [frozenset((at,)) for at in range(count)]
    few = [TODAY, *alone, *(frozenset(range(count)) - one for one in alone)]
    for subset in map(frozenset, subsets(count)) if 1 <= count <= EXACT_GROUPS else few:
        try:
            made(subset)
        except ScenarioError as error:
            if not tell:
                return error
            only = f"(with only {' and '.join(groups[at].name for at in sorted(subset))} of the plan)"
            remedy = "name the parts that need each other as one what-if"
            told = [replace(each, rule=f"{each.rule} {only}", remedy=remedy) for each in error.problems]
            raise ScenarioError(told) from None
    return None


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
    """Groups of changes, `members[k]` those of group k, between today and all of them, in the same years.

    `spec_of` makes the plan of a subset of changes, which is compiled when it is first asked for; with `check_load` a
    team that cannot keep up is told.
    """

    def __init__(
        self,
        scenario: Scenario,
        spec_of: Callable[[Subset], PlanSpec],
        members: Sequence[Subset],
        seed: int,
        wanted: Wanted,
        work: Work,
        check_load: bool = True,
    ) -> None:
        self.scenario, self.spec_of, self.members, self.check_load = scenario, spec_of, tuple(members), check_load
        self.years: Years[Subset] = Years({}, seed, wanted, work)
        self.errors: dict[Subset, CalibrationError] = {}
        self._known: dict[str, Calibration] = {}

    @property
    def exact(self) -> bool:
        """Whether every subset of the groups is simulated."""
        return len(self.members) <= EXACT_GROUPS

    @property
    def all(self) -> Subset:
        """Every change."""
        return self._union(range(len(self.members)))

    def needed(self, replication: int) -> list[Subset]:
        """List the subsets of changes to be simulated in a replication, today first and all of them last."""
        if not self.members:
            return [TODAY]
        walks = self._in_order() if self.exact else [each for walk in self._walks(replication) for each in walk]
        return list(dict.fromkeys([TODAY, *walks, self.all]))

    def prepare(self, subsets_: Iterable[Subset]) -> Prepared:
        """Compile those of the subsets, today first, that are not yet; raises ScenarioError."""
        new = [subset for subset in dict.fromkeys((TODAY, *subsets_)) if subset not in self.years.plans]
        specs = [self.spec_of(subset) for subset in new]
        prepared = prepare_specs(self.scenario, specs, self.years.work, self._known, self.check_load)
        self._known |= prepared.calibrations
        self.years.plans |= dict(zip(new, prepared.plans, strict=True))
        self.errors |= dict(zip(new, prepared.errors, strict=True))
        return prepared

    def simulate(self, also: Sequence[Subset], replications: Replications, precision: float) -> Done:
        """Simulate all that is needed, and `also` these subsets in every replication.

        "auto" looks at 30, 40, ... 400 whether the half-width of the difference of revenue is below `precision` of
        today's. StoppedError when not one replication was finished, ValueError for a number of them below 1.
        """
        rule, done = StopRule(relative=precision), 0
        for upto in checks_of(replications, rule):
            wanted = [(each, number) for number in range(upto) for each in (*self.needed(number), *also)]
            self.prepare(each for each, number in wanted if not self.years.has(each, number))
            finished = self.years.fill(wanted)
            while done < upto and all(self.years.has(each, done) for each in (*self.needed(done), *also)):
                done += 1
            if not done:
                raise StoppedError(NOTHING_DONE)
            today, every = (self.years.of(end, done).values(REVENUE) for end in (TODAY, self.all))
            found = precision_of(today, every, rule)
            if not finished or found.stop:
                break
        return Done(done, found, not finished)

    def attribution(self, key: Key, replications: int) -> Attribution | None:
        """Attribute one number to the groups; None for a ratio where orders are random."""
        if self.exact:
            each = [self.years.of(subset, replications).only([key]) for subset in self._in_order()]
            over = np.stack([samples.numerator[:, 0] for samples in each])
            under = np.stack([samples.denominator[:, 0] for samples in each])
            return shapley_values(over) if np.all(under == 1.0) else shapley_of_ratio(over, under)
        if np.any(self.years.of(TODAY, replications).only([key]).denominator != 1.0):
            return None
        orders = np.stack([self._orders(number) for number in range(replications)])
        values = [
            [[self.years.value(subset, number, key) for subset in walk] for walk in self._walks(number)]
            for number in range(replications)
        ]
        return shapley_sampled(orders, values)

    def _in_order(self) -> list[Subset]:
        """Every subset, in the order in which Shapley values want them."""
        return [self._union(chosen) for chosen in subsets(len(self.members))]

    def _orders(self, replication: int) -> Ints:
        luck = [[luck_of(self.years.seed, f"order of group {at}", replication) for at in range(len(self.members))]]
        return np.asarray(shapley_orders(luck)[0])

    def _walks(self, replication: int) -> list[list[Subset]]:
        """Today, with the first change of an order, with the first two ... of each order of a replication."""
        return [
            [self._union(order[:size]) for size in range(len(self.members) + 1)]
            for order in self._orders(replication).tolist()
        ]

    def _union(self, groups: Sequence[int]) -> Subset:
        return frozenset[int]().union(*(self.members[at] for at in groups))
