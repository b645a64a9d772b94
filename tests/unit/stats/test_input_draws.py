"""Ranges typed by a planner, and draws that fill them."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import InputRange, latin_hypercube
from simfunnel.stats.input_draws import Scale

RANGES = [InputRange(0.25, 0.35, "share"), InputRange(3.0, 8.0, "positive"), InputRange(-5.0, 5.0, "real")]


def rng() -> np.random.Generator:
    return np.random.default_rng(23)


@pytest.mark.parametrize("typed", RANGES, ids=lambda typed: typed.scale)
def test_a_range_holds_ninety_percent_of_the_draws_and_misses_alike_on_both_sides(typed: InputRange) -> None:
    x = typed.at(rng().uniform(size=100_000))

    assert (x < typed.low).mean() == pytest.approx(0.05, abs=0.003)
    assert (x > typed.high).mean() == pytest.approx(0.05, abs=0.003)


@pytest.mark.parametrize("typed", RANGES, ids=lambda typed: typed.scale)
def test_the_ends_and_the_middle_are_where_they_are_said_to_be(typed: InputRange) -> None:
    assert typed.at([0.05, 0.5, 0.95]) == pytest.approx([typed.low, typed.middle, typed.high])


def test_a_draw_is_never_impossible() -> None:
    extreme = [1e-12, 1 - 1e-12]

    share, positive = InputRange(0.01, 0.99, "share").at(extreme), InputRange(0.1, 100.0, "positive").at(extreme)

    assert 0 < share[0] < share[1] < 1
    assert positive[0] > 0


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        (2.0, 2.0, "real"),
        (3.0, 2.0, "real"),
        (0.0, float("inf"), "real"),
        (0.0, 5.0, "positive"),
        (0.0, 0.2, "share"),
        (0.5, 1.0, "share"),
    ],
)
def test_ends_that_no_law_has_are_refused(low: float, high: float, scale: Scale) -> None:
    with pytest.raises(ValueError, match="a range"):
        InputRange(low, high, scale)


def test_a_latin_hypercube_has_one_draw_in_each_slice_of_each_input() -> None:
    luck = latin_hypercube(rng().uniform(size=(50, 3)), rng().uniform(size=(50, 3)))

    assert np.sort(np.floor(50 * luck), axis=0).tolist() == [[k] * 3 for k in range(50)]


def test_inputs_of_a_latin_hypercube_are_paired_at_random() -> None:
    correlation = [
        np.corrcoef(latin_hypercube(rng.uniform(size=(30, 2)), rng.uniform(size=(30, 2))).T)[0, 1]
        for rng in (np.random.default_rng(seed) for seed in range(300))
    ]
    assert abs(np.mean(correlation)) < 0.04


def test_a_latin_hypercube_knows_a_mean_far_better_than_independent_draws() -> None:
    """Mean of the sum of three typed inputs over 50 draws, 200 times: variance at least 50 times smaller."""
    random = rng()

    def spread(filled: bool) -> float:
        means = []
        for _ in range(200):
            luck, within = random.uniform(size=(2, 50, 3))
            luck = latin_hypercube(luck, within) if filled else luck
            means.append(sum(typed.at(luck[:, k]) for k, typed in enumerate(RANGES)).mean())
        return float(np.var(means))

    assert spread(filled=False) > 50 * spread(filled=True)
