"""Levels that may not be possible: each is compiled if it can be, and said to be overloaded or refused if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan import Plan, compile_plan
from simfunnel.scenario import PlanSpec, Scenario, phases_with, with_places
from simfunnel.study.odd import grows_for_good
from simfunnel.study.prepare import Prepared, Start, prepare_specs
from simfunnel.study.replicate import Work

MOST_LEADS = 2e6  # a simulated period with its run-in: hundreds of them are simulated


@dataclass(frozen=True)
class Attempt:
    """One set of changes, compiled: `plan` is None when they are refused, for the reason in `problem`.

    An overloaded plan has a team whose queue only grows; it can be simulated, and `problem` names the team.
    """

    plan: Plan | None
    problem: Problem | None = None

    @property
    def overloaded(self) -> bool:
        """Whether a team cannot keep up in the long run."""
        return self.plan is not None and self.problem is not None


def too_many_leads(plan: Plan) -> str:
    """How many leads a simulated period of the plan is expected to have, where they are more than a search can bear."""
    leads = 24.0 * sum(float(each.rate_h.sum()) for each in plan.sources)
    return f"{leads:,.0f} leads a simulated period, more than can be searched" if leads > MOST_LEADS else ""


def attempts(
    scenario: Scenario, changes: Sequence[Mapping[str, Any]], start: Start, work: Work
) -> tuple[Prepared, tuple[Attempt, ...]]:
    """Today as it is, and an attempt for each of `changes`; ScenarioError when today itself cannot be simulated."""
    today = phases_with(scenario, {}, start)
    prepared = prepare_specs(scenario, [today], work)
    return prepared, tuple(_attempt(scenario, each, start, today, prepared, work) for each in changes)


def _attempt(
    scenario: Scenario, changes: Mapping[str, Any], start: Start, today: PlanSpec, prepared: Prepared, work: Work
) -> Attempt:
    try:
        spec = phases_with(scenario, changes, start)
        if spec.base is not scenario:  # a belief among the changes: the base is solved anew
            return Attempt(prepare_specs(scenario, [spec], work).plans[0])
        behind = grows_for_good(spec, prepared.calibration)
        problem = None if behind is None else with_places(scenario, [behind]).problems[0]
        return Attempt(compile_plan(spec, prepared.calibration), problem)
    except ScenarioError as error:
        return Attempt(None, with_places(scenario, error.problems).problems[0])
