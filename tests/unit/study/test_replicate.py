from __future__ import annotations

import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from simfunnel.errors import StoppedError
from simfunnel.metrics import Key
from simfunnel.study.years import table as loop
from simfunnel.study.years.calls import Call, Measured
from simfunnel.study.years.table import replicate
from simfunnel.study.years.work import Work

NO_PLAN: Any = object()
ONE, TWO = (NO_PLAN,), (NO_PLAN, NO_PLAN)


def luck_of(spread: float) -> Callable[[Call[Measured]], Measured]:
    """Years whose revenue is 1,000 with the given spread; a second plan differs by noise of the same spread."""

    def measured(call: Call[Measured]) -> Measured:
        ((_, replication), *_) = call.cases
        revenues = 1000.0 + spread * np.random.default_rng(replication).normal(size=len(call.cases))
        return Measured(tuple(np.array([[revenue], [1.0]]) for revenue in revenues))

    return measured


@pytest.fixture(autouse=True)
def _only_revenue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "keys_of", lambda plan, wanted: (Key("revenue"),))


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda size: monkeypatch.setattr(loop, "simulate_call", luck_of(size))


def test_auto_stops_at_the_first_check_that_is_precise_enough(spread: Callable[[float], None]) -> None:
    spread(30.0)  # half-width after n: about 2 x 30 / sqrt(n), below 1% of 1,000 from n = 37 on

    done = replicate(ONE, 1, "auto", 0.01, Work())

    assert done.replications in (30, 40, 50)
    assert done.precision.reached
    assert done.precision.achieved <= 0.01


def test_auto_gives_up_at_400_and_says_what_it_achieved(spread: Callable[[float], None]) -> None:
    spread(500.0)

    done = replicate(ONE, 1, "auto", 0.01, Work())

    assert done.replications == 400
    assert not done.precision.reached
    assert done.precision.achieved > 0.01


def test_auto_looks_at_the_differences_when_plans_are_compared(spread: Callable[[float], None]) -> None:
    spread(30.0)

    alone, pair = (replicate(plans, 1, "auto", 0.01, Work()) for plans in (ONE, TWO))

    assert pair.replications > alone.replications  # independent noise in both plans: the difference is less certain


def test_the_number_of_workers_does_not_change_where_auto_stops(spread: Callable[[float], None]) -> None:
    spread(40.0)
    with ThreadPoolExecutor(3) as executor:
        three = replicate(TWO, 1, "auto", 0.01, Work(executor, 3))

    one = replicate(TWO, 1, "auto", 0.01, Work())

    assert one.replications == three.replications
    assert np.array_equal(one.samples[1].numerator, three.samples[1].numerator)


def test_a_stop_keeps_what_is_finished(spread: Callable[[float], None]) -> None:
    spread(1.0)
    seen: list[tuple[str, int, int]] = []
    work = Work(on_progress=lambda *told: seen.append(told), stop=lambda: len(seen) > 5)

    done = replicate(ONE, 1, 50, 0.01, work)

    assert done.cancelled
    assert done.replications == 5
    assert seen[0] == ("simulating", 0, 50)
    assert seen[-1] == ("simulating", 5, 50)


def test_a_stop_before_the_first_replication_has_nothing_to_show(spread: Callable[[float], None]) -> None:
    spread(1.0)

    with pytest.raises(StoppedError):
        replicate(ONE, 1, 50, 0.01, Work(stop=lambda: True))


def test_every_item_runs_on_the_engine_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = []

    def measured(call: Call[Measured]) -> Measured:
        engines.append(call.engine)
        return Measured((np.ones((2, 1)),))

    monkeypatch.setattr(loop, "simulate_call", measured)
    replicate(ONE, 1, 2, 0.01, Work(engine="simpy"))

    assert engines == ["simpy", "simpy"]


def test_no_replications_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        replicate(ONE, 1, 0, 0.01, Work())


def test_what_a_batch_brought_back_is_let_go_before_the_next_is_simulated(
    spread: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    spread(30.0)
    brought: list[weakref.ref[Any]] = []
    held: list[int] = []

    def watched(*args: Any, **more: Any) -> list[Measured]:
        held.append(sum(each() is not None for each in brought))
        found: list[Measured] = run(*args, **more)
        brought.extend(weakref.ref(year.numbers[0]) for year in found)
        return found

    run = Work.run
    monkeypatch.setattr(Work, "run", watched)
    monkeypatch.setattr(loop, "ROWS_A_PART", 4)

    replicate(ONE, 1, 10, 0.01, Work())

    assert held == [0, 0, 0]
