"""Which inputs matter: each at its own low and high end, with the same leads and the same luck as today."""

from __future__ import annotations

import difflib
import itertools
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date

from simfunnel.engine import AUTO
from simfunnel.errors import Problem, ScenarioError, SimfunnelError, StoppedError
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.metrics.table import CONCEPTS
from simfunnel.scenario import HIGH, LOW, Input, Scenario, chosen, inputs_of, phases_of, ranges_of
from simfunnel.stats import (
    DETECTED_AT,
    StopRule,
    can_screen,
    holm_adjust,
    interaction,
    paired_difference,
    precision_of,
    replication_checks,
)
from simfunnel.study.calibrate.error import CalibrationError
from simfunnel.study.estimates import estimates
from simfunnel.study.run.result import Estimate
from simfunnel.study.run.study import warnings_of
from simfunnel.study.sensitivity.both_ends import Ends, bars_of, ends_of, levels_of, values_of
from simfunnel.study.sensitivity.draws import Asked, simulate_draws
from simfunnel.study.sensitivity.input_effects import InputBar
from simfunnel.study.sensitivity.neighbours import Neighbourhood, around, plans_near
from simfunnel.study.sensitivity.result import Screened, SensitivityResult, Together
from simfunnel.study.sensitivity.screen_inputs import screened
from simfunnel.study.sensitivity.spread import NotKnowing, not_knowing
from simfunnel.study.validated import validated
from simfunnel.study.years.levels import Levels
from simfunnel.study.years.plans import Prepared, Start, prepare
from simfunnel.study.years.replicate import Progress, Replications, Work
from simfunnel.version import __version__

MANY = 15  # inputs, beyond which they are screened first
NOT_SCREENED = "those that matter are found first where SALib is installed (pip install SALib)"
USUAL = 50  # replications when nobody says how many
TOGETHER = 3  # inputs of which every pair is tried at once
SPREAD_YEARS = 200  # of draws that tell luck from not knowing
WHOLE: Wanted = tuple((name, "") for name, metric in TABLE.items() if metric.whole)  # of which that is told


@validated
def sensitivity(
    scenario: Scenario,
    metrics: Sequence[str] = ("revenue",),
    *,
    inputs: Sequence[str] = (),
    what_ifs: Sequence[str] = (),
    screening: bool = True,
    replications: Replications | None = None,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
) -> SensitivityResult:
    """Move each input of a scenario to its low and its high end, alone, and say what it does to `metrics`.

    A number typed as a range moves between its ends; every other through a default band. The base is solved anew at
    each end, so that typed rates hold there. `inputs`: only those that these paths name (the start of a path, or one
    with * in it, names several). `what_ifs`: of this plan instead of today's. Beyond 15 inputs those that matter are
    first screened out by elementary effects over all ranges; with `screening` False, or without SALib, every one gets
    its bar. Where ranges are typed, the result also tells luck from not knowing.
    `replications`: a number (50 when not given), or "auto" to go on until every half-width is below `precision` of
    today's first metric (30 to 400). The other arguments are as in `run`; after a stop the years that are finished
    count.

    Raises ScenarioError (also for a metric that there is not, and a path among `inputs` that names none), ValueError
    for an engine that there is not, SimfunnelError without any input, StoppedError when nothing was finished.
    """
    began = time.perf_counter()
    work = Work(executor, workers, on_progress, stop, engine)
    names, many = checked_metrics(metrics), MANY if screening and can_screen() else math.inf
    asked = _Question(scenario, names, tuple(inputs), tuple(what_ifs), many, replications, seed, precision, start)
    phases_of(scenario, what_ifs, start)  # refuses what-ifs that there are not
    found = _answered(asked, work)
    with_bars = len({bar.path for bar in found.bars})
    if screening and with_bars > MANY:
        found = replace(found, warnings=(*found.warnings, f"each of {with_bars} inputs has its bar: {NOT_SCREENED}"))
    return replace(found, seconds=time.perf_counter() - began)


@dataclass(frozen=True)
class _Question:
    """What is asked of which plan; inputs are screened first when there are more than `many`."""

    scenario: Scenario
    metrics: tuple[str, ...]
    inputs: tuple[str, ...]
    what_ifs: tuple[str, ...]
    many: float
    replications: Replications | None
    seed: int
    precision: float
    start: Start

    def moved(self, agreement: float) -> tuple[Input, ...]:
        """The inputs that are moved: those named, else all that can move one of the metrics."""
        costs = bool(self.inputs) or any(CONCEPTS[name] == "money" for name in self.metrics)
        every = inputs_of(self.scenario, self.what_ifs, costs=costs, agreement=agreement)
        found = chosen(every, self.inputs) if self.inputs else every
        if not found:
            raise SimfunnelError("there is no number in this scenario that could be moved; type a range for one")
        return found


