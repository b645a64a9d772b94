"""Plans of a scenario under any changes, compiled and simulated as a search asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import Key, Wanted
from simfunnel.plan import Plan, compile_plan
from simfunnel.scenario import Scenario, phases_with, with_places
from simfunnel.study.years.plans import Start, prepare_specs
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Meter, Work

Changes = Mapping[str, Any]

DAY_H = 24.0
YEARS_A_CALL = 5  # 0.1 s of work, so that few of them still busy all workers
SEEDS = 2**32
OF_PROFIT = 30  # years of today from which the share of revenue in a profit is taken
STOPPED = "stopped before the search was finished; nothing is shown"

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
    """Plans of any changes, of which replications 0, 1, ... are simulated when asked for; `meter` counts these.

    Methods raise ScenarioError for changes that do not fit, and StoppedError when the work was stopped.
    """

    def __init__(
        self, scenario: Scenario, seed: int, start: Start, by: date | None, work: Work, lean: Wanted = WANTED
    ) -> None:
        """`lean`: what `values` measures; `samples` measures everything that is told."""
        self.prepared = prepare_specs(scenario, [phases_with(scenario, {}, start)], work)
        self.scenario, self.seed, self.start, self.by = scenario, seed, start, by
        self.meter, self._lean = Meter(work), lean
        self.work = self.meter.work
        self._plans: dict[object, Plan] = {}
        self._years: dict[tuple[bool, Wanted], Years[object]] = {}

    @cached_property
    def now(self) -> World:
        """The world that is asked about: changes begin when they were asked to, the period ends when it was."""
        return World(self.start)

    @property
    def fresh_seed(self) -> int:
        """The seed whose luck no search sees."""
        return (self.seed + 1) % SEEDS

    def plan(self, changes: Changes, world: World | None = None) -> Plan:
        """Compile the plan of some changes."""
        world = world or self.now
        key = _key(changes, world)
        if key not in self._plans:
            try:
                plan = compile_plan(phases_with(self.scenario, changes, world.start), self.prepared.calibration)
            except ScenarioError as error:
                raise with_places(self.scenario, error.problems) from error
            if self.by is not None and not world.whole:
                plan = cut(plan, (self.by - self.scenario.period.start).days + 1)
            self._plans[key] = plan
        return self._plans[key]

    def fits(self, changes: Changes, world: World | None = None) -> bool:
        """Return whether there is such a plan."""
        try:
            self.plan(changes, world)
        except ScenarioError:
            return False
        return True

    def samples(self, changes: Changes, n: int, world: World | None = None) -> Samples:
        """Return the first n replications of a plan."""
        return self._simulated(changes, n, world or self.now, WANTED)

    def values(self, changes: Changes, key: Key, n: int, world: World | None = None) -> Floats:
        """Return [n] values of one of the keys that searches need; 0 where nothing divides."""
        world = world or self.now
        told = self._years.get((world.fresh, WANTED))
        whole = told is not None and told.has(_key(changes, world), n - 1)
        return np.nan_to_num(self._simulated(changes, n, world, WANTED if whole else self._lean).values(key))

    def calibrated(self, key: Key, values: Floats) -> Floats:
        """Return the standard error that the base's calibration leaves in values of revenue, wins or profit."""
        if key.metric != "profit":
            return np.abs(values) * self.prepared.error.revenue
        return np.full(np.shape(values), self._of_profit)

    @cached_property
    def _of_profit(self) -> float:
        today = self.samples({}, OF_PROFIT)
        return float(self.prepared.error.of(today)[today.keys.index(Key("profit"))])

    def _simulated(self, changes: Changes, n: int, world: World, wanted: Wanted) -> Samples:
        seed = self.fresh_seed if world.fresh else self.seed
        years = self._years.setdefault((world.fresh, wanted), Years({}, seed, wanted, self.work, YEARS_A_CALL))
        name = _key(changes, world)
        years.plans.setdefault(name, self.plan(changes, world))
        lacking = [(name, number) for number in range(years.replications(name), n)]
        self.meter.expect_in_all(round(1.1 * (self.meter.done + len(lacking))))
        if not years.fill(lacking):
            raise StoppedError(STOPPED)
        return years.of(name, n)


def cut(plan: Plan, days: int) -> Plan:
    """Return the plan with its period ended after so many days; what happens before is the same to the byte."""
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
    """The name of a plan: luck does not make another."""
    return tuple((path, repr(value)) for path, value in changes.items()), world.start, world.whole
