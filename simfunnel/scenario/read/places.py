"""Where each value stands: file, line and column by path, kept through `extends`, `--set` and what-ifs."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from simfunnel.errors import Path, Problem


class Place(NamedTuple):
    """Where a value stands: the file (or `--set PATH`) and line and column, from 1, of its key and of itself."""

    file: str | None
    key: tuple[int, int] | None = None
    value: tuple[int, int] | None = None


class Places:
    """Places by path; a path without a place of its own has that of the nearest part above it.

    Kept in a table for each first part of a path, which copies share until one of them writes to it: a change of one
    block costs nothing elsewhere, however many what-ifs a file holds.
    """

    def __init__(self, known: dict[Path, Place] | None = None) -> None:
        self._tables: dict[Path, dict[Path, Place]] = {}
        self._shared: set[Path] = set()
        for path, place in (known or {}).items():
            self.place(path, place)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places) and self._all() == other._all()

    __hash__ = None  # type: ignore[assignment]  # places change while a scenario is read

    def copy(self) -> Places:
        """Return an independent copy."""
        other = Places()
        other._tables = dict(self._tables)
        self._shared, other._shared = set(self._tables), set(self._tables)
        return other

    def _all(self) -> dict[Path, Place]:
        return {path: place for table in self._tables.values() for path, place in table.items()}

    def _table(self, path: Path) -> dict[Path, Place]:
        """Return the table of a path, to be written to."""
        first = path[:1]
        if first in self._shared:
            self._tables[first] = dict(self._tables[first])
            self._shared.discard(first)
        return self._tables.setdefault(first, {})

    def place(self, path: Path, place: Place) -> None:
        """Say that the value at exactly `path` stands at `place`."""
        self._table(path)[path] = place

    def put(self, path: Path, place: Place) -> None:
        """Say that the value at `path` and all below it stand at `place`."""
        self.drop(path)
        self.place(path, place)

    def drop(self, path: Path) -> None:
        """Forget the places of `path` and all below it."""
        if not path:
            self._tables, self._shared = {}, set()
        below = _below(self._tables.get(path[:1], {}), path)
        if below:
            table = self._table(path)
            for known in below:
                del table[known]

    def take(self, path: Path, other: Places, source: Path) -> None:
        """Take over the places that `other` knows at and below `source`, now at `path`."""
        self.drop(path)
        tables = [other._tables.get(source[:1], {})] if source else list(other._tables.values())
        for table in tables:
            for known in _below(table, source):
                self.place(path + known[len(source) :], table[known])

    def get(self, path: Path) -> Place | None:
        """Return the place of exactly this path."""
        return self._tables.get(path[:1], {}).get(path)

    def nearest(self, path: Path) -> Place | None:
        """Return the place of the path, or of the nearest part above it."""
        for size in range(len(path), -1, -1):
            if (place := self.get(path[:size])) is not None:
                return place
        return None

    def locate(self, problem: Problem) -> Problem:
        """Return the problem with file, line and column: of the value, of the key, or of the parent, as it asks."""
        path = problem.path[:-1] if problem.at == "parent" else problem.path
        place = self.nearest(path)
        if place is None or problem.line is not None:
            return problem
        spot = place.key if problem.at in ("key", "parent") and place.key is not None else place.value or place.key
        line, column = spot if spot is not None else (None, None)
        return replace(problem, file=place.file, line=line, column=column)


def _below(table: dict[Path, Place], path: Path) -> list[Path]:
    """Return the paths of a table at and below a path."""
    return [known for known in table if known[: len(path)] == path]
