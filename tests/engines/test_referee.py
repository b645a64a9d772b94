"""Every assignment in random scenarios, judged by the referee of the traces: rules and ledger are all he knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.plan.model import HYBRID, Plan, PoolRules
from simfunnel.verify.random import random_scenario
from tests.traces.referee import Referee

NUMBERS = 160
LEAST_TASKS = 5


def may_judge(plan: Plan, pool: int) -> bool:
    """Whether the referee knows all rules: no leads from before, homes and owners as they were, hours of timers too."""
    rules = [phase.pools[pool] for phase in plan.phases]

    def same(of: Callable[[PoolRules], object]) -> bool:
        return len({of(rule) for rule in rules}) == 1

    homes = all(np.array_equal(phase.home_pool, plan.phases[0].home_pool) for phase in plan.phases)
    hybrid = any(rule.structure == HYBRID for rule in rules)
    return (
        homes
        and not plan.opening
        and not any(rule.unlimited for rule in rules)
        and same(lambda rule: rule.ownership)
        and (not hybrid or same(lambda rule: (rule.calendar, rule.overflow_after)))
    )


@cache
def judged(number: int) -> tuple[tuple[str, ...], int]:
    """(complaints, tasks) of the pools that may be judged."""
    found = random_scenario(number)
    ledger: Ledger = simulate(found.plan, found.seed, 0)
    pools = [pool for pool in range(len(found.plan.pools)) if may_judge(found.plan, pool)]
    said = [
        f"{found.plan.pools[pool]} {complaint}"
        for pool in pools
        for complaint in Referee(found.plan, ledger, pool, found.seed).complaints()
    ]
    return tuple(said), int(np.isin(ledger.tasks["pool"], pools).sum())


@pytest.mark.parametrize("number", range(NUMBERS))
def test_every_assignment_of_a_random_scenario_follows_the_rules(number: int) -> None:
    assert judged(number)[0][:3] == ()


def test_many_of_the_random_scenarios_have_something_to_judge() -> None:
    assert sum(judged(number)[1] >= LEAST_TASKS for number in range(NUMBERS)) > NUMBERS * 2 // 5
