"""Whose turn it is: highest score first (cases R10, R11, R12)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from simfunnel.jit import compiled as machine_code
from simfunnel.theory.queues import mg1_wait
from tests.theory.cases import EXACT
from tests.theory.harness import Floats, Measure, Typed, Window, desk, hours, judge, minutes, replicate

Ranks = NDArray[np.int64]

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


def test_r10_hot_before_cold_one_rep() -> None:
    scenario = desk(classes(hot=0.2, cold=0.6), 1, hours(1), days=430, run_in=20, pool=HIGHEST_FIRST)
    found = replicate(scenario, by_class(1, "hot", "cold"), 24, after=40)
    known = {"hot_per_hour": 0.2, "cold_per_hour": 0.6, "effort": 1.0}
    judge(found, EXACT["R10"], control=known, loose={"wait_hot": 0.03, "wait_cold": 0.03, "time_in_system_cold": 0.03})


def test_r12_hot_before_warm_three_reps() -> None:
    scenario = desk(classes(hot=2.0, warm=3.0), 3, minutes(30), days=75, run_in=10, pool=HIGHEST_FIRST)
    found = replicate(scenario, by_class(3, "hot", "warm"), 24, after=4)
    fast = 0.5 / 3.0
    known = {"hot_per_hour": 2.0, "warm_per_hour": 3.0, "effort": 0.5, "twin": mg1_wait(5.0, fast, 2.0 * fast * fast)}
    judge(found, EXACT["R12"], control=known)


# ------------------------------------------------------------------ longest first


@machine_code("void(float64[::1], float64[::1], int64[::1], int64, float64[::1])")
def one_rep_by_class(queued: Floats, effort: Floats, rank: Ranks, ranks: int, started: Floats) -> None:
    """When one rep starts each task (given in the order of joining): lowest rank first, fifo within a rank."""
    n = queued.size
    following = np.full(n, -1, np.int64)
    first, last = np.full(ranks, -1, np.int64), np.full(ranks, -1, np.int64)
    free, i, waiting = 0.0, 0, 0
    while i < n or waiting > 0:
        if waiting == 0 and queued[i] > free:
            free = queued[i]
        while i < n and queued[i] <= free:
            k = rank[i]
            if first[k] < 0:
                first[k] = i
            else:
                following[last[k]] = i
            last[k] = i
            waiting += 1
            i += 1
        k = 0
        while first[k] < 0:
            k += 1
        task = first[k]
        first[k] = following[task]
        waiting -= 1
        started[task] = free
        free += effort[task]


SECONDS = np.array([60.0, 5.0, 1.0])
SHARES = np.array([0.1, 0.1, 0.8])


def test_r11_one_rep_takes_the_longest_first_exactly_as_the_small_queue_does() -> None:
    """The pool's order, task by task: effort is 60 seconds, skills shorten it to that of each class."""
    channels = classes(big=48.0, middle=48.0, small=384.0)
    times = {name: {"time": seconds / 60.0} for name, seconds in zip(channels, SECONDS.tolist(), strict=True)}
    more = {"pool": HIGHEST_FIRST, "skills": {"desk": times}}
    scenario = desk(channels, 1, "60 seconds", days=1, run_in=0, **more)

    def gap(seen: Window) -> Mapping[str, float]:
        tasks = seen.tasks()
        started = np.empty(tasks.queued.size)
        rank = np.array([("big", "middle", "small").index(name) for name in seen.plan.channels])[tasks.channel]
        one_rep_by_class(tasks.queued, SECONDS[rank] / 3600.0, rank, 3, started)
        begun = ~np.isnan(tasks.started)
        order_free = np.sort(tasks.started[begun]) - np.sort(started)[: begun.sum()]
        by_class = [np.sort(tasks.started[begun & (rank == k)]) for k in range(3)]
        small = [np.sort(started[rank == k]) for k in range(3)]
        gaps = [np.abs(mine - theirs[: mine.size]).max() for mine, theirs in zip(by_class, small, strict=True)]
        return {"any": float(np.abs(order_free).max()), "class": float(max(gaps)), "tasks": float(begun.sum())}

    found = replicate(scenario, gap, 2, after=0)
    assert found["tasks"].min() > 9_000
    assert max(found["any"].max(), found["class"].max()) < 1e-9


@pytest.mark.parametrize("order", ["longest first", "first come first served"])
def test_r11_the_small_queue_keeps_the_waits_of_theory(order: str) -> None:
    """20 replications of 14 days and nights at 97.3% load: 160,000 tasks a day would take the engine hours."""
    tasks, drop, exact = 2_500_000, 160_000, EXACT["R11"]
    rows = []
    for replication in range(24):
        draw = np.random.default_rng((11, replication))
        queued = np.cumsum(draw.exponential(1.0 / 8.0, tasks))
        rank = draw.choice(3, tasks, p=SHARES)
        started = np.empty(tasks)
        longest = order == "longest first"
        effort = SECONDS[rank] / 60.0
        one_rep_by_class(queued, effort, rank if longest else np.zeros(tasks, np.int64), 3, started)
        kept = slice(drop, tasks - drop)
        wait, kind = (started - queued)[kept], rank[kept]
        row = {"busy": effort[kept].sum() / (queued[tasks - drop] - queued[drop])}
        if longest:
            row |= {f"wait_{seconds:.0f}s": wait[kind == k].mean() for k, seconds in enumerate(SECONDS)}
        else:
            row["wait_fifo"] = wait.mean()
        rows.append(row)
    found = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    names = set(found) & set(exact)
    judge(found, {name: exact[name] for name in names}, loose={name: 0.03 for name in names if name != "busy"})
