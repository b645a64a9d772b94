"""All independent mistakes of a scenario at once: of reading, fields, what-ifs and meaning, and of a later step.

Stand-ins take the place of what cannot be read, so that what does not depend on it is judged too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.overrides import changed
from simfunnel.scenario.change.paths import fields_of, model_at, spot_at, value_at
from simfunnel.scenario.change.phases import meaning_problems, what_if_fields
from simfunnel.scenario.change.what_if import ROOT, WhatIfTable
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.read.mistakes import UNKNOWN, located, validated

STAND_IN_ROUNDS = 6
SMALLER = "20% less"
NAMES = ("name", "stages", "channels")  # by which parts of a scenario refer to each other


class StoodIn(NamedTuple):
    """A scenario that can be judged, its plain values, and the paths at which stand-ins are."""

    scenario: Scenario
    data: Any
    paths: frozenset[Path]


def stand_ins(
    data: Any,
    origin: Origin,
    problems: Sequence[Problem],
    what_ifs: WhatIfTable,
    *,
    dropping: bool,
    before: frozenset[Path] = frozenset(),
) -> StoodIn | None:
    """Return the scenario with stand-ins for all that is wrong; None where names that others refer to would be lost.

    `data`: its plain values, that come from `origin`. `dropping`: optional values go rather than being replaced by an
    example, and else examples are taken as they are; without it numbers are somewhat smaller, so that what depends on
    them shows. `before`: where stand-ins are already.
    """
    paths: set[Path] = set(before)
    for _ in range(STAND_IN_ROUNDS):
        for problem in problems:
            path = problem.path[:-1] if problem.path in paths else problem.path  # an example did not help: the block
            if not path or loses_names(data, path):
                return None
            data = _put(data, path, _stand_in(data, path, problem, dropping))
            paths |= {problem.path, path}
        found = validated(data, origin.folder, origin.readings, extra={ROOT: what_ifs})
        if isinstance(found, Scenario):
            return StoodIn(found, data, frozenset(paths))
        problems = found
    return None


def follows(path: Path, stood_in: frozenset[Path]) -> bool:
    """Return whether a problem at a path is about a stand-in: one at, above or below it, or beside it in its block."""
    for each in stood_in:
        size = min(len(path), len(each))
        if path[:size] == each[:size] or (len(each) > 2 and path[: len(each) - 1] == each[:-1]):
            return True
    return False


def loses_names(data: Any, path: Path) -> bool:
    """Return whether a stand-in would lose names: of a whole table, of a stage, or those that a team serves."""
    if path[0] not in ("channels", "stages", "pools"):
        return False
    if len(path) == 1 or path[-1] in NAMES:
        return True
    needs = {"stages": "name", "pools": "stages"}.get(str(path[0]))
    typed = value_at(data, path)
    return len(path) == 2 and needs is not None and not (isinstance(typed, Mapping) and needs in typed)


def _stand_in(data: Any, path: Path, problem: Problem, dropping: bool) -> Any:
    """Return an example for a path, with the names typed there; None to drop what is unknown or has no example."""
    if problem.rule == UNKNOWN or (problem.at == "key" and problem.path == path):
        return None
    parent = model_at(path[:-1])
    field = fields_of(parent).get(str(path[-1])) if parent is not None else None
    if field is not None:
        example = field.examples[0] if field.examples and not (dropping and not field.is_required()) else None
        if not dropping and isinstance(example, int | float | str) and not isinstance(example, bool):
            with suppress(FieldError):
                smaller = changed(example, path, SMALLER)  # itself where the example is no number
                example = example if smaller == SMALLER else smaller
    else:  # an item of a table or list
        spot = spot_at(path)
        whole = spot.example if spot is not None else None
        items = list(whole.values()) if isinstance(whole, Mapping) else whole if isinstance(whole, list) else []
        example = items[0] if items else None
    typed = value_at(data, path)
    if isinstance(example, Mapping) and isinstance(typed, Mapping):
        return {**example, **{key: typed[key] for key in NAMES if key in typed}}
    return example


def _put(data: Any, path: Path, value: Any) -> Any:
    """Copy data with the value at a path, without the key for None; unchanged where the path leads nowhere."""
    key, rest = path[0], path[1:]
    if isinstance(data, Mapping):
        below = _put(data.get(str(key)), rest, value) if rest else value
        return {**{k: v for k, v in data.items() if k != key}, **({} if below is None else {str(key): below})}
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        below = _put(data[key], rest, value) if rest else value
        return [*data[:key], *([] if below is None else [below]), *data[key + 1 :]]
    return data


LaterStep = Callable[[Scenario], Sequence[Problem]]
"""Finds what a later step, unknown to this room, has against a scenario of which nothing else is wrong."""

ROUNDS = 12  # of putting stand-ins in the place of what the later step finds
MOVES = "the figure depends on the other mistakes too"
_FIGURE = re.compile(r"\d[\d.,]*")


def nothing_later(_: Scenario) -> Sequence[Problem]:
    """Find no mistake, where there is no later step."""
    return ()


def all_mistakes(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem],
    flattened: Sequence[Problem], later: LaterStep = nothing_later,
) -> list[Problem]:  # fmt: skip
    """List every mistake that does not follow from another, with places.

    `unread`: mistakes of reading and of `--set`; `fields`: those of the base, by path; `flattened`: of what-ifs' form;
    `later`: what finds those of a later step.
    """
    in_what_ifs = what_if_fields(what_ifs, base, origin, fields)
    in_fields = [located(problem, base, origin.places) for problem in fields if not _unread(problem, unread)]
    typed = [*in_fields, *(p for p in (*flattened, *in_what_ifs) if not _unread(p, unread))]
    wrong = {p.path[1] for p in (*unread, *flattened, *in_what_ifs) if len(p.path) > 1 and p.path[0] == ROOT}
    sound = {  # what-ifs that, with those that they build on, have nothing wrong yet
        name: each
        for name, each in what_ifs.items()
        if name not in wrong and not any(item.owner[1] in wrong for item in each.items)
    }
    return [*unread, *typed, *_of_meaning(base, origin, WhatIfTable(sound), unread, fields, later)]


def later_mistakes(scenario: Scenario, later: LaterStep) -> list[Problem]:
    """List every mistake that a later step finds in a scenario of which nothing else is wrong, with places."""
    base = {key: value for key, value in scenario.raw.items() if key != ROOT}
    return _of_meaning(base, scenario.origin, WhatIfTable(scenario.what_ifs), (), (), later)


def _unread(problem: Problem, unread: Sequence[Problem]) -> bool:
    """Return whether a problem only says once more that something was not read."""
    for each in (each.path for each in unread if each.path):
        if problem.path == each:
            return True
        if str(each[-1])[:1].isdigit() and problem.path[:-1] == each[:-1]:  # a comma cut the number before it
            return True
        if problem.at == "parent" and problem.path[:-1] in (each, each[:-1]):
            return True
    return False


def _of_meaning(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem],
    later: LaterStep,
) -> list[Problem]:  # fmt: skip
    """List errors of meaning and of the later step that hold whatever stands in for what is wrong."""
    lost = frozenset(problem.path for problem in unread if problem.path and problem.path[0] != ROOT)
    if any(loses_names({}, path) for path in lost):  # a block typed twice or left empty: names may be missing
        return []
    search, other = _Search(base, origin, lost), _Search(base, origin, lost)
    search.look(what_ifs, fields, True, later)
    other.look(what_ifs, fields, False, later if search.of_later else nothing_later)
    found = [problem for key, problem in search.of_meaning.items() if key in other.of_meaning]
    for key, problem in search.of_later.items():
        if (again := other.of_later.get(key)) is not None:
            if (problem.rule, problem.remedy) != (again.rule, again.remedy):  # other stand-ins, other figures
                problem = replace(problem, remedy=f"{problem.remedy}; {MOVES}" if problem.remedy else MOVES)
            found.append(problem)
    return found


class _Search:
    """Mistakes found while stand-ins take the place of those found before: of meaning, and of the later step."""

    def __init__(self, base: Any, origin: Origin, lost: frozenset[Path]) -> None:
        self.data, self.origin, self.stand = base, origin, lost
        self.of_meaning: dict[tuple[Path, str], Problem] = {}
        self.of_later: dict[tuple[Path, str], Problem] = {}

    def look(self, what_ifs: WhatIfTable, problems: Sequence[Problem], dropping: bool, later: LaterStep) -> None:
        """Stand in for `problems`, judge what the scenario then means, and ask the later step until it is content."""
        stood: frozenset[Path] = frozenset()
        for at in range(ROUNDS):
            found = stand_ins(self.data, self.origin, problems, what_ifs, dropping=dropping, before=stood)
            if found is None:
                return
            self.data, stood = found.data, found.paths
            self.stand |= stood
            scenario: Scenario = found.scenario.with_origin(replace(self.origin, raw=self.data))
            errors = [problem for problem in meaning_problems(scenario) if problem.severity == "error"]
            if at == 0:
                self.of_meaning = {(p.path, p.rule): p for p in self._own(errors, scenario)}
            if not errors:
                errors = list(later(scenario))
                self.of_later |= {(p.path, _FIGURE.sub("", p.rule)): p for p in self._own(errors, scenario)}
            if not errors or later is nothing_later:
                return
            what_ifs = _without(what_ifs, [problem.path for problem in errors if problem.path[:1] == (ROOT,)])
            in_base = [problem for problem in errors if problem.path[:1] != (ROOT,)]
            problems = [replace(problem, path=_by_position(problem.path, scenario)) for problem in in_base]

    def _own(self, errors: Sequence[Problem], scenario: Scenario) -> list[Problem]:
        """Return the errors that do not follow from a stand-in."""
        return [each for each in errors if not follows(_by_position(each.path, scenario), self.stand)]


def _without(what_ifs: WhatIfTable, wrong: Sequence[Path]) -> WhatIfTable:
    """Return the what-ifs without the settings at fault, or without those at fault as a whole."""
    owners = {item.owner for each in what_ifs.values() for item in each.items}
    at_fault = {owner for owner in owners if any(path[: len(owner)] == owner for path in wrong)}
    whole = {path[1] for path in wrong if not any(path[: len(owner)] == owner for owner in at_fault)}
    kept = {name: each for name, each in what_ifs.items() if name not in whole}
    return WhatIfTable(
        (name, each._replace(items=tuple(item for item in each.items if item.owner not in at_fault)))
        for name, each in kept.items()
    )


def _by_position(path: Path, scenario: Scenario) -> Path:
    """Return the path with a stage by its position, as the fields step names it."""
    if len(path) > 1 and path[0] == "stages" and path[1] in scenario.stage_names:
        return (path[0], scenario.stage_names.index(str(path[1])), *path[2:])
    return path
