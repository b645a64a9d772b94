"""Many inputs at once: which of them matter at all, by elementary effects over the whole of their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import simulate
from simfunnel.errors import SimfunnelError, StoppedError
from simfunnel.metrics import TABLE, Wanted
from simfunnel.scenario import Input
from simfunnel.stats import screening_design, screening_effects
from simfunnel.study.sensitivity.input_effects import Neighbour, Neighbourhood, plan_near
from simfunnel.study.sensitivity.result import Screened
from simfunnel.study.years.calls import numbers_of
from simfunnel.study.years.work import Work

TRAJECTORIES, YEARS = 10, 4
ROUNDS = 1  # of pilots: what is only ranked need not be solved to the last digit
SCREENING = "screening the inputs"


def simulate_row(neighbour: Neighbour, seed: int, wanted: Wanted) -> tuple[Floats, ...]:
    """Measure a row of a design, all inputs somewhere in their ranges; nothing where these cannot be together.

    All rows share the luck of their years.
    """
    plan = plan_near(neighbour)
    if isinstance(plan, str):
        return ()
    engine = neighbour.around.engine
    return tuple(numbers_of(plan, simulate(plan, seed, year, engine), wanted) for year in range(YEARS))


def screened(
    here: Neighbourhood, inputs: Sequence[Input], metrics: Sequence[str], keep: int, seed: int, work: Work
) -> tuple[list[Screened], int]:
    """Find the elementary effects of inputs on every metric, marked where among those to `keep`, and the ways tried.

    Ways on which some inputs could not be together are left out. SimfunnelError without SALib; StoppedError when
    stopped.
    """
    design = screening_design(len(inputs), TRAJECTORIES, seed=seed)
    wanted: Wanted = tuple((metric, "") for metric in metrics)
    rows = []
    for uniforms in design.tolist():
        at_once = [each.values(u) for each, u in zip(inputs, uniforms, strict=True)]
        rows.append(Neighbour(here, {path: value for values in at_once for path, value in values.items()}, ROUNDS))
    work.tell(SCREENING, 0, len(rows))
    found = work.run(partial(simulate_row, seed=seed, wanted=wanted), rows, SCREENING)
    if len(found) < len(rows):
        raise StoppedError("stopped before the inputs were screened")
    ways = np.array([bool(years) for years in found]).reshape(TRAJECTORIES, -1).all(axis=1)
    if not ways.any():
        raise SimfunnelError("the inputs hardly ever fit together; name fewer of them, or type narrower ranges")
    whole = np.repeat(ways, len(inputs) + 1)
    tables = np.array([years for years, is_whole in zip(found, whole, strict=True) if is_whole], np.float64)
    over, under = tables[:, :, 0].sum(axis=1), tables[:, :, 1].sum(axis=1)
    ratios = np.divide(over, under, out=np.zeros_like(over), where=under != 0)  # of means, a row each
    effects = [screening_effects(design[whole], ratios[:, [at]]) for at in range(len(metrics))]
    tiny = float(np.finfo(float).tiny)
    relative = [each.effect / max(float(each.effect.max(initial=0.0)), tiny) for each in effects]
    order = np.argsort(-np.max(relative, axis=0), kind="stable")[:keep]
    marked = [
        Screened(
            metric,
            TABLE[metric].unit,
            inputs[at].path,
            inputs[at].origin,
            float(effect.effect[at]),
            float(effect.half_width[at]),
            float(effect.direction[at]),
            float(effect.spread[at]),
            at in order,
        )
        for metric, effect in zip(metrics, effects, strict=True)
        for at in effect.order.tolist()
    ]
    return marked, int(ways.sum())
