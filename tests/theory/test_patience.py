"""Queues that lose leads: no room, limited room, limited patience (cases R04-R07)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy.stats import poisson

from simfunnel.ledger.columns import BALKED, WENT_COLD
from simfunnel.plan.model import Plan
from simfunnel.streams import EFFORT, variate
from tests.theory.cases import EXACT
from tests.theory.harness import SEED, Floats, Measure, Tasks, Window, desk, hours, judge, minutes, replicate

WAIT_P90_H = 0.2074107953  # of R05


def effort_of_all(plan: Plan, seen: Window, tasks: Tasks) -> Floats:
    """Hours of work that each lead brings, also those who gave up before a rep drew them: luck is a function of a key."""
    effort, dist, ids = tasks.effort.copy(), plan.phases[0].stages[0].effort, seen.ledger.leads["id"]
    for row in np.flatnonzero(np.isnan(tasks.started)).tolist():
        lead = int(ids[tasks.lead[row]])
        effort[row] = variate(SEED, seen.replication, lead, EFFORT, plan.stage_hash[0], 1, dist.family, dist.a, dist.b, dist.c)
    return effort


def losing_queue(reps: int, *, by_work: bool = False) -> Measure:
    """Everything about a queue that leads may leave; `by_work` adds what would be at work if nobody waited."""

    def measure(seen: Window) -> Mapping[str, float]:
        tasks = seen.joined()
        tasks = tasks.where(~np.isnan(tasks.started) | (tasks.wait > 0.0))  # who balks has not joined
        found = {
            "p_wait": float((tasks.wait > 0.0).mean()),
            "reneged": seen.outcomes(WENT_COLD) / seen.created(),
            "balked": seen.outcomes(BALKED) / seen.created(),
            "wait": float(tasks.wait.mean()),
            "wait_served": float(tasks.served.mean()),
            "waiting": seen.waiting(),
            "busy": seen.busy(reps),
            "throughput": tasks.served.size / seen.until,
            "in_system": seen.waiting() + reps * seen.busy(reps),
            "wait_over_6m": float((tasks.wait > 0.1).mean()),
            "wait_over_p90": float((tasks.wait > WAIT_P90_H).mean()),
            "answered_in_6m": float((tasks.served <= 0.1).sum()) / tasks.queued.size,
            "leads_per_hour": seen.created() / seen.until,
        }
        if by_work:
            everyone = seen.tasks()
            work = effort_of_all(seen.plan, seen, everyone)
            found["full_without_queue"], found["above_without_queue"] = seen.without_queue(everyone.queued, work, reps)
            found["effort"] = float(work.mean())
        return found

    return measure


def without_queue(load: float, reps: int) -> dict[str, float]:
    """The number at work if nobody waited is Poisson: P(at least `reps`), mean number above `reps`."""
    most = int(load + 20.0 * load**0.5 + 20.0)
    number = np.arange(reps, most)
    share = poisson.pmf(number, load)
    return {"full_without_queue": float(share.sum()), "above_without_queue": float((number - reps) @ share)}


def test_r04_live_chat_where_nobody_waits() -> None:
    scenario = desk("100 / hour", 10, minutes(12), days=6, run_in=1, pool={"queue_limit": 0})
    judge(replicate(scenario, losing_queue(10), 20, after=1), EXACT["R04"])


@pytest.mark.slow
def test_r05_a_large_pool_with_patience() -> None:
    scenario = desk("48 / hour", 50, hours(1), days=28, run_in=3, patience=hours(2))
    found = replicate(scenario, losing_queue(50, by_work=True), 32, after=1)
    judge(found, EXACT["R05"], control={"leads_per_hour": 48.0, "effort": 1.0, **without_queue(48.0, 50)})


def test_r06_an_overloaded_pool_kept_finite_by_patience() -> None:
    scenario = desk("12 / hour", 4, minutes(30), days=28, run_in=2, patience=minutes(30))
    judge(replicate(scenario, losing_queue(4), 24, after=1), EXACT["R06"])


def test_r07_room_for_eight() -> None:
    """At most 8 in the pool: 3 in hand and 5 waiting."""
    scenario = desk("6 / hour", 3, minutes(30), days=100, run_in=3, pool={"queue_limit": 5})
    judge(replicate(scenario, losing_queue(3), 24, after=1), EXACT["R07"], plainly=())
