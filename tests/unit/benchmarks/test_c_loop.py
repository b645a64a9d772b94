"""The C loop is the same funnel as plain SimPy's."""

from __future__ import annotations

import statistics

import pytest

from benchmarks import c_loop, idiomatic

needs_a_compiler = pytest.mark.skipif(c_loop.compiler() is None, reason="no C compiler")


@needs_a_compiler
def test_the_c_loop_counts_what_plain_simpy_counts() -> None:
    """Means over 30 replications of 2,000 leads, each within 3.5 standard errors."""
    seeds = range(30)

    mine, plain = ([run(2_000, seed) for seed in seeds] for run in (c_loop.run, idiomatic.run))

    for name in c_loop.MUST_AGREE:
        z = c_loop.z_of([out[name] for out in mine], [out[name] for out in plain])
        assert abs(z) <= c_loop.WIDEST_Z, f"{name}: {z}"


@needs_a_compiler
def test_the_c_loop_serves_every_lead_in_its_queue_once() -> None:
    found = c_loop.run(10_000, 1)

    assert found["mqls"] >= found["calls"] + found["went_cold"]
    assert found["calls"] >= found["meetings"] >= found["wins"]


@needs_a_compiler
def test_the_same_seed_gives_the_same_counts() -> None:
    assert c_loop.run(1_000, 7) == c_loop.run(1_000, 7) != c_loop.run(1_000, 8)


@needs_a_compiler
def test_memory_grows_when_more_leads_come_than_expected() -> None:
    """20 expected leads get room for 36 (and 21 events): among 20,000 seeds several need more."""
    leads = [c_loop.run(20, seed)["leads"] for seed in range(20_000)]

    assert max(leads) > 40
    assert statistics.mean(leads) == pytest.approx(20, abs=0.2)
