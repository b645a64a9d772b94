"""All independent mistakes of a scenario at once: of reading, fields, what-ifs and meaning, and of a later step.

Stand-ins take the place of what cannot be read, so that what does not depend on it is judged too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.overrides import changed
from simfunnel.scenario.change.paths import fields_of, spot_at
from simfunnel.scenario.change.what_if import ROOT, WhatIfTable
from simfunnel.scenario.change.what_if_checks import judged, what_if_fields
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
    """The scenario with stand-ins for all that is wrong; None where names that others refer to would be lost.

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
            data = _with_stand_in(data, path, problem, dropping)
            paths |= {problem.path, path}
        found = validated(data, origin.folder, origin.readings, extra={ROOT: what_ifs})
        if isinstance(found, Scenario):
            return StoodIn(found, data, frozenset(paths))
        problems = found
    return None


def follows(path: Path, stood_in: frozenset[Path]) -> bool:
    """Whether what is said at a path is about a stand-in: one at, above or below it, or beside it in its block."""
    for each in stood_in:
        size = min(len(path), len(each))
        if path[:size] == each[:size] or (len(each) > 2 and path[: len(each) - 1] == each[:-1]):
            return True
    return False


def loses_names(data: Any, path: Path) -> bool:
    """Whether a stand-in would lose names: of a whole table, of a stage, or those that a team serves."""
    if path[0] not in ("channels", "stages", "pools"):
        return False
    if len(path) == 1 or path[-1] in NAMES:
        return True
    needs = {"stages": "name", "pools": "stages"}.get(str(path[0]))
    typed = _at(data, path)
    return len(path) == 2 and needs is not None and not (isinstance(typed, Mapping) and needs in typed)


def _with_stand_in(data: Any, path: Path, problem: Problem, dropping: bool) -> Any:
    parent = spot_at(path[:-1])
    fields = fields_of(parent.model) if parent is not None and parent.model is not None else {}
    field = fields.get(str(path[-1]))
    if problem.rule == UNKNOWN or (problem.at == "key" and problem.path == path):
        return _put(data, path, None)
    if field is not None:
        optional = not field.is_required()
        example = field.examples[0] if field.examples and not (dropping and optional) else None
        example = example if dropping else _another(example, path)
    else:
        example = _item_example(path)
    return _put(data, path, _keeping_names(example, _at(data, path)))


def _another(example: Any, path: Path) -> Any:
    """A somewhat smaller number than the example; the example itself where it is no number."""
    if isinstance(example, bool) or not isinstance(example, int | float | str):
        return example
    try:
        found = changed(example, path, SMALLER)
    except FieldError:
        return example
    return example if found == SMALLER else found


def _item_example(path: Path) -> Any:
    """An example of an item of a table or list, from that of its field; None without one."""
    spot = spot_at(path)
    examples = spot.field.examples if spot is not None and spot.field is not None else None
    whole = examples[0] if examples else None
    items = list(whole.values()) if isinstance(whole, Mapping) else whole if isinstance(whole, list) else []
    return items[0] if items else None


def _keeping_names(example: Any, typed: Any) -> Any:
    if isinstance(example, Mapping) and isinstance(typed, Mapping):
        return {**example, **{key: typed[key] for key in NAMES if key in typed}}
    return example


def _at(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, Mapping):
            data = data.get(str(part))
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _put(data: Any, path: Path, value: Any) -> Any:
    """A copy with the value at a path, without the key for None; unchanged where the path leads nowhere."""
    key, rest = path[0], path[1:]
    if isinstance(data, Mapping):
        below = _put(data.get(str(key)), rest, value) if rest else value
        return {**{k: v for k, v in data.items() if k != key}, **({} if below is None else {str(key): below})}
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        below = _put(data[key], rest, value) if rest else value
        return [*data[:key], *([] if below is None else [below]), *data[key + 1 :]]
    return data


Later = Callable[[Scenario], Sequence[Problem]]
"""What a later step, which this room does not know, finds wrong with a scenario of which nothing else is wrong."""

ROUNDS = 12  # of putting stand-ins in the place of what the later step finds
MOVES = "the figure depends on the other mistakes too"
_FIGURE = re.compile(r"\d[\d.,]*")


def nothing_later(_: Scenario) -> Sequence[Problem]:
    """The mistakes of a later step, where there is none."""
    return ()


def all_mistakes(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem],
    flattened: Sequence[Problem], later: Later = nothing_later,
) -> list[Problem]:  # fmt: skip
    """Every mistake that does not follow from another, with places.

    `unread`: mistakes of reading and of `--set`; `fields`: those of the base, by path; `flattened`: of what-ifs' form;
    `later`: what finds those of a later step.
    """
    in_what_ifs = what_if_fields(what_ifs, base, origin, fields)
    in_fields = [located(problem, base, origin.places) for problem in fields if not _unread(problem, unread)]
    typed = [*in_fields, *(p for p in (*flattened, *in_what_ifs) if not _unread(p, unread))]
    sound = _sound(what_ifs, [*unread, *flattened, *in_what_ifs])
    return [*unread, *typed, *_meant(base, origin, sound, unread, fields, later)]


