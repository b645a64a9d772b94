"""Stages as numbers: effort, wait, no-show, exits and the intercept that makes today's rate come out."""

from __future__ import annotations

from simfunnel.distributions import Dist, constant, lognormal
from simfunnel.distributions.elementary import log
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan.arrivals import elapsed
from simfunnel.plan.calendars import business_day, open_days_per_week, windows_of
from simfunnel.plan.calibration import Calibration
from simfunnel.plan.frame import Frame
from simfunnel.plan.handoff import way
from simfunnel.plan.model import StageRules
from simfunnel.scenario.calendars import CalendarSpec
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.stages import Stage

_WEEK_H = 168.0
_EFFORT_CV = 0.8  # of work whose mean follows from a capacity


def stage_rules(frame: Frame, phase: int, calibration: Calibration) -> tuple[StageRules, ...]:
    """The stages of a phase; intercepts are the base's."""
    return tuple(_rules(frame, phase, index, calibration) for index in range(len(frame.stages)))


def effort(base: Scenario, scenario: Scenario, stage: Stage) -> Dist:
    """Hours of work per task. A capacity that a phase does not change means today's work, whatever selling time is."""
    if stage.effort is not None:
        return stage.effort.compile(business_day(calendar_at(scenario, stage.name)))._replace(working=False)
    if stage.capacity is None:
        return constant(0.0)
    same = base.stage(stage.name).capacity == stage.capacity
    return lognormal(mean=_mean_effort(base if same else scenario, stage), cv=_EFFORT_CV)


def _mean_effort(scenario: Scenario, stage: Stage) -> float:
    """Hours of selling time per task of a rep who does as many as `capacity` says."""
    found = set()
    for name, pool in sorted(scenario.pools.items()):
        if stage.name in pool.stages:
            calendar = scenario.calendar_of(name)
            selling_h = windows_of(calendar).open_hours_per_week * pool.selling_share
            found.add(selling_h / (_capacity_per_hour(stage, calendar) * _WEEK_H))
    if len(found) > 1:
        rule = "means different work in the pools that serve the stage: their opening hours or selling times differ"
        problem = Problem(("stages", scenario.stage_names.index(stage.name), "capacity"), str(stage.capacity), rule,
                          "write `effort` instead")  # fmt: skip
        raise ScenarioError([problem])
    return found.pop() if found else 0.0


def _capacity_per_hour(stage: Stage, calendar: CalendarSpec) -> float:
    """Tasks per elapsed hour; `8 / day` means a day on which the pool is open."""
    capacity = stage.capacity
    if capacity is None:
        return 0.0
    if capacity.unit == "day":
        return capacity.amount * open_days_per_week(calendar) / _WEEK_H
    return capacity.per_hour(open_days_per_week(calendar))


def _rules(frame: Frame, phase: int, index: int, calibration: Calibration) -> StageRules:
    scenario = frame.scenarios[phase]
    stage = scenario.stages[index]
    day = business_day(calendar_at(scenario, stage.name))
    pool = frame.stage_pool(phase, stage.name)
    home = None if pool is None else scenario.calendar_of(pool)
    postponed, asleep = stage.otherwise.nurture + stage.otherwise.postponed, stage.postponed_for
    return StageRules(
        intercept=calibration.intercepts[index],
        log_quality_odds=log(stage.quality_odds),
        effort=effort(frame.base, scenario, stage),
        wait=constant(0.0) if stage.wait is None else on_clock(stage.wait.compile(day), scenario, stage.name),
        no_show=stage.no_show,
        no_show_effort=stage.no_show_effort,
        nurture_below=stage.otherwise.nurture,
        postponed_below=1.0 if stage.otherwise.lost == 0.0 else postponed,
        postponed_for=constant(0.0) if asleep is None else on_clock(asleep.compile(day), scenario, stage.name),
        handoff=way(frame, stage.handoff, home),
    )


def calendar_at(scenario: Scenario, stage: str) -> CalendarSpec:
    """The calendar of the first pool, by name, that works a stage; the scenario's when none does."""
    for name, pool in sorted(scenario.pools.items()):
        if stage in pool.stages:
            return scenario.calendar_of(name)
    return scenario.calendar


def on_clock(duration: Dist, scenario: Scenario, stage: str) -> Dist:
    """A duration at a stage; of working time at a stage without a pool, the elapsed time of as many business days."""
    if any(scenario.pool_of(channel, stage) is not None for channel in scenario.channels):
        return duration
    return elapsed(duration, scenario.calendar)
