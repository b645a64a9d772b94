"""The closed forms of `simfunnel.theory` give the exact numbers of the cases, and every case is simulated."""

from __future__ import annotations

from math import exp, inf, sqrt

import pytest

from simfunnel.theory import accuracy, erlang, queues, selection, waterfall
from simfunnel.verify.cases import CASES
from simfunnel.verify.exact import AUC_AT_SEPARATION_1, EXACT, NOT_SIMULATED, RESTATED, ROWS

LOGNORMAL_SQUARE = 0.16 * exp(0.64)


def pool(found: erlang.Pool) -> dict[str, float]:
    """A pool's figures by the names of the cases."""
    return {
        "busy": found.utilisation,
        "p_wait": found.p_wait,
        "wait": found.wait,
        "waiting": found.queue,
        "in_system": found.in_system,
        "throughput": found.throughput,
        "reneged": found.p_reneged,
        "balked": found.p_balked,
        "wait_served": found.wait_served,
    }


def by_theory() -> dict[str, dict[str, float]]:
    """Each case by its formula."""
    patient = erlang.erlang_a(48.0, 1.0, 50, 0.5)
    priority = queues.mg1_priority_waits((0.2, 0.6), (1.0, 1.0), (2.0, 2.0))
    longest = queues.mg1_priority_waits((0.8, 0.8, 6.4), (1.0, 1 / 12, 1 / 60), (1.0, 1 / 144, 1 / 3600))
    three = queues.mmc_priority_waits((2.0, 3.0), 2.0, 3)
    lists = queues.batches(0.5, 3.0, 11.4, 2.0)
    desks = queues.jackson([6, 0, 0], [[0, 0.5, 0], [0, 0, 0.4], [0, 0, 0]], [2, 0.8, 0.25], [4, 5, inf])
    again = waterfall.recycle(0.1, 0.45, 0.6)
    loop = queues.jackson([5, 0], [[0, 0.45], [0.6, 0]], [1.5, 1 / 30], [6, inf])
    median, deviation = 20.0, 0.9
    deal, square = median * exp(deviation**2 / 2), median**2 * exp(2 * deviation**2)
    quarter = waterfall.revenue_of_poisson_deals(54.0, deal, square)
    bets = waterfall.revenue_of_poisson_deals(30.0, 17.0, 775.0)
    below = waterfall.revenue_distribution(30.0, (5, 20, 80), (0.6, 0.3, 0.1), 499).sum()
    return {
        "R01": {**pool(erlang.mmc(3.0, 4.0, 1)), "time_in_system": erlang.mmc(3.0, 4.0, 1).wait + 0.25},
        "R02": {
            **pool(erlang.mmc(4.5, 1.0, 5)),
            "wait_over_1h": erlang.mmc_wait_tail(4.5, 1.0, 5, 1.0),
            "wait_p90": erlang.mmc_wait_quantile(4.5, 1.0, 5, 0.9),
        },
        "R03": pool(erlang.mmc(18.0, 1.0, 20)),
        "R04": {"balked": erlang.erlang_b(10, 20.0), "busy": 2.0 * (1.0 - erlang.erlang_b(10, 20.0))},
        "R05": {
            **pool(patient),
            "wait_over_6m": erlang.erlang_a_wait_tail(48.0, 1.0, 50, 0.5, 0.1),
            "wait_over_p90": erlang.erlang_a_wait_tail(48.0, 1.0, 50, 0.5, 0.2074107953),
            "answered_in_6m": erlang.erlang_a_answered_within(48.0, 1.0, 50, 0.5, 0.1),
        },
        "R06": pool(erlang.erlang_a(12.0, 2.0, 4, 2.0)),
        "R07": pool(erlang.mmck(6.0, 2.0, 3, 8)),
        "R08": {"wait": queues.md1_wait(2.4, 1 / 3), "busy": 0.8},
        "R09": {"wait": queues.mg1_wait(2.0, 0.4, LOGNORMAL_SQUARE), "busy": 0.8},
        "R10": {
            "wait_hot": priority[0],
            "wait_cold": priority[1],
            "time_in_system_hot": priority[0] + 1.0,
            "time_in_system_cold": priority[1] + 1.0,
        },
        "R11": {
            "wait_60s": longest[0],
            "wait_5s": longest[1],
            "wait_1s": longest[2],
            "wait_fifo": queues.mg1_wait(8.0, 73 / 600, 0.1 + 0.1 / 144 + 0.8 / 3600),
            "busy": 8 * 73 / 600,
        },
        "R12": {"wait_hot": three[0], "wait_warm": three[1], "p_wait": erlang.erlang_c(3, 2.5)},
        "R16": {
            "wait_sdr": desks.pools[0].wait,
            "wait_ae": desks.pools[1].wait,
            "p_wait_sdr": desks.pools[0].p_wait,
            "p_wait_ae": desks.pools[1].p_wait,
            "in_contract": desks.pools[2].in_system,
            "in_process": desks.in_process,
            "days_in_process": desks.time_in_process,
            "contracts_per_day": desks.rates[2],
        },
        "R17": {
            **pool(loop.pools[0]),
            "visits_per_day": loop.rates[0],
            "in_nurture": loop.pools[1].in_system,
            "wins_per_day": 0.1 * loop.rates[0],
            "visits_per_lead": again.visits,
            "win_share": again.win,
            "variance_of_visits": again.variance,
        },
        "R18": {
            **{f"wins_by_{day}": queues.wins_by(day, 2.0, 0.25, 3, 0.05) for day in (30, 90, 365)},
            "open_at_90": queues.in_stage(90.0, lambda _: 2.0, lambda t: 1.0 - queues.stages_done(3, 0.05, t)),
        },
        "R20": {"mean": quarter.mean, "variance": quarter.variance, "sd": sqrt(quarter.variance), "deal_mean": deal},
        "R21": {
            "mean": bets.mean,
            "sd": bets.sd,
            "reaches_500": 1.0 - float(below),
            "p10": 325,
            "p50": 500,
            "p90": 710,
        },
        "R23": {
            "common": erlang.mmc(4.0, 1.25, 4).wait,
            "round_robin": queues.round_robin_wait(4.0, 1.25, 4),
            "random": queues.random_wait(4.0, 1.25, 4),
        },
        "R24": {
            "busy": lists.utilisation,
            "in_system": lists.in_system,
            "time_in_system": lists.time_in_system,
            "wait": lists.wait,
        },
    }


