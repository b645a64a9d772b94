"""Bars of a tornado: what each input does at its ends, and which bars are grey."""

from __future__ import annotations

import numpy as np

from simfunnel.stats import interaction, paired_difference, tornado_bars


def rng() -> np.random.Generator:
    return np.random.default_rng(6)


def test_a_bar_is_two_paired_differences() -> None:
    base, low, high = rng().normal(size=30), rng().normal(size=(30, 2)) + 1, rng().normal(size=(30, 2)) - 1

    found = tornado_bars(base, low, high)

    for k in range(2):
        assert found.low.mean[k] == paired_difference(base, low[:, k]).mean
        assert found.high.half_width[k] == paired_difference(base, high[:, k]).half_width


def test_the_longest_bar_comes_first_whichever_way_it_points() -> None:
    base = rng().normal(100, 20, 40)
    steps = np.array([[1.0, -8.0, 0.0, 3.0], [-1.0, 4.0, 0.0, 5.0]])

    found = tornado_bars(base, base[:, None] + steps[0], base[:, None] + steps[1])

    assert found.reach.round(9).tolist() == [2.0, 12.0, 0.0, 5.0]
    assert found.order.tolist() == [1, 3, 0, 2]


def test_an_input_that_does_nothing_is_grey_and_last() -> None:
    base = rng().normal(100, 20, 40)
    same = base[:, None] + np.array([0.0, 2.0])

    found = tornado_bars(base, same, same)

    assert found.detected.tolist() == [False, True]
    assert (found.reach[0], found.low.half_width[0]) == (0, 0)
    assert found.order.tolist() == [1, 0]


def test_a_long_bar_of_mere_luck_is_grey_and_comes_after_a_short_certain_one() -> None:
    base = rng().normal(100, 20, 40)
    noisy = base + rng().normal(0, 200, 40)

    found = tornado_bars(base, np.column_stack([noisy, base - 0.5]), np.column_stack([base, base + 0.5]))

    assert found.reach[0] > found.reach[1]
    assert found.detected.tolist() == [False, True]
    assert found.order.tolist() == [1, 0]


def test_inputs_without_effect_are_rarely_called_otherwise() -> None:
    """12 inputs, 24 ends, 500 studies of 30 replications: any claim in at most 5 percent (+ 2 points)."""
    random = rng()
    claims = [
        tornado_bars(random.normal(size=30), random.normal(size=(30, 12)), random.normal(size=(30, 12))).detected.any()
        for _ in range(500)
    ]
    assert np.mean(claims) < 0.07


def test_an_interaction_is_what_both_bring_beyond_their_sum() -> None:
    base = rng().normal(100, 20, 40)

    found = interaction(base, base + 3, base - 1, base + 7 + rng().normal(0, 0.1, 40))

    assert abs(found.mean - 5) < 0.1
    assert found.half_width < 0.1


def test_effects_that_add_up_have_no_interaction() -> None:
    base = rng().normal(100, 20, 40)

    found = interaction(base, base + 3, base - 1, base + 2)

    assert abs(found.mean) < 1e-12


def test_inputs_picked_from_many_are_detected_as_if_all_had_been_tried() -> None:
    """A p-value near 0.01 for the better end: detected among two inputs, not among twenty."""
    random = np.random.default_rng(8)
    base = random.normal(size=20)
    noise = random.normal(size=(20, 2))
    low, high = base[:, None] + noise - noise.mean(axis=0), base[:, None] + noise - noise.mean(axis=0)
    high[:, 0] += 0.63 * noise[:, 0].std(ddof=1)

    alone, picked = tornado_bars(base, low, high), tornado_bars(base, low, high, among=20)

    assert alone.detected.tolist() == [True, False]
    assert picked.detected.tolist() == [False, False]


def test_two_equal_years_detect_no_bar() -> None:
    found = tornado_bars([5.0, 7.0], [[4.0], [6.0]], [[6.0], [8.0]])

    assert found.reach.tolist() == [2.0]
    assert not found.detected.any()


def test_what_two_inputs_bring_together_by_rounding_is_nothing() -> None:
    base = np.linspace(1e6, 2e6, 20)

    found = interaction(base, 1.1 * base, base + 7e4, np.nextafter(1.1 * base + 7e4, 0.0))

    assert (found.mean, found.half_width) == (0.0, 0.0)
