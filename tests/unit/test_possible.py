"""What is checked can be run: plans that cannot be are refused by the check, at the setting that makes them so."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import simfunnel as sf
from simfunnel import possible
from simfunnel.errors import ScenarioError
from simfunnel.plan import compile_plan, passing_of, static_calibration
from simfunnel.possible import MOST_OF_ALL, picked, refuse_impossible
from simfunnel.scenario import Scenario, load, parse, phases_of
from simfunnel.study.run.odd import odd_plans
from simfunnel.theory.selection import Population

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEXT = """\
period: {start: 2027-01-01, months: 3}
channels:
  web: {leads: 20 / week, deal_value: 1000}
  chat: {leads: 10 / week, deal_value: 1000}
score: {mean: 50, sd: 15}
qualification: {threshold: 60}
acceptance: 60%
pools: {AE: {stages: [call], reps: 5}}
stages: [{name: call, conversion: 40%}]
"""


def told(*sets: str) -> list[str]:
    return [str(problem) for problem in odd_plans(parse(TEXT, sets=sets))]


def test_an_accuracy_out_of_reach_is_refused_by_the_check() -> None:
    with pytest.raises(ScenarioError, match=r"score.accuracy.auc: 0.97, is above"):
        sf.check(parse(TEXT, sets=["score.accuracy={auc: 0.97}"]))


def test_what_a_what_if_cannot_be_is_told_at_its_own_line() -> None:
    bad = "what_ifs:\n  fine: {acceptance.rate: 50%}\n  never: {score.accuracy: {auc: 0.97}}\n"
    bad += "  nor: {acceptance.accuracy: {auc: 0.99}}\n"
    with pytest.raises(ScenarioError) as caught:
        refuse_impossible(parse(TEXT + bad))

    assert [(each.path[:2], each.line) for each in caught.value.problems] == [
        (("what_ifs", "never"), 12),
        (("what_ifs", "nor"), 13),
    ]


def test_numbers_that_cannot_be_computed_are_told_as_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    scenario = parse(TEXT + "what_ifs: {less: {qualification.threshold: 50}}\n")
    monkeypatch.setattr(possible.plan, "compile_plan", fails)
    with pytest.raises(ScenarioError, match="cannot be computed"):
        refuse_impossible(scenario)


@pytest.mark.parametrize("sd", ["0.000001", "0.001", "1000000000"])
@pytest.mark.parametrize("accuracy", ["fair", "{auc: 0.55}"])
def test_a_score_of_any_spread_is_compiled_or_refused(sd: str, accuracy: str) -> None:
    scenario = parse(TEXT, [f"score.sd={sd}", f"score.accuracy={accuracy}", "channels.chat.score_bias=5"])
    try:
        plan = compile_plan(scenario, static_calibration(scenario))
    except ScenarioError:
        return
    assert np.isfinite(plan.phases[0].score_per_unit)


@pytest.mark.parametrize(("threshold", "words"), [(5000, "is reached by nobody"), (-5000, "is reached by everybody")])
def test_a_threshold_out_of_reach_of_all_scores_is_odd(threshold: int, words: str) -> None:
    (line,) = [line for line in told(f"qualification.threshold={threshold}") if "qualification.threshold" in line]

    assert words in line
    assert "a mean of 50 and a standard deviation of 15" in line


def test_a_channel_of_which_nobody_reaches_the_threshold_is_odd_by_itself() -> None:
    (line,) = [line for line in told("channels.chat.score_bias=-500") if "not one in a million" in line]

    assert "channels.chat" in line


def test_thresholds_within_reach_are_not_odd() -> None:
    for threshold in (20, 60, 84):
        assert not [line for line in told(f"qualification.threshold={threshold}") if "scores have a mean" in line]
    assert not [line for line in told("qualification={mql_rate: 100%}") if "reached by" in line]


def test_a_bias_beyond_the_threshold_decides_however_small_the_spread() -> None:
    scenario = parse(TEXT, ["score.sd=0.000001", "channels.chat.score_bias=5", "channels.web.score_bias=15"])

    shares = passing_of(scenario, static_calibration(scenario))

    assert shares == {"chat": 0.0, "web": 1.0}  # 55 and 65 points, the bar at 60


def test_bars_in_sight_stay_what_they_are() -> None:
    bars, bias = np.array([0.3, 1e9, -np.inf]), np.array([0.1, 7.0, 2.0])
    leads = Population(np.ones(3), np.zeros(3), bias, bars, r_score=0.5)

    assert leads.bar.tolist() == pytest.approx([0.2, 60.0, -60.0])


def many(count: int) -> Scenario:
    return parse(
        TEXT + "what_ifs:\n" + "".join(f"  w{k}: {{qualification.threshold: {k % 97}}}\n" for k in range(count))
    )


def test_of_many_what_ifs_the_ends_of_each_kind_are_compiled_in_bounded_time() -> None:
    scenario = many(600)
    names = picked(scenario.what_ifs)

    assert len(names) <= MOST_OF_ALL
    values = {scenario.what_ifs[name].items[0].value for name in names}
    assert {0, 96} <= values
    began = time.process_time()
    refuse_impossible(scenario)
    assert time.process_time() - began < 20.0


@pytest.mark.parametrize("file", ["b2b.yaml", "minimal.yaml"])
def test_shipped_scenarios_are_possible_with_every_what_if(file: str) -> None:
    scenario = load(SCENARIOS / file)

    known = refuse_impossible(scenario)

    assert phases_of(scenario).base.meaning_sha256() in known


MIXED = """\
title: A funnel
title: Another
period: {start: 2027-01-04}
channels:
  web: {leads: 60 / week, deal_value: 9k}
  chat: {leads: 20 / week, deal_value: 7k, colour: red}
