"""`simfunnel sensitivity`: which inputs move the answer."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.studying import asked_of, at_work, hand_over, note_idle_start


@options.with_options()
def sensitivity(
    file: options.File,
    asked: options.Asked,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="What may move. May be repeated.", show_default="revenue"),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="PATH",
            help="Move only these: a path, the start of one, or one with * in it. May be repeated.",
            show_default="all",
        ),
    ] = None,
    what_ifs: options.WhatIfs = None,
    screening: Annotated[
        bool,
        typer.Option(
            "--screening/--no-screening",
            help="Beyond 15 inputs, first find those that matter (by SALib, where installed).",
        ),
    ] = True,
) -> int:
    """Say which inputs move the answer: each at its low and its high end, with the same leads and luck.

    \b
    Examples:
      simfunnel sensitivity scenarios/minimal.yaml
      simfunnel sensitivity scenarios/b2b.yaml --input stages --input acceptance \\
          --metric profit --metric revenue
      simfunnel sensitivity scenarios/b2b.yaml --set "acceptance.rate=55% to 70%" \\
          --input acceptance
    """
    arguments = asked.arguments()
    scenario = asked_of(file, asked)
    note_idle_start(arguments["start"], what_ifs or ())
    from simfunnel import study
    from simfunnel.report.screens.sensitivity import sensitivity_screen

    arguments |= {"inputs": inputs or (), "what_ifs": what_ifs or (), "screening": screening}
    with at_work(*asked.work) as work:
        result = study.sensitivity(scenario, metrics or ("revenue",), **arguments, **work)
    return hand_over(result, sensitivity_screen, asked.to)
