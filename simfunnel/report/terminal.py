"""A page of text for the terminal: headings, labelled lines and tables; rich's only door in the reports."""

from __future__ import annotations

import functools
import io
import itertools
import re
import textwrap
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, TypeVar

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")

LABEL_WIDTH = 10
GAP = 2  # between columns
_WORD = re.compile(r"^\s*\S+|\S+")  # an indent belongs to its word
_GLUE = "\ue000"  # stands for a space at which no line may end; of a private use, so that no text has it
_WITH_WIDTH = re.compile(r"(?<=\S) \+/- (?=\S)")  # a figure and its half-width are one
_PATH_MARKS = "/._-"
_BREAK = re.compile(r"(?<=[._-])(?=[^\W\d])")  # where a name may go on in the next line; not within a number

# tones of a cell; words carry the meaning, colour only repeats it
PLAIN, STRONG, GOOD, BAD, FAINT = "", "bold", "green", "red", "dim"


class Cell(NamedTuple):
    """Text with a tone."""

    text: str
    tone: str = PLAIN


class Column(NamedTuple):
    """Heading of a column (several lines with newlines) and which side it is set to."""

    heading: str
    left: bool = False
    width: int | None = None


Row = tuple[Cell | str, ...]


class Grid(NamedTuple):
    """A table to be shown: columns and rows of cells or plain text."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def table(headings: Iterable[str], rows: Iterable[Row], left: Collection[int] = (0,)) -> Grid:
    """Make a table of headings and rows; the columns at the places `left` are set left, all others right."""
    columns = tuple(Column(heading, place in left) for place, heading in enumerate(headings))
    return Grid(columns, tuple(rows))


class Page:
    """Collects parts and renders them at a width, in colour or not."""

    def __init__(self, width: int, colour: bool = False) -> None:
        self.width = width
        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=not colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def title(self, left: str, right: str) -> None:
        """Write a heading with a note at the right edge (below, when both do not fit), and a rule."""
        if len(left) + len(right) + 2 <= self.width:
            self._console.print(Text(left, STRONG) + Text(right.rjust(self.width - len(left))))
        else:
            self._console.print(Text(left, STRONG))
            self._console.print(Text(right))
        self._console.print("-" * self.width)

    def line(self, label: str, text: str | Cell, width: int = LABEL_WIDTH) -> None:
        """Write a label and its text, further lines indented below the text."""
        grid = Table.grid(padding=0, expand=True)
        grid.add_column(width=max(width, len(label) + 2 if label else width), no_wrap=True)
        grid.add_column(ratio=1)
        room = max(self.width - max(width, len(label) + 2 if label else width), 1)
        told = _text(text)
        told.plain = re.sub(r"\S+", lambda word: wrapped_name(word.group(), room, _PATH_MARKS), told.plain)
        grid.add_row(Text(label, STRONG), told)
        self._console.print(grid)

    def blank(self) -> None:
        """Write an empty line."""
        self._console.print()

    def grid(self, grid: Grid) -> None:
        """Write a table; on a narrower page cells of left columns go on in the next line, then columns below."""
        for table in _parts(grid, self.width):
            self._console.print(table)

    def beside(self, left: Grid, right: Grid, gap: int = 4) -> None:
        """Write two tables side by side where the width allows, else one below the other."""
        first, second = _table(left), _table(right)
        if self._wide(first) + gap + self._wide(second) > self.width:
            self.grid(left)
            if right.rows:
                self.blank()
                self.grid(right)
            return
        both = Table.grid(padding=(0, gap, 0, 0))
        both.add_row(first, second)
        self._console.print(both)

    def fits(self, grid: Grid) -> bool:
        """Tell whether a table fits the page's width without wrapping a cell."""
        return self._wide(_table(grid)) <= self.width

    def fitting(self, ways: Iterable[Sequence[Grid]]) -> Sequence[Grid]:
        """Return the first of some ways to show figures of which every table fits the page, else the last."""
        for grids in ways:
            if all(self.fits(grid) for grid in grids):
                break
        return grids

    def holds(self, grid: Grid) -> bool:
        """Tell whether a table's columns stand side by side, with words or parts of names on further lines."""
        return _narrowed(grid, self.width) is not None

    def text(self) -> str:
        """Return the page so far, no line longer than the width, without spaces at the ends of lines."""
        told = self._out.getvalue().replace(_GLUE, " ")
        return "".join(line.rstrip() + "\n" for line in told.splitlines())

    def _wide(self, table: RenderableType) -> int:
        return self._console.measure(table, options=self._console.options.update_width(10_000)).maximum


def _text(cell: Cell | str) -> Text:
    text, tone = cell if isinstance(cell, Cell) else (cell, PLAIN)
    return Text(_WITH_WIDTH.sub(f"{_GLUE}+/-{_GLUE}", text), tone)


def _table(grid: Grid, gap: int = GAP) -> Table:
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, show_header=any(c.heading for c in grid.columns))
    for column in grid.columns:
        table.add_column(
            Text(column.heading, STRONG),
            justify="left" if column.left else "right",
            width=column.width,
            overflow="fold",  # nothing is cut off: names must stay whole to be typed
        )
    for row in grid.rows:
        table.add_row(*(_text(cell) for cell in row))
    return table


