"""Typed rates come out, and the +/- holds what the luck of the pilots leaves: measured on disjoint sets of pilot years.

The whole of it by hand: python -m tests.properties.test_pilot_luck --sets 10 --years 100 --seeds 5 --long 300
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from simfunnel.arrays import Floats
from simfunnel.metrics import Key
from simfunnel.plan import Calibration, Plan, compile_plan
from simfunnel.scenario import Scenario, load, phases_of
from simfunnel.study.calibrate.calibrate import calibrate
from simfunnel.study.calibrate.error import error_of
from simfunnel.study.calibrate.pilots import FIRST_PILOT, MOST_YEARS, pilot
from simfunnel.study.estimates import estimates
from simfunnel.study.run.typed_rates import TypedRate, typed_rates
from simfunnel.study.years.plans import month_labels
from simfunnel.study.years.table import replicate
from simfunnel.study.years.work import Work

B2B = Path(__file__).parents[2] / "scenarios" / "b2b.yaml"
SETS, YEARS = 3, 12  # in CI
SEEDS, LONG = 1, 60
MOST_SE = 0.001


def solved(scenario: Scenario, luck: int) -> tuple[Calibration, Plan]:
    """The base calibrated on one set of pilot years, and its plan."""
    found = calibrate(scenario, luck=luck)
    return found, compile_plan(phases_of(scenario, ()), found)


def wins_by_luck(scenario: Scenario, sets: int, years: int) -> tuple[Floats, Floats]:
    """Mean wins in the same years under each set of pilot luck, and the relative standard error printed for each."""
    wins, printed = [], []
    for luck in range(sets):
        found, plan = solved(scenario, luck)
        (samples,) = replicate([plan], 1, years, 0.01, Work()).samples
        wins.append(float(samples.values(Key("wins")).mean()))
        printed.append(error_of(found, plan, scenario).revenue)
    return np.array(wins), np.array(printed)


def rates_by_seed(scenario: Scenario, seeds: int, years: int) -> list[TypedRate]:
    """Every typed rate of every seed that pilots had to solve."""
    found, plan = solved(scenario, 0)
    rates: list[TypedRate] = []
    for seed in range(1, seeds + 1):
        (samples,) = replicate([plan], seed, years, 0.01, Work()).samples
        told = estimates("today", samples, month_labels(plan), error_of(found, plan, scenario))
        rates += [rate for rate in typed_rates(scenario, found, told) if rate.se_cal > 0]
    return rates


@pytest.fixture(scope="module")
def b2b() -> Scenario:
    return load(B2B)


@pytest.mark.slow
def test_each_typed_rate_comes_out_within_three_standard_errors(b2b: Scenario) -> None:
    rates = rates_by_seed(b2b, SEEDS, LONG)

    assert len(rates) == 4 * SEEDS
    for rate in rates:
        assert abs(rate.simulated - rate.typed) <= 3 * rate.half_width / 1.96, rate
        assert 0 < rate.se_cal <= MOST_SE


@pytest.mark.slow
def test_wins_vary_with_the_pilots_luck_as_much_as_is_printed(b2b: Scenario) -> None:
    """Of three sets the spread lies within 0.16 to 1.92 times the true one in 95 of 100 tries, of ten 0.55 to 1.45."""
    wins, printed = wins_by_luck(b2b, SETS, YEARS)

    spread = float(wins.std(ddof=1) / wins.mean())
    assert printed.max() < 0.004
    assert 0.2 * printed.mean() < spread < 2.2 * printed.mean(), (spread, printed)


def test_sets_of_pilot_luck_share_no_year(b2b: Scenario) -> None:
    assert FIRST_PILOT + 1000 * MOST_YEARS < 2**32
    plan = compile_plan(phases_of(b2b, ()), calibrate(b2b))
    first, second, next_set = (pilot(at, plan, luck=luck) for at, luck in ((0, 0), (1, 0), (0, 1)))
    assert not np.array_equal(first.assessments[:50], second.assessments[:50])
    assert not np.array_equal(first.assessments[:50], next_set.assessments[:50])


def main() -> None:
    """Measure both with as many sets, seeds and years as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("sets", SETS), ("years", YEARS), ("seeds", SEEDS), ("long", LONG)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    asked = parser.parse_args()
    scenario = load(B2B)
    wins, printed = wins_by_luck(scenario, asked.sets, asked.years)
    spread = wins.std(ddof=1) / wins.mean()
    print(f"wins by luck: {np.round(wins, 2).tolist()}; sd {100 * spread:.3f}%, printed {100 * printed.mean():.3f}%,")
    print(f"ratio {spread / printed.mean():.2f}")
    for rate in rates_by_seed(scenario, asked.seeds, asked.long):
        off = (rate.simulated - rate.typed) / (rate.half_width / 1.96)
        print(f"{rate.path:30} {rate.typed:.4f} {rate.simulated:.5f} se_cal {rate.se_cal:.6f}, off by {off:+.2f} se")


if __name__ == "__main__":
    main()
