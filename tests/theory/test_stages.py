"""Several stages, nurture, and pipelines that fill up (cases R16-R19)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.funnel import STAGES_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R18 365",)


@pytest.mark.parametrize(("case", "engine"), parameters(STAGES_CASES, WITH_EVERY_ENGINE))
def test_pipelines_fill_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
