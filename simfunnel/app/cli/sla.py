"""`simfunnel sla`: the agreement between marketing and sales."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options as o
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded, note_idle_start


@o.with_other_options(replications=o.years("200"), precision=o.precision("+/- of the chance of each clause in a month"))
def sla(
    file: o.File,
    asked: o.Asked,
    confidence: Annotated[
        str,
        typer.Option(
            "--confidence", metavar="SHARE", help="How sure: share of years whose months all keep what is proposed."
        ),
    ] = "90%",
    what_ifs: o.WhatIfs = None,
) -> int:
    """Say how likely the agreement between marketing and sales is kept, why not, and what could be promised.

    \b
    Examples:
      simfunnel sla scenarios/b2b.yaml
      simfunnel sla scenarios/b2b.yaml --what-if faster_handoff
      simfunnel sla scenarios/b2b.yaml --confidence 80% \\
          --set "sla.sales.response=60% within 2 working days"
    """
    arguments = asked.arguments() | {"confidence": o.read_chance(confidence, "--confidence")}
    written = check_outputs(asked.to, asked.timing)
    scenario = loaded(file, asked.sets, written)
    note_idle_start(arguments["start"], what_ifs or ())
    from simfunnel import study
    from simfunnel.report.screens.sla import sla_screen

    with at_work(*asked.work) as work:
        result = study.sla(scenario, what_ifs=what_ifs or (), **arguments, **work)
    return hand_over(result, sla_screen, asked.to)
