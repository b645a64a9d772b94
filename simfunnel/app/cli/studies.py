"""The commands that put a question to a study: each parses, calls one study function and prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer

from simfunnel.app.cli import failures, options
from simfunnel.app.cli.leads import ledgers_written, named_files, tell
from simfunnel.app.cli.printing import note
from simfunnel.app.cli.studying import (
    asked_of,
    at_work,
    check_outputs,
    hand_over,
    loaded,
    measured,
    note_idle_start,
    same_currency,
)
from simfunnel.arguments import Objective, chance_of
from simfunnel.units import UnitError, parse_share

AT_MIDDLES = "numbers typed as ranges are taken at their middles here: only one world is written or told"
TOLD_BY_SIMPY = "a lead's story (--trace) is told by the SimPy engine, which plays the same year; leave --engine out"


@options.with_options()
def run(
    file: options.File,
    asked: options.Asked,
    trace: options.Trace = None,
    replication: options.ReplicationOfTrace = None,
    ledger: options.LedgerFile = None,
    tasks: options.TasksFile = None,
    one_more: options.OneMoreWanted = True,
    leaks: options.LeaksWanted = True,
    know: options.KnowWanted = True,
) -> int:
    """Simulate the scenario as it is: revenue, funnel, teams, and what is lost on the way.

    \b
    Examples:
      simfunnel run scenarios/b2b.yaml
      simfunnel run scenarios/b2b.yaml --set pools.SDR.reps=8 --replications auto
      simfunnel run scenarios/b2b.yaml --set "acceptance.rate=55% to 70%"
      simfunnel run scenarios/b2b.yaml --trace website/2027-03-15/12/0
    """
    arguments = asked.arguments()
    if replication is not None and trace is None:
        raise typer.BadParameter("belongs to --trace; did you mean --replications?", param_hint="'--replication'")
    if trace is not None and asked.engine is options.Engine.COMPILED:
        raise typer.BadParameter(TOLD_BY_SIMPY, param_hint="'--engine'")
    written = check_outputs(asked.to, asked.timing, named_files(ledger, tasks), has_csv=trace is None)
    scenario = loaded(file, asked.sets, written)
    note_idle_start(arguments["start"], ())
    one_world = bool(trace or ledger or tasks)
    if scenario.ranges and one_world:
        note(AT_MIDDLES)
    if trace is not None:
        return tell(scenario, trace, asked.seed, replication or 0, asked.to)
    from simfunnel import study
    from simfunnel.report.screens.run import ON_SCREEN, run_screen

    with at_work(*asked.work) as work, ledgers_written(ledger, tasks, asked.force) as take:
        beside: dict[str, Any] = {"one_more": one_more, "leaks": leaks, "know": know}
        beside["measured"] = measured(asked.to, ON_SCREEN)
        result = study.run(scenario, draw=not one_world, on_ledger=take, **(arguments | work | beside))
    return hand_over(result, run_screen, asked.to)


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


SweptLevers = Annotated[
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
    lever: SweptLevers = None,
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
    scenario = loaded(file, asked.sets, written)
    same_currency(scenario, zone, "'--zone'")
    from simfunnel.scenario import lever_of

    levers = [lever_of(scenario, text) for text in lever]
    if objective is Objective.SLA_MONTHS_KEPT and scenario.sla is None:
        raise typer.BadParameter(f"{file} has no sla, so no month keeps it", param_hint="'--objective'")
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


MovedLevers = Annotated[
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
    levers: MovedLevers = None,
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
    arguments = asked.arguments() | {"confidence": chance_of("confidence", confidence)}
    scenario = asked_of(file, asked)
    note_idle_start(arguments["start"], what_ifs or ())
    from simfunnel import study
    from simfunnel.report.screens.sla import sla_screen

    with at_work(*asked.work) as work:
        result = study.sla(scenario, what_ifs=what_ifs or (), **arguments, **work)
    return hand_over(result, sla_screen, asked.to)
