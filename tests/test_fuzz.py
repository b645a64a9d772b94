"""A slice of the hostile inputs, chosen by the date; `python tests/fuzz.py --all` runs them all."""

from __future__ import annotations

import datetime

import pytest

from tests import fuzz

SECONDS = 10.0  # of processor time


@pytest.mark.slow
def test_hostile_inputs_end_with_finite_numbers_or_with_a_place_and_a_remedy() -> None:
    day = datetime.date.today().toordinal()

    tried = list(fuzz.failures(fuzz.of_the_day(day), SECONDS))

    wrong = [f"{each.name}: {outcome.faults}" for each, outcome in tried if outcome.faults]
    assert not wrong, "\n".join([f"slice of day {day}", *wrong])
    assert len(tried) > 20


def test_every_scalar_meets_more_than_25_hostile_values_and_there_are_5000_inputs() -> None:
    names = [each.name for each in fuzz.inputs()]

    assert len(names) == len(set(names)) > 5_000
    assert len(fuzz.VALUES) > 25
    assert sum(name.startswith("file:") for name in names) == fuzz.MUTATIONS
    assert {command for command, _ in fuzz.options()} == set(fuzz.COMMANDS)
