import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simfunnel.units import (
    HOURS,
    Change,
    Duration,
    MoneyRate,
    UnitError,
    Volume,
    currency_in,
    is_change,
    number_text,
    parse_change,
    parse_duration,
    parse_factor,
    parse_money,
    parse_money_rate,
    parse_share,
    parse_volume,
    parse_volume_range,
    share_text,
)

amounts = st.floats(min_value=0.0, max_value=1e18, allow_nan=False) | st.integers(0, 10**9).map(float)
elapsed = st.sampled_from(sorted(HOURS))


@given(amount=amounts, unit=elapsed)
def test_an_elapsed_duration_reads_back_as_it_was_printed(amount: float, unit: str) -> None:
    assert parse_duration(str(Duration(amount, unit))) == Duration(amount, unit)


@given(amount=amounts, unit=st.sampled_from(["second", "minute", "hour", "day", "week"]))
def test_a_working_duration_reads_back_as_it_was_printed(amount: float, unit: str) -> None:
    assert parse_duration(str(Duration(amount, unit, True))) == Duration(amount, unit, True)


@given(amount=amounts, unit=elapsed, working=st.booleans())
def test_a_volume_reads_back_as_it_was_printed(amount: float, unit: str, working: bool) -> None:
    volume = Volume(amount, "day" if working else unit, working)

    assert parse_volume(str(volume)) == volume


@given(amount=amounts, unit=elapsed)
def test_a_money_rate_reads_back_as_it_was_printed(amount: float, unit: str) -> None:
    assert parse_money_rate(str(MoneyRate(amount, unit))) == MoneyRate(amount, unit)


@given(share=st.floats(0.0, 1.0))
def test_a_share_reads_back_as_it_was_printed(share: float) -> None:
    assert parse_share(share_text(share)) == share


@given(amount=st.floats(min_value=0.0, max_value=1e9), kind=st.sampled_from(["add", "multiply"]), sign=st.booleans())
def test_a_change_reads_back_as_it_was_printed(amount: float, kind: str, sign: bool) -> None:
    change = Change(kind, -amount if sign and kind == "add" else amount)

    assert parse_change(str(change)) == change


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_printed_in_full(number: float) -> None:
    assert float(number_text(number)) == number


