"""Writes docs/reference from the code and refreshes the marked transcripts of docs and README.

python docs/generate.py            write what is not current
python docs/generate.py --check    only name what is not current, and fail if anything is
python docs/generate.py --all      also refresh transcripts that take minutes (marked "run by hand")
python docs/generate.py --help     say all of this, and which pages may be named
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.transcripts import refreshed  # noqa: E402 - the checkout has to be on the path first

NOTE = "<!-- made by docs/generate.py from the code; change it there -->"
Row = tuple[str, ...]


def table(head: Row, rows: list[Row]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def page(title: str, words: str, *parts: str) -> str:
    """One Markdown page with the note of where it comes from."""
    return "\n\n".join([NOTE, f"# {title}", words, *parts]) + "\n"


# --- metrics ---------------------------------------------------------------------------------------------------------


def metrics_page() -> str:
    """Every metric, as the one table of metrics tells it."""
    from simfunnel.metrics import TABLE

    rows = [
        (f"`{m.name}`", m.words, m.unit, m.better or "-", ", ".join(m.splits) or "-", m.meaning) for m in TABLE.values()
    ]
    words = (
        "Each metric has one definition, over the columns of the [ledger](ledger.md). Over simulated years a\n"
        "metric that is a ratio is the ratio of the means, not the mean of the ratios. `better` says which way is\n"
        "good news."
    )
    return page("Metrics", words, table(("metric", "on screens", "unit", "better", "split by", "meaning"), rows))


# --- ledger ----------------------------------------------------------------------------------------------------------

TABLES_SAY = {
    "leads": "One row per lead, in order of creation.",
    "passes": "One row per scoring that qualifies: the first at creation, later ones after nurture.",
    "tasks": "One row per piece of rep work at a stage, or of waiting for it.",
    "entries": "One row per stay in nurture.",
    "reps": "One row per rep and week.",
    "queues": "One row per pool, kept by the engine as it runs.",
}


def ledger_page() -> str:
    """Every column of every table of the ledger, and what its codes mean."""
    from simfunnel.ledger import columns

    parts = []
    for name, of_table in columns.TABLES.items():
        rows = [(f"`{c.name}`", c.unit or "-", f"`{c.dtype}`", c.meaning) for c in of_table]
        parts.append(f"## {name}\n\n{TABLES_SAY[name]}\n\n{table(('column', 'unit', 'type', 'meaning'), rows)}")
    codes = {
        "leads.outcome": columns.OUTCOMES,
        "passes.left_to": columns.LEFT_TO,
        "tasks.kind": columns.TASK_KINDS,
        "tasks.decision": columns.DECISIONS,
        "entries.reason": columns.REASONS,
        "entries.end": columns.ENTRY_ENDS,
    }
    rows = [(f"`{name}`", ", ".join(f"{code} {word}" for code, word in enumerate(of))) for name, of in codes.items()]
    words = (
        "All that a simulated period leaves behind. Hours count from midnight of the first reported day; rows of\n"
        "the run-in are negative. Exports carry names in place of indexes and codes ([how\n"
        "to](../how-to/export-the-ledger.md)). In Python an index counts from 0 in the names of the plan:\n"
        "`plan.channels`, `plan.campaigns` and `plan.pools` are in alphabetical order, `plan.stages` as typed; -1 is\n"
        "none."
    )
    return page("Ledger", words, *parts, "## Codes\n\n" + table(("column", "codes"), rows))


# --- scenario --------------------------------------------------------------------------------------------------------


def scenario_page() -> str:
    """Every field of a scenario, from the JSON Schema that editors use."""
    from simfunnel.scenario import schema

    whole: dict[str, Any] = schema()
    shapes: dict[str, Any] = whole.get("$defs", {})
    parts = [f"## The file\n\n{fields_of(whole)}"]
    parts += [section(name, shapes[name]) for name in in_order(whole, shapes)]
    words = (
        "Every field that a scenario file can have; it needs at least `period`, `channels`, `qualification` and\n"
        "`stages`, unless it `extends` a file that has them. A **lever** is something you could do: as a what-if\n"
        "it changes the plan. A **belief** is something you think is so: as a what-if it means that today is\n"
        "really like this, and typed rates are solved anew. A **fact** frames the study; a what-if cannot change\n"
        "it, `--set` can. Outside `period`, `sla` and `target`, any number that is not known exactly may be\n"
        "typed as a range of which you are 90% sure, `25% to 35%` ([how to](../how-to/type-a-range.md))."
    )
    return page("Scenario", words, *parts)


def section(name: str, shape: dict[str, Any]) -> str:
    """One part of a scenario: what it is, and its fields."""
    said = shape.get("description", "")
    return f"## {name}\n\n" + (f"{said}\n\n" if said else "") + fields_of(shape)


def fields_of(shape: dict[str, Any]) -> str:
    """The fields of one part as a table; what may be typed in its place when it has none."""
    required = set(shape.get("required", ()))
    rows = [
        (f"`{name}`", field.get("x-simfunnel", "-"), kind(field), example(field), default(field, name in required),
         field.get("description", ""))
        for name, field in own_properties(shape).items()
    ]  # fmt: skip
    if not rows:
        return kind(shape)
    return table(("field", "is a", "form", "e.g.", "default", "meaning"), rows)


def own_properties(shape: dict[str, Any]) -> dict[str, Any]:
    """Properties of an object, also where it may be typed in a short form as well."""
    found: dict[str, Any] = dict(shape.get("properties", {}))
    for part in (*shape.get("anyOf", ()), *shape.get("oneOf", ())):
        found |= part.get("properties", {})
    return found


def kind(field: dict[str, Any]) -> str:
    """What may be typed, in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in field or "const" in field:
        return " / ".join(f"`{word}`" for word in field.get("enum", [field.get("const")]))
    parts = [kind(part) for key in ("anyOf", "oneOf", "allOf") for part in field.get(key, ())]
    if parts:  # that any number may be a range is said once, above the tables
        return " or ".join(dict.fromkeys(part for part in parts if part not in ("nothing", "range")))
    if field.get("type") == "array":
        return f"list of {kind(field.get('items', {}))}"
    if isinstance(field.get("additionalProperties"), dict):
        return f"name: {kind(field['additionalProperties'])}"
    title = str(field.get("title", ""))  # those that pydantic makes of the field's name say nothing
    return title.split(", e.g.")[0] if title[:1].islower() else plain(field.get("type"))


