"""Queues without patience: waits, busy shares and who waits at all (cases R01-R03, R08, R09, R13, R23, R24)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.queues import WAITING_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R13 40", "R23 common")


@pytest.mark.parametrize(("case", "engine"), parameters(WAITING_CASES, WITH_EVERY_ENGINE))
def test_queues_wait_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
