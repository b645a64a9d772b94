"""The constants as a value: rounded, kept as JSON, read back."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
import pytest

from simfunnel.plan import Calibration
from tests.unit.plan.scenes import calibrated


def test_constants_survive_being_written_down() -> None:
    found = replace(
        calibrated("stages.discovery.conversion=100%"),
        warnings=("careful",),
        open_leads=np.array([[0.1, 0.2, 0.3, 1.0, 0.0]]),
        step=0.004,
    ).rounded()

    again = Calibration.from_json(found.to_json())

    assert again == found
    assert again.intercepts[0] == inf
    assert isnan(again.win_rate_factor)
    assert again.open_leads.tolist() == [[0.1, 0.2, 0.3, 1.0, 0.0]]


def test_constants_are_rounded_to_a_millionth() -> None:
    found = replace(calibrated(), cut=0.12345678, intercepts=(1.00000049, -inf)).rounded()

    assert (found.cut, found.intercepts) == (0.123457, (1.0, -inf))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cut": 1}', "not json"])
def test_anything_else_is_no_calibration(text: str) -> None:
    with pytest.raises(ValueError):
        Calibration.from_json(text)


def test_assessments_between_the_kept_quantiles_are_linear() -> None:
    found = replace(calibrated(), assessments=(0.0, 1.0, 3.0))

    assert [found.assessment_at(share) for share in (0.0, 0.25, 0.75, 1.0)] == [0.0, 0.5, 2.0, 3.0]


def test_channels_are_found_by_name() -> None:
    found = replace(calibrated(), win_rate_factor=nan)

    assert (found.of_channel("chat"), found.of_channel("fair")) == (0, None)
    assert found != calibrated("acceptance.rate=61%")