def plain(kinds: str | list[str] | None) -> str:
    """A JSON type in a planner's words."""
    said = {
        "null": "nothing",
        "integer": "whole number",
        "string": "text",
        "boolean": "true / false",
        "object": "block",
    }
    each = [kinds] if isinstance(kinds, str) else list(kinds or ())
    return " or ".join(said.get(one, one) for one in each) or "any"


def example(field: dict[str, Any]) -> str:
    """The first example, as it would be typed."""
    examples = field.get("examples") or []
    return f"`{typed(examples[0])}`" if examples else "-"


def default(field: dict[str, Any], is_required: bool) -> str:
    """The default, as it would be typed; nothing for a required field."""
    if is_required:
        return "required"
    value = short(field.get("default"))
    if isinstance(value, dict) and len(value) > 2:
        return "its defaults"
    return "-" if value is None or value in ({}, []) else f"`{typed(value)}`"


def short(value: Any) -> Any:
    """A default in the short form in which it would be typed."""
    if not isinstance(value, dict):
        return value
    if "amount" in value and "unit" in value:
        return f"{value['amount']:g} {value['unit']}{'' if value['amount'] == 1 else 's'}"
    filled = {key: short(of) for key, of in value.items() if of is not None and of is not False and of not in ([], {})}
    if set(filled) == {"never"}:
        return "none"
    return next(iter(filled.values())) if len(filled) == 1 and set(filled) <= {"word", "value"} else filled


def typed(value: Any) -> str:
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {typed(of)}" for key, of in value.items() if of is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(typed(of) for of in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_order(whole: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    """Names of the parts in the order in which a reader of the file meets them."""
    met: list[str] = []
    waiting = list(references(whole.get("properties", {})))
    while waiting:
        name = waiting.pop(0)
        if name not in met and name in shapes:
            met.append(name)
            waiting = [*references(shapes[name]), *waiting]
    return met


def references(part: Any) -> Iterator[str]:
    """Names referred to anywhere within a part of the schema."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rsplit("/", 1)[-1]
        for below in part.values():
            yield from references(below)
    elif isinstance(part, list):
        for below in part:
            yield from references(below)


# --- command line ----------------------------------------------------------------------------------------------------


