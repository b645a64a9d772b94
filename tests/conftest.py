"""What the whole session shares: calibrations, made once, whichever worker asks first; an order of files; seconds.

A base that several tests study is calibrated for the first of them. Tests of calibration itself name folders of
their own. A test that runs the command line in this process leaves no answer to Ctrl-C behind.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest
from hypothesis import settings

from simfunnel import leaving

# a first call may compile, and the cases are the same each time
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

SECONDS = "processor seconds"
BEGAN = pytest.StashKey[float]()
FIRST = ("test_any_machine.py", "test_examples.py")  # one compiles for a folder of its own, the other for all


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
    """Put what compiles first, then files with slow tests: a long file that began last would leave workers idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: ((*FIRST, item.path.name).index(item.path.name), item.path not in slow))


# ---------------------------------------------------------------------- pytest --seconds


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--seconds`: a table of the processor seconds of every folder of tests."""
    parser.addoption("--seconds", action="store_true", help="print the processor seconds of every folder of tests")


def processor_seconds() -> float:
    """Return what this process has taken, and its children that have ended."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    item.stash[BEGAN] = processor_seconds()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell with a test how long it took, its fixtures too; one that several share counts with the first of them."""
    report: pytest.TestReport = yield
    report.user_properties.append((SECONDS, processor_seconds() - item.stash[BEGAN]))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not terminalreporter.config.getoption("--seconds"):
        return
    took, tests = Counter[str](), Counter[str]()
    for report in (each for reports in terminalreporter.stats.values() for each in reports):
        if getattr(report, "when", "") == "teardown":
            folder = "/".join(PurePosixPath(report.nodeid.partition("::")[0]).parent.parts[:2])
            took[folder] += dict(report.user_properties)[SECONDS]
            tests[folder] += 1
    terminalreporter.section(SECONDS)
    for folder, seconds in took.most_common():
        terminalreporter.line(f"| `{folder}` | {tests[folder]} | {seconds:.0f} |")
    terminalreporter.line(f"| in all | {tests.total()} | {took.total():.0f} |")
