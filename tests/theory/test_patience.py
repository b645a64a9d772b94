"""Queues that lose leads: no room, limited room, limited patience (cases R04-R07)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.queues import PATIENCE_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R06",)


@pytest.mark.parametrize(("case", "engine"), parameters(PATIENCE_CASES, WITH_EVERY_ENGINE))
def test_leads_give_up_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
