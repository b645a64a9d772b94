"""Cases of queueing theory: waiting, priority and patience."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import exp, sqrt

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.ledger.columns import BALKED, WENT_COLD
from simfunnel.plan import Plan
from simfunnel.streams import EFFORT, variate
from simfunnel.theory.erlang import erlang_a_wait_tail
from simfunnel.theory.queues import batches, mg1_wait, random_wait, round_robin_wait
from simfunnel.verify.exact import EXACT, ROWS
from simfunnel.verify.judging import (
    AtLeast,
    Case,
    Each,
    Judgement,
    Means,
    Measure,
    Samples,
    Simulate,
    Trial,
    above_if_nobody_waited,
    of_input,
    replicated,
)
from simfunnel.verify.small_funnels import Tasks, Typed, Window, desk, hours, minutes
from simfunnel.verify.small_queue import one_rep_by_class

FASTER = 1.1  # how much faster the twin of one rep is
SPREAD = sqrt(exp(0.64) - 1.0)  # coefficient of variation of a lognormal with log-sd 0.8


def queue(reps: int, *, speed: float = FASTER, own_queues: bool = False) -> Measure:
    """Everything about a queue, and the controls of its input; the twin is `speed` times as fast."""

    def measure(seen: Window) -> Mapping[str, float]:
        tasks, everyone = seen.joined(), seen.tasks()
        full, above = seen.without_queue(everyone.queued, everyone.effort, reps)
        return {
            "busy": seen.busy(reps),
            "p_wait": float((tasks.wait > 0.0).mean()),
            "wait": float(tasks.wait.mean()),
            "waiting": seen.waiting(),
            "time_in_system": float((tasks.ended - tasks.queued).mean()),
            "in_system": seen.waiting() + reps * seen.busy(reps),
            "wait_over_1h": float((tasks.wait > 1.0).mean()),
            "wait_over_p90": float((tasks.wait > EXACT["R02"]["wait_p90"]).mean()),
            "leads_per_hour": tasks.queued.size / seen.until,
            "effort": float(tasks.effort.mean()),
            "twin": seen.twin(speed, own_queues=own_queues),
            "full_without_queue": full,
            "above_without_queue": above,
            "passed": tasks.queued.size / seen.created(),
        }

    return measure


def one_rep() -> Trial:
    """Build R01."""
    scenario = desk("3 / hour", 1, minutes(15), days=80, run_in=6)
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R01"], of_input(3.0, 0.25, FASTER))])


def five_reps() -> Trial:
    """Build R02; the 90% quantile of the wait is judged by the share that waits longer."""
    scenario = desk("4.5 / hour", 5, hours(1), days=110, run_in=16)
    exact = {name: value for name, value in EXACT["R02"].items() if name != "wait_p90"}
    loose = {"wait": 0.03, "waiting": 0.03, "wait_over_1h": 0.03, "wait_over_p90": 0.03}
    judged = Means({**exact, "wait_over_p90": 0.1}, of_input(4.5, 1.0, 5), loose)
    return Trial(replicated(scenario, queue(5, speed=5), 24, after=4), [judged])


def twenty_reps() -> Trial:
    """Build R03."""
    scenario = desk("18 / hour", 20, hours(1), days=20, run_in=7)
    judged = Means(EXACT["R03"], of_input(18.0, 1.0, 20), loose={"wait": 0.03, "waiting": 0.03})
    return Trial(replicated(scenario, queue(20, speed=20), 24), [judged])


def fixed_calls() -> Trial:
    """Build R08; effort that never varies corrects nothing."""
    scenario = desk("2.4 / hour", 1, "20 minutes", days=80, run_in=7)
    known = of_input(2.4, 1 / 3, FASTER, variation=0.0)
    del known["effort"]
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R08"], known)])


def uneven_calls() -> Trial:
    """Build R09."""
    scenario = desk("2 / hour", 1, {"mean": "24 minutes", "cv": SPREAD}, days=140, run_in=10)
    judged = Means(EXACT["R09"], of_input(2.0, 0.4, FASTER, variation=SPREAD**2))
    return Trial(replicated(scenario, queue(1), 32, after=5), [judged])


def threshold(at: int, days: int, names: tuple[str, ...]) -> Trial:
    """Build R13 at one threshold."""
    behind: Typed = {"score": {"mean": 50, "sd": 15}, "qualification": {"threshold": at}}
    scenario = desk("10 / hour", 5, minutes(30), days=days, run_in=14 if at == 30 else 5, **behind)
    exact = ROWS["R13"][at]
    rate = 10.0 * exact["passed"]
    full, above = above_if_nobody_waited(0.5 * rate, 5)
    control = {**of_input(rate, 0.5, 5), "full_without_queue": full, "above_without_queue": above}
    judged = Means({name: exact[name] for name in names}, control, plainly=("passed",))
    return Trial(replicated(scenario, queue(5, speed=5), 24), [judged])


def one_queue_for_all() -> Trial:
    """Build R23, common queue."""
    scenario = desk("4 / hour", 4, minutes(48), days=30, run_in=14)
    judged = Means({"wait": EXACT["R23"]["common"], "busy": 0.8}, of_input(4.0, 0.8, 4))
    return Trial(replicated(scenario, queue(4, speed=4), 24), [judged])


def dealt(routing: str, exact: float, twin: float) -> Trial:
    """Build R23, four reps with a queue each."""
    scenario = desk("4 / hour", 4, minutes(48), days=70, run_in=14, pool={"routing": routing})
    known = {"leads_per_hour": 4.0, "effort": 0.8, "twin": twin}
    judged = Means({"wait": exact, "busy": 0.8}, known)
    return Trial(replicated(scenario, queue(4, own_queues=True), 32, after=5), [judged])


def dealt_in_turn() -> Trial:
    """Build R23, each rep in turn."""
    return dealt("round robin", EXACT["R23"]["round_robin"], round_robin_wait(4.0, 1.25 * FASTER, 4))


def dealt_by_lot() -> Trial:
    """Build R23, a rep by lot."""
    return dealt("random", EXACT["R23"]["random"], random_wait(4.0, 1.25 * FASTER, 4))


def lists() -> Trial:
    """Build R24."""
    coming = {"every": {"mean": "2 hours"}, "size": {"choices": {1: "30%", 3: "40%", 5: "30%"}}}
    scenario = desk({"list": {"lists": coming}}, 1, minutes(30), days=160, run_in=14)
    known = {"leads_per_hour": 1.5, "effort": 0.5, "twin": batches(0.5, 3.0, 11.4, 2.0 * FASTER).wait}
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R24"], known)])


ERLANG_C = "M/M/c, Erlang 1917"
BEHIND = "normal distribution; M/M/c, Erlang 1917"
ALL = ("passed", "busy", "p_wait", "wait")

# at 60 and 70 so few leads wait that 1% would need more than 10^6 and 10^8 leads: waits are not judged there
WAITING_CASES = (
    Case("R01", "one rep, 75% busy", "M/M/1", one_rep, 1.1, "quick"),
    Case("R02", "five reps, 90% busy", ERLANG_C, five_reps, 1.2, "quick"),
    Case("R03", "twenty reps, 90% busy", ERLANG_C, twenty_reps, 1, "quick"),
    Case("R08", "calls of fixed length", "M/D/1, Pollaczek and Khinchine", fixed_calls, 0.6, "quick"),
    Case("R09", "calls of uneven length", "M/G/1, Pollaczek and Khinchine", uneven_calls, 0.8, "quick"),
    Case("R13 30", "threshold 30, five reps", BEHIND, partial(threshold, 30, 40, ALL), 0.7, "quick"),
    Case("R13 40", "threshold 40, five reps", BEHIND, partial(threshold, 40, 50, ALL), 0.6, "quick"),
    Case("R13 50", "threshold 50, five reps", BEHIND, partial(threshold, 50, 130, ALL), 1.1, "quick"),
    Case("R13 60", "threshold 60, five reps", BEHIND, partial(threshold, 60, 60, ALL[:2]), 0.4, "quick"),
    Case("R13 70", "threshold 70, five reps", BEHIND, partial(threshold, 70, 60, ALL[:2]), 0.3, "quick"),
    Case("R23 common", "one queue for all", ERLANG_C, one_queue_for_all, 0.3, "quick"),
    Case("R23 in turn", "each rep in turn", "E4/M/1", dealt_in_turn, 0.8, "quick"),
    Case("R23 by lot", "a rep by lot", "M/M/1", dealt_by_lot, 0.8, "quick"),
    Case("R24", "leads in lists", "M[X]/M/1", lists, 1.3, "quick"),
)


HIGHEST_FIRST: Typed = {"discipline": "highest score first"}
FAR = 1_000  # points between classes: 50 standard deviations


def classes(**per_hour: float) -> dict[str, Typed]:
    """Return a channel for each class, the first with the highest scores."""
    return {
        name: {"leads": f"{rate!r} / hour", "score_bias": -FAR * place}
        for place, (name, rate) in enumerate(per_hour.items())
    }


def by_class(reps: int, *names: str) -> Measure:
    """Return waits of each class, and the controls of the input."""

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
    """Build R10."""
    scenario = desk(classes(hot=0.2, cold=0.6), 1, hours(1), days=430, run_in=20, pool=HIGHEST_FIRST)
    known = {"hot_per_hour": 0.2, "cold_per_hour": 0.6, "effort": 1.0}
    loose = {"wait_hot": 0.03, "wait_cold": 0.03, "time_in_system_cold": 0.03}
    return Trial(replicated(scenario, by_class(1, "hot", "cold"), 24, after=40), [Means(EXACT["R10"], known, loose)])


def hot_before_warm() -> Trial:
    """Build R12."""
    scenario = desk(classes(hot=2.0, warm=3.0), 3, minutes(30), days=75, run_in=10, pool=HIGHEST_FIRST)
    fast = 0.5 / 3.0
    known = {"hot_per_hour": 2.0, "warm_per_hour": 3.0, "effort": 0.5, "twin": mg1_wait(5.0, fast, 2.0 * fast * fast)}
    return Trial(replicated(scenario, by_class(3, "hot", "warm"), 24, after=4), [Means(EXACT["R12"], known)])


# ------------------------------------------------------------------ longest first

SECONDS = np.array([60.0, 5.0, 1.0])
SHARES = np.array([0.1, 0.1, 0.8])
SIZES = ("big", "middle", "small")


def beside_the_small_queue(seen: Window) -> Mapping[str, float]:
    """Return how far, in hours, the starts of tasks are from the small queue's: of all, and within each class."""
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
    """Build R11, the pool's order task by task: effort is 60 seconds, skills shorten it to that of each class."""
    channels = classes(big=48.0, middle=48.0, small=384.0)
    times = {name: {"time": seconds / 60.0} for name, seconds in zip(channels, SECONDS.tolist(), strict=True)}
    more = {"pool": HIGHEST_FIRST, "skills": {"desk": times}}
    scenario = desk(channels, 1, "60 seconds", days=1, run_in=0, **more)
    judged: list[Judgement] = [Each("gap", 0.0, 1e-9), Each("gap_by_class", 0.0, 1e-9), AtLeast("tasks", 9_001)]
    return Trial(replicated(scenario, beside_the_small_queue, 2, after=0), judged)


