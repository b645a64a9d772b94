"""The study of a target: the calculator backwards, then the truth by simulation, and why the two differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Any

from simfunnel.engine import AUTO
from simfunnel.errors import MISSING, ArgumentError, Problem, ScenarioError
from simfunnel.scenario import Lever, Scenario, ranges_of
from simfunnel.scenario.change.levers import pools_of_heads, ramp_notes
from simfunnel.stats import LeverGrid
from simfunnel.study.estimates import estimates
from simfunnel.study.header import EMPTY, at_middles, header_of
from simfunnel.study.sweep.grid import too_many_leads
from simfunnel.study.target.calculator import Calculator, fixed_costs, why
from simfunnel.study.target.limits import Limit, Relaxed, chance_of, last_dates, level_of, limits, relaxations, together
from simfunnel.study.target.moves import (
    Move,
    Now,
    TargetGoal,
    TargetMetric,
    changes_at,
    check_prices,
    either_way,
    goal_of,
    last_day,
    price_of,
    read_levers,
    upward,
)
from simfunnel.study.target.result import PLAN, REACHED, TODAY, Alone, LeverFound, TargetResult
from simfunnel.study.target.search import FIRST, GLANCE, PROBES, Found, alone, search, sizes_of
from simfunnel.study.target.trials import Trials
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.work import Progress, Work

USUAL = 200  # replications at which a chance is shown, and fresh ones to check it
TELLING = 100  # of the reasons
RELAXED = 50  # of each limit
SEVERAL = (("pool",), ("pool", "leads"), ("pool", "leads", "handoff", "patience", "start"))

NO_AUTO = "a target takes a number: the years in which its chance is shown, and as many fresh ones"


@validated
def target(
    scenario: Scenario,
    wanted: float | None = None,
    *,
    metric: TargetMetric = "revenue",
    by: date | None = None,
    confidence: float | None = None,
    levers: Sequence[str] = (),
    prices: Mapping[str, float] | None = None,
    replications: int = USUAL,
    seed: int = 1,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
) -> TargetResult:
    """Find what it takes to reach `wanted` or more of `metric` up to the day `by`, in a share `confidence` of periods.

    Without `wanted` and `confidence` those of the scenario's `target` are taken (80% where none is typed); without `by`
    the period's last day. `levers`: texts as `scenario.lever_of` reads them, a range for all but volumes and reps; all
    channels' volume when there is none. `prices`, by the path of a lever: money a year for a rep, for one lead of a
    volume, for one unit of any other lever (a percentage point where it is a share, or of today); the scenario's costs
    where none is given.

    A single lever is moved as little as needed, several to the cheapest plan. Every plan meets the same luck; the
    chance is shown by the one-sided Clopper-Pearson bound at 95% over `replications` and checked on as many of the
    next seed. The other arguments are as in `run`. Raises ScenarioError, ValueError for replications that are too few
    for the chance, and StoppedError when it was stopped.
    """
    began = time.perf_counter()
    if replications == "auto":  # type: ignore[comparison-overlap]  # whoever types no types
        raise ArgumentError("replications", NO_AUTO)
    goal = goal_of(scenario, metric, wanted, by, confidence, start)
    sizes_of(goal, replications)
    read = read_levers(scenario, levers)
    check_prices(read, prices or {})
    lean = ((goal.metric, ""), ("rep_cost", "")) if goal.metric == "profit" else ((goal.metric, ""),)
    work = Work(executor, workers, on_progress, stop, engine)
    trials = Trials(scenario, seed, start, goal.by if goal.by < last_day(scenario) else None, work, lean)
    trials.meter.expect(9 * replications + 11 * TELLING)
    today = trials.samples({}, replications)
    moves = _moves(trials, goal, read, today, prices or {})
    found = search(trials, goal, moves, replications)
    answer = _Answer(trials, goal, moves, found, today, replications)
    told = answer.told()
    header = header_of(scenario, trials.prepared.calibration, work, seed=seed, start=start, replications=replications,
                       began=began, warnings=answer.warnings())  # fmt: skip
    return TargetResult(**vars(header), **told)


def _moves(
    trials: Trials, goal: TargetGoal, levers: Sequence[Lever], today: Samples, prices: Mapping[str, float]
) -> list[Move]:
    """The levers with their levels and prices; ScenarioError for a volume beyond what can be simulated many times."""
    day_one = trials.scenario.period.start
    first = trials.start if isinstance(trials.start, date) else day_one
    now = Now(trials.scenario, trials.plan({}), today, (first - day_one).days, (goal.by - day_one).days)
    moves = [price_of(each, _grid(trials, goal, each), now, prices) for each in levers]
    problems = []
    for move in moves:
        if move.channels and (rule := too_many_leads(trials.plan(changes_at([move], [move.grid.end])))):
            file, remedy = f"--lever {move.path}", "write a lower MAX"
            problems.append(Problem((), MISSING, f"goes up to {rule}", remedy, file=file))
    if problems:
        raise ScenarioError(problems)
    return moves


def _grid(trials: Trials, goal: TargetGoal, lever: Lever) -> LeverGrid:
    """The levels of a lever from today on, in the way in which the metric's mean comes highest: at an end or before."""
    up = upward(lever)
    if up is not None:
        return up
    ways = either_way(lever)
    if len(ways) == 1:
        return ways[0]

    def highest(grid: LeverGrid) -> float:
        steps = {round(at * (len(grid) - 1) / (PROBES - 1)) for at in range(1, PROBES)}
        tried = [{lever.path: lever.value(grid.at(step))} for step in sorted(steps)]
        return max((float(trials.values(each, goal.key, FIRST).mean()) for each in tried if trials.fits(each)),
                   default=-inf)  # fmt: skip

    return max(ways, key=highest)


