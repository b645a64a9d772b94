"""Simulate one plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from simfunnel.engine import AUTO
from simfunnel.ledger import Ledger
from simfunnel.ledger.export import Run
from simfunnel.metrics import EVERYTHING, Wanted
from simfunnel.scenario import Scenario, ranges_of
from simfunnel.study.estimates import WHOLE, Amount, Estimate, estimates
from simfunnel.study.header import header_of, warnings_of
from simfunnel.study.overview import Today, leak_values, least_known, marginal
from simfunnel.study.run.odd import too_busy
from simfunnel.study.run.result import RunResult, allotments
from simfunnel.study.run.typed_rates import TypedRate, typed_rates
from simfunnel.study.sensitivity.draws import RangedPlan, simulate_draws
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Prepared, Start, calendar_months, month_labels, prepare
from simfunnel.study.years.table import Replicated, replicate
from simfunnel.study.years.work import Progress, Replications, Work

USUAL = 50  # replications of a run when no number is asked for
TOLD: Wanted = (
    ("open_leads", "pool+month"), ("leads", "channel"), ("mql_rate", "channel"), ("win_rate", "channel"),
    ("decisions", "stage"), ("conversion", "stage"),
)  # fmt: skip
"""Beside the busy share of pools and what is not split: what the warnings and typed rates of a result rest on."""


@validated
def run(
    scenario: Scenario,
    *,
    what_ifs: Sequence[str] = (),
    replications: Replications | None = None,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
    draw: bool = True,
    one_more: bool = False,
    leaks: bool = False,
    know: bool = False,
    on_ledger: Callable[[Run], None] | None = None,
    measured: Wanted = EVERYTHING,
) -> RunResult:
    """Simulate the scenario, with `what_ifs` applied in order, and say what came out.

    `replications`: a number (50 when not given), or "auto" to go on until the half-width of mean revenue is below
    `precision` of it (30 to 400). Numbers typed as ranges are drawn anew every few years (`draw` False: taken at their
    middles), and `not_knowing` tells luck from not knowing them; 500 replications are usual then. The result depends
    on the scenario, `what_ifs`, `start`, `replications` and `seed` only. `executor`: any `concurrent.futures.Executor`
    with `workers` workers, None for this process. `stop()` is asked between replications (draws); what is finished is
    kept. `engine`: "simpy" or "compiled", which give the same numbers; "auto" is the faster one.
    `one_more`: also simulate what one more rep in each team, 100 more leads a year and a hand-off one hour faster would
    bring to today, in at most 100 of the years; `leaks`: what repairing each leak that takes leads would bring, in at
    most 20; `know`: which of the inputs that are assumed or typed as ranges moves revenue most, in at most 16.
    `on_ledger` is called with the ledger of every replication that counts, in order; ranges are then taken at their
    middles. `measured`: metrics and splits, all by default; fewer numbers take less memory.

    Raises ScenarioError, ValueError for an engine that there is not, and StoppedError when nothing was finished.
    """
    began, work = time.perf_counter(), Work(executor, workers, on_progress, stop, engine)
    prepared = prepare(scenario, [what_ifs], start, work)
    ranges = ranges_of(scenario, what_ifs) if draw and on_ledger is None else ()
    ranged = RangedPlan(scenario, ranges, seed, replications, precision, tuple(what_ifs), start, measured)
    inputs = simulate_draws(ranged, prepared, work) if ranges else None
    done = inputs.done if inputs else _replicated(ranged, prepared, work, on_ledger)
    (name,), (plan,) = prepared.names, prepared.plans
    found = tuple(estimates(name, done.samples[0], month_labels(plan), prepared.error, calendar_months(plan)))
    drawn = inputs.typed if inputs else None
    typed = () if what_ifs else typed_rates(scenario, prepared.calibration, found, drawn, done.replications)
    wanted = {"one_more": one_more, "leaks": leaks, "known": know} if not (what_ifs or done.cancelled) else {}
    today = Today(scenario, done.replications, seed, start, work, None if inputs else done.samples[0])
    return RunResult(
        **beside(today, prepared, found, wanted),
        not_knowing=inputs.not_knowing() if inputs else None,
        **facts(scenario, prepared, done, seed, start, work, began, typed),
        auto=replications == "auto",
        estimates=found,
    )


def _replicated(
    asked: RangedPlan, prepared: Prepared, work: Work, on_ledger: Callable[[Run], None] | None
) -> Replicated:
    """The years of a single plan, whose mean revenue is known no better than its calibration."""
    (name,), (plan,) = prepared.names, prepared.plans

    def named(number: int, ledger: Ledger) -> None:
        if on_ledger is not None:
            on_ledger(Run(name, number, plan, ledger))

    told = None if on_ledger is None else named
    years, error = asked.replications or USUAL, prepared.error.half_width
    return replicate(prepared.plans, asked.seed, years, asked.precision, work, told, error, asked.wanted)


def beside(today: Today, prepared: Prepared, found: Sequence[Estimate], wanted: Mapping[str, bool]) -> dict[str, Any]:
    """Simulate what is `wanted` beside today: the fields of a result, in the order in which they are asked for."""
    counts = {each.metric: Amount(each.mean, each.half_width) for each in found if each.part == WHOLE}
    return {
        "one_more": marginal(today) if wanted.get("one_more") else (),
        "leaks": leak_values(today, prepared.calibration, counts) if wanted.get("leaks") else (),
        "known": least_known(today, prepared) if wanted.get("known") else None,
    }


def facts(
    scenario: Scenario,
    prepared: Prepared,
    done: Replicated,
    seed: int,
    start: Start,
    work: Work,
    began: float,
    typed: tuple[TypedRate, ...] = (),
    also: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the fields that a run and a comparison share; `also`: warnings beside those of both.

    `typed`: typed numbers beside what the base shows.
    """
    samples = dict(zip(prepared.names, done.samples, strict=True))
    limited = [name for name, pool in scenario.pools.items() if pool.reps != "unlimited"]
    busy = too_busy(prepared.names, samples, limited)
    warnings = (*warnings_of(scenario, prepared, done.cancelled, typed), *busy, *also)
    header = header_of(scenario, prepared.calibration, work, seed=seed, start=start, replications=done.replications,
                       began=began, warnings=warnings, cancelled=done.cancelled)  # fmt: skip
    return {
        **vars(header),
        "precision": done.precision,
        "typed": typed,
        "plans": prepared.names,
        "teams": tuple(each for name, plan in prepared.by_name.items() for each in allotments(name, plan)),
        "samples": samples,
    }
