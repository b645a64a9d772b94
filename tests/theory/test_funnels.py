"""Funnels against theory: thresholds (R14, R15), stages and nurture (R16-R19), revenue (R20, R21), effects (R22, R25).

`test_formulas` asks `simfunnel.theory` the same of thresholds.
"""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.funnel import EFFECTS_CASES, REVENUE_CASES, SCORES_CASES, STAGES_CASES
from tests.theory.asking import hold, parameters

CASES = (*SCORES_CASES, *STAGES_CASES, *REVENUE_CASES, *EFFECTS_CASES)
WITH_EVERY_ENGINE = ("R15",)  # bytes are compared elsewhere, of every case; one case shows the way


@pytest.mark.parametrize(("case", "engine"), parameters(CASES, WITH_EVERY_ENGINE))
def test_leads_advance_return_and_win_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
