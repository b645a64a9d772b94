"""Which inputs matter: each at its own low and high end, with the same leads and the same luck as today."""

from __future__ import annotations

import difflib
import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import Any

from simfunnel.engine import AUTO
from simfunnel.errors import Problem, ScenarioError, SimfunnelError, StoppedError
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.metrics.table import CONCEPTS
from simfunnel.scenario import HIGH, LOW, Input, Scenario, chosen, inputs_of, phases_of, ranges_of
from simfunnel.stats import DETECTED_AT, StopRule, can_screen, holm_adjust, interaction, paired_difference
from simfunnel.study.estimates import estimates
from simfunnel.study.header import header_of, warnings_of
from simfunnel.study.sensitivity.draws import RangedPlan, simulate_draws
from simfunnel.study.sensitivity.input_effects import (
    BothEnds,
    InputEffect,
    Neighbourhood,
    around,
    both_ends,
    input_effects,
    plans_near,
    values_of,
)
from simfunnel.study.sensitivity.result import Screened, SensitivityResult, Together
from simfunnel.study.sensitivity.screen_inputs import screened
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Prepared, Start, prepare
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Progress, Replications, Work, checks_of

MANY = 15  # inputs, beyond which they are screened first
NOT_SCREENED = "those that matter are found first where SALib is installed (pip install SALib)"
USUAL = 50  # replications when no number is asked for
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
    began, work = time.perf_counter(), Work(executor, workers, on_progress, stop, engine)
    names = checked_metrics(metrics)
    phases_of(scenario, what_ifs, start)  # refuses what-ifs that there are not
    prepared = prepare(scenario, [what_ifs], start, work)
    moved = moved_inputs(scenario, names, inputs, what_ifs, prepared.calibration.agreement)
    here = around(scenario, what_ifs, start, prepared, work)
    many = screening and can_screen() and len(moved) > MANY
    told, ways = screened(here, moved, names, MANY, seed, work) if many else ([], 0)
    keep = {each.path for each in (told or moved) if not isinstance(each, Screened) or each.kept}
    kept = [each for each in moved if each.path in keep]
    ends = both_ends(here, prepared, kept, names, seed, work, among=len(moved))
    rule = StopRule(relative=precision)
    ends.years.extend_until(checks_of(replications or USUAL, rule), partial(ends.years.precise, Key(names[0]), rule))
    found = _found(ends, here, prepared, names, precision, work)
    warnings, count = warnings_of(scenario, prepared, work.stopped), len({bar.path for bar in found["bars"]})
    if screening and count > MANY:
        warnings = (*warnings, f"each of {count} inputs has its bar: {NOT_SCREENED}")
    header = header_of(scenario, prepared.calibration, work, seed=seed, start=start, replications=ends.years.common,
                       began=began, warnings=warnings, cancelled=work.stopped)  # fmt: skip
    return SensitivityResult(**vars(header), **found, plan=prepared.names[0], screened=tuple(told), trajectories=ways)


def _found(
    ends: BothEnds, here: Neighbourhood, prepared: Prepared, names: Sequence[str], precision: float, work: Work
) -> dict[str, Any]:
    """Return the result's fields that come of the years that are simulated; of fewer when the work is stopped."""
    plan, seed, years = prepared.names[0], ends.years.seed, ends.years
    bars = [bar for name in names for bar in input_effects(ends, name)]
    pairs = () if work.stopped else _pairs(ends, here, bars, names[0], work)
    ranges, spread = ranges_of(here.scenario, here.what_ifs), None
    if ranges and not work.stopped:
        ranged = RangedPlan(here.scenario, ranges, seed, SPREAD_YEARS, precision, here.what_ifs, here.start, WHOLE)
        with suppress(StoppedError):
            spread = simulate_draws(ranged, prepared, work).not_knowing()
    base = estimates(plan, years.samples()[plan], (), prepared.error)
    return {
        "today": tuple(next(each for each in base if each.metric == name) for name in names),
        "bars": tuple(bars),
        "together": tuple(pairs),
        "not_moved": ends.refused,
        "not_knowing": spread,
    }


def moved_inputs(
    scenario: Scenario, metrics: Sequence[str], named: Sequence[str], what_ifs: Sequence[str], agreement: float
) -> tuple[Input, ...]:
    """Return the inputs that are moved: those named, else all that can move one of the metrics."""
    costs = bool(named) or any(CONCEPTS[name] == "money" for name in metrics)
    every = inputs_of(scenario, what_ifs, costs=costs, agreement=agreement)
    found = chosen(every, named) if named else every
    if not found:
        raise SimfunnelError("there is no number in this scenario that could be moved; type a range for one")
    return found


def checked_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics, each once; ScenarioError for an unknown one, or one without a value for the whole plan."""
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


def _pairs(ends: BothEnds, here: Neighbourhood, bars: Sequence[InputEffect], metric: str, work: Work) -> list[Together]:
    """Try the inputs with the longest bars two by two, each at the end where it does more."""
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
    years = Years(at_both, ends.years.seed, ((metric, ""),), work)
    if not years.extend(ends.years.common):
        return []
    alone, at_once = ends.values(metric), values_of(years.samples(), metric)
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