score: {accuracy: {auc: 0.97}}
qualification: {threshold: 60}
acceptance: 0%
pools:
  SDR: {stages: [discovery], reps: five, selling_time: 50%}
  AE: {stages: [proposal], reps: 4, selling_time: 50%}
stages:
  - {name: discovery, conversion: 45%}
  - {name: proposal, conversion: 25%}
sla: {other: [{metric: revenu, at_least: 1}]}
what_ifs:
  stricter: {qualification.treshold: 65}
  surer: {score.accuracy: {auc: 0.99}}
"""
PLACES = [(2, "title"), (6, "channels"), (7, "score"), (9, "acceptance"), (11, "pools"), (16, "sla"), (18, "what_ifs")]
PLACES.append((19, "what_ifs"))


def mistakes_of(file: Path, text: str, *sets: str) -> tuple[sf.Problem, ...]:
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        sf.check(sf.load(file, sets))
    return caught.value.problems


def test_mistakes_of_reading_fields_meaning_what_ifs_and_plans_are_told_in_one_go(tmp_path: Path) -> None:
    problems = mistakes_of(tmp_path / "mixed.yaml", MIXED)

    assert [(each.line, each.path[0]) for each in problems] == PLACES, "\n".join(map(str, problems))


def test_mistakes_that_only_plans_show_are_told_together(tmp_path: Path) -> None:
    text = TEXT.replace("60}", "60}\nsla: {other: [{metric: revenu, at_least: 1}]}")
    text = text.replace("sd: 15}", "sd: 15, accuracy: {auc: 0.97}}")
    text = text.replace("acceptance: 60%", "acceptance: {rate: 60%, accuracy: {auc: 0.98}}")
    text += "what_ifs: {surer: {acceptance.accuracy: {auc: 0.99}, qualification.threshold: 50}}\n"

    problems = mistakes_of(tmp_path / "plans.yaml", text)

    assert [each.path[:2] for each in problems] == [
        ("score", "accuracy"), ("sla", "other"), ("acceptance", "accuracy"), ("what_ifs", "surer"),
    ], "\n".join(map(str, problems))  # fmt: skip


def test_a_study_tells_all_mistakes_of_the_plans_it_is_asked_for_and_of_no_other(tmp_path: Path) -> None:
    file = tmp_path / "asked.yaml"
    file.write_text(
        TEXT + "what_ifs:\n  sure: {acceptance.accuracy: {auc: 0.99}}\n  unasked: {score.accuracy: {auc: 0.98}}\n"
        "  surer: {score.accuracy: {auc: 0.99}}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        sf.compare(sf.load(file), ["surer", "sure"], replications=1)

    assert [each.path[:2] for each in caught.value.problems] == [("what_ifs", "sure"), ("what_ifs", "surer")]


def test_a_figure_that_other_mistakes_move_is_told_as_such(tmp_path: Path) -> None:
    sets = ["score.accuracy={auc: 0.97}", "stages[0].conversion=many"]
    (accuracy,) = (each for each in mistakes_of(tmp_path / "a.yaml", TEXT, *sets) if "auc" in each.rule + str(each))

    assert "depends on the other mistakes" in accuracy.remedy


def test_a_plan_that_is_possible_adds_no_mistake(tmp_path: Path) -> None:
    (problem,) = mistakes_of(tmp_path / "a.yaml", TEXT, "channels.web.colour=red")

    assert "colour" in str(problem)
