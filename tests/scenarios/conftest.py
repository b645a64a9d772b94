"""Calibrations of the shipped scenarios are made once a session, whichever worker asks first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _calibrations_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # workers of one session share the folder above
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMFUNNEL_CACHE", str(shared / "shipped"))
        yield
