"""Compare several plans with the base: the same leads with the same luck in each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import CHANGES, EVERYTHING, Key, PairChanges, Wanted
from simfunnel.scenario import Scenario, ranges_of
from simfunnel.stats import smallest_detectable
from simfunnel.study.estimates import WHOLE, Difference, differences, estimates
from simfunnel.study.header import at_middles
from simfunnel.study.run.result import CompareResult, LeadsView
from simfunnel.study.run.study import facts
from simfunnel.study.run.typed_rates import typed_rates
from simfunnel.study.transition import Transition, transition
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start, calendar_months, month_labels, prepare
from simfunnel.study.years.replicate import replicate
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.work import Progress, Replications, Work

TRANSITIONS = ("revenue", "profit")


@validated
def compare(
    scenario: Scenario,
    what_ifs: Sequence[str],
    *,
    replications: Replications = 50,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
    measured: Wanted = EVERYTHING,
) -> CompareResult:
    """Compare each of `what_ifs` with the scenario as it is, replication by replication and lead by lead.

    `start`: what-ifs begin at the period's start ("period"), on a date, or at the run-in's start ("settled").
    `replications`: a number, or "auto" to go on until the half-width of every plan's revenue difference is below
    `precision` of the base's revenue (30 to 400). `measured`: metrics and splits, all by default; fewer numbers take
    less memory. The other arguments and what is raised are as in `run`.
    """
    if not what_ifs:
        known = ", ".join(scenario.what_ifs) or "no what-ifs; add some under what_ifs"
        raise ArgumentError("what_ifs", f"name at least one what-if: {scenario.file or 'the scenario'} has {known}")
    began, work = time.perf_counter(), Work(executor, workers, on_progress, stop, engine)
    prepared = prepare(scenario, [[], *([name] for name in dict.fromkeys(what_ifs))], start, work)
    done = replicate(prepared.plans, seed, replications, precision, work, wanted=measured)
    months, by_calendar = month_labels(prepared.plans[0]), calendar_months(prepared.plans[0])
    samples, years = dict(zip(prepared.names, done.samples, strict=True)), done.replications
    with_errors = zip(samples.items(), prepared.errors, strict=True)
    found = [each for (name, own), error in with_errors for each in estimates(name, own, months, error, by_calendar)]
    differing = tuple(differences(samples, months))
    typed = typed_rates(scenario, prepared.calibration, found, replications=years)
    also, changes = at_middles(ranges_of(scenario, what_ifs)), zip(prepared.names[1:], done.changes, strict=True)
    return CompareResult(
        auto=replications == "auto",
        estimates=tuple(found),
        differences=differing,
        leads_view=tuple(leads_view(name, total, years) for name, total in changes),
        transition=tuple(transitions(samples, months)),
        smallest_detectable=visible_difference(differing, years),
        **facts(scenario, prepared, done, seed, start, work, began, typed, also),
    )


def transitions(samples: Mapping[str, Samples], months: Sequence[str]) -> list[Transition]:
    """Return the transition of revenue and of profit, where measured by month, under each plan."""
    base, *others = samples
    measured = [metric for metric in TRANSITIONS if Key(metric, month=0) in samples[base].keys]
    return [transition(name, metric, samples[base], samples[name], months) for name in others for metric in measured]


def visible_difference(found: Sequence[Difference], n: int) -> float:
    """Return the true difference of revenue that it would have shown with 80% chance, of its least certain plan."""
    widths = [each.half_width for each in found if each.metric == "revenue" and each.part == WHOLE]
    return float(smallest_detectable(max(widths, default=float("nan")), n))


def leads_view(plan: str, total: PairChanges, n: int) -> LeadsView:
    """Average the changes a replication of the same leads' outcomes, by first cause; `total`: over n replications."""
    lost, gained, other = (
        {cause: count / n for cause, count in total.by_cause(change).items() if count} for change in range(len(CHANGES))
    )
    return LeadsView(plan, total.same_leads / n, lost, gained, other, total.gone_wins / n, total.new_wins / n)
