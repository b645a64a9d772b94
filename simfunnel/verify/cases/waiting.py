"""Queues without patience: waits, busy shares and who waits at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import exp, sqrt

from simfunnel.theory.queues import batches, random_wait, round_robin_wait
from simfunnel.verify.cases.case import Case, Measure, Trial, replicated
from simfunnel.verify.cases.controls import above_if_nobody_waited, of_input
from simfunnel.verify.exact import EXACT, ROWS
from simfunnel.verify.judging import Means
from simfunnel.verify.scenes import Typed, desk, hours, minutes
from simfunnel.verify.window import Window

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
    """R01."""
    scenario = desk("3 / hour", 1, minutes(15), days=80, run_in=6)
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R01"], of_input(3.0, 0.25, FASTER))])


def five_reps() -> Trial:
    """R02; the 90% quantile of the wait is judged by the share that waits longer."""
    scenario = desk("4.5 / hour", 5, hours(1), days=110, run_in=16)
    exact = {name: value for name, value in EXACT["R02"].items() if name != "wait_p90"}
    loose = {"wait": 0.03, "waiting": 0.03, "wait_over_1h": 0.03, "wait_over_p90": 0.03}
    judged = Means({**exact, "wait_over_p90": 0.1}, of_input(4.5, 1.0, 5), loose)
    return Trial(replicated(scenario, queue(5, speed=5), 24, after=4), [judged])


def twenty_reps() -> Trial:
    """R03."""
    scenario = desk("18 / hour", 20, hours(1), days=20, run_in=7)
    judged = Means(EXACT["R03"], of_input(18.0, 1.0, 20), loose={"wait": 0.03, "waiting": 0.03})
    return Trial(replicated(scenario, queue(20, speed=20), 24), [judged])


def fixed_calls() -> Trial:
    """R08; effort that never varies corrects nothing."""
    scenario = desk("2.4 / hour", 1, "20 minutes", days=80, run_in=7)
    known = of_input(2.4, 1 / 3, FASTER, variation=0.0)
    del known["effort"]
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R08"], known)])


def uneven_calls() -> Trial:
    """R09."""
    scenario = desk("2 / hour", 1, {"mean": "24 minutes", "cv": SPREAD}, days=140, run_in=10)
    judged = Means(EXACT["R09"], of_input(2.0, 0.4, FASTER, variation=SPREAD**2))
    return Trial(replicated(scenario, queue(1), 32, after=5), [judged])


def threshold(at: int, days: int, names: tuple[str, ...]) -> Trial:
    """R13 at one threshold."""
    behind: Typed = {"score": {"mean": 50, "sd": 15}, "qualification": {"threshold": at}}
    scenario = desk("10 / hour", 5, minutes(30), days=days, run_in=14 if at == 30 else 5, **behind)
    exact = ROWS["R13"][at]
    rate = 10.0 * exact["passed"]
    full, above = above_if_nobody_waited(0.5 * rate, 5)
    control = {**of_input(rate, 0.5, 5), "full_without_queue": full, "above_without_queue": above}
    judged = Means({name: exact[name] for name in names}, control, plainly=("passed",))
    return Trial(replicated(scenario, queue(5, speed=5), 24), [judged])


def one_queue_for_all() -> Trial:
    """R23, common queue."""
    scenario = desk("4 / hour", 4, minutes(48), days=30, run_in=14)
    judged = Means({"wait": EXACT["R23"]["common"], "busy": 0.8}, of_input(4.0, 0.8, 4))
    return Trial(replicated(scenario, queue(4, speed=4), 24), [judged])


def dealt(routing: str, exact: float, twin: float) -> Trial:
    """R23, four reps with a queue each."""
    scenario = desk("4 / hour", 4, minutes(48), days=70, run_in=14, pool={"routing": routing})
    known = {"leads_per_hour": 4.0, "effort": 0.8, "twin": twin}
    judged = Means({"wait": exact, "busy": 0.8}, known)
    return Trial(replicated(scenario, queue(4, own_queues=True), 32, after=5), [judged])


def dealt_in_turn() -> Trial:
    """R23, each rep in turn."""
    return dealt("round robin", EXACT["R23"]["round_robin"], round_robin_wait(4.0, 1.25 * FASTER, 4))


def dealt_by_lot() -> Trial:
    """R23, a rep by lot."""
    return dealt("random", EXACT["R23"]["random"], random_wait(4.0, 1.25 * FASTER, 4))


def lists() -> Trial:
    """R24."""
    coming = {"every": {"mean": "2 hours"}, "size": {"choices": {1: "30%", 3: "40%", 5: "30%"}}}
    scenario = desk({"list": {"lists": coming}}, 1, minutes(30), days=160, run_in=14)
    known = {"leads_per_hour": 1.5, "effort": 0.5, "twin": batches(0.5, 3.0, 11.4, 2.0 * FASTER).wait}
    return Trial(replicated(scenario, queue(1), 32), [Means(EXACT["R24"], known)])


ERLANG_C = "M/M/c, Erlang 1917"
BEHIND = "normal distribution; M/M/c, Erlang 1917"
ALL = ("passed", "busy", "p_wait", "wait")

# at 60 and 70 so few leads wait that 1% would need more than 10^6 and 10^8 leads: waits are not judged there
CASES = (
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
