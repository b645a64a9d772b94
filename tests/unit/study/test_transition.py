from __future__ import annotations

import numpy as np

from simfunnel.metrics import Key
from simfunnel.study.compare import Transition, transition
from simfunnel.study.years.samples import Samples

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04")


def samples(rows: list[list[float]]) -> Samples:
    table = np.array(rows)
    return Samples(tuple(Key("revenue", month=m) for m in range(table.shape[1])), table, np.ones(table.shape))


def moved(*steps: float, spread: float = 0.0) -> Transition:
    base = samples([[100.0] * 4, [120.0] * 4] * 3)
    change = np.array([steps] * 6) + np.array([[spread], [-spread]] * 3)
    return transition("stricter", "revenue", base, samples((base.numerator + change).tolist()), MONTHS)


def test_a_plan_that_falls_first_has_a_trough_and_a_payback_month() -> None:
    found = moved(-30, -10, 25, 20)

    assert [month.mean for month in found.months] == [-30, -10, 25, 20]
    assert [month.cumulative for month in found.months] == [-30, -40, -15, 5]
    assert found.trough is not None
    assert (found.trough.month, found.trough.depth) == ("2027-02", -40)
    assert found.payback_month == "2027-04"


def test_a_plan_that_is_not_made_good_has_no_payback_month() -> None:
    found = moved(-30, -10, 5, 5)

    assert found.trough is not None
    assert found.payback_month == ""


def test_a_loss_smaller_than_its_half_width_is_no_trough() -> None:
    assert moved(-3, -1, 2, 1, spread=5).trough is None


def test_a_plan_that_gains_from_the_start_has_no_trough() -> None:
    found = moved(5, 5, 5, 5)

    assert found.trough is None
    assert found.payback_month == ""


def test_a_plan_paid_back_for_one_month_only_is_not_paid_back() -> None:
    assert moved(-30, 40, -20, 15).payback_month == "2027-04"


def test_one_replication_shows_no_half_width_and_no_trough() -> None:
    base = samples([[100.0] * 4])
    found = transition("p", "revenue", base, samples([[90.0] * 4]), MONTHS)

    assert np.isnan(found.months[0].half_width)
    assert found.trough is None


def test_two_equal_years_show_no_trough() -> None:
    base = samples([[100.0] * 4] * 2)

    assert transition("p", "revenue", base, samples([[90.0] * 4] * 2), MONTHS).trough is None


def test_a_difference_is_detected_where_any_month_is_told_from_nothing_and_years_are_enough() -> None:
    assert moved(5, 5, 5, 5).detected
    assert moved(-30, -10, 25, 20).detected
    assert not moved(-3, -1, 2, 1, spread=5).detected

    base = samples([[100.0] * 4] * 3)
    assert not transition("p", "revenue", base, samples([[90.0] * 4] * 3), MONTHS).detected
