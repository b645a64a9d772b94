"""Ways, batch times and the calendars behind them."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.calendars import is_open, next_open
from simfunnel.plan.model import BATCH, DELAY, INSTANT
from tests.unit.plan.scenes import planned

MONDAY = 0.0  # the small funnel starts on Monday 4 January 2027


def batches(*sets: str) -> np.ndarray:
    """Hours of the batches of channel web, from day 0 on."""
    way = planned(*sets).phases[0].handoff[1]
    assert way.way == BATCH
    return way.batch_h[way.batch_h >= 0.0]


def test_ways_are_filled_from_the_default_key_by_key() -> None:
    plan = planned("handoff={default: {delay: 3 hours, leak: 4%}, chat: {instant: true}}")
    chat, web = plan.phases[0].handoff

    assert (chat.way, chat.leak) == (INSTANT, 0.04)
    assert (web.way, web.delay.a, web.leak) == (DELAY, 3.0, 0.04)


def test_batches_go_at_their_weekly_times() -> None:
    assert batches("handoff.web={batch: 'Mon,Thu 09:00'}")[:4].tolist() == [9.0, 81.0, 177.0, 249.0]
    assert batches("handoff.web={batch: 'daily 09:00, 15:00'}")[:3].tolist() == [9.0, 15.0, 33.0]


def test_a_batch_on_a_closed_day_goes_at_the_same_hour_of_the_next_open_day() -> None:
    saturday = batches("handoff.web={batch: 'Sat 10:00'}")
    assert saturday[:2].tolist() == [10.0, 7 * 24 + 10.0]  # the Saturday before the start goes on Monday
    holiday = batches("handoff.web={batch: 'Mon 09:00'}", "calendar.own_holidays=[2027-01-11, 2027-01-12]")
    assert holiday[:3].tolist() == [9.0, 9 * 24 + 9.0, 14 * 24 + 9.0]


def test_a_batch_that_meets_another_is_one_batch() -> None:
    assert batches("handoff.web={batch: 'Sat,Sun,Mon 09:00'}")[:2].tolist() == [9.0, 177.0]


def test_batch_times_are_local_to_the_home_pool() -> None:
    new_york = batches(
        "handoff.web={batch: 'Mon 09:00'}", "pools.SDR.calendar={time_zone: America/New_York}", "calendar.time_zone=UTC"
    )

    assert new_york[0] == 14.0  # winter: UTC - 5
    assert new_york[np.searchsorted(new_york, 150 * 24.0)] % 24 == 13.0  # June: UTC - 4


def test_a_batch_exists_for_everybody_made_before_the_end() -> None:
    plan = planned("handoff.web={batch: 'Mon 09:00'}")

    assert plan.phases[0].handoff[1].batch_h[-1] > plan.end_h
    assert plan.phases[0].handoff[1].batch_h[0] >= plan.start_h


def test_pools_that_open_alike_share_a_calendar() -> None:
    alike = planned("pools.AE.calendar={hours: '09:00-17:00'}")
    apart = planned("pools.AE.calendar={hours: '08:00-20:00'}")

    assert len(alike.calendars) == 1
    assert [phase.calendar for phase in apart.phases[0].pools] == [0, 1]
    assert apart.working_day_h.tolist() == [12.0, 8.0]


def test_calendars_open_in_the_scenarios_hours_and_reach_past_the_end() -> None:
    opens, closes = planned("calendar.holidays=US").calendars[0]

    assert is_open(opens, closes, 9.0)
    assert not is_open(opens, closes, 17.0)
    assert next_open(opens, closes, 14 * 24.0) == 15 * 24.0 + 9.0  # Martin Luther King's day is closed
    assert opens[-1] > 364 * 24.0 + 30 * 24.0


def test_a_pool_that_never_closes_is_one_interval() -> None:
    plan = planned("pools.SDR.calendar=always")
    opens, closes = plan.calendars[plan.phases[0].pools[1].calendar]

    assert (len(opens), len(closes)) == (1, 1)
    assert plan.working_day_h[plan.phases[0].pools[1].calendar] == 24.0


def test_business_days_are_those_of_the_pool() -> None:
    plan = planned("handoff.default={delay: 2 business days}", "calendar.hours=09:00-17:30")

    delay = plan.phases[0].handoff[0].delay
    assert (delay.a, delay.working) == (17.0, True)


def test_speed_is_off_unless_typed_and_filled_from_the_default() -> None:
    plan = planned(
        "speed_to_lead={default: {strength: 0.5, odds: {0 hours: 1, 1 hour: 0.6}}, chat: {strength: 1}}",
    )
    chat, web = plan.phases[0].speed

    assert (chat.strength, web.strength) == (1.0, 0.5)
    assert chat.hours.tolist() == web.hours.tolist() == [0.0, 1.0]
    assert chat.odds.tolist() == [1.0, 0.6]
    assert planned().phases[0].speed[0].odds.size == 0


def test_a_stage_without_a_hand_off_of_its_own_is_entered_at_once() -> None:
    plan = planned("stages.proposal.handoff={delay: 1 day, leak: 3%}")

    assert plan.phases[0].stages[1].handoff.delay.a == pytest.approx(24.0)
    assert plan.phases[0].stages[1].handoff.leak == 0.03
    assert planned().phases[0].stages[1].handoff.way == INSTANT
