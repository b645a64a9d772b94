from __future__ import annotations

import math

from simfunnel.report.compare_screen import transition_text, why_text
from simfunnel.report.compare_view import Why
from simfunnel.report.words import THOUSAND
from simfunnel.study import MonthDifference, Transition, Trough

MONTHS = ("2027-01", "2027-02", "2027-03")


def told(*cumulative: float, trough: Trough | None, payback: str = "") -> str:
    months = tuple(MonthDifference(m, 0.0, 1e3, c, 12e3) for m, c in zip(MONTHS, cumulative, strict=True))
    return transition_text(Transition("stricter", "revenue", months, trough, payback), "USD", THOUSAND)


def test_a_trough_is_told_with_its_depth_its_month_and_when_it_is_paid_back() -> None:
    text = told(-30e3, -10e3, 40e3, trough=Trough("2027-01", -30e3, 9e3), payback="2027-03")

    assert text == "lowest at -$30k after Jan 2027, paid back by Mar 2027; +$40k +/- 12k at the end."


def test_a_plan_that_never_comes_back_is_told_so() -> None:
    falling = told(-30e3, -50e3, -90e3, trough=Trough("2027-03", -90e3, 12e3))
    resting = told(-30e3, -50e3, -20e3, trough=Trough("2027-02", -50e3, 12e3))

    assert falling == "not paid back in the period; -$90k +/- 12k at the end."
    assert "not paid back in the period" in resting


def test_a_plan_without_a_trough_is_never_detectably_behind() -> None:
    assert told(0.0, 1e3, 0.0, trough=None) == "never detectably behind; $0 +/- 12k at the end."


def why(**changes: object) -> Why:
    nothing = Why("p", (), (), 0.0, 0.0, ("SDR", 0.8), False)
    return nothing._replace(**changes)  # type: ignore[arg-type]


def test_the_leads_view_names_the_largest_causes_first() -> None:
    text = why_text(why(lost=(("score down", 37.2), ("wait down", 4.0)), gained=(("wait up", 25.0),)))

    assert text == (
        "of the same leads 41 lost a win (37 no longer an MQL, or later, 4.0 answered later or never), "
        "25 gained one (25 answered sooner)."
    )


def test_leads_that_only_one_plan_has_are_counted_apart() -> None:
    assert why_text(why(new_wins=12.0)) == "leads that only this plan has win 12."
    assert why_text(why(gone_wins=3.0)) == "leads that it does without would have won 3.0."
    assert why_text(why()) == "no lead's win depends on it."


def test_what_limits_revenue_is_said_only_where_it_is_plain() -> None:
    assert "leads, not reps, limit revenue" in why_text(why(busiest=("SDR", 0.5), to_spare=True))
    assert "SDR is 97% busy: that team limits revenue" in why_text(why(busiest=("SDR", 0.97)))
    assert "limit" not in why_text(why(busiest=("", math.nan)))
