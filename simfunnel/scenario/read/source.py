"""The door to YAML: text in, plain values and their places out, within limits that hold against hostile files.

YAML 1.2 without tags and merge keys; keys are text as typed; dates stay text; a repeated key, an empty value and a
second document are errors. Everything wrong with the reading of one file is told at once. Places (file, line and
column by path) are kept through `extends`, `--set` and what-ifs.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.units import AsTyped

DEEPEST = 40
MOST_VALUES = 10_000
MOST_ALIASES = 100
LONGEST_NUMBER = 18  # digits that an integer may have; more are read as a float

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


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


class Document(NamedTuple):
    """Plain values (dict, list, text, number, truth value), where each stands, and what is wrong with their reading."""

    data: Any
    places: Places
    problems: tuple[Problem, ...] = ()


class _UnreadableError(Exception):
    """The file cannot be read further."""


def read_yaml(text: str, file: str | None) -> Document:
    """Read plain values and places of one YAML document; ScenarioError with every problem found."""
    document = read_document(text, file)
    if document.problems:
        raise ScenarioError(document.problems)
    return document


def read_document(text: str, file: str | None) -> Document:
    """Read plain values, places and problems of one YAML document; ScenarioError when it cannot be read to its end."""
    reader = _Reader(text, file)
    document = reader.read()
    if not reader.whole:
        raise ScenarioError(reader.problems)
    return document._replace(problems=tuple(reader.problems))


class _Reader:
    """One reading of one text: a recursive descent over the parser's events."""

    def __init__(self, text: str, file: str | None) -> None:
        self.file = file
        self._text = text
        self.places = Places()
        self.problems: list[Problem] = []
        self.whole = False  # read to its end
        self._events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._values = 0
        self._aliases = 0

    def read(self) -> Document:
        data: Any = {}
        self.places.place((), Place(self.file, None, (1, 1)))  # of a text without values too
        try:
            for event in self._events:
                if isinstance(event, DocumentStartEvent):
                    if self._values:
                        self._stop(event, (), "a second document begins here", "keep one scenario in a file")
                    data = self._node(next(self._events), (), None, 0)
            self.whole = True
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
            said = str(error.problem or error.context or "is not YAML").strip()
            remedy = "see that quotes, brackets and indentation match"
            if "'\\t'" in said:
                remedy = "indent with spaces, not with a tab"
            self._say((), said, remedy, (line, column))
        except (YAMLError, ValueError, OverflowError, UnicodeError) as error:
            before = self._text[: getattr(error, "position", 0)]
            spot = (before.count("\n") + 1, len(before) - before.rfind("\n"))
            self._say((), f"cannot be read ({str(error).splitlines()[0][:80]})", "write plain UTF-8 YAML", spot)
        except _UnreadableError:
            pass
        return Document(data, self.places)

    def _node(self, event: Event, path: Path, key: tuple[int, int] | None, depth: int) -> Any:
        before = self._values
        self._values += 1
        if self._values > MOST_VALUES:
            self._stop(event, path, f"holds more than {MOST_VALUES:,} values", "leave out what is not needed")
        if depth > DEEPEST:
            self._stop(event, path[:3], f"is nested deeper than {DEEPEST} levels", "write it flatter")
        self.places.place(path, Place(self.file, key, _spot(event)))
        if isinstance(event, AliasEvent):
            return self._alias(event, path)
        if isinstance(event, NodeEvent) and _tag(event) is not None:
            self._say(path, f"has the tag {_tag(event)}", "write the plain value, without a tag", _spot(event))
        value: Any
        if isinstance(event, MappingStartEvent):
            value = self._mapping(path, depth)
        elif isinstance(event, SequenceStartEvent):
            value = []
            while not isinstance(item := next(self._events), SequenceEndEvent):
                value.append(self._node(item, (*path, len(value)), None, depth + 1))
        elif isinstance(event, ScalarEvent):
            value = event.value if event.style else _plain(event.value)
        else:
            raise _UnreadableError
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._anchors[event.anchor] = (value, self._values - before)
        return value

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key := next(self._events), MappingEndEvent):
            self._values += 1
            if not isinstance(key, ScalarEvent):
                rule = "has a key that is no plain text"
                self._stop(key, path, rule, "write keys as plain text, without braces")
            name, spot = str(key.value), _spot(key)
            below = (*path, name)
            if name == "<<":
                self._say(below, "is a merge key, which YAML 1.2 has not", "use `extends`, or write the values", spot)
            if name in found:
                self._say(below, "is typed twice", f"keep one {name}", spot)
            found[name] = self._node(next(self._events), below, spot, depth + 1)
            if found[name] is None:
                cut = "a comma ends a value inside braces: write 1000 without a comma, or quotes around it"
                remedy = cut if name[:3].isdigit() else "write a value, or drop the line"
                self._say(below, "has no value", remedy, spot)
        return found

    def _alias(self, event: AliasEvent, path: Path) -> Any:
        name = str(event.anchor)
        if name not in self._anchors:
            self._stop(event, path, f"refers to *{name} before it is complete", "write the values themselves")
        value, size = self._anchors[name]
        self._aliases += 1
        self._values += size
        if self._aliases > MOST_ALIASES or self._values > MOST_VALUES:
            self._stop(event, path, "repeats too much by aliases", "write the values themselves")
        return copy.deepcopy(value)

    def _say(self, path: Path, rule: str, remedy: str, spot: tuple[int, int]) -> None:
        self.problems.append(Problem(path, MISSING, rule, remedy, file=self.file, line=spot[0], column=spot[1]))

    def _stop(self, event: Event, path: Path, rule: str, remedy: str) -> NoReturn:
        self._say(path, rule, remedy, _spot(event))
        raise _UnreadableError


def _spot(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _tag(event: NodeEvent) -> str | None:
    tag = getattr(event, "tag", None)
    return None if tag is None or str(tag) in ("", "None") else str(tag)


def _plain(text: str) -> Any:
    """Return what an unquoted text means in YAML 1.2's core schema; dates stay text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INTEGER.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        return int(text)
    if _FLOAT.fullmatch(text):
        number = AsTyped(text)
        return number if abs(number) < float("inf") else text
    return text
