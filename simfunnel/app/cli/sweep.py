"""`simfunnel sweep`: one lever over its levels, or a grid of two, and the best of them."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded, ready, same_currency
from simfunnel.arguments import Objective

Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="PATH=FROM:TO:STEP",
        help="What is moved, e.g. qualification.threshold=40:80:5. Twice: a grid of two, up to 200 cells.",
        show_default=False,
    ),
]
ObjectiveName = Annotated[
    Objective | None,
    typer.Option(
        "--objective",
        metavar="METRIC",
        help=f"What is to be high (the last three: low): {', '.join(Objective)}.",
        show_default="profit, or revenue without costs",
    ),
]
ZoneText = Annotated[
    str | None,
    typer.Option("--zone", metavar="MONEY", help="The smallest lead worth detecting.", show_default="1% of the best"),
]
ScoreWanted = Annotated[
    bool,
    typer.Option("--score/--no-score", help="How the answer moves with the accuracy of the score."),
]

MOST_YEARS = "The most simulated years that a level gets; auto: as many as its rank needs, within reason."


@options.with_options(
    precision=None,
    replications=options.years("auto", MOST_YEARS),
    begins=options.from_day("Levels"),
    settled=options.settled_before("Levels"),
)
def sweep(
    file: options.File,
    asked: options.Asked,
    lever: Levers = None,
    objective: ObjectiveName = None,
    zone: ZoneText = None,
    score: ScoreWanted = True,
) -> int:
    """Move a lever over its levels, or two: the curve, the best level and those tied with it.

    Levels are typed in the unit of the field, or in % of today where it is no share.

    \b
    Examples:
      simfunnel sweep scenarios/b2b.yaml --lever qualification.threshold=40:80:5
      simfunnel sweep scenarios/b2b.yaml --lever pools.SDR.reps=3:9:1 --zone 50k
      simfunnel sweep scenarios/b2b.yaml --lever "channels.*.volume=80%:140%:10%" --from 2027-04-01
      simfunnel sweep scenarios/threshold.yaml --lever pools.SDR.reps=1:4:1 \\
          --lever qualification.threshold=40:70:10
    """
    arguments = asked.arguments()
    del arguments["precision"]  # years go where levels are close, until the zone is known
    written = check_outputs(asked.to, asked.timing)
    if arguments.get("replications") == 1:
        raise typer.BadParameter("levels are compared over at least 2 simulated years", param_hint="'--replications'")
    if not lever:
        rule = "name a lever and its levels, e.g. --lever qualification.threshold=40:80:5"
        raise typer.BadParameter(rule, param_hint="'--lever'")
    least = read_zone(zone)
    scenario = loaded(file, asked.sets, written, simulates=False)
    same_currency(scenario, zone, "'--zone'")
    from simfunnel.scenario import lever_of

    levers = [lever_of(scenario, text) for text in lever]
    if objective is Objective.SLA_MONTHS_KEPT and scenario.sla is None:
        raise typer.BadParameter(f"{file} has no sla, so no month keeps it", param_hint="'--objective'")
    ready()
    from simfunnel import study
    from simfunnel.report.screens.sweep import sweep_screen

    with at_work(*asked.work) as work:
        result = study.sweep(
            scenario, levers, objective=objective and objective.value, zone=least, accuracy=score, **arguments, **work
        )
    return hand_over(result, sweep_screen, asked.to)


def read_zone(text: str | None) -> float | None:
    """Read an amount above zero; raises typer.BadParameter."""
    zone = None if text is None else options.read_money(text, "--zone")
    if zone is not None and not zone > 0:
        raise typer.BadParameter(f"{text!r} is not above zero", param_hint="'--zone'")
    return zone
