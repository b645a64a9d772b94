"""`simfunnel check`: what is wrong, odd or assumed in a scenario, and whether its rates come out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from simfunnel.app.cli import failures
from simfunnel.app.cli import options as o
from simfunnel.app.cli.printing import Delivery, deliver, in_colour, screen_width
from simfunnel.app.cli.studying import at_work, check_outputs, loaded
from simfunnel.version import __version__

if TYPE_CHECKING:
    from simfunnel.errors import Problem
    from simfunnel.scenario import Scenario


def check(
    file: o.File,
    sets: o.Sets = None,
    replications: Annotated[
        int, o.whole("replications", most=1000, fewest=0, help="Simulated years; 0: do not simulate.")
    ] = 10,
    seed: o.Seed = 1,
    engine: o.EngineName = o.Engine.AUTO,
    workers: o.Workers = None,
    as_json: o.AsJson = False,
    output: o.OutputWithoutCsv = None,
    timing: o.Timing = None,
    force: o.Force = False,
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
    scenario = loaded(file, sets, written, simulates=replications > 0)
    from simfunnel.report.check_view import SHOWN, check_view
    from simfunnel.report.screens.check import check_screen

    problems, cancelled = _problems(scenario), False
    if replications:
        from simfunnel import study

        asked: dict[str, Any] = {"replications": replications, "seed": seed, "measured": SHOWN}
        with at_work(workers, engine.value, timing, force) as work:
            result = study.run(scenario, draw=False, know=True, **(asked | work))
        view, cancelled = check_view(scenario, problems, result), result.cancelled
    else:
        from simfunnel.study.run.typed_rates import told_by_integrals

        view = check_view(scenario, (*told_by_integrals(scenario), *problems), None)
    if to.is_json:
        text = json.dumps(view.as_dict(__version__, scenario.sha256), indent=1, ensure_ascii=False)
    else:
        text = check_screen(view, screen_width(output), in_colour(output))
    deliver(text, to)
    if cancelled:
        return failures.INTERRUPTED
    return failures.DONE if view.all_hold else failures.NOT_MET


def _problems(scenario: Scenario) -> tuple[Problem, ...]:
    """What is odd about a scenario as typed, and by the expected numbers of its plans; ScenarioError: one cannot be."""
    from simfunnel.possible import refuse_impossible
    from simfunnel.scenario import check as problems_of
    from simfunnel.study.run.odd import odd_plans

    known = refuse_impossible(scenario)
    return (*problems_of(scenario), *odd_plans(scenario, known=known))
