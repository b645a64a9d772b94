"""Queues that lose leads: no room, limited room, limited patience."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simfunnel.ledger.columns import BALKED, WENT_COLD
from simfunnel.plan import Plan
from simfunnel.streams import EFFORT, variate
from simfunnel.theory.erlang import erlang_a_wait_tail
from simfunnel.verify.cases.case import Case, Measure, Trial, replicated
from simfunnel.verify.cases.controls import above_if_nobody_waited
from simfunnel.verify.exact import EXACT
from simfunnel.verify.judging import Floats, Means
from simfunnel.verify.scenes import desk, hours, minutes
from simfunnel.verify.window import Tasks, Window

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
        return found | (if_nobody_waited(seen, reps) if by_work else {})

    return measure


def if_nobody_waited(seen: Window, reps: int) -> dict[str, float]:
    """The time with all reps at work, or 4 more than all, if every lead were taken when it comes; and the mean work."""
    everyone = seen.tasks()
    work = effort_of_all(seen.plan, seen, everyone)
    found = {"effort": float(work.mean())}
    for level in (reps, reps + 4):
        full, above = seen.without_queue(everyone.queued, work, level)
        found |= {f"full_at_{level}": full, f"above_{level}": above}
    return found


def nobody_waits() -> Trial:
    """R04."""
    scenario = desk("100 / hour", 10, minutes(12), days=6, run_in=1, pool={"queue_limit": 0})
    return Trial(replicated(scenario, losing_queue(10), 20, after=1), [Means(EXACT["R04"])])


def large_pool() -> Trial:
    """R05; the 90% quantile is judged by the share that waits longer: 1% of the one is 1.7% of the other."""
    control = {"leads_per_hour": 48.0, "effort": 1.0}
    for level in (50, 54):
        full, above = above_if_nobody_waited(48.0, level)
        control |= {f"full_at_{level}": full, f"above_{level}": above}
    tails = [erlang_a_wait_tail(48.0, 1.0, 50, 0.5, WAIT_P90_H * factor) for factor in (0.995, 1.005)]
    scenario = desk("48 / hour", 50, hours(1), days=17, run_in=2, patience=hours(2))
    judged = Means(EXACT["R05"], control, loose={"wait_over_p90": (tails[0] - tails[1]) / 0.1})
    return Trial(replicated(scenario, losing_queue(50, by_work=True), 32, after=1), [judged])


def overloaded() -> Trial:
    """R06."""
    scenario = desk("12 / hour", 4, minutes(30), days=28, run_in=2, patience=minutes(30))
    return Trial(replicated(scenario, losing_queue(4), 24, after=1), [Means(EXACT["R06"])])


def room_for_eight() -> Trial:
    """R07: at most 8 in the pool, 3 in hand and 5 waiting."""
    scenario = desk("6 / hour", 3, minutes(30), days=100, run_in=3, pool={"queue_limit": 5})
    return Trial(replicated(scenario, losing_queue(3), 24, after=1), [Means(EXACT["R07"])])


ERLANG_A = "M/M/c+M, Palm 1957"

CASES = (
    Case("R04", "live chat, nobody waits", "Erlang B, Erlang 1917", nobody_waits, 1.1, "quick"),
    Case("R05", "a large pool, patience", ERLANG_A, large_pool, 2.6),
    Case("R06", "overloaded, patience", ERLANG_A, overloaded, 0.7, "quick"),
    Case("R07", "room for eight", "M/M/3/8", room_for_eight, 1.1, "quick"),
)
