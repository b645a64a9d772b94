"""Paths as a planner types them (`channels.*.volume`, `pools."field sales".reps`): parsed, and followed through the
models, so that every path can be judged, marked and suggested without a scenario being valid.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from simfunnel.errors import Path, path_text
from simfunnel.scenario.change.path_text import did_you_mean, nearest, parse_path
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.field import FieldError, Model
from simfunnel.scenario.fields.values import Spread
from simfunnel.scenario.model import Scenario

EVERY = "*"
VOLUME = "volume"
CLOSED = frozenset(("channels", "pools"))  # tables whose names a path cannot invent


@dataclass(frozen=True, eq=False)
class Spot:
    """What stands at a path: its type, the field that holds it, and the mark of that field."""

    annotation: Any
    field: FieldInfo | None
    mark: str

    @cached_property
    def model(self) -> type[Model] | None:
        """The model that stands here; None for tables, lists and single values."""
        return next((kind for kind in members(self.annotation) if _is_model(kind)), None)

    @cached_property
    def mixed(self) -> bool:
        """Whether both beliefs and levers stand below."""
        return self.mark == "lever" and _holds_belief(self.annotation)


ROOT = Spot(Scenario, None, "lever")
NOT_MEANT = frozenset(("what_ifs", "sources", "extends"))


def spot_at(path: Sequence[str | int]) -> Spot | None:
    """What the models say stands at a path (names or positions for list items); None where nothing can stand."""
    return _spot_at(tuple(path))


@lru_cache(maxsize=8192)
def _spot_at(path: Path) -> Spot | None:
    spot: Spot | None = ROOT
    for part in path:
        spot = _below(spot, str(part)) if spot is not None else None
    return spot


def _below(spot: Spot, part: str) -> Spot | None:
    for kind in members(spot.annotation):
        if _is_model(kind):
            field = fields_of(kind).get(part)
            if field is not None:
                return Spot(field.annotation, field, _stronger(spot.mark, _mark(field)))
        origin = get_origin(kind)
        if origin is dict:
            return Spot(get_args(kind)[1], spot.field, spot.mark)
        if origin is tuple and get_args(kind)[-1] is Ellipsis:
            item = get_args(kind)[0]
            return Spot(item if get_origin(item) is not tuple else float, spot.field, spot.mark)
    return None


@lru_cache(maxsize=256)
def fields_of(model: type[Model]) -> dict[str, FieldInfo]:
    """The fields of a model by the key that is typed."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def members(annotation: Any) -> tuple[Any, ...]:
    """The plain types of an annotation: without Annotated, None and the union around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in members(part) if kind is not type(None))
    return (annotation,)


def is_belief(path: str | Sequence[str | int]) -> bool:
    """Whether a path says how the world is, so that a what-if with it means that today is really so."""
    spot = spot_at(parse_path(path) if isinstance(path, str) else path)
    return spot is not None and spot.mark == "belief"


def is_table(spot: Spot) -> bool:
    """Whether names or positions stand below, rather than fields."""
    return spot.model is None and any(get_origin(kind) in (dict, tuple) for kind in members(spot.annotation))


def is_list(spot: Spot) -> bool:
    """Whether a list of blocks stands here."""
    return spot.model is None and any(
        get_origin(kind) is tuple and _is_model(get_args(kind)[0]) for kind in members(spot.annotation)
    )


def concrete(data: Any, parts: Sequence[str]) -> list[Path]:
    """The paths in `data` that a typed path stands for: `*` spread out, `volume` found, list items by position.

    Raises FieldError where a part names nothing that exists or could be typed.
    """
    found: list[tuple[Path, Any, Spot]] = [((), data, ROOT)]
    for depth, part in enumerate(parts):
        below: list[tuple[Path, Any, Spot]] = []
        try:
            for path, node, spot in found:
                below += _steps(path, node, spot, part, parts[:depth], len(found) > 1)
        except FieldError as error:
            near = meant(data, parts) or misspelt(data, parts) if not depth and _is_no_field(part) else None
            if near is None:
                raise
            raise FieldError(error.rule, f"did you mean {near}?") from None
        found = below
        if not found:
            raise FieldError(
                f"finds nothing at {path_text(tuple(parts[: depth + 1]))}", "name one of them instead of *"
            )
    return [path for path, _, _ in found]


def meant(data: Any, parts: Sequence[str]) -> str | None:
    """The path of the scenario that was typed from its middle on, `SDR.reps` for pools.SDR.reps; None without one."""
    first, *rest = parts
    waiting: list[tuple[Path, Any]] = [((), data)]
    for path, node in waiting:  # which grows: blocks near the root come first
        spot = spot_at(path)
        is_named = bool(path) and str(_name(node) or path[-1]).lower() == first.lower()
        is_field = spot is not None and spot.model is not None and first in fields_of(spot.model)
        found = (*path, *rest) if is_named and rest else (*path, *parts) if is_field else ()
        is_volume = rest == [VOLUME] and len(path) == 2 and path[0] == "channels"
        if found and (is_volume or spot_at(found) is not None):
            return path_text(named(found, data))
        if isinstance(node, Mapping):
            waiting += [((*path, str(name)), below) for name, below in node.items() if name not in NOT_MEANT]
        elif isinstance(node, list):
            waiting += [((*path, place), below) for place, below in enumerate(node)]
    return None


def misspelt(data: Any, parts: Sequence[str]) -> str | None:
    """The path that was typed from its middle on with its first part misspelt, `treshold`; None without one."""
    words: set[str] = set()
    waiting: list[tuple[Path, Any]] = [((), data)]
    for path, node in waiting:
        spot = spot_at(path)
        words |= set(fields_of(spot.model)) if spot is not None and spot.model is not None else set()
        below = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*path, key), each) for key, each in below if key not in NOT_MEANT]
        words |= {str(key) for key, _ in below} if isinstance(node, Mapping) else set()
    near = difflib.get_close_matches(parts[0], words, n=1, cutoff=0.8)
    return meant(data, [near[0], *parts[1:]]) if near else None


def _is_no_field(part: str) -> bool:
    return nearest(part, fields_of(Scenario)) is None


def _steps(
    path: Path, node: Any, spot: Spot, part: str, above: Sequence[str], one_of_many: bool
) -> list[tuple[Path, Any, Spot]]:
    if is_list(spot):
        keys: list[str | int] = list(_positions(node, part, above))
    elif is_table(spot):
        keys = list(_names(node, part, above))
    else:
        keys = list(_fields(node, spot, part, above, one_of_many))
    return [((*path, key), _child(node, key), _spot_at((*path, key)) or spot) for key in keys]


def _positions(node: Any, part: str, above: Sequence[str]) -> list[int]:
    items = node if isinstance(node, list) else []
    if part == EVERY:
        return list(range(len(items)))
    names = [
        str(item.get("name")) if isinstance(item, Mapping) and "name" in item else str(i)
        for i, item in enumerate(items)
    ]
    if part in names:
        return [names.index(part)]
    if part.isdecimal() and int(part) < len(items):
        return [int(part)]
    raise FieldError(
        f"names no item {part!r} of {path_text(tuple(above))}", did_you_mean(part, names, "name one of its items")
    )


def _names(node: Any, part: str, above: Sequence[str]) -> list[str]:
    names = [str(name) for name in node] if isinstance(node, Mapping) else []
    if part == EVERY:
        return names
    if part not in names and len(above) == 1 and above[0] in CLOSED:
        raise FieldError(
            f"names {part!r}, which is not in {above[0]}", did_you_mean(part, names, "type it in the file first")
        )
    return [part]


def _fields(node: Any, spot: Spot, part: str, above: Sequence[str], one_of_many: bool) -> list[str]:
    model = spot.model
    if model is None:
        raise FieldError(f"goes below {path_text(tuple(above))}, which is a single value", "end the path there")
    if part == VOLUME and model is Channel:
        typed = [key for key in ("leads", "visits") if isinstance(node, Mapping) and key in node]
        if typed or one_of_many:
            return typed
        raise FieldError(
            "asks for the volume of a channel that types neither leads nor visits", "change lists.size instead"
        )
    if part not in fields_of(model):
        place = path_text(tuple(above)) or "a scenario"
        raise FieldError(
            f"names {part!r}, which {place} has not", did_you_mean(part, suggestions(model), "see `simfunnel schema`")
        )
    return [part]


def suggestions(model: type[Model]) -> list[str]:
    """The keys that can be typed in a model."""
    hidden = {"never"} | ({"value"} if issubclass(model, Spread) else set())
    return [name for name in fields_of(model) if name not in hidden]


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(str(key))
    return node[key] if isinstance(node, list) and isinstance(key, int) and key < len(node) else None


def named(path: Path, data: Any) -> Path:
    """The path with list items by name where they have one of their own, as it is typed after `--set`."""
    found: list[str | int] = []
    node = data
    for part in path:
        names = [_name(item) for item in node] if isinstance(node, list) else []
        node = node.get(part) if isinstance(node, Mapping) else _item(node, part)
        name = _name(node) if isinstance(part, int) else None
        found.append(part if name is None or names.count(name) > 1 else name)
    return tuple(found)


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None


def _item(node: Any, part: str | int) -> Any:
    return node[part] if isinstance(node, list) and isinstance(part, int) and part < len(node) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


def _mark(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("x-simfunnel", "lever")) if isinstance(extra, dict) else "lever"


def _stronger(above: str, own: str) -> str:
    return above if above != "lever" else own


@lru_cache(maxsize=256)
def _holds_belief(annotation: Any) -> bool:
    for kind in members(annotation):
        below = get_args(kind) if get_origin(kind) in (dict, tuple) else ()
        if any(_holds_belief(part) for part in below if part is not Ellipsis):
            return True
        for field in fields_of(kind).values() if _is_model(kind) else ():
            inner: Any = field.annotation
            if _mark(field) == "belief" or _holds_belief(inner):
                return True
    return False
