"""`simfunnel run`: a year as the scenario says, or one lead's story in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simfunnel.app.cli import failures
from simfunnel.app.cli import options as o
from simfunnel.app.cli.printing import deliver, in_colour, note, screen_width
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded

if TYPE_CHECKING:
    from simfunnel.ledger.export import Run
    from simfunnel.scenario import Scenario
    from simfunnel.study import RunResult

NOT_HERE = "--from and --settled say when what-ifs begin; run has none, so they change nothing here"


def run(
    file: o.File,
    sets: o.Sets = None,
    replications: o.ReplicationsText = "50",
    precision: o.PrecisionText = "1%",
    seed: o.Seed = 1,
    begins: o.From = None,
    settled: o.Settled = False,
    engine: o.EngineName = o.Engine.AUTO,
    workers: o.Workers = None,
    trace: Annotated[
        str | None,
        typer.Option("--trace", metavar="LEAD", help="Tell one lead's story instead: its number, or its id."),
    ] = None,
    replication: Annotated[
        int | None,
        typer.Option("--replication", metavar="N", min=0, help="Of --trace: the simulated year, from 0, the default."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="Write every lead to FILE (.csv or .parquet).")
    ] = None,
    tasks: Annotated[
        Path | None, typer.Option("--tasks", metavar="FILE", help="Write every task to FILE, for process mining.")
    ] = None,
    as_json: o.AsJson = False,
    as_csv: o.AsCsv = False,
    output: o.Output = None,
    force: o.Force = False,
) -> int:
    """Simulate the scenario as it is: revenue, funnel, teams, and what is lost on the way.

    \b
    Examples:
      simfunnel run scenarios/b2b.yaml
      simfunnel run scenarios/b2b.yaml --set pools.SDR.reps=8 --replications auto
      simfunnel run scenarios/b2b.yaml --trace website/2027-03-15/12/0
    """
    count, share, start = o.read_replications(replications), o.read_precision(precision), o.read_start(begins, settled)
    if replication is not None and trace is None:
        raise typer.BadParameter("belongs to --trace; did you mean --replications?", param_hint="'--replication'")
    check_outputs(force, output, ledger, tasks)
    scenario = loaded(file, sets)
    if start != "period":
        note(NOT_HERE)
    if trace is not None:
        return tell(scenario, trace, seed, replication or 0, as_json, output, force)
    from simfunnel import study
    from simfunnel.report.run_screen import run_screen
    from simfunnel.report.run_view import run_view

    with at_work(workers) as work:
        result = study.run(scenario, replications=count, precision=share, seed=seed, start=start, **work)
        if ledger or tasks:
            write_ledgers(scenario, result, ledger, tasks, work)
    return hand_over(
        result,
        lambda width, colour: run_screen(run_view(result), width, colour),
        as_json=as_json,
        as_csv=as_csv,
        output=output,
        force=force,
    )


def write_ledgers(
    scenario: Scenario, result: RunResult, ledger: Path | None, tasks: Path | None, work: dict[str, Any]
) -> None:
    """Write the ledgers of all replications that the result is made of."""
    from simfunnel.ledger.export import export_ledger, export_tasks
    from simfunnel.study import Work, ledgers

    def again() -> Iterator[Run]:
        return ledgers(scenario, range(result.replications), seed=result.seed, work=Work(**work))

    if ledger is not None:
        for file in export_ledger(ledger, again()):
            note(f"wrote {file}")
    if tasks is not None:
        note(f"wrote {export_tasks(tasks, again())}")


def tell(
    scenario: Scenario, lead: str, seed: int, replication: int, as_json: bool, output: Path | None, force: bool
) -> int:
    """Print one lead's story; raises typer.BadParameter for a lead that there is not."""
    from simfunnel.report.story import UnknownLeadError, find_lead, story
    from simfunnel.report.story_screen import story_screen
    from simfunnel.study import Work, ledgers

    with at_work(1) as work:
        ((_, _, plan, ledger),) = ledgers(scenario, [replication], seed=seed, work=Work(**work))
    try:
        found = story(plan, ledger, find_lead(plan, ledger, lead), seed, replication)
    except UnknownLeadError as error:
        raise typer.BadParameter(str(error), param_hint="'--trace'") from error
    if as_json or (output is not None and output.suffix.lower() == ".json"):
        text = json.dumps(found.as_dict(), indent=1, ensure_ascii=False)
    else:
        text = story_screen(found, screen_width(output), in_colour(output))
    deliver(text, output, force)
    return failures.DONE
