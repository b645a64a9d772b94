"""Ledgers are what is frozen: one of each plan here, all that is frozen by hand (see tests/frozen.py).

Pages show the screen of every command, byte for byte (`tests/docs/test_examples.py`); constants are those that this
session has solved.
"""

from __future__ import annotations

import os

import pytest

from simfunnel.engine import COMPILED
from tests.frozen import differing, things


@pytest.mark.slow
def test_the_ledgers_of_every_shipped_plan_are_as_frozen() -> None:
    names = {thing.name for thing in things() if thing.name.startswith("ledger/") and thing.name.endswith("/1")}

    assert len(names) > 40
    assert differing(lambda thing: thing.name in names, [COMPILED], os.environ["SIMFUNNEL_CACHE"]) == []
