"""`reference.yaml`, made from the models: every field once, with its default or an example, and its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simfunnel.scenario.change.paths import fields_of, members, models_in
from simfunnel.scenario.fields.field import Model
from simfunnel.scenario.fields.qualification import Accuracy
from simfunnel.scenario.fields.values import DurationDist, Spread
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.tell.as_typed import flow_text, typed_form
from simfunnel.scenario.tell.json_schema import SCHEMA_FILE

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
    for name, field in fields_of(model).items():
        yield from _field(name, field, f"{path}.{name}" if path else name, depth)


def _field(name: str, field: FieldInfo, path: str, depth: int) -> Iterator[str]:
    """Yield the lines of a field: a block written out, its default, or an example, as a comment where it is off."""
    inner = next(models_in(field.annotation), None)
    required = field.default is PydanticUndefined
    example = (field.examples or [""])[0]
    shown = example if path in AS_IN_EXAMPLE else SHOWN.get(path)
    if path in TABLES and isinstance(shown, dict):
        yield _line(f"{name}:", field, depth)
        yield from (f"  {key}: {flow_text(value)}" for key, value in shown.items())
    elif shown is not None:
        yield _line(f"{name}: {flow_text(shown)}", field, depth)
    elif inner is not None and not issubclass(inner, Spread) and _is_written_out(field, path):
        yield _line(f"{name}:", field, depth)
        yield from _inside(inner, path, depth)
    elif field.default is None or required or (field.examples and field.default in ({}, ())):
        off = not required or not field.examples
        yield _line(f"{'# ' if off else ''}{name}: {flow_text(example)}", field, depth)
    else:
        yield _line(f"{name}: {flow_text(typed_form(field.default))}", field, depth)


def _is_written_out(field: FieldInfo, path: str) -> bool:
    if any(get_origin(kind) in (dict, tuple) for kind in members(field.annotation)):
        return path in SAMPLE_NAMES or path in LISTS
    return field.default is PydanticUndefined or path in BLOCKS


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
