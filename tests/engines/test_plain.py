"""The compiled engine as plain Python, which checks the bounds that machine code does not: the same bytes."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from simfunnel import engine
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import TABLES
from simfunnel.plan.model import Plan
from simfunnel.verify.random import random_scenario

SCENARIOS = 50
MOST_LEADS = 60

PLAIN = """\
import pickle, sys
from tests.engines.test_plain import digest, engine
with open(sys.argv[1], "rb") as file:
    for plan, seed, replication in pickle.load(file):
        print(digest(engine.simulate(plan, seed, replication, "compiled")))
"""


def digest(ledger: Ledger) -> str:
    """Every column of every table, in one line."""
    bytes_ = hashlib.sha256()
    for table, columns in TABLES.items():
        for column in columns:
            bytes_.update(ledger.table(table)[column.name].tobytes())
    return bytes_.hexdigest()


def short_runs() -> list[tuple[Plan, int, int]]:
    """The first random scenarios with few leads: plain Python takes milliseconds for each."""
    found: list[tuple[Plan, int, int]] = []
    number = 0
    while len(found) < SCENARIOS:
        drawn = random_scenario(number)
        number += 1
        if len(engine.simulate(drawn.plan, drawn.seed, drawn.replication).leads["id"]) <= MOST_LEADS:
            found.append((drawn.plan, drawn.seed, drawn.replication))
    return found


@pytest.mark.slow
def test_plain_python_writes_the_same_bytes_for_random_scenarios(tmp_path: Path) -> None:
    runs = short_runs()
    plans = tmp_path / "plans"
    plans.write_bytes(pickle.dumps(runs))
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(plans)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.split() == [digest(engine.simulate(*run, "simpy")) for run in runs]
