"""b2b.yaml: today's team is near its limits, and each what-if has its price."""

from __future__ import annotations

from simfunnel.study import Part
from tests.scenarios.shipped import compared, difference, higher, lower, value

PLANS = ("stricter", "much_stricter", "micro_teams", "micro_teams_with_overflow", "two_more_AEs")
REPLICATIONS = 10
SDR, AE, CHAT = Part(pool="SDR"), Part(pool="AE"), Part(channel="chat")


def test_today_looks_like_a_team_near_its_limits() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert 0.86 < value(result, "busy_share", part=SDR) < 0.95
    assert 0.80 < value(result, "busy_share", part=AE) < 0.90
    assert 4.0 < value(result, "response_working_median") < 12.0
    assert 0.1 < value(result, "went_cold") / value(result, "mqls") < 1 / 3
    assert 0.2 < value(result, "recycled_mqls") / value(result, "mqls") < 1 / 3


def test_a_stricter_bar_answers_sooner_and_wastes_less_but_brings_no_more_revenue() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert lower(result, "response_working_mean", "stricter")
    assert lower(result, "went_cold", "stricter")
    assert lower(result, "wasted_hours", "stricter")
    found = difference(result, "revenue", "stricter")
    assert found.mean + found.half_width < 0.03 * value(result, "revenue")


def test_a_much_stricter_bar_leaves_reps_idle_and_loses_revenue() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert value(result, "busy_share", "much_stricter", SDR) < 0.6
    assert lower(result, "revenue", "much_stricter")
    assert lower(result, "profit", "much_stricter")


def test_micro_teams_answer_chat_in_time_and_everybody_else_later() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert lower(result, "went_cold", "micro_teams", CHAT)
    assert higher(result, "went_cold", "micro_teams")
    assert higher(result, "response_working_mean", "micro_teams")
    assert not higher(result, "revenue", "micro_teams")


def test_micro_teams_that_help_each_other_out_keep_the_gain_in_skill() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert higher(result, "wins", "micro_teams_with_overflow")
    assert lower(result, "went_cold", "micro_teams_with_overflow")


def test_two_more_closers_sell_more_than_today_and_cost_more_than_they_sell() -> None:
    result = compared("b2b.yaml", PLANS, REPLICATIONS)

    assert higher(result, "wins", "two_more_AEs")
    assert lower(result, "profit", "two_more_AEs")
    assert difference(result, "mqls", "two_more_AEs").mean == 0.0
