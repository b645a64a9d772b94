"""Paths as a planner types them (`channels.*.volume`, `pools."field sales".reps`): parsed, and followed through the
models, so that every path can be judged, marked and suggested without a scenario being valid.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Mapping, Sequence
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
        return next((kind for kind in members(self.annotation) if is_model(kind)), None)

    @cached_property
    def mixed(self) -> bool:
        """Whether both beliefs and levers stand below."""
        return self.mark == "lever" and any(_holds_belief(model) for model in models_in(self.annotation))

    @property
    def example(self) -> Any:
        """The first example of the field; None without one."""
        examples = self.field.examples if self.field is not None else None
        return examples[0] if examples else None


ROOT = Spot(Scenario, None, "lever")
NOT_MEANT = frozenset(("what_ifs", "sources", "extends"))


def spot_at(path: Sequence[str | int]) -> Spot | None:
    """Return what the models say stands at a path (names or positions for list items); None where nothing can stand."""
    return _spot_at(tuple(path))


@lru_cache(maxsize=8192)
def _spot_at(path: Path) -> Spot | None:
    if not path:
        return ROOT
    above, part = _spot_at(path[:-1]), str(path[-1])
    if above is None:
        return None
    for kind in members(above.annotation):
        field = fields_of(kind).get(part) if is_model(kind) else None
        if field is not None:
            return Spot(field.annotation, field, _mark(field) if above.mark == "lever" else above.mark)
        origin, inner = get_origin(kind), get_args(kind)
        if origin is dict:
            return Spot(inner[1], above.field, above.mark)
        if origin is tuple and inner[-1] is Ellipsis:
            return Spot(inner[0] if get_origin(inner[0]) is not tuple else float, above.field, above.mark)
    return None


def model_at(path: Sequence[str | int]) -> type[Model] | None:
    """Return the model that stands at a path; None for tables, lists and single values, and where nothing can stand."""
    spot = spot_at(path)
    return spot.model if spot is not None else None


@lru_cache(maxsize=256)
def fields_of(model: type[Model]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key that is typed."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the plain types of an annotation: without Annotated, None and the union around them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in members(part) if kind is not type(None))
    return (annotation,)


def models_in(annotation: Any) -> Iterator[type[Model]]:
    """Yield the models that an annotation names: for the value itself, or for the items of its tables and lists."""
    for kind in members(annotation):
        if is_model(kind):
            yield kind
        elif get_origin(kind) in (dict, tuple):
            for part in get_args(kind):
                yield from models_in(part)


def is_model(kind: Any) -> bool:
    """Return whether a type is a part of a scenario."""
    return isinstance(kind, type) and issubclass(kind, Model)


def is_belief(path: str | Sequence[str | int]) -> bool:
    """Return whether a path says how the world is, so that a what-if with it means that today is really so."""
    spot = spot_at(parse_path(path) if isinstance(path, str) else path)
    return spot is not None and spot.mark == "belief"


def concrete(data: Any, parts: Sequence[str]) -> list[Path]:
    """Return the paths in `data` that a typed path stands for: `*` spread out, `volume` found, list items by position.

    Raises FieldError where a part names nothing that exists or could be typed.
    """
    found: list[tuple[Path, Any]] = [((), data)]
    for depth, part in enumerate(parts):
        try:
            below = [
                ((*path, key), child(node, key))
                for path, node in found
                for key in _keys(path, node, part, parts[:depth], len(found) > 1)
            ]
        except FieldError as error:
            near = None
            if not depth and nearest(part, fields_of(Scenario)) is None:
                near = from_its_middle(data, parts) or misspelt(data, parts)
            if near is None:
                raise
            raise FieldError(error.rule, f"did you mean {near}?") from None
        found = below
        if not found:
            rule = f"finds nothing at {path_text(tuple(parts[: depth + 1]))}"
            raise FieldError(rule, "name one of them instead of *")
    return [path for path, _ in found]


def _keys(path: Path, node: Any, part: str, above: Sequence[str], one_of_many: bool) -> Sequence[str | int]:
    """Return the keys or positions of a node that a part of a typed path stands for."""
    spot = _spot_at(path) or ROOT
    kinds = members(spot.annotation) if spot.model is None else ()
    if any(get_origin(kind) is tuple and is_model(get_args(kind)[0]) for kind in kinds):
        return _positions(node if isinstance(node, list) else [], part, above)
    if any(get_origin(kind) in (dict, tuple) for kind in kinds):
        names = [str(name) for name in node] if isinstance(node, Mapping) else []
        if part not in (EVERY, *names) and len(above) == 1 and above[0] in CLOSED:
            remedy = did_you_mean(part, names, "type it in the file first")
            raise FieldError(f"names {part!r}, which is not in {above[0]}", remedy)
        return names if part == EVERY else [part]
    if spot.model is None:
        raise FieldError(f"goes below {path_text(tuple(above))}, which is a single value", "end the path there")
    if part == VOLUME and spot.model is Channel:
        typed = [key for key in ("leads", "visits") if isinstance(node, Mapping) and key in node]
        if not typed and not one_of_many:
            rule = "asks for the volume of a channel that types neither leads nor visits"
            raise FieldError(rule, "change lists.size instead")
        return typed
    if part not in fields_of(spot.model):
        remedy = did_you_mean(part, suggestions(spot.model), "see `simfunnel schema`")
        raise FieldError(f"names {part!r}, which {path_text(tuple(above)) or 'a scenario'} has not", remedy)
    return [part]


def _positions(items: list[Any], part: str, above: Sequence[str]) -> list[int]:
    """Return the positions of list items that a part of a typed path names: every one, one by name or by position."""
    if part == EVERY:
        return list(range(len(items)))
    names = [str(item["name"] if isinstance(item, Mapping) and "name" in item else i) for i, item in enumerate(items)]
    if part in names:
        return [names.index(part)]
    if part.isdecimal() and int(part) < len(items):
        return [int(part)]
    rule = f"names no item {part!r} of {path_text(tuple(above))}"
    raise FieldError(rule, did_you_mean(part, names, "name one of its items"))


def everywhere(data: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a scenario with its path, those near the root first; what-ifs and sources left out."""
    waiting: list[tuple[Path, Any]] = [((), data)]
    for path, node in waiting:  # which grows
        yield path, node
        below = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*path, key), each) for key, each in below if key not in NOT_MEANT]


