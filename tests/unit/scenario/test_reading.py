"""Words and numbers that could mean two things: each has one meaning, or is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simfunnel.distributions import NEVER, mean
from simfunnel.errors import ScenarioError
from simfunnel.scenario import check, lever_of, parse, phases_of
from tests.unit.scenario.building import small, with_paths

BASE = """
period: {start: 2027-01-04}
channels: {web: {leads: 60 / week, deal_value: 9k}}
qualification: {threshold: 60}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: 5, selling_time: 50%}
  AE: {stages: [proposal], reps: 4, selling_time: 50%}
stages: [{name: discovery, conversion: 45%}, {name: proposal, conversion: 25%}]
"""


def problem_of(*sets: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(BASE, sets)
    return str(caught.value)


def odd_of(**changes: Any) -> dict[str, str]:
    return {str(problem).split(": ")[0]: problem.rule for problem in check(parse(small(**changes)))}


@pytest.mark.parametrize(
    ("path", "zero"),
    [
        ("stages.proposal.wait", lambda s: mean(s.stages[1].wait.compile())),
        ("stages.proposal.effort", lambda s: mean(s.stages[1].effort.compile())),
        ("stages.proposal.no_show", lambda s: s.stages[1].no_show),
        ("handoff.default.delay", lambda s: mean(s.handoff["default"].delay.compile())),
        ("handoff.default.leak", lambda s: s.handoff["default"].leak),
        ("acceptance.effort", lambda s: mean(s.acceptance.effort.compile())),
        ("channels.web.cost_per_lead", lambda s: s.channels["web"].cost_per_lead),
        ("pools.SDR.commission", lambda s: s.pools["SDR"].commission),
        ("pools.SDR.cost_per_rep", lambda s: s.pools["SDR"].cost_per_rep or 0.0),
        ("channels.web.leads", lambda s: s.channels["web"].leads.amount),
        ("qualification.near_miss", lambda s: s.qualification.near_miss),
    ],
)
def test_none_is_zero_for_times_costs_and_shares(path: str, zero: Any) -> None:
    assert zero(parse(BASE, [f"{path}=none"])) == 0.0


def test_none_is_zero_for_the_stay_in_nurture_and_what_it_costs_and_lifts() -> None:
    nurture = parse(BASE, ["nurture={delay: none, cost: none, opt_out: none, score_lift: none}"]).nurture

    assert nurture is not None
    assert mean(nurture.delay.compile()) == nurture.cost == nurture.opt_out == mean(nurture.score_lift.compile()) == 0.0


@pytest.mark.parametrize("word", ["none", "never"])
def test_none_and_never_are_no_end_for_patience(word: str) -> None:
    assert parse(BASE, [f"channels.web.patience={word}"]).channels["web"].patience.compile().family == NEVER


@pytest.mark.parametrize("word", ["none", "unlimited"])
def test_a_queue_without_a_limit_has_two_words(word: str) -> None:
    assert parse(BASE, [f"pools.SDR.queue_limit={word}"]).pools["SDR"].queue_limit is None


@pytest.mark.parametrize(
    "path",
    ["handoff.default.delay", "stages.proposal.effort", "acceptance.effort", "stages.proposal.postponed_for"],
)
def test_what_must_end_cannot_be_never(path: str) -> None:
    assert "never ends" in problem_of(f"{path}=never")


def test_the_stay_in_nurture_and_the_way_between_lists_must_end() -> None:
    assert "nurture.delay: 'never', never ends" in problem_of("nurture={delay: never}")
    assert "channels.web.lists.every: 'never', never ends" in problem_of("channels.web.lists={every: never, size: 5}")


def test_an_age_is_no_word() -> None:
    rows = "opening_pipeline=[{channel: web, stage: proposal, count: 4, age: none}]"

    assert "opening_pipeline[0].age: 'none', is no age" in problem_of(rows)


def test_a_wait_that_is_never_and_leads_on_is_an_error() -> None:
    assert "stages.proposal.wait: 'never', never ends, so that nobody gets to a win" in problem_of(
        "stages.proposal.wait=never"
    )


def test_a_wait_that_is_never_where_nothing_follows_is_a_place_to_stay() -> None:
    kept = parse(BASE, ["stages.proposal.wait=never", "stages.proposal.conversion=0%"])

    assert any("stays open for ever" in problem.rule for problem in check(kept))


def test_teams_that_never_help_are_a_hybrid_without_overflow() -> None:
    typed = {"pools.SDR.structure": "hybrid", "pools.SDR.overflow": "never"}
    scenario = with_paths(typed)

    assert scenario.pools["SDR"].overflow is not None
    assert scenario.pools["SDR"].overflow.after == "never"
    assert "may mean at once or never" in problem_of("pools.SDR.overflow={after: none}")


def test_every_lead_lost_on_the_way_to_a_stage_is_an_error() -> None:
    assert "lets nobody reach proposal" in problem_of("stages.proposal.handoff={leak: 100%}")


def test_a_hand_off_that_loses_everyone_is_odd() -> None:
    assert "loses every lead of web" in odd_of(handoff={"web": {"leak": "100%"}})["handoff.web.leak"]


# --- one, or a thousand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ("channels.web.leads=1.000 / month", "write 1 or 1000"),
        ("channels.web.leads=1.000", "write 1 or 1000"),
        ("channels.web.deal_value=12.000", "write 12 or 12000"),
        ("channels.web.deal_value=$12.500", "write 12.5 or 12500"),
        ("channels.web.deal_value={median: 9.500, p90: 30k}", "write 9.5 or 9500"),
        ("channels.web.deal_value={prices: {11.000: 40%, 4k: 60%}}", "write 11 or 11000"),
        ("channels.web.cost_per_lead=1.250k", "write 1.25k or 1250k"),
        ("channels.web.cost_per_lead=1.250 to 2k", "write 1.25 or 1250"),
        ("pools.SDR.cost_per_rep=75.000 / year", "write 75 or 75000"),
        ("pools.SDR.reps=1.000", "write 1 or 1000"),
        ("pools.SDR.reps=1.000 more", "write 1 more or 1000 more"),
        ("pools.SDR.queue_limit=1.000", "write 1 or 1000"),
        ("channels.web.lists={every: 30 days, size: 1.200}", "write 1.2 or 1200"),
        ("channels.web.campaigns={show: {from: 2027-04-05, to: 2027-04-16, leads: 1.500}}", "write 1.5 or 1500"),
        ("stages.discovery={name: discovery, conversion: 45%, capacity: 1.000 / month}", "write 1 or 1000"),
        ("target.revenue=5.200", "write 5.2 or 5200"),
        ("sla.marketing.mqls=1.500 to 2000 / month", "write 1.5 or 1500"),
    ],
)
def test_a_point_that_may_part_thousands_is_asked_about(change: str, remedy: str) -> None:
    path, _, value = change.partition("=")
    assert remedy in problem_of(f"{path}={value}")


def test_a_lever_whose_point_may_part_thousands_is_asked_about() -> None:
    for text in ("channels.web.volume=1.000:2.000 / month", "pools.SDR.reps=1.000:2.000:1"):
        with pytest.raises(ScenarioError, match="write 1 or 1000"):
            lever_of(parse(BASE), text)


def test_a_what_if_whose_point_may_part_thousands_is_asked_about() -> None:
    with pytest.raises(ScenarioError, match="write 12 or 12000"):
        parse(BASE + "what_ifs: {dear: {channels.web.deal_value: 12.000}}\n")


def test_elsewhere_three_decimals_are_decimals() -> None:
    sets = ["skills={SDR: {web: {odds: 1.250}}}", "qualification.threshold=60.125", "stages.proposal.wait=1.500 days"]
    scenario = parse(BASE, [*sets, "channels.web.deal_value=0.500"])

    assert scenario.skills["SDR"]["web"].odds == 1.25
    assert scenario.qualification.threshold == 60.125
    assert mean(scenario.stages[1].wait.compile()) == 36.0  # type: ignore[union-attr]
    assert scenario.channels["web"].deal_value.value == 0.5


@pytest.mark.parametrize("typed", ["1000", "1,000", "1.00", "1.0", "1.0000", "1,234.567", "0.125", "1234.567"])
def test_amounts_with_one_reading_are_read(typed: str) -> None:
    assert parse(BASE, [f"channels.web.leads={typed} / month"]).channels["web"].leads is not None


def test_numbers_given_from_python_are_numbers() -> None:
    web = {"leads": "60 / week", "deal_value": 12.000, "cost_per_lead": 1.125}

    assert parse(small(channels={"web": web})).channels["web"].cost_per_lead == 1.125


def test_a_change_that_ends_at_three_decimals_is_read_back() -> None:
    raised = "what_ifs: {more: {channels.web.leads: 1.875% more, channels.web.deal_value: 12.5% more}}\n"
    scenario = phases_of(parse(BASE.replace("60 / week", "1 / week").replace("9k", "1") + raised), ["more"]).phases[-1][
        1
    ]

    assert str(scenario.channels["web"].leads) == "1.01875 / week"
    assert scenario.channels["web"].deal_value.value == 1.125
    lever = lever_of(parse(BASE), "channels.web.leads=1.1250:2 / week")
    assert lever.value(1.125) == "1.1250 / week"


# --- shares and growth -----------------------------------------------------------------------------------------------


def test_growth_above_one_needs_its_percent() -> None:
    assert "write 10%" in problem_of("channels.web.growth=10")
    assert "write 1.5%" in problem_of("channels.web.growth=1.5")
    assert parse(BASE, ["channels.web.growth=10%"]).channels["web"].growth == 0.1
    assert parse(BASE, ["channels.web.growth=0.1"]).channels["web"].growth == 0.1


def test_growth_above_a_hundred_percent_is_odd() -> None:
    web = {"leads": "60 / week", "deal_value": "9k", "growth": "250%"}

    assert "3.5 times as large in a year" in odd_of(channels={"web": web})["channels.web.growth"]


def test_growth_moves_in_percent_and_is_read_back() -> None:
    scenario = parse(BASE, ["channels.web.growth=80%"])

    assert lever_of(scenario, "channels.web.growth=0%:20%:10%").levels() == (0.0, 0.1, 0.2)
    doubled = parse(BASE, ["channels.web.growth=80%", "channels.web.growth=2 times"])
    assert doubled.channels["web"].growth == 1.6


@pytest.mark.parametrize(
    ("path", "value", "meant"),
    [
        ("stages.proposal.conversion", "0.45%", "see that 45% is not meant"),
        ("acceptance.rate", "0.6%", "see that 60% is not meant"),
        ("channels.web.mql_rate", "0.3%", "see that 30% is not meant"),
    ],
)
def test_a_rate_below_one_percent_is_odd(path: str, value: str, meant: str) -> None:
    found = {problem.remedy for problem in check(with_paths({path: value}))}

    assert meant in found


@pytest.mark.parametrize(("value", "size"), [("9", "small"), ("12M", "large")])
def test_a_deal_below_ten_or_above_ten_million_is_odd(value: str, size: str) -> None:
    assert any(f"is a {size} deal" in problem.rule for problem in check(with_paths({"channels.web.deal_value": value})))


def test_more_than_forty_hours_of_work_for_a_task_are_odd() -> None:
    assert any("45 hours of work" in p.rule for p in check(with_paths({"stages.proposal.effort": "45 hours"})))


@pytest.mark.parametrize(
    "change", ["channels.web.deal_value=1e300", "target.revenue=2000000M", "pools.SDR.cost_per_rep=1e13 / year"]
)
def test_money_ends_at_a_million_million(change: str) -> None:
    assert "above 1,000,000,000,000" in problem_of(change)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("stages.proposal.wait={family: weibull, mean: 3 days, cv: 1e-5}", "stages.proposal.wait"),
        ("stages.proposal.wait={family: gamma, mean: 3 days, cv: 1e-9}", "stages.proposal.wait"),
        ("channels.web.patience={median: 1e-300 days, p90: 3 days}", "channels.web.patience"),
        ("channels.web.deal_value={median: 1e-300, p90: 3}", "channels.web.deal_value"),
        ("channels.web.deal_value={mean: 9k, cv: 1e200}", "channels.web.deal_value"),
        ("stages.proposal.wait=1e300 years", "stages.proposal.wait"),
        ("channels.web.lists={every: 0 minutes, size: 200}", "channels.web.lists.every"),
        ("acceptance.effort=10 to 20", "acceptance.effort"),
    ],
)
def test_numbers_that_nothing_can_compute_are_refused_at_their_field(change: str, rule: str) -> None:
    assert rule in problem_of(change)


def test_work_on_a_rejected_contact_may_be_a_range_of_time_or_of_shares() -> None:
    assert parse(BASE, ["acceptance.effort=10 to 20 minutes"]).ranges[0].unit == "minutes"
    assert parse(BASE, ["acceptance.effort=10% to 20%"]).ranges[0].kind == "share"


def test_a_volume_may_be_a_percentage_of_today() -> None:
    off = parse(BASE + "what_ifs: {off: {channels.*.volume: 0%}, half: {channels.web.volume: 50%}}\n")

    assert phases_of(off, ["off"]).phases[-1][1].channels["web"].leads.amount == 0.0  # type: ignore[union-attr]
    assert phases_of(off, ["half"]).phases[-1][1].channels["web"].leads.amount == 30.0  # type: ignore[union-attr]


def test_lists_are_switched_off_by_one_word() -> None:
    lists = {"fair": {"lists": {"every": "30 days", "size": 200}, "deal_value": "9k"}}
    scenario = parse(small(channels=lists, what_ifs={"no_lists": {"channels.fair.lists": "none"}}))

    assert phases_of(scenario, ["no_lists"]).phases[-1][1].channels["fair"].lists is None


def test_a_quarter_is_a_fourth_of_a_year() -> None:
    scenario = parse(BASE, ["channels.web.leads=91.25 / quarter", "pools.SDR.cost_per_rep=20k / quarter"])

    assert scenario.channels["web"].weekly_volume == pytest.approx(7.0)
    cost = scenario.pools["SDR"].cost_per_rep
    assert cost is not None
    assert cost.per_year == 80_000
    assert mean(parse(BASE, ["stages.proposal.wait=1 quarter"]).stages[1].wait.compile()) == 2190.0  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ['"a\\ud800.yaml"', "x" * 300 + ".yaml", "circle.yaml"])
@pytest.mark.parametrize("field", ["extends", "opening_pipeline"])
def test_a_name_that_no_file_can_have_is_refused_at_its_field(name: str, field: str, tmp_path: Path) -> None:
    for ending in ("yaml", "csv"):
        (tmp_path / f"circle.{ending}").symlink_to(f"circle.{ending}")
    typed = name if field == "extends" else name.replace(".yaml", ".csv")

    with pytest.raises(ScenarioError, match=f"{field}: .*is no|{field}: .*cannot be the name|{field}: .*is not a file"):
        parse(f"{BASE}{field}: {typed}\n", folder=tmp_path)
