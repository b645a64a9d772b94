from __future__ import annotations

import math

import pytest

from simfunnel.metrics import CAUSES, TABLE
from simfunnel.report import words
from simfunnel.stats import verdict
from simfunnel.study.overview import GROUPS, KINDS


@pytest.mark.parametrize(
    ("half_width", "place"),
    [(0.05, -2), (30.0, 1), (35.0, 1), (14.0, 0), (1.0, -1), (9.6, 1), (0.0, None), (math.nan, None), (math.inf, None)],
)
def test_the_last_digit_shown_is_the_first_of_the_half_width_or_its_second_after_a_one(
    half_width: float, place: int | None
) -> None:
    assert words.place_of(half_width) == place


@pytest.mark.parametrize(
    ("value", "half_width", "text"),
    [
        (12153.4, 21.0, "12,150"),
        (12153.4, math.nan, "12,153"),
        (251.3, 2.2, "251"),
        (-0.3, 2.2, "0"),
        (3590.4, 48, "3,590"),
    ],
)
def test_a_count_has_no_digit_that_its_half_width_does_not_allow(value: float, half_width: float, text: str) -> None:
    assert words.figure(value, half_width) == text


@pytest.mark.parametrize("half_width", [0.011, 0.04, 0.3, 2.0, 18.0, 333.0, 9_900.0])
def test_a_figure_and_its_half_width_end_at_the_same_digit(half_width: float) -> None:
    figure, width = words.figure(1234.5678, half_width, finest=-3), words.plus_minus(half_width, finest=-3)

    assert len(figure.partition(".")[2]) == len(width.partition(".")[2])


@pytest.mark.parametrize(
    ("value", "half_width", "text"),
    [
        (3_591_234, 48_000, "$3.59M"),
        (3_591_234, 480_000, "$3.6M"),
        (9_712, 130, "$9,710"),
        (410_200, 30_000, "$410k"),
        (-310_400, 35_000, "-$310k"),
        (0.0, math.nan, "$0"),
        (math.nan, 1.0, "-"),
    ],
)
def test_money_is_written_as_people_say_it(value: float, half_width: float, text: str) -> None:
    assert words.money(value, "USD", half_width) == text


def test_a_currency_without_a_sign_is_named_by_its_code() -> None:
    assert words.money(5_000, "SEK") == "SEK 5,000"


def test_a_gain_shows_its_sign() -> None:
    assert words.money(20_300, "EUR", 2_000, signed=True) == "+€20k"


@pytest.mark.parametrize(
    ("value", "half_width", "text"),
    [(0.934, 0.004, "93%"), (0.0213, 0.0004, "2.1%"), (0.0213, 0.02, "2%"), (math.nan, 0, "-")],
)
def test_a_share_has_a_decimal_only_where_it_is_small_and_known_well(
    value: float, half_width: float, text: str
) -> None:
    assert words.percent(value, half_width) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.2, "12 min"), (3.42, "3.4 h"), (31.2, "31 h"), (100.0, "4.2 days"), (math.nan, "-")]
)
def test_a_duration_is_given_in_the_unit_that_reads_best(value: float, text: str) -> None:
    assert words.hours(value) == text


def test_the_sparkline_starts_at_zero() -> None:
    assert words.sparkline([0.0, 5.0, 10.0]) == "▁▅█"
    assert words.sparkline([]) == ""
    assert words.sparkline([0.0, 0.0]) == ""


def test_a_year_is_called_a_year_and_a_quarter_a_period() -> None:
    assert words.simulated(200, words.span(365)) == "200 simulated years"
    assert words.simulated(1, words.span(90)) == "1 simulated period"


def test_every_cause_and_verdict_of_the_rooms_below_has_planners_words() -> None:
    assert set(words.BECAUSE) == set(CAUSES)
    assert {verdict(d, p, b) for d in (1, -1) for p in (0.0, 1.0) for b in ("higher", "lower", "")} <= set(
        words.VERDICTS
    )


def test_every_loss_and_breach_is_a_metric_of_the_table() -> None:
    assert set(words.BREACHES) <= set(TABLE)
    assert set(words.LOSSES) <= set(TABLE)


def test_every_leak_and_every_part_of_the_funnel_has_planners_words() -> None:
    assert list(words.LEAKS) == list(words.REPAIRS) == list(KINDS)
    assert tuple(words.PARTS) == GROUPS
    assert {kind.counted for kind in KINDS.values()} == {*words.LOSSES, ""}


@pytest.mark.parametrize("value", [1e-9, 0.0001, 0.002, 0.008, 0.3, 0.96, 5.0, 71.9, 80.0, 5000.0])
@pytest.mark.parametrize("half_width", [math.nan, 0.0, 0.01, 3.0, 1000.0])
@pytest.mark.parametrize("working", [True, False])
def test_a_duration_that_is_not_zero_is_never_printed_as_zero(value: float, half_width: float, working: bool) -> None:
    text = words.hours(value, half_width, working)

    assert set(text) & set("123456789"), text
    assert text == "under 1 s" or not text.startswith("-")
