"""`simfunnel compare`: what-ifs beside today, lead by lead."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.studying import asked_of, at_work, hand_over, measured


@options.with_options(
    precision=options.precision("+/- of the widest difference of revenue, as a share of today's revenue")
)
def compare(
    file: options.File,
    asked: options.Asked,
    what_ifs: Annotated[
        list[str] | None, typer.Argument(metavar="WHAT_IF", help="Names of what-ifs of the file.", show_default=False)
    ] = None,
) -> int:
    """Compare what-ifs with today: the same leads, the same luck.

    \b
    Examples:
      simfunnel compare scenarios/b2b.yaml stricter micro_teams
      simfunnel compare scenarios/b2b.yaml stricter --from 2027-04-01
      simfunnel compare scenarios/b2b.yaml stricter --replications auto --json
    """
    arguments = asked.arguments()
    scenario = asked_of(file, asked)
    from simfunnel import study
    from simfunnel.report.screens.compare import ON_SCREEN, compare_screen

    arguments["measured"] = measured(asked.to, ON_SCREEN)
    with at_work(*asked.work) as work:
        result = study.compare(scenario, what_ifs or (), **arguments, **work)
    return hand_over(result, compare_screen, asked.to)
