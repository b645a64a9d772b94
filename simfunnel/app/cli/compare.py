"""`simfunnel compare`: what-ifs beside today, lead by lead."""

from __future__ import annotations

from typing import Annotated

import typer

from simfunnel.app.cli import options as o
from simfunnel.app.cli.printing import Delivery
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded


def compare(
    file: o.File,
    what_ifs: Annotated[
        list[str] | None, typer.Argument(metavar="WHAT_IF", help="Names of what-ifs of the file.", show_default=False)
    ] = None,
    sets: o.Sets = None,
    replications: o.ReplicationsText = "50",
    precision: o.PrecisionText = "1%",
    seed: o.Seed = 1,
    begins: o.From = None,
    settled: o.Settled = False,
    engine: o.EngineName = o.Engine.AUTO,
    workers: o.Workers = None,
    as_json: o.AsJson = False,
    as_csv: o.AsCsv = False,
    output: o.Output = None,
    force: o.Force = False,
) -> int:
    """Compare what-ifs with today: the same leads, the same luck.

    \b
    Examples:
      simfunnel compare scenarios/b2b.yaml stricter micro_teams
      simfunnel compare scenarios/b2b.yaml stricter --from 2027-04-01
      simfunnel compare scenarios/b2b.yaml stricter --replications auto --json
    """
    count, share, start = o.read_replications(replications), o.read_precision(precision), o.read_start(begins, settled)
    check_outputs(force, output)
    scenario = loaded(file, sets)
    if not what_ifs:
        known = ", ".join(scenario.what_ifs) or "no what-ifs; add some under what_ifs"
        raise typer.BadParameter(f"name at least one what-if: {file} has {known}", param_hint="'WHAT_IF'")
    from simfunnel import study
    from simfunnel.report.compare_screen import compare_screen
    from simfunnel.report.compare_view import compare_view

    with at_work(workers) as work:
        result = study.compare(scenario, what_ifs, replications=count, precision=share, seed=seed, start=start, **work)
    to = Delivery(as_json, as_csv, output, force)
    return hand_over(result, lambda width, colour: compare_screen(compare_view(result), width, colour), to)
