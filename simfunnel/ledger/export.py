"""Ledgers in files: saved whole (.npz), as tables for other programs (CSV, Parquet), as a log for process mining.

A file appears under its name only when it is complete.
"""

from __future__ import annotations

import contextlib
import csv
import importlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Array
from simfunnel.errors import SimfunnelError
from simfunnel.files import all_whole, cell, whole
from simfunnel.ledger import columns as codes
from simfunnel.ledger.model import Ledger, Table
from simfunnel.plan.model import Plan

KINDS = (".csv", ".parquet")
EXPORTED = ("leads", "passes", "tasks", "entries")
LOG_COLUMNS = ("case", "activity", "resource", "start", "end", "plan", "replication")
WORDS = {
    "outcome": codes.OUTCOMES,
    "left_to": codes.LEFT_TO,
    "decision": codes.DECISIONS,
    "kind": codes.TASK_KINDS,
    "reason": codes.REASONS,
    "end": codes.ENTRY_ENDS,
}


class Run(NamedTuple):
    """One replication of one plan, as it is exported: the plan's name, the replication's number, and both forms."""

    name: str
    replication: int
    plan: Plan
    ledger: Ledger


def save(path: str | Path, ledger: Ledger) -> None:
    """Write a ledger whole, to be read back by `load`."""
    columns = {f"{name}.{column}": values for name in codes.TABLES for column, values in ledger.table(name).items()}
    with whole(Path(path), force=True) as unfinished, unfinished.open("wb") as file:
        # numpy's stub takes the names of columns for its own options
        np.savez_compressed(file, **columns)  # type: ignore[arg-type]


def load(path: str | Path) -> Ledger:
    """Read a ledger that `save` wrote; SimfunnelError when a column is missing."""
    with np.load(Path(path), allow_pickle=False) as file:
        wanted = [f"{name}.{column.name}" for name, columns in codes.TABLES.items() for column in columns]
        if missing := [key for key in wanted if key not in file]:
            raise SimfunnelError(f"{path}: not a ledger of this version, it has no {missing[0]}")
        tables = {name: {c.name: file[f"{name}.{c.name}"] for c in columns} for name, columns in codes.TABLES.items()}
    return Ledger(**tables)


@contextlib.contextmanager
def ledger_files(path: str | Path, force: bool = True) -> Iterator[Callable[[Run], None]]:
    """Takes runs and writes their leads, passes, tasks and entries, a file each with columns plan and replication.

    The names are those of `files_of`; `.parquet` is written when pyarrow is installed. Codes are written as words,
    indices as names, leads by their id; an unknown number is an empty cell, and text that a spreadsheet would compute
    has an apostrophe before it in CSV. The files appear together.
    """
    files = files_of(path)
    with all_whole(list(files.values()), force) as unfinished, contextlib.ExitStack() as stack:
        sheets = [stack.enter_context(_sheet(part, Path(path))) for part in unfinished]

        def add(run: Run) -> None:
            for name, sheet in zip(files, sheets, strict=True):
                sheet.add(_named(run, name))

        yield add


def files_of(path: str | Path) -> dict[str, Path]:
    """Return each table's file: `leads.csv` of the leads, beside it `leads.passes.csv`, `leads.tasks.csv` and so on."""
    leads = Path(path)
    kind = _kind(leads)
    return {name: leads if name == "leads" else leads.with_suffix(f".{name}{kind}") for name in EXPORTED}


@contextlib.contextmanager
def task_log(path: str | Path, force: bool = True) -> Iterator[Callable[[Run], None]]:
    """Takes runs, one by one, and writes their started tasks as an event log for process-mining tools.

    Columns: case (plan, replication and lead), activity (the stage; no-shows and rejections named), resource (pool and
    rep), start and end (local time, ISO 8601, end empty for a task in hand), plan, replication.
    """
    with whole(Path(path), force) as unfinished, _sheet(unfinished, Path(path)) as sheet:
        yield lambda run: sheet.add(_log(run))


def export_ledger(path: str | Path, runs: Iterable[Run]) -> list[Path]:
    """Write all runs as `ledger_files` does; returns the files."""
    with ledger_files(path) as add:
        for run in runs:
            add(run)
    return list(files_of(path).values())


def export_tasks(path: str | Path, runs: Iterable[Run]) -> Path:
    """Write all runs as `task_log` does; returns the file."""
    with task_log(path) as add:
        for run in runs:
            add(run)
    return Path(path)


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise SimfunnelError(f"{path}: the name of a file to write must end in {' or '.join(KINDS)}")
    return kind


# ---------------------------------------------------------------------- what is written


