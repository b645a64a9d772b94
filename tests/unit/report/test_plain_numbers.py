"""No number that a person reads has an exponent."""

from __future__ import annotations

import math
import re

import pytest

from simfunnel.report.screens.frame import precision_text
from simfunnel.stats import Precision
from simfunnel.units import amount_text, number_text, share_text, significant

EXPONENT = re.compile(r"\de[+-]?\d", re.IGNORECASE)


def test_a_precision_beyond_all_bounds_is_a_plain_number() -> None:
    wide, wider = (Precision(achieved, 0.01, False, False, 30) for achieved in (1.84, 12.3))

    assert precision_text("It is known to", "", wide, auto=False) == "It is known to +/- 180%."
    assert precision_text("It has", " of it", wider, auto=True) == "It has +/- 1200% of it; wanted 1%, not reached."


@pytest.mark.parametrize("size", range(-12, 16))
@pytest.mark.parametrize("digits", [1, 2, 4, 6, 10])
def test_a_number_to_some_digits_has_no_exponent_and_is_as_near_as_they_allow(size: int, digits: int) -> None:
    exact = 1.8365 * 10.0**size
    text = significant(exact, digits)

    assert not EXPONENT.search(text)
    assert float(text) == float(f"{exact:.{digits}g}")


@pytest.mark.parametrize("size", range(-12, 16))
def test_numbers_that_read_back_have_no_exponent(size: int) -> None:
    exact = 1.8365 * 10.0**size

    assert not EXPONENT.search(number_text(exact) + amount_text(exact) + share_text(exact))
    assert float(number_text(exact)) == exact


def test_what_is_no_number_stays_what_it_is() -> None:
    assert (significant(math.nan, 2), significant(math.inf, 2), significant(0.0, 3)) == ("nan", "inf", "0")