def _answered(asked: _Question, work: Work) -> SensitivityResult:
    scenario, names, start, seed = asked.scenario, asked.metrics, asked.start, asked.seed
    prepared = prepare(scenario, [asked.what_ifs], start, work)
    inputs = asked.moved(prepared.calibration.agreement)
    here = around(scenario, asked.what_ifs, start, prepared, work)
    many = len(inputs) > asked.many
    told, ways = screened(here, inputs, names, MANY, seed, work) if many else ([], 0)
    keep = {each.path for each in (told if many else inputs) if not isinstance(each, Screened) or each.kept}
    kept = [each for each in inputs if each.path in keep]
    ends = ends_of(here, prepared, kept, names, seed, work, among=len(inputs))
    _replicate(ends.levels, Key(names[0]), asked.replications, asked.precision, work)
    bars = [bar for name in names for bar in bars_of(ends, name)]
    pairs = [] if work.stopped else _pairs(ends, here, bars, names[0], work)
    spread = None if work.stopped else _spread(here, prepared, Asked(seed, SPREAD_YEARS, asked.precision), work)
    return SensitivityResult(
        version=__version__,
        scenario=scenario,
        plan=prepared.names[0],
        start=start.isoformat() if isinstance(start, date) else start,
        seed=seed,
        replications=ends.levels.common,
        engine=work.engine,
        seconds=0.0,
        warnings=warnings_of(scenario, prepared, work.stopped),
        today=tuple(_today(ends, name, prepared.error) for name in names),
        bars=tuple(bars),
        screened=tuple(told),
        trajectories=ways,
        together=tuple(pairs),
        not_moved=ends.refused,
        not_knowing=spread,
        cancelled=work.stopped,
    )


def checked_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """The metrics, each once; ScenarioError for one that there is not, or that has no value for the whole plan."""
    known = [name for name, metric in TABLE.items() if metric.whole]
    problems = []
    for name in metrics:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            remedy = f"did you mean {near[0]}?" if near else "the reference of metrics names them all"
            problems.append(
                Problem((), name, "is not a metric with one value for a whole plan", remedy, file="--metric")
            )
    if problems:
        raise ScenarioError(problems)
    return tuple(dict.fromkeys(metrics)) or ("revenue",)


def _replicate(levels: Levels, key: Key, replications: Replications | None, precision: float, work: Work) -> None:
    """As many years of every level as asked for; raises StoppedError when not one is finished."""
    rule = StopRule(relative=precision)
    for upto in replication_checks(rule) if replications == "auto" else (replications or USUAL,):
        levels.extend(upto)
        table = levels.values(key)
        if work.stopped or precision_of(table[:, 0], table[:, 1:], rule).stop:
            break
    if not levels.common:
        raise StoppedError("stopped before the first simulated year was finished")


def _pairs(ends: Ends, here: Neighbourhood, bars: Sequence[InputBar], metric: str, work: Work) -> list[Together]:
    """The inputs with the longest bars two by two, each at the end where it does more."""
    longest = [bar for bar in bars if bar.metric == metric and bar.detected][:TOGETHER]
    by_path = {each.path: place for place, each in enumerate(ends.inputs)}
    corners = [(by_path[bar.path], HIGH if bar.stronger is bar.high else LOW, bar) for bar in longest]
    pairs = list(itertools.combinations(corners, 2))
    both = [ends.inputs[a].values(u) | ends.inputs[b].values(v) for (a, u, _), (b, v, _) in pairs]
    plans = plans_near(here, both, work)
    known = [(pair, plan) for pair, plan in zip(pairs, plans, strict=False) if not isinstance(plan, str)]
    if not known:
        return []
    at_both = {str(at): plan for at, (_, plan) in enumerate(known)}
    levels = levels_of(ends.levels.prepared, at_both, [metric], ends.levels.seed, work)
    if not levels.extend(ends.levels.common):
        return []
    alone, at_once = ends.values(metric), values_of(levels.samples(), metric)
    columns = [[1 + 2 * at + (u == HIGH) for at, u, _ in pair] for pair, _ in known]
    one, other = (alone[:, [column[side] for column in columns]] for side in (0, 1))
    found = interaction(alone[:, [0] * len(known)], one, other, at_once)
    adjusted = holm_adjust(paired_difference(one + other, alone[:, :1] + at_once).p_value)
    return [
        Together(
            metric,
            TABLE[metric].unit,
            (first.path, second.path),
            (first.stronger.words, second.stronger.words),
            float(found.mean[at]),
            float(found.half_width[at]),
            bool(adjusted[at] < DETECTED_AT),
        )
        for at, (((_, _, first), (_, _, second)), _) in enumerate(known)
    ]


def _spread(here: Neighbourhood, prepared: Prepared, asked: Asked, work: Work) -> NotKnowing | None:
    """Luck against not knowing the inputs, where ranges are typed; None after a stop."""
    ranges = ranges_of(here.scenario, here.what_ifs)
    if not ranges:
        return None
    asked = replace(asked, what_ifs=here.what_ifs, start=here.start)
    try:
        inputs = simulate_draws(here.scenario, prepared, ranges, asked, work, WHOLE)
    except StoppedError:
        return None
    return not_knowing(ranges, inputs.done.samples[0], inputs.years, inputs.redrawn)


def _today(ends: Ends, metric: str, error: CalibrationError) -> Estimate:
    name = ends.levels.names[0]
    found = estimates(name, ends.levels.samples()[name], (), error)
    return next(each for each in found if each.metric == metric)
