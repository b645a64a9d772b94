"""What simfunnel writes is what is frozen: a part of it here, all of it by hand (see tests/frozen.py)."""

from __future__ import annotations

import pytest

from simfunnel.engine import COMPILED
from tests.frozen import differing, things

HERE = {"ledgers": ("ledger/", "/1"), "screens": ("screen/", "/threshold.yaml")}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HERE)
def test_what_is_written_is_as_frozen(kind: str) -> None:
    begins, ends = HERE[kind]
    names = {thing.name for thing in things() if thing.name.startswith(begins) and thing.name.endswith(ends)}

    assert len(names) > 5
    assert differing(lambda thing: thing.name in names, [COMPILED]) == []
