"""Luck and not knowing the inputs, told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special
from scipy import stats as oracle

from simfunnel.stats import latin_hypercube, split_variance


def rng() -> np.random.Generator:
    return np.random.default_rng(17)


def outcomes(random: np.random.Generator, draws: int, each: int, share: float) -> np.ndarray:
    """Normal outcomes of variance 1, `share` of it from the inputs."""
    inputs, luck = random.normal(size=(draws, 1)), random.normal(size=(draws, each))
    return np.sqrt(share) * inputs + np.sqrt(1 - share) * luck


def test_the_split_is_that_of_one_way_random_effects() -> None:
    """Mean squares as scipy's analysis of variance has them."""
    table = outcomes(rng(), 20, 4, 0.5)

    found = split_variance(table)

    f = oracle.f_oneway(*table).statistic
    assert found.of_luck == pytest.approx(table.var(axis=1, ddof=1).mean())
    assert found.of_inputs == pytest.approx(found.of_luck * (f - 1) / 4)
    assert found.share == pytest.approx((f - 1) / (f - 1 + 4))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.8])
def test_the_share_is_found_and_its_interval_covers_it(share: float) -> None:
    """100 draws of 5 replications, 300 studies: mean share within 2 points, coverage at least 92 percent."""
    random = rng()

    found = [split_variance(outcomes(random, 100, 5, share)) for _ in range(300)]

    assert abs(np.mean([each.share for each in found]) - share) < 0.02
    assert np.mean([each.low <= share <= each.high for each in found]) > 0.92


def test_the_interval_keeps_close_to_its_word_with_skewed_outcomes() -> None:
    """Gamma inputs and luck of skewness 1.6, 40% from the inputs: coverage 90 percent or more of 300 studies."""
    random = rng()
    covered = []
    for _ in range(300):
        inputs, luck = random.gamma(1.5, 1, (100, 1)), random.gamma(1.5, 1, (100, 5))
        found = split_variance(np.sqrt(0.4) * inputs + np.sqrt(0.6) * luck)
        covered.append(found.low <= 0.4 <= found.high)
    assert np.mean(covered) > 0.90


def test_draws_by_latin_hypercube_are_split_as_well() -> None:
    """Outcome = a share of about 20% to 40% + luck, the exact variance by slices: mean share within 2 points."""
    random = rng()
    slices = (np.arange(20_000) + 0.5) / 20_000
    of_inputs = special.expit(special.ndtri(slices) / 3 - 1).var()
    shares = []
    for _ in range(200):
        luck = latin_hypercube(random.uniform(size=(50, 1)), random.uniform(size=(50, 1)))
        rate = special.expit(special.ndtri(luck) / 3 - 1)
        shares.append(split_variance(rate + random.normal(0, 0.05, (50, 4))).share)
    assert abs(np.mean(shares) - of_inputs / (of_inputs + 0.05**2)) < 0.02


def test_rows_that_share_their_luck_understate_what_is_not_known() -> None:
    """Why every cell wants a replication of its own: common luck c takes var(c) / m off the inputs' part."""
    random = rng()
    found = [
        split_variance(np.sqrt(0.5) * (outcomes(random, 100, 3, 0.8) + random.normal(size=(1, 3)))) for _ in range(300)
    ]
    assert np.mean([each.of_inputs for each in found]) == pytest.approx(0.4 - 0.5 / 3, abs=0.05)


def test_inputs_that_do_not_matter_are_floored_at_nothing() -> None:
    table = np.tile([1.0, 2.0, 3.0], (12, 1)) + rng().normal(0, 1e-3, (12, 3))

    found = split_variance(table)

    assert found.floored
    assert (found.of_inputs, found.share, found.low) == (0, 0, 0)


def test_without_luck_all_of_the_spread_is_not_knowing() -> None:
    found = split_variance(np.repeat(rng().normal(size=(12, 1)), 3, axis=1))

    assert (found.of_luck, found.share, found.low, found.high) == (0, 1, 1, 1)


def test_where_nothing_varies_there_is_nothing_to_share() -> None:
    found = split_variance(np.full((12, 3), 7.0))

    assert (found.of_luck, found.of_inputs) == (0, 0)
    assert np.isnan(found.share)
    assert found.total == (7, 7, 7)


def test_the_total_range_is_wider_than_that_of_luck_alone() -> None:
    found = split_variance(outcomes(rng(), 200, 5, 0.5))

    assert found.total[2] - found.total[0] > 1.3 * 2 * 1.2816 * np.sqrt(found.of_luck)


@pytest.mark.parametrize("shape", [(9, 5), (20, 1)])
def test_too_small_a_design_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="needs 10 draws of 2"):
        split_variance(np.zeros(shape))
