"""Years of many plans beside each other, each simulated as far as it is asked for: levels of levers, subsets of
changes, trials of a search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np

from simfunnel.arguments import MOST, names_of, whole_number
from simfunnel.arrays import Floats
from simfunnel.engine import AUTO, simulate
from simfunnel.errors import ArgumentError, ScenarioError, StoppedError
from simfunnel.metrics import EVERYTHING, Key, Wanted, keys_of
from simfunnel.plan import Calibration, Plan, compile_plan
from simfunnel.scenario import PlanSpec, Scenario, phases_with, with_places
from simfunnel.study.calibrate.error import CalibrationError
from simfunnel.study.validated import METRICS_WANTED, validated
from simfunnel.study.years.calls import run_tasks
from simfunnel.study.years.measured_year import numbers_of, packed, unpacked
from simfunnel.study.years.plans import Prepared, Start, prepare_specs
from simfunnel.study.years.replicate import SIMULATING, Work
from simfunnel.study.years.samples import Samples, stacked

CASES_PER_ITEM = 16  # 0.1 to 0.3 s of work


@partial(validated, own=METRICS_WANTED)
def levels(
    scenario: Scenario,
    changes: Sequence[Mapping[str, Any]],
    *,
    wanted: Wanted = EVERYTHING,
    seed: int = 1,
    start: Start = "period",
    work: Work = Work(),  # noqa: B008 (immutable)
) -> Levels:
    """A level for each of `changes`, which sets paths to values as a what-if does; nothing is simulated yet.

    An empty change is today. `wanted`: the metrics that the study needs; fewer are faster. `start` and `work` are as in
    `run`. Raises ScenarioError for changes that do not fit, ArgumentError for two levels that are the same and for a
    metric that there is not.
    """
    prepared = prepare_specs(scenario, [phases_with(scenario, change, start) for change in changes], work)
    if len(set(prepared.names)) < len(prepared.names):
        raise ArgumentError("changes", f"two levels are the same: {', '.join(prepared.names)}")
    for plan in prepared.plans[:1]:
        keys_of(plan, wanted)
    return Levels(prepared, seed, wanted, work)


@dataclass(frozen=True)
class LevelItem:
    """Some replications of some levels: `cases` are (place among the plans of the parcel, replication)."""

    parcel: bytes
    cases: tuple[tuple[int, int], ...]
    seed: int
    wanted: Wanted
    engine: str = AUTO

    def __str__(self) -> str:
        years = sorted({replication + 1 for _, replication in self.cases})
        return f"simulated years {years[0]} to {years[-1]} of seed {self.seed}"


def simulate_levels(item: LevelItem) -> tuple[Floats, ...]:
    """What each case of an item measures."""
    plans = unpacked(item.parcel)
    return tuple(
        numbers_of(plans[place], simulate(plans[place], item.seed, replication, item.engine), item.wanted)
        for place, replication in item.cases
    )


def simulate_cases(
    parcel: bytes, cases: Sequence[tuple[int, int]], seed: int, wanted: Wanted, work: Work
) -> list[Floats]:
    """What each case (place among the plans of the parcel, replication) measures; fewer when `work` is stopped."""
    items = [
        LevelItem(parcel, tuple(cases[at : at + CASES_PER_ITEM]), seed, wanted, work.engine)
        for at in range(0, len(cases), CASES_PER_ITEM)
    ]
    work.tell(SIMULATING, 0, len(cases))
    answers = run_tasks(
        simulate_levels,
        items,
        executor=work.executor,
        workers=work.workers,
        on_done=lambda done: work.tell(SIMULATING, min(done * CASES_PER_ITEM, len(cases)), len(cases)),
        stop=work.stop,
    )
    return [numbers for answer in answers for numbers in answer]


class Levels:
    """Levels with the replications that each has so far, always 0 ... n - 1 of one seed.

    The numbers of a replication of a level do not depend on the order of work, on the other levels or on `work`.
    """

    def __init__(self, prepared: Prepared, seed: int, wanted: Wanted, work: Work) -> None:
        self.prepared, self.seed, self.wanted, self.work = prepared, seed, wanted, work
        self._found: tuple[list[Floats], ...] = tuple([] for _ in prepared.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The levels, in the order in which they were given."""
        return self.prepared.names

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plan of each level."""
        return self.prepared.plans

    def with_seed(self, seed: int) -> Levels:
        """The same levels under other luck, with no replication yet: to judge what was chosen by this luck."""
        return Levels(self.prepared, seed, self.wanted, self.work)

    def replications(self, name: str) -> int:
        """How many replications a level has."""
        return len(self._found[self._places([name])[0]])

    @property
    def common(self) -> int:
        """How many replications every level has."""
        return min((len(found) for found in self._found), default=0)

    def extend(self, upto: int, names: Sequence[str] | None = None) -> bool:
        """Simulate what the named levels (by default all) lack of replications 0 ... upto - 1.

        False when `work` was stopped before; what is finished by then is kept.
        """
        upto = whole_number("upto", upto, 0, MOST["replications"])
        places = self._places(names)
        have = [len(found) for found in self._found]
        lacking = [(place, number) for number in range(upto) for place in places if number >= have[place]]
        answers = simulate_cases(self._parcel, lacking, self.seed, self.wanted, self.work)
        for (place, _), found in zip(lacking, answers, strict=False):
            self._found[place].append(found)
        return len(answers) == len(lacking)

    def samples(self, names: Sequence[str] | None = None) -> dict[str, Samples]:
        """Samples of the named levels (by default all), paired: of the replications that every one of them has."""
        places = self._places(names)
        asked = [self.names[place] for place in places]
        common = min((self.replications(name) for name in asked), default=0)
        return {
            name: stacked(keys_of(self.plans[place], self.wanted), self._found[place][:common])
            for name, place in zip(asked, places, strict=True)
        }

    def values(self, key: Key, names: Sequence[str] | None = None) -> Floats:
        """[replications, levels] values of one key, paired as `samples` are; nan where nothing divides."""
        return np.column_stack([found.values(key) for found in self.samples(names).values()])

    def _places(self, names: Sequence[str] | None) -> list[int]:
        """The places of named levels, each once, of all by default; raises ArgumentError for a name of none."""
        asked = self.names if names is None else names_of("names", names)
        for name in asked:
            if name not in self.names:
                raise ArgumentError("names", f"no level is called {name!r}; there are: {', '.join(self.names)}")
        return [self.names.index(name) for name in dict.fromkeys(asked)]

    @cached_property
    def _parcel(self) -> bytes:
        return packed(self.plans)


Subset = frozenset[int]
"""Numbers of the changes that are made, from 0."""

TODAY: Subset = frozenset()


class Subsets:
    """Subsets of changes with the replications that each has, all of one seed: the same leads, the same luck.

    `spec_of` makes the plan of a subset. A subset is compiled when it is first asked for; with `check_load` a team that
    cannot keep up is told. The numbers do not depend on the order of work or on the other subsets.
    """

    def __init__(
        self,
        scenario: Scenario,
        spec_of: Callable[[Subset], PlanSpec],
        seed: int,
        wanted: Wanted,
        work: Work,
        check_load: bool = True,
    ) -> None:
        self.scenario, self.spec_of, self.seed, self.wanted, self.work = scenario, spec_of, seed, wanted, work
        self._check_load = check_load
        self._plans: dict[Subset, Plan] = {}
        self._known: dict[str, Calibration] = {}
        self._errors: dict[Subset, CalibrationError] = {}
        self._found: dict[tuple[Subset, int], Floats] = {}

    def prepare(self, subsets: Iterable[Subset]) -> Prepared:
        """Compile those of the subsets, today first, that are not yet; raises ScenarioError."""
        new = [subset for subset in dict.fromkeys((TODAY, *subsets)) if subset not in self._plans]
        specs = [self.spec_of(subset) for subset in new]
        prepared = prepare_specs(self.scenario, specs, self.work, self._known, self._check_load)
        self._known |= prepared.calibrations
        self._plans |= dict(zip(new, prepared.plans, strict=True))
        self._errors |= dict(zip(new, prepared.errors, strict=True))
        return prepared

    def extend(self, cases: Sequence[tuple[Subset, int]]) -> bool:
        """Simulate the cases (subset, replication) that are not yet; False when stopped, what is finished is kept."""
        new = [case for case in dict.fromkeys(cases) if case not in self._found]
        order = list(dict.fromkeys(subset for subset, _ in new))
        self.prepare(order)
        parcel = packed([self._plans[subset] for subset in order])
        place = {subset: at for at, subset in enumerate(order)}
        placed = [(place[subset], replication) for subset, replication in new]
        answers = simulate_cases(parcel, placed, self.seed, self.wanted, self.work)
        self._found |= dict(zip(new, answers, strict=False))
        return len(answers) == len(new)

    def has(self, subset: Subset, replication: int) -> bool:
        """Whether a replication of a subset is simulated."""
        return (subset, replication) in self._found

    def samples(self, subset: Subset, replications: int) -> Samples:
        """Samples of replications 0 ... `replications` - 1 of a subset."""
        keys = keys_of(self._plans[subset], self.wanted)
        return stacked(keys, [self._found[subset, number] for number in range(replications)])

    def error(self, subset: Subset) -> CalibrationError:
        """What the calibration of a subset's base leaves in its figures."""
        return self._errors[subset]

    def value(self, subset: Subset, replication: int, key: Key) -> float:
        """A plain sum of one replication of a subset."""
        at = keys_of(self._plans[subset], self.wanted).index(key)
        return float(self._found[subset, replication][0, at])