@dataclass(frozen=True)
class _Answer:
    """What there is to say of the levels that a search found."""

    trials: Trials
    goal: TargetGoal
    moves: Sequence[Move]
    found: Found
    today: Samples
    replications: int

    def warnings(self) -> list[str]:
        scenario = self.trials.scenario
        added = pools_of_heads(target for move in self.moves for target in move.lever.targets)
        told = [*ramp_notes(scenario, added), *self.found.warnings, *self.trials.prepared.warnings]
        return [*told, *([EMPTY] if scenario.starts_empty else []), *at_middles(ranges_of(scenario, ()))]

    def told(self) -> dict[str, Any]:
        """Return the fields of the result that are its own."""
        trials, goal, moves, found = self.trials, self.goal, self.moves, self.found
        changes, error = changes_at(moves, found.levels), trials.prepared.error
        fresh = trials.samples(changes, self.replications, replace(trials.now, fresh=True))
        reached = found.verdict in REACHED
        levers = tuple(_lever(move, level) for move, level in zip(moves, found.levels, strict=True))
        calculator = Calculator(trials.scenario, trials.plan({}), self.today, goal)
        raised = [name for move in moves for name in move.channels] or list(calculator.channels)
        searched = trials.values(changes, goal.key, self.replications)
        return {
            "fresh_seed": trials.fresh_seed,
            "goal": goal,
            "verdict": found.verdict,
            "estimate_at": found.estimate,
            "too_little": found.too_little,
            "reversals": found.reversals,
            "looked_at": found.looked_at,
            "levers": levers,
            "changes": changes,
            "cost": sum(each.cost for each in levers if each.cost == each.cost),
            "today": chance_of(trials, goal, self.today.values(goal.key)),
            "searched": chance_of(trials, goal, searched),
            "fresh": chance_of(trials, goal, fresh.values(goal.key)),
            "estimates": (*estimates(TODAY, self.today, (), error), *estimates(PLAN, fresh, (), error)),
            "calculator": calculator.backwards(raised, fixed_costs(self.today, goal)),
            "why": why(trials, goal, calculator, moves, found.levels, changes, TELLING) if reached else None,
            "alone": tuple(map(self.alone, range(len(moves)))) if reached and len(moves) > 1 and changes else (),
            "limits": () if reached else self.limits(changes),
            "hints": self.hints(changes) if reached and changes else (),
            "last_dates": last_dates(trials, changes, goal.by),
            "simulated": trials.meter.done,
        }

    def limits(self, changes: Mapping[str, Any]) -> tuple[Limit, ...]:
        """Each limit of the ceiling relaxed alone; if none is enough, several until they are."""
        ways = list(relaxations(self.trials, self.moves, self.found.levels))
        single = self.relaxed(changes, ways, RELAXED, self.replications)
        more: list[Limit] = []
        for kinds in SEVERAL if not any(each.reaches == "yes" for each in single) else ():
            both = together(ways, kinds)
            more += self.relaxed(changes, [both], RELAXED, self.replications) if both is not None else ()
            if more and more[-1].reaches == "yes":
                break
        return (*single, *more)

    def hints(self, changes: Mapping[str, Any]) -> tuple[Limit, ...]:
        """Find what is no lever of the plan, and would detectably help it."""
        own = {name for move in self.moves for name in move.pools}
        raised = any(move.channels for move in self.moves)
        ways = [
            way
            for way in relaxations(self.trials, self.moves, self.found.levels)
            if way.kind in ("pool", "handoff", "patience", "bar") or (way.kind == "leads" and not raised)
        ]
        ways = [way for way in ways if not (way.kind == "pool" and way.name in own)]
        return tuple(each for each in self.relaxed(changes, ways, RELAXED) if each.detected and each.gain > 0)

    def relaxed(self, changes: Mapping[str, Any], ways: Sequence[Relaxed], n: int, most: int = 0) -> tuple[Limit, ...]:
        return limits(self.trials, self.goal, changes, ways, n, most)

    def alone(self, at: int) -> Alone:
        """Try one lever by itself: where it does, or its ceiling and which team or supply of leads binds there."""
        found = alone(self.trials, self.goal, self.moves, at)
        changes = changes_at(self.moves, found.levels)
        ceiling = level_of(self.trials, self.goal, self.trials.values(changes, self.goal.key, GLANCE))
        binding = None
        if found.verdict not in REACHED:
            ways = relaxations(self.trials, self.moves, found.levels)
            told = self.relaxed(changes, [way for way in ways if way.kind in ("pool", "leads")], GLANCE)
            binding = next((each for each in told if each.detected and each.gain > 0), None)
        lever = _lever(self.moves[at], found.levels[at])
        return Alone(lever, found.verdict, ceiling.mean, ceiling.half_width, binding)


def _lever(move: Move, level: float) -> LeverFound:
    lever = move.lever
    return LeverFound(
        path=lever.path,
        kind=lever.kind,
        unit=lever.unit,
        today=lever.today,
        level=level,
        value=lever.value(level),
        words=lever.words(level),
        times=move.times(level),
        first=move.grid.start,
        last=move.grid.end,
        cost=move.cost(level) if move.priced else float("nan"),
        pools=move.pools,
        channels=move.channels,
    )
