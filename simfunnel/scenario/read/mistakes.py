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
from simfunnel.scenario.change.paths import fields_of, model_at, named, spot_at, suggestions
from simfunnel.scenario.fields.field import FieldError, Readings
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import resolved
from simfunnel.scenario.read.folder import Folder
from simfunnel.scenario.read.source import Places
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
    """Return the scenario that plain values describe, or every field that is wrong, by path and without places.

    `readings`: of blocks that were read before, in the same folder and currency. `extra` holds fields that are already
    objects (what-ifs).
    """
    typed = data.get("currency", "USD")
    currency = typed.upper() if isinstance(typed, str) else "USD"
    context = {"folder": folder, "currency": currency, "readings": readings if readings.hold_in(currency) else None}
    plain, ranges, problems = resolved(data, context, readings)
    try:
        found = Scenario.model_validate({**plain, **(extra or {})}, context=context)
    except ValidationError as error:
        known = {problem.path for problem in problems}
        fields = field_problems(error.errors(include_url=False), data)
        return [*problems, *(problem for problem in fields if problem.path not in known)]
    return list(problems) or found.with_ranges(ranges)


UNKNOWN = "unknown field"


def field_problems(details: list[ErrorDetails], data: Any) -> list[Problem]:
    """Return one problem for each complaint; a missing and an unknown key that match are one."""
    problems = [_problem(detail, data) for detail in details]
    unknown = [problem.path for problem in problems if problem.rule == UNKNOWN]

    def is_misspelt(missing: Problem) -> bool:
        beside = [str(path[-1]) for path in unknown if path[:-1] == missing.path[:-1]]
        return any(nearest(key, [str(missing.path[-1])]) is not None for key in beside)

    return [problem for problem in problems if problem.at != "parent" or not is_misspelt(problem)]


def _problem(detail: ErrorDetails, data: Any) -> Problem:
    """Return the problem of one complaint, at its place in the data, with its rule and remedy in a planner's words."""
    kind, loc = detail["type"], tuple(detail["loc"])
    cause: Any = detail.get("ctx", {}).get("error")
    if isinstance(cause, FieldError) and cause.path:
        loc += cause.path
    path, at_key, value = walk(data, loc)
    if kind == "missing":
        spot, name = spot_at(path), path[-1]
        example = spot.example if spot is not None else None
        remedy = f"add {name}" if example is None else f"add {name}, e.g. {name}: {flow_text(example)}"
        return Problem(path, MISSING, "required field is missing", remedy, at="parent")
    if kind == "extra_forbidden":
        model, remedy = model_at(path[:-1]), "drop it"
        if model is not None:
            remedy = f"drop it; there are {len(fields_of(model))} fields here, see `simfunnel schema`"
            remedy = did_you_mean(str(path[-1]), suggestions(model), remedy)
        return Problem(path, MISSING, UNKNOWN, remedy, at="key")
    rule, remedy = _WORDS.get(kind, (detail["msg"], "see `simfunnel schema`"))
    if hasattr(cause, "rule") and hasattr(cause, "remedy"):
        better = retyped(detail["input"])
        rule, remedy = cause.rule, f"write {better}" if better is not None else cause.remedy
    elif kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", "")))
        near = nearest(str(detail["input"]), known)
        rule = f"is not {', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else f"is not {known[0]}"
        remedy = f"did you mean {near}?" if near else "write one of these"
    at_key = at_key or bool(getattr(cause, "at_key", False))
    if at_key or isinstance(value, Mapping | list):
        value = path[-1] if at_key else MISSING
    return Problem(path, value, rule, remedy, at="key" if at_key else "value")


def walk(data: Any, loc: tuple[str | int, ...]) -> tuple[Path, bool, Any]:
    """Find the path in `data` of a place that pydantic names: (path, whether its key is meant, the value there).

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
    """Return the problem with its place, its path as a planner would type it."""
    return replace(places.locate(problem), path=named(problem.path, data))
