"""`simfunnel bridge`: where a difference comes from, and where revenue leaks."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.studying import asked_of, at_work, hand_over

To = Annotated[
    str | None,
    typer.Option("--to", metavar="MONEY", help="A revenue to reach, e.g. 4.2M; by default the file's target."),
]


@options.with_options(
    precision=options.precision("+/- of the difference of revenue, as a share of today's revenue"),
    begins=options.from_day("What-ifs, or repairs,"),
    settled=options.settled_before("What-ifs, or repairs,"),
)
def bridge(
    file: options.File,
    asked: options.Asked,
    what_ifs: Annotated[
        list[str] | None, typer.Argument(metavar="WHAT_IF", help="Names of what-ifs of the file.", show_default=False)
    ] = None,
    to: To = None,
) -> int:
    """Say where a difference comes from: parts that add up, and what every leak costs.

    \b
    With what-ifs: what each change brings to the plan that they make together,
    averaged over every order of making the changes. Without: what repairing
    each leak would bring by itself, what all repairs together would, and what
    is then still lacking to the target.

    \b
    Examples:
      simfunnel bridge scenarios/b2b.yaml everything
      simfunnel bridge scenarios/b2b.yaml stricter faster_handoff --settled
      simfunnel bridge scenarios/b2b.yaml --to 5.2M
    """
    arguments = asked.arguments()
    revenue = None if to is None else read_revenue(to)
    if what_ifs and revenue is not None:
        raise typer.BadParameter("leads to a target; leave it out, or leave out the what-ifs", param_hint="'--to'")
    scenario = asked_of(file, asked)
    from simfunnel import study
    from simfunnel.report.screens.bridge import bridge_screen

    with at_work(*asked.work) as work:
        result = study.bridge(scenario, what_ifs or (), to=revenue, **arguments, **work)
    return hand_over(result, bridge_screen, asked.to)


def read_revenue(text: str) -> float:
    """Read an amount of money above 0; raises typer.BadParameter."""
    amount = options.read_money(text, "--to")
    if amount <= 0:
        raise typer.BadParameter(f"{text!r} is no revenue; write an amount above 0, e.g. 4.2M", param_hint="'--to'")
    return amount
