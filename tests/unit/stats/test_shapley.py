"""A difference split over the changes that made it."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from simfunnel.stats import (
    paired_difference,
    paired_ratio_difference,
    shapley_of_ratio,
    shapley_orders,
    shapley_sampled,
    shapley_values,
    subsets,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(41)


def game(groups: int, replications: int) -> np.ndarray:
    """A metric of all subsets with effects, interactions and luck of its own in every plan."""
    return rng().gamma(5, 100, ((1 << groups), replications))


def by_all_orders(values: np.ndarray) -> np.ndarray:
    """Shapley values straight from their definition: the mean over all orders of making the changes."""
    groups = len(values).bit_length() - 1
    parts = np.zeros((groups, values.shape[1]))
    orders = list(permutations(range(groups)))
    for order in orders:
        done = 0
        for k in order:
            parts[k] += (values[done | 1 << k] - values[done]) / len(orders)
            done |= 1 << k
    return parts


@pytest.mark.parametrize("groups", [1, 2, 3, 5])
def test_a_part_is_the_mean_over_all_orders_of_making_the_changes(groups: int) -> None:
    values = game(groups, 7)

    found = shapley_values(values)

    parts = by_all_orders(values)
    assert found.part == pytest.approx(parts.mean(axis=1), rel=1e-12)
    expected = paired_difference(np.zeros((7, groups)), parts.T).half_width
    assert found.half_width == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("groups", [2, 4, 8])
def test_parts_add_up_to_the_difference(groups: int) -> None:
    values = game(groups, 11)

    found = shapley_values(values)

    pair = paired_difference(values[0], values[-1])
    assert found.part.sum() == pytest.approx(found.total, rel=1e-12)
    assert (found.total, found.total_half_width) == (pair.mean, pair.half_width)


def test_a_group_that_changes_nothing_has_exactly_nothing() -> None:
    values = game(4, 9)
    values = values[[place & ~4 for place in range(16)]]

    found = shapley_values(values)

    assert (found.part[2], found.half_width[2]) == (0.0, 0.0)
    assert (found.part[[0, 1, 3]] != 0).all()


def test_groups_that_do_the_same_share_alike() -> None:
    """Two groups, either of which alone brings everything: half each."""
    values = np.array([[0.0], [10.0], [10.0], [10.0]]) + rng().normal(size=6)

    assert shapley_values(values).part == pytest.approx([5.0, 5.0])


def test_effects_that_add_up_are_found_as_they_are() -> None:
    effect = np.array([3.0, -5.0, 0.5])
    values = np.array([[effect[list(chosen)].sum()] for chosen in subsets(3)]) + rng().normal(size=20)

    found = shapley_values(values)

    assert found.part == pytest.approx(effect)
    assert found.half_width == pytest.approx(0, abs=1e-12)


def test_subsets_come_in_the_order_of_their_bits() -> None:
    assert subsets(3) == ((), (0,), (1,), (0, 1), (2,), (0, 2), (1, 2), (0, 1, 2))


@pytest.mark.parametrize("groups", [0, 9])
def test_too_many_groups_for_all_subsets_are_refused(groups: int) -> None:
    with pytest.raises(ValueError, match="subsets of 1 to 8"):
        subsets(groups)


def test_values_of_some_subsets_only_are_refused() -> None:
    with pytest.raises(ValueError, match="not all subsets"):
        shapley_values(np.zeros((6, 3)))


def test_parts_of_a_ratio_add_up_to_its_difference() -> None:
    wins, leads = game(3, 25), game(3, 25) * 40

    found = shapley_of_ratio(wins, leads)

    pair = paired_ratio_difference(wins[0], leads[0], wins[-1], leads[-1])
    assert found.part.sum() == pytest.approx(found.total, rel=1e-9)
    assert found.total == pytest.approx(float(pair.mean))
    assert found.total_half_width == pytest.approx(float(pair.half_width))


def test_a_ratio_over_one_is_attributed_as_a_sum() -> None:
    values = game(3, 25)

    ratio, plain = shapley_of_ratio(values, np.ones_like(values)), shapley_values(values)

    assert ratio.part == pytest.approx(plain.part)
    assert ratio.half_width == pytest.approx(plain.half_width)


def sampled(values: np.ndarray, luck: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orders and the values along them, replication by replication."""
    orders = shapley_orders(luck)
    done = np.concatenate([np.zeros((*orders.shape[:2], 1), int), np.cumsum(1 << orders, axis=2)], axis=2)
    return orders, values[done, np.arange(len(luck))[:, None, None]]


