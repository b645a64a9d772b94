"""Simulates a small funnel often enough, and judges its numbers by exact ones.

A case is a scenario as a planner would type it. Each replication is compiled, simulated, checked (conservation,
Little's identity) and measured; `judge` then holds every number to the rule of the suite:

    |mean - exact| <= 4 se   and   se <= 1% of exact,   at least 20 replications with fixed seeds

Queues near their limits need millions of leads for an se of 1%. Where that would take too long, `control` names numbers
of the same replications whose exact means are known, too: the number of leads, their mean effort, the wait of
the same leads at a *twin* (one rep as fast as all of them together, or a rep a little faster: Pollaczek and Khinchine),
the leads at work if nobody ever waited (Poisson). The mean is then corrected by what these are off (control variates:
Lavenberg and Welch 1981). The plain mean and every control still have to lie within 4 of their own se, so a
wrong input cannot hide behind the correction.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger, checks
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import Plan
from simfunnel.scenario import parse, phases_of

Floats = NDArray[np.float64]
Typed = dict[str, Any]
Measure = Callable[["Window"], Mapping[str, float]]

LEAST_REPLICATIONS = 20
STANDARD_ERRORS = 4.0
PRECISION = 0.01


# ------------------------------------------------------------------ scenarios


def funnel(channels: Mapping[str, Typed], stages: Sequence[Typed], *, days: int, run_in: int, **sections: Any) -> Typed:
    """A scenario in which everybody qualifies and arrives at once, day and night, unless `sections` differ."""
    return {
        "period": {"start": "2027-01-04", "days": days, "run_in": f"{run_in} days"},
        "calendar": "always",
        "channels": {name: {"day_to_day_swing": 0, "deal_value": 1000, **typed} for name, typed in channels.items()},
        "qualification": {"threshold": -1_000_000},
        "handoff": {"default": {"instant": True}},
        "stages": [{"wait": "0 hours", "conversion": "100%", "quality_odds": 1, **typed} for typed in stages],
        **sections,
    }


def desk(
    leads: str | Mapping[str, Typed],
    reps: int,
    effort: Any,
    *,
    days: int,
    run_in: int,
    pool: Typed | None = None,
    **more: Any,
) -> Typed:
    """One pool that works one stage all the time. `leads` is the volume of the only channel, or the channels."""
    channels = {"leads": {"leads": leads}} if isinstance(leads, str) else leads
    patience = more.pop("patience", None)
    if patience is not None:
        channels = {name: {**typed, "patience": patience} for name, typed in channels.items()}
    pools = {"desk": {"stages": ["call"], "reps": reps, "selling_time": "100%", **(pool or {})}}
    call = {"name": "call", "effort": effort, **more.pop("call", {})}
    return funnel(channels, [call], days=days, run_in=run_in, pools=pools, **more)


def minutes(mean: float) -> Typed:
    """An exponential duration."""
    return {"mean": f"{mean!r} minutes"}


def hours(mean: float) -> Typed:
    """An exponential duration."""
    return {"mean": f"{mean!r} hours"}


def compiled(scenario: Typed, what_ifs: Sequence[str] = (), start: str = "period") -> Plan:
    """The plan of a scenario under what-ifs, with the base's constants by integrals."""
    spec = phases_of(parse(scenario), list(what_ifs), start)
    return compile_plan(spec, static_calibration(spec.base))


# ------------------------------------------------------------------ one replication


@dataclass(frozen=True)
class Tasks:
    """The tasks of one stage, in the order in which they joined the queue; columns of equal length."""

    lead: NDArray[np.int64]
    channel: NDArray[np.int64]
    rep: NDArray[np.int64]
    queued: Floats
    started: Floats  # nan: never
    left: Floats  # the queue: started, gave up, or nan
    ended: Floats
    effort: Floats

    def where(self, rows: NDArray[Any]) -> Tasks:
        """The tasks of some rows."""
        return Tasks(*(column[rows] for column in vars(self).values()))

    @property
    def wait(self) -> Floats:
        """Hours in the queue, of whoever left it."""
        return self.left - self.queued

    @property
    def served(self) -> Floats:
        """Hours in the queue, of those whom a rep took."""
        return (self.started - self.queued)[~np.isnan(self.started)]