TASKS, DROPPED = 2_500_000, 160_000
REPLICATIONS = 24


def in_the_small_queue(longest_first: bool, simulate: Simulate, seed: int) -> Samples:
    """Return waits in minutes by class, or of all, in 24 replications of 14 days and nights at 97.3% load."""
    rows = [one_replication(longest_first, (11, replication, seed - 1)) for replication in range(REPLICATIONS)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def one_replication(longest_first: bool, luck: tuple[int, ...]) -> Mapping[str, float]:
    """Simulate a replication of the small queue; its luck is numpy's, as no engine is asked."""
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
    """Build R11, the small queue itself: 160,000 tasks a day would take an engine too long."""
    waits = [f"wait_{seconds:.0f}s" for seconds in SECONDS] if longest_first else ["wait_fifo"]
    exact = {name: EXACT["R11"][name] for name in ("busy", *waits)}
    judged = Means(exact, loose=dict.fromkeys(waits, 0.03))
    return Trial(partial(in_the_small_queue, longest_first), [judged])


COBHAM = "M/G/1 with priorities, Cobham 1954"

PRIORITY_CASES = (
    Case("R10", "hot before cold, one rep", COBHAM, hot_before_cold, 0.6, "quick"),
    Case("R11 order", "longest first, by task", "a second program", longest_first_as_the_small_queue, 0.1, "quick"),
    Case("R11 longest", "longest first, waits", COBHAM, partial(small_queue_and_theory, True), 3.9),
    Case("R11 fifo", "first come, waits", "M/G/1", partial(small_queue_and_theory, False), 3),
    Case("R12", "hot before warm, 3 reps", "Kella and Yechiali 1985", hot_before_warm, 0.6, "quick"),
)


WAIT_P90_H = 0.2074107953  # of R05


def effort_of_all(plan: Plan, seen: Window, tasks: Tasks) -> Floats:
    """Return hours of work that each lead brings, also of who gave up undrawn: luck is a function of a key."""
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
    """Return the time with all reps at work, or 4 more than all, if every lead were taken when it comes; and the mean
    work."""
    everyone = seen.tasks()
    work = effort_of_all(seen.plan, seen, everyone)
    found = {"effort": float(work.mean())}
    for level in (reps, reps + 4):
        full, above = seen.without_queue(everyone.queued, work, level)
        found |= {f"full_at_{level}": full, f"above_{level}": above}
    return found


def nobody_waits() -> Trial:
    """Build R04."""
    scenario = desk("100 / hour", 10, minutes(12), days=6, run_in=1, pool={"queue_limit": 0})
    return Trial(replicated(scenario, losing_queue(10), 20, after=1), [Means(EXACT["R04"])])


def large_pool() -> Trial:
    """Build R05; the 90% quantile is judged by the share that waits longer: 1% of the one is 1.7% of the other."""
    control = {"leads_per_hour": 48.0, "effort": 1.0}
    for level in (50, 54):
        full, above = above_if_nobody_waited(48.0, level)
        control |= {f"full_at_{level}": full, f"above_{level}": above}
    tails = [erlang_a_wait_tail(48.0, 1.0, 50, 0.5, WAIT_P90_H * factor) for factor in (0.995, 1.005)]
    scenario = desk("48 / hour", 50, hours(1), days=17, run_in=2, patience=hours(2))
    judged = Means(EXACT["R05"], control, loose={"wait_over_p90": (tails[0] - tails[1]) / 0.1})
    return Trial(replicated(scenario, losing_queue(50, by_work=True), 32, after=1), [judged])


def overloaded() -> Trial:
    """Build R06."""
    scenario = desk("12 / hour", 4, minutes(30), days=28, run_in=2, patience=minutes(30))
    return Trial(replicated(scenario, losing_queue(4), 24, after=1), [Means(EXACT["R06"])])


def room_for_eight() -> Trial:
    """Build R07: at most 8 in the pool, 3 in hand and 5 waiting."""
    scenario = desk("6 / hour", 3, minutes(30), days=100, run_in=3, pool={"queue_limit": 5})
    return Trial(replicated(scenario, losing_queue(3), 24, after=1), [Means(EXACT["R07"])])


ERLANG_A = "M/M/c+M, Palm 1957"

PATIENCE_CASES = (
    Case("R04", "live chat, nobody waits", "Erlang B, Erlang 1917", nobody_waits, 1.1, "quick"),
    Case("R05", "a large pool, patience", ERLANG_A, large_pool, 2.6),
    Case("R06", "overloaded, patience", ERLANG_A, overloaded, 0.7, "quick"),
    Case("R07", "room for eight", "M/M/3/8", room_for_eight, 1.1, "quick"),
)