def test_sampled_parts_add_up_in_every_replication() -> None:
    values = game(5, 40)

    found = shapley_sampled(*sampled(values, rng().uniform(size=(40, 5))))

    assert found.part.sum() == pytest.approx(found.total, rel=1e-12)
    assert found.total == pytest.approx(float((values[-1] - values[0]).mean()))


def test_sampling_gives_a_group_that_changes_nothing_exactly_nothing() -> None:
    values = np.array([[3.0 * (0 in chosen) + 2.0 * (2 in chosen and 0 in chosen)] for chosen in subsets(3)])

    found = shapley_sampled(*sampled(np.repeat(values, 30, axis=1), rng().uniform(size=(30, 3))))

    assert (found.part[1], found.half_width[1]) == (0.0, 0.0)


def test_the_intervals_of_sampled_parts_cover_95_percent() -> None:
    """5 groups with interactions and luck, 40 replications, 400 studies, 2,000 intervals: 93 to 97 percent."""
    random = rng()
    effect, pairs = random.normal(0, 10, 5), random.normal(0, 5, (5, 5))
    true = np.array([effect[list(s)].sum() + pairs[np.ix_(s, s)].sum() for s in subsets(5)])
    exact = by_all_orders(true[:, None])[:, 0]
    covered = []
    for _ in range(400):
        found = shapley_sampled(*sampled(true[:, None] + random.normal(0, 6, (32, 40)), random.uniform(size=(40, 5))))
        covered.append(np.abs(found.part - exact) <= found.half_width)
    assert 0.93 < np.mean(covered) < 0.97


def test_the_reverse_order_makes_up_for_what_pairs_share() -> None:
    """Without luck and with interactions of pairs only, an order and its reverse give the exact parts."""
    effect, pairs = rng().normal(0, 10, 4), rng().normal(0, 5, (4, 4))
    true = np.array([effect[list(s)].sum() + pairs[np.ix_(s, s)].sum() for s in subsets(4)])

    found = shapley_sampled(*sampled(np.repeat(true[:, None], 6, axis=1), rng().uniform(size=(6, 4))))

    assert found.part == pytest.approx(by_all_orders(true[:, None])[:, 0])
    assert found.half_width == pytest.approx(0, abs=1e-9)


def test_a_change_whose_effect_is_rounding_brings_exactly_nothing() -> None:
    """Each subset with the second group is its neighbour with the last digits moved."""
    years = rng().normal(1e6, 1e5, 20)
    moved = np.nextafter(years, 0.0)
    table = np.array([years, years + 5e4, moved, np.nextafter(years + 5e4, 0.0)])

    found = shapley_values(table)

    assert (found.part[1], found.half_width[1], found.p_value[1]) == (0.0, 0.0, 1.0)
    assert found.part[0] == pytest.approx(5e4)
    orders = shapley_orders(rng().uniform(size=(20, 2)))
    walks = [[[table[0, r], table[1 << first, r], table[3, r]] for first, _ in orders[r]] for r in range(20)]
    sampled_parts = shapley_sampled(orders, walks)
    assert (sampled_parts.part[1], sampled_parts.half_width[1]) == (0.0, 0.0)


def test_parts_of_two_equal_years_are_not_detected() -> None:
    found = shapley_values([[1.0, 2.0], [3.0, 4.0]])

    assert found.p_value.tolist() == [1.0]
    assert np.isnan(found.half_width).all()