@dataclass(frozen=True)
class Window:
    """A replication seen between the period's start and `until`, hours later, before which all that joined is done."""

    plan: Plan
    ledger: Ledger
    seed: int
    replication: int
    until: float

    def tasks(self, stage: int = 0) -> Tasks:
        """All tasks of a stage that joined a queue, those of the run-in and of the end included."""
        t = self.ledger.tasks
        rows = np.flatnonzero((t["stage"] == stage) & ~np.isnan(t["queued"]))
        rows = rows[np.lexsort((t["lead"][rows], t["queued"][rows]))]
        left = np.where(np.isnan(t["started"][rows]), t["ended"][rows], t["started"][rows])
        lead = t["lead"][rows].astype(np.int64)
        channel = self.ledger.leads["channel"][lead].astype(np.int64)
        rep = t["rep"][rows].astype(np.int64)
        return Tasks(
            lead, channel, rep, t["queued"][rows], t["started"][rows], left, t["ended"][rows], t["effort"][rows]
        )

    def joined(self, stage: int = 0, channel: str | None = None) -> Tasks:
        """The tasks that joined the queue in the window; each of them has left it before the end."""
        tasks = self.tasks(stage)
        inside = (tasks.queued >= 0.0) & (tasks.queued < self.until)
        if channel is not None:
            inside &= tasks.channel == self.plan.channels.index(channel)
        tasks = tasks.where(inside)
        assert not np.isnan(tasks.left).any(), "somebody still waits at the end: leave more time after the window"
        return tasks

    def created(self) -> int:
        """Leads created in the window."""
        created = self.ledger.leads["created"]
        return int(((created >= 0.0) & (created < self.until)).sum())

    def outcomes(self, *codes: int) -> int:
        """Leads that closed in the window with one of some outcomes."""
        leads = self.ledger.leads
        return int(
            (np.isin(leads["outcome"], codes) & (leads["closed_at"] >= 0) & (leads["closed_at"] < self.until)).sum()
        )

    def average(self, begins: Floats, ends: Floats) -> float:
        """Time average of how many of the intervals are open; nan: not over at the end."""
        inside = np.minimum(np.where(np.isnan(ends), np.inf, ends), self.until) - np.maximum(begins, 0.0)
        return float(np.maximum(inside, 0.0).sum()) / self.until

    def busy(self, reps: int, stage: int = 0) -> float:
        """Share of the reps' time with a task in hand."""
        tasks = self.tasks(stage)
        begun = ~np.isnan(tasks.started)
        ends = np.where(np.isnan(tasks.ended), self.plan.end_h, tasks.ended)
        return self.average(tasks.started[begun], ends[begun]) / reps

    def waiting(self, stage: int = 0) -> float:
        """Time average of the number in the queue."""
        tasks = self.tasks(stage)
        return self.average(tasks.queued, tasks.left)

    def twin(self, speed: float, stage: int = 0, *, own_queues: bool = False) -> float:
        """Mean wait of the same tasks at one rep `speed` times as fast, or each rep so much faster (Lindley 1952)."""
        tasks = self.tasks(stage)
        wait = np.empty(tasks.queued.size)
        for rep in np.unique(tasks.rep) if own_queues else (None,):
            own = np.flatnonzero(tasks.rep == rep) if own_queues else np.arange(tasks.queued.size)
            net = tasks.effort[own[:-1]] / speed - np.diff(tasks.queued[own])
            walk = np.concatenate(([0.0], np.cumsum(net)))
            wait[own] = walk - np.minimum.accumulate(walk)
        return float(wait[(tasks.queued >= 0.0) & (tasks.queued < self.until)].mean())

    def without_queue(self, joined: Floats, effort: Floats, reps: int) -> tuple[float, float]:
        """If every task started when it joined: (share of time with at least `reps` at work, mean number above)."""
        events = np.concatenate((joined, joined + effort))
        order = np.argsort(events, kind="stable")
        number = np.cumsum(np.repeat((1, -1), joined.size)[order])
        edges = np.clip(np.append(events[order], self.until), 0.0, self.until)
        share = np.diff(edges) / self.until
        return float(share[number >= reps].sum()), float((np.maximum(number - reps, 0) * share).sum())


