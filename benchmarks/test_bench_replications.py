"""One replication with each engine: the benchmark's workload, and every shipped scenario as it is shipped."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.players import plan_for
from benchmarks.workloads import SHIPPED, plan_of
from simfunnel.engine import ENGINES, simulate
from simfunnel.plan import Plan

ROUNDS = {"simpy": 5, "compiled": 20}


def timed(benchmark: Any, group: str, plan: Plan, engine: str, tiny: bool) -> None:
    """Time replications 1, 2, ... of a plan; 0 is simulated before, so that everything is compiled."""
    simulate(plan, 1, 0, engine)
    numbers = iter(range(1, 1 + ROUNDS[engine]))
    benchmark.group = group
    benchmark.extra_info["engine"] = engine
    ledger = benchmark.pedantic(
        simulate,
        setup=lambda: ((plan, 1, next(numbers), engine), {}),
        rounds=1 if tiny else ROUNDS[engine],
    )
    benchmark.extra_info["leads"] = len(ledger.leads["id"])
    assert len(ledger.leads["id"]) > 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("leads", [1_000, 10_000, 100_000])
def test_a_replication_of_the_workload(benchmark: Any, tiny: bool, leads: int, engine: str) -> None:
    timed(benchmark, f"per replication, {leads:,} leads", plan_for(100 if tiny else leads), engine, tiny)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_replication_of_a_shipped_scenario(benchmark: Any, tiny: bool, name: str, engine: str) -> None:
    timed(benchmark, f"per replication, {name}.yaml", plan_of(name, tiny), engine, tiny)
