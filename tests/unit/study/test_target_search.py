"""What a search for a target finds, what it refuses, and what it tells of both."""

from __future__ import annotations

import json
from datetime import date

import pytest

from simfunnel.metrics import Key
from simfunnel.scenario import parse, set_value
from simfunnel.study import Part, TargetResult, levels, target
from simfunnel.study.target.limits import ramp_days
from simfunnel.study.target.result import COLUMNS, TODAY
from tests.unit.study.targets import RAW, funnel

BOTH = ("channels.*.volume", "pools.SDR.reps")
YEARS = 40

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_pilots")]


@pytest.fixture(scope="module")
def found() -> TargetResult:
    return target(funnel(), 380_000, levers=BOTH, replications=YEARS)


@pytest.fixture(scope="module")
def refused() -> TargetResult:
    return target(funnel(), 900_000, levers=["channels.*.volume"], replications=YEARS)


def test_the_plan_found_is_cheaper_than_its_ends_and_uses_whole_reps(found: TargetResult) -> None:
    leads, reps = found.levers

    assert found.verdict == "found"
    assert reps.level == int(reps.level)
    assert leads.level < leads.last or reps.level < reps.last
    assert found.cost == pytest.approx(sum(each.cost for each in found.levers))
    assert reps.cost == pytest.approx((reps.level - 2) * 75_000 * 84 / 365)
    assert found.searched.low < 0.8 < found.searched.share


def test_one_rep_or_one_step_of_leads_less_is_not_shown_to_reach_it(found: TargetResult) -> None:
    wanted = {each.path: each.level for each in found.levers}
    fewer = [{**wanted, "pools.SDR.reps": wanted["pools.SDR.reps"] - 1}]
    fewer += [{**wanted, "channels.*.volume": wanted["channels.*.volume"] - 0.02}] * (wanted["channels.*.volume"] > 1)
    texts = [{"channels.*.volume": f"{c['channels.*.volume']:.12g} times", "pools.SDR.reps": int(c["pools.SDR.reps"])}
             for c in fewer]  # fmt: skip
    at = levels(funnel(), texts, wanted=(("revenue", ""),))
    at.extend(YEARS)
    reached = (at.values(Key("revenue")) >= 380_000).sum(axis=0)

    assert all(count < found.searched.share * YEARS for count in reached)


def test_the_plan_reaches_the_target_under_luck_that_the_search_never_saw(found: TargetResult) -> None:
    at = levels(funnel(), [found.changes], wanted=(("revenue", ""),), seed=77)
    at.extend(4 * YEARS)
    share = float((at.values(Key("revenue")) >= 380_000).mean())

    assert found.fresh_seed != found.seed
    assert found.fresh.low <= share <= found.fresh.high
    assert share >= 0.8 - 2 * (0.8 * 0.2 / (4 * YEARS)) ** 0.5


def test_the_reasons_add_up_to_what_the_calculator_promises_too_much(found: TargetResult) -> None:
    why = found.why

    assert why is not None
    assert {piece.reason for piece in why.pieces} == {"cold", "queues", "date", "luck", "sure"}
    assert sum(piece.amount for piece in why.pieces) == pytest.approx(why.promised - why.wanted)
    assert next(piece for piece in why.pieces if piece.reason == "luck").amount > 0
    assert next(piece for piece in why.pieces if piece.reason == "date").amount > 0


def test_leads_alone_are_stopped_by_the_team_without_time(found: TargetResult, refused: TargetResult) -> None:
    alone = next(each for each in found.alone if each.lever.path == "channels.*.volume")

    assert alone.verdict == "out of reach"
    assert alone.binding is not None
    assert (alone.binding.kind, alone.binding.name) == ("pool", "SDR")
    assert refused.binding is not None
    assert (refused.binding.kind, refused.binding.name) == ("pool", "SDR")


def test_a_target_out_of_reach_has_a_ceiling_and_no_huge_number(refused: TargetResult) -> None:
    ceiling = refused.estimate("revenue")

    assert refused.verdict == "out of reach"
    assert not refused.reached
    assert ceiling is not None
    assert ceiling.mean + ceiling.half_width < 900_000
    assert ceiling.half_width > 0
    assert refused.levers[0].level <= 2.0
    assert refused.why is None
    assert {each.kind for each in refused.limits} >= {"pool", "leads", "patience", "bar", "start"}
    gains = [each.gain for each in refused.limits if each.kind != "several"]
    assert gains == sorted(gains, reverse=True)


def test_several_limits_are_relaxed_together_when_none_is_enough(refused: TargetResult) -> None:
    single = [each for each in refused.limits if each.kind != "several"]
    several = [each for each in refused.limits if each.kind == "several"]

    assert bool(several) == all(each.reaches != "yes" for each in single)


def test_wins_and_profit_are_targets_too() -> None:
    wins = target(funnel(), 22, metric="wins", levers=["pools.SDR.reps=2:4"], replications=20)
    profit = target(funnel(), 10_000_000, metric="profit", levers=["pools.SDR.reps=2:3"], replications=20)

    assert wins.verdict in ("found", "already")
    assert wins.fresh.high >= 0.8
    assert profit.verdict == "out of reach"
    assert profit.calculator is not None
    assert profit.calculator.all.revenue > 10_000_000


def test_a_lever_that_helps_as_it_falls_is_lowered() -> None:
    raw = set_value(RAW, "pools.SDR.reps", 20)
    found = target(parse(raw), 520_000, levers=["qualification.threshold=30:70:2"], replications=40)

    assert found.levers[0].last == 30
    assert found.levers[0].level < 50


def test_a_hire_is_late_earlier_than_a_lead_by_its_ramp(found: TargetResult) -> None:
    dates = {each.what + each.name: each for each in found.last_dates}

    assert ramp_days(funnel(), "AE") == 21.0
    assert dates["hireAE"].ramp_days == 21.0
    late = date(2027, 3, 28) - dates["hireAE"].half
    assert abs(late.days - dates["hireAE"].days - 21.0) <= 0.5
    assert dates["lead"].half < dates["lead"].few <= date(2027, 3, 28)
    assert dates["hireSDR"].half >= dates["lead"].half
    assert dates["lead"].days > 10


def test_the_result_is_tidy_and_its_json_is_whole(found: TargetResult, refused: TargetResult) -> None:
    for result in (found, refused):
        assert all(tuple(record) == COLUMNS for record in result.table())
        read = json.loads(result.to_json())
        assert read["schema"] == "simfunnel.target/1"
        assert read["verdict"] == result.verdict
        assert read["changes"] == dict(result.changes)
    assert found.estimate("busy_share", TODAY, Part(pool="SDR")) is not None
    assert "lever" in found._repr_html_()
