"""`simfunnel run`: a year as the scenario says, or one lead's story in it."""

from __future__ import annotations

from typing import Any

import typer

from simfunnel.app.cli import options
from simfunnel.app.cli.leads import ledgers_written, named_files, tell
from simfunnel.app.cli.printing import note
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded, measured, note_idle_start

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
