"""Whose turn it is: highest score first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from simfunnel.theory.queues import mg1_wait
from simfunnel.verify.cases.case import Case, Measure, Simulate, Trial, replicated
from simfunnel.verify.exact import EXACT
from simfunnel.verify.judging import AtLeast, Each, Judgement, Means, Samples
from simfunnel.verify.scenes import Typed, desk, hours, minutes
from simfunnel.verify.small_queue import one_rep_by_class
from simfunnel.verify.window import Window

HIGHEST_FIRST: Typed = {"discipline": "highest score first"}
FAR = 1_000  # points between classes: 50 standard deviations


def classes(**per_hour: float) -> dict[str, Typed]:
    """A channel for each class, the first with the highest scores."""
    return {
        name: {"leads": f"{rate!r} / hour", "score_bias": -FAR * place}
        for place, (name, rate) in enumerate(per_hour.items())
    }


def by_class(reps: int, *names: str) -> Measure:
    """Waits of each class, and the controls of the input."""

    def measure(seen: Window) -> Mapping[str, float]:
        found = {"twin": seen.twin(reps)}
        for name in names:
            tasks = seen.joined(channel=name)
            found[f"wait_{name}"] = float(tasks.wait.mean())
            found[f"time_in_system_{name}"] = float((tasks.ended - tasks.queued).mean())
            found[f"{name}_per_hour"] = tasks.queued.size / seen.until
        tasks = seen.joined()
        found["p_wait"] = float((tasks.wait > 0.0).mean())
        found["effort"] = float(tasks.effort.mean())
        return found

    return measure


def hot_before_cold() -> Trial:
    """R10."""
    scenario = desk(classes(hot=0.2, cold=0.6), 1, hours(1), days=430, run_in=20, pool=HIGHEST_FIRST)
    known = {"hot_per_hour": 0.2, "cold_per_hour": 0.6, "effort": 1.0}
    loose = {"wait_hot": 0.03, "wait_cold": 0.03, "time_in_system_cold": 0.03}
    return Trial(replicated(scenario, by_class(1, "hot", "cold"), 24, after=40), [Means(EXACT["R10"], known, loose)])


def hot_before_warm() -> Trial:
    """R12."""
    scenario = desk(classes(hot=2.0, warm=3.0), 3, minutes(30), days=75, run_in=10, pool=HIGHEST_FIRST)
    fast = 0.5 / 3.0
    known = {"hot_per_hour": 2.0, "warm_per_hour": 3.0, "effort": 0.5, "twin": mg1_wait(5.0, fast, 2.0 * fast * fast)}
    return Trial(replicated(scenario, by_class(3, "hot", "warm"), 24, after=4), [Means(EXACT["R12"], known)])


# ------------------------------------------------------------------ longest first

SECONDS = np.array([60.0, 5.0, 1.0])
SHARES = np.array([0.1, 0.1, 0.8])
SIZES = ("big", "middle", "small")


def beside_the_small_queue(seen: Window) -> Mapping[str, float]:
    """How far, in hours, the starts of tasks are from those of the small queue: of all, and within each class."""
    tasks = seen.tasks()
    started = np.empty(tasks.queued.size)
    rank = np.array([SIZES.index(name) for name in seen.plan.channels])[tasks.channel]
    one_rep_by_class(tasks.queued, SECONDS[rank] / 3600.0, rank, 3, started)
    begun = ~np.isnan(tasks.started)
    order_free = np.sort(tasks.started[begun]) - np.sort(started)[: begun.sum()]
    mine = [np.sort(tasks.started[begun & (rank == k)]) for k in range(3)]
    small = [np.sort(started[rank == k]) for k in range(3)]
    gaps = [np.abs(own - theirs[: own.size]).max() for own, theirs in zip(mine, small, strict=True)]
    return {"gap": float(np.abs(order_free).max()), "gap_by_class": float(max(gaps)), "tasks": float(begun.sum())}


def longest_first_as_the_small_queue() -> Trial:
    """R11, the pool's order task by task: effort is 60 seconds, skills shorten it to that of each class."""
    channels = classes(big=48.0, middle=48.0, small=384.0)
    times = {name: {"time": seconds / 60.0} for name, seconds in zip(channels, SECONDS.tolist(), strict=True)}
    more = {"pool": HIGHEST_FIRST, "skills": {"desk": times}}
    scenario = desk(channels, 1, "60 seconds", days=1, run_in=0, **more)
    judged: list[Judgement] = [Each("gap", 0.0, 1e-9), Each("gap_by_class", 0.0, 1e-9), AtLeast("tasks", 9_001)]
    return Trial(replicated(scenario, beside_the_small_queue, 2, after=0), judged)


TASKS, DROPPED = 2_500_000, 160_000
REPLICATIONS = 24


def in_the_small_queue(longest_first: bool, simulate: Simulate, seed: int) -> Samples:
    """Waits in minutes by class, or of all, in 24 replications of 14 days and nights at 97.3% load."""
    rows = [one_replication(longest_first, (11, replication, seed - 1)) for replication in range(REPLICATIONS)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def one_replication(longest_first: bool, luck: tuple[int, ...]) -> Mapping[str, float]:
    """A replication of the small queue; its luck is numpy's, as no engine is asked."""
    draw = np.random.default_rng(luck)
    queued = np.cumsum(draw.exponential(1.0 / 8.0, TASKS))
    rank = draw.choice(3, TASKS, p=SHARES)
    started = np.empty(TASKS)
    effort = SECONDS[rank] / 60.0
    one_rep_by_class(queued, effort, rank if longest_first else np.zeros(TASKS, np.int64), 3, started)
    kept = slice(DROPPED, TASKS - DROPPED)
    wait, kind = (started - queued)[kept], rank[kept]
    busy = {"busy": float(effort[kept].sum() / (queued[TASKS - DROPPED] - queued[DROPPED]))}
    if not longest_first:
        return {**busy, "wait_fifo": float(wait.mean())}
    return busy | {f"wait_{seconds:.0f}s": float(wait[kind == k].mean()) for k, seconds in enumerate(SECONDS)}


def small_queue_and_theory(longest_first: bool) -> Trial:
    """R11, the small queue itself: 160,000 tasks a day would take an engine too long."""
    waits = [f"wait_{seconds:.0f}s" for seconds in SECONDS] if longest_first else ["wait_fifo"]
    exact = {name: EXACT["R11"][name] for name in ("busy", *waits)}
    judged = Means(exact, loose=dict.fromkeys(waits, 0.03))
    return Trial(partial(in_the_small_queue, longest_first), [judged])


COBHAM = "M/G/1 with priorities, Cobham 1954"

CASES = (
    Case("R10", "hot before cold, one rep", COBHAM, hot_before_cold, 0.6, "quick"),
    Case("R11 order", "longest first, by task", "a second program", longest_first_as_the_small_queue, 0.1, "quick"),
    Case("R11 longest", "longest first, waits", COBHAM, partial(small_queue_and_theory, True), 3.9),
    Case("R11 fifo", "first come, waits", "M/G/1", partial(small_queue_and_theory, False), 3),
    Case("R12", "hot before warm, 3 reps", "Kella and Yechiali 1985", hot_before_warm, 0.6, "quick"),
)
