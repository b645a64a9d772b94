"""What a command prints: results to stdout or a file; progress, with the time left, and notes to stderr."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from simfunnel.app.standard import escaped, fitting_csv, fitting_json
from simfunnel.files import write_text


class Bar:
    """One line a step, as a context manager; it disappears when the work is done."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._progress.stop()

    def show(self, step: str, done: int, total: int) -> None:
        """Move the bar of a step; a new step gets a new line."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)


@contextmanager
def seconds_counted(doing: str) -> Iterator[None]:
    """Show a line with what is being done and for how long already; it disappears at the end of the block."""
    columns = TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        progress.add_task(doing, total=None)
        yield


TEXT_SUFFIXES = (".txt", ".md", "")


class Delivery(NamedTuple):
    """In which form a result is wanted, and where: `file` None is stdout."""

    as_json: bool
    as_csv: bool
    file: Path | None
    force: bool

    @property
    def is_json(self) -> bool:
        """Whether JSON is asked for, or the file's name asks for it."""
        return self.as_json or (self.suffix == ".json" and not self.as_csv)

    @property
    def is_csv(self) -> bool:
        """Whether CSV is asked for, or the file's name asks for it."""
        return not self.is_json and (self.as_csv or self.suffix == ".csv")

    @property
    def suffix(self) -> str:
        """How the file's name ends, with the dot."""
        return self.file.suffix.lower() if self.file is not None else ""

    def misnamed(self, has_csv: bool = True) -> str:
        """Tell why form and name of the file do not go together; empty when they do. `has_csv`: CSV can be written."""
        forms = {".json": self.as_json, ".csv": self.as_csv} if has_csv else {".json": self.as_json}
        if self.as_json and self.as_csv:
            return "--json and --csv exclude each other: one result is written in one form"
        names = " or ".join([*forms, *TEXT_SUFFIXES[:-1]])
        if self.suffix not in (*forms, *TEXT_SUFFIXES):
            return f"{self.file} ends in {self.suffix}, a form that is not written; end it in {names}"
        other = [suffix for suffix, asked in forms.items() if asked and self.suffix in forms and self.suffix != suffix]
        return f"{self.file} does not end in {other[0]}, the form that was asked for" if other else ""


WIDEST, NARROWEST, PIPED = 100, 60, 80


def deliver(text: str, to: Delivery) -> None:
    """Write a result to stdout, or to a file that appears whole or not at all."""
    text = text if text.endswith("\n") else text + "\n"
    if to.file is not None:
        write_text(to.file, escaped(text, everything=False) if to.is_json else text, to.force)
        note(f"wrote {to.file}")
        return
    sys.stdout.write(fitting_json(text) if to.is_json else fitting_csv(text) if to.is_csv else text)
    sys.stdout.flush()


def note(text: str) -> None:
    """Say something beside the result; what stderr cannot take is lost."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def screen_width(output: Path | None = None) -> int:
    """Return the columns of a screen: those of the terminal, at most 100; 80 when it is piped or goes to a file."""
    asked = os.environ.get("COLUMNS", "")
    if not asked.isdigit() and (output is not None or not sys.stdout.isatty()):
        return PIPED
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((PIPED, 24)).columns))


def in_colour(output: Path | None = None) -> bool:
    """Tell whether the screen may be coloured: on a terminal, unless NO_COLOR is set."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def time_shown(doing: str, done: str) -> Iterator[None]:
    """Say what is being done for the length of the block, and when it ends well that it is done and in how long.

    If stderr is a terminal the seconds are counted meanwhile.
    """
    began = time.monotonic()
    if sys.stderr.isatty():
        with seconds_counted(doing):
            yield
    else:
        note(f"{doing} ...")
        yield
    note(f"{done} in {time.monotonic() - began:.0f} s")


NOTES = {"calibrating": "calibrating on today's rates (once, cached)"}


@contextmanager
def progress_shown() -> Iterator[Callable[[str, int, int], None]]:
    """Give a callback (step, done, total) for the length of the block; a bar with the time left on a terminal."""
    told: set[str] = set()

    def tell(step: str, done: int, total: int) -> None:
        if step in NOTES and step not in told:
            told.add(step)
            note(NOTES[step])

    if not sys.stderr.isatty():
        yield tell
        return

    with Bar() as bar:

        def show(step: str, done: int, total: int) -> None:
            bar.show(NOTES.get(step, step), done, total)

        yield show