def above_if_nobody_waited(load: float, reps: int) -> tuple[float, float]:
    """The number at work is then Poisson with mean `load`: P(at least `reps`), mean number above `reps`."""
    number = np.arange(reps, int(load + 20.0 * math.sqrt(load) + 20.0))
    share = poisson.pmf(number, load)
    return float(share.sum()), float((number - reps) @ share)


# ------------------------------------------------------------------ many replications


Samples = dict[str, Floats]


def replicate(
    scenario: Typed, measure: Measure, replications: int, *, after: float = 3.0, plan: Plan | None = None
) -> Samples:
    """Measure so many replications; `after` is how many days at the end belong to no window.

    The seed is made from the scenario, so that no two cases meet the same luck. `plan` is one of its what-ifs.
    """
    plan = compiled(scenario) if plan is None else plan
    seed = zlib.crc32(json.dumps(scenario, sort_keys=True).encode())
    rows = []
    for replication in range(replications):
        ledger = simulate(plan, seed, replication)
        checks.check(plan, ledger)
        window = Window(plan, ledger, seed, replication, plan.end_h - 24.0 * after)
        rows.append(dict(measure(window)))
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}


@dataclass(frozen=True)
class Estimate:
    """A mean over replications and its standard error."""

    mean: float
    se: float

    def agrees(self, exact: float) -> bool:
        """Whether the exact value lies within 4 standard errors."""
        return abs(self.mean - exact) <= STANDARD_ERRORS * self.se + 1e-12 * abs(exact)


def plain(sample: Floats) -> Estimate:
    """The mean of independent replications."""
    return Estimate(float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(sample.size))


def controlled(sample: Floats, controls: Sequence[Floats], means: Sequence[float]) -> Estimate:
    """The mean at which the controls would have their exact means: the intercept of a regression on their errors."""
    design = np.column_stack([np.ones(sample.size), *(c - m for c, m in zip(controls, means, strict=True))])
    solved, *_ = np.linalg.lstsq(design, sample, rcond=None)
    rest = sample - design @ solved
    variance = float(rest @ rest) / (sample.size - design.shape[1])
    return Estimate(float(solved[0]), math.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0]))


def judge(
    samples: Samples,
    exact: Mapping[str, float],
    *,
    control: Mapping[str, float] | None = None,
    loose: Mapping[str, float] | None = None,
    plainly: Sequence[str] = (),
) -> None:
    """Hold every exact number to the rule; fails with all numbers that miss it.

    `control` holds exact means of numbers in `samples` by which the others are corrected, except those named in
    `plainly`; `loose` has numbers whose se may be a larger share of them than 1%.
    """
    assert min(sample.size for sample in samples.values()) >= LEAST_REPLICATIONS
    known = dict(control or {})
    missed = []
    for name, value in {**known, **exact}.items():
        estimate = raw = plain(samples[name])
        if known and name not in known and name not in plainly:
            estimate = controlled(samples[name], [samples[c] for c in known], list(known.values()))
        allowed = math.inf if name in known else (loose or {}).get(name, PRECISION)
        precise = estimate.se <= allowed * abs(value)
        verdict = "ok" if precise and raw.agrees(value) and estimate.agrees(value) else "MISSED"
        line = (
            f"{name:<24} exact {value:<13.7g} mean {estimate.mean:<13.7g} se {estimate.se:<11.3g}"
            f" plain {raw.mean:.6g} +- {raw.se:.3g} {verdict}"
        )
        print(line)
        if verdict != "ok":
            missed.append(line)
    assert not missed, "\n" + "\n".join(missed)
