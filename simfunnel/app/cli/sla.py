"""`simfunnel sla`: the agreement between marketing and sales."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.studying import asked_of, at_work, hand_over, note_idle_start


@options.with_options(
    replications=options.years("200"), precision=options.precision("+/- of the chance of each clause in a month")
)
def sla(
    file: options.File,
    asked: options.Asked,
    confidence: Annotated[
        str,
        typer.Option(
            "--confidence", metavar="SHARE", help="How sure: share of years whose months all keep what is proposed."
        ),
    ] = "90%",
    what_ifs: options.WhatIfs = None,
) -> int:
    """Say how likely the agreement between marketing and sales is kept, why not, and what could be promised.

    \b
    Examples:
      simfunnel sla scenarios/b2b.yaml
      simfunnel sla scenarios/b2b.yaml --what-if faster_handoff
      simfunnel sla scenarios/b2b.yaml --confidence 80% \\
          --set "sla.sales.response=60% within 2 working days"
    """
    arguments = asked.arguments() | {"confidence": options.read_chance(confidence, "--confidence")}
    scenario = asked_of(file, asked)
    note_idle_start(arguments["start"], what_ifs or ())
    from simfunnel import study
    from simfunnel.report.screens.sla import sla_screen

    with at_work(*asked.work) as work:
        result = study.sla(scenario, what_ifs=what_ifs or (), **arguments, **work)
    return hand_over(result, sla_screen, asked.to)
