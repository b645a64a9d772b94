"""slow_handoff.yaml: what waiting in a mailbox costs, whatever one believes of the decay."""

from __future__ import annotations

from functools import cache

from simfunnel import study
from tests.scenarios.shipped import SEED, compared, difference, higher, lower, scenario

FILE = "slow_handoff.yaml"
PLANS = ("half_an_hour", "faster_handoff", "no_leak", "one_more_SDR")
BELIEFS = ("faster_handoff_if_no_decay", "faster_handoff_if_full_decay")


def test_each_step_of_a_faster_hand_off_brings_wins_and_fewer_cold_leads() -> None:
    result = compared(FILE, PLANS, 8)

    for plan in ("half_an_hour", "faster_handoff"):
        assert higher(result, "wins", plan)
        assert higher(result, "profit", plan)
        assert lower(result, "went_cold", plan)
    assert difference(result, "wins", "faster_handoff").mean > 1.4 * difference(result, "wins", "half_an_hour").mean


def test_the_hand_off_brings_more_than_one_more_rep_behind_it() -> None:
    result = compared(FILE, PLANS, 8)
    faster, rep = (difference(result, "profit", plan) for plan in ("faster_handoff", "one_more_SDR"))

    assert faster.mean - faster.half_width > rep.mean + rep.half_width
    assert rep.mean - rep.half_width < 0.0


def test_what_leaks_is_worth_less_than_what_waits() -> None:
    result = compared(FILE, PLANS, 8)
    leak, faster = (difference(result, "wins", plan) for plan in ("no_leak", "faster_handoff"))

    assert higher(result, "wins", "no_leak")
    assert leak.mean + leak.half_width < faster.mean - faster.half_width


def test_a_faster_hand_off_pays_even_if_delay_never_lowers_the_odds_and_more_if_it_does_so_as_published() -> None:
    result = compared(FILE, BELIEFS, 8)
    none, full = (difference(result, "wins", plan) for plan in BELIEFS)

    assert none.mean - none.half_width > 0.0
    assert full.mean - full.half_width > none.mean + none.half_width
    assert full.mean > 2.0 * none.mean


@cache
def to_target() -> study.BridgeResult:
    return study.bridge(scenario(FILE), to=4e6, replications=8, seed=SEED)


def test_the_slow_hand_off_is_the_leak_that_costs_most() -> None:
    ledger = [each for each in to_target().leaks if each.leak.exists]
    handoff, leaked, aes = (to_target().leak(*name) for name in (("handoff",), ("leaked",), ("reps", "AE")))

    assert ledger[0].leak.name == "handoff"
    assert handoff is not None
    assert leaked is not None
    assert aes is not None
    assert handoff.revenue.mean - handoff.revenue.half_width > leaked.revenue.mean + leaked.revenue.half_width
    assert leaked.revenue.mean - leaked.revenue.half_width > 0.0
    assert aes.revenue.mean + aes.revenue.half_width < leaked.revenue.mean  # AEs have time to spare


def test_no_repair_of_a_leak_reaches_four_millions_without_more_leads_or_better_closing() -> None:
    result = to_target()

    assert result.to is not None
    assert result.to.remainder.mean - result.to.remainder.half_width > 0.0
    assert result.to.reached_repaired < 0.5
    for name in ("selection", "handoff", "answering"):
        part = result.part(name)
        assert part is not None
        assert part.mean - part.half_width > 0.0
