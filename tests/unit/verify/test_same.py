"""Differences between two ledgers are found to the bit, and told by the lead that parts first."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import TABLES
from simfunnel.verify.engines import Difference, first_difference
from tests.traces.harness import at, compiled, funnel

PLAN = compiled(funnel({"a": at(10, 3), "b": at(12, 2)}, desk={"reps": 1}))
LEDGER = simulate(PLAN, 1, 0, "simpy")
LOSING: dict[str, Any] = {"conversion": "0%", "otherwise": {"nurture": "100%"}}
NURTURED = simulate(compiled(funnel({"a": at(10, 3)}, call=LOSING, nurture={"delay": "1 day"})), 1, 0, "simpy")


def changed(table: str, column: str, row: int, value: Any) -> Ledger:
    """The ledger with one cell changed."""
    other = copy.deepcopy(LEDGER)
    other.table(table)[column][row] = value
    return other


def difference(other: Ledger) -> Difference:
    found = first_difference(LEDGER, other, PLAN)
    assert found is not None
    return found


def test_equal_ledgers_have_no_difference_though_they_hold_nan() -> None:
    assert np.isnan(LEDGER.passes["assessment"]).any()
    assert first_difference(LEDGER, copy.deepcopy(LEDGER), PLAN) is None


@pytest.mark.parametrize(
    ("table", "column"), [(name, column.name) for name in TABLES for column in TABLES[name] if column.name != "lead"]
)
def test_one_bit_anywhere_is_found_and_named(table: str, column: str) -> None:
    other = copy.deepcopy(NURTURED)
    cells = other.table(table)[column]
    cells.view(f"u{cells.dtype.itemsize}")[-1] ^= 1

    found = first_difference(NURTURED, other, PLAN)
    assert found is not None
    assert (found.table, found.column) == (table, column)
    assert str(found)


def test_a_zero_with_a_sign_differs_from_zero() -> None:
    assert LEDGER.leads["wasted"][0] == 0.0
    assert difference(changed("leads", "wasted", 0, -0.0)).other == "-0.0"


def test_the_lead_that_parts_first_in_time_is_named_with_both_lives() -> None:
    other = changed("tasks", "started", 4, 15.5)
    other.tasks["ended"][1] = 12.5

    found = difference(other)
    assert (found.table, found.column, found.row) == ("tasks", "ended", 1)
    assert (found.one, found.other) == ("12.0", "12.5")
    assert "lead 1, id" in found.where
    text = str(found)
    assert text.startswith("tasks.ended, row 1: 12.0 against 12.5 (lead 1, id")
    assert sum(line.startswith("  1 tasks: ") for line in text.splitlines()) == 1
    assert sum(line.startswith("  2 tasks: ") for line in text.splitlines()) == 1
    assert "  = leads: " in text
    assert "stage call, pool desk, rep 0" in text


def test_a_row_that_one_ledger_lacks_is_told() -> None:
    other = copy.deepcopy(LEDGER)
    for name, column in other.tasks.items():
        other.tasks[name] = column[:-1]

    found = difference(other)
    assert (found.table, found.column, found.one, found.other) == ("tasks", "", "a row", "no row")
    assert "lead 4" in found.where


def test_other_leads_are_told_by_their_ids() -> None:
    other = changed("leads", "id", 2, 7)

    found = difference(other)
    assert (found.table, found.column, found.row, found.other) == ("leads", "id", 2, "7")


def test_fewer_leads_are_told_by_their_number() -> None:
    other = copy.deepcopy(LEDGER)
    for name, column in other.leads.items():
        other.leads[name] = column[:-1]

    assert "5 and 4 leads" in str(difference(other))


def test_another_dtype_or_order_of_columns_is_a_difference() -> None:
    narrow = copy.deepcopy(LEDGER)
    narrow.reps["busy"] = narrow.reps["busy"].astype(np.float32)
    turned = copy.deepcopy(LEDGER)
    turned.queues["joined"] = turned.queues.pop("joined")

    assert "columns or dtypes" in str(difference(narrow))
    assert "columns or dtypes" in str(difference(turned))


def test_a_pool_is_named_where_no_lead_differs() -> None:
    found = difference(changed("queues", "queue_hours", 0, 99.0))

    assert (found.table, found.column, found.where) == ("queues", "queue_hours", "desk")
