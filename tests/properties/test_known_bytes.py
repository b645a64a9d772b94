"""A few ledgers are, to the byte, what they were: a change that is to alter no result alters none.

A change of the model or of the luck moves these digests and says so in the changelog; one that only makes things
faster or tidier may not. They are the same on every machine.
"""

from __future__ import annotations

import pytest

from tests.properties.ledgers import KNOWN, digests


@pytest.mark.parametrize("name", KNOWN)
def test_a_ledger_is_what_it_was(name: str) -> None:
    assert digests(name) == KNOWN[name][2]
