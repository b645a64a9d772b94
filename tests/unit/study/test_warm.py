from __future__ import annotations

import subprocess
import sys
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from simfunnel.engine import compile_the_loop, resolve, simulate
from simfunnel.engine.compiled.loop import finish, loop, open_the_pipeline
from simfunnel.engine.compiled.world import announce_the_world
from simfunnel.jit import is_disabled
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of, starter_text
from simfunnel.study import warm_up
from simfunnel.study.years import calls as warm
from simfunnel.study.years import plans as preparing
from simfunnel.study.years.calls import Call, unpacked
from simfunnel.study.years.plans import prepare_specs
from simfunnel.study.years.work import Work


def test_warming_up_simulates_short_periods_with_a_run_in_and_with_a_pipeline_on_every_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Call[object]] = []
    monkeypatch.setattr(warm, "simulate_call", seen.append)
    monkeypatch.setattr(warm, "seal_cache", lambda: None)

    warm_up()

    plans = [unpacked(call.parcel)[0] for call in seen]
    assert {call.engine for call in seen} == {"simpy", resolve("auto")}
    assert {plan.n_days for plan in plans} == {7, 8}
    assert {len(plan.phases) for plan in plans} == {2}
    assert {bool(plan.opening) for plan in plans} == {True, False}


@pytest.mark.parametrize(("cold", "workers", "compiles"), [(True, 2, True), (True, 1, False), (False, 2, False)])
def test_the_parent_compiles_for_its_workers(
    monkeypatch: pytest.MonkeyPatch, cold: bool, workers: int, compiles: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr(preparing, "workers_will_compile", lambda executor: cold)
    monkeypatch.setattr(preparing, "warm_up", lambda: told.append("warm"))
    scenario = parse(starter_text())
    with ThreadPoolExecutor(2) as pool:
        work = Work(pool if workers > 1 else None, workers, on_progress=lambda step, done, total: told.append(step))
        prepare_specs(scenario, [phases_of(scenario)], work)

    assert told[:2] == (["compiling", "warm"] if compiles else told[:2])
    assert ("warm" in told) == compiles


def test_a_process_beside_compiles_the_loop_and_its_death_is_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[str] = []
    monkeypatch.setattr(warm, "simulate_call", lambda call: engines.append(call.engine))
    monkeypatch.setattr(warm, "seal_cache", lambda: None)
    dies = Future[None]()
    dies.set_exception(BrokenExecutor())
    asked: list[object] = []

    class Beside(ThreadPoolExecutor):
        def submit(self, call: Any, /, *args: Any, **more: Any) -> Any:
            asked.append(call)
            return dies

    warm_up(Beside())

    assert asked == [compile_the_loop]
    assert engines == ["simpy", "simpy", resolve("auto"), resolve("auto")]


@pytest.mark.skipif(is_disabled(), reason="NUMBA_DISABLE_JIT is set")
def test_the_loop_is_compiled_for_what_it_is_called_with() -> None:
    programs: list[Any] = [announce_the_world, open_the_pipeline, loop, finish]
    compile_the_loop()
    known = [list(program.signatures) for program in programs]
    scenario = parse(starter_text().replace(warm.YEAR, warm.WITHOUT_RUN_IN))
    simulate(compile_plan(phases_of(scenario), static_calibration(scenario)), 1, 0, "compiled")

    assert [len(each) for each in known] == [1, 1, 1, 1]
    assert [list(program.signatures) for program in programs] == known


@pytest.mark.skipif(is_disabled(), reason="NUMBA_DISABLE_JIT is set")
def test_two_processes_that_compile_leave_nothing_out() -> None:
    code = """
import sys
from simfunnel.engine import compile_the_loop
from simfunnel.study import compile_the_rest
from simfunnel.study.years import calls
def known():
    return {
        (name, function.py_func.__name__, *map(str, function.signatures))
        for name, module in list(sys.modules.items()) if name.startswith("simfunnel")
        for function in list(vars(module).values())
        if hasattr(function, "signatures") and not isinstance(function, type)
    }
compile_the_loop()
compile_the_rest()
before = known()
calls._simulate_weeks("compiled")
print(sorted(known() - before))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)

    assert done.stdout == "[]\n"
