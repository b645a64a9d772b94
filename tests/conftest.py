"""What the whole session shares: calibrations, made once, whichever worker asks first; and an order of files.

A base that several tests study is calibrated for the first of them. Tests of calibration itself name folders of
their own. A test that runs the command line in this process leaves no answer to Ctrl-C behind.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from simfunnel import leaving

settings.register_profile(
    "house", deadline=None, derandomize=True
)  # a first call may compile; the same cases each time
settings.load_profile("house")
FIRST = "test_any_machine.py"  # compiles for a folder of its own while the other worker compiles for all


@pytest.fixture(scope="session", autouse=True)
def _calibrations_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # workers of one session share the folder above
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMFUNNEL_CACHE", str(shared / "calibrated"))
        yield


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in leaving.ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first: a long file that began last would leave the other workers idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.name != FIRST, item.path not in slow))
