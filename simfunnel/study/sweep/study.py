"""The sweet spot of a lever, or of two: many levels under the same luck, the best, and those tied with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, NamedTuple

from simfunnel.arguments import Objective
from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.scenario import Lever, Scenario, lever_of, ranges_of
from simfunnel.scenario.change.levers import pools_of_heads, ramp_notes
from simfunnel.study.header import at_middles, empty_start, header_of
from simfunnel.study.sweep.grid import Grid, grid_of
from simfunnel.study.sweep.result import AtAccuracy, Fresh, RidgeStep, SweepResult, SweptLevel
from simfunnel.study.sweep.score import PATH, accuracy_of, other_accuracies, years_expected
from simfunnel.study.sweep.search import Curves, Search, budget, fresh_of, looks_upto
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start
from simfunnel.study.years.work import STOPPED_EARLY, Meter, Progress, Replications, Work

FRESH_YEARS = 60
FEWEST_YEARS = 10  # a level: with fewer the spread of the differences is hardly known
FRESH_LUCK = 0x5EED5EED  # fresh seeds are the seed with these bits turned over

OBJECTIVES = {each.value: -1.0 if TABLE[each].better == "lower" else 1.0 for each in Objective}
"""What may be an objective; -1 where less is better."""

SHOWN: Wanted = (
    ("profit", ""), ("revenue", ""), ("wins", ""), ("mqls", ""), ("cost", ""), ("busy_share", "pool"),
    ("response_median", ""), ("wasted_hours", ""), ("wasted_share", ""), ("went_cold", ""),
)  # fmt: skip


class Found(NamedTuple):
    """What the simulations of a sweep brought back; whether they were `complete`."""

    grid: Grid
    search: Search
    curves: Curves
    fresh: Fresh | None = None
    accuracies: tuple[AtAccuracy, ...] = ()
    complete: bool = False

    def record(self) -> dict[str, Any]:
        """Return the fields of the result that come of the grid and the search."""
        selection, place = self.search.selection, self.grid.possible
        return {
            "levers": self.grid.levers,
            "zone": self.search.zone,
            "levels": tuple(self.levels()),
            "best": place[selection.best],
            "decided": selection.decided,
            "margin": selection.margin,
            "detectable": selection.comparison.detectable,
            "wanted_for_skew": selection.wanted_for_skew,
            "score_correlation": accuracy_of(self.grid.prepared.plans[0]),
            "most": tuple(replace(each, place=place[each.place]) for each in self.curves.most()),
            "fresh": self.fresh,
            "accuracies": self.accuracies,
            "ridge": tuple(self.ridge()),
        }

    def levels(self) -> Iterator[SweptLevel]:
        """Yield every level of the grid with its figures."""
        grid, comparison, curves = self.grid, self.search.selection.comparison, self.curves
        for place, (cell, tried) in enumerate(zip(grid.cells, grid.tried, strict=True)):
            blank = SweptLevel(cell.levels, grid.words(place), cell.today, tried.problem)
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

    def ridge(self) -> Iterator[RidgeStep]:
        """Yield, of two levers, the best cell at each level of the first."""
        grid, curves = self.grid, self.curves
        for level in grid.levers[0].levels() if len(grid.levers) == 2 else ():
            row = [at for at, place in enumerate(grid.possible) if grid.cells[place].levels[:1] == (level,)]
            if row:
                best, tied = curves.best_of(row)
                yield RidgeStep(level, grid.possible[best], tuple(grid.possible[at] for at in tied))

    def warnings(self, scenario: Scenario) -> tuple[str, ...]:
        """Say what a reader of the levels must know."""
        added = pools_of_heads(target for lever in self.grid.levers for target in lever.targets)
        told = [*ramp_notes(scenario, added), *self.grid.prepared.warnings, *at_middles(ranges_of(scenario))]
        told += empty_start(scenario)
        if max(self.curves.years) < FEWEST_YEARS:
            told.append(
                f"with fewer than {FEWEST_YEARS} simulated years or periods a level, chance may pass for a difference: "
                f"--replications {FEWEST_YEARS} or more tells levels apart"
            )
        return (*told, *(() if self.complete else (STOPPED_EARLY,)))


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
    began, meter = time.perf_counter(), Meter(Work(executor, workers, on_progress, stop, engine))
    objective = usual_objective(scenario) if objective is None else objective
    if objective not in OBJECTIVES:
        raise ArgumentError("objective", f"{objective!r} is no objective; there are {', '.join(OBJECTIVES)}")
    if objective == "sla_months_kept" and scenario.sla is None:
        raise ArgumentError("objective", "the scenario has no sla, so no month keeps it")
    if replications != "auto" and replications < 2:
        raise ArgumentError("replications", f"{replications} replications: at least 2 are needed")
    moved = tuple(lever if isinstance(lever, Lever) else lever_of(scenario, lever) for lever in levers)
    grid = grid_of(scenario, moved, start, meter.work)
    scored = accuracy and not any(lever.path.startswith(PATH) for lever in moved)
    at = grid.at(seed, tuple(dict.fromkeys(((objective, ""), *SHOWN))), meter.work)
    looks, spent = looks_upto(replications, len(grid.possible)), budget(replications, len(grid.possible))
    search = Search(at, Key(objective), OBJECTIVES[objective], zone, looks, spent)
    found = _simulated(scenario, grid, search, start, scored, meter)
    header = header_of(scenario, grid.prepared.calibration, meter.work, seed=seed, start=start, began=began,
                       replications=max(found.curves.years), warnings=found.warnings(scenario),
                       cancelled=not found.complete)  # fmt: skip
    return SweepResult(
        **vars(header), **found.record(), total_replications=meter.done, objective=objective, zone_assumed=zone is None
    )


def usual_objective(scenario: Scenario) -> str:
    """Profit where anything costs, else revenue."""
    channels = scenario.channels.values()
    costs = [channel.cost_per_lead for channel in channels]
    costs += [campaign.cost for channel in channels for campaign in channel.campaigns.values()]
    costs += [pool.commission for pool in scenario.pools.values()]
    paid = any(pool.cost_per_rep is not None and pool.cost_per_rep.amount > 0 for pool in scenario.pools.values())
    nurtured = scenario.nurture is not None and scenario.nurture.cost > 0
    return "profit" if paid or nurtured or any(costs) else "revenue"


def _simulated(scenario: Scenario, grid: Grid, search: Search, start: Start, scored: bool, meter: Meter) -> Found:
    """Search, simulate the best level on fresh seeds, and search under other scores, as far as nobody stops it."""
    years = min(FRESH_YEARS, search.looks[-1])
    afterwards = 2 * years + scored * years_expected(len(grid.possible))
    meter.expect(search.budget + afterwards)
    search.run()
    meter.expect(afterwards)
    curves = Curves(search, grid.prepared.error)
    found = Found(grid, search, curves)
    fresh = None if search.cancelled else fresh_of(search, curves, grid.today, search.at.seed ^ FRESH_LUCK, years)
    if fresh is None or not scored:
        return found._replace(fresh=fresh, complete=fresh is not None)
    correlation, best = accuracy_of(grid.prepared.plans[0]), grid.possible[curves.best]
    ridge = [step.best for step in found.ridge()]
    changes = {place: grid.changes(place) for place in ({*ridge, best} if ridge else grid.possible)}
    others = other_accuracies(scenario, changes, start, search, best, correlation, meter.work)
    return Found(grid, search, curves, fresh, others.found, others.complete)
