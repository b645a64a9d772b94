"""What a verification hands back: every check with its figures, frozen, as records, JSON and a small HTML table."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import ClassVar

from simfunnel.study.header import NotebookTable, Record, Result
from simfunnel.verify.checks import Subject
from simfunnel.verify.judging import Figure

CHECK_COLUMNS = ("group", "check", "title", "source")
FIGURE_COLUMNS = ("figure", "seen", "exact", "tolerance", "standard_error", "passed", "fault")
COLUMNS = (*CHECK_COLUMNS, *FIGURE_COLUMNS)
STOPPED = "stopped early: only what was finished is shown"


@dataclass(frozen=True)
class Machine:
    """What the checks ran on; no name of it."""

    system: str
    python: str
    numpy: str
    scipy: str
    numba: str
    cores: int


def this_machine() -> Machine:
    """Return the machine of this process."""
    system = f"{platform.system()} {platform.machine()}"
    packages = dict.fromkeys(("numpy", "scipy", "numba"), "unknown")
    for name in packages:
        with suppress(PackageNotFoundError):  # e.g. vendored, without metadata
            packages[name] = version(name)
    return Machine(system, platform.python_version(), **packages, cores=os.cpu_count() or 1)


@dataclass(frozen=True)
class Check:
    """One check that was made: what it is about, its figures, and the seconds of work on it."""

    subject: Subject
    figures: tuple[Figure, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every figure is as it should be."""
        return all(figure.passed for figure in self.figures)

    @cached_property
    def closest(self) -> Figure:
        """The figure that failed, else the one that used most of its tolerance."""
        return max(self.figures, key=lambda figure: figure.margin_used)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it failed, one text a figure."""
        return tuple(figure.fault for figure in self.figures if not figure.passed)

    def record(self) -> Record:
        """Return the check as an object of the JSON output."""
        about = self.subject
        return {
            "group": about.group,
            "check": about.name,
            "title": about.title,
            "source": about.source,
            "restated": about.restated or None,
            "passed": self.passed,
            "figures": [_figure_record(figure) for figure in self.figures],
        }


def _figure_record(figure: Figure) -> Record:
    return {
        "figure": figure.name,
        "seen": figure.seen,
        "exact": figure.exact,
        "tolerance": figure.tolerance,
        "standard_error": figure.standard_error,
        "passed": figure.passed,
        "fault": figure.fault or None,
    }


@dataclass(frozen=True, repr=False)
class VerifyResult(Result):
    """Every check that was made, in order. `asked` counts those that were asked for; fewer are here after a stop."""

    schema: ClassVar[str] = "simfunnel.verify/1"
    columns: ClassVar[tuple[str, ...]] = COLUMNS

    version: str
    machine: Machine
    engine: str
    seed: int
    seconds: float
    asked: int
    checks: tuple[Check, ...]
    cancelled: bool = False

    @property
    def passed(self) -> bool:
        """Whether no check failed; after a stop, of those that were made."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know first."""
        return (STOPPED,) if self.cancelled else ()

    def rows(self) -> Iterator[Record]:
        """Yield every figure of every check; unknown numbers are nan."""
        for check in self.checks:
            about = check.record()
            for figure in check.figures:
                yield {name: about[name] for name in CHECK_COLUMNS} | _figure_record(figure)

    @property
    def about(self) -> str:
        """A few words for the prompt."""
        return f"{len(self.checks)} of {self.asked} checks made, {len(self.failed)} failed"

    def record(self) -> Record:
        """Return the JSON object; unknown numbers may be nan."""
        return {
            "schema": self.schema,
            "version": self.version,
            "machine": dict(self.machine.__dict__),
            "engine": self.engine,
            "seed": self.seed,
            "passed": self.passed,
            "cancelled": self.cancelled,
            "asked": self.asked,
            "warnings": list(self.warnings),
            "checks": [check.record() for check in self.checks],
        }

    def notebook(self) -> NotebookTable:
        """Return one line a check, for notebooks."""
        rows = []
        for check in self.checks:
            figure = check.closest
            off = f"± {figure.tolerance:.2g}" if math.isfinite(figure.tolerance) else ""
            numbers = (figure.name, f"{figure.seen:.6g}", f"{figure.exact:.6g}", off)
            rows.append((check.subject.name, check.subject.title, *numbers, "pass" if check.passed else "FAIL"))
        head = ("check", "about", "figure", "seen", "exact", "allowed", "")
        return NotebookTable(head, rows, f"simfunnel {self.version}: {len(self.checks)} of {self.asked} checks made")
