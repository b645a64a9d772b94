"""`simfunnel target`: what it takes to reach revenue, wins or profit, or what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer

from simfunnel.app.cli import failures, options
from simfunnel.app.cli.studying import asked_of, at_work, hand_over, same_currency
from simfunnel.units import UnitError, parse_share

Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever",
        metavar="PATH[=MIN:MAX[:STEP]]",
        help="What may be moved, e.g. pools.SDR.reps or qualification.threshold=50:70. May be repeated.",
        show_default="channels.*.volume",
    ),
]
Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="PATH=AMOUNT",
        help="Of a lever: a rep a year, a lead of a volume, one unit (or %) of any other; else the scenario's costs.",
    ),
]
Revenue = Annotated[
    str | None, typer.Option("--revenue", metavar="AMOUNT", help="Revenue to reach.", show_default="the file's target")
]
Wins = Annotated[int | None, options.whole("wins", most=1_000_000_000, fewest=1, help="Or deals won.")]
Profit = Annotated[str | None, typer.Option("--profit", metavar="AMOUNT", help="Or profit.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="DATE", help="Last day that counts.", show_default="the period's last")
]
Confidence = Annotated[
    str | None,
    typer.Option("--confidence", metavar="SHARE", help="How sure to be of it.", show_default="the file's, or 80%"),
]


@options.with_options(
    precision=None,
    replications=options.years("200", "Simulated years that show the chance, and as many fresh ones that check it."),
    begins=options.from_day("Plans"),
    settled=options.settled_before("Plans"),
)
def target(
    file: options.File,
    asked: options.Asked,
    revenue: Revenue = None,
    wins: Wins = None,
    profit: Profit = None,
    by: By = None,
    confidence: Confidence = None,
    levers: Levers = None,
    price: Prices = None,
) -> int:
    """Find what it takes to reach a target: how many leads, which reps, at what cost.

    The calculator backwards and the simulation beside it, and why they differ. A target that no
    level of the levers reaches is refused with its ceiling and what limits it (exit code 3).
    Its chance is shown in 200 simulated years (or --replications) and checked on as many fresh ones.

    \b
    Examples:
      simfunnel target scenarios/b2b.yaml --revenue 4.2M --lever pools.SDR.reps
      simfunnel target scenarios/b2b.yaml --revenue 4.5M --confidence 80% \\
        --lever channels.*.volume --lever pools.SDR.reps --lever pools.AE.reps
      simfunnel target scenarios/b2b.yaml --wins 150 --by 2027-06-30 \\
          --lever "channels.webinar.volume=60:120 / week"
    """
    arguments = asked.arguments()
    del arguments["precision"]
    goal = read_goal(revenue, wins, profit)
    goal |= {"by": read_day(by), "confidence": read_confidence(confidence), "prices": read_prices(price or ())}
    scenario = asked_of(file, asked)
    for name, text in (("revenue", revenue), ("profit", profit)):
        same_currency(scenario, text, f"'--{name}'")
    for text in price or ():
        same_currency(scenario, text.partition("=")[2], "'--price'")
    from simfunnel import study
    from simfunnel.report.screens.target import target_screen

    with at_work(*asked.work) as work:
        result = study.target(scenario, levers=levers or (), **goal, **arguments, **work)
    code = hand_over(result, target_screen, asked.to)
    return code if result.reached else failures.NOT_MET


def read_goal(revenue: str | None, wins: int | None, profit: str | None) -> dict[str, Any]:
    """Read metric and amount of the one option given; raises typer.BadParameter for two, or no amount of money."""
    given = {"revenue": revenue, "wins": wins, "profit": profit}
    typed = {name: value for name, value in given.items() if value is not None}
    if len(typed) > 1:
        raise typer.BadParameter(f"{' and '.join(f'--{name}' for name in typed)} exclude each other")
    for name, value in typed.items():
        if isinstance(value, int):
            return {"metric": name, "wanted": float(value)}
        is_loss = name == "profit" and value.strip().startswith("-")
        amount = options.read_money(value.strip()[1:] if is_loss else value, f"--{name}")
        return {"metric": name, "wanted": -amount if is_loss else amount}
    return {}


def read_day(text: str | None) -> date | None:
    """Read a date; raises typer.BadParameter."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2027-06-30", param_hint="'--by'") from error


def read_confidence(text: str | None) -> float | None:
    """Read a share above 0%, below 100%; raises typer.BadParameter."""
    if text is None:
        return None
    try:
        share = float(parse_share(text))
    except UnitError as error:
        raise typer.BadParameter(f"{text!r}, {error}", param_hint="'--confidence'") from error
    if not 0 < share < 1:
        raise typer.BadParameter(f"{text!r} is not a share between 0% and 100%", param_hint="'--confidence'")
    return share


def read_prices(texts: Sequence[str]) -> dict[str, float]:
    """Read amounts by the path of a lever; raises typer.BadParameter."""
    found = {}
    for text in texts:
        path, _, amount = (part.strip() for part in text.partition("="))
        if not path or not amount:
            raise typer.BadParameter(f"{text!r} is not PATH=AMOUNT, e.g. channels.*.volume=85", param_hint="'--price'")
        found[path] = options.read_money(amount, "--price")
    return found