@pytest.mark.parametrize("case", sorted(by_theory()))
def test_the_closed_forms_give_the_exact_numbers(case: str) -> None:
    found = by_theory()[case]
    for name, value in EXACT[case].items():
        assert found[name] == pytest.approx(value, rel=1e-8), name


def test_a_threshold_lets_pass_what_r13_says() -> None:
    for threshold, row in ROWS["R13"].items():
        passed = selection.pass_share(50.0, 15.0, threshold)
        behind = erlang.mmc(10.0 * passed, 2.0, 5)
        found = {"passed": passed, "busy": behind.utilisation, "p_wait": behind.p_wait, "wait": behind.wait}
        assert found == pytest.approx(row, rel=1e-8)


def test_a_score_with_an_auc_selects_what_r14_says() -> None:
    assert accuracy.auc_binormal(1.0) == pytest.approx(AUC_AT_SEPARATION_1, rel=1e-9)
    assert accuracy.separation_for_auc(AUC_AT_SEPARATION_1) == pytest.approx(1.0, rel=1e-8)
    for threshold, row in ROWS["R14"].items():
        bar = accuracy.bar_binormal(0.08, 1.0, threshold)
        assert (bar.pass_share, bar.win_rate_passed, bar.wins_kept) == pytest.approx(tuple(row.values()), rel=1e-8)


def test_a_score_that_correlates_with_quality_selects_what_r15_says() -> None:
    for threshold, row in ROWS["R15"].items():
        bar = accuracy.bar_latent(0.6, threshold, 1.0)
        found = (bar.pass_share, bar.win_rate_passed, bar.wins_kept, bar.mean_quality_passed)
        assert found == pytest.approx(tuple(row.values()), rel=1e-8)


def test_six_reps_behind_a_threshold_lose_what_r25_says() -> None:
    for threshold, row in ROWS["R25"].items():
        passed = selection.pass_share(0.0, 1.0, threshold)
        behind = erlang.erlang_a(50.0 * passed, 2.0, 6, 1.0)
        found = {"passed": passed, "reneged": behind.p_reneged, "busy": behind.utilisation}
        assert found == pytest.approx(row, rel=1e-8)


def test_speed_to_lead_as_published_is_the_transform_of_the_wait() -> None:
    """R22 before it is restated: 0.2 x E[exp(-0.7 W)]."""
    assert 0.2 * erlang.mmc_discount(8.0, 2.0, 5, 0.7) == pytest.approx(0.1712682379, rel=1e-8)
    assert 0.2 * exp(-0.7 * erlang.mmc(8.0, 2.0, 5).wait) == pytest.approx(0.1647415649, rel=1e-8)


def test_every_case_is_simulated_or_named_as_out_of_reach() -> None:
    simulated = {case.reference for case in CASES}

    assert simulated | set(NOT_SIMULATED) == {f"R{number:02}" for number in range(1, 27)}
    assert set(RESTATED) <= simulated
    assert not simulated & set(NOT_SIMULATED)
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_numbers_of_every_reference_are_asked_for() -> None:
    for case in CASES:
        assert case.reference in {*EXACT, *ROWS, "R22"}
        assert case.source
