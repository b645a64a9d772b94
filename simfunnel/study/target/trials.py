"""Plans of one base, simulated as far as they are asked for: the same leads with the same luck in each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import Key, Wanted, keys_of
from simfunnel.plan import Plan, compile_plan
from simfunnel.scenario import Scenario, phases_with, with_places
from simfunnel.study.items import Numbers
from simfunnel.study.levels import LevelItem, simulate_levels
from simfunnel.study.parcel import packed
from simfunnel.study.prepare import Start, prepare_specs
from simfunnel.study.replicate import SIMULATING, Work
from simfunnel.study.samples import Samples, stacked
from simfunnel.study.tasks import run_tasks

Floats = NDArray[np.float64]
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
        self._found: dict[object, list[Numbers]] = {}

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

    def _extend(self, found: list[Numbers], plan: Plan, key: object, n: int, fresh: bool, wanted: Wanted) -> None:
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

    def _run(self, items: Sequence[LevelItem], count: int) -> list[tuple[Numbers, ...]]:
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
