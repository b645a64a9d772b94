"""Nominal 95% intervals of what is simulated: 2,000 studies of two plans, 20 months each.

The studies draw their months from 5,000 simulated ones, seeds 1 to 125 of 40 replications each, so what is true is the
mean of those. `python -m tests.properties.test_coverage` simulates 2,000 seeds instead, a study of each.
"""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.arrays import Floats
from simfunnel.engine import AUTO, resolve, simulate
from simfunnel.ledger.columns import WON
from simfunnel.plan import Plan, compile_plan, static_calibration
from simfunnel.scenario import parse, phases_of
from simfunnel.stats import Coverage, estimate, interval_coverage, paired_difference

pytestmark = pytest.mark.slow

SEEDS, OF_A_SEED = 125, 40
REPLICATIONS, STUDIES = 20, 2_000
LUCK = 20270104  # which months a study draws
FUNNEL = """
title: A month of leads, with the deal values of b2b.yaml
period: {start: 2027-01-04, weeks: 4, run_in: 0 days}
channels:
  search: {leads: 60 / week, deal_value: {median: 9k, p90: 30k}}
  webinar: {leads: 30 / week, deal_value: {median: 11k, p90: 35k}}
qualification: {mql_rate: 60%}
acceptance: 80%
pools: {SDR: {stages: [demo], reps: unlimited}}
stages: [{name: demo, conversion: 40%}]
what_ifs: {stricter: {qualification.mql_rate: 50%}}
"""


def wins_and_revenue(plan: Plan, seed: int, replication: int, engine: str) -> tuple[float, float]:
    """What a month brings: wins (light tails) and their value (heavy tails)."""
    leads = simulate(plan, seed, replication, engine).leads
    won = leads["outcome"] == WON
    return float(np.count_nonzero(won)), float(leads["value"][won].sum())


def months(seeds: int, replications: int) -> Floats:
    """[2 metrics, 2 plans, replications, seeds]."""
    scenario, engine = parse(FUNNEL), resolve(AUTO)
    calibration = static_calibration(scenario)
    plans = [compile_plan(phases_of(scenario, names), calibration) for names in ([], ["stricter"])]
    found = np.empty((2, 2, replications, seeds))
    for seed in range(1, seeds + 1):
        for replication in range(replications):
            for at, plan in enumerate(plans):
                found[:, at, replication, seed - 1] = wins_and_revenue(plan, seed, replication, engine)
    return found


@pytest.fixture(scope="module")
def simulated() -> Floats:
    """The months of the seeds."""
    return months(SEEDS, OF_A_SEED)


@pytest.fixture(scope="module")
def outcomes(simulated: Floats) -> Floats:
    """[2 metrics, 2 plans, replications, studies]: each study draws its months from all, none twice."""
    luck, pool = np.random.default_rng(LUCK), simulated.reshape(2, 2, -1)
    drawn = [luck.choice(pool.shape[2], REPLICATIONS, replace=False) for _ in range(STUDIES)]
    return pool[:, :, np.array(drawn).T]


def coverages(studies: Floats, all_months: Floats) -> tuple[Coverage, Coverage]:
    """Coverage of the base's mean and of the paired difference; what is true is the mean of all months."""
    (base, plan), true = studies, all_months.mean(axis=(1, 2))
    one, two = estimate(base), paired_difference(base, plan)
    true_mean, true_difference = float(true[0]), float(true[1] - true[0])
    return (
        interval_coverage(one.mean, one.half_width, true_mean),
        interval_coverage(two.mean, two.half_width, true_difference),
    )


def test_intervals_of_simulated_wins_and_of_their_paired_difference_hold_what_they_promise(
    outcomes: Floats, simulated: Floats
) -> None:
    """Counts have light tails: 93 to 97 percent."""
    for found in coverages(outcomes[0], simulated[0]):
        assert 0.93 < found.share < 0.97


def test_intervals_of_simulated_revenue_and_of_its_paired_difference_nearly_hold_what_they_promise(
    outcomes: Floats, simulated: Floats
) -> None:
    """Few deals, of skewness above 5: 92 to 98 percent."""
    for found in coverages(outcomes[1], simulated[1]):
        assert 0.92 < found.share < 0.98


def test_studies_of_different_seeds_and_replications_share_no_luck(simulated: Floats) -> None:
    """The spread of the mean of 40 replications is that of one by the root of 40, within chance: 4 standard errors of
    125 seeds, which a correlation of 1.4 percent between the replications of a seed would leave.
    """
    wins = simulated[0, 0]
    ratio = wins.mean(axis=0).var(ddof=1) * OF_A_SEED / wins.var(ddof=1)
    assert ratio == pytest.approx(1, abs=4 * np.sqrt(2 / (SEEDS - 1)))


def main() -> None:
    """Print the shares covered by a study of each of 2,000 seeds."""
    found = months(STUDIES, REPLICATIONS)
    for metric, what in enumerate(("wins", "revenue")):
        base, difference = coverages(found[metric], found[metric])
        print(f"{what}: covered in {100 * base.share:.1f}%, the paired difference in {100 * difference.share:.1f}%")


if __name__ == "__main__":
    main()
