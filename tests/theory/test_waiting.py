"""Queues without patience: waits, busy shares and who waits at all (cases R01-R03, R08, R09, R13, R23, R24)."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, sqrt

import numpy as np
import pytest

from simfunnel.theory.queues import mg1_wait
from tests.theory.cases import EXACT, ROWS
from tests.theory.harness import Measure, Typed, Window, desk, hours, judge, minutes, replicate

SPREAD = sqrt(exp(0.64) - 1.0)  # coefficient of variation of a lognormal with log-sd 0.8


def queue(reps: int) -> Measure:
    """Everything about a queue, and the controls of its input."""

    def measure(seen: Window) -> Mapping[str, float]:
        tasks = seen.joined()
        ended = tasks.ended
        return {
            "busy": seen.busy(reps),
            "p_wait": float((tasks.wait > 0.0).mean()),
            "wait": float(tasks.wait.mean()),
            "waiting": seen.waiting(),
            "time_in_system": float((ended - tasks.queued).mean()),
            "in_system": seen.waiting() + reps * seen.busy(reps),
            "wait_over_1h": float((tasks.wait > 1.0).mean()),
            "wait_p90": float(np.quantile(tasks.wait, 0.9)),
            "leads_per_hour": tasks.queued.size / seen.until,
            "effort": float(tasks.effort.mean()),
            "effort_squared": float((tasks.effort**2).mean()),
            "twin": seen.twin(reps),
            "work_squared": seen.work_squared(),
            "work_squared_by_rep": seen.work_squared(reps=reps),
            "passed": tasks.queued.size / seen.created(),
        }

    return measure


def inputs(rate: float, effort: float, *, twin_of: int = 0) -> dict[str, float]:
    """Exact means of the controls of exponential handling."""
    known = {"leads_per_hour": rate, "effort": effort}
    if twin_of:
        fast = effort / twin_of
        known["twin"] = mg1_wait(rate, fast, 2.0 * fast * fast)
    return known


@pytest.mark.slow
def test_r01_one_rep_at_three_quarters_load() -> None:
    found = replicate(desk("3 / hour", 1, minutes(15), days=250, run_in=7), queue(1), 32)
    judge(found, EXACT["R01"], control=inputs(3.0, 0.25))


def test_r02_five_reps_at_nine_tenths_load() -> None:
    found = replicate(desk("4.5 / hour", 5, hours(1), days=40, run_in=16), queue(5), 24, after=4)
    loose = {"wait": 0.03, "waiting": 0.03, "wait_over_1h": 0.03, "wait_p90": 0.03}
    judge(found, EXACT["R02"], control=inputs(4.5, 1.0, twin_of=5), loose=loose)


@pytest.mark.slow
def test_r03_twenty_reps_at_nine_tenths_load() -> None:
    found = replicate(desk("18 / hour", 20, hours(1), days=25, run_in=7), queue(20), 24)
    judge(found, EXACT["R03"], control=inputs(18.0, 1.0, twin_of=20), loose={"wait": 0.03, "waiting": 0.03})


@pytest.mark.slow
def test_r08_calls_of_fixed_length() -> None:
    found = replicate(desk("2.4 / hour", 1, "20 minutes", days=300, run_in=10), queue(1), 32)
    judge(found, EXACT["R08"], control={"leads_per_hour": 2.4})


@pytest.mark.slow
def test_r09_calls_of_very_uneven_length() -> None:
    effort = {"mean": "24 minutes", "cv": SPREAD}
    found = replicate(desk("2 / hour", 1, effort, days=400, run_in=14), queue(1), 32, after=5)
    known = {**inputs(2.0, 0.4), "effort_squared": 0.16 * exp(0.64)}
    judge(found, EXACT["R09"], control=known)


# row 70 would need 10^8 leads for its waits, row 60 3 x 10^6: too few wait
@pytest.mark.parametrize(
    ("threshold", "days", "names"),
    [
        (30, 40, ("passed", "busy", "p_wait", "wait")),
        (40, 50, ("passed", "busy", "p_wait", "wait")),
        pytest.param(50, 120, ("passed", "busy", "p_wait", "wait"), marks=pytest.mark.slow),
        (60, 60, ("passed", "busy")),
        (70, 60, ("passed", "busy")),
    ],
)
def test_r13_a_threshold_in_front_of_five_reps(threshold: int, days: int, names: tuple[str, ...]) -> None:
    behind: Typed = {"score": {"mean": 50, "sd": 15}, "qualification": {"threshold": threshold}}
    run_in = 14 if threshold == 30 else 5
    found = replicate(desk("10 / hour", 5, minutes(30), days=days, run_in=run_in, **behind), queue(5), 24)
    exact = ROWS["R13"][threshold]
    control = inputs(10.0 * exact["passed"], 0.5, twin_of=5)
    judge(found, {name: exact[name] for name in names}, control=control, plainly=("passed",))


@pytest.mark.parametrize(
    ("routing", "days", "replications"),
    [
        ("shared queue", 30, 24),
        pytest.param("round robin", 130, 32, marks=pytest.mark.slow),
        pytest.param("random", 200, 32, marks=pytest.mark.slow),
    ],
)
def test_r23_who_gets_the_lead(routing: str, days: int, replications: int) -> None:
    name = {"shared queue": "common", "round robin": "round_robin", "random": "random"}[routing]
    scenario = desk("4 / hour", 4, minutes(48), days=days, run_in=14, pool={"routing": routing})
    found = replicate(scenario, queue(4), replications, after=5)
    exact = {"wait": EXACT["R23"][name], "busy": 0.8}
    judge(found, exact, control=inputs(4.0, 0.8, twin_of=4))


@pytest.mark.slow
def test_r24_leads_that_come_in_lists() -> None:
    lists = {"every": {"mean": "2 hours"}, "size": {"choices": {1: "30%", 3: "40%", 5: "30%"}}}
    found = replicate(desk({"list": {"lists": lists}}, 1, minutes(30), days=400, run_in=14), queue(1), 32)
    judge(found, EXACT["R24"], control=inputs(1.5, 0.5))
