"""The only files a scenario may read: those in its own folder, up to a size, each read once.

Tables are read as spreadsheets write them: columns parted by commas, semicolons or tabs, decimals by a point or a
comma.
"""

from __future__ import annotations

import csv
import io
import re
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from simfunnel.errors import value_text
from simfunnel.scenario.fields.field import FieldError
from simfunnel.units import with_one_reading

LARGEST_FILE = 1_000_000  # bytes
MOST_ROWS = 10_000
NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")  # how .xlsx, .zip, .xls and .pdf begin


class Table(NamedTuple):
    """A CSV file: its name and its rows below the header, each with its line number: in plain digits, and as typed."""

    name: str
    rows: Rows
    typed: Rows


class Folder:
    """A scenario's folder; without a path (a scenario from text) it has no files."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.files: set[Path] = set()  # resolved, of all that was read
        self._texts: dict[str, str] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Folder) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    def resolve(self, name: str) -> Path:
        """Return the path of a file in the folder or below it; FieldError for anything that leads outside."""
        if self.path is None:
            raise FieldError("names a file, but this scenario has no folder", "load the scenario from a file")
        plain = PurePosixPath(name.replace("\\", "/"))
        if plain.is_absolute() or PureWindowsPath(name).drive or ".." in plain.parts or "\x00" in name:
            raise FieldError("leads out of the scenario's folder", "put the file beside the scenario")
        try:
            root = self.path.resolve()
            found = (root / plain).resolve()
            there = found.is_file()
        except (OSError, RuntimeError, ValueError):  # links in a circle, longer than a name may be, no text of a file
            raise FieldError("cannot be the name of a file here", "put the file beside the scenario") from None
        if not found.is_relative_to(root):
            raise FieldError(
                "leads out of the scenario's folder", "put the file itself beside the scenario, not a link"
            )
        if not there:
            raise FieldError("is not a file in the scenario's folder", f"put {plain} beside the scenario")
        self.files.add(found)
        return found

    def text(self, name: str) -> str:
        """Return the text of a file in the folder, from memory the second time."""
        if name not in self._texts:
            self._texts[name] = read_utf8(self.resolve(name))
        return self._texts[name]

    def table(self, name: str, columns: tuple[str, ...], numeric: tuple[str, ...]) -> Table:
        """Read a CSV file with exactly these columns, in this order; `numeric` ones in plain digits and a point."""
        header, *rows = rows_of(self.text(name), columns) or [(1, ())]
        names, first = ", ".join(columns), tuple(cell.strip().lower() for cell in header[1])
        if first != columns:
            raise FieldError(f"begins with the columns {', '.join(first) or '(none)'}", f"write {names} first")
        for line, row in [header, *rows]:
            if len(row) != len(columns):
                more = "; quote a number with a comma, or part columns by semicolons" if len(row) > len(columns) else ""
                raise FieldError(f"has {len(row)} cells in line {line}", f"write {len(columns)}: {names}{more}")
        if len(rows) > MOST_ROWS:
            raise FieldError(f"has {len(rows):,} rows", f"keep it below {MOST_ROWS:,}")
        return Table(name, plain_numbers(rows, columns, numeric), rows)


def read_utf8(path: Path) -> str:
    """Read the text of a file of at most 1 MB; FieldError when it is larger or not UTF-8."""
    with path.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if content.startswith(NOT_TEXT):
        remedy = "write the scenario as text (`simfunnel init funnel.yaml` gives one) and its tables as CSV"
        raise FieldError("is a spreadsheet or an archive", remedy)
    if len(content) > LARGEST_FILE:
        raise FieldError("is larger than 1 MB", "split it or leave out what is not needed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise NotTextError(f"is not UTF-8 text (byte {error.start + 1})", place) from None


class NotTextError(FieldError):
    """A file that is no text; `place`: line and column, from 1, of the first byte that cannot be one."""

    def __init__(self, rule: str, place: tuple[int, int]) -> None:
        super().__init__(rule, "save the file as UTF-8")
        self.place = place


DELIMITERS = (",", ";", "\t")
_NUMBER = re.compile(r"(?<![\w.,])[.,]?\d(?:[\d.,]*\d)?")
_BARE = re.compile(r"[-+]?[.,]?\d[\d.,]*%?")
_DELIMITER_LINE = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE)  # what a spreadsheet writes above the header
_OTHER = {".": ",", ",": "."}

Rows = list[tuple[int, tuple[str, ...]]]


def cell_text(cell: str) -> str:
    """Write a cell as a message shows it: as it stands in the file, numbers bare, other text in quotes.

    >>> cell_text(" 1,5 "), cell_text("many"), cell_text("30,5%"), cell_text("")
    ('1,5', "'many'", '30,5%', 'nothing')
    """
    text = cell.strip()
    return text if _BARE.fullmatch(text) else value_text(text or None)


def rows_of(text: str, columns: tuple[str, ...]) -> Rows:
    """Read rows of a table with their line numbers, the header first, without empty ones; FieldError if broken."""
    first, _, rest = text.partition("\n")
    text = f"\n{rest}" if _DELIMITER_LINE.fullmatch(first) else text
    header = next((line for line in text.splitlines() if line.strip()), "")
    found = max(DELIMITERS, key=header.count)
    for delimiter in DELIMITERS:  # the one that parts the columns expected, else the most frequent
        if tuple(cell.strip().strip('"').strip().lower() for cell in header.split(delimiter)) == columns:
            found = delimiter
            break
    lines = csv.reader(io.StringIO(text), delimiter=found, strict=True)
    rows: Rows = []
    try:
        for row in lines:
            if any(cell.strip() for cell in row):
                rows.append((lines.line_num, tuple(row)))
    except csv.Error as error:
        raise FieldError(f"is broken at line {lines.line_num} ({error})", "write plain CSV") from None
    return rows


def plain_numbers(rows: Rows, columns: tuple[str, ...], numeric: tuple[str, ...]) -> Rows:
    """Return the rows with every number of the numeric columns in plain digits and a decimal point.

    Whether a comma or a point is the decimal mark is read from the column: `0,4`, `12,50` or `1.234,5` tell. FieldError
    where a column has both marks, or a number that may be two (`1.234`) and none that tells which.
    """
    done = [list(row) for _, row in rows]
    for at, column in enumerate(columns):
        if column in numeric:
            cells = [(line, row[at]) for line, row in rows]
            mark = _decimal_mark(cells, column)
            for row in done:
                row[at] = _NUMBER.sub(partial(_plain, mark), row[at])
    return [(line, tuple(row)) for (line, _), row in zip(rows, done, strict=True)]


def _decimal_mark(cells: list[tuple[int, str]], column: str) -> str:
    """Return the decimal mark of a column; a point where no number has a mark."""
    telling: dict[str, tuple[int, str]] = {}
    open_ones: list[tuple[int, str, str]] = []
    for line, cell in cells:
        for number in _NUMBER.findall(cell):
            marks = decimal_marks(number)
            if len(marks) == 1:
                telling.setdefault(marks, (line, cell.strip()))
            elif marks:
                open_ones.append((line, cell.strip(), number))
    if len(telling) > 1:
        (point_line, point), (comma_line, comma) = telling["."], telling[","]
        rule = (
            f"has two decimal marks in column {column}: {cell_text(point)} in line {point_line}, {cell_text(comma)} in "
            f"line {comma_line}"
        )
        raise FieldError(rule, "write all its numbers with one of them")
    if open_ones and not telling:
        line, cell, number = open_ones[0]
        mark, name = (",", "comma") if "," in number else (".", "point")
        decimal, thousands = number.replace(mark, ".").rstrip("0").rstrip("."), number.replace(mark, "")
        more = f" (and {len(open_ones) - 1} more in this column)" if len(open_ones) > 1 else ""
        raise FieldError(
            f"says in line {line}, column {column}, {cell_text(cell)}, which may mean {decimal}, or {thousands} with a "
            f"{name} between thousands{more}",
            f"write {with_one_reading(decimal).replace('.', mark)} or {thousands}",
        )
    return next(iter(telling), ".")


def decimal_marks(number: str) -> str:
    """Return the marks that may be a number's decimal mark: one, both, or none where it has no mark or is no number.

    >>> decimal_marks("12,50"), decimal_marks("1.234,5"), decimal_marks("1,234,567"), decimal_marks("1.234")
    (',', ',', '.', '.,')
    """
    return "".join(mark for mark in ".," if _fits(number, mark)) if set(number) & set(".,") else ""


def _fits(number: str, mark: str) -> bool:
    """Return whether a number is one with this decimal mark, and the other between thousands."""
    grouped = rf"(?:\d*|[1-9]\d{{0,2}}(?:{re.escape(_OTHER[mark])}\d{{3}})+)"
    return re.fullmatch(rf"{grouped}(?:{re.escape(mark)}\d+)?", number) is not None


def _plain(mark: str, found: re.Match[str]) -> str:
    number = found.group()
    if not set(number) & set(".,") or not _fits(number, mark):
        return number  # its reader says what is wrong with it
    return with_one_reading(number.replace(_OTHER[mark], "").replace(mark, "."))
