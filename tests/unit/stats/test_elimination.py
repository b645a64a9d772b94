"""Levels leave when they are told apart from the best; the rest is simulated until the best is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simfunnel.stats import Elimination, EliminationRule, Selection
from simfunnel.stats.ranking import LOOKS

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


def normal(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return random.normal(size=shape)


def deals(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Lognormal, sd of the logs 1, scaled to mean 0 and sd 1: skewness 6."""
    return (random.lognormal(0, 1, shape) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)


def search(table: np.ndarray, rule: EliminationRule) -> Selection:
    """Run the search on a table of [replications, levels]."""
    found = Elimination(table.shape[1], rule)
    while batch := found.next():
        found.tell(table[batch.start : batch.stop, list(batch.levels)])
    return found.result()


def studies(means: np.ndarray, rule: EliminationRule, runs: int, draw: Draw = normal) -> list[Selection]:
    """Studies of levels with these means, sd 3, half of the variance common luck."""
    random = np.random.default_rng(12)
    shape = (rule.looks[-1], len(means))
    noise = (draw(random, shape) + random.normal(size=(shape[0], 1)) for _ in range(runs))
    return [search(means + 3 * np.sqrt(0.5) * part, rule) for part in noise]


def covers(found: Selection, means: np.ndarray) -> bool:
    lead = np.array([mean - np.delete(means, k).max() for k, mean in enumerate(means)])
    return bool(((found.comparison.low <= lead + 1e-12) & (lead <= found.comparison.high + 1e-12)).all())


@pytest.mark.parametrize(("levels", "looks"), [(2, LOOKS), (2, tuple(range(30, 401, 10))), (5, LOOKS)])
def test_stopping_when_it_is_known_costs_no_coverage(levels: int, looks: tuple[int, ...]) -> None:
    """Few levels leave no slack in Bonferroni: 600 studies cover in at least 95 percent, less 1.8 points (2 errors)."""
    means = np.array([0.0] * (levels - 1) + [1.0])

    found = studies(means, EliminationRule(1.0, looks), 600)

    assert np.mean([each.best == levels - 1 for each in found]) > 0.95 - 0.018
    assert np.mean([covers(each, means) for each in found]) > 0.95 - 0.018


@pytest.mark.parametrize("draw", [normal, deals])
def test_the_best_is_selected_and_all_intervals_hold_where_it_leads_by_just_the_zone(draw: Draw) -> None:
    """Slippage, 10 levels, 200 studies, heavy tails too: at least 95 percent, less 3 points (2 standard errors)."""
    means = np.array([0.0] * 9 + [1.0])

    found = studies(means, EliminationRule(1.0), 200, draw)

    assert np.mean([each.best == 9 for each in found]) > 0.95 - 0.03
    assert np.mean([covers(each, means) for each in found]) > 0.95 - 0.03


@pytest.mark.parametrize("draw", [normal, deals])
def test_a_flat_objective_has_no_detectable_difference(draw: Draw) -> None:
    """10 equal levels, 200 studies: all tie in at least 95 percent, less 3 points."""
    found = studies(np.zeros(10), EliminationRule(0.2), 200, draw)

    assert np.mean([not each.comparison.detectable for each in found]) > 0.95 - 0.03


def test_replications_go_where_levels_are_close() -> None:
    means = -(((np.arange(17) - 6) / 2.0) ** 2)

    found = studies(means, EliminationRule(1.0), 20)

    n = np.mean([each.n for each in found], axis=0)
    assert n[6] > 75
    assert n[10:].max() < 40
    assert np.mean([each.n.sum() for each in found]) < 17 * n[6] * 0.6


def test_the_best_and_its_neighbours_within_the_zone_are_tied() -> None:
    """A curve that lies 0.25, 1, 2.25 and 4 below its top, zone 1: a quarter of the zone ties, four times do not."""
    means = -(((np.arange(13) - 6) / 2.0) ** 2)

    for found in studies(means, EliminationRule(1.0), 20):
        assert {5, 6, 7} <= set(found.tied) <= {3, 4, 5, 6, 7, 8, 9}
        assert found.decided


def test_levels_with_the_same_luck_need_the_first_look_only() -> None:
    base = np.random.default_rng(1).normal(100, 30, (400, 1))

    found = search(base + np.array([0.0, 1.0, 2.0]), EliminationRule(1.5))

    assert found.n.tolist() == [30, 30, 30]
    assert (found.best, found.tied) == (2, (1, 2))


def test_when_replications_run_out_it_says_what_could_be_told_apart() -> None:
    random = np.random.default_rng(2)

    found = search(random.normal(0, 100, (400, 3)), EliminationRule(0.01))

    assert not found.decided
    assert found.n.tolist() == [400, 400, 400]
    assert found.margin == pytest.approx(1.97 * np.sqrt(2) * 100 / 20, rel=0.1)  # t(1 - .05 / 2) x s / sqrt(400)
    assert found.tied == (0, 1, 2)


def test_skewed_differences_ask_for_more_replications() -> None:
    random = np.random.default_rng(2)
    base = random.normal(size=(400, 1))
    rare = np.where(random.uniform(size=(400, 1)) < 0.03, 48.5, -1.5) * np.array([0.0, 1.0])

    assert search(base + rare, EliminationRule(0.1)).wanted_for_skew > 400
    assert search(random.normal(size=(400, 2)), EliminationRule(0.01)).wanted_for_skew < 400


def test_two_hundred_levels_are_searched() -> None:
    means = np.linspace(0, 50, 200)

    found = studies(means, EliminationRule(1.0), 1)[0]

    assert abs(found.mean[found.best] - 50) < 2
    assert found.n.sum() < 200 * 60
    assert 199 in found.tied


def test_the_answer_does_not_depend_on_what_was_never_asked_for() -> None:
    table = np.random.default_rng(4).normal(size=(400, 5)) + np.array([0, 0, 9, 10, 10])
    spoilt = table.copy()
    spoilt[30:, :2] = np.nan

    one, two = (search(each, EliminationRule(0.3)) for each in (table, spoilt))

    assert one.n[:2].tolist() == [30, 30]
    assert one.tied == two.tied
    assert one.mean.tolist() == two.mean.tolist()


def test_an_answer_to_another_question_is_refused() -> None:
    found = Elimination(3, EliminationRule(1.0))

    with pytest.raises(ValueError, match="do not answer"):
        found.tell(np.zeros((29, 3)))
    with pytest.raises(ValueError, match="cannot be ranked"):
        found.tell(np.full((30, 3), np.nan))
    with pytest.raises(ValueError, match="nothing was told"):
        found.result()


@pytest.mark.parametrize(
    ("zone", "looks"), [(0.0, (30, 60)), (float("nan"), (30,)), (1.0, ()), (1.0, (1, 5)), (1.0, (30, 30))]
)
def test_a_rule_that_cannot_decide_is_refused(zone: float, looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must"):
        EliminationRule(zone, looks)


def test_one_level_has_no_rival() -> None:
    with pytest.raises(ValueError, match="at least 2 levels"):
        Elimination(1, EliminationRule(1.0))


def test_two_equal_years_leave_all_levels_tied() -> None:
    search = Elimination(3, EliminationRule(zone=1.0, looks=(2,)))
    search.tell([[1.0, 9.0, 5.0], [2.0, 10.0, 6.0]])

    found = search.result()

    assert found.tied == (0, 1, 2)
    assert not found.comparison.detectable
    assert not found.decided
