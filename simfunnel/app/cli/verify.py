"""`simfunnel verify`: whether this installation computes what it should."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import failures, options
from simfunnel.app.cli.printing import Delivery
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, ready


def verify(
    checks: Annotated[
        list[str] | None,
        typer.Argument(metavar="CHECK", help="Only these checks, e.g. R02 or philox.", show_default=False),
    ] = None,
    random: Annotated[
        int,
        options.whole("random", help="Random scenarios on which engines agree."),
    ] = 20,
    full: Annotated[bool, typer.Option("--full", help="Every case of theory, also those that take longer.")] = False,
    seed: options.Seed = 1,
    engine: options.EngineName = options.Engine.AUTO,
    workers: options.Workers = None,
    as_json: options.AsJson = False,
    as_csv: options.AsCsv = False,
    output: options.Output = None,
    timing: options.Timing = None,
    force: options.Force = False,
) -> int:
    """Check on this machine that the engines agree, and agree with theory.

    \b
    Known answers of the random numbers; ledgers of both engines, byte by byte,
    for the starter scenario and random ones; exact numbers of queueing and
    selection theory. Exit code 3 when a check fails.

    \b
    Examples:
      simfunnel verify
      simfunnel verify --full --random 1000
      simfunnel verify R02 R13 --seed 7            these cases, with other luck
    """
    to = Delivery(as_json, as_csv, output, force)
    check_outputs(to, timing)
    ready()
    from simfunnel.report.screens.verify import verify_screen
    from simfunnel.verify.run import chosen
    from simfunnel.verify.run import verify as verified

    chosen(checks or (), random, full)
    with at_work(workers, engine.value, timing, force) as work:
        result = verified(checks or (), random=random, full=full, seed=seed, **work)
    code = hand_over(result, verify_screen, to)
    return failures.NOT_MET if code == failures.DONE and not result.passed else code