def _named(run: Run, name: str) -> dict[str, Array]:
    """Columns of one table for readers: names for indices, words for codes, ids for rows."""
    plan, table = run.plan, run.ledger.table(name)
    size = len(next(iter(table.values())))
    cells: dict[str, Array] = {"plan": _same(run.name, size), "replication": np.full(size, run.replication)}
    names = {"channel": plan.channels, "campaign": plan.campaigns, "pool": plan.pools, "stage": (*plan.stages, "end")}
    for column, values in table.items():
        if column == "lead":
            cells["lead"] = run.ledger.leads["id"][values]
        elif column in names or column in WORDS:
            cells[column] = _words(names.get(column) or WORDS.get(column, ()), values)
        else:
            cells[column] = values
    return cells


def _words(words: tuple[str, ...], codes: Array) -> Array:
    return np.array([*words, ""], dtype=object)[codes.astype(np.int64)]  # -1, none, is the last


def _same(word: str, size: int) -> Array:
    return np.full(size, word, dtype=object)


def _log(run: Run) -> dict[str, Array]:
    tasks: Table = run.ledger.tasks
    rows = np.flatnonzero(~np.isnan(tasks["started"]))
    plan, ids = run.plan, run.ledger.leads["id"][tasks["lead"][rows]]
    how = np.where(
        tasks["kind"][rows] == codes.NO_SHOW, 1, np.where(tasks["decision"][rows] == codes.REJECTED_CONTACT, 2, 0)
    )
    suffix = np.array(["", ": no-show", ": rejected"], dtype=object)[how]
    pool, rep = _words(plan.pools, tasks["pool"][rows]), tasks["rep"][rows]
    numbered = [f"{name} {number}" if number >= 0 else name for name, number in zip(pool, rep.tolist(), strict=True)]
    case = np.array([f"{run.name}/{run.replication}/{lead}" for lead in ids.tolist()], dtype=object)
    columns = (
        case,
        _words(plan.stages, tasks["stage"][rows]) + suffix,
        np.array(numbered, dtype=object),
        timestamps(plan, tasks["started"][rows]),
        timestamps(plan, tasks["ended"][rows]),
        _same(run.name, len(rows)),
        np.full(len(rows), run.replication),
    )
    return dict(zip(LOG_COLUMNS, columns, strict=True))


def timestamps(plan: Plan, hours: Array) -> Array:
    """Return local date and time of hours from the period's start, ISO 8601 to the millisecond; empty where unknown."""
    known = ~np.isnan(hours)
    thousandths = np.rint(np.where(known, hours, 0.0) * 3_600_000.0).astype("timedelta64[ms]")
    days = np.datetime64(0, "D") + np.timedelta64(plan.day_zero, "D")
    text = np.datetime_as_string(days.astype("datetime64[ms]") + thousandths, unit="ms").astype(object)
    return np.where(known, text, "")


# ---------------------------------------------------------------------- how it is written


class _CsvSheet:
    """Rows of a CSV file; the first batch gives the header."""

    def __init__(self, file: Any) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._empty = True

    def add(self, cells: dict[str, Array]) -> None:
        if self._empty:
            self._writer.writerow(cells)
            self._empty = False
        # numbers as they are, which is most of them; text and what is unknown as cells
        columns = [(each.tolist(), each.dtype.kind in "fO") for each in cells.values()]
        self._writer.writerows(zip(*(map(cell, each) if told else each for each, told in columns), strict=True))


class _ParquetSheet:
    """Row groups of a Parquet file; the first batch gives the schema."""

    def __init__(self, arrow: Any, parquet: Any, path: Path) -> None:
        self._arrow, self._parquet, self._path = arrow, parquet, path
        self._writer: Any = None

    def add(self, cells: dict[str, Array]) -> None:
        columns = {
            name: self._arrow.array(column.tolist() if column.dtype == object else column, from_pandas=True)
            for name, column in cells.items()
        }
        table = self._arrow.table(columns)
        if self._writer is None:
            self._writer = self._parquet.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


@contextlib.contextmanager
def _sheet(unfinished: Path, path: Path) -> Iterator[_CsvSheet | _ParquetSheet]:
    """Writes to a file that will be called `path`, whose name says in which form."""
    if _kind(path) == ".csv":
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield _CsvSheet(file)
        return
    sheet = _ParquetSheet(*_pyarrow(), unfinished)
    try:
        yield sheet
    finally:
        sheet.close()


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as missing:
        message = "Parquet needs pyarrow, which is not installed; pip install 'simfunnel[parquet]', or name a .csv file"
        raise SimfunnelError(message) from missing
