"""What a threshold selects in the simulation (cases R14, R15); `test_formulas` asks `simfunnel.theory` the same."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.funnel import SCORES_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R15",)


@pytest.mark.parametrize(("case", "engine"), parameters(SCORES_CASES, WITH_EVERY_ENGINE))
def test_thresholds_select_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
