"""Queues against theory: waits (R01-R03, R08, R09, R13, R23, R24), lost leads (R04-R07), whose turn it is (R10-R12)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.queues import PATIENCE_CASES, PRIORITY_CASES, WAITING_CASES
from tests.theory.asking import hold, parameters

CASES = (*WAITING_CASES, *PATIENCE_CASES, *PRIORITY_CASES)
WITH_EVERY_ENGINE = ("R11 order",)  # bytes are compared elsewhere, of every case; one case shows the way


@pytest.mark.parametrize(("case", "engine"), parameters(CASES, WITH_EVERY_ENGINE))
def test_leads_wait_give_up_and_are_served_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
