"""micro_teams.yaml: a team per channel waits longer than one team; what skill and overflow give back."""

from __future__ import annotations

import pytest

from simfunnel import study
from simfunnel.study import Estimate
from simfunnel.theory.erlang import mmc
from simfunnel.theory.queues import round_robin_wait
from tests.scenarios.shipped import SEED, compared, difference, higher, lower, scenario

FILE = "micro_teams.yaml"
PATIENT = "channels.*.patience=none"
OPEN_DAYS_A_WEEK, OFFICE_HOURS = 5, 8
SERVICE = 51 / 60 / 0.5  # working hours a task: 51 minutes of work at half of the time for selling
ARRIVALS = 3 * 40 / (OPEN_DAYS_A_WEEK * OFFICE_HOURS)  # leads a working hour

# load -> mean wait of three teams of two, of one team of six (service time 1), speed-up at which they are equal
SPLIT = {
    0.60: (0.563, 0.082, 1.71),
    0.70: (0.961, 0.187, 1.50),
    0.80: (1.778, 0.431, 1.33),
    0.85: (2.604, 0.693, 1.25),
    0.90: (4.263, 1.234, 1.17),
}


def wait_of_teams(load: float, speed: float = 1.0) -> float:
    """Mean wait in one of three teams of two at a load typed for speed 1."""
    return mmc(2 * load, speed, 2).wait


@pytest.mark.parametrize("load", SPLIT)
def test_erlang_c_says_how_much_faster_separate_teams_must_be(load: float) -> None:
    separate, pooled, speed = SPLIT[load]

    assert wait_of_teams(load) == pytest.approx(separate, abs=6e-4)
    assert mmc(6 * load, 1.0, 6).wait == pytest.approx(pooled, abs=6e-4)
    assert wait_of_teams(load, speed - 0.01) > mmc(6 * load, 1.0, 6).wait > wait_of_teams(load, speed + 0.01)


def test_without_patience_the_waits_of_the_file_are_those_of_the_formulas() -> None:
    result = study.compare(scenario(FILE, PATIENT), ["teams", "round_robin"], replications=8, seed=SEED)
    one = result.estimate("response_working_mean")
    teams = result.estimate("response_working_mean", "teams")
    given = result.estimate("response_working_mean", "round_robin")

    assert near(one, mmc(ARRIVALS, 1 / SERVICE, 6).wait)
    assert near(teams, mmc(ARRIVALS / 3, 1 / SERVICE, 2).wait)
    assert near(given, round_robin_wait(ARRIVALS, 1 / SERVICE, 6))


def near(found: Estimate | None, exact: float) -> bool:
    """Within two half-widths, which must be narrow enough to mean something."""
    assert found is not None
    return abs(found.mean - exact) < 2 * found.half_width < 2 / 3 * exact


def test_a_team_per_channel_answers_later_and_wins_less_at_equal_skill() -> None:
    result = compared(FILE, ("teams", "round_robin", "teams_with_overflow"), 6)

    for plan in ("teams", "round_robin"):
        assert higher(result, "response_working_mean", plan)
        assert higher(result, "went_cold", plan)
        assert lower(result, "wins", plan)


def test_overflow_gives_back_more_than_half_of_what_teams_lose_but_not_all() -> None:
    result = compared(FILE, ("teams", "round_robin", "teams_with_overflow"), 6)
    alone, helped = (difference(result, "wins", plan) for plan in ("teams", "teams_with_overflow"))

    assert helped.mean - helped.half_width > 0.5 * alone.mean
    assert lower(result, "wins", "teams_with_overflow")


def test_the_break_even_in_time_lies_between_a_fifth_and_two_fifths_less() -> None:
    result = compared(FILE, ("teams_20_faster", "teams_40_faster"), 6)

    assert lower(result, "wins", "teams_20_faster")
    assert higher(result, "wins", "teams_40_faster")


def test_the_break_even_in_odds_lies_between_a_tenth_and_two_fifths_more() -> None:
    result = compared(FILE, ("teams_10_better", "teams_40_better"), 6)

    assert lower(result, "wins", "teams_10_better")
    assert higher(result, "wins", "teams_40_better")


def test_with_overflow_a_tenth_in_time_and_odds_is_enough() -> None:
    result = compared(FILE, ("overflow_10_faster_and_better",), 6)

    assert higher(result, "wins", "overflow_10_faster_and_better")