Changes = Mapping[str, Any]

DAY_H = 24.0
PER_ITEM = 5  # replications that travel together: 0.1 s of work, so that few of them still busy all workers
SEEDS = 2**32
OF_PROFIT = 30  # years of today from which the share of revenue in a profit is taken

BY_CHANNEL = ("revenue", "wins", "leads", "mqls", "contacts", "sals", "opportunities", "lead_cost", "commission_cost",
              "nurture_cost")  # fmt: skip
WANTED: Wanted = (
    *((name, "") for name in ("revenue", "wins", "profit", "leads", "mqls", "contacts", "sals", "opportunities")),
    *((name, "") for name in ("went_cold", "rep_cost", "campaign_cost", "response_working_median")),
    *((name, "pool") for name in ("reps", "busy_share")),
    *((name, "channel") for name in BY_CHANNEL),
    ("leads", "campaign"),
)


@dataclass(frozen=True)
class World:
    """How a plan is looked at: when its changes begin, whether the period is cut at the day asked for, whose luck."""

    start: Start = "period"
    whole: bool = False
    fresh: bool = False


class Trials:
    """Replications 0, 1, ... of any plan of a scenario; what is simulated once is kept.

    The numbers do not depend on the order of asking. `calls` counts replications. Methods raise ScenarioError for
    changes that do not fit, and StoppedError when `work` was stopped.
    """

    def __init__(
        self, scenario: Scenario, seed: int, start: Start, by: date | None, work: Work, lean: Wanted = WANTED
    ) -> None:
        """`lean`: what `values` measures; `samples` measures everything that is told."""
        prepared = prepare_specs(scenario, [phases_with(scenario, {}, start)], work)
        self.scenario, self.calibration, self.warnings = scenario, prepared.calibration, prepared.warnings
        self.error = prepared.error
        self.seed, self.start, self.by, self.work = seed, start, by, work
        self.calls, self.expected, self._lean = 0, 0, lean
        self._plans: dict[object, Plan] = {}
        self._parcels: dict[object, bytes] = {}
        self._found: dict[object, list[Floats]] = {}

    @cached_property
    def now(self) -> World:
        """The world that is asked about: changes begin when they were asked to, the period ends when it was."""
        return World(self.start)

    @property
    def fresh_seed(self) -> int:
        """The seed whose luck no search sees."""
        return (self.seed + 1) % SEEDS

    def plan(self, changes: Changes, world: World | None = None) -> Plan:
        """The plan of some changes."""
        world = world or self.now
        key = _key(changes, replace(world, fresh=False))
        if key not in self._plans:
            try:
                spec = phases_with(self.scenario, changes, world.start)
                plan = compile_plan(spec, self.calibration)
            except ScenarioError as error:
                raise with_places(self.scenario, error.problems) from error
            self._plans[key] = plan if self.by is None or world.whole else cut(plan, (self.by - self._day_one).days + 1)
        return self._plans[key]

    def fits(self, changes: Changes, world: World | None = None) -> bool:
        """Whether there is such a plan."""
        try:
            self.plan(changes, world)
        except ScenarioError:
            return False
        return True

    def samples(self, changes: Changes, n: int, world: World | None = None) -> Samples:
        """The first n replications of a plan."""
        return self._samples(changes, n, world or self.now, WANTED)

    def values(self, changes: Changes, key: Key, n: int, world: World | None = None) -> Floats:
        """[n] values of one of the keys that searches need; 0 where nothing divides."""
        return np.nan_to_num(self._samples(changes, n, world or self.now, self._lean).values(key))

    def calibrated(self, key: Key, values: Floats) -> Floats:
        """The standard error that the base's calibration leaves in values of revenue, wins or profit."""
        if key.metric != "profit":
            return np.abs(values) * self.error.revenue
        return np.full(np.shape(values), self._of_profit)

    @cached_property
    def _of_profit(self) -> float:
        today = self.samples({}, OF_PROFIT)
        return float(self.error.of(today)[today.keys.index(Key("profit"))])

    def _samples(self, changes: Changes, n: int, world: World, wanted: Wanted) -> Samples:
        plan = self.plan(changes, world)
        whole = self._found.get((_key(changes, world), WANTED), [])
        if len(whole) >= n:
            return stacked(keys_of(plan, WANTED), whole[:n])
        found = self._found.setdefault((_key(changes, world), wanted), [])
        if len(found) < n:
            self._extend(found, plan, _key(changes, replace(world, fresh=False)), n, world.fresh, wanted)
        return stacked(keys_of(plan, wanted), found[:n])

    def _extend(self, found: list[Floats], plan: Plan, key: object, n: int, fresh: bool, wanted: Wanted) -> None:
        if key not in self._parcels:
            self._parcels[key] = packed([plan])
        seed = self.fresh_seed if fresh else self.seed
        numbers, engine = range(len(found), n), self.work.engine
        items = [
            LevelItem(self._parcels[key], tuple((0, r) for r in numbers[at : at + PER_ITEM]), seed, wanted, engine)
            for at in range(0, len(numbers), PER_ITEM)
        ]
        for answer in self._run(items, len(numbers)):
            found.extend(answer)

    def _run(self, items: Sequence[LevelItem], count: int) -> list[tuple[Floats, ...]]:
        before = self.calls
        self.expected = max(self.expected, round(1.1 * (before + count)))

        def told(done: int) -> None:
            self.work.tell(SIMULATING, before + min(done * PER_ITEM, count), self.expected)

        told(0)
        answers = run_tasks(
            simulate_levels,
            items,
            executor=self.work.executor,
            workers=self.work.workers,
            on_done=told,
            stop=self.work.stop,
        )
        if len(answers) < len(items):
            raise StoppedError("stopped before the search was finished; nothing is shown")
        self.calls += count
        return answers

    @property
    def _day_one(self) -> date:
        return self.scenario.period.start


def cut(plan: Plan, days: int) -> Plan:
    """The same plan, its period ended after so many days; what happens before is the same to the byte."""
    end_h = days * DAY_H
    kept = days - plan.first_day
    months, shown = (edges[edges < end_h] for edges in (plan.month_start_h, plan.reported_h))
    phases = int((plan.switches_h < end_h).sum())
    return replace(
        plan,
        n_days=kept,
        end_h=end_h,
        month_start_h=np.append(months, end_h),
        reported_h=np.append(shown, end_h) if len(shown) else shown,
        switches_h=plan.switches_h[:phases],
        phases=plan.phases[:phases],
        sources=tuple(replace(each, rate_h=each.rate_h[:kept], swing_cv=each.swing_cv[:kept]) for each in plan.sources),
    )


def _key(changes: Changes, world: World) -> object:
    return tuple((path, repr(value)) for path, value in changes.items()), world
