"""A few ledgers are, to the byte, what they were: a change that is to alter no result alters none.

A change of the model or of the luck moves these digests and says so in the changelog; one that only makes things
faster or tidier may not. They are the same on every machine.
"""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import TABLES
from tests.properties.funnels import BUSY, Typed, changed, lived, plan_of

SOURCES = changed(
    BUSY,
    channels__web__campaigns={"fair": {"from": "2027-01-20", "to": "2027-01-22", "leads": 40, "cost": "2k"}},
    channels__web__value_quality=0.5,
    channels__web__season={"feb": "130%"},
    channels__lists={
        "lists": {"every": {"mean": "3 business days"}, "size": {"mean": 12, "cv": 0.5}},
        "deal_value": {"family": "gamma", "mean": "8k", "cv": 1.2},
        "patience": "none",
    },
    handoff__chat={"instant": True},
    handoff__lists={"batch": "Mon,Thu 09:00", "leak": "5%"},
    pools__SDR__structure="dedicated",
    qualification={"threshold": 50, "near_miss": 10, "below_to": "nurture"},
    nurture__delay={"mean": "6 business days", "cv": 0.4},
    nurture__quality_lift={"mean": 0.1, "sd": 0.2},
    what_ifs={"stricter": {"qualification.threshold": 55, "handoff.default.delay": "30 minutes"}},
)
OPENING = changed(
    BUSY,
    period={"start": "2027-01-04", "weeks": 6},
    opening_pipeline=[
        {"channel": "web", "stage": "call", "count": 25, "age": {"mean": "3 days"}},
        {"channel": "chat", "stage": "close", "count": 30, "age": {"median": "4 days", "p90": "20 days"}},
    ],
)


def digest(ledger: Ledger) -> str:
    """Of the bytes of every column of every table."""
    whole = hashlib.sha256()
    for table, columns in TABLES.items():
        for column in columns:
            whole.update(ledger.table(table)[column.name].astype(column.dtype, copy=False).tobytes())
    return whole.hexdigest()[:16]


@pytest.mark.parametrize(
    ("typed", "what_ifs", "known"),
    [
        (BUSY, [], ["d07c4d8480b2258f", "74fc29064be1054a"]),
        (SOURCES, [], ["0e5ec5b0f67e18b8", "3ff4b459bf171303"]),
        (SOURCES, ["stricter"], ["49fcf373e1a540c1", "e4f5897f9b1bce22"]),
        (OPENING, [], ["bdd178d852e2c9aa", "2d8116e2aba126ce"]),
    ],
    ids=["busy", "sources", "a switch", "opening"],
)
def test_a_ledger_is_what_it_was(typed: Typed, what_ifs: list[str], known: list[str]) -> None:
    plan = plan_of(typed, what_ifs, date(2027, 2, 1))

    assert [digest(lived(plan, replication, 7)) for replication in range(2)] == known
