from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from simfunnel.engine import resolve
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
    monkeypatch.setattr(preparing, "workers_will_compile", lambda: cold)
    monkeypatch.setattr(preparing, "warm_up", lambda: told.append("warm"))
    scenario = parse(starter_text())
    with ThreadPoolExecutor(2) as pool:
        work = Work(pool if workers > 1 else None, workers, on_progress=lambda step, done, total: told.append(step))
        prepare_specs(scenario, [phases_of(scenario)], work)

    assert told[:2] == (["compiling", "warm"] if compiles else told[:2])
    assert ("warm" in told) == compiles
