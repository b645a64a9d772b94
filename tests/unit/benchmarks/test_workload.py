"""The benchmark's two forms of one workload stay one workload."""

from __future__ import annotations

from benchmarks import idiomatic
from benchmarks.peers import OURS_MUST_AGREE
from benchmarks.players import SCENARIO, SHARES, our_engine, size


def test_the_overrides_scale_leads_and_reps_together() -> None:
    from simfunnel.scenario import load

    scenario = load(str(SCENARIO), sets=size(20_000))

    assert {name: pool.reps for name, pool in scenario.pools.items()} == {"web": 8, "event": 4, "partner": 4}
    assert round(sum(channel.weekly_volume for channel in scenario.channels.values()) * 60 / 7) == 20_000


def test_both_forms_share_channels_and_heads() -> None:
    assert {name: (of.share, of.reps) for name, of in idiomatic.CHANNELS.items()} == SHARES


def test_both_forms_count_alike() -> None:
    """Means of 12 replications of 3,000 leads within 4%: five standard errors or more for each count."""
    run = our_engine("auto")
    seeds = range(12)

    mine, plain = ([of(3_000, seed) for seed in seeds] for of in (run, idiomatic.run))

    for name in OURS_MUST_AGREE:
        ratio = sum(out[name] for out in mine) / sum(out[name] for out in plain)
        assert abs(ratio - 1) < 0.04, name
