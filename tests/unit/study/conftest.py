from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def few_pilots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Four pilot years, kept apart: typed rates nearly come out, for tests that ask what changes and not how often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMFUNNEL_CACHE", str(tmp_path_factory.mktemp("few")))
        for name, count in {"FIRST_REPLICATIONS": 4, "USUAL_YEARS": 4, "MOST_YEARS": 4, "ENOUGH_DECISIONS": 1}.items():
            patch.setattr(f"simfunnel.study.calibrate.calibrate.{name}", count)
        yield
