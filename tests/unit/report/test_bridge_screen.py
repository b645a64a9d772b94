from __future__ import annotations

from dataclasses import replace
from functools import cache

from simfunnel import study
from simfunnel.report.screens.bridge import bridge_screen, levers_in_short
from simfunnel.scenario import parse
from simfunnel.study import Amount, BridgeResult
from tests.unit.study.test_leaks import LEAKY, SOUND


@cache
def bridge(target: float | None = None) -> BridgeResult:
    return study.bridge(parse(LEAKY), to=target, replications=6)


def said(changed: BridgeResult) -> str:
    return " ".join(bridge_screen(changed, 100).split())


def test_levers_that_differ_in_the_middle_only_are_told_with_a_star() -> None:
    levers = {(each.leak.name, each.leak.of): [*levers_in_short(each.leak.lever)] for each in bridge().leaks}

    assert levers["reps", ""] == ["pools.*.reps"]
    assert levers["reps", "SDR"] == ["pools.SDR.reps"]
    assert levers["rejected", ""] == ["acceptance.rate", "acceptance.agreement"]


def test_repairs_help_or_hinder_each_other_only_where_the_run_can_tell() -> None:
    assert "repairs help each other" in said(replace(bridge(), beyond=Amount(5e4, 1e4)))
    assert "save the same leads, or hinder each other" in said(replace(bridge(), beyond=Amount(-5e4, 1e4)))
    unclear = said(replace(bridge(), beyond=Amount(5e3, 1e4)))
    assert "they bring" in unclear
    assert "each other" not in unclear


def test_what_is_left_to_a_target_is_said_only_where_the_run_can_tell() -> None:
    far, near = said(bridge(1e9)), bridge(5e5)
    assert near.to is not None

    assert "What is left of it, only more leads or better closing can bring." in far
    enough = replace(near, to=study.ToTarget(5e5, near.to.gap, Amount(-2e5, 1e4), 0.0, 1.0))
    assert "Repairs alone could reach it." in said(enough)
    assert "more than the target" in said(enough)
    unclear = replace(near, to=study.ToTarget(5e5, near.to.gap, Amount(1e4, 2e4), 0.0, 0.5))
    assert "Whether repairs alone are enough cannot be told." in said(unclear)


def test_a_funnel_without_leaks_says_so_and_that_each_is_exactly_nothing() -> None:
    screen = said(study.bridge(parse(SOUND), to=1e6, replications=6))

    assert "only more leads or better closing" in screen
    assert "NO LEAK score misses who will buy; near miss, not called;" in screen
    assert "exactly 0" in screen


def test_a_repair_that_loses_money_is_explained() -> None:
    leak = bridge().leaks[0]
    worse = replace(leak, revenue=replace(leak.revenue, verdict="worse"))

    assert "sends reps more work than they have time for" in said(replace(bridge(), leaks=(worse,)))


def test_a_target_that_today_reaches_needs_no_repair() -> None:
    to = study.ToTarget(1e5, Amount(-1e5, 1e4), Amount(-2e5, 1e4), 1.0, 1.0)
    sound = said(study.bridge(parse(SOUND), to=1e3, replications=6))

    assert "It takes no repair to reach it on average." in said(replace(bridge(1e5), to=to))
    assert "above it; there is nothing to repair." in sound
    assert "Repairs alone could reach it" not in sound


def test_no_lever_is_cut_off_beside_the_leaks() -> None:
    levers = {lever for each in bridge().leaks if each.leak.exists for lever in levers_in_short(each.leak.lever)}

    assert "qualification.threshold" in levers
    assert all(lever in bridge_screen(bridge(), 100) for lever in levers)
    assert "alone, $k" in bridge_screen(bridge(), 100)  # amounts of a year have a scale of their own
