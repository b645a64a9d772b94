"""`simfunnel init`: a commented scenario to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from simfunnel.app.cli.options import Force
from simfunnel.app.cli.printing import deliver, note


def init(
    file: Annotated[Path, typer.Argument(help="The file to write.")] = Path("funnel.yaml"), force: Force = False
) -> None:
    """Write a commented starter scenario to fill in.

    \b
    Example:
      simfunnel init funnel.yaml
    """
    starter = files("simfunnel.app").joinpath("starter.yaml").read_text(encoding="utf-8")
    deliver(starter, file, force)
    note(f"next: put in your numbers, then simfunnel check {file}; simfunnel run {file}")