def later_mistakes(scenario: Scenario, later: Later) -> list[Problem]:
    """Every mistake that a later step finds in a scenario of which nothing else is wrong, with places."""
    base = {key: value for key, value in scenario.raw.items() if key != ROOT}
    return _meant(base, scenario.origin, WhatIfTable(scenario.what_ifs), (), (), later)


def _unread(problem: Problem, unread: Sequence[Problem]) -> bool:
    """Whether a problem only says once more that something was not read."""
    for each in (each.path for each in unread if each.path):
        if problem.path == each:
            return True
        if str(each[-1])[:1].isdigit() and problem.path[:-1] == each[:-1]:  # a comma cut the number before it
            return True
        if problem.at == "parent" and problem.path[:-1] in (each, each[:-1]):
            return True
    return False


def _sound(what_ifs: WhatIfTable, problems: Sequence[Problem]) -> WhatIfTable:
    """The what-ifs of which nothing is wrong yet, nor of those that they build on."""
    wrong = {problem.path[1] for problem in problems if len(problem.path) > 1 and problem.path[0] == ROOT}
    return WhatIfTable(
        {
            name: each
            for name, each in what_ifs.items()
            if name not in wrong and not any(item.owner[1] in wrong for item in each.items)
        }
    )


def _meant(
    base: Any, origin: Origin, what_ifs: WhatIfTable, unread: Sequence[Problem], fields: Sequence[Problem], later: Later
) -> list[Problem]:
    """Errors of meaning and of the later step that hold whatever stands in for what is wrong."""
    lost = frozenset(problem.path for problem in unread if problem.path and problem.path[0] != ROOT)
    if any(loses_names({}, path) for path in lost):  # a block typed twice or left empty: names may be missing
        return []
    search = _Search(base, origin, lost)
    search.look(what_ifs, fields, True, later)
    other = _Search(base, origin, lost)
    other.look(what_ifs, fields, False, later if search.later else nothing_later)
    meant = [problem for key, problem in search.meant.items() if key in other.meant]
    found = [_steady(problem, other.later[key]) for key, problem in search.later.items() if key in other.later]
    return [*meant, *found]


def _steady(problem: Problem, other: Problem) -> Problem:
    """The problem; with a word on its figures where other stand-ins lead to others."""
    if (problem.rule, problem.remedy) == (other.rule, other.remedy):
        return problem
    return replace(problem, remedy=f"{problem.remedy}; {MOVES}" if problem.remedy else MOVES)


class _Search:
    """Mistakes found while stand-ins take the place of those found before: of meaning, and of the later step."""

    def __init__(self, base: Any, origin: Origin, lost: frozenset[Path]) -> None:
        self.data, self.origin, self.stand = base, origin, lost
        self.meant: dict[tuple[Path, str], Problem] = {}
        self.later: dict[tuple[Path, str], Problem] = {}

    def look(self, what_ifs: WhatIfTable, problems: Sequence[Problem], dropping: bool, later: Later) -> None:
        """Stand in for `problems`, judge what the scenario then means, and ask the later step until it is content."""
        stood: frozenset[Path] = frozenset()
        for at in range(ROUNDS):
            found = stand_ins(self.data, self.origin, problems, what_ifs, dropping=dropping, before=stood)
            if found is None:
                return
            self.data, stood = found.data, found.paths
            self.stand |= stood
            scenario: Scenario = found.scenario.with_origin(replace(self.origin, raw=self.data))
            errors = [problem for problem in judged(scenario) if problem.severity == "error"]
            if at == 0:
                self.meant = {(p.path, p.rule): p for p in self._own(errors, scenario)}
            if not errors:
                errors = list(later(scenario))
                self.later |= {(p.path, _FIGURE.sub("", p.rule)): p for p in self._own(errors, scenario)}
            if not errors or later is nothing_later:
                return
            what_ifs = _without(what_ifs, errors)
            in_base = [problem for problem in errors if problem.path[:1] != (ROOT,)]
            problems = [replace(problem, path=_by_position(problem.path, scenario)) for problem in in_base]

    def _own(self, errors: Sequence[Problem], scenario: Scenario) -> list[Problem]:
        """The errors that do not follow from a stand-in."""
        return [each for each in errors if not follows(_by_position(each.path, scenario), self.stand)]


def _without(what_ifs: WhatIfTable, problems: Sequence[Problem]) -> WhatIfTable:
    """The what-ifs without the settings at fault, or without those at fault as a whole."""
    wrong = [problem.path for problem in problems if problem.path[:1] == (ROOT,)]
    owners = {item.owner for each in what_ifs.values() for item in each.items}
    at_fault = {owner for owner in owners if any(path[: len(owner)] == owner for path in wrong)}
    whole = {path[1] for path in wrong if not any(path[: len(owner)] == owner for owner in at_fault)}
    return WhatIfTable(
        {
            name: each._replace(items=tuple(item for item in each.items if item.owner not in at_fault))
            for name, each in what_ifs.items()
            if name not in whole
        }
    )


def _by_position(path: Path, scenario: Scenario) -> Path:
    """The path with a stage by its position, as the fields step names it."""
    if len(path) > 1 and path[0] == "stages" and path[1] in scenario.stage_names:
        return (path[0], scenario.stage_names.index(str(path[1])), *path[2:])
    return path
