"""A page of text for the terminal: headings, labelled lines and tables; rich's only door in the reports."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

LABEL_WIDTH = 10

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


class Grid(NamedTuple):
    """A table to be shown: columns and rows of cells or plain text."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | str, ...], ...]


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
        """A heading with a note at the right edge (below, when both do not fit), and a rule."""
        if len(left) + len(right) + 2 <= self.width:
            self._console.print(Text(left, STRONG) + Text(right.rjust(self.width - len(left))))
        else:
            self._console.print(Text(left, STRONG))
            self._console.print(Text(right))
        self._console.print("-" * self.width)

    def line(self, label: str, text: str | Cell, width: int = LABEL_WIDTH) -> None:
        """A label and its text, further lines indented below the text."""
        grid = Table.grid(padding=0, expand=True)
        grid.add_column(width=max(width, len(label) + 2 if label else width), no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row(Text(label, STRONG), _text(text))
        self._console.print(grid)

    def blank(self) -> None:
        """An empty line."""
        self._console.print()

    def grid(self, grid: Grid) -> None:
        """A table."""
        self._console.print(_table(grid))

    def beside(self, left: Grid, right: Grid, gap: int = 4) -> None:
        """Two tables side by side where the width allows, else one below the other."""
        first, second = _table(left), _table(right)
        if self._wide(first) + gap + self._wide(second) > self.width:
            self._console.print(first)
            if right.rows:
                self.blank()
                self._console.print(second)
            return
        both = Table.grid(padding=(0, gap, 0, 0))
        both.add_row(first, second)
        self._console.print(both)

    def fits(self, grid: Grid) -> bool:
        """Whether a table fits the page's width without wrapping a cell."""
        return self._wide(_table(grid)) <= self.width

    def text(self) -> str:
        """The page so far, no line longer than the width, without spaces at the ends of lines."""
        return "".join(line.rstrip() + "\n" for line in self._out.getvalue().splitlines())

    def _wide(self, table: RenderableType) -> int:
        return self._console.measure(table, options=self._console.options.update_width(10_000)).maximum


def _text(cell: Cell | str) -> Text:
    return Text(cell.text, cell.tone) if isinstance(cell, Cell) else Text(cell)


def _table(grid: Grid) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=any(c.heading for c in grid.columns))
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


def wrapped_name(name: str, width: int, marks: str = "_- ") -> str:
    """A name on several lines of at most `width`, cut after underscores, hyphens and spaces where possible.

    >>> wrapped_name("micro_teams_with_overflow", 14).split(chr(10))
    ['micro_teams_', 'with_overflow']
    """
    lines, rest = [], name
    while len(rest) > width:
        cut = max(rest.rfind(mark, 0, width) for mark in marks) + 1 or width
        lines.append(rest[:cut])
        rest = rest[cut:]
    return "\n".join([*lines, rest])


def in_blocks(items: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The items in groups of at most `size`, in order."""
    return [tuple(items[at : at + size]) for at in range(0, len(items), size)]
