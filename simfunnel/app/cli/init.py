"""`simfunnel init` and `simfunnel schema`: the files that an author starts with."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from simfunnel.app.cli.options import Force
from simfunnel.app.cli.printing import Delivery, deliver, note
from simfunnel.app.cli.studying import check_outputs


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("funnel.yaml"), force: Force = False
) -> None:
    """Write a commented starter scenario to fill in.

    Beside it is written scenario.schema.json, which its first line names for editors.

    \b
    Example:
      simfunnel init funnel.yaml
    """
    from simfunnel.scenario import SCHEMA_FILE, schema_text, starter_text

    if file.suffix.lower() not in (".yaml", ".yml"):
        raise typer.BadParameter(f"{file} must end in .yaml or .yml: a scenario is YAML text", param_hint="'FILE'")
    beside, fields = file.with_name(SCHEMA_FILE), schema_text()
    is_new = True
    with suppress(OSError, ValueError):  # what is no regular file of text holds something else
        is_new = not beside.is_file() or beside.read_text(encoding="utf-8").rstrip("\n") != fields.rstrip("\n")
    if is_new and os.path.lexists(beside) and not force:
        raise typer.BadParameter(f"{beside} exists and differs; --force replaces it", param_hint="'FILE'")
    deliver(starter_text(file.name), Delivery(False, False, file, force))
    if is_new:
        deliver(fields, Delivery(False, False, beside, force))
    note(f"next: put in your numbers, then simfunnel check {file}; simfunnel run {file}")


SchemaFile = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write to FILE.")]


def schema(output: SchemaFile = None, force: Force = False) -> None:
    """Print the JSON Schema of scenario files, for completion in editors.

    \b
    Example:
      simfunnel schema --output scenario.schema.json
    """
    from simfunnel.scenario import schema_text

    to = Delivery(True, False, output, force)
    check_outputs(to, has_csv=False)
    deliver(schema_text(), to)
