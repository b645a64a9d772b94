"""Nominal 95% intervals, put to the test: 2,000 studies each, seeds 1 to 2,000, 30 replications a study."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simfunnel.stats import Coverage, estimate, interval_coverage, paired_difference

SEEDS = range(1, 2001)
REPLICATIONS = 30

# deal values as in b2b.yaml: lognormal, median 9k to 14k, P90 22k to 40k, by the wins of each channel
MEDIAN = np.array([9e3, 11e3, 7e3, 14e3])
SIGMA = np.log(np.array([30, 35, 22, 40]) * 1e3 / MEDIAN) / 1.2815515655446004
WINS = np.array([140.0, 60.0, 35.0, 15.0])
MEAN = MEDIAN * np.exp(SIGMA**2 / 2)

Study = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def deals(random: np.random.Generator, wins: np.ndarray) -> np.ndarray:
    """Revenue of each replication: a Poisson number of lognormal deals of each channel."""
    count = random.poisson(wins, (REPLICATIONS, len(wins)))
    channel = np.repeat(np.tile(np.arange(len(wins)), REPLICATIONS), count.ravel())
    replication = np.repeat(np.repeat(np.arange(REPLICATIONS), len(wins)), count.ravel())
    size = MEDIAN[channel] * np.exp(SIGMA[channel] * random.normal(size=len(channel)))
    return np.bincount(replication, size, REPLICATIONS)


def light(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Normal revenue, mean 100, and a plan that brings 3 more."""
    base = random.normal(100, 20, REPLICATIONS)
    return base, base + random.normal(3, 5, REPLICATIONS)


def b2b(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Revenue as sums of deals, and a plan that keeps most of them, loses 2% and gains 5%."""
    kept, lost, gained = (deals(random, WINS * part) for part in (0.98, 0.02, 0.05))
    return kept + lost, kept + gained


def coverages(study: Study, mean: float, difference: float) -> tuple[Coverage, Coverage]:
    """Coverage of the base's mean and of the paired difference."""
    pairs = [study(np.random.default_rng(seed)) for seed in SEEDS]
    base, plan = (np.array([pair[k] for pair in pairs]).T for k in (0, 1))
    one, two = estimate(base), paired_difference(base, plan)
    return interval_coverage(one.mean, one.half_width, mean), interval_coverage(two.mean, two.half_width, difference)


def test_light_tailed_outcomes_are_covered_as_promised() -> None:
    """93 to 97 percent."""
    for found in coverages(light, 100.0, 3.0):
        assert 0.93 < found.share < 0.97


def test_the_deal_values_of_the_shipped_example_are_covered_nearly_as_promised() -> None:
    """Deals of skewness 3 to 6, but sums of many: 92 to 98 percent."""
    for found in coverages(b2b, float(WINS @ MEAN), float(0.03 * WINS @ MEAN)):
        assert 0.92 < found.share < 0.98


def test_coverage_says_how_well_it_is_known_itself() -> None:
    found = interval_coverage(np.zeros(2000), np.repeat([1.0, 0.5], [1900, 100]), 0.7)

    assert (found.share, found.n) == (0.95, 2000)
    assert 0.939 < found.low < found.share < found.high < 0.96


def test_an_unknown_interval_holds_nothing() -> None:
    assert interval_coverage([1.0, 1.0], [np.nan, 1.0], 1.0).share == 0.5
