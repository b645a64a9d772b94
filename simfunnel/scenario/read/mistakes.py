"""The fields step: a scenario validated whole, and pydantic's complaints told in a planner's words, in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simfunnel.errors import MISSING, Path, Problem
from simfunnel.scenario.change.path_text import did_you_mean, nearest
from simfunnel.scenario.change.paths import fields_of, named, spot_at, suggestions
from simfunnel.scenario.fields.field import FieldError, Readings
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import resolved
from simfunnel.scenario.read.folder import Folder
from simfunnel.scenario.read.places import Places
from simfunnel.scenario.tell.as_typed import flow_text
from simfunnel.units import retyped

_WORDS = {
    "dict_type": ("is not a table of names", "write name: value lines below it"),
    "model_type": ("is not a block of fields", "write its fields below it, or in braces"),
    "model_attributes_type": ("is not a block of fields", "write its fields below it, or in braces"),
    "tuple_type": ("is not a list", "write [...], or one line with a dash for each item"),
    "list_type": ("is not a list", "write [...], or one line with a dash for each item"),
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "bool_type": ("is neither true nor false", "write true or false"),
}


def validated(
    data: Mapping[str, Any], folder: Folder, readings: Readings, *, extra: Mapping[str, Any] | None = None
) -> Scenario | list[Problem]:
    """The scenario that plain values describe, or every field that is wrong, by path and without places.

    `readings`: of blocks that were read before, in the same folder and currency. `extra` holds fields that are already
    objects (what-ifs).
    """
    currency = _currency(data)
    context = {"folder": folder, "currency": currency, "readings": readings if readings.hold_in(currency) else None}
    plain, ranges, problems = resolved(data, context, readings)
    try:
        found = Scenario.model_validate({**plain, **(extra or {})}, context=context)
    except ValidationError as error:
        known = {problem.path for problem in problems}
        fields = field_problems(error.errors(include_url=False), data)
        return [*problems, *(problem for problem in fields if problem.path not in known)]
    return list(problems) or found.with_ranges(ranges)


def _currency(data: Mapping[str, Any]) -> str:
    typed = data.get("currency", "USD")
    return typed.upper() if isinstance(typed, str) else "USD"


def field_problems(details: list[ErrorDetails], data: Any) -> list[Problem]:
    """One problem for each complaint; a missing and an unknown key that match are one."""
    problems = [_problem(detail, data) for detail in details]
    unknown = [p for p in problems if p.rule == UNKNOWN]
    paired = {id(p) for p in problems if p.at == "parent" and any(_match(p, other) for other in unknown)}
    return [p for p in problems if id(p) not in paired]


UNKNOWN = "unknown field"


def _match(missing: Problem, unknown: Problem) -> bool:
    same_parent = missing.path[:-1] == unknown.path[:-1]
    return same_parent and nearest(str(unknown.path[-1]), [str(missing.path[-1])]) is not None


def _problem(detail: ErrorDetails, data: Any) -> Problem:
    kind, loc = detail["type"], tuple(detail["loc"])
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, FieldError) and cause.path:
        loc += cause.path
    path, at_key, value = walk(data, loc)
    if kind == "missing":
        return Problem(path, MISSING, "required field is missing", _missing_remedy(path), at="parent")
    if kind == "extra_forbidden":
        return Problem(path, MISSING, UNKNOWN, _unknown_remedy(path), at="key")
    rule, remedy = _said(detail, cause)
    at_key = at_key or bool(getattr(cause, "at_key", False))
    if at_key or isinstance(value, Mapping | list):
        value = path[-1] if at_key else MISSING
    return Problem(path, value, rule, remedy, at="key" if at_key else "value")


def _said(detail: ErrorDetails, cause: object) -> tuple[str, str]:
    if hasattr(cause, "rule") and hasattr(cause, "remedy"):
        better = retyped(detail["input"])
        return str(cause.rule), f"write {better}" if better is not None else str(cause.remedy)
    if detail["type"] == "literal_error":
        known = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
        near = nearest(str(detail["input"]), known)
        listed = f"{', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else known[0]
        return f"is not {listed}", f"did you mean {near}?" if near else "write one of these"
    return _WORDS.get(detail["type"], (detail["msg"], "see `simfunnel schema`"))


def walk(data: Any, loc: tuple[str | int, ...]) -> tuple[Path, bool, Any]:
    """The path in `data` of a place that pydantic names: (path, whether its key is meant, the value there).

    Tables that are validated as pairs are named by position, bare values stand for their fields: the path ends where
    the data end.
    """
    path: list[str | int] = []
    node = data
    parts = list(loc)
    while parts:
        part = parts.pop(0)
        if isinstance(node, Mapping):
            if part not in node and isinstance(part, int) and part < len(node):
                key = list(node)[part]
                path.append(key)
                node = node[key]
                if parts and parts.pop(0) == 0:
                    return tuple(path), True, key
                continue
            if part == "[key]":
                return tuple(path), True, path[-1] if path else None
            path.append(part)
            node = node.get(part, MISSING)
            if parts == ["[key]"]:
                return tuple(path), True, part
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            path.append(part)
            node = node[part]
        else:
            break
    return tuple(path), False, node


def located(problem: Problem, data: Any, places: Places) -> Problem:
    """The problem with its place, its path as a planner would type it."""
    return replace(places.locate(problem), path=named(problem.path, data))


def _missing_remedy(path: Path) -> str:
    spot = spot_at(path)
    examples = spot.field.examples if spot is not None and spot.field is not None else None
    name = path[-1]
    return f"add {name}, e.g. {name}: {flow_text(examples[0])}" if examples else f"add {name}"


def _unknown_remedy(path: Path) -> str:
    spot = spot_at(path[:-1])
    model = spot.model if spot is not None else None
    if model is None:
        return "drop it"
    name = str(path[-1])
    known = suggestions(model)
    return did_you_mean(name, known, f"drop it; there are {len(fields_of(model))} fields here, see `simfunnel schema`")