def _parts(grid: Grid, room: int) -> list[Table]:
    """Split a table to fit `room`: where its figures need more, in parts that each begin with the names."""
    table = _narrowed(grid, room)
    if table is not None:
        return [table]
    names = max(next((at for at, column in enumerate(grid.columns) if not column.left), len(grid.columns)), 1)
    rest = len(grid.columns) - names
    if rest < 2:  # cut words of left columns to what figures leave, the last means to keep those whole
        sizes = [_sizes(column, cells, False)[0] for column, cells in _by_column(grid)]
        figures = sum(least for column, least in zip(grid.columns, sizes, strict=True) if not column.left)
        left = [column.left for column in grid.columns]
        most = max((room - figures - len(left) + 1) // max(sum(left), 1), 1)
        columns = [each._replace(heading=_cut(each.heading, most)) if each.left else each for each in grid.columns]
        rows = []
        for row in grid.rows:
            rows.append(tuple(_broken(cell, most) if cut else cell for cut, cell in zip(left, row, strict=True)))
        return [_narrowed(Grid(tuple(columns), tuple(rows)), room) or _table(grid)]
    middle = names + (rest + 1) // 2
    found: list[Table] = []
    for places in ((*range(middle),), (*range(names), *range(middle, len(grid.columns)))):
        cells = tuple(tuple(row[at] for at in places) for row in grid.rows)
        found += _parts(Grid(tuple(grid.columns[at] for at in places), cells), room)
    return found


def _narrowed(grid: Grid, room: int) -> Table | None:
    """Make a table with the widest columns that leave it within `room`: words stay whole, then parts of names do.

    None where its figures and its words need more.
    """
    for gap, by_name in ((GAP, False), (GAP, True), (1, False), (1, True)):
        spare = room - gap * (len(grid.columns) - 1)
        sizes = [_sizes(column, cells, by_name) for column, cells in _by_column(grid)]
        if sum(least for least, _ in sizes) <= spare:
            widths = _shared_out(grid, sizes, spare)
            columns = (column._replace(width=width or None) for column, width in zip(grid.columns, widths, strict=True))
            rows = tuple(tuple(_broken(cell, to) for cell, to in zip(row, widths, strict=True)) for row in grid.rows)
            return _table(Grid(tuple(columns), rows), gap)
    return None


def _by_column(grid: Grid) -> list[tuple[Column, list[str]]]:
    return [(column, [_text(row[at]).plain for row in grid.rows]) for at, column in enumerate(grid.columns)]


def _sizes(column: Column, cells: Sequence[str], by_name: bool) -> tuple[int, int]:
    """Return the least width of a column and the one at which nothing in it needs a second line.

    Figures stay on one line; headings and left columns break between words, and `by_name` within names.
    """
    lines = [line for text in cells for line in text.split("\n")]
    heads = column.heading.split()
    pieces = [word for line in lines for word in _WORD.findall(line)] if column.left else lines
    if by_name and column.left:
        pieces = [part for word in pieces for part in _BREAK.split(word)]
    widest = max(map(len, [*column.heading.split("\n"), *lines]), default=0)
    least = max(map(len, [*heads, *pieces]), default=0)
    most = widest if column.width is None else min(widest, column.width)
    return min(least, most), most


def _shared_out(grid: Grid, sizes: Sequence[tuple[int, int]], spare: int) -> list[int]:
    """Find widths that add up to at most `spare`, of about the fewest lines in all.

    Again and again the column gives way that makes fewest new lines; then columns trade while that saves lines.
    """
    cells = [[column.heading, *texts] for column, texts in _by_column(grid)]

    @functools.cache
    def heights(at: int, width: int) -> list[int]:
        wrapped = ([textwrap.wrap(line, max(1, width)) for line in text.split("\n")] for text in cells[at])
        return [sum(len(lines) or 1 for lines in text) for text in wrapped]

    def lines(widths: Sequence[int]) -> int:
        rows = zip(*(heights(at, width) for at, width in enumerate(widths)), strict=True)
        return sum(max(row) for row in rows)

    widths = [most for _, most in sizes]
    while sum(widths) > spare:
        slack = [at for at, (least, _) in enumerate(sizes) if widths[at] > least]
        widths = min((_moved(widths, at, None, 1) for at in slack), key=lambda to: (lines(to), -max(to)))
    trades = [
        trade
        for giver, taker in itertools.permutations(range(len(sizes)), 2)
        for step in range(1, min(widths[giver] - sizes[giver][0], sizes[taker][1] - widths[taker]) + 1)
        if lines(trade := _moved(widths, giver, taker, step)) < lines(widths)
    ]
    return min(trades, key=lines, default=widths)


def _moved(widths: Sequence[int], giver: int, taker: int | None, step: int) -> list[int]:
    return [width - step * (at == giver) + step * (at == taker) for at, width in enumerate(widths)]


def _broken(cell: Cell | str, width: int) -> Cell | str:
    """Cut words of a cell that are longer than `width` where names can be."""
    text = cell.text if isinstance(cell, Cell) else cell
    if all(len(word) <= width for word in text.split()):
        return cell
    text = _cut(text, width)
    return cell._replace(text=text) if isinstance(cell, Cell) else text


def _cut(text: str, width: int) -> str:
    return re.sub(r"\S+", lambda word: wrapped_name(word.group(), width), text)


def wrapped_name(name: str, width: int, marks: str = "._- ") -> str:
    """Write a name on several lines of at most `width`, cut after one of `marks` where possible.

    >>> wrapped_name("micro_teams_with_overflow", 14).split(chr(10))
    ['micro_teams_', 'with_overflow']
    """
    lines, rest = [], name
    while len(rest) > width:
        cut = max(rest.rfind(mark, 0, width) for mark in marks) + 1 or width
        lines.append(rest[:cut])
        rest = rest[cut:]
    return "\n".join([*lines, rest])


def in_blocks(items: Sequence[Item], size: int) -> list[tuple[Item, ...]]:
    """Put items into groups of at most `size`, in order."""
    return [tuple(items[at : at + size]) for at in range(0, len(items), size)]
