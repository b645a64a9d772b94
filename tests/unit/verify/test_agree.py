from __future__ import annotations

from functools import partial

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.plan import Plan
from simfunnel.verify.engines import random_figures, same_bytes, starter_figures
from simfunnel.verify.small_funnels import desk, minutes, plan_of

SIMPY = partial(simulate, engine="simpy")
PLAN = plan_of(desk("3 / hour", 1, minutes(15), days=2, run_in=1))


def one_bit_off(plan: Plan, seed: int, replication: int) -> Ledger:
    """An engine that writes one number with another last bit."""
    ledger = SIMPY(plan, seed, replication)
    ledger.tasks["effort"].view("u8")[3] ^= 1
    return ledger


def test_engines_with_the_same_bytes_agree() -> None:
    figure = same_bytes("desk", {"one": SIMPY, "other": SIMPY}, PLAN, 1, 0)

    assert figure.passed
    assert (figure.seen, figure.exact) == (1, 1)


def test_one_bit_is_a_difference_and_is_named() -> None:
    figure = same_bytes("desk", {"one": SIMPY, "other": one_bit_off}, PLAN, 1, 0)

    assert not figure.passed
    assert figure.fault.startswith("desk: one and other differ: tasks.effort")


def test_the_starter_is_compared_as_it_is_and_under_every_what_if() -> None:
    asked: list[int] = []

    def engine(plan: Plan, seed: int, replication: int) -> Ledger:
        asked.append(seed)
        return SIMPY(PLAN, seed, replication)

    figures = starter_figures({"one": engine, "other": engine}, 3)

    assert [figure.name for figure in figures][:2] == ["as it is", "stricter"]
    assert asked == [3] * 2 * len(figures)


def test_the_scenarios_of_two_seeds_are_not_the_same() -> None:
    engines = {"one": SIMPY, "other": SIMPY}

    names = [random_figures(engines, seed, 4)[0].name for seed in (1, 2)]

    assert names == ["random scenario 4", "random scenario 1000004"]
