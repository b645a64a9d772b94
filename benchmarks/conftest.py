"""Options and workloads that the groups for pytest-benchmark share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--tiny`: the smallest sizes, to see that everything runs."""
    parser.addoption("--tiny", action="store_true", help="smallest sizes: does everything run?")


@pytest.fixture
def tiny(request: pytest.FixtureRequest) -> bool:
    """Whether only the smallest sizes are asked for."""
    return bool(request.config.getoption("--tiny"))
