from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from simfunnel.report.screens.compare import transition_text, why_text
from simfunnel.report.words import BECAUSE, THOUSAND
from simfunnel.study import LeadsView, MonthDifference, Transition, Trough

MONTHS = ("2027-01", "2027-02", "2027-03")


def told(*cumulative: float, trough: Trough | None, payback: str = "", years: int = 50) -> str:
    months = tuple(MonthDifference(m, 0.0, 1e3, c, 12e3) for m, c in zip(MONTHS, cumulative, strict=True))
    return transition_text(Transition("stricter", "revenue", months, trough, payback, years), "USD", THOUSAND)


def test_a_trough_is_told_with_its_depth_its_month_and_when_it_is_paid_back() -> None:
    text = told(-30e3, -10e3, 40e3, trough=Trough("2027-01", -30e3, 9e3), payback="2027-03")

    assert text == "lowest at -$30k after Jan 2027, paid back by Mar 2027; +$40k +/- 12k at the end."


def test_a_plan_that_never_comes_back_is_told_so() -> None:
    falling = told(-30e3, -50e3, -90e3, trough=Trough("2027-03", -90e3, 12e3))
    resting = told(-30e3, -50e3, -20e3, trough=Trough("2027-02", -50e3, 12e3))

    assert falling == "not paid back in the period; -$90k +/- 12k at the end."
    assert "not paid back in the period" in resting


def test_a_plan_that_is_ahead_and_has_no_trough_is_never_detectably_behind() -> None:
    assert told(0.0, 1e3, 30e3, trough=None) == "never detectably behind; +$30k +/- 12k at the end."


def test_a_plan_that_no_month_tells_from_today_is_said_to_differ_nowhere_rather_than_never_to_be_behind() -> None:
    assert told(0.0, 1e3, -9e3, trough=None) == (
        "no detectable difference at the end of any month; -$9k +/- 12k at the end."
    )


def test_a_plan_that_is_behind_at_first_and_not_surely_at_its_lowest_is_behind_until_then() -> None:
    assert told(-14e3, -8e3, -9e3, trough=None) == ("detectably behind until Jan 2027; -$9k +/- 12k at the end.")


def test_too_few_years_tell_neither_that_a_plan_is_behind_nor_that_it_is_not() -> None:
    assert told(-30e3, -60e3, -90e3, trough=None, years=3) == (
        "too few simulated years to tell whether it falls behind; -$90k +/- 12k at the end."
    )


def why(busiest: tuple[str, float] = ("SDR", 0.8), spare_time: bool = False, **changes: Any) -> str:
    nothing = LeadsView("p", 100.0, {}, {}, {}, 0.0, 0.0)
    return why_text(replace(nothing, **changes), busiest, spare_time)


def test_the_leads_view_names_the_largest_causes_first() -> None:
    text = why(lost_a_win={"wait down": 4.0, "score down": 37.2}, gained_a_win={"wait up": 25.0})

    assert text == (
        "of the same leads 41 lost a win (37 no longer an MQL, or later, 4.0 answered later or never), "
        "25 gained one (25 answered sooner)."
    )


def test_causes_beyond_the_third_or_below_a_twentieth_of_their_side_are_summed() -> None:
    lost = {"score down": 20.0, "wait down": 10.0, "leak up": 6.0, "odds down": 3.0, "rep down": 0.6}
    text = why(lost_a_win=lost, gained_a_win={"wait up": 25.0, "rep up": 0.4, "load down": 0.1})

    assert text == (
        "of the same leads 40 lost a win (20 no longer an MQL, or later, 10 answered later or never, "
        "6.0 lost in the hand-off, 3.6 for other causes), 26 gained one (25 answered sooner, 0.5 for other causes)."
    )


def test_the_largest_cause_is_named_however_small_its_share_is() -> None:
    many = dict.fromkeys(list(BECAUSE)[1:31], 1.0)

    assert why(lost_a_win=many).startswith("of the same leads 30 lost a win (1.0 no longer an MQL, or later, 29 for")


def test_leads_that_only_one_plan_has_are_counted_apart() -> None:
    assert why(new_wins=12.0) == "leads that only this plan has win 12."
    assert why(gone_wins=3.0) == "leads that it does without would have won 3.0."
    assert why() == "no lead's win depends on it."


def test_what_limits_revenue_is_said_only_where_it_is_plain() -> None:
    assert "leads, not reps, limit revenue" in why(busiest=("SDR", 0.5), spare_time=True)
    assert "SDR is 97% busy: that team limits revenue" in why(busiest=("SDR", 0.97))
    assert "limit" not in why(busiest=("", math.nan))
