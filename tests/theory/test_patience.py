"""Queues that lose leads: no room, limited room, limited patience (cases R04-R07)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from simfunnel.ledger.columns import BALKED, WENT_COLD
from simfunnel.plan.model import Plan
from simfunnel.streams import EFFORT, variate
from simfunnel.theory.erlang import erlang_a_wait_tail
from tests.theory.cases import EXACT
from tests.theory.harness import (
    Floats,
    Measure,
    Tasks,
    Window,
    above_if_nobody_waited,
    desk,
    hours,
    judge,
    minutes,
    replicate,
)

WAIT_P90_H = 0.2074107953  # of R05


def effort_of_all(plan: Plan, seen: Window, tasks: Tasks) -> Floats:
    """Hours of work that each lead brings, also who gave up before a rep drew them: luck is a function of a key."""
    effort, dist, ids = tasks.effort.copy(), plan.phases[0].stages[0].effort, seen.ledger.leads["id"]
    for row in np.flatnonzero(np.isnan(tasks.started)).tolist():
        lead = int(ids[tasks.lead[row]])
        effort[row] = variate(
            seen.seed, seen.replication, lead, EFFORT, plan.stage_hash[0], 1, dist.family, dist.a, dist.b, dist.c
        )
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
            for level in (reps, reps + 4):
                full, above = seen.without_queue(everyone.queued, work, level)
                found |= {f"at_least_{level}_without_queue": full, f"above_{level}_without_queue": above}
            found["effort"] = float(work.mean())
        return found

    return measure


def test_r04_live_chat_where_nobody_waits() -> None:
    scenario = desk("100 / hour", 10, minutes(12), days=6, run_in=1, pool={"queue_limit": 0})
    judge(replicate(scenario, losing_queue(10), 20, after=1), EXACT["R04"])


@pytest.mark.slow
def test_r05_a_large_pool_with_patience() -> None:
    """The 90% quantile of the wait is judged by the share that waits longer: 1% of the one is 1.7% of the other."""
    control = {"leads_per_hour": 48.0, "effort": 1.0}
    for level in (50, 54):
        full, above = above_if_nobody_waited(48.0, level)
        control |= {f"at_least_{level}_without_queue": full, f"above_{level}_without_queue": above}
    tails = [erlang_a_wait_tail(48.0, 1.0, 50, 0.5, WAIT_P90_H * factor) for factor in (0.995, 1.005)]
    scenario = desk("48 / hour", 50, hours(1), days=17, run_in=2, patience=hours(2))
    found = replicate(scenario, losing_queue(50, by_work=True), 32, after=1)
    judge(found, EXACT["R05"], control=control, loose={"wait_over_p90": (tails[0] - tails[1]) / 0.1})


def test_r06_an_overloaded_pool_kept_finite_by_patience() -> None:
    scenario = desk("12 / hour", 4, minutes(30), days=28, run_in=2, patience=minutes(30))
    judge(replicate(scenario, losing_queue(4), 24, after=1), EXACT["R06"])


def test_r07_room_for_eight() -> None:
    """At most 8 in the pool: 3 in hand and 5 waiting."""
    scenario = desk("6 / hour", 3, minutes(30), days=100, run_in=3, pool={"queue_limit": 5})
    judge(replicate(scenario, losing_queue(3), 24, after=1), EXACT["R07"])
