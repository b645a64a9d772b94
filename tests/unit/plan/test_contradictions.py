"""Typed numbers that cannot all hold are told by integrals, with what would fit; what fits is silent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simfunnel.errors import Problem, contradicts, notices
from simfunnel.plan import static_calibration
from simfunnel.plan.today.contradictions import contradictions
from simfunnel.scenario import check
from tests.unit.scenario.building import with_paths

RATES = {"web": "2%", "chat": "4%"}  # 60 and 20 a week: 2.5% of all leads


def told(values: dict[str, Any] | None = None, **changes: Any) -> list[Problem]:
    """Contradictions, and what is odd by integrals, of the small scenario with changes."""
    scenario = with_paths(values or {}, **changes)
    arithmetic = [problem for problem in check(scenario) if problem.kind == "contradiction"]
    return [*arithmetic, *contradictions(scenario, static_calibration(scenario))]


def winning(rates: dict[str, str | None], **more: Any) -> dict[str, Any]:
    """Win rates of channels; 2.5% of all leads win: 25% qualify, 40% are accepted, 50% twice."""
    stages = {f"stages.{stage}.conversion": "50%" for stage in ("discovery", "proposal")}
    typed = {f"channels.{name}.win_rate": rate for name, rate in rates.items() if rate is not None}
    return {**stages, "acceptance.rate": "40%", **typed, **more}


BAR = {"qualification": {"mql_rate": "25%"}}


def test_win_rates_that_the_stages_make_are_silent() -> None:
    assert told(winning(RATES), **BAR) == []


def test_win_rates_beside_stages_that_multiply_to_something_else_contradict_them() -> None:
    (problem,) = told(winning({"web": "4%", "chat": "8%"}), **BAR)

    assert problem.kind == "contradiction"
    assert problem.path == ("channels", "web", "win_rate")
    assert "by these 2.5% of the leads win, by the win_rates 5%" in problem.rule


@pytest.mark.parametrize("factor", [0.5, 1.03, 2.0])
def test_what_is_proposed_instead_of_contradicting_win_rates_fits(factor: float) -> None:
    typed = winning({"web": f"{2 * factor}%", "chat": f"{4 * factor}%"})
    (problem,) = told(typed, **BAR)
    (own,) = re.findall(r"\(web ([\d.]+%) and chat ([\d.]+%)\)", problem.remedy)
    changes = [{"channels.web.win_rate": own[0], "channels.chat.win_rate": own[1]}]
    if stage := re.search(r"conversion: ([\d.]+%) at (\w+)", problem.remedy):
        changes.append({f"stages.{stage[2]}.conversion": stage[1]})
    else:
        (rate,) = re.findall(r"acceptance.rate: ([\d.]+%)", problem.remedy)
        changes.append({"acceptance.rate": rate})

    assert [told({**typed, **change}, **BAR) for change in changes] == [[], []]


def test_a_win_rate_of_one_channel_has_no_effect_but_with_the_others() -> None:
    (problem,) = told(winning({"web": None, "chat": "4%"}), **BAR)
    (others,) = re.findall(r"win_rate: ([\d.]+%) for the channels that type none", problem.remedy)

    assert others == "2%"
    assert told(winning({"web": others, "chat": "4%"}), **BAR) == []


def test_a_leak_in_the_hand_off_counts_on_the_way_to_a_win() -> None:
    leaky = {**BAR, "handoff": {"default": {"leak": "20%"}}}
    (problem,) = told(winning(RATES), **leaky)

    assert "by these 2% of the leads win, by the win_rates 2.5%" in problem.rule
    assert told(winning({"web": "1.6%", "chat": "3.2%"}), **leaky) == []


@pytest.mark.parametrize(("rates", "lines"), [({"web": "4%", "chat": "8%"}, 1), ({"web": "1.6%", "chat": "3.2%"}, 0)])
def test_where_leads_go_cold_only_win_rates_that_are_too_high_are_told_without_simulating(
    rates: dict[str, str], lines: int
) -> None:
    patient = {f"channels.{name}.patience": "3 days" for name in rates}

    assert len(told(winning(rates, **patient), **BAR)) == lines


def test_channels_that_quality_cannot_tell_apart_cannot_have_other_win_rates() -> None:
    blind = {f"stages.{stage}.quality_odds": 1 for stage in ("discovery", "proposal")}
    same_bar = {"channels.web.mql_rate": "25%", "channels.chat.mql_rate": "25%"}
    typed = {**winning(RATES), **blind, **same_bar, "acceptance.rate": "100%", "stages.discovery.conversion": "20%"}
    found = told(typed, **BAR)

    assert [problem.path[1] for problem in found] == ["web", "chat"]
    assert all("write win_rate: 2.5%" in problem.remedy for problem in found)


def test_win_rates_typed_as_ranges_contradict_only_beyond_them() -> None:
    wide = {"web": "1.5% to 3%", "chat": "3% to 6%"}

    assert told(winning(wide), **BAR) == []


# --- MQL rates beside a threshold -------------------------------------------------------------------------------------


def flattered(web: str, chat: str) -> dict[str, Any]:
    """MQL rates of both channels."""
    return {"channels.web.mql_rate": web, "channels.chat.mql_rate": chat}


def test_mql_rates_of_all_channels_contradict_a_threshold_that_passes_others() -> None:
    (problem,) = told(flattered("15%", "15%"), score={"mean": 50, "sd": 20})

    assert problem.kind == "contradiction"
    assert "lets 30.85% of all leads qualify" in problem.rule
    assert "by the channels' own mql_rates 15% do" in problem.rule


def test_what_is_proposed_instead_of_a_contradicting_threshold_fits() -> None:
    (problem,) = told(flattered("10%", "30%"), score={"mean": 50, "sd": 20})
    (threshold,) = re.findall(r"threshold: ([\d.]+)", problem.remedy)
    (mean,) = re.findall(r"score.mean: ([\d.]+)", problem.remedy)

    higher = {"qualification": {"threshold": float(threshold)}}
    assert told(flattered("10%", "30%"), score={"mean": 50, "sd": 20}, **higher) == []
    assert told(flattered("10%", "30%"), score={"mean": float(mean), "sd": 20}) == []


def test_mql_rates_that_a_threshold_makes_are_silent() -> None:
    assert told(flattered("30.85%", "30.85%"), score={"mean": 50, "sd": 20}) == []
    assert told({"channels.web.mql_rate": "15%"}, score={"mean": 50, "sd": 20}) == []  # relative to chat


def test_a_threshold_on_an_assumed_scale_is_odd_beside_mql_rates_but_contradicts_nothing_typed() -> None:
    (problem,) = told(flattered("15%", "15%"))

    assert problem.kind == "odd"
    assert "which is assumed" in problem.rule


# --- times, work, volumes ---------------------------------------------------------------------------------------


def test_a_cycle_beside_waits_that_add_up_to_something_else_contradicts_them() -> None:
    (problem,) = told({"stages.proposal.wait": {"mean": "80 days"}}, cycle="60 days")

    assert problem.kind == "contradiction"
    assert "write cycle: 80 days" in problem.remedy
    assert told({"stages.proposal.wait": {"mean": "80 days"}}, cycle="80 days") == []
    assert told({}, cycle="60 days") == []


@pytest.mark.parametrize("work", [{"effort": "20 minutes"}, {"capacity": "12 / business day"}])
def test_a_rejection_that_takes_longer_than_the_whole_task_contradicts_it(work: dict[str, str]) -> None:
    typed = {f"stages.discovery.{name}": value for name, value in work.items()}
    (problem,) = told({**typed, "acceptance.effort": "45 minutes"})

    assert problem.kind == "contradiction"
    assert problem.path == ("acceptance", "effort")
    assert told({**typed, "acceptance.effort": "50%"}) == []
    assert [each.kind for each in told({"stages.discovery.effort": "10 minutes"})] == ["odd"]  # 15 minutes assumed


def test_twelve_months_that_all_lie_below_the_usual_volume_contradict_it() -> None:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    (problem,) = told({"channels.web.season": dict.fromkeys(months, "80%")})

    assert problem.kind == "contradiction"
    assert told({"channels.web.season": {**dict.fromkeys(months, "80%"), "dec": "320%"}}) == []


def test_contradictions_come_before_what_is_only_odd() -> None:
    scenario = with_paths({"stages.proposal.wait": {"mean": "80 days"}}, cycle="60 days", period={
        "start": "2027-01-04", "run_in": "0 days"})  # fmt: skip
    found = notices(check(scenario))

    assert [contradicts(each) for each in found] == [True] + [False] * (len(found) - 1)
    assert len(found) > 1
