"""Thresholds, acceptance and nurture of a scenario in the numbers of a plan."""

from __future__ import annotations

from typing import TypedDict

from simfunnel.distributions import Dist, constant, never
from simfunnel.plan.calendars import business_day
from simfunnel.plan.model import TO_DISQUALIFIED, TO_LOST, TO_NURTURE
from simfunnel.plan.stages import calendar_at, on_clock
from simfunnel.scenario.model import Scenario

WHERE_TO = {"nurture": TO_NURTURE, "disqualified": TO_DISQUALIFIED, "lost": TO_LOST}


def acceptance_effort(scenario: Scenario) -> tuple[Dist, float]:
    """Return (hours of work on a rejected contact, share of the task's effort); the share is -1 when a duration is
    typed."""
    acceptance = scenario.acceptance
    if acceptance is None:
        return constant(0.0), -1.0
    if isinstance(acceptance.effort, float):
        return constant(0.0), acceptance.effort
    day = business_day(calendar_at(scenario, scenario.stage_names[0]))
    return acceptance.effort.compile(day)._replace(working=False), -1.0


class NurtureRules(TypedDict):
    """The fields of a Phase that nurture fills."""

    nurtures: bool
    nurture_delay: Dist
    score_lift: Dist
    quality_lift: Dist
    opt_out: float
    cycles: int
    nurture_patience: Dist
    nurture_cost: float


def nurture_rules(scenario: Scenario) -> NurtureRules:
    """Return the programme of a phase; without one nobody enters."""
    nurture = scenario.nurture
    if nurture is None:
        return NurtureRules(
            nurtures=False,
            nurture_delay=constant(0.0),
            score_lift=constant(0.0),
            quality_lift=constant(0.0),
            opt_out=0.0,
            cycles=0,
            nurture_patience=never(),
            nurture_cost=0.0,
        )
    first = scenario.stage_names[0]
    day = business_day(calendar_at(scenario, first))
    return NurtureRules(
        nurtures=True,
        nurture_delay=on_clock(nurture.delay.compile(day), scenario, first),
        score_lift=nurture.score_lift.compile(),
        quality_lift=constant(0.0) if nurture.quality_lift is None else nurture.quality_lift.compile(),
        opt_out=nurture.opt_out,
        cycles=nurture.cycles,
        nurture_patience=nurture.patience.compile(day),
        nurture_cost=nurture.cost,
    )
