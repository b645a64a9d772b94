"""Whose turn it is: highest score first (cases R10, R11, R12)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.queues import PRIORITY_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R11 order",)


@pytest.mark.parametrize(("case", "engine"), parameters(PRIORITY_CASES, WITH_EVERY_ENGINE))
def test_the_highest_score_goes_first_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
