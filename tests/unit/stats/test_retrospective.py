"""The smallest lever value that reaches a goal, found with the same luck at every value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats as oracle

from simfunnel.stats import ChanceGoal, LeverGrid, MeanGoal, Root, RootSearch
from simfunnel.theory.erlang import erlang_a

FRESH = 2000  # place of the first fresh replication in the luck of a study
Response = Callable[[float, np.ndarray, np.ndarray], np.ndarray]


def search(seed: int, found: RootSearch, response: Response) -> Root:
    """Run a search on a response of (value, luck of the replication, luck of replication and value)."""
    luck = np.random.default_rng(seed).normal(size=2 * FRESH)
    while ask := found.next():
        own = np.random.default_rng((seed, ask.position)).normal(size=2 * FRESH)
        rows = slice(FRESH * ask.fresh + ask.start, FRESH * ask.fresh + ask.stop)
        found.tell(response(ask.value, luck[rows], own[rows]))
    return found.result()


def reaches(value: float, luck: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Revenue = value + 10 common luck + 3 of its own, target 100: single replications may fall as it rises."""
    return value + 10 * luck + 3 * own >= 100


SD = np.sqrt(109)
ROOT = 100 + SD * oracle.norm.ppf(0.8)  # 108.79: there the chance is exactly 80 percent
SMALL = (40, 160)


@pytest.mark.parametrize("step", [0.25, 2.0])
def test_what_is_called_enough_is_enough_and_what_is_called_too_little_is(step: float) -> None:
    """200 searches, a fine lever and a whole-number one; each bound holds in 95 percent (less 3 points)."""
    grid = LeverGrid(50, 150, step)

    found = [search(seed, RootSearch(grid, ChanceGoal(0.8), SMALL, 100), reaches) for seed in range(200)]

    assert {each.verdict for each in found} == {"found"}
    assert np.mean([each.value >= ROOT for each in found]) > 0.92
    assert np.mean([each.too_little < ROOT for each in found if each.too_little is not None]) > 0.92
    assert all(each.too_little is not None for each in found)


def test_fresh_seeds_tell_the_chance_at_the_value_found() -> None:
    """200 searches: the fresh two-sided interval holds the true chance in 95 percent (less 3 points)."""
    grid = LeverGrid(50, 150, 1)
    covered = []
    for seed in range(200):
        found = search(seed, RootSearch(grid, ChanceGoal(0.8), SMALL, 100), reaches)
        chance = oracle.norm.cdf((found.value - 100) / SD)
        covered.append(found.fresh.low <= chance <= found.fresh.high)
    assert np.mean(covered) > 0.92


def test_with_more_replications_the_bounds_close_in() -> None:
    grid = LeverGrid(50, 150, 0.5)
    found = [search(1, RootSearch(grid, ChanceGoal(0.8), sizes), reaches) for sizes in ((50,), (50, 200, 800))]

    wide, narrow = (each.value - (each.too_little or 0) for each in found)

    assert narrow < wide / 2
    assert abs((found[1].estimate or 0) - ROOT) < 1.5


def test_a_fine_lever_of_1000_steps_takes_few_values() -> None:
    found = search(3, RootSearch(LeverGrid(0, 200, 0.2), ChanceGoal(0.8)), reaches)

    assert found.verdict == "found"
    assert len(found.curve) < 40


