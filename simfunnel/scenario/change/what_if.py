"""What-ifs as data: named lists of settings, in the order in which they apply, those they build on among them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

from simfunnel.errors import MISSING, Path, Problem
from simfunnel.scenario.change.path_text import did_you_mean, parse_path
from simfunnel.scenario.fields.field import FieldError, read_date
from simfunnel.scenario.read.source import Place, Places

ROOT = "what_ifs"
FROM = "from"
RESERVED = frozenset(("today", "base", "from"))
MOST_SETTINGS = 2_000


class Setting(NamedTuple):
    """One path set to one value, from a date or from when what-ifs begin (None)."""

    start: date | None
    path: str
    value: Any
    owner: Path = ()  # where in the scenario file it is typed
    place: Place | None = None


class WhatIf(NamedTuple):
    """A named plan: its settings in order."""

    name: str
    items: tuple[Setting, ...]


class WhatIfTable(dict[str, WhatIf]):
    """What-ifs by name, with all that they set: asked for by every rule, so found once."""

    @cached_property
    def paths(self) -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
        """The paths that any of them sets, and all beginnings of these."""
        found = set()
        for text in {item.path for what_if in self.values() for item in what_if.items}:
            with suppress(FieldError):
                found.add(parse_path(text))
        return frozenset(found), frozenset(path[:size] for path in found for size in range(1, len(path) + 1))

    def touch(self, path: tuple[str, ...]) -> bool:
        """Return whether any sets a value at, above or below a path, `*` standing for every name."""
        whole, begun = self.paths
        for parts in product(*((part, "*") for part in path)):
            if parts in begun or any(parts[:size] in whole for size in range(1, len(parts))):
                return True
        return False


class Flattener:
    """What-ifs as typed, made flat: names replaced by what they stand for."""

    def __init__(self, typed: Any, places: Places) -> None:
        self.typed: Mapping[str, Any] = typed if isinstance(typed, Mapping) else {}
        self.places = places
        self.problems: list[Problem] = []
        if not isinstance(typed, Mapping):
            self._say((ROOT,), MISSING, "is not a table of names", "write name: {path: value}")

    def all(self) -> WhatIfTable:
        """Return every what-if by name; what is wrong is in `problems`."""
        found = WhatIfTable()
        for name, body in self.typed.items():
            if name in RESERVED:
                self._say((ROOT, name), MISSING, "has a name that means something else", "choose another name", "key")
            found[name] = WhatIf(name, tuple(self._settings(body, (ROOT, name), (name,))))
        return found

    def _settings(self, body: Any, owner: Path, names: tuple[str, ...]) -> list[Setting]:
        if isinstance(body, str) and body in self.typed and body not in names:
            quiet = Flattener(self.typed, self.places)  # what is wrong with it is said where it is typed
            return quiet._settings(self.typed[body], (ROOT, body), (*names, body))
        if isinstance(body, str) and body in names:
            self._say(owner, body, "builds on itself", "take this name out of the list")
            return []
        if isinstance(body, str):
            others = [other for other in self.typed if other not in names]
            self._say(owner, body, "is not the name of a what-if", did_you_mean(body, others, "add it under what_ifs"))
            return []
        if isinstance(body, Mapping):
            return self._own(body, owner)
        if not isinstance(body, list) or not body:
            self._say(owner, body, "is not a what-if", "write {path: value, ...}, or a list of names of what-ifs")
            return []
        found: list[Setting] = []
        for index, item in enumerate(body):
            found += self._settings(item, (*owner, index), names)
            if len(found) > MOST_SETTINGS:
                self._say(owner, MISSING, f"sets more than {MOST_SETTINGS:,} values", "build on fewer what-ifs")
                return []
        return found

    def _own(self, body: Mapping[str, Any], owner: Path) -> list[Setting]:
        start: date | None = None
        if FROM in body:
            try:
                start = read_date(body[FROM])
            except FieldError as error:
                self._say((*owner, FROM), body[FROM], error.rule, error.remedy)
        settings = [
            Setting(start, path, value, (*owner, path), self.places.nearest((*owner, path)))
            for path, value in body.items()
            if path != FROM
        ]
        if not settings:
            self._say(owner, MISSING, "changes nothing", "add a path and its new value")
        return settings

    def _say(self, path: Path, value: object, rule: str, remedy: str, at: Any = "value") -> None:
        shown = MISSING if isinstance(value, Mapping | list) else value
        self.problems.append(self.places.locate(Problem(path, shown, rule, remedy, at)))