def cli_page() -> str:
    """Every command with its arguments and options."""
    from typer.main import get_command

    from simfunnel.app.cli import app
    from simfunnel.app.commands import COMMANDS

    whole: Any = get_command(app)
    parts = [command(each.name, whole.commands[each.name]) for each in COMMANDS]
    words = (
        "Results go to standard output, progress and warnings to standard error. Exit codes: 0 done, 1 failed, 2\n"
        "bad usage or scenario, 3 target out of reach or a check failed, 130 interrupted. `simfunnel COMMAND\n"
        "--help` says the same as this page."
    )
    return page("Commands", words, *parts)


def command(name: str, of: Any) -> str:
    """One command: its words, its usage and its options."""
    arguments = [p for p in of.params if p.param_type_name == "argument"]
    options = [p for p in of.params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
    usage = " ".join(["simfunnel", name, *(metavar(a) for a in arguments)])
    rows = [
        (f"`{', '.join([*o.opts, *o.secondary_opts])}{amount(o)}`", shown_default(o), " ".join((o.help or "").split()))
        for o in options
    ]
    said = "\n\n".join(paragraph(part) for part in (of.help or "").split("\f")[0].split("\n\n") if part.strip())
    parts = [f"## {name}", f"    {usage} [OPTIONS]", said]
    if rows:
        parts.append(table(("option", "default", "meaning"), rows))
    return "\n\n".join(parts)


def paragraph(part: str) -> str:
    """A paragraph of a help text; one that the terminal must not re-wrap becomes a block."""
    if "\b" not in part:
        return part.strip()
    return "\n".join(f"    {line}".rstrip() for line in part.replace("\b", "").strip("\n").splitlines())


def metavar(argument: Any) -> str:
    """How an argument is shown in the usage."""
    word = str(argument.metavar or argument.name).upper()
    word = word if argument.required else f"[{word}]"
    return f"{word}..." if argument.nargs == -1 and "..." not in word else word


def amount(option: Any) -> str:
    """What is typed after an option, as its help shows it; nothing after a switch."""
    return "" if option.is_flag or not option.metavar else f" {option.metavar}"


def shown_default(option: Any) -> str:
    """An option's default, as it would be typed; a switch that is on names the word that sets it."""
    value = option.show_default if isinstance(option.show_default, str) else option.default
    value = option.opts[0] if value is True else value
    return "-" if value in (None, False, (), []) or callable(value) else f"`{value}`"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/metrics.md": metrics_page,
    "docs/reference/ledger.md": ledger_page,
    "docs/reference/scenario.md": scenario_page,
    "docs/reference/cli.md": cli_page,
}


def stale(names: list[str], slow: bool = False) -> dict[str, str]:
    """Current text of those files among `names` that are not current; transcripts "run by hand" only when `slow`."""
    found = {}
    for name in names:
        path = ROOT / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        now = PAGES[name]() if name in PAGES else refreshed(before, ROOT, slow)
        if now != before:
            found[name] = now
    return found


def all_names() -> list[str]:
    """Every generated page, and every page that may hold transcripts."""
    written = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))]
    return [*PAGES, *(name for name in ["README.md", *written] if name not in PAGES)]


def parser() -> argparse.ArgumentParser:
    """The command line: options, and pages by name."""
    made = argparse.ArgumentParser(
        prog="python docs/generate.py",
        description="Write docs/reference from the code, and refresh the marked transcripts of docs and README.",
        allow_abbrev=False,
    )
    made.add_argument("pages", nargs="*", metavar="PAGE", help="only this page, e.g. README.md; all when none is named")
    made.add_argument("--check", action="store_true", help="write nothing: name what is not current, fail if any is")
    made.add_argument("--all", action="store_true", help='also run the transcripts that take minutes ("run by hand")')
    return made


def main(words: list[str]) -> int:
    """Write or name what is not current; the exit code."""
    command_line = parser()
    asked = command_line.parse_args(words)
    known = all_names()
    if unknown := [name for name in asked.pages if name not in known]:
        command_line.error(f"no page is called {', '.join(unknown)}; write a path such as {known[0]} or README.md")
    behind = 0
    for name in asked.pages or known:
        for text in stale([name], slow=asked.all).values():
            behind += 1
            if not asked.check:
                (ROOT / name).write_text(text, encoding="utf-8")
            print(f"{name} {'is not current' if asked.check else 'written'}", flush=True)
    return 1 if behind and asked.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
