"""Tables as spreadsheets write them: columns parted by commas, semicolons or tabs, decimals by a point or a comma."""

from __future__ import annotations

import csv
import io
import re
from functools import partial

from simfunnel.errors import value_text
from simfunnel.scenario.fields.field import FieldError
from simfunnel.units import with_one_reading

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