def revenue(leads: float, luck: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Revenue a day in thousands: 40% of leads qualify, 12 reps at 2 a day, patience 2 days, 12% win 25 thousand."""
    return erlang_a(0.4 * leads, 2.0, 12, 0.5).throughput * 0.12 * 25 + 2 * luck + 0.3 * own


def test_a_mean_is_reached_where_it_crosses() -> None:
    """70 thousand a day need 58.3 leads without queues and 67.526 with them (Erlang A, exact)."""
    found = search(4, RootSearch(LeverGrid(40, 160, 0.1), MeanGoal(70.0)), revenue)

    assert (found.too_little or 0) < 67.52639551 <= found.value
    assert found.value - (found.too_little or 0) < 1.5
    assert found.fresh.low < 70.2 < found.fresh.high


def test_beyond_the_ceiling_it_is_out_of_reach_and_the_ceiling_is_told() -> None:
    """12 reps cannot bring more than 72 thousand a day, whatever the leads."""
    found = search(4, RootSearch(LeverGrid(40, 160, 0.1), MeanGoal(75.0)), revenue)

    assert found.verdict == "out of reach"
    assert (found.estimate, found.too_little) == (None, 160)
    assert found.fresh.low < 72 < found.fresh.high
    assert found.fresh.high < 75


def test_a_chance_beyond_reach_comes_with_the_best_chance_and_its_interval() -> None:
    found = search(5, RootSearch(LeverGrid(50, 100, 1), ChanceGoal(0.8)), reaches)

    assert found.verdict == "out of reach"
    assert found.value == 100
    assert found.fresh.low < 0.5 < found.fresh.high < 0.8


def test_a_ceiling_too_close_to_the_goal_leaves_it_undecided() -> None:
    """The chance at the end is 80.3 percent: 200 replications cannot show that it is 80 or more, but for luck."""
    grid = LeverGrid(50, 109, 1)

    found = [search(seed, RootSearch(grid, ChanceGoal(0.8), (50, 200), 100), reaches) for seed in range(20)]

    assert np.mean([each.verdict == "undecided" for each in found]) > 0.8
    assert all(each.value > 100 for each in found)


def test_a_goal_reached_at_the_start_is_said_to_be() -> None:
    found = search(7, RootSearch(LeverGrid(130, 200, 1), ChanceGoal(0.8)), reaches)

    assert (found.verdict, found.value, found.too_little) == ("already", 130, None)


def test_a_lever_that_helps_as_it_falls_is_searched_the_same_way() -> None:
    rising = search(8, RootSearch(LeverGrid(50, 150, 1), ChanceGoal(0.8)), reaches)

    falling = search(
        8, RootSearch(LeverGrid(-50, -150, 1), ChanceGoal(0.8)), lambda x, luck, own: reaches(-x, luck, own)
    )

    assert falling.value == -rising.value


def test_a_peak_inside_is_found_and_the_fall_behind_it_told() -> None:
    """A threshold: revenue rises to a peak at 55 and falls; the target is reached from 43 to 67 only."""

    def hump(value: float, luck: np.ndarray, own: np.ndarray) -> np.ndarray:
        return 1000 - (value - 55) ** 2 + 10 * luck + 3 * own

    found = search(9, RootSearch(LeverGrid(20, 90, 1), MeanGoal(1000 - 144.0)), hump)

    assert found.verdict == "found"
    assert found.value in (43, 44, 45)
    assert found.reversals


def test_a_peak_too_low_is_out_of_reach_though_the_end_is_not_the_best() -> None:
    def hump(value: float, luck: np.ndarray, own: np.ndarray) -> np.ndarray:
        return 1000 - (value - 55) ** 2 + 10 * luck + 3 * own

    found = search(9, RootSearch(LeverGrid(20, 90, 1), MeanGoal(1100.0)), hump)

    assert found.verdict == "out of reach"
    assert found.value == 55
    assert found.fresh.low < 1000 < found.fresh.high


@pytest.mark.parametrize("peak", [28, 46, 65, 82])
def test_a_peak_between_the_values_first_tried_is_not_missed(peak: float) -> None:
    """The target is reached within 3 of the peak, and the nearest of the values first tried is 9 away."""

    def hump(value: float, luck: np.ndarray, own: np.ndarray) -> np.ndarray:
        return 1000 - (value - peak) ** 2 + luck + 0.3 * own

    found = search(9, RootSearch(LeverGrid(20, 90, 1), MeanGoal(1000 - 9.5), (50, 200)), hump)

    assert found.verdict == "found"
    assert found.value in (peak - 3, peak - 2)


def test_a_lever_that_only_helps_shows_no_reversal() -> None:
    """200 searches with luck at every value: any reversal in at most 5 percent (+ 3 points)."""
    grid = LeverGrid(50, 150, 2)
    found = [search(seed, RootSearch(grid, ChanceGoal(0.8), SMALL, 50), reaches) for seed in range(200)]

    assert np.mean([bool(each.reversals) for each in found]) < 0.08


def test_no_replication_is_asked_for_twice() -> None:
    found, asked = RootSearch(LeverGrid(50, 150, 1), ChanceGoal(0.8)), []
    luck = np.random.default_rng(1).normal(size=2 * FRESH)
    while ask := found.next():
        asked += [(ask.position, ask.fresh, r) for r in range(ask.start, ask.stop)]
        found.tell(reaches(ask.value, luck[ask.start : ask.stop], luck[ask.start : ask.stop]))

    assert len(asked) == len(set(asked))


def test_a_lever_of_one_value_is_judged() -> None:
    found = search(1, RootSearch(LeverGrid(150, 150, 1), ChanceGoal(0.8)), reaches)

    assert (found.verdict, found.value) == ("already", 150)


def test_an_answer_to_another_question_is_refused() -> None:
    found = RootSearch(LeverGrid(0, 10, 1), ChanceGoal(0.8))

    with pytest.raises(ValueError, match="do not answer"):
        found.tell(np.ones(3))
    with pytest.raises(ValueError, match="reach no goal"):
        found.tell(np.full(50, np.nan))
    with pytest.raises(ValueError, match="still asks"):
        found.result()


@pytest.mark.parametrize(
    ("sizes", "fresh", "probes"), [((), 50, 5), ((1, 5), 50, 5), ((50, 50), 50, 5), ((50,), 1, 5), ((50,), 50, 1)]
)
def test_a_search_that_cannot_answer_is_refused(sizes: tuple[int, ...], fresh: int, probes: int) -> None:
    with pytest.raises(ValueError, match=r"must rise|needs 2"):
        RootSearch(LeverGrid(0, 10, 1), ChanceGoal(0.8), sizes, fresh, probes)


def test_without_narrowing_the_same_value_is_found_with_fewer_replications() -> None:
    def searched(narrow: bool) -> tuple[Root, int]:
        finder, asked = RootSearch(LeverGrid(0, 100, 1), MeanGoal(40.5), (10, 40), 10, narrow=narrow), 0
        while ask := finder.next():
            asked += ask.stop - ask.start
            finder.tell(ask.value + np.random.default_rng(1).normal(0, 5, ask.stop)[ask.start :])
        return finder.result(), asked

    (wide, many), (short, few) = searched(True), searched(False)

    assert (short.verdict, short.value) == (wide.verdict, wide.value)
    assert few < many
    assert wide.too_little is not None
    assert short.too_little is None or short.too_little <= wide.too_little
