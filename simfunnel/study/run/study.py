"""Simulate one plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import date
from typing import Any, NamedTuple

from simfunnel.engine import AUTO
from simfunnel.errors import notices
from simfunnel.ledger.export import Run
from simfunnel.metrics import EVERYTHING, Wanted
from simfunnel.plan import Calibration
from simfunnel.scenario import Scenario, check, ranges_of
from simfunnel.study.estimates import estimates
from simfunnel.study.overview.leak_values import leaks_from
from simfunnel.study.overview.least_known import least_known
from simfunnel.study.overview.marginal import steps_from
from simfunnel.study.run.odd import too_busy
from simfunnel.study.run.result import WHOLE, Amount, Estimate, LeakValue, OneMore, RunResult, TypedRate, allotments
from simfunnel.study.run.typed_rates import told, typed_rates
from simfunnel.study.sensitivity.draws import Asked, Inputs, simulate_draws
from simfunnel.study.sensitivity.input_effects import Known
from simfunnel.study.sensitivity.spread import not_knowing
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Prepared, Start, calendar_months, month_labels, prepare
from simfunnel.study.years.replicate import OnLedger, Progress, Replicated, Replications, Work, replicate
from simfunnel.study.years.samples import Samples
from simfunnel.version import __version__

USUAL = 50  # replications of a run when nobody says how many
RUN_IN = ("period", "run_in")
TOLD: Wanted = (
    ("open_leads", "pool+month"),
    ("leads", "channel"),
    ("mql_rate", "channel"),
    ("win_rate", "channel"),
    ("decisions", "stage"),
    ("conversion", "stage"),
)
"""Beside the busy share of pools and what is not split: what the warnings and typed rates of a result rest on."""

EMPTY = "the pipeline began empty: early months lack deals under way (type period.run_in or opening_pipeline)"


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
    asked = Asked(seed, replications, precision, tuple(what_ifs), start)
    inputs = simulate_draws(scenario, prepared, ranges, asked, work, measured) if ranges else None
    done = inputs.done if inputs else _replicated(prepared, asked, work, on_ledger, measured)
    found = _estimated(prepared, done.samples[0])
    typed = () if what_ifs else _typed(scenario, prepared, found, inputs, len(done.items))
    alone = not what_ifs and not done.cancelled
    beside = _Beside(scenario, len(done.items), seed, start, work, None if inputs else done.samples[0])
    return RunResult(
        **facts(scenario, prepared, done, seed, start, work.engine, typed),
        auto=replications == "auto",
        estimates=found,
        one_more=beside.steps() if one_more and alone else (),
        leaks=beside.leaks(prepared.calibration, found) if leaks and alone else (),
        known=beside.known(prepared) if know and alone else None,
        not_knowing=not_knowing(ranges, done.samples[0], inputs.years, inputs.redrawn) if inputs else None,
        seconds=time.perf_counter() - began,
    )


def _typed(
    scenario: Scenario, prepared: Prepared, found: Sequence[Estimate], inputs: Inputs | None, years: int
) -> tuple[TypedRate, ...]:
    """Typed rates beside those of so many years, or of the means over draws."""
    return typed_rates(scenario, prepared.calibration, found, inputs.typed if inputs else None, years)


def _estimated(prepared: Prepared, samples: Samples) -> tuple[Estimate, ...]:
    """Estimates of a single plan, which carry what its calibration leaves."""
    name, plan = prepared.names[0], prepared.plans[0]
    return tuple(estimates(name, samples, month_labels(plan), prepared.error, calendar_months(plan)))


def _replicated(
    prepared: Prepared, asked: Asked, work: Work, on_ledger: Callable[[Run], None] | None, measured: Wanted
) -> Replicated:
    """The years of a single plan, whose mean revenue is known no better than its calibration."""
    told = None if on_ledger is None else _named(on_ledger, prepared)
    years, beside = asked.replications or USUAL, prepared.error.half_width
    return replicate(prepared.plans, asked.seed, years, asked.precision, work, told, beside, measured)


def _named(on_ledger: Callable[[Run], None], prepared: Prepared) -> OnLedger:
    """The callback with the plan, and its name, that a ledger belongs to."""
    (name,), (plan,) = prepared.names, prepared.plans
    return lambda number, ledger: on_ledger(Run(name, number, plan, ledger))


class _Beside(NamedTuple):
    """What is simulated beside today, in the same years with the same luck; `today`: its samples where they serve."""

    scenario: Scenario
    years: int
    seed: int
    start: Start
    work: Work
    today: Samples | None

    def steps(self) -> tuple[OneMore, ...]:
        """One more of each thing."""
        return steps_from(self.scenario, self.years, self.seed, self.start, self.work, self.today)

    def leaks(self, calibration: Calibration, found: Sequence[Estimate]) -> tuple[LeakValue, ...]:
        """Each leak repaired; `found`: the estimates of today, for the counts of leads."""
        counts = {each.metric: Amount(each.mean, each.half_width) for each in found if each.part == WHOLE}
        return leaks_from(self.scenario, calibration, counts, self.years, self.seed, self.start, self.work, self.today)

    def known(self, prepared: Prepared) -> Known | None:
        """Which of the inputs that are not known exactly does most."""
        return least_known(self.scenario, prepared, self.years, self.seed, self.start, self.work)


def facts(
    scenario: Scenario,
    prepared: Prepared,
    done: Replicated,
    seed: int,
    start: Start,
    engine: str,
    typed: tuple[TypedRate, ...] = (),
) -> dict[str, Any]:
    """The fields that the results of all studies share; `typed`: typed numbers beside what the base shows."""
    return {
        "version": __version__,
        "scenario": scenario,
        "calibration": prepared.calibration,
        "seed": seed,
        "replications": len(done.items),
        "engine": engine,
        "start": start.isoformat() if isinstance(start, date) else start,
        "precision": done.precision,
        "warnings": (*warnings_of(scenario, prepared, done.cancelled, typed), *_busy(scenario, prepared, done)),
        "typed": typed,
        "plans": prepared.names,
        "teams": tuple(
            each for name, plan in zip(prepared.names, prepared.plans, strict=True) for each in allotments(name, plan)
        ),
        "samples": dict(zip(prepared.names, done.samples, strict=True)),
        "cancelled": done.cancelled,
    }


def _busy(scenario: Scenario, prepared: Prepared, done: Replicated) -> list[str]:
    limited = [name for name, pool in scenario.pools.items() if pool.reps != "unlimited"]
    return too_busy(prepared.names, dict(zip(prepared.names, done.samples, strict=True)), limited)


def warnings_of(
    scenario: Scenario, prepared: Prepared, cancelled: bool, typed: Sequence[TypedRate] = ()
) -> tuple[str, ...]:
    """What a reader of the numbers must know, typed numbers that cannot all hold first.

    `cancelled`: the study was stopped before its end; `typed`: typed numbers beside what the base shows.
    """
    seen = notices(told(scenario, prepared.calibration, typed)) if typed else []
    found = [*dict.fromkeys([*seen, *prepared.warnings])]
    if scenario.starts_empty and not any(problem.path[:2] == RUN_IN for problem in check(scenario)):
        found.append(EMPTY)
    if cancelled:
        found.append("stopped early: only what was finished is shown")
    return tuple(found)
