"""The screen of a sweep: nothing said that the figures do not say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simfunnel.errors import Problem
from simfunnel.plan import static_calibration
from simfunnel.report.screens.sweep import answer, beside, most_text, score_text, sweep_screen
from simfunnel.scenario import lever_of, parse
from simfunnel.study import AtAccuracy, Figure, Fresh, Most, RidgeStep, SweepResult, SweptLevel
from tests.unit.scenario.building import small

BEST = 2
PROFITS = (900_000, 1_000_000, 1_100_000, 1_080_000, 700_000)


def level(at: int, today: int = 1, tied: tuple[int, ...] = (2, 3)) -> SweptLevel:
    profit = PROFITS[at]
    figures = (
        Figure("profit", profit, 30_000),
        Figure("revenue", profit + 500_000, 30_000),
        Figure("cost", 500_000, 1_000),
        Figure("mqls", 6_000 - 1_000 * at, 30),
        Figure("busy_share", 0.99 - 0.1 * at, 0.01, "SDR"),
        Figure("response_median", 20.0 - 4 * at, 0.5),
        Figure("wasted_hours", 800.0 - 100 * at, 5),
    )
    bar = 40.0 + 5 * at
    gap = profit - PROFITS[BEST]
    return SweptLevel(
        (bar,), (f"{bar:g}",), at == today, None, 30, figures, gap, 9_000, gap - 20_000, 0, at in tied, at == BEST
    )


def result(today: int = 1, tied: tuple[int, ...] = (2, 3), **more: Any) -> SweepResult:
    scenario = parse(small(title="Small"))
    facts: dict[str, Any] = {
        "version": "0",
        "scenario": scenario,
        "calibration": static_calibration(scenario),
        "seed": 1,
        "replications": 30,
        "total_replications": 150,
        "engine": "compiled",
        "seconds": 2.0,
        "start": "period",
        "warnings": (),
        "levers": (lever_of(scenario, "qualification.threshold=40:60:5"),),
        "objective": "profit",
        "zone": 50_000.0,
        "zone_assumed": False,
        "levels": tuple(level(at, today, tied) for at in range(5)),
        "best": BEST,
        "decided": True,
        "margin": 40_000.0,
        "detectable": True,
        "wanted_for_skew": 2,
        "score_correlation": 0.5,
    }
    return SweepResult(**(facts | more))


def said(**more: Any) -> str:
    return " ".join(answer(result(**more)))


def fresh(gain: float | None, half_width: float = 20_000, agrees: bool = True) -> Fresh:
    today = None if gain is None else Figure("profit", 1_090_000 - gain, 30_000)
    difference = None if gain is None else Figure("profit", gain, half_width)
    return Fresh(9, 60, Figure("profit", 1_090_000, 30_000), today, difference, agrees)


def test_the_levels_tied_are_named_with_the_zone_and_the_one_that_loads_least() -> None:
    text = said()

    assert "50 and 55 cannot be told apart within $50k (your zone); highest: 50." in text
    assert "Of these, 55 loads SDR least: 69% busy, against 79%." in text
    assert "1% of the best" in said(zone_assumed=True)
    assert "45 to 55 cannot be told apart" in said(tied=(1, 2, 3))


def test_a_single_best_is_told_apart_from_all_others() -> None:
    assert "50 is the best: it is told apart from every other level." in said(tied=(2,))


def test_on_a_flat_objective_nothing_is_best() -> None:
    flat = result(detectable=False, tied=(0, 1, 2, 3, 4))
    screen = sweep_screen(flat)

    assert "No detectable difference: no level can be told apart from another within $50k" in " ".join(screen.split())
    assert "BEST" not in screen
    assert "Staying" not in screen


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"today": 3}, "Staying at 55 costs nothing that can be detected."),
        ({"today": 2}, "Today's 50 is the highest."),
        ({"detectable": False, "zone": 1e-300}, "no level can be told apart from another."),
        ({"fresh": fresh(90_000)}, "Going from today's 45 to 50 changes profit by +$90k +/- 20k (fresh seeds)."),
        ({"fresh": fresh(9_000)}, "which is no detectable difference (fresh seeds)"),
        ({"fresh": fresh(None)}, "50, run again on fresh seeds: $1.09M +/- 0.03M."),
        ({"fresh": fresh(None, agrees=False)}, "not $1.10M +/- 0.03M as in the search: quote this figure"),
        ({"decided": False}, "known to $40k only: more --replications would tell more"),
        ({"wanted_for_skew": 90}, "so skewed that 90 years a level are wanted, and 30 are there"),
    ],
)
def test_the_answer_says_what_staying_moving_and_not_knowing_mean(more: dict[str, Any], words: str) -> None:
    assert words in said(**more)


def test_a_best_at_an_end_of_the_levels_is_said_to_be_one() -> None:
    levels = tuple(replace(level(at), best=at == 4) for at in range(5))

    assert "It lies at an end: what is above 60 was not tried." in said(best=4, levels=levels)
    assert "at an end" not in said()
    share = lever_of(parse(small()), "qualification.mql_rate=20%:100%:20%")
    whole = tuple(replace(each, levels=(0.2 * (at + 1),)) for at, each in enumerate(levels))
    assert "at an end" not in said(best=4, levels=whole, levers=(share,))


def test_where_other_metrics_are_highest_is_told_with_its_price() -> None:
    costs = Figure("profit", -200_000, 20_000)
    found = (
        Most("revenue", 2, 0.0, 0.0, False, Figure("profit", 0.0, 0.0)),
        Most("wins", 3, 4.0, 5.0, False, Figure("profit", -20_000, 9_000)),
        Most("mqls", 0, 2_000.0, 30.0, True, costs),
    )
    text = most_text(result(most=found))

    assert "Most revenue: 50 too." in text
    assert "Most wins: 55, but not detectably more than 50." in text
    assert "Most MQLs: 40 (+2,000 +/- 30 MQLs), at -$200k +/- 20k profit." in text


def test_other_scores_have_an_answer_or_a_reason() -> None:
    found = (
        AtAccuracy("weak", 0.3, 12, 1, (0, 1, 2), (0, 1, 2, 3, 4)),
        AtAccuracy("good", 0.7, 12, None, (), (), "agreement is out of range"),
    )
    text = score_text(result(accuracies=found))

    assert text.startswith("If the score were weak (0.3): best 45 (40 to 50 tied); good (0.7): cannot be, agreement")
    assert text.endswith("Today it is 0.50.")
    assert "no detectable difference" in score_text(result(accuracies=(replace(found[0], tied=(0, 1, 2, 3, 4)),)))


def test_levels_that_cannot_be_and_teams_that_cannot_keep_up_are_marked_and_explained() -> None:
    none = SweptLevel((40.0,), ("40",), False, Problem(("pools",), 0, "leaves the pool without anybody"))
    full = replace(level(4), problem=Problem(("pools",), 1, "cannot keep up"))
    screen = " ".join(sweep_screen(result(levels=(none, *(level(at) for at in range(1, 4)), full))).split())

    assert "40 - - impossible" in screen
    assert "40: impossible, leaves the pool without anybody" in screen
    assert "60: overloaded, cannot keep up" in screen
    assert "too full" in screen


def test_without_revenue_beside_it_the_objective_stands_alone() -> None:
    assert beside(result(objective="revenue")) == "profit"
    free = tuple(replace(level(at), figures=level(at).figures[:2]) for at in range(5))
    assert beside(result(objective="revenue", levels=free)) == ""


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_map_of_many_columns_comes_in_blocks_and_every_cell_is_there(width: int) -> None:
    scenario = parse(small(title="Small"))
    levers = tuple(lever_of(scenario, text) for text in ("pools.SDR.reps=4:5:1", "qualification.threshold=1:40:1"))
    cells = [(reps, bar) for reps in levers[0].levels() for bar in levers[1].levels()]
    levels = tuple(
        replace(
            level(BEST),
            levels=cell,
            words=tuple(f"{part:g}" for part in cell),
            today=cell == (5, 40),
            best=at == 7,
            tied=at == 7,
            figures=(Figure("profit", 1_000_000 + 1_000 * at, 5_000), Figure("mqls", 1_000, 5)),
        )
        for at, cell in enumerate(cells)
    )
    ridge = (RidgeStep(4, 7, (7, 8)), RidgeStep(5, 50, (50,)))
    screen = sweep_screen(result(levers=levers, levels=levels, best=7, ridge=ridge), width)

    assert max(map(len, screen.splitlines())) <= width
    assert all(f"{1_000 + at:,}" in screen for at in (0, 13, 39, 40, 79))
    assert "1,007*" in screen
    assert "[1,079]" in screen
    assert "RIDGE: the best threshold at each SDR.reps" in screen
