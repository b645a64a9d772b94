"""Pools of equal reps against the exact numbers of the reference cases (in brackets) and against each other."""

from __future__ import annotations

from math import isclose

import numpy as np
import pytest

from simfunnel.theory import erlang


def near(found: float, exact: float, rel: float = 1e-8) -> None:
    assert isclose(found, exact, rel_tol=rel, abs_tol=1e-10), (found, exact)


def test_live_chat_without_waiting_loses_what_erlang_says() -> None:
    near(erlang.erlang_b(10, 20.0), 0.5379631686320729)  # (R04)
    assert round(erlang.erlang_b(132, 123.0), 4) == 0.0312


def test_a_pool_of_unlimited_patience_agrees_with_the_tables() -> None:
    five = erlang.mmc(4.5, 1.0, 5)  # (R02)
    near(five.p_wait, 0.7624932207)
    near(five.wait, 1.524986441)
    near(five.queue, 6.862438987)
    near(erlang.mmc_wait_tail(4.5, 1.0, 5, 1.0), 0.4624755162)
    near(erlang.mmc_wait_quantile(4.5, 1.0, 5, 0.9), 4.062846863)
    near(erlang.mmc(18.0, 1.0, 20).wait, 0.2753845024)  # (R03)
    assert round(erlang.erlang_c(12421, 12345.0), 4) == 0.3812


def test_nobody_waits_below_the_share_that_starts_at_once() -> None:
    assert erlang.mmc_wait_quantile(1.0, 1.0, 5, 0.5) == 0.0


def test_an_overloaded_pool_without_patience_has_no_long_run() -> None:
    with pytest.raises(ValueError, match="grow without end"):
        erlang.erlang_c(3, 3.0)


def test_patience_keeps_an_overloaded_pool_finite() -> None:
    pool = erlang.erlang_a(12.0, 2.0, 4, 2.0)  # (R06): the number in the pool is Poisson with mean 6
    near(pool.in_system, 6.0)
    near(pool.p_reneged, 0.3721671174)
    near(pool.wait_served, 0.1888047583)
    near(pool.throughput, 7.533994591)


def test_a_large_pool_with_patience_agrees_with_garnett_mandelbaum_and_reiman() -> None:
    pool = erlang.erlang_a(48.0, 1.0, 50, 0.5)  # (R05)
    near(pool.p_wait, 0.4677740686)
    near(pool.p_reneged, 0.03091224916)
    near(pool.wait_served, 0.06026500399)
    near(erlang.erlang_a_wait_tail(48.0, 1.0, 50, 0.5, 0.1), 0.2439454817)
    near(erlang.erlang_a_answered_within(48.0, 1.0, 50, 0.5, 0.1), 0.7386217179)


def test_patience_without_end_gives_the_pool_without_patience() -> None:
    near(erlang.erlang_a(9.0, 2.0, 6, 1e-9).wait, erlang.mmc(9.0, 2.0, 6).wait, 1e-5)


def test_littles_law_and_the_renege_rate_hold_in_a_pool_with_patience() -> None:
    pool = erlang.erlang_a(14.0, 2.0, 6, 1.5)
    near(pool.queue, 14.0 * pool.wait)
    near(pool.p_reneged, 1.5 * pool.wait)
    near(pool.in_system, pool.queue + 6.0 * pool.utilisation)
    near(erlang.erlang_a_answered_within(14.0, 2.0, 6, 1.5, 60.0), 1.0 - pool.p_reneged)


def test_a_full_pool_turns_leads_away() -> None:
    pool = erlang.mmck(6.0, 2.0, 3, 8)  # (R07)
    near(pool.p_balked, 0.1267605634)
    near(pool.wait, 0.3629032258)
    near(pool.p_wait, 0.7258064516)
    near(erlang.mmck(9.0, 2.0, 6, 6).p_balked, erlang.erlang_b(6, 4.5))


def test_a_chance_that_decays_while_waiting_is_averaged_over_waits_not_at_the_mean_wait() -> None:
    exact = 0.2 * erlang.mmc_discount(8.0, 2.0, 5, 0.7)  # (R22)
    near(exact, 0.1712682379)
    assert exact > 0.2 * float(np.exp(-0.7 * erlang.mmc(8.0, 2.0, 5).wait))


def test_heads_for_a_load_keep_the_busy_share_below_the_limit() -> None:
    assert erlang.heads_for(4.0, 0.85) == 5
    assert erlang.heads_for(3.4, 0.85) == 4
    assert erlang.heads_for(0.0) == 1
    with pytest.raises(ValueError, match="busy share"):
        erlang.heads_for(1.0, 0.0)
