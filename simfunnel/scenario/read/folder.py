"""The only files a scenario may read: those in its own folder, up to a size, each read once."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.read.columns import Rows, plain_numbers, rows_of

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
