"""b2b_benchmarks.yaml: published figures come back out, what they imply, and where they contradict each other."""

from __future__ import annotations

import pytest

from simfunnel.study import Part
from tests.scenarios.shipped import compared, difference, higher, scenario, value

FILE = "b2b_benchmarks.yaml"
LEVERS = ("no_lead_forgotten", "within_the_hour", "both")


def test_the_published_shares_fit_together() -> None:
    """Lead to opportunity x opportunity to deal is lead to deal; another survey has six times as many."""
    referral, all_leads, survey = 0.25 * 0.147, 0.13 * 0.06, 0.4 * 0.4 * 0.3

    assert referral == pytest.approx(0.0363, abs=0.001)
    assert all_leads == pytest.approx(0.008, abs=0.0005)
    assert survey / all_leads == pytest.approx(6.0, abs=0.2)


def test_every_figure_of_the_file_names_its_source_and_grade() -> None:
    sources = scenario(FILE).sources

    assert all("(A" in text or "(B" in text for text in sources.values())
    assert {"handoff.default.delay", "speed_to_lead.default.odds", "stages.deal.conversion", "cycle"} <= set(sources)


def test_leads_are_answered_as_the_study_says() -> None:
    result = compared(FILE, LEVERS, 8)

    assert value(result, "answered_in_1_hour") == pytest.approx(0.37, abs=0.01)
    assert value(result, "answered_in_1_day") == pytest.approx(0.37 + 0.16, abs=0.01)
    assert value(result, "reached_share") == pytest.approx(1 - 0.23, abs=0.01)
    assert value(result, "response_mean") == pytest.approx(42.0, abs=1.0)


def test_leads_become_opportunities_and_deals_as_the_study_says() -> None:
    result = compared(FILE, LEVERS, 8)

    assert value(result, "opportunities") / value(result, "leads") == pytest.approx(0.13, abs=0.005)
    assert value(result, "wins") / value(result, "leads") == pytest.approx(0.008, abs=0.001)
    rates = [value(result, "win_rate", part=Part(channel=name)) for name in ("referral", "website", "webinar")]
    assert rates == sorted(rates, reverse=True)


def test_at_the_published_decay_nearly_all_opportunities_come_from_the_first_hour() -> None:
    """So a firm that answers after days would win almost nothing, which such firms' own rates contradict."""
    odds_after_12_hours, odds_after_days = 0.143 + (12.5 - 2) / 22 * (0.0167 - 0.143), 0.0167

    assert 0.48 / (0.48 + 0.21 * odds_after_12_hours + 0.31 * odds_after_days) > 0.9


def test_answering_sooner_brings_more_than_answering_the_forgotten() -> None:
    result = compared(FILE, LEVERS, 8)
    forgotten, sooner = (difference(result, "wins", plan) for plan in LEVERS[:2])

    assert forgotten.mean - forgotten.half_width > 0.0
    assert sooner.mean - sooner.half_width > forgotten.mean + forgotten.half_width
    assert difference(result, "wins", "both").mean > 0.9 * value(result, "wins")


def test_half_the_decay_still_leaves_a_gain_and_none_leaves_nothing_to_detect() -> None:
    result = compared(FILE, ("hour_if_half", "hour_if_none"), 8)
    none = difference(result, "wins", "hour_if_none")

    assert higher(result, "wins", "hour_if_half")
    assert abs(none.mean) < none.half_width
