"""`simfunnel run`: a year as the scenario says, or one lead's story in it."""

from __future__ import annotations

import typer

from simfunnel.app.cli import options as o
from simfunnel.app.cli.leads import ledger_files, tell, write_ledgers
from simfunnel.app.cli.printing import Delivery, note
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded

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
    trace: o.Trace = None,
    replication: o.ReplicationOfTrace = None,
    ledger: o.LedgerFile = None,
    tasks: o.TasksFile = None,
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
    to = Delivery(as_json, as_csv, output, force)
    if replication is not None and trace is None:
        raise typer.BadParameter("belongs to --trace; did you mean --replications?", param_hint="'--replication'")
    check_outputs(force, output, *ledger_files(ledger, tasks))
    scenario = loaded(file, sets)
    if start != "period":
        note(NOT_HERE)
    if trace is not None:
        return tell(scenario, trace, seed, replication or 0, to)
    from simfunnel import study
    from simfunnel.report.run_screen import run_screen
    from simfunnel.report.run_view import run_view

    with at_work(workers) as work:
        result = study.run(scenario, replications=count, precision=share, seed=seed, start=start, **work)
        if ledger or tasks:
            write_ledgers(scenario, result, ledger, tasks, work)
    return hand_over(result, lambda width, colour: run_screen(run_view(result), width, colour), to)
