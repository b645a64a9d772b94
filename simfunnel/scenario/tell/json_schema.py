"""The JSON Schema of scenario files: for completion in editors, and for the reference.

Every field has its description, examples, default and the mark `x-simfunnel`: belief, lever or fact.
"""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simfunnel.scenario.change.paths import fields_of, members
from simfunnel.scenario.fields.field import RANGE, Model, Off
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import FRAMES
from simfunnel.scenario.tell.as_typed import typed_form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FILE = "scenario.schema.json"  # as the first line of our scenarios names it, beside them
BARE = {"type": ["string", "number", "boolean"]}


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file, ready for an editor's `yaml-language-server` line."""
    generated = Scenario.model_json_schema(by_alias=True)
    known = models_below(Scenario)
    framing = {
        name for key in FRAMES for kind in _models(Scenario.model_fields[key].annotation) for name in models_below(kind)
    }
    definitions = {
        name: _finished(body, known[name], name not in framing) if name in known else body
        for name, body in generated.pop("$defs").items()
    }
    root = _finished(generated, Scenario, True)
    extends = {
        "type": "string",
        "description": "another file in this folder that this one is laid over",
        "examples": ["b2b.yaml"],
        "x-simfunnel": "fact",
    }
    properties = {"extends": extends, **root["properties"]}
    required = {} if "required" not in root else {"anyOf": [{"required": root["required"]}, {"required": ["extends"]}]}
    return {
        "$schema": DIALECT,
        "title": "simfunnel scenario",
        "description": Scenario.__doc__ or "",
        "type": "object",
        "additionalProperties": False,
        **required,
        "properties": properties,
        "$defs": definitions,
    }


def schema_text() -> str:
    """The JSON Schema of a scenario file as the text of a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def models_below(model: type[Model]) -> dict[str, type[Model]]:
    """Every model that a scenario is made of, by the name of its definition in the schema."""
    found: dict[str, type[Model]] = {}
    waiting = [model]
    while waiting:
        current = waiting.pop()
        if current.__name__ not in found:
            found[current.__name__] = current
            waiting += [kind for field in current.model_fields.values() for kind in _models(field.annotation)]
    return found


def _models(annotation: Any) -> list[type[Model]]:
    found: list[type[Model]] = []
    for kind in members(annotation):
        if isinstance(kind, type) and issubclass(kind, Model):
            found.append(kind)
        elif get_origin(kind) in (dict, tuple):
            found += [model for part in get_args(kind) if part is not Ellipsis for model in _models(part)]
    return found


def _finished(body: dict[str, Any], model: type[Model], ranged: bool) -> dict[str, Any]:
    """A definition with what pydantic cannot know: bare forms, `none`, defaults as they are typed.

    `ranged`: whether its numbers may be typed as ranges.
    """
    properties = {}
    for name, field in fields_of(model).items():
        properties[name] = _property(dict(body["properties"][name]), field, ranged)
    done = {key: value for key, value in body.items() if key not in ("title", "properties")} | {
        "properties": properties
    }
    if model.short_form is None or model is Scenario:
        return done
    return {"description": body.get("description", ""), "anyOf": [done, BARE]}


def _property(found: dict[str, Any], field: FieldInfo, ranged: bool) -> dict[str, Any]:
    found.pop("title", None)
    if "anyOf" in found:
        left_out = [{"type": "null"}] if ranged else [{"type": "null"}, RANGE]
        kinds = [kind for kind in _flat(found.pop("anyOf")) if kind not in left_out]
        if Off in field.metadata:
            kinds.append({"const": "none"})
        found = {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}), **found}
        found.pop("title", None)
    found.pop("default", None)
    if field.default is not PydanticUndefined and field.default is not None:
        found["default"] = typed_form(field.default)
    return found


def _flat(kinds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Alternatives without alternatives inside them."""
    nested = [_flat(kind["anyOf"]) if set(kind) == {"anyOf"} else [kind] for kind in kinds]
    return [kind for group in nested for kind in group]
