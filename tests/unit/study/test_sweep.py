"""Sweeps: the best of many levels, those tied with it, and what cannot be."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import simfunnel as sf
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.study import OBJECTIVES, SweepResult, SweptLevel, run
from simfunnel.study.sweep.score import other_words, spread
from simfunnel.study.sweep.study import usual_objective
from tests.unit.study.test_levels import TINY

REPS = "pools.SDR.reps=1:4:1"
RATE = "qualification.mql_rate=10%:50%:20%"


@pytest.fixture
def tiny(tmp_path: Path) -> sf.Scenario:
    (tmp_path / "tiny.yaml").write_text(TINY)
    return sf.load(tmp_path / "tiny.yaml")


def swept(scenario: sf.Scenario, *levers: str, **more: Any) -> SweepResult:
    return sf.sweep(scenario, levers, **({"replications": 6, "accuracy": False} | more))


def mean_of(level: SweptLevel, metric: str) -> float:
    figure = level.figure(metric)
    assert figure is not None
    return figure.mean


def changed(*sets: str) -> sf.Scenario:
    from simfunnel.scenario import parse

    return parse(TINY, sets)


def test_levels_come_in_order_with_today_among_them(tiny: sf.Scenario) -> None:
    assert [each.name for each in swept(tiny, REPS).levels] == ["1", "2", "3", "4"]
    assert [each.today for each in swept(tiny, REPS).levels] == [False, True, False, False]
    between = swept(tiny, "qualification.mql_rate=10%:60%:25%").levels
    assert [(each.name, each.today) for each in between] == [
        ("10%", False),
        ("35%", False),
        ("40%", True),
        ("60%", False),
    ]
    unknown = swept(tiny, "qualification.threshold=40:60:10").levels
    assert [(each.name, each.levels, each.today) for each in unknown][-1] == ("today", (), True)


def test_a_level_has_the_revenue_of_a_run_of_it(tiny: sf.Scenario) -> None:
    result = swept(tiny, RATE)
    alone = run(changed(), replications=6).estimate("revenue")
    figure = next(each for each in result.levels if each.today).figure("revenue")

    assert alone is not None
    assert figure is not None
    assert figure.mean == pytest.approx(alone.mean)
    assert figure.half_width == pytest.approx(alone.half_width)


def test_more_mqls_bring_more_while_reps_have_time(tiny: sf.Scenario) -> None:
    result = swept(tiny, RATE)

    assert result.objective == "revenue"
    assert result.chosen.name == "50%"
    assert result.detectable
    assert [each.name for each in result.tied] == ["50%"]
    assert result.zone == pytest.approx(0.01 * mean_of(result.chosen, "revenue"))
    assert result.chosen.difference == 0
    assert all(each.difference < 0 for each in result.levels if not each.best)
    assert all(each.low <= each.difference <= each.high for each in result.levels if not each.best)


def test_the_best_and_today_are_simulated_again_with_other_luck(tiny: sf.Scenario) -> None:
    result = swept(tiny, RATE)
    fresh = result.fresh

    assert fresh is not None
    assert fresh.seed != result.seed
    assert fresh.agrees
    assert fresh.today is not None
    assert fresh.gain is not None
    assert fresh.gain.mean == pytest.approx(fresh.chosen.mean - fresh.today.mean)
    assert fresh.gain.half_width < fresh.chosen.half_width
    assert fresh.chosen.mean != mean_of(result.chosen, "revenue")


def test_on_a_flat_objective_there_is_no_best() -> None:
    result = swept(changed("pools.SDR.reps=unlimited"), "pools.SDR.overflow.after=1:5:1 hours")

    assert not result.detectable
    assert len(result.tied) == len(result.levels)


def test_levels_that_cannot_be_are_told_and_overloaded_ones_simulated() -> None:
    result = swept(changed("qualification.mql_rate=70%", "period.months=6"), "pools.SDR.reps=0:2:1")
    none, one, two = result.levels

    assert (none.status, none.years, none.figures) == ("impossible", 0, ())
    assert none.problem is not None
    assert "without anybody" in none.problem.rule
    assert (one.status, two.status) == ("overloaded", "ok")
    assert one.years > 0
    assert one.problem is not None
    assert "cannot keep up" in one.problem.rule


def test_with_all_levels_but_one_impossible_there_is_nothing_to_sweep(tiny: sf.Scenario) -> None:
    with pytest.raises(ScenarioError, match="quality odds are too weak"):
        swept(tiny, "score.accuracy.auc=0.95:0.99:0.02")


@pytest.mark.parametrize(
    ("levers", "said"),
    [
        ((), "one or two can be swept"),
        ((REPS, RATE, "score.sd=10:20:5"), "one or two can be swept"),
        (("pools.SDR.reps=1:4",), "has no steps"),
        ((REPS, "channels.*.volume=1:100:1 / week"), "makes 400 cells"),
        ((REPS, "pools.*.reps=1:4:1"), "moves what the other lever moves"),
        (("pools.SDX.reps=1:4:1",), "did you mean SDR"),
    ],
)
def test_levers_that_cannot_be_swept_are_refused(tiny: sf.Scenario, levers: tuple[str, ...], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        swept(tiny, *levers)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"objective": "happiness"}, "no objective; there are profit, revenue"),
        ({"objective": "sla_months_kept"}, "no sla"),
        ({"zone": 0.0}, "not a number above 0"),
        ({"replications": 1}, "at least 2"),
    ],
)
def test_questions_without_meaning_are_refused(tiny: sf.Scenario, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        swept(tiny, REPS, **more)


def test_any_amount_of_the_year_may_be_the_objective(tiny: sf.Scenario) -> None:
    most, least = swept(tiny, RATE, objective="mqls", zone=5), swept(tiny, RATE, objective="wasted_hours", zone=0.1)

    assert (most.chosen.name, most.zone) == ("50%", 5)
    assert least.chosen.name in ("10%", "30%", "40%", "50%")
    assert set(OBJECTIVES) >= {"profit", "revenue", "wins"}


def test_profit_is_the_objective_where_anything_costs() -> None:
    assert usual_objective(changed()) == "revenue"
    for costs in ("pools.SDR.cost_per_rep=60k / year", "channels.web.cost_per_lead=5", "pools.SDR.commission=5%"):
        assert usual_objective(changed(costs)) == "profit"


def test_where_other_metrics_are_highest_is_told() -> None:
    result = swept(changed("pools.SDR.cost_per_rep=400k / year", "pools.SDR.reps=3"), REPS)
    most = {each.metric: each for each in result.most}

    assert result.objective == "profit"
    assert most["revenue"].place >= result.best
    assert "mqls" not in most  # reps do not change them
    assert most["revenue"].costs.mean <= 0


def test_levels_begin_on_a_date_or_have_settled(tiny: sf.Scenario) -> None:
    later, settled, usual = (swept(tiny, RATE, start=start) for start in (date(2027, 2, 1), "settled", "period"))

    spans = [mean_of(each.levels[-1], "mqls") - mean_of(each.levels[0], "mqls") for each in (later, usual)]
    assert later.start == "2027-02-01"
    assert spans[0] < 0.7 * spans[1]
    assert settled.levels[-1].figures != usual.levels[-1].figures
    with pytest.raises(ScenarioError, match="does not lie in the period"):
        swept(tiny, RATE, start=date(2029, 1, 1))


def test_who_works_changes_no_number(tiny: sf.Scenario) -> None:
    alone = swept(tiny, RATE, accuracy=True)
    with ThreadPoolExecutor(2) as executor:
        together = swept(tiny, RATE, accuracy=True, executor=executor, workers=2)

    assert alone.as_dict() == together.as_dict()
    assert alone.levels != swept(tiny, RATE, seed=2).levels


def test_two_levers_make_a_grid_with_a_ridge(tiny: sf.Scenario) -> None:
    result = swept(tiny, "pools.SDR.reps=1:3:1", RATE, accuracy=True)

    assert len(result.levels) == 10  # nine cells, and today between two of them
    assert [each.levels for each in result.levels[:3]] == [(1, 0.1), (1, 0.3), (1, 0.5)]
    assert (result.levels[-1].levels, result.levels[-1].today) == ((2, 0.4), True)
    assert [step.level for step in result.ridge] == [1, 2, 3]
    assert all(step.best in step.tied for step in result.ridge)
    assert result.levels[result.ridge[2].best].levels == (3, 0.5)
    ridge = {step.best for step in result.ridge}
    assert all(set(each.tried) <= ridge | {result.best} for each in result.accuracies)


def test_today_outside_the_grid_may_be_the_best() -> None:
    result = swept(changed("pools.SDR.reps=4"), "pools.SDR.reps=1:2:1", RATE.replace("50%", "30%"), accuracy=True)

    assert result.chosen.today
    assert all(result.best in each.tried for each in result.accuracies)
    assert result.best not in {step.best for step in result.ridge}


def test_other_scores_are_tried_beside_todays(tiny: sf.Scenario) -> None:
    result = swept(tiny, RATE, accuracy=True)

    assert [each.word for each in result.accuracies] == ["weak", "good"]
    assert result.score_correlation == 0.5
    for each in result.accuracies:
        assert each.best in each.tied
        assert set(each.tied) <= set(each.tried)
        assert each.years <= 20
    assert swept(tiny, "score.accuracy.correlation=0.2:0.6:0.2", accuracy=True).accuracies == ()


def test_a_score_that_cannot_be_is_told() -> None:
    scenario = changed("acceptance={rate: 60%, accuracy: perfect, agreement: 0.5}")
    found = {each.word: each for each in swept(scenario, RATE, accuracy=True).accuracies}

    assert found["weak"].best is None
    assert "agreement" in found["weak"].problem


def test_words_for_other_scores_are_the_nearest_that_differ() -> None:
    assert other_words(0.15) == ("weak", "fair")
    assert other_words(0.3) == ("fair", "good")
    assert len(spread(range(200), 77)) == 10


def test_a_stopped_sweep_shows_what_it_has(tiny: sf.Scenario) -> None:
    asked = iter(range(1000))

    result = swept(tiny, RATE, stop=lambda: next(asked) >= 1, replications=40)

    assert result.cancelled
    assert result.fresh is None
    assert any("stopped early" in warning for warning in result.warnings)
    assert 2 <= result.replications < 40
    with pytest.raises(StoppedError):
        swept(tiny, RATE, stop=lambda: True)


def test_the_json_is_one_object_and_the_table_is_tidy(tiny: sf.Scenario) -> None:
    result = swept(tiny, REPS, accuracy=True)
    plain = json.loads(result.to_json())
    rows = result.table()

    assert plain["schema"] == "simfunnel.sweep/1"
    assert plain["best"] == result.chosen.name
    assert [level["level"] for level in plain["levels"]] == [{"pools.SDR.reps": n} for n in (1, 2, 3, 4)]
    assert plain["fresh"]["chosen"]["metric"] == "revenue"
    assert len(plain["accuracies"]) == 2
    assert all(tuple(row) == result.columns for row in rows)
    assert {row["kind"] for row in rows} >= {"level", "fresh", "accuracy"}
    assert [row["mean"] for row in rows if row["metric"] == "revenue" and row["kind"] == "level"] == [
        mean_of(each, "revenue") for each in result.levels
    ]
    assert "best" in result._repr_html_()


def test_ranges_are_taken_at_their_middles_and_said_so() -> None:
    result = swept(changed("stages.discovery.conversion=40% to 60%"), REPS)

    assert any("middles" in warning for warning in result.warnings)


def test_with_few_years_chance_is_said_to_pass_for_a_difference(tiny: sf.Scenario) -> None:
    few, enough = (swept(tiny, REPS, replications=years).warnings for years in (4, 10))

    assert [each for each in few if "fewer than 10" in each]
    assert not [each for each in enough if "fewer than 10" in each]


def test_a_belief_is_solved_anew_at_each_level(tiny: sf.Scenario) -> None:
    result = swept(tiny, "stages.discovery.conversion=30%:60%:30%")
    won = [mean_of(each, "wins") for each in result.levels]

    assert won[-1] == pytest.approx(2 * won[0], rel=0.1)
