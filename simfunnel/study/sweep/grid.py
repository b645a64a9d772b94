"""The grid of a sweep: levels that can be simulated, and the order in which they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any, NamedTuple

from simfunnel.errors import MISSING, Problem, ScenarioError
from simfunnel.metrics import Wanted
from simfunnel.plan import Plan, compile_plan
from simfunnel.scenario import Lever, Scenario, changes_of, phases_with, with_places
from simfunnel.study.run.odd import grows_for_good
from simfunnel.study.years.plans import Prepared, Start, prepare_specs
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Work

MOST_LEADS = 2e6  # a simulated period with its run-in: hundreds of them are simulated

MOST_CELLS = 200
TODAY = "today"


@dataclass(frozen=True)
class Feasibility:
    """One set of changes, compiled: `plan` is None when they are refused, for the reason in `problem`.

    An overloaded plan has a team whose queue only grows; it can be simulated, and `problem` names the team.
    """

    plan: Plan | None
    problem: Problem | None = None

    @property
    def overloaded(self) -> bool:
        """Whether a team cannot keep up in the long run."""
        return self.plan is not None and self.problem is not None


def too_many_leads(plan: Plan) -> str:
    """Say how many leads a simulated period of the plan will have, where they are more than a search can bear."""
    leads = 24.0 * sum(float(each.rate_h.sum()) for each in plan.sources)
    return f"{leads:,.0f} leads a simulated period, more than can be searched" if leads > MOST_LEADS else ""


def feasible(
    scenario: Scenario, changes: Sequence[Mapping[str, Any]], start: Start, work: Work
) -> tuple[Prepared, tuple[Feasibility, ...]]:
    """Compile today as it is, and each of `changes`; ScenarioError when today itself cannot be simulated."""
    prepared = prepare_specs(scenario, [phases_with(scenario, {}, start)], work)
    found = []
    for each in changes:
        try:
            spec = phases_with(scenario, each, start)
            if spec.base is not scenario:  # a belief among the changes: the base is solved anew
                found.append(Feasibility(prepare_specs(scenario, [spec], work).plans[0]))
                continue
            behind = grows_for_good(spec, prepared.calibration)
            problem = None if behind is None else with_places(scenario, [behind]).problems[0]
            found.append(Feasibility(compile_plan(spec, prepared.calibration), problem))
        except ScenarioError as error:
            found.append(Feasibility(None, with_places(scenario, error.problems).problems[0]))
    return prepared, tuple(found)


class Cell(NamedTuple):
    """A level of each lever (none: today, where it is no level), and whether it is what stands there today."""

    levels: tuple[float, ...]
    today: bool


@dataclass(frozen=True)
class Grid:
    """The cells of a sweep and what came of compiling each; `prepared` is today."""

    levers: tuple[Lever, ...]
    cells: tuple[Cell, ...]
    prepared: Prepared
    tried: tuple[Feasibility, ...]

    @property
    def possible(self) -> tuple[int, ...]:
        """Places of the cells that have a plan."""
        return tuple(place for place, each in enumerate(self.tried) if each.plan is not None)

    @property
    def today(self) -> int:
        """Place of today among the possible cells."""
        return next(at for at, place in enumerate(self.possible) if self.cells[place].today)

    def words(self, place: int) -> tuple[str, ...]:
        """Return a cell's levels as people say them."""
        cell = self.cells[place]
        return tuple(lever.words(level) for lever, level in zip(self.levers, cell.levels, strict=False)) or (TODAY,)

    def changes(self, place: int) -> dict[str, Any]:
        """Return what a cell sets; nothing for today."""
        return settings(self.levers, self.cells[place])

    def at(self, seed: int, wanted: Wanted, work: Work) -> Years[str]:
        """Return the possible cells, ready to be simulated; their names are their places."""
        plans = {str(place): each.plan for place, each in enumerate(self.tried) if each.plan is not None}
        return Years(plans, seed, wanted, work)


def settings(levers: Sequence[Lever], cell: Cell) -> dict[str, Any]:
    """Return what a cell sets; nothing for today."""
    return {} if cell.today else changes_of(levers, cell.levels)


def grid_of(scenario: Scenario, levers: Sequence[Lever], start: Start, work: Work) -> Grid:
    """Compile every cell of the levers' levels; ScenarioError when today or all but one of them cannot be."""
    if not 1 <= len(levers) <= 2:
        rule, remedy = f"{len(levers)} levers, and one or two can be swept at once", "write --lever once or twice"
        raise ScenarioError([Problem((), MISSING, rule, remedy, file="--lever")])
    for lever in levers:
        if lever.step is None:
            raise _refused(
                lever, "has no steps", f"write --lever {lever.path}=FROM:TO:STEP, e.g. qualification.threshold=40:80:5"
            )
    count = 1
    for lever in levers:
        count *= len(lever.levels())
        if count > MOST_CELLS:
            raise _refused(lever, f"makes {count} cells of the grid", f"write longer steps: at most {MOST_CELLS} cells")
    if len(levers) == 2 and set(levers[0].targets) & set(levers[1].targets):
        raise _refused(levers[1], "moves what the other lever moves", "name two different paths")
    for lever in levers:
        if lever.belief and isinstance(start, date):
            remedy = "drop --from: then today is solved anew at each level"
            raise _refused(lever, "is a belief about the world, which cannot begin on a date", remedy)
    cells = cells_of(levers)
    prepared, tried = feasible(scenario, [settings(levers, cell) for cell in cells], start, work)
    for lever in levers:
        rule = next((rule for each in tried if each.plan is not None and (rule := too_many_leads(each.plan))), "")
        if rule and lever.kind == "volume":
            raise _refused(lever, f"goes up to {rule}", "write a lower TO")
    grid = Grid(tuple(levers), cells, prepared, tried)
    if len(grid.possible) < 2:
        raise ScenarioError(dict.fromkeys(each.problem for each in tried if each.problem is not None))
    return grid


def cells_of(levers: Sequence[Lever]) -> tuple[Cell, ...]:
    """List the cells in the order of the levers, the last running fastest, and today where it belongs.

    Today comes before the first level above it (of one lever), else at the end.
    """
    today = tuple(lever.today for lever in levers)
    cells = [Cell(levels, levels == today) for levels in product(*(lever.levels() for lever in levers))]
    if any(cell.today for cell in cells):
        return tuple(cells)
    known = today[0] if len(today) == 1 else None
    above = next((at for at, cell in enumerate(cells) if known is not None and cell.levels[0] > known), len(cells))
    levels = tuple(level for level in today if level is not None)
    return (*cells[:above], Cell(levels if len(levels) == len(today) else (), True), *cells[above:])


def _refused(lever: Lever, rule: str, remedy: str) -> ScenarioError:
    return ScenarioError([Problem((), MISSING, rule, remedy, file=f"--lever {lever.path}")])