def from_its_middle(data: Any, parts: Sequence[str]) -> str | None:
    """Return the path of the scenario that was typed from its middle on, `SDR.reps` for pools.SDR.reps, if it was."""
    first, *rest = parts
    for path, node in everywhere(data):
        model = model_at(path)
        is_named = bool(path) and str(_name(node) or path[-1]).lower() == first.lower()
        is_field = model is not None and first in fields_of(model)
        found = (*path, *rest) if is_named and rest else (*path, *parts) if is_field else ()
        is_volume = rest == [VOLUME] and len(path) == 2 and path[0] == "channels"
        if found and (is_volume or spot_at(found) is not None):
            return path_text(named(found, data))
    return None


def misspelt(data: Any, parts: Sequence[str]) -> str | None:
    """Return the path that was typed from its middle on with its first part misspelt, `treshold`, if one was."""
    words: set[str] = set()
    for path, node in everywhere(data):
        model = model_at(path)
        words |= {*(fields_of(model) if model is not None else ()), *(node if isinstance(node, Mapping) else ())}
    near = difflib.get_close_matches(parts[0], words, n=1, cutoff=0.8)
    return from_its_middle(data, [near[0], *parts[1:]]) if near else None


def suggestions(model: type[Model]) -> list[str]:
    """Return the keys that can be typed in a model."""
    hidden = {"never"} | ({"value"} if issubclass(model, Spread) else set())
    return [name for name in fields_of(model) if name not in hidden]


def child(node: Any, key: str | int) -> Any:
    """Return what stands at a key of a table or at a position of a list; None where nothing does."""
    if isinstance(node, Mapping):
        return node.get(str(key))
    return node[key] if isinstance(node, list) and isinstance(key, int) and key < len(node) else None


def value_at(data: Any, path: Sequence[str | int]) -> Any:
    """Return the value typed at a path of plain values; None where nothing is."""
    for part in path:
        data = child(data, part)
    return data


def named(path: Path, data: Any) -> Path:
    """Return the path with list items by name where they have one of their own, as it is typed after `--set`."""
    found: list[str | int] = []
    for part in path:
        names = [_name(item) for item in data] if isinstance(data, list) else []
        data = child(data, part)
        name = _name(data) if isinstance(part, int) else None
        found.append(part if name is None or names.count(name) > 1 else name)
    return tuple(found)


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None


def _mark(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("x-simfunnel", "lever")) if isinstance(extra, dict) else "lever"


@lru_cache(maxsize=256)
def _holds_belief(model: type[Model]) -> bool:
    fields = model.model_fields.values()
    below = [kind for field in fields for kind in models_in(field.annotation)]
    return any(_mark(field) == "belief" for field in fields) or any(_holds_belief(kind) for kind in below)
