"""`simfunnel init`: a commented scenario to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simfunnel.app.cli.options import Force
from simfunnel.app.cli.printing import Delivery, deliver, note


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("funnel.yaml"), force: Force = False
) -> None:
    """Write a commented starter scenario to fill in.

    \b
    Example:
      simfunnel init funnel.yaml
    """
    from simfunnel.scenario import starter_text

    if file.suffix.lower() not in (".yaml", ".yml"):
        raise typer.BadParameter(f"{file} must end in .yaml or .yml: a scenario is YAML text", param_hint="'FILE'")
    deliver(starter_text(file.name), Delivery(False, False, file, force))
    note(f"next: put in your numbers, then simfunnel check {file}; simfunnel run {file}")
