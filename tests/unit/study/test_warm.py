from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simfunnel.engine import resolve
from simfunnel.scenario import parse, phases_of, starter_text
from simfunnel.study import prepare as preparing
from simfunnel.study import warm, warm_up
from simfunnel.study.items import Item
from simfunnel.study.prepare import prepare_specs
from simfunnel.study.replicate import Work

ROOT = Path(__file__).parents[3]
COUNT = """
from simfunnel.jit import cache_folder
print(sum(1 for _ in cache_folder().rglob("*.nbc")))
"""
TWO_RUNS = """
from simfunnel.study import compare
from simfunnel.scenario import load
from simfunnel.engine import SIMPY, resolve
sets = ["period.run_in=0 days", "opening_pipeline=[{channel: website, stage: discovery, count: 9, age: 5 days}]"]
hours = 'what_ifs.shut={from: 2027-02-01, calendar.hours: "09:00-16:00"}'
for given in ([], sets):
    scenario = load("scenarios/reference.yaml", sets=[*given, hours])
    for engine in (SIMPY, resolve("auto")):
        found = compare(scenario, [*list(scenario.what_ifs)[:2], "shut"], replications=1, engine=engine)
print(found.estimate("revenue").mean)
"""
WARM_UP = "from simfunnel.study import warm_up; warm_up()\n"


def started(cache: Path, code: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "NUMBA_DISABLE_JIT": "0", "SIMFUNNEL_CACHE": str(cache)}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> list[str]:
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return out.split()


def test_warming_up_simulates_short_periods_with_a_run_in_and_with_a_pipeline_on_every_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Item] = []
    monkeypatch.setattr(warm, "simulate_item", seen.append)
    monkeypatch.setattr(warm, "seal_cache", lambda: None)

    warm_up()

    assert {item.engine for item in seen} == {"simpy", resolve("auto")}
    assert {item.plans[0].n_days for item in seen} == {7, 8}
    assert {len(item.plans[0].phases) for item in seen} == {2}
    assert {bool(item.plans[0].opening) for item in seen} == {True, False}


@pytest.mark.parametrize(("cold", "workers", "compiles"), [(True, 2, True), (True, 1, False), (False, 2, False)])
def test_the_parent_compiles_for_its_workers(
    monkeypatch: pytest.MonkeyPatch, cold: bool, workers: int, compiles: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr(preparing, "workers_will_compile", lambda: cold)
    monkeypatch.setattr(preparing, "warm_up", lambda: told.append("warm"))
    scenario = parse(starter_text())
    with ThreadPoolExecutor(2) as pool:
        work = Work(pool if workers > 1 else None, workers, on_progress=lambda step, done, total: told.append(step))
        prepare_specs(scenario, [phases_of(scenario)], work)

    assert told[:2] == (["compiling", "warm"] if compiles else told[:2])
    assert ("warm" in told) == compiles


@pytest.mark.slow
def test_two_processes_that_compile_at_once_both_give_right_results_and_leave_nothing_to_compile(
    tmp_path: Path,
) -> None:
    both = [started(tmp_path, WARM_UP + COUNT + TWO_RUNS) for _ in range(2)]
    (_, one), (_, two) = (finished(process) for process in both)
    compiled, again, after = finished(started(tmp_path, COUNT + TWO_RUNS + COUNT))

    assert one == two == again
    assert compiled == after
