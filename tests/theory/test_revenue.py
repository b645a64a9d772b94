"""Mean, spread and chances of revenue (cases R20, R21)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.funnel import REVENUE_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R21",)


@pytest.mark.parametrize(("case", "engine"), parameters(REVENUE_CASES, WITH_EVERY_ENGINE))
def test_revenue_varies_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
