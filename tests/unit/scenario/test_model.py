"""What a scenario knows of itself: inheritance between its parts, look-ups, defaults."""

from __future__ import annotations

from datetime import date

import pytest

from simfunnel.distributions import mean
from simfunnel.errors import ScenarioError
from simfunnel.scenario import parse
from simfunnel.scenario.fields.calendars import Period, add_months
from tests.unit.scenario.building import small, with_paths


def test_a_pool_s_calendar_inherits_what_it_does_not_type() -> None:
    scenario = with_paths(
        {"pools.SDR.calendar.hours": "08:00-20:00"},
        calendar={"days": "Mon-Sat", "holidays": "DE", "time_zone": "Europe/Berlin"},
    )

    calendar = scenario.calendar_of("SDR")

    assert (calendar.days, calendar.hours, calendar.holidays, calendar.time_zone) == (
        "Mon-Sat",
        "08:00-20:00",
        "DE",
        "Europe/Berlin",
    )
    assert calendar.weekly.open_hours_per_week == 72
    assert scenario.calendar_of("AE") is scenario.calendar


def test_a_pool_that_is_always_open_needs_one_word() -> None:
    assert with_paths({"pools.SDR.calendar": "always"}).calendar_of("SDR").weekly.open_hours_per_week == 168


def test_a_pool_s_hours_end_the_scenario_s_round_the_clock() -> None:
    scenario = with_paths({"pools.SDR.calendar.hours": "08:00-20:00"}, calendar="always")

    assert scenario.calendar_of("SDR").weekly.open_hours_per_week == 60


def test_hand_offs_are_filled_key_by_key_from_the_default() -> None:
    scenario = parse(small(handoff={"default": {"leak": "4%"}, "chat": {"instant": True}}))

    web, chat = scenario.handoff_of("web"), scenario.handoff_of("chat")

    assert (web.instant, web.leak) == (None, 0.04)
    assert str(web.delay.median) == "3 hours"  # type: ignore[union-attr]
    assert (chat.instant, chat.delay, chat.leak) == (True, None, 0.04)


def test_skills_and_specialisation_are_filled_from_the_default_then_one() -> None:
    scenario = with_paths(
        {"pools.SDR.specialised": {"default": {"odds": 1.15, "time": "90%"}, "chat": {"odds": 1.3}}},
        skills={"SDR": {"chat": {"time": "80%"}}},
    )

    own = scenario.pools["SDR"].specialised_for("chat")

    assert (own.odds, own.time) == (1.3, 0.9)
    assert (scenario.skill_of("SDR", "chat").odds, scenario.skill_of("SDR", "chat").time) == (1.0, 0.8)
    assert scenario.skill_of("AE", "chat").time == 1.0


def test_speed_to_lead_of_a_channel_is_filled_from_the_default() -> None:
    scenario = parse(
        small(speed_to_lead={"default": {"odds": {"1 hour": 0.6, "0 hours": 1}}, "chat": {"strength": 0.5}})
    )

    chat, web = scenario.speed_of("chat"), scenario.speed_of("web")

    assert chat is not None
    assert web is not None
    assert (chat.strength, chat.odds) == (0.5, ((0.0, 1.0), (1.0, 0.6)))
    assert web.strength == 1.0
    assert parse(small()).speed_of("web") is None


def test_work_that_is_not_typed_goes_by_the_stage_s_place() -> None:
    stages = [{"name": name, "conversion": "50%"} for name in ("discovery", "demo", "proposal")]
    scenario = with_paths({"pools.AE.stages": ["demo", "proposal"]}, stages=stages)

    hours = [mean(stage.effort.compile()) for stage in scenario.stages if stage.effort is not None]

    assert hours == pytest.approx([0.75, 1.0, 3.0])
    assert all("effort" not in stage.model_fields_set for stage in scenario.stages)


def test_a_stage_without_pool_has_no_work() -> None:
    raw = small(pools={"SDR": {"stages": ["discovery"], "reps": 5, "selling_time": "50%"}})

    assert parse(raw).stage("proposal").effort is None


def test_a_cycle_is_shared_over_the_later_stages_without_a_wait() -> None:
    stages = [{"name": name, "conversion": "50%"} for name in ("discovery", "demo", "trial", "proposal")]
    stages[1]["wait"] = "6 days"
    scenario = with_paths({"pools.AE.stages": ["demo", "trial", "proposal"]}, stages=stages, cycle="60 days")

    waits = [mean(stage.wait.compile()) / 24 for stage in scenario.stages[1:] if stage.wait is not None]

    assert waits == pytest.approx([6.0, 27.0, 27.0])
    assert scenario.cycle_hours == pytest.approx(60 * 24)


def test_the_mixture_weighs_channels_by_typed_weekly_volume() -> None:
    scenario = parse(
        small(
            channels={
                "web": {"visits": "3000 / week", "visit_to_lead": "2%", "deal_value": "9k"},
                "chat": {"leads": "4 / business day", "deal_value": "9k"},
                "fair": {"lists": {"every": "7 days", "size": 20}, "deal_value": "9k"},
                "show": {
                    "campaigns": {"x": {"from": "2027-02-01", "to": "2027-02-02", "leads": 99}},
                    "deal_value": "9k",
                },
            }
        )
    )

    assert scenario.weights == pytest.approx({"web": 0.6, "chat": 0.2, "fair": 0.2, "show": 0.0})


def test_the_home_pool_is_the_one_that_serves_both() -> None:
    scenario = parse(small())

    assert scenario.pool_of("web", "discovery") == "SDR"
    assert scenario.pool_of("web", "elsewhere") is None


@pytest.mark.parametrize(
    ("typed", "days"),
    [({}, 365), ({"months": 3}, 90), ({"weeks": 52}, 364), ({"days": 30}, 30), ({"end": "2027-01-31"}, 28)],
)
def test_a_period_is_as_long_as_typed(typed: dict[str, object], days: int) -> None:
    assert Period.model_validate({"start": "2027-01-04"} | typed).n_days == days


def test_months_end_on_the_month_s_last_day_when_they_must() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert add_months(date(2027, 12, 15), 12) == date(2028, 12, 15)


def test_titles_what_ifs_and_targets_do_not_change_the_meaning_but_a_rate_does() -> None:
    base = parse(small()).meaning_sha256()

    assert (
        parse(small(title="Other", target={"revenue": "1M"}, what_ifs={"x": {"acceptance": "50%"}})).meaning_sha256()
        == base
    )
    assert parse(small(acceptance="61%")).meaning_sha256() != base


def test_amounts_may_carry_the_scenario_s_own_currency() -> None:
    raw = small(currency="EUR", target={"revenue": "€5.2M"})

    assert parse(raw).target.revenue == 5.2e6  # type: ignore[union-attr]
    with pytest.raises(ScenarioError, match="is not in EUR"):
        parse(small(currency="EUR", target={"revenue": "$5.2M"}))
