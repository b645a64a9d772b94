"""Rates, profiles and sources of leads."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.distributions import mean
from simfunnel.errors import ScenarioError
from simfunnel.plan.arrivals import Arrivals, weekly_profile
from simfunnel.plan.model import CAMPAIGN, LIST, OPENING, SHEET, Plan, Source
from simfunnel.scenario.fields.calendars import CalendarSpec
from tests.unit.plan.scenes import changed, framed, planned, scene


def source(plan: Plan, kind: int, channel: str) -> Source:
    return next(s for s in plan.sources if s.kind == kind and plan.channels[s.channel] == channel)


def expected(plan: Plan, found: Source, first: int = 0, last: int | None = None) -> float:
    """Leads of a source on the days first ... last - 1, minute by minute."""
    days = np.arange(plan.first_day, plan.first_day + plan.n_days)
    minutes = plan.profiles[found.profile[0]].reshape(7, 1440).mean(axis=1)
    weekdays = (days + plan.day_zero + 3) % 7
    inside = (days >= first) & (days < (days[-1] + 1 if last is None else last))
    return float((found.rate_h * minutes[weekdays] * 24.0)[inside].sum())


def test_a_weekly_volume_is_that_many_leads_in_any_week() -> None:
    plan = planned()

    assert expected(plan, source(plan, SHEET, "web"), 7, 14) == pytest.approx(70.0)
    assert source(plan, SHEET, "web").swing_cv.max() == 0.0
    assert source(plan, SHEET, "chat").swing_cv.min() == 0.3


def test_visits_count_by_the_share_that_becomes_a_lead() -> None:
    plan = planned("channels.web.visits=1000 / week", "channels.web.visit_to_lead=3%")

    assert expected(plan, source(plan, SHEET, "web"), 0, 7) == pytest.approx(30.0)


def test_a_volume_per_business_day_counts_the_calendars_open_weekdays() -> None:
    plan = planned("channels.web.leads=10 / business day", "calendar.days=Mon-Thu")

    assert expected(plan, source(plan, SHEET, "web"), 0, 7) == pytest.approx(40.0)


def test_season_goes_by_calendar_month_and_growth_by_days_from_the_start() -> None:
    plan = planned("channels.web.season={feb: 50%}", "channels.web.growth=0.21")
    rate = source(plan, SHEET, "web").rate_h
    first_of_february = 28 - plan.first_day

    assert rate[first_of_february] == pytest.approx(70 / 168 * 0.5 * 1.21 ** (28 / 365))
    assert rate[first_of_february - 1] == pytest.approx(70 / 168 * 1.21 ** (27 / 365))
    assert rate[0] == pytest.approx(70 / 168 * 1.21 ** (plan.first_day / 365))


def test_business_hours_carry_the_whole_week_and_holidays_none_of_it() -> None:
    plan = planned("channels.chat.hours_of_week=business", "calendar.holidays=US")
    found = source(plan, SHEET, "chat")
    profile = plan.profiles[found.profile[0]]
    martin_luther_king = 14 - plan.first_day

    assert profile.mean() == pytest.approx(1.0)
    assert profile[9 * 60 - 1] == 0.0
    assert profile[9 * 60] == pytest.approx(168 / 40)
    assert found.rate_h[martin_luther_king] == 0.0
    assert expected(plan, found, 7, 14) == pytest.approx(30.0)
    assert expected(plan, found, 14, 21) == pytest.approx(24.0)


def test_a_typed_week_is_taken_hour_by_hour_with_mean_one() -> None:
    hours = tuple(float(hour == 10) * 5.0 for _ in range(7) for hour in range(24))

    profile = weekly_profile(hours, CalendarSpec())

    assert profile.mean() == pytest.approx(1.0)
    assert set(np.flatnonzero(profile) // 60 % 24) == {10}


def test_a_campaign_brings_its_leads_over_both_ends_and_no_swing() -> None:
    plan = planned("channels.web.campaigns={fair: {from: 2027-03-01, to: 2027-03-05, leads: 300, cost: 24k}}")
    found = source(plan, CAMPAIGN, "web")

    assert expected(plan, found) == pytest.approx(300.0)
    assert np.flatnonzero(found.rate_h).tolist() == list(range(56 - plan.first_day, 61 - plan.first_day))
    assert found.swing_cv.max() == 0.0
    assert plan.campaign_facts[0].cost == 24_000.0
    assert plan.campaign_facts[0].first_day == 56
    assert plan.campaigns == ("fair",)


def test_a_campaign_of_a_business_hours_channel_skips_closed_days() -> None:
    plan = planned(
        "channels.chat.hours_of_week=business",
        "channels.chat.campaigns={fair: {from: 2027-03-05, to: 2027-03-08, leads: 60}}",
    )
    found = source(plan, CAMPAIGN, "chat")

    assert expected(plan, found) == pytest.approx(60.0)  # Friday and Monday bear all of it
    assert np.count_nonzero(found.rate_h) in (2, 4)


def test_a_campaign_on_closed_days_only_is_an_error() -> None:
    with pytest.raises(ScenarioError, match="without any arrivals"):
        planned(
            "channels.chat.hours_of_week=business",
            "channels.chat.campaigns={fair: {from: 2027-03-06, to: 2027-03-07, leads: 60}}",
        )


def test_a_campaign_cut_by_the_end_of_the_period_brings_only_its_part() -> None:
    plan = planned("channels.web.campaigns={late: {from: 2027-12-29, to: 2028-01-07, leads: 100}}")

    assert expected(plan, source(plan, CAMPAIGN, "web")) == pytest.approx(50.0)  # 5 of 10 days


def test_lists_have_a_rhythm_and_a_size_and_no_rate() -> None:
    plan = planned("channels.web.lists={every: 30 days, size: 200}")
    found = source(plan, LIST, "web")

    assert mean(found.list_every[0]) == 720.0
    assert mean(found.list_size[0]) == 200.0
    assert found.rate_h.max() == 0.0
    assert Arrivals(framed("channels.web.lists={every: 28 days, size: 200}")).expected_leads(
        "web", scene("channels.web.lists={every: 28 days, size: 200}")
    ) == pytest.approx(52 * 70 + 13 * 200)


def test_a_what_if_changes_the_rate_from_its_first_day() -> None:
    plan = planned(what_if="{channels.web.leads: 140 / week}")
    rate = source(plan, SHEET, "web").rate_h

    assert set(np.round(rate[: -plan.first_day] * 168, 9)) == {70.0}
    assert set(np.round(rate[-plan.first_day :] * 168, 9)) == {140.0}


def test_every_source_has_an_identity_of_its_own_that_names_alone_decide() -> None:
    sets = [
        "channels.web.lists={every: 30 days, size: 20}",
        "channels.web.campaigns={lists: {from: 2027-03-01, to: 2027-03-05, leads: 300}}",
    ]
    here, elsewhere = planned(*sets), planned(*sets, "channels.web.leads=700 / week")

    keys = [found.key for found in here.sources]
    assert len(set(keys)) == len(keys)
    assert keys == [found.key for found in elsewhere.sources]


def test_an_opening_pipeline_replaces_the_run_in() -> None:
    plan = planned("opening_pipeline=[{channel: web, stage: proposal, count: 7, age: 5 days}]")

    assert plan.first_day == 0
    assert plan.opening[0].count == 7
    assert plan.sources[plan.opening[0].source].kind == OPENING
    assert mean(plan.opening[0].age) == 120.0


def test_expected_leads_count_everything_within_the_period() -> None:
    sets = ("channels.web.campaigns={fair: {from: 2027-03-01, to: 2027-03-05, leads: 300}}",)
    spec = changed(*sets)

    assert Arrivals(framed(*sets)).expected_leads("web", spec.base) == pytest.approx(52 * 70 + 300)


@pytest.mark.parametrize(("typed", "planned_for"), [(5e-324, 0.0), (1e-300, 0.0), (1e-7, 1e-7), (0.3, 0.3)])
def test_a_swing_too_small_to_tell_from_none_is_none(typed: float, planned_for: float) -> None:
    plan = planned(f"channels.web.day_to_day_swing={typed}")

    assert set(source(plan, SHEET, "web").swing_cv) == {planned_for}
