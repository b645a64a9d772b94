import pytest

from simfunnel.calendars import (
    ALWAYS,
    WeeklyWindows,
    parse_days,
    parse_hours,
    parse_weekly_times,
    weekly_windows,
    windows_by_day,
)
from simfunnel.units import UnitError

OFFICE = weekly_windows(parse_days("Mon-Fri"), parse_hours("09:00-17:30"))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri", (0, 1, 2, 3, 4)),
        ("mon – fri", (0, 1, 2, 3, 4)),
        ("Mon,Thu", (0, 3)),
        ("Mon-Wed, Sat", (0, 1, 2, 5)),
        ("Sat-Mon", (0, 5, 6)),
        ("Monday, Tuesdays, Thurs", (0, 1, 3)),
        ("daily", tuple(range(7))),
        ("Every day", tuple(range(7))),
        ("Sun", (6,)),
    ],
)
def test_days_are_read_from_monday(text: str, days: tuple[int, ...]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("value", ["Mo-Fr", "Mon-Tue-Fri", "", "weekdays", 5, None])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(UnitError, match="write days such as Mon-Fri"):
        parse_days(value)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-17:30", ((540, 1050),)),
        ("9:00 – 12:00, 13:00 – 17:00", ((540, 720), (780, 1020))),
        ("00:00-24:00", ((0, 1440),)),
        ("09:00-12:00,12:00-13:00", ((540, 720), (720, 780))),
    ],
)
def test_opening_hours_are_minutes_after_midnight(text: str, hours: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "22:00-06:00",
            "'22:00-06:00' runs past midnight; write 22:00-24:00 on the first day and 00:00-06:00 on the next",
        ),
        ("09:00-09:00", "'09:00-09:00' is never open"),
        ("09:00-13:00, 12:00-17:00", "opening hours overlap at 12:00"),
        ("9-17", "'9' is not a time of day"),
        ("09:00", "'09:00' is not a window of opening hours"),
        ("09:00-25:00", "'25:00' is not a time of day"),
        ("09:60-10:00", "'09:60' is not a time of day"),
        (540, "these are not opening hours"),
    ],
)
def test_what_are_no_opening_hours_is_refused(value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_hours(value)

    assert str(caught.value).startswith(message)


def test_batch_times_are_days_and_minutes_of_the_week() -> None:
    assert parse_weekly_times("Mon,Thu 09:00") == ((0, 540), (3, 540))
    assert parse_weekly_times("daily 09:00") == tuple((day, 540) for day in range(7))
    assert parse_weekly_times("Mon-Fri 15:00, 09:00") == tuple((day, m) for day in range(5) for m in (540, 900))
    assert parse_weekly_times("every day 00:00") == tuple((day, 0) for day in range(7))


@pytest.mark.parametrize("value", ["09:00", "Mon", "Mon 24:00", "Mon 9am", None, "Mon 09:00 Tue 10:00"])
def test_what_is_no_batch_time_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_weekly_times(value)


def test_a_business_day_is_the_weekly_open_hours_over_the_open_days() -> None:
    half_friday = windows_by_day({"Mon-Thu": "09:00-17:00", "Fri": "09:00-13:00"})

    assert (OFFICE.open_hours_per_week, OFFICE.open_days, OFFICE.business_day) == (42.5, 5, 8.5)
    assert (half_friday.open_hours_per_week, half_friday.open_days) == (36.0, 5)
    assert half_friday.business_day == 7.2


def test_always_is_a_business_day_of_24_hours() -> None:
    assert (ALWAYS.open_hours_per_week, ALWAYS.open_days, ALWAYS.business_day) == (168.0, 7, 24.0)


def test_the_minutes_of_the_week_are_open_as_the_windows_say() -> None:
    minutes = OFFICE.open_minutes()

    assert len(minutes) == 10080
    assert minutes.sum() == 42.5 * 60
    assert not minutes[539]
    assert minutes[540]
    assert minutes[1049]
    assert not minutes[1050]
    assert not minutes[5 * 1440 :].any()


def test_a_day_is_given_once() -> None:
    with pytest.raises(UnitError, match="Wed is given twice"):
        windows_by_day({"Mon-Wed": "09:00-17:00", "Wed-Fri": "09:00-13:00"})
    with pytest.raises(UnitError, match="without open hours"):
        windows_by_day({})


def test_windows_are_plain_numbers_that_compare_and_hash() -> None:
    again = weekly_windows((0, 1, 2, 3, 4), ((540, 1050),))

    assert again == OFFICE
    assert hash(again) == hash(OFFICE)
    assert isinstance(again, WeeklyWindows)
