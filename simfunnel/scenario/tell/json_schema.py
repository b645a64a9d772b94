"""The JSON Schema of scenario files: for completion in editors, and for the reference.

Every field has its description, examples, default and the mark `x-simfunnel`: belief, lever or fact.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import PydanticUndefined

from simfunnel.scenario.change.paths import fields_of, models_in
from simfunnel.scenario.fields.field import RANGE, Model, Off
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import FRAMES
from simfunnel.scenario.tell.as_typed import typed_form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FILE = "scenario.schema.json"  # as the first line of our scenarios names it, beside them
BARE = {"type": ["string", "number", "boolean"]}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scenario file, ready for an editor's `yaml-language-server` line."""
    generated = Scenario.model_json_schema(by_alias=True)
    known = models_below(Scenario)
    frames = [kind for key in FRAMES for kind in models_in(Scenario.model_fields[key].annotation)]
    exact = {name for kind in frames for name in models_below(kind)}
    definitions = {
        name: _finished(body, known[name], name not in exact) if name in known else body
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
    """Return the JSON Schema of a scenario file as the text of a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def models_below(model: type[Model]) -> dict[str, type[Model]]:
    """Return every model that a model is made of, itself included, by the name of its definition in the schema."""
    found = {model.__name__: model}
    for field in model.model_fields.values():
        for kind in models_in(field.annotation):
            found |= models_below(kind)
    return found


def _finished(body: dict[str, Any], model: type[Model], ranged: bool) -> dict[str, Any]:
    """Finish a definition with what pydantic cannot know: bare forms, `none`, defaults as they are typed.

    `ranged`: whether its numbers may be typed as ranges.
    """
    properties = {}
    for name, field in fields_of(model).items():
        properties[name] = found = dict(body["properties"][name])
        if "anyOf" in found:
            left_out = [{"type": "null"}] if ranged else [{"type": "null"}, RANGE]
            kinds = [kind for kind in _flat(found.pop("anyOf")) if kind not in left_out]
            if Off in field.metadata:
                kinds.append({"const": "none"})
            properties[name] = found = {**(kinds[0] if len(kinds) == 1 else {"anyOf": kinds}), **found}
        for key in ("title", "default"):
            found.pop(key, None)
        if field.default is not PydanticUndefined and field.default is not None:
            found["default"] = typed_form(field.default)
    done = {key: value for key, value in body.items() if key not in ("title", "properties")}
    done["properties"] = properties
    if model.short_form is None or model is Scenario:
        return done
    return {"description": body.get("description", ""), "anyOf": [done, BARE]}


def _flat(kinds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return alternatives without alternatives inside them."""
    nested = [_flat(kind["anyOf"]) if set(kind) == {"anyOf"} else [kind] for kind in kinds]
    return [kind for group in nested for kind in group]
