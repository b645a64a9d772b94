"""Queues other than plain pools against the exact numbers of the reference cases (in brackets)."""

from __future__ import annotations

from math import exp, inf, isclose, pi, sin

import pytest

from simfunnel.theory import queues
from simfunnel.theory.erlang import mmc
from simfunnel.theory.waterfall import recycle


def near(found: float, exact: float, rel: float = 1e-8) -> None:
    assert isclose(found, exact, rel_tol=rel, abs_tol=1e-10), (found, exact)


def test_fixed_handling_halves_the_wait_of_exponential_handling() -> None:
    near(queues.md1_wait(2.4, 1.0 / 3.0), 0.6666666667)  # (R08)
    near(2.0 * queues.md1_wait(2.0, 0.4), mmc(2.0, 2.5, 1).wait)


def test_uneven_handling_waits_by_pollaczek_and_khinchine() -> None:
    near(queues.mg1_wait(2.0, 0.4, 0.16 * exp(0.64)), 1.517184703)  # (R09)
    with pytest.raises(ValueError, match="grow without end"):
        queues.mg1_wait(2.0, 0.5, 1.0)


def test_priority_helps_the_hot_and_hurts_the_cold() -> None:
    hot, cold = queues.mg1_priority_waits([0.2, 0.6], [1.0, 1.0], [2.0, 2.0])  # (R10)
    near(hot, 1.0)
    near(cold, 5.0)
    long, middle, short = queues.mg1_priority_waits(
        [0.8, 0.8, 6.4], [1.0, 5.0 / 60.0, 1.0 / 60.0], [1.0, (5.0 / 60.0) ** 2, (1.0 / 60.0) ** 2]
    )  # (R11)
    near(long, 2.018333333)
    near(middle, 15.1375)
    near(short, 113.53125)
    near(queues.mmc_priority_waits([2.0, 3.0], 2.0, 3)[0], 0.1755617978)  # (R12)


def test_waits_by_priority_obey_the_conservation_law() -> None:
    rates, means, seconds = [0.3, 0.4, 0.2], [0.5, 0.6, 1.0], [0.5, 0.4, 2.2]
    waits = queues.mg1_priority_waits(rates, means, seconds)
    load = sum(r * m for r, m in zip(rates, means, strict=True))
    residual = sum(r * m for r, m in zip(rates, seconds, strict=True)) / 2.0
    near(sum(r * m * w for r, m, w in zip(rates, means, waits, strict=True)), load * residual / (1.0 - load))


def test_dealing_leads_costs_waits_and_dealing_in_turn_costs_less_than_by_lot() -> None:
    near(queues.round_robin_wait(4.0, 1.25, 4), 1.813906888)  # (R23)
    near(queues.random_wait(4.0, 1.25, 4), 3.2)
    near(mmc(4.0, 1.25, 4).wait, 0.5964324718)


def test_lists_of_leads_wait_longer_than_single_leads() -> None:
    found = queues.batches(0.5, 3.0, 11.4, 2.0)  # (R24)
    near(found.in_system, 7.2)
    near(found.wait, 4.3)


def test_two_desks_in_a_row_are_pools_of_their_own() -> None:
    routing = [[0.0, 0.5, 0.0], [0.0, 0.0, 0.4], [0.0, 0.0, 0.0]]
    network = queues.jackson([6.0, 0.0, 0.0], routing, [2.0, 0.8, 0.25], [4, 5, inf])  # (R16)
    near(network.pools[0].wait, 0.2547169811)
    near(network.pools[1].wait, 0.461788959)
    near(network.in_process, 14.46366876)


def test_leads_that_come_back_load_the_pool_like_new_ones() -> None:
    network = queues.jackson([5.0, 0.0], [[0.0, 0.45], [0.6, 0.0]], [1.5, 1.0 / 30.0], [6, inf])  # (R17)
    near(network.rates[0], 6.849315068)
    near(network.rates[0], 5.0 * recycle(0.1, 0.45, 0.6).visits)
    near(network.pools[0].wait, 0.2055048371)
    near(network.pools[1].in_system, 92.46575342)


def test_an_empty_pipeline_wins_less_than_its_long_run() -> None:
    near(queues.wins_by(90.0, 2.0, 0.25, 3, 0.05), 17.45786548)  # (R18)
    near(queues.wins_by(365.0, 2.0, 0.25, 3, 0.05), 152.5000244)


def test_the_number_in_a_stage_follows_a_weekly_rhythm() -> None:
    def rate(t: float) -> float:
        return 8.0 + 5.0 * sin(2.0 * pi * t / 7.0)

    left = 25.0 * exp(-0.2)  # of those open at the start
    near(left + queues.in_stage(2.0, rate, lambda s: exp(-s / 10.0)), 41.29652739)  # (R19)
