"""slow_handoff.yaml: what waiting in a mailbox costs, whatever one believes of the decay."""

from __future__ import annotations

from tests.scenarios.shipped import compared, difference, higher, lower

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
