from __future__ import annotations

import pytest

from simfunnel.study import warm, warm_up
from simfunnel.study.items import Item


def test_warming_up_simulates_a_short_period(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Item] = []
    monkeypatch.setattr(warm, "simulate_item", seen.append)

    warm_up()

    assert seen[0].plans[0].n_days == 8
