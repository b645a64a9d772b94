"""`simfunnel schema`: the JSON Schema of scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simfunnel.app.cli.options import Force
from simfunnel.app.cli.printing import Delivery, deliver
from simfunnel.app.cli.studying import check_outputs

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
