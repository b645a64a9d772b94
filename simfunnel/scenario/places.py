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
    """Places by path; a path without a place of its own has that of the nearest part above it."""

    def __init__(self, known: dict[Path, Place] | None = None) -> None:
        self._known: dict[Path, Place] = known if known is not None else {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places) and self._known == other._known

    __hash__ = None  # type: ignore[assignment]  # places change while a scenario is read

    def copy(self) -> Places:
        """An independent copy."""
        return Places(dict(self._known))

    def place(self, path: Path, place: Place) -> None:
        """Say that the value at exactly `path` stands at `place`."""
        self._known[path] = place

    def put(self, path: Path, place: Place) -> None:
        """Say that the value at `path` and all below it stand at `place`."""
        self.drop(path)
        self._known[path] = place

    def drop(self, path: Path) -> None:
        """Forget the places of `path` and all below it."""
        size = len(path)
        for known in [known for known in self._known if known[:size] == path]:
            del self._known[known]

    def take(self, path: Path, other: Places, source: Path) -> None:
        """Take over the places that `other` knows at and below `source`, now at `path`."""
        self.drop(path)
        size = len(source)
        for known, place in other._known.items():
            if known[:size] == source:
                self._known[path + known[size:]] = place

    def get(self, path: Path) -> Place | None:
        """Place of exactly this path."""
        return self._known.get(path)

    def nearest(self, path: Path) -> Place | None:
        """Place of the path, or of the nearest part above it."""
        for size in range(len(path), -1, -1):
            if path[:size] in self._known:
                return self._known[path[:size]]
        return None

    def locate(self, problem: Problem) -> Problem:
        """The problem with file, line and column: of the value, of the key, or of the parent, as it asks."""
        path = problem.path[:-1] if problem.at == "parent" else problem.path
        place = self.nearest(path)
        if place is None or problem.line is not None:
            return problem
        spot = place.key if problem.at in ("key", "parent") and place.key is not None else place.value or place.key
        line, column = spot if spot is not None else (None, None)
        return replace(problem, file=place.file, line=line, column=column)