@given(text=st.text(max_size=20))
def test_any_text_is_either_read_or_refused_as_a_unit_error(text: str) -> None:
    for parse in (parse_duration, parse_volume, parse_volume_range, parse_money, parse_share, parse_change):
        with suppress(UnitError):
            parse(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("15m", 0.25),
        ("4h", 4.0),
        ("30 minutes", 0.5),
        ("1.5 hours", 1.5),
        ("3 days", 72.0),
        ("1 wk", 168.0),
        ("90 sec", 0.025),
        ("2 months", 1460.0),
        ("1 year", 8760.0),
        ("1,000 Hours", 1000.0),
        ("0 hours", 0.0),
        (".5d", 12.0),
    ],
)
def test_elapsed_durations_are_read_in_hours(text: str, hours: float) -> None:
    duration = parse_duration(text)

    assert not duration.working
    assert duration.hours() == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2 business days", 17.0),
        ("1 working week", 42.5),
        ("2 working hours", 2.0),
        ("30 business minutes", 0.5),
    ],
)
def test_working_durations_are_open_hours_of_the_calendar(text: str, hours: float) -> None:
    duration = parse_duration(text)

    assert duration.working
    assert duration.hours(business_day=8.5) == hours


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (4, "a duration needs a unit; write 4 minutes, 4 hours or 4 days"),
        ("2.5", "a duration needs a unit; write 2.5 minutes, 2.5 hours or 2.5 days"),
        ("2 busines days", "'busines days' is not a unit of time; write a number and a unit"),
        ("3 fortnights", "'fortnights' is not a unit of time; write a number and a unit"),
        ("-3 days", "a duration cannot be negative; write a number of zero or more"),
        ("3 M", "M may mean minutes or months; write minutes or months"),
        ("2 business months", "working time has no months; write business days or business weeks"),
        ("soon", "this is not a duration; write a number and a unit"),
        ("1h 30m", "'h 30m' is not a unit of time; write a number and a unit"),
        (None, "this is not a duration; write a number and a unit"),
        (True, "this is not a duration; write a number and a unit"),
        ("1e999 days", "this is not a duration; write a number and a unit"),
        (float("nan"), "a duration needs a unit"),
    ],
)
def test_what_is_no_duration_is_refused_with_the_right_form(value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_duration(value)

    assert str(caught.value).startswith(message)


def test_volumes_are_leads_an_elapsed_hour() -> None:
    assert parse_volume("168 / week").per_hour() == 1.0
    assert parse_volume("1000/month").per_hour() == pytest.approx(1000 * 12 / 8760, rel=1e-15)
    assert parse_volume("40/business day").per_hour(open_days_per_week=5) == 40 * 5 / 168
    assert parse_volume("5k a year").per_hour() == 5000 / 8760
    assert parse_volume("60 per week") == parse_volume("60/wk")


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (60, "a volume needs a unit of time"),
        ("60", "a volume needs a unit of time"),
        ("many / week", "this is not a volume"),
        ("$60 / week", "this is not a volume"),
        ("60 / fortnight", "'fortnight' is not a unit of time"),
        ("60 / business week", "a volume cannot be per working week"),
        ("-60 / week", "a volume cannot be negative"),
    ],
)
def test_what_is_no_volume_is_refused(value: object, rule: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_volume(value)

    assert caught.value.rule == rule


@pytest.mark.parametrize("text", ["450 to 750 / month", "450-750/month", "450 – 750 per month"])
def test_a_range_of_volumes_has_two_ends(text: str) -> None:
    assert parse_volume_range(text) == (Volume(450, "month"), Volume(750, "month"))


def test_a_range_of_volumes_runs_upwards() -> None:
    with pytest.raises(UnitError, match="swap the two numbers"):
        parse_volume_range("750 to 450 / month")
    with pytest.raises(UnitError, match="450 to 750 / month"):
        parse_volume_range("450 / month")


@pytest.mark.parametrize(
    ("value", "money", "currency"),
    [
        ("24k", 24e3, None),
        ("5.2M", 5.2e6, None),
        ("1,200", 1200.0, None),
        ("$9k", 9e3, "$"),
        ("9k USD", 9e3, "USD"),
        ("EUR 1,200.50", 1200.5, "EUR"),
        ("£ 3bn", 3e9, "£"),
        (60, 60.0, None),
        (0.1, 0.1, None),
    ],
)
def test_money_is_read_with_its_scale_and_its_currency_beside(
    value: object, money: float, currency: str | None
) -> None:
    assert parse_money(value) == money
    assert currency_in(value) == currency


@pytest.mark.parametrize("value", ["", "a lot", "$9k USD", "9 kilo", None, True, -5, "1,20", float("inf"), 10**400])
def test_what_is_no_money_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_money(value)


def test_money_rates_are_money_a_year() -> None:
    assert parse_money_rate("75k / year").per_year == 75000.0
    assert parse_money_rate("$6,000 per month").per_year == 72000.0
    assert parse_money_rate("100 EUR / day").per_year == 36500.0
    assert currency_in("100 EUR / day") == "EUR"
    with pytest.raises(UnitError, match="75k / year"):
        parse_money_rate("75k")
    with pytest.raises(UnitError, match="business day"):
        parse_money_rate("75k / business day")


def test_a_percentage_is_the_same_number_as_its_decimal_form() -> None:
    for tenths in range(1001):
        assert parse_share(f"{tenths / 10:g}%") == float(f"0.{tenths:03d}" if tenths < 1000 else "1.0")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (40, "a share cannot be above 1; write 40%"),
        ("120%", "a share cannot be above 1; write a percentage from 0% to 100%"),
        ("-5%", "a share cannot be negative; write a number of zero or more"),
        ("half", "this is not a share; write a percentage, such as 40%, or a number from 0 to 1"),
    ],
)
def test_what_is_no_share_is_refused(value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_share(value)

    assert str(caught.value) == message


def test_a_share_may_exceed_the_whole_where_that_makes_sense() -> None:
    assert parse_share("120%", allow_above=True) == 1.2


def test_a_factor_is_a_percentage_or_a_number_near_one() -> None:
    assert parse_factor("110%") == 1.1
    assert parse_factor(1.3) == 1.3
    assert parse_factor("1500%") == 15.0
    with pytest.raises(UnitError, match="write 20% or 2000%"):
        parse_factor(20)
    with pytest.raises(UnitError, match="write a percentage"):
        parse_factor(1e9)
    with pytest.raises(UnitError, match="write 85%"):
        parse_factor(85)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("2 more", 5, 7),
        ("3 fewer", 5, 2),
        ("3 less", 5, 2),
        ("2k more", 10_000, 12_000),
        ("10% less", 200, 180),
        ("20% more", 50, 60),
        ("1.5 times", 4, 6),
        ("150% times", 4, 6),
        ("1.5x", 4, 6),
        ("100% less", 4, 0),
    ],
)
def test_changes_apply_to_what_stands_in_the_scenario(text: str, old: float, new: float) -> None:
    assert parse_change(text).apply(old) == new


@pytest.mark.parametrize("value", ["more", "x", "two more", "110% less", "5", 5, "-2 more", "30 minutes"])
def test_what_is_no_change_is_refused(value: object) -> None:
    with pytest.raises(UnitError):
        parse_change(value)


def test_a_change_is_told_from_a_plain_value() -> None:
    assert is_change("2 more")
    assert is_change("110% less")
    assert not is_change("do more")
    assert not is_change("mailbox")
    assert not is_change("highest score first")
    assert not is_change("30 minutes")
    assert not is_change(7)


def test_units_of_time_are_those_of_a_year_of_365_days() -> None:
    assert math.isclose(HOURS["month"] * 12, HOURS["year"], rel_tol=1e-15)
