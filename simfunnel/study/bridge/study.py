"""Where a difference comes from: between two plans by what was changed, or from today to a target by what leaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO
from simfunnel.errors import ArgumentError
from simfunnel.metrics import TABLE, Key
from simfunnel.scenario import Scenario, ranges_of
from simfunnel.stats import beyond_rounding, estimate, holm_adjust, verdict
from simfunnel.study.bridge.result import BridgePart, BridgeResult, BridgeTotal, ToTarget
from simfunnel.study.bridge.split import Split, groups_of, spec_maker
from simfunnel.study.calibrate.error import share_above
from simfunnel.study.estimates import Amount, amount
from simfunnel.study.header import header_of, warnings_of
from simfunnel.study.overview import GROUPS, KINDS, TODAY, Leak, LeakValue, Subset, leaks_of, ranked, repairs
from simfunnel.study.validated import validated
from simfunnel.study.years.plans import Start, prepare
from simfunnel.study.years.work import Progress, Replications, Work

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
    began, work = time.perf_counter(), Work(executor, workers, on_progress, stop, engine)
    names = list(dict.fromkeys(what_ifs))
    asked = scenario, start, seed, work
    made = _Bridge.of_plan(names, *asked) if names else _Bridge.of_leaks(*asked)
    split, alone = made.split, [frozenset((at,)) for at, leak in enumerate(made.leaks) if leak.exists]
    prepared = split.prepare([TODAY, *alone] if made.leaks else [TODAY, split.all])
    done = split.simulate(alone, replications, precision)
    middles = ranges_of(scenario, names) if names else scenario.ranges
    warnings = warnings_of(scenario, prepared, done.cancelled, middles=middles)
    header = header_of(scenario, prepared.calibration, work, seed=seed, start=start, replications=done.replications,
                       began=began, warnings=warnings, cancelled=done.cancelled)  # fmt: skip
    return BridgeResult(
        **vars(header),
        **made.found(done.replications, to),
        precision=done.precision,
        auto=replications == "auto",
        before="today",
        after=made.after,
        exact=split.exact,
    )


class _Bridge(NamedTuple):
    """A way from today: the plan it leads to, its parts and what they change, and the leaks (none: to what-ifs)."""

    split: Split
    after: str
    changes: Changes
    metrics: tuple[str, ...]
    leaks: tuple[Leak, ...] = ()

    @classmethod
    def of_plan(cls, what_ifs: Sequence[str], scenario: Scenario, start: Start, seed: int, work: Work) -> _Bridge:
        """Prepare the way from today to a plan, by its groups of changes."""
        groups = groups_of(scenario, what_ifs, start)
        members = [frozenset((at,)) for at in range(len(groups))]
        wanted = tuple((name, "") for name in PLAN_METRICS)
        split = Split(scenario, spec_maker(scenario, groups, start), members, seed, wanted, work)
        return cls(split, " + ".join(what_ifs), {group.name: group.changes for group in groups}, PLAN_METRICS)

    @classmethod
    def of_leaks(cls, scenario: Scenario, start: Start, seed: int, work: Work) -> _Bridge:
        """Prepare the way to today without leaks, by parts of the funnel; leaks told for each team are no parts."""
        leaks = leaks_of(scenario, prepare(scenario, [[]], start, work).calibration)
        whole = [(at, leak) for at, leak in enumerate(leaks) if leak.exists and not leak.of]
        groups = {name: [(at, leak) for at, leak in whole if leak.group == name] for name in GROUPS}
        groups = {name: chosen for name, chosen in groups.items() if chosen}
        members = [frozenset(at for at, _ in chosen) for chosen in groups.values()]
        wanted = tuple((name, "") for name in LEAK_METRICS)
        split = Split(scenario, repairs(scenario, leaks, start), members, seed, wanted, work, check_load=False)
        changes = {name: tuple(leak.name for _, leak in chosen) for name, chosen in groups.items()}
        return cls(split, REPAIRED, changes, LEAK_METRICS[:2], leaks)

    def found(self, replications: int, to: float | None) -> dict[str, Any]:
        of_leaks = bool(self.leaks)
        return {
            "parts": tuple(self.parts(replications)),
            "totals": tuple(self.totals(replications)),
            "leaks": self.ledger(replications) if of_leaks else (),
            "beyond": self.beyond(replications) if of_leaks else None,
            "to": self.to_target(to, replications) if of_leaks else None,
        }

    def parts(self, replications: int) -> Iterator[BridgePart]:
        for metric in self.metrics if self.split.members else ():
            found = self.split.attribution(Key(metric), replications)
            if found is None:
                continue
            known, adjusted = TABLE[metric], holm_adjust(found.p_value)
            for at, (name, changed) in enumerate(self.changes.items()):
                mean, width = float(found.part[at]), float(found.half_width[at])
                said = verdict(mean, float(adjusted[at]), known.better)
                yield BridgePart(name, changed, metric, known.unit, mean, width, said)

    def totals(self, replications: int) -> Iterator[BridgeTotal]:
        """Yield both ends of every metric that has parts; the difference is that of the parts' sum."""
        members = self.split.members
        for metric in self.metrics:
            before, after = (self.amount(end, metric, replications) for end in (TODAY, self.split.all))
            found = self.split.attribution(Key(metric), replications) if members else None
            if found is not None or not members:
                difference = Amount(0.0, 0.0) if found is None else Amount(found.total, found.total_half_width)
                yield BridgeTotal(metric, TABLE[metric].unit, before, after, difference)

    def amount(self, end: Subset, metric: str, replications: int) -> Amount:
        return amount(self.split.years.of(end, replications), metric, self.split.errors[end])

    def revenue(self, end: Subset, replications: int) -> Floats:
        return self.split.years.of(end, replications).values(REVENUE)

    def ledger(self, replications: int) -> tuple[LeakValue, ...]:
        """Rank the leaks by falling revenue, with the leads that they take."""
        counts = {name: self.amount(TODAY, name, replications) for name in LEAK_METRICS[2:]}
        alone = [frozenset((at,)) if leak.exists else None for at, leak in enumerate(self.leaks)]
        years = self.split.years
        repaired = [None if one is None else years.of(one, replications) for one in alone]
        return ranked(self.leaks, years.of(TODAY, replications), repaired, counts)

    def beyond(self, replications: int) -> Amount:
        """Return what all repairs bring more than the sum of what each brings alone, replication by replication."""
        today = self.revenue(TODAY, replications)
        whole = [frozenset((at,)) for at, leak in enumerate(self.leaks) if leak.exists and not leak.of]
        alone = [self.revenue(one, replications) - today for one in whole]
        together = self.revenue(self.split.all, replications) - today
        found = estimate(beyond_rounding(together - np.sum(alone, axis=0), today))
        return Amount(float(found.mean), float(found.half_width))

    def to_target(self, to: float | None, replications: int) -> ToTarget | None:
        """Find what today and all repaired lack to a revenue, and how often each reaches it; None if none is wanted."""
        typed = self.split.scenario.target
        wanted = to if to is not None or typed is None else typed.revenue
        if wanted is None:
            return None
        lacking, shares = [], []
        for end in (TODAY, self.split.all):
            mean = self.amount(end, "revenue", replications)
            lacking.append(mean._replace(mean=wanted - mean.mean))
            values = self.revenue(end, replications)
            shares.append(float(share_above(values, wanted, values * self.split.errors[end].revenue).mean()))
        return ToTarget(wanted, lacking[0], lacking[1], *shares)
