"""The meaning step: what is well written but cannot be meant, and what is odd.

Each concept's rules are functions Scenario -> problems by path; errors stop a scenario, warnings are printed by
`check` and with results. Rules that need the plan's numbers keep their messages here (`overload_problem`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simfunnel.errors import Problem
from simfunnel.scenario.checks.contradictions import contradiction_rules, slip_rules
from simfunnel.scenario.checks.loads import Overload, cold_problem, overload_problem
from simfunnel.scenario.checks.names import name_rules
from simfunnel.scenario.checks.pools import pool_rules, serving_rules, team_rules
from simfunnel.scenario.checks.qualification import agreement_problem, bar_problem, qualification_rules
from simfunnel.scenario.checks.size import size_rules
from simfunnel.scenario.checks.stages import stage_rules
from simfunnel.scenario.checks.time import time_rules
from simfunnel.scenario.checks.unused import unused_rules
from simfunnel.scenario.model import Scenario

__all__ = ["Overload", "agreement_problem", "bar_problem", "cold_problem", "meaning", "overload_problem"]

RULES: tuple[Callable[[Scenario], Iterable[Problem]], ...] = (
    contradiction_rules,
    serving_rules,
    qualification_rules,
    stage_rules,
    pool_rules,
    team_rules,
    time_rules,
    size_rules,
    slip_rules,
    unused_rules,
)


def meaning(scenario: Scenario) -> list[Problem]:
    """Every error and warning about what a scenario means, by path (list items by position), without places."""
    unnamed = list(name_rules(scenario))
    misnamed = any(problem.severity == "error" for problem in unnamed)
    rules = [
        rule for rule in RULES if not (misnamed and rule is serving_rules)
    ]  # a wrong name is not also nobody's pool
    return [*unnamed, *(problem for rule in rules for problem in rule(scenario))]
