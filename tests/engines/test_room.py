"""The compiled engine's arrays have a room; a run that needs more begins anew with twice as much."""

from __future__ import annotations

from typing import Any

import pytest

from simfunnel.engine import simulate
from simfunnel.engine.compiled import run as model
from simfunnel.verify.random import random_scenario
from tests.engines.agree import assert_same_ledger


@pytest.mark.parametrize("number", [2, 20])
@pytest.mark.parametrize("scarce", [("event_room",), ("task_room",), ("row_room",), ("event_room", "task_room")])
def test_a_run_that_runs_out_of_room_begins_anew_and_writes_the_same_bytes(
    number: int, scarce: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = random_scenario(number)
    tries: list[float] = []
    usual = model.new_state

    def cramped(plan: Any, run: Any, leads: int, written: int, room: float) -> Any:
        state = usual(plan, run, leads, written, room)
        tries.append(room)
        if len(tries) < 3:
            for name in scarce:
                run[name] = len(tries) + (written if name == "row_room" else 0)
        return state

    expected = simulate(found.plan, found.seed, found.replication, "simpy")
    monkeypatch.setattr(model, "new_state", cramped)
    ledger = simulate(found.plan, found.seed, found.replication, "compiled")

    assert tries == [1.0, 2.0, 4.0]
    assert_same_ledger(expected, ledger, found.plan)
