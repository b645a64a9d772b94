"""Speed to lead and the sweep of a threshold, with the model's own win rule (cases R22, R25, restated)."""

from __future__ import annotations

import pytest

from simfunnel.verify.cases import Case
from simfunnel.verify.cases.funnel import EFFECTS_CASES
from tests.theory.asking import hold, parameters

WITH_EVERY_ENGINE = ("R25 1",)


@pytest.mark.parametrize(("case", "engine"), parameters(EFFECTS_CASES, WITH_EVERY_ENGINE))
def test_effects_move_wins_as_theory_says(case: Case, engine: str) -> None:
    hold(case, engine)
