"""What simfunnel writes of scenario files: the starter, `reference.yaml`, and the JSON Schema for editors.

The starter is enough for a first answer, with the next steps in comments. The reference, made from the models, has
every field once, with its default or an example, and its description; in the schema every field has these and the mark
`x-simfunnel`: belief, lever or fact.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simfunnel.scenario.change.paths import fields_of, members, models_in
from simfunnel.scenario.fields.field import RANGE, Model, Off
from simfunnel.scenario.fields.qualification import Accuracy
from simfunnel.scenario.fields.values import DurationDist, Spread
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.ranges.found import FRAMES
from simfunnel.scenario.tell.as_typed import flow_text, typed_form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FILE = "scenario.schema.json"  # as the first line of our scenarios names it, beside them
BARE = {"type": ["string", "number", "boolean"]}
TEMPLATE = Path(__file__).with_name("starter.yaml")  # can be run as it stands
NAME = "funnel.yaml"  # by which its comments call it
EDITOR_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
HEADER = f"""{EDITOR_LINE}
# Every field of a scenario once, written by simfunnel from its own schema: `simfunnel schema` has the same in JSON.
# Values are the defaults where there is one, else examples. A line that begins with # is another way to say the same as
# one above it, or something that is off unless typed. [belief] marks how the world is: in a what-if it means that today
# is really so, and everything is solved anew. All other fields are levers, which a what-if changes from its start.
# A file that begins with `extends: b2b.yaml` is laid over that file: it types only what differs.
#
# Wherever a value can vary, these forms are understood (durations, money and numbers alike):
"""
COMMENT_AT = 58
SAMPLE_NAMES = {  # the name that stands for any name, by the path of its table
    "channels": "website",
    "channels.*.campaigns": "spring summit",
    "handoff": "default",
    "speed_to_lead": "default",
    "pools": "SDR",
    "pools.*.specialised": "default",
    "skills": "SDR",
    "skills.*": "website",
}
AS_IN_EXAMPLE = frozenset(  # optional fields that stand in the file with their first example
    (
        *("period.months", "fiscal_year.weeks", "target.confidence", "sources"),
        *("channels.*.leads", "channels.*.season", "handoff.*.delay", "speed_to_lead.*.odds"),
        *("qualification.mql_rate", "qualification.near_miss", "stages.*.effort", "stages.*.postponed_for"),
        *("pools.*.cost_per_rep", "pools.*.load.odds", "pools.*.load.effort"),
        *("pools.*.hires.*.ramp", "pools.*.hires.*.start_at"),
        *("sla.marketing.mqls", "sla.marketing.win_share", "sla.sales.response", "sla.sales.acceptance"),
        "sla.other.*.at_most",
    )
)
SHOWN: dict[str, Any] = {  # what stands in the file where neither default nor example shows what is meant
    "fiscal_year.first_day": "2027-01-04",
    "stages.*.no_show": "10%",
    "handoff.*.leak": "0%",
    "pools.*.stages": ["discovery", "proposal"],
    "pools.*.selling_time": "50%",
    "speed_to_lead.*.strength": 1,
    "skills.*.*.odds": 1.1,
    "skills.*.*.time": "95%",
    "pools.*.specialised.*.odds": 1.15,
    "pools.*.specialised.*.time": "90%",
    "stages.*.wait": {"mean": "7 days"},
    "stages.*.otherwise": {"nurture": "40%", "postponed": "10%", "lost": "50%"},
    "what_ifs": {
        "stricter": {"qualification.mql_rate": "20%"},
        "from_april": {"from": "2027-04-01", "pools.SDR.reps": "2 more"},
        "both": ["stricter", "from_april"],
        "teams_that_help": {"pools.SDR.structure": "hybrid"},
    },
}
BLOCKS = frozenset(  # optional parts that are written out, although they are off unless typed
    (
        *("fiscal_year", "acceptance", "speed_to_lead", "pools.*.overflow", "pools.*.load", "nurture", "sla"),
        *("sla.marketing", "sla.sales", "target", "score", "calendar"),
    )
)
TABLES = frozenset(("sources", "what_ifs"))
LISTS = frozenset(("stages", "pools.*.hires", "sla.other"))


def starter_text(name: str = NAME) -> str:
    """Return the text of a new scenario file called `name`; it can be run as it stands."""
    return TEMPLATE.read_text(encoding="utf-8").replace(NAME, name)


def reference_text() -> str:
    """Return the whole of `reference.yaml`."""
    forms = "\n".join(f"# {line}" for line in _forms())
    return f"{HEADER}{forms}\n\n" + "\n".join(_block(Scenario, "", 0)) + "\n"


def _forms() -> Iterator[str]:
    for name, field in fields_of(DurationDist).items():
        if name not in ("never", "value"):
            yield f"  {name + ':':<10}{field.description}"
    yield "  {median: 3 days, p90: 10 days}, {mean: 3 days, cv: 0.8} and {mean: 3 days, sd: 2 days} are lognormal"
    yield "  {mean: 3 days} or {median: 3 days} alone is exponential; 3 days alone is the same each time"
    yield "  {family: gamma, mean: 3 days, cv: 0.8}; weibull likewise; of plain numbers {mean: 8, sd: 10} is normal"
    yield "  {low: 1 day, high: 5 days} is uniform, {low: 1 day, mode: 2 days, high: 5 days} triangular"
    yield "  {choices: {1 day: 40%, 5 days: 60%}}, of money {prices: {11k: 40%, 4k: 60%}}"
    yield "`none` is no time, no cost or no share (wait, delay, effort, leak, no_show, opt_out, every cost), and off"
    yield "  for patience, overflow, queue_limit, near_miss, holidays and whole blocks; `never` is for patience, a wait"
    yield "  that ends the way, and overflow"
    yield "1.000 may be one or a thousand: so many leads, reps or dollars are written 1 or 1000"
    yield "Whatever number is not known exactly is typed as a range of which you are 90% sure, in its own unit:"
    yield "  25% to 35%, 3 h to 5 h, 800 to 1200 / month, {median: 2 to 3 days, p90: 9 days}; of a quantity that varies"
    yield "  it is the parameter that is not known: 3 h to 5 h is the same for every lead, {low: 3 h, high: 5 h} varies"
    yield "An accuracy is one of these:"
    for name, field in fields_of(Accuracy).items():
        yield f"  {name + ':':<16}{field.description}"


def _block(model: type[Model], path: str, depth: int) -> Iterator[str]:
    """Yield the lines of fields: a block written out, its default, or an example, as a comment where it is off."""
    for name, field in fields_of(model).items():
        place = f"{path}.{name}" if path else name
        inner = next(models_in(field.annotation), None)
        required = field.default is PydanticUndefined
        example = (field.examples or [""])[0]
        shown = example if place in AS_IN_EXAMPLE else SHOWN.get(place)
        of_many = any(get_origin(kind) in (dict, tuple) for kind in members(field.annotation))
        written_out = place in SAMPLE_NAMES or place in LISTS if of_many else required or place in BLOCKS
        if place in TABLES and isinstance(shown, dict):
            yield _line(f"{name}:", field, depth)
            yield from (f"  {key}: {flow_text(value)}" for key, value in shown.items())
        elif shown is not None:
            yield _line(f"{name}: {flow_text(shown)}", field, depth)
        elif inner is not None and not issubclass(inner, Spread) and written_out:
            yield _line(f"{name}:", field, depth)
            yield from _inside(inner, place, depth)
        elif field.default is None or required or (field.examples and field.default in ({}, ())):
            off = not required or not field.examples
            yield _line(f"{'# ' if off else ''}{name}: {flow_text(example)}", field, depth)
        else:
            yield _line(f"{name}: {flow_text(typed_form(field.default))}", field, depth)


def _inside(inner: type[Model], path: str, depth: int) -> Iterator[str]:
    """Yield the fields of a block, of the first item of a list, or of a table below the names that stand for any."""
    if path in LISTS:
        first, *others = _block(inner, f"{path}.*", depth + 2)
        yield "  " * (depth + 1) + "- " + first.removeprefix("  " * (depth + 2))
        yield from others
        if path == "stages":
            yield "  - {name: proposal, conversion: 25%}"
        return
    names = [SAMPLE_NAMES[path]] if path in SAMPLE_NAMES else []
    if path == "skills":
        names.append(SAMPLE_NAMES["skills.*"])
    for step, name in enumerate(names):
        yield "  " * (depth + 1 + step) + f"{name}:"
    yield from _block(inner, path + ".*" * len(names), depth + 1 + len(names))


def _line(text: str, field: FieldInfo, depth: int) -> str:
    extra = field.json_schema_extra
    belief = isinstance(extra, dict) and extra.get("x-simfunnel") == "belief"
    return f"{'  ' * depth + text:<{COMMENT_AT}}  # {'[belief] ' if belief else ''}{field.description}"


# --- the JSON Schema --------------------------------------------------------------------------------------------------


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
