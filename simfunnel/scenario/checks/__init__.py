"""The meaning step: find what is well written but cannot be meant, and what is odd.

Each concept's rules are functions Scenario -> problems by path; errors stop a scenario, warnings are printed by
`check` and with results. Rules that need the plan's numbers keep their messages here (`overload_problem`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simfunnel.errors import Problem
from simfunnel.scenario.checks import contradictions, funnel, pools, size, unused
from simfunnel.scenario.checks.funnel import agreement_problem, threshold_problem
from simfunnel.scenario.checks.names import name_rules
from simfunnel.scenario.checks.pools import Overload, cold_problem, overload_problem
from simfunnel.scenario.model import Scenario

__all__ = ["Overload", "agreement_problem", "cold_problem", "meaning", "overload_problem", "threshold_problem"]

RULES: tuple[Callable[[Scenario], Iterable[Problem]], ...] = (
    contradictions.cycle_rules,
    contradictions.season_rules,
    pools.serving_rules,
    funnel.qualification_rules,
    funnel.nurture_rules,
    funnel.flow_rules,
    funnel.stage_rules,
    funnel.effect_rules,
    pools.pool_rules,
    pools.team_rules,
    contradictions.date_rules,
    contradictions.run_in_rules,
    contradictions.clock_rules,
    size.size_rules,
    contradictions.share_rules,
    contradictions.slip_rules,
    unused.unused_rules,
)


def meaning(scenario: Scenario) -> list[Problem]:
    """Return every error and warning about what a scenario means, by path (list items by position), without places."""
    unnamed = list(name_rules(scenario))
    misnamed = any(problem.severity == "error" for problem in unnamed)  # a wrong name is not also a pool of no leads
    rules = [rule for rule in RULES if not (misnamed and rule is pools.serving_rules)]
    return [*unnamed, *(problem for rule in rules for problem in rule(scenario))]
