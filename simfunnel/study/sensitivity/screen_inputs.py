"""Many inputs at once: which of them matter at all, by elementary effects over the whole of their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.engine import simulate
from simfunnel.errors import SimfunnelError, StoppedError
from simfunnel.metrics import TABLE, Wanted
from simfunnel.scenario import Input
from simfunnel.stats import Screening, screening_design, screening_effects
from simfunnel.study.sensitivity.neighbours import Neighbour, Neighbourhood, plan_near
from simfunnel.study.sensitivity.result import Screened
from simfunnel.study.years.calls import run_tasks
from simfunnel.study.years.measured_year import numbers_of
from simfunnel.study.years.replicate import Work

TRAJECTORIES, YEARS = 10, 4
ROUNDS = 1  # of pilots: what is only ranked need not be solved to the last digit
SCREENING = "screening the inputs"


@dataclass(frozen=True)
class Row:
    """One row of a design: the base with all inputs somewhere in their ranges, in years that all rows share."""

    neighbour: Neighbour
    seed: int
    wanted: Wanted

    def __str__(self) -> str:
        return str(self.neighbour)


def simulate_row(row: Row) -> tuple[Floats, ...]:
    """What the years of a row measure; nothing where its inputs cannot be together."""
    plan = plan_near(row.neighbour)
    if isinstance(plan, str):
        return ()
    engine = row.neighbour.around.engine
    return tuple(numbers_of(plan, simulate(plan, row.seed, year, engine), row.wanted) for year in range(YEARS))


def screened(
    here: Neighbourhood, inputs: Sequence[Input], metrics: Sequence[str], keep: int, seed: int, work: Work
) -> tuple[list[Screened], int]:
    """Every input's elementary effects on every metric, marked where it is among those to `keep`, and the ways tried.

    Ways on which some inputs could not be together are left out. SimfunnelError without SALib; StoppedError when
    stopped.
    """
    design = screening_design(len(inputs), TRAJECTORIES, seed=seed)
    wanted: Wanted = tuple((metric, "") for metric in metrics)
    rows = [Row(Neighbour(here, _values(inputs, at), ROUNDS), seed, wanted) for at in design.tolist()]
    work.tell(SCREENING, 0, len(rows))
    found = run_tasks(
        simulate_row,
        rows,
        executor=work.executor,
        workers=work.workers,
        on_done=lambda done: work.tell(SCREENING, done, len(rows)),
        stop=work.stop,
    )
    if len(found) < len(rows):
        raise StoppedError("stopped before the inputs were screened")
    ways = np.array([bool(years) for years in found]).reshape(TRAJECTORIES, -1).all(axis=1)
    if not ways.any():
        raise SimfunnelError("the inputs hardly ever fit together; name fewer of them, or type narrower ranges")
    whole = np.repeat(ways, len(inputs) + 1)
    tables = np.array([years for years, is_whole in zip(found, whole, strict=True) if is_whole], np.float64)
    effects = [screening_effects(design[whole], _of_rows(tables[:, :, :, at])) for at in range(len(metrics))]
    order = np.argsort(-np.max([_relative(each) for each in effects], axis=0), kind="stable")[:keep]
    marked = [_told(metric, effect, inputs, order) for metric, effect in zip(metrics, effects, strict=True)]
    return [each for told in marked for each in told], int(ways.sum())


def _values(inputs: Sequence[Input], uniforms: Sequence[float]) -> dict[str, object]:
    return {path: value for each, u in zip(inputs, uniforms, strict=True) for path, value in each.values(u).items()}


def _of_rows(pairs: Floats) -> Floats:
    """[rows, 1] a row's ratio of means from [rows, years, 2] numerators and denominators."""
    over, under = pairs[:, :, 0].sum(axis=1), pairs[:, :, 1].sum(axis=1)
    ratio = np.divide(over, under, out=np.zeros_like(over), where=under != 0)
    return np.asarray(ratio[:, None])


def _relative(effects: Screening) -> Floats:
    return np.asarray(effects.effect / max(float(effects.effect.max(initial=0.0)), np.finfo(float).tiny))


def _told(metric: str, effects: Screening, inputs: Sequence[Input], kept: Ints) -> list[Screened]:
    return [
        Screened(
            metric,
            TABLE[metric].unit,
            inputs[at].path,
            inputs[at].origin,
            float(effects.effect[at]),
            float(effects.half_width[at]),
            float(effects.direction[at]),
            float(effects.spread[at]),
            at in kept,
        )
        for at in effects.order.tolist()
    ]
