"""Goals and the values that a lever may take."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import ChanceGoal, LeverGrid, MeanGoal, RankGoal, half_width, share_bounds


def test_a_chance_is_bounded_by_clopper_and_pearson() -> None:
    found = ChanceGoal(0.8).bounds(np.repeat([True, False], [83, 17]), 0.95)

    assert (found.low, found.high) == share_bounds(83, 100)
    assert found.estimate == 0.83


@pytest.mark.parametrize("chance", [0.5, 0.8, 0.95, 0.99])
def test_the_least_replications_show_a_goal_that_all_of_them_reach_and_one_fewer_does_not(chance: float) -> None:
    goal = ChanceGoal(chance)
    n = goal.least_replications

    assert goal.bounds(np.ones(n), goal.level).low >= chance
    assert goal.bounds(np.ones(n - 1), goal.level).low < chance


def test_a_mean_is_bounded_by_student() -> None:
    x = np.random.default_rng(1).normal(5, 2, 40)

    found = MeanGoal(5.0).bounds(x, 0.95)

    assert found.high - found.estimate == pytest.approx(float(half_width(x, 0.9)))


def test_a_lever_goes_by_whole_steps_and_ends_at_its_end() -> None:
    grid = LeverGrid(100, 125, 10)

    assert [grid.at(k) for k in range(len(grid))] == [100, 110, 120, 125]


def test_a_lever_may_help_as_it_falls() -> None:
    grid = LeverGrid(4, 0, 1)

    assert [grid.at(k) for k in range(len(grid))] == [4, 3, 2, 1, 0]


def test_steps_that_are_no_binary_fractions_still_meet_the_end() -> None:
    grid = LeverGrid(0.0, 0.3, 0.1)

    assert len(grid) == 4
    assert grid.at(3) == 0.3


def test_a_lever_of_one_value_is_one_value() -> None:
    assert len(LeverGrid(7, 7, 1)) == 1


@pytest.mark.parametrize(("start", "end", "step"), [(0, 1, 0), (0, 1, -1), (0, float("inf"), 1), (float("nan"), 1, 1)])
def test_a_lever_without_values_is_refused(start: float, end: float, step: float) -> None:
    with pytest.raises(ValueError, match="a lever goes"):
        LeverGrid(start, end, step)


@pytest.mark.parametrize("chance", [0.0, 1.0, float("nan")])
def test_a_chance_that_nothing_can_show_is_refused(chance: float) -> None:
    with pytest.raises(ValueError, match="a chance lies between"):
        ChanceGoal(chance)


@pytest.mark.parametrize(("n", "chance"), [(20, 0.8), (60, 0.5), (200, 0.9), (37, 0.95)])
def test_a_rank_goal_is_reached_exactly_when_the_chance_on_the_same_values_is(n: int, chance: float) -> None:
    for seed in range(30):
        x = np.random.default_rng(seed).normal(0, 1, n)
        wanted = float(np.random.default_rng(seed + 100).normal(-1, 1))
        ranked, counted = RankGoal(wanted, chance), ChanceGoal(chance)

        by_rank, by_count = ranked.bounds(x, 0.95), counted.bounds(x >= wanted, 0.95)

        for side in ("low", "estimate", "high"):
            assert (getattr(by_rank, side) >= wanted) == (getattr(by_count, side) >= chance - 1e-12), side
