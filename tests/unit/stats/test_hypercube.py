"""Draws that fill each input's range evenly."""

from __future__ import annotations

import numpy as np
from scipy import special

from simfunnel.stats import latin_hypercube


def draws(random: np.random.Generator, n: int, inputs: int) -> np.ndarray:
    return latin_hypercube(random.uniform(size=(n, inputs)), random.uniform(size=(n, inputs)))


def test_there_is_one_draw_in_each_slice_of_each_input() -> None:
    luck = draws(np.random.default_rng(23), 50, 3)

    assert np.sort(np.floor(50 * luck), axis=0).tolist() == [[k] * 3 for k in range(50)]


def test_inputs_are_paired_at_random() -> None:
    """Mean correlation of two inputs over 300 designs of 30 draws: 0, standard error 0.011."""
    correlation = [np.corrcoef(draws(np.random.default_rng(seed), 30, 2).T)[0, 1] for seed in range(300)]

    assert abs(np.mean(correlation)) < 0.035


def test_a_draw_is_uniform_within_its_slice() -> None:
    luck = draws(np.random.default_rng(5), 2000, 1)

    assert abs((2000 * luck % 1).mean() - 0.5) < 0.03


def test_a_mean_is_known_far_better_than_by_independent_draws() -> None:
    """Mean of the sum of three normal inputs over 50 draws, 200 times: variance at least 50 times smaller."""
    random = np.random.default_rng(23)

    filled = [special.ndtri(draws(random, 50, 3)).sum(axis=1).mean() for _ in range(200)]
    independent = [special.ndtri(random.uniform(size=(50, 3))).sum(axis=1).mean() for _ in range(200)]

    assert np.var(independent) > 50 * np.var(filled)
