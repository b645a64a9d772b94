"""The sweet spot of a lever, or of two: many levels under the same luck, the best, and those tied with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import Key, Wanted
from simfunnel.scenario import Lever, Scenario, check, lever_of, ranges_of
from simfunnel.scenario.change.levers import pools_of_heads, ramp_notes
from simfunnel.study.compare import at_middles
from simfunnel.study.run.study import EMPTY, RUN_IN
from simfunnel.study.sweep.curves import Curves, fresh_of
from simfunnel.study.sweep.grid import Grid, grid_of
from simfunnel.study.sweep.result import AtAccuracy, Fresh, RidgeStep, SweepResult, SweptLevel
from simfunnel.study.sweep.score import PATH, accuracy_of, other_accuracies, years_expected
from simfunnel.study.sweep.search import Meter, Search, budget, looks_upto
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start
from simfunnel.study.years.replicate import Progress, Replications, Work
from simfunnel.version import __version__

FRESH_YEARS = 60
FEWEST_YEARS = 10  # a level: with fewer the spread of the differences is hardly known
FRESH_LUCK = 0x5EED5EED  # fresh seeds are the seed with these bits turned over

OBJECTIVES = {
    **dict.fromkeys(("profit", "revenue", "wins", "opportunities", "sals", "mqls", "sla_months_kept"), 1.0),
    **dict.fromkeys(("cost", "went_cold", "wasted_hours"), -1.0),
}
"""What may be an objective: amounts that add up over a year; -1 where less is better."""

SHOWN: Wanted = (
    ("profit", ""),
    ("revenue", ""),
    ("wins", ""),
    ("mqls", ""),
    ("cost", ""),
    ("busy_share", "pool"),
    ("response_median", ""),
    ("wasted_hours", ""),
    ("wasted_share", ""),
    ("went_cold", ""),
)


class Found(NamedTuple):
    """What the simulations of a sweep brought back."""

    search: Search
    curves: Curves
    fresh: Fresh | None
    accuracies: tuple[AtAccuracy, ...]
    complete: bool


@validated
def sweep(
    scenario: Scenario,
    levers: Sequence[str | Lever],
    *,
    objective: str | None = None,
    zone: float | None = None,
    replications: Replications = "auto",
    seed: int = 1,
    start: Start = "period",
    accuracy: bool = True,
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
) -> SweepResult:
    """Simulate a lever over its levels, or two over their grid (up to 200 cells), and select the best level.

    `levers`: texts `PATH=FROM:TO:STEP` (see `scenario.lever_of`). `objective`: one of `OBJECTIVES`; profit when the
    scenario has costs, else revenue. `zone`: the smallest lead worth detecting, in the objective's unit; 1% of the best
    when not given. All levels meet the same leads with the same luck, and years go where levels are close. A level that
    leads by the zone or more is selected with 95% probability if the years suffice: `replications` is the most that a
    level gets, "auto" at most 400 and 350 + 15 x levels in all. The best is simulated again on fresh seeds. Levels that
    cannot be are told, overloaded ones are simulated and marked. `accuracy`: also tell the best level (of two levers:
    along the ridge) if the score were more or less accurate. Other arguments are as in `compare`.

    Raises ScenarioError for levers that do not fit, or when fewer than two levels are possible; ValueError for an
    objective that there is not, a zone that is not above 0 or fewer than 2 replications; StoppedError when nothing was
    finished.
    """
    began = time.perf_counter()
    objective = usual_objective(scenario) if objective is None else objective
    _check(scenario, objective, zone, replications)
    meter = Meter(Work(executor, workers, on_progress, stop, engine))
    moved = tuple(lever if isinstance(lever, Lever) else lever_of(scenario, lever) for lever in levers)
    grid = grid_of(scenario, moved, start, meter.work)
    scored = accuracy and not any(lever.path.startswith(PATH) for lever in moved)
    found = _simulated(scenario, grid, _Asked(objective, zone, replications, seed, start, scored), meter)
    return _result(
        scenario,
        grid,
        found,
        version=__version__,
        seed=seed,
        total_replications=meter.done,
        engine=meter.work.engine,
        seconds=time.perf_counter() - began,
        start=start.isoformat() if isinstance(start, date) else start,
        objective=objective,
        zone_assumed=zone is None,
    )


class _Asked(NamedTuple):
    objective: str
    zone: float | None
    replications: Replications
    seed: int
    start: Start
    scored: bool


def usual_objective(scenario: Scenario) -> str:
    """Profit where anything costs, else revenue."""
    channels = scenario.channels.values()
    costs = [channel.cost_per_lead for channel in channels]
    costs += [campaign.cost for channel in channels for campaign in channel.campaigns.values()]
    costs += [pool.commission for pool in scenario.pools.values()]
    paid = any(pool.cost_per_rep is not None and pool.cost_per_rep.amount > 0 for pool in scenario.pools.values())
    nurtured = scenario.nurture is not None and scenario.nurture.cost > 0
    return "profit" if paid or nurtured or any(costs) else "revenue"


def _check(scenario: Scenario, objective: str, zone: float | None, replications: Replications) -> None:
    if objective not in OBJECTIVES:
        raise ArgumentError("objective", f"{objective!r} is no objective; there are {', '.join(OBJECTIVES)}")
    if objective == "sla_months_kept" and scenario.sla is None:
        raise ArgumentError("objective", "the scenario has no sla, so no month keeps it")
    if replications != "auto" and replications < 2:
        raise ArgumentError("replications", f"{replications} replications: at least 2 are needed")


def _simulated(scenario: Scenario, grid: Grid, asked: _Asked, meter: Meter) -> Found:
    """The search, the best level on fresh seeds, and the search under other scores, as far as nobody stops it."""
    n, years = len(grid.possible), FRESH_YEARS
    if asked.replications != "auto":
        years = min(years, asked.replications)
    afterwards = 2 * years + asked.scored * years_expected(n)
    spent = budget(asked.replications, n)
    meter.expect(spent + afterwards)
    wanted = tuple(dict.fromkeys(((asked.objective, ""), *SHOWN)))
    at = grid.at(asked.seed, wanted, meter.work)
    sign, looks = OBJECTIVES[asked.objective], looks_upto(asked.replications, n)
    search = Search(at, Key(asked.objective), sign, asked.zone, looks, spent)
    search.run()
    meter.expect(afterwards)
    curves = Curves(search, grid.prepared.error)
    fresh = None if search.cancelled else fresh_of(search, curves, grid.today, asked.seed ^ FRESH_LUCK, years)
    if fresh is None or not asked.scored:
        return Found(search, curves, fresh, (), fresh is not None)
    correlation, best = accuracy_of(grid.prepared.plans[0]), grid.possible[curves.best]
    ridge = [step.best for step in _ridge(grid, curves)]
    changes = {place: grid.changes(place) for place in ({*ridge, best} if ridge else grid.possible)}
    others = other_accuracies(scenario, changes, asked.start, search, best, correlation, meter.work)
    return Found(search, curves, fresh, others.found, others.complete)


def _result(scenario: Scenario, grid: Grid, found: Found, **facts: object) -> SweepResult:
    selection, place = found.search.selection, grid.possible
    return SweepResult(
        **facts,  # type: ignore[arg-type]  # named above
        scenario=scenario,
        replications=max(found.curves.years),
        warnings=_warnings(scenario, grid, found),
        levers=grid.levers,
        zone=found.search.zone,
        levels=tuple(_levels(grid, found)),
        best=place[selection.best],
        decided=selection.decided,
        margin=selection.margin,
        detectable=selection.comparison.detectable,
        wanted_for_skew=selection.wanted_for_skew,
        score_correlation=accuracy_of(grid.prepared.plans[0]),
        most=tuple(replace(each, place=place[each.place]) for each in found.curves.most()),
        fresh=found.fresh,
        accuracies=found.accuracies,
        ridge=tuple(_ridge(grid, found.curves)),
        cancelled=not found.complete,
    )


def _levels(grid: Grid, found: Found) -> Iterator[SweptLevel]:
    comparison, curves = found.search.selection.comparison, found.curves
    for place, (cell, attempt) in enumerate(zip(grid.cells, grid.tried, strict=True)):
        blank = SweptLevel(cell.levels, grid.words(place), cell.today, attempt.problem)
        if place not in grid.possible:
            yield blank
            continue
        at = grid.possible.index(place)
        gap = curves.gap(at)
        yield replace(
            blank,
            years=curves.years[at],
            figures=curves.figures(at),
            difference=float(gap.mean),
            half_width=float(gap.half_width),
            low=float(comparison.low[at]),
            high=float(comparison.high[at]),
            tied=bool(comparison.tied[at]),
            best=at == curves.best,
        )


def _ridge(grid: Grid, curves: Curves) -> Iterator[RidgeStep]:
    """Of two levers: the best cell at each level of the first."""
    if len(grid.levers) < 2:
        return
    for level in grid.levers[0].levels():
        row = [at for at, place in enumerate(grid.possible) if grid.cells[place].levels[:1] == (level,)]
        if row:
            best, tied = curves.best_of(row)
            yield RidgeStep(level, grid.possible[best], tuple(grid.possible[at] for at in tied))


def _warnings(scenario: Scenario, grid: Grid, found: Found) -> tuple[str, ...]:
    added = pools_of_heads(target for lever in grid.levers for target in lever.targets)
    told = [*ramp_notes(scenario, added), *grid.prepared.warnings, *at_middles(ranges_of(scenario))]
    if scenario.starts_empty and not any(problem.path[:2] == RUN_IN for problem in check(scenario)):
        told.append(EMPTY)
    if max(found.curves.years) < FEWEST_YEARS:
        told.append(
            f"with fewer than {FEWEST_YEARS} simulated years or periods a level, chance may pass for a difference: "
            f"--replications {FEWEST_YEARS} or more tells levels apart"
        )
    if not found.complete:
        told.append("stopped early: only what was finished is shown")
    return tuple(told)
