"""Bars of a small funnel whose answers are known, what works together, screening, and what is kept of it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from simfunnel import study
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.scenario import Scenario, parse, set_value
from simfunnel.study.sensitivity.result import SensitivityResult

RAW: dict[str, Any] = {
    "period": {"start": "2027-01-04", "weeks": 9, "run_in": "8 weeks"},
    "channels": {"web": {"leads": "40 / week", "deal_value": "7k", "cost_per_lead": 50}},
    "qualification": {"mql_rate": "60%"},
    "pools": {"SDR": {"stages": ["discovery"], "reps": "unlimited"}, "AE": {"stages": ["proposal"], "reps": 4}},
    "stages": [
        {"name": "discovery", "conversion": "50%", "wait": "1 day"},
        {"name": "proposal", "conversion": "50%", "wait": "2 days"},
    ],
    "what_ifs": {"stricter": {"qualification.mql_rate": "20%"}},
}


def funnel(**values: Any) -> Scenario:
    raw = RAW
    for path, value in values.items():
        raw = set_value(raw, path.replace("__", "."), value)
    return parse(raw)


@pytest.fixture(scope="module")
def result() -> SensitivityResult:
    inputs = ["channels.web.deal_value", "channels.web.cost_per_lead", "stages.discovery.conversion", "score"]
    return study.sensitivity(funnel(), ("revenue", "win_rate"), inputs=inputs, replications=12)


def test_a_tenth_more_for_every_deal_is_a_tenth_more_revenue(result: SensitivityResult) -> None:
    (today,) = [each for each in result.today if each.metric == "revenue"]
    bar = next(each for each in result.bars_of("revenue") if each.path == "channels.web.deal_value")

    assert bar.high.mean == pytest.approx(0.1 * today.mean)
    assert bar.low.mean == pytest.approx((1 / 1.1 - 1) * today.mean)
    assert bar.detected
    assert bar.reach == pytest.approx(bar.high.mean - bar.low.mean)


def test_what_cannot_matter_does_exactly_nothing(result: SensitivityResult) -> None:
    cost = next(each for each in result.bars_of("revenue") if each.path == "channels.web.cost_per_lead")
    value = next(each for each in result.bars_of("win_rate") if each.path == "channels.web.deal_value")

    for bar in (cost, value):
        assert (bar.low.mean, bar.high.mean, bar.low.half_width, bar.detected) == (0.0, 0.0, 0.0, False)


def test_money_moves_no_win_by_a_digit_where_constants_come_from_pilots() -> None:
    asleep = {"postponed": "50%", "lost": "50%"}
    stage = {**RAW["stages"][1], "otherwise": asleep, "postponed_for": "20 days"}
    scenario = parse({**RAW, "stages": [RAW["stages"][0], stage]})

    (bar,) = study.sensitivity(scenario, ("wins",), inputs=["channels.web.deal_value"], replications=8).bars

    assert (bar.low.mean, bar.high.mean, bar.high.half_width) == (0.0, 0.0, 0.0)


def test_the_longest_detected_bar_comes_first(result: SensitivityResult) -> None:
    bars = result.bars_of("revenue")

    assert [bar.detected for bar in bars] == sorted((bar.detected for bar in bars), reverse=True)
    reach = [bar.reach for bar in bars if bar.detected]
    assert reach == sorted(reach, reverse=True)


def test_two_factors_bring_more_together_than_their_sum(result: SensitivityResult) -> None:
    """Revenue is wins times their value: (1.1 - 1) of what more wins bring."""
    (pair,) = result.together
    more = next(each for each in result.bars_of("revenue") if each.path == "stages.discovery.conversion")

    assert set(pair.paths) == {"channels.web.deal_value", "stages.discovery.conversion"}
    assert pair.mean == pytest.approx(0.1 * more.stronger.mean)


def test_typed_rates_hold_at_the_ends() -> None:
    """Twice as many SALs, and discovery still converts half of them: the base is solved anew."""
    scenario = funnel(acceptance={"rate": "30% to 60%", "accuracy": "perfect"})
    found = study.sensitivity(scenario, ("opportunities", "sals"), inputs=["acceptance.rate"], replications=12)

    (opportunities,), (sals,) = found.bars_of("opportunities"), found.bars_of("sals")
    today = {each.metric: each.mean for each in found.today}
    share = (today["opportunities"] + opportunities.high.mean) / (today["sals"] + sals.high.mean)
    assert share == pytest.approx(0.5, abs=0.04)


def test_luck_is_told_from_not_knowing_only_where_a_range_is_typed(result: SensitivityResult) -> None:
    ranged = study.sensitivity(
        funnel(stages__discovery__conversion="40% to 60%"), inputs=["stages.discovery"], replications=4
    )

    assert result.not_knowing is None
    assert ranged.not_knowing is not None
    assert ranged.not_knowing.of("revenue") is not None


def test_an_end_that_cannot_be_is_told_with_its_reason() -> None:
    scenario = funnel(acceptance={"rate": "60%", "accuracy": "good", "agreement": -0.01}, score={"accuracy": "good"})

    found = study.sensitivity(scenario, inputs=["score.accuracy", "channels.web.leads"], replications=2)

    assert list(found.not_moved) == ["score.accuracy"]
    assert [bar.path for bar in found.bars] == ["channels.web.leads"]


def test_another_plan_has_inputs_of_its_own_weight() -> None:
    today, stricter = (
        study.sensitivity(funnel(), inputs=["channels.web.leads"], what_ifs=names, replications=6)
        for names in ((), ("stricter",))
    )

    assert stricter.plan == "stricter"
    assert stricter.bars[0].high.mean < today.bars[0].high.mean


def test_a_stop_before_the_first_year_says_so() -> None:
    with pytest.raises(StoppedError):
        study.sensitivity(funnel(), inputs=["channels.web.leads"], replications=4, stop=lambda: True)


def test_a_metric_without_one_value_is_refused_before_any_work() -> None:
    with pytest.raises(ScenarioError, match="--metric: 'conversion'"):
        study.sensitivity(funnel(), ("conversion",))


def test_the_table_has_the_same_columns_in_every_row(result: SensitivityResult) -> None:
    assert {tuple(row) for row in result.table()} == {result.columns}
    assert [row["kind"] for row in result.table()].count("bar") == 8


def test_many_inputs_are_screened_and_the_rest_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["simfunnel.study.sensitivity.study"], "MANY", 2)

    found = study.sensitivity(funnel(), inputs=["channels.web", "stages"], replications=4)

    assert sum(each.kept for each in found.screened) == 2
    assert {bar.path for bar in found.bars} == {each.path for each in found.screened if each.kept}
    assert {bar.path for bar in found.bars} <= {
        "channels.web.leads",
        "channels.web.deal_value",
        "stages.discovery.conversion",
        "stages.proposal.conversion",
    }
    assert found.trajectories == 10
