"""Stand-ins for what cannot be read, so that the rest of a scenario is judged in the same go.

A wrong value is dropped where it may be, else an example stands for it. What is then said about the stand-ins
themselves, or follows from them, is no mistake of the planner and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simfunnel.errors import Path, Problem
from simfunnel.scenario.fields import FieldError
from simfunnel.scenario.mistakes import UNKNOWN, validated
from simfunnel.scenario.model import Origin, Scenario
from simfunnel.scenario.overrides import changed
from simfunnel.scenario.paths import fields_of, spot_at
from simfunnel.scenario.whatif import ROOT, WhatIfTable

ROUNDS = 6
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
    for _ in range(ROUNDS):
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
