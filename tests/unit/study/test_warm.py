from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from simfunnel.engine import resolve
from simfunnel.scenario import parse, phases_of, starter_text
from simfunnel.study import warm_up
from simfunnel.study.years import calls as warm
from simfunnel.study.years import plans as preparing
from simfunnel.study.years.measured_year import Item
from simfunnel.study.years.plans import prepare_specs
from simfunnel.study.years.replicate import Work


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
