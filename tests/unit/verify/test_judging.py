from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from simfunnel.engine import simulate
from simfunnel.errors import EngineError
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan
from simfunnel.verify.cases import Case, Trial
from simfunnel.verify.checks import figures_of
from simfunnel.verify.judging import (
    AtLeast,
    Each,
    Figure,
    Means,
    at_least,
    broken,
    controlled,
    plain,
    replicated,
    within,
)
from simfunnel.verify.small_funnels import Window, desk, minutes

LUCK = np.random.default_rng(5)
NOISE = LUCK.normal(size=400)
SAMPLES = {"wait": 2.0 + 0.02 * NOISE, "leads": 10.0 + 0.1 * NOISE, "own": LUCK.normal(2.0, 0.02, 400)}


def faults(figures: list[Figure]) -> list[str]:
    return [figure.fault for figure in figures if not figure.passed]


def test_the_right_mean_passes_and_says_how_far_it_may_be_off() -> None:
    (figure,) = Means({"wait": 2.0}).figures(SAMPLES)

    assert figure.passed
    assert figure.tolerance == pytest.approx(4 * SAMPLES["wait"].std(ddof=1) / 20)
    assert figure.margin_used < 1


@pytest.mark.parametrize("exact", [2.01, 1.99, 0.0, math.nan])
def test_a_wrong_exact_number_fails(exact: float) -> None:
    (fault,) = faults(Means({"wait": exact}).figures(SAMPLES))

    assert fault.startswith("wait: ")
    assert "more than 4 se" in fault


def test_a_number_that_is_too_noisy_fails_although_it_agrees() -> None:
    noisy = {"wait": LUCK.normal(2.0, 1.0, 400)}

    assert "too noisy" in faults(Means({"wait": 2.0}).figures(noisy))[0]
    assert faults(Means({"wait": 2.0}, loose={"wait": 0.03}).figures(noisy)) == []


def test_a_control_takes_the_noise_of_the_input_away() -> None:
    estimate = controlled(SAMPLES["wait"], [SAMPLES["leads"]], [10.0])

    assert estimate.se < plain(SAMPLES["wait"]).se / 1000
    assert estimate.mean == pytest.approx(2.0, abs=1e-9)


def test_a_wrong_input_cannot_hide_behind_the_correction() -> None:
    judged = Means({"wait": 2.0}, control={"leads": 10.0})
    shifted = {name: sample + (0.1 if name == "leads" else 0.02) for name, sample in SAMPLES.items()}

    assert faults(judged.figures(SAMPLES)) == []
    found = faults(judged.figures(shifted))

    assert [fault.split(":")[0] for fault in found] == ["leads", "wait"]
    assert "before correction" in found[1]


def test_what_is_judged_plainly_is_not_corrected() -> None:
    judged = Means({"wait": 2.0}, control={"leads": 10.0}, plainly=("wait",))

    assert judged.figures(SAMPLES)[1].standard_error == plain(SAMPLES["wait"]).se


def test_few_replications_are_not_judged() -> None:
    with pytest.raises(ValueError, match="19 replications cannot be judged"):
        Means({"wait": 2.0}).figures({"wait": np.ones(19)})


def test_a_number_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError):
        Means({"waits": 2.0}).figures(SAMPLES)


def test_each_replication_is_held_to_the_tolerance_or_the_least() -> None:
    samples = {"gap": np.array([0.0, -1e-10, 5e-10]), "tasks": np.array([9_500.0, 9_001.0])}

    assert faults([*Each("gap", 0.0, 1e-9).figures(samples), *AtLeast("tasks", 9_001).figures(samples)]) == []
    assert "5e-10" in faults(Each("gap", 0.0, 1e-10).figures(samples))[0]
    assert "9001 is below 9002" in faults(AtLeast("tasks", 9_002).figures(samples))[0]
    assert faults(Each("gap", 0.0, 1.0).figures({"gap": np.array([0.0, math.nan])}))


def test_nan_never_passes() -> None:
    assert not within("x", math.nan, 0.0, math.inf).passed
    assert not at_least("x", math.nan, -math.inf).passed
    assert not broken("x", "no ledger").passed


def test_the_margin_is_the_used_share_of_the_tolerance() -> None:
    assert within("x", 1.5, 1.0, 2.0).margin_used == 0.25
    assert within("x", 1.0, 1.0).margin_used == 0.0
    assert at_least("x", 5.0, 1.0).margin_used == 0.0
    assert within("x", 2.0, 1.0).margin_used == math.inf


# ------------------------------------------------------------------ engines

SCENARIO = desk("3 / hour", 1, minutes(15), days=20, run_in=4)


def measure(seen: Window) -> dict[str, float]:
    """Numbers that every engine has to get right."""
    tasks = seen.joined()
    return {"busy": seen.busy(1), "leads_per_hour": tasks.queued.size / seen.until}


def one_rep(busy: float = 0.75) -> Case:
    trial = Trial(replicated(SCENARIO, measure, 20), [Means({"leads_per_hour": 3.0, "busy": busy}, loose=LOOSE)])
    return Case("R01", "one rep", "M/M/1", lambda: trial, 0.1)


LOOSE = {"busy": 0.05, "leads_per_hour": 0.05}
ENGINE = partial(simulate, engine="simpy")


def test_the_case_of_a_good_engine_passes() -> None:
    assert faults(list(figures_of(one_rep(), ENGINE))) == []


def test_a_wrong_exact_value_fails_the_case() -> None:
    assert [fault.split(":")[0] for fault in faults(list(figures_of(one_rep(busy=0.7), ENGINE)))] == ["busy"]


def fewer_leads(plan: Plan, seed: int, replication: int) -> Ledger:
    """An engine that cannot see every twentieth of the period: its reps rest too much."""
    return ENGINE(replace_end(plan), seed, replication)


def replace_end(plan: Plan) -> Plan:
    return replace(plan, end_h=0.9 * plan.end_h)


def slow(plan: Plan, seed: int, replication: int) -> Ledger:
    """An engine that writes an hour too much work for every task."""
    ledger = ENGINE(plan, seed, replication)
    ledger.tasks["effort"][:] += 1.0
    return ledger


@pytest.mark.parametrize("engine", [fewer_leads, slow])
def test_a_wrong_engine_fails_the_case(engine: Callable[[Plan, int, int], Ledger]) -> None:
    try:
        found = faults(list(figures_of(one_rep(), engine)))
    except EngineError as error:
        found = [str(error)]

    assert found


def test_another_seed_is_other_luck_and_the_default_is_that_of_the_tests() -> None:
    first, again, other = ([f.seen for f in figures_of(one_rep(), ENGINE, seed)] for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_leads_that_still_wait_at_the_end_of_the_window_are_told() -> None:
    crowded = desk("3.95 / hour", 1, minutes(15), days=5, run_in=5)
    with pytest.raises(EngineError, match="never taken nor given up"):
        replicated(crowded, measure, 1, after=0)(ENGINE, 1)
