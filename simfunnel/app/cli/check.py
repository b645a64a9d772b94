"""`simfunnel check`: what is wrong, odd or assumed in a scenario, and whether its rates come out."""

from __future__ import annotations

from typing import Annotated, Any

from simfunnel.app.cli import failures, options
from simfunnel.app.cli.printing import Delivery
from simfunnel.app.cli.studying import at_work, check_outputs, hand_over, loaded


def check(
    file: options.File,
    sets: options.Sets = None,
    replications: Annotated[
        int, options.whole("replications", most=1000, fewest=0, help="Simulated years; 0: do not simulate.")
    ] = 10,
    seed: options.Seed = 1,
    engine: options.EngineName = options.Engine.AUTO,
    workers: options.Workers = None,
    as_json: options.AsJson = False,
    output: options.OutputWithoutCsv = None,
    timing: options.Timing = None,
    force: options.Force = False,
) -> int:
    """Say what is wrong, odd or assumed in a scenario, how full its teams are and whether typed rates come out.

    \b
    Exit code 3 when typed numbers contradict each other, or a typed rate does not come out.

    \b
    Examples:
      simfunnel check scenarios/b2b.yaml
      simfunnel check scenarios/b2b.yaml --replications 0     without simulating
    """
    to = Delivery(as_json, False, output, force)
    written = check_outputs(to, timing, has_csv=False)
    scenario = loaded(file, sets, written)
    from simfunnel import study
    from simfunnel.possible import refuse_impossible
    from simfunnel.report.screens.check import ON_SCREEN, check_screen
    from simfunnel.scenario import check as problems_of
    from simfunnel.study.run.odd import odd_plans
    from simfunnel.study.run.typed_rates import told_by_integrals

    known = refuse_impossible(scenario)
    problems, result = (*problems_of(scenario), *odd_plans(scenario, known=known)), None
    if replications:
        with at_work(workers, engine.value, timing, force) as work:
            more: dict[str, Any] = {"replications": replications, "seed": seed, "measured": ON_SCREEN, **work}
            result = study.run(scenario, draw=False, know=True, **more)
    else:
        problems = (*told_by_integrals(scenario), *problems)
    found = study.CheckResult(scenario, problems, result)
    code = hand_over(found, check_screen, to)
    return failures.NOT_MET if code == failures.DONE and not found.all_hold else code
