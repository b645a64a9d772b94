import time
from datetime import date, timedelta

import numpy as np
import pytest

from simfunnel.calendars import (
    ALWAYS,
    Calendar,
    always,
    build,
    check_country,
    check_zone,
    day_number,
    holiday_days,
    parse_days,
    parse_hours,
    weekly_windows,
)
from simfunnel.units import UnitError

OFFICE = weekly_windows(parse_days("Mon-Fri"), parse_hours("09:00-17:30"))
MONDAY = date(2027, 1, 4)
FRIDAY_NEW_YEAR = date(2027, 1, 1)


def office(first_date: date = MONDAY, first_day: int = 0, last_day: int = 7, **more: object) -> Calendar:
    return build(OFFICE, day_zero=day_number(first_date), first_day=first_day, last_day=last_day, **more)  # type: ignore[arg-type]


def test_a_week_has_five_windows_from_local_midnight_of_day_zero() -> None:
    calendar = office()

    assert calendar.opens.tolist() == [9, 33, 57, 81, 105]
    assert calendar.closes.tolist() == [17.5, 41.5, 65.5, 89.5, 113.5]


def test_the_run_in_has_negative_hours() -> None:
    calendar = office(first_day=-7, last_day=0)

    assert calendar.opens.tolist() == [9 - 168, 33 - 168, 57 - 168, 81 - 168, 105 - 168]


def test_days_off_are_the_countrys_and_the_teams_own() -> None:
    calendar = office(FRIDAY_NEW_YEAR, last_day=7, holidays="US", own_holidays=[date(2027, 1, 5)])

    assert (calendar.opens // 24).tolist() == [3, 5, 6]  # not Friday 1st, not Tuesday 5th


def test_holidays_of_every_year_in_range_count() -> None:
    calendar = office(FRIDAY_NEW_YEAR, first_day=-366, last_day=3 * 366, holidays="US")
    days = (calendar.opens // 24).astype(int) + day_number(FRIDAY_NEW_YEAR)

    for year in range(2026, 2029):
        assert not set(days) & set(holiday_days("US", year))


def test_lunch_divides_a_day() -> None:
    windows = weekly_windows(parse_days("Mon"), parse_hours("09:00-12:00, 13:00-17:00"))
    calendar = build(windows, day_zero=day_number(MONDAY), first_day=0, last_day=7)

    assert calendar.opens.tolist() == [9, 13]
    assert calendar.closes.tolist() == [12, 17]


def test_midnight_does_not_close_a_team_that_works_round_the_clock() -> None:
    calendar = build(ALWAYS, day_zero=day_number(MONDAY), first_day=-1, last_day=7)

    assert (calendar.opens.tolist(), calendar.closes.tolist()) == ([-24], [168])


def test_a_pool_to_the_west_opens_later_on_the_scenarios_clock() -> None:
    calendar = office(time_zone="America/Los_Angeles", scenario_zone="America/New_York")

    assert calendar.opens.tolist() == [12, 36, 60, 84, 108]


def test_the_distance_between_zones_is_that_of_the_day() -> None:
    calendar = office(date(2027, 3, 8), last_day=28, time_zone="Europe/Berlin", scenario_zone="America/New_York")

    # New York goes to summer time on 14 March 2027, Berlin on the 28th: five hours apart in between, else six
    assert (calendar.opens % 24).tolist() == [3.0] * 5 + [4.0] * 10 + [3.0] * 5


def test_a_zone_may_be_off_by_parts_of_an_hour() -> None:
    calendar = office(last_day=1, time_zone="Asia/Kathmandu", scenario_zone="UTC")

    assert calendar.opens.tolist() == [3.25]


def test_a_far_zone_moves_windows_to_the_neighbouring_day() -> None:
    calendar = office(last_day=1, time_zone="Pacific/Auckland", scenario_zone="America/New_York")

    assert calendar.opens.tolist() == [-9.0]


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_the_same_zone_or_none_moves_nothing(zone: str | None) -> None:
    same = office(time_zone=zone, scenario_zone="Europe/Berlin")

    assert same.opens.tolist() == office().opens.tolist()


def test_a_calendar_without_an_open_day_is_empty() -> None:
    weekend = office(date(2027, 1, 2), last_day=2)

    assert weekend.opens.tolist() == weekend.closes.tolist() == []
    assert office(last_day=0).opens.tolist() == []


def test_always_is_one_long_interval() -> None:
    assert (always().opens.tolist(), always().closes.tolist()) == ([-1e7], [1e7])


def test_a_compiled_calendar_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        office().opens[0] = 0.0


def test_open_days_are_those_of_numpy_busday() -> None:
    closed = [day for year in (2026, 2027, 2028) for day in holiday_days("US", year)]
    calendar = office(FRIDAY_NEW_YEAR, first_day=-300, last_day=700, holidays="US")
    numbers = np.arange(-300, 700) + day_number(FRIDAY_NEW_YEAR)
    expected = np.is_busday(numbers.astype("datetime64[D]"), holidays=np.array(closed, dtype="datetime64[D]"))

    assert (calendar.opens // 24).tolist() == (np.arange(-300, 700)[expected]).tolist()


def test_two_calendars_over_three_years_take_less_than_ten_milliseconds() -> None:
    holiday_days("US", 2027), holiday_days("GB", 2027)  # the import of `holidays` is paid once a process
    zones = {"time_zone": "Europe/London", "scenario_zone": "America/New_York"}

    start = time.perf_counter()
    office(date(2026, 12, 31), first_day=-365, last_day=730, holidays="US")
    office(date(2026, 12, 31), first_day=-365, last_day=730, holidays="GB", **zones)

    assert time.perf_counter() - start < 0.05  # 10 ms on a quiet machine


def test_countries_are_checked_and_near_spellings_named() -> None:
    assert check_country("US") == "US"
    assert check_country("US-CA") == "US-CA"
    with pytest.raises(UnitError, match="no holidays are known for 'de'; did you mean DE"):
        check_country("de")
    with pytest.raises(UnitError, match="US has no part 'CAL'; did you mean CA"):
        check_country("US-CAL")
    with pytest.raises(UnitError, match="two-letter country code"):
        check_country("Atlantis")
    with pytest.raises(UnitError, match="this is not a country code"):
        check_country(49)


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    cesar_chavez = day_number(date(2027, 3, 31))

    assert cesar_chavez in holiday_days("US-CA", 2027)
    assert cesar_chavez not in holiday_days("US", 2027)


def test_zones_are_checked_and_near_spellings_named() -> None:
    assert check_zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(UnitError, match="did you mean America/New_York"):
        check_zone("america/new_yrok")
    with pytest.raises(UnitError, match="this is not a time zone"):
        check_zone(1)


def test_day_numbers_count_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(MONDAY) - day_number(FRIDAY_NEW_YEAR) == timedelta(days=3).days
