"""Where a difference comes from: between two plans by what was changed, or from today to a target by what leaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import date
from typing import Any

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.scenario import Scenario, ranges_of
from simfunnel.stats import beyond_rounding, estimate, holm_adjust, verdict
from simfunnel.study.bridge.result import BridgePart, BridgeResult, BridgeTotal, ToTarget
from simfunnel.study.bridge.split import Done, Split, groups_of, spec_maker
from simfunnel.study.calibrate.error import share_above
from simfunnel.study.compare import at_middles
from simfunnel.study.estimates import amount
from simfunnel.study.overview.leak_values import leak_values, repairs
from simfunnel.study.overview.leaks import GROUPS, KINDS, Leak, leaks_of
from simfunnel.study.run.result import Amount, LeakValue
from simfunnel.study.run.study import warnings_of
from simfunnel.study.validated import validated
from simfunnel.study.years.levels import TODAY, Subset, Subsets
from simfunnel.study.years.plans import Prepared, Start, prepare
from simfunnel.study.years.replicate import Progress, Replications, Work
from simfunnel.version import __version__

PLAN_METRICS = ("revenue", "profit", "cost", "wins", "leads", "mqls", "sals", "opportunities", "win_rate")
LEAK_METRICS = ("revenue", "wins", *dict.fromkeys(kind.counted for kind in KINDS.values() if kind.counted))
REPAIRED = "all repaired"
REVENUE = Key("revenue")

Changes = Mapping[str, tuple[str, ...]]  # of each part, as typed


@validated
def bridge(
    scenario: Scenario,
    what_ifs: Sequence[str] = (),
    *,
    to: float | None = None,
    replications: Replications = 50,
    seed: int = 1,
    precision: float = 0.01,
    start: Start = "period",
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
    engine: str = AUTO,
) -> BridgeResult:
    """Split a difference into parts that add up: of `what_ifs` to today, else of today without its leaks to today.

    With `what_ifs`, applied in order, the parts are what each of them brings (of a single one: each what-if that it is
    made of, else each path that it sets), averaged over every order of making the changes (Shapley 1953). Without, the
    leaks of the scenario are repaired: each alone, which makes a ledger ranked by money, and all together, split over
    the parts of the funnel, with what is then still lacking to the target `to` (by default the scenario's).

    `start` says when changes and repairs begin. `replications`: a number, or "auto" to go on until the half-width of
    the difference of revenue is below `precision` of today's (30 to 400). The other arguments and what is raised are as
    in `compare`; ValueError also for `what_ifs` beside `to`.
    """
    if what_ifs and to is not None:
        raise ArgumentError("to", "a bridge leads to what-ifs or to a target, not to both")
    began = time.perf_counter()
    work = Work(executor, workers, on_progress, stop, engine)
    asked = _Asked(scenario, replications, seed, precision, start, work)
    found = asked.to_plan(list(dict.fromkeys(what_ifs))) if what_ifs else asked.to_target(to)
    return BridgeResult(**found, seconds=time.perf_counter() - began)


class _Asked:
    """One bridge, as it was asked for."""

    def __init__(
        self,
        scenario: Scenario,
        replications: Replications,
        seed: int,
        precision: float,
        start: Start,
        work: Work,
    ) -> None:
        self.scenario, self.replications, self.seed = scenario, replications, seed
        self.precision, self.start, self.work = precision, start, work

    def to_plan(self, what_ifs: Sequence[str]) -> dict[str, Any]:
        """From today to a plan, by its groups of changes."""
        groups = groups_of(self.scenario, what_ifs, self.start)
        plans = self._subsets(spec_maker(self.scenario, groups, self.start), PLAN_METRICS)
        split = Split(plans, [frozenset((at,)) for at in range(len(groups))], self.seed)
        prepared = plans.prepare([TODAY, split.all])
        done = split.simulate((), self.replications, self.precision)
        changes = {group.name: group.changes for group in groups}
        at_middle = at_middles(ranges_of(self.scenario, what_ifs))
        return self._facts(prepared, done, at_middle) | {
            "after": " + ".join(what_ifs),
            "exact": split.exact,
            "parts": tuple(_parts(split, changes, PLAN_METRICS, done.replications)),
            "totals": tuple(_totals(split, PLAN_METRICS, done.replications)),
            "leaks": (),
            "beyond": None,
            "to": None,
        }

    def to_target(self, revenue: float | None) -> dict[str, Any]:
        """From today to today without leaks, and on to a target if there is one."""
        base = prepare(self.scenario, [[]], self.start, self.work)
        leaks = leaks_of(self.scenario, base.calibration)
        groups = _by_group(leaks)
        plans = self._subsets(repairs(self.scenario, leaks, self.start), LEAK_METRICS, check_load=False)
        split = Split(plans, [members for members, _ in groups.values()], self.seed)
        alone = [frozenset((at,)) for at, leak in enumerate(leaks) if leak.exists]
        prepared = plans.prepare([TODAY, *alone])
        done = split.simulate(alone, self.replications, self.precision)
        changes = {name: changed for name, (_, changed) in groups.items()}
        target = self.scenario.target
        wanted = revenue if revenue is not None else None if target is None else target.revenue
        return self._facts(prepared, done, at_middles(self.scenario.ranges)) | {
            "after": REPAIRED,
            "exact": split.exact,
            "parts": tuple(_parts(split, changes, LEAK_METRICS[:2], done.replications)),
            "totals": tuple(_totals(split, LEAK_METRICS[:2], done.replications)),
            "leaks": _ledger(plans, leaks, done.replications),
            "beyond": _beyond(split, leaks, done.replications),
            "to": None if wanted is None else _to_target(split, wanted, done.replications),
        }

    def _subsets(self, spec_of: Any, metrics: Sequence[str], check_load: bool = True) -> Subsets:
        wanted: Wanted = tuple((name, "") for name in metrics)
        return Subsets(self.scenario, spec_of, self.seed, wanted, self.work, check_load)

    def _facts(self, prepared: Prepared, done: Done, also: Sequence[str]) -> dict[str, Any]:
        return {
            "version": __version__,
            "scenario": self.scenario,
            "calibration": prepared.calibration,
            "seed": self.seed,
            "replications": done.replications,
            "engine": self.work.engine,
            "start": self.start.isoformat() if isinstance(self.start, date) else self.start,
            "precision": done.precision,
            "auto": self.replications == "auto",
            "warnings": (*warnings_of(self.scenario, prepared, done.cancelled), *also),
            "cancelled": done.cancelled,
            "before": "today",
        }


def _by_group(leaks: Sequence[Leak]) -> dict[str, tuple[Subset, tuple[str, ...]]]:
    """The leaks that exist and what repairs them, by the part of the funnel; those told for each team left out."""
    found: dict[str, tuple[Subset, tuple[str, ...]]] = {}
    for group in GROUPS:
        chosen = [(at, leak) for at, leak in enumerate(leaks) if leak.exists and leak.group == group and not leak.of]
        if chosen:
            found[group] = frozenset(at for at, _ in chosen), tuple(leak.name for _, leak in chosen)
    return found


def _parts(split: Split, changes: Changes, metrics: Sequence[str], replications: int) -> Iterator[BridgePart]:
    for metric in metrics if split.members else ():
        found = split.attribution(Key(metric), replications)
        if found is None:
            continue
        known, adjusted = TABLE[metric], holm_adjust(found.p_value)
        for at, (name, changed) in enumerate(changes.items()):
            mean, width = float(found.part[at]), float(found.half_width[at])
            said = verdict(mean, float(adjusted[at]), known.better)
            yield BridgePart(name, changed, metric, known.unit, mean, width, said)


def _totals(split: Split, metrics: Sequence[str], replications: int) -> Iterator[BridgeTotal]:
    """Both ends of every metric that has parts; the difference is that of the parts' sum."""
    for metric in metrics:
        before, after = (_amount(split.plans, end, metric, replications) for end in (TODAY, split.all))
        found = split.attribution(Key(metric), replications) if split.members else None
        if found is not None or not split.members:
            difference = Amount(0.0, 0.0) if found is None else Amount(found.total, found.total_half_width)
            yield BridgeTotal(metric, TABLE[metric].unit, before, after, difference)


def _amount(plans: Subsets, subset: Subset, metric: str, replications: int) -> Amount:
    return amount(plans.samples(subset, replications), metric, plans.error(subset))


def _ledger(plans: Subsets, leaks: Sequence[Leak], replications: int) -> tuple[LeakValue, ...]:
    today = plans.samples(TODAY, replications)
    counts = {name: _amount(plans, TODAY, name, replications) for name in LEAK_METRICS[2:]}
    repaired = [plans.samples(frozenset((at,)), replications) if leak.exists else None for at, leak in enumerate(leaks)]
    return leak_values(leaks, today, repaired, counts)


def _beyond(split: Split, leaks: Sequence[Leak], replications: int) -> Amount:
    """What all repairs bring more than the sum of what each brings alone, replication by replication."""

    def revenue(subset: Subset) -> Floats:
        return split.plans.samples(subset, replications).values(REVENUE)

    today = revenue(TODAY)
    alone = [revenue(frozenset((at,))) - today for at, leak in enumerate(leaks) if leak.exists and not leak.of]
    more = beyond_rounding(revenue(split.all) - today - np.sum(alone, axis=0), today)
    found = estimate(more)
    return Amount(float(found.mean), float(found.half_width))


def _to_target(split: Split, revenue: float, replications: int) -> ToTarget:
    today, repaired = (_amount(split.plans, end, "revenue", replications) for end in (TODAY, split.all))
    gap, remainder = (found._replace(mean=revenue - found.mean) for found in (today, repaired))
    shares = [_reached(split, end, revenue, replications) for end in (TODAY, split.all)]
    return ToTarget(revenue, gap, remainder, *shares)


def _reached(split: Split, end: Subset, revenue: float, replications: int) -> float:
    values = split.plans.samples(end, replications).values(REVENUE)
    return float(share_above(values, revenue, values * split.plans.error(end).revenue).mean())
