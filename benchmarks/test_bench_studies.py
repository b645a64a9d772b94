"""Whole studies of b2b.yaml, from the scenario to the result: calibrated, replicated, measured, summed up.

Calibration is found in its cache, as it is from the second study of a scenario on; workers have been started and have
compiled what they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import simfunnel as sf
from benchmarks.workloads import THRESHOLDS, TODAY, studied, sweep_of_thresholds
from simfunnel.app.jobs import LocalProcesses

WORKERS = 2


@pytest.fixture(scope="module")
def processes(request: pytest.FixtureRequest) -> Iterator[LocalProcesses]:
    """Two processes that have simulated already."""
    executor = LocalProcesses(WORKERS)
    tiny = bool(request.config.getoption("--tiny"))
    sf.run(studied(tiny), replications=WORKERS if tiny else 4 * WORKERS, executor=executor, workers=WORKERS)
    yield executor
    executor.shutdown()


def test_thirty_replications_in_this_process(benchmark: Any, tiny: bool) -> None:
    scenario = studied(tiny)
    benchmark.group = "per study, 30 replications"
    replications = 1 if tiny else 30
    sf.run(scenario, replications=1)
    result = benchmark.pedantic(sf.run, (scenario,), {"replications": replications}, rounds=1 if tiny else 3)
    assert result.replications == replications


def test_thirty_replications_in_two_processes(benchmark: Any, tiny: bool, processes: LocalProcesses) -> None:
    scenario = studied(tiny)
    benchmark.group = "per study, 30 replications"
    given = {"replications": 2 if tiny else 30, "executor": processes, "workers": WORKERS}
    sf.run(scenario, replications=1)
    result = benchmark.pedantic(sf.run, (scenario,), given, rounds=1 if tiny else 3)
    assert result.replications == given["replications"]


def test_seventeen_thresholds_of_fifty_replications(benchmark: Any, tiny: bool, processes: LocalProcesses) -> None:
    thresholds = (TODAY - 2, TODAY) if tiny else THRESHOLDS
    scenario, names = sweep_of_thresholds(thresholds, tiny)
    benchmark.group = "per study, 17 thresholds of 50 replications"
    given = {"replications": 2 if tiny else 50, "executor": processes, "workers": WORKERS}
    sf.compare(scenario, names, replications=2, executor=processes, workers=WORKERS)
    result = benchmark.pedantic(sf.compare, (scenario, names), given, rounds=1)
    assert len(result.differences) > 0
