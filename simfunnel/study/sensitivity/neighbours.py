"""Bases near today's: the same scenario with other inputs, each solved anew and compiled to a plan of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simfunnel.errors import ScenarioError
from simfunnel.plan import Calibration, Plan, compile_plan
from simfunnel.plan.today.solve import Base
from simfunnel.scenario import Scenario, phases_of, with_values
from simfunnel.study.calibrate.calibrate import fingerprint
from simfunnel.study.calibrate.nearby import ROUNDS, Middle, calibrate_near, middle_of
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.work import Work

SOLVING = "solving for each end of the inputs"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Neighbourhood:
    """A calibrated base, and what is to be known of it to calibrate others near it."""

    scenario: Scenario
    what_ifs: tuple[str, ...]
    start: Start
    found: Calibration
    found_for: str  # the fingerprint of the base
    middle: Middle
    engine: str


@dataclass(frozen=True)
class Neighbour:
    """The base with other values at some paths."""

    around: Neighbourhood
    values: Values
    rounds: int = ROUNDS

    def __str__(self) -> str:
        return ", ".join(f"{path}={value}" for path, value in self.values.items())


def around(scenario: Scenario, what_ifs: Sequence[str], start: Start, prepared: Prepared, work: Work) -> Neighbourhood:
    """Gather what calibrating others near the calibrated base of a plan takes."""
    base = phases_of(scenario, what_ifs, start).base
    middle = middle_of(base, prepared.calibration, work.engine)
    return Neighbourhood(
        scenario, tuple(what_ifs), start, prepared.calibration, fingerprint(Base(base)), middle, work.engine
    )


def plan_near(neighbour: Neighbour) -> Plan | str:
    """Compile the plan of a base with other inputs; the reason where they cannot be together.

    The plan's base is solved anew, by few pilots; one that differs in nothing that is solved keeps its constants to the
    last digit, so that what cannot matter makes no difference.
    """
    here = neighbour.around
    try:
        scenario = with_values(here.scenario, neighbour.values)
        spec = phases_of(scenario, here.what_ifs, here.start)
        same = fingerprint(Base(spec.base)) == here.found_for
        calibration = here.found if same else calibrate_near(spec.base, here.middle, here.engine, neighbour.rounds)
        return compile_plan(spec, calibration)
    except ScenarioError as error:
        problem = error.problems[0]
        return f"{problem.rule}; {problem.remedy}" if problem.remedy else problem.rule


def plans_near(here: Neighbourhood, values: Sequence[Values], work: Work, rounds: int = ROUNDS) -> list[Plan | str]:
    """Compile a plan for each of some values, or tell why there is none; shorter only when `work` was stopped.

    `rounds` of pilots: one will do where effects are only ranked.
    """
    work.tell(SOLVING, 0, len(values))
    return work.run(plan_near, [Neighbour(here, each, rounds) for each in values], SOLVING)
