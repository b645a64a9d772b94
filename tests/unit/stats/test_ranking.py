"""The best of several levels by two stages, and the levels that tie with it."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import compare_with_best, paired_difference, two_stage

LEVELS, FIRST, ZONE = 10, 30, 1.0


def slippage(runs: int, correlation: float, seed: int = 3) -> np.ndarray:
    """[runs, 1200, levels]: the last level leads all others by exactly the zone, sd 3, common luck."""
    random = np.random.default_rng(seed)
    luck = np.sqrt(correlation) * random.normal(size=(runs, 1200, 1))
    values = 3 * (luck + np.sqrt(1 - correlation) * random.normal(size=(runs, 1200, LEVELS)))
    values[:, :, -1] += ZONE
    return values


def test_two_levels_need_what_a_paired_test_would() -> None:
    """With two levels S is the standard deviation of the paired differences."""
    table = np.random.default_rng(1).normal(0, 5, (30, 2))

    plan = two_stage(table, zone=1.0)

    pair = paired_difference(table[:, 0], table[:, 1], level=0.9)  # two-sided 90 percent: one-sided 95
    assert plan.spread == pytest.approx(float(np.std(table[:, 1] - table[:, 0], ddof=1)))
    assert plan.margin(30) == pytest.approx(float(pair.half_width))
    assert plan.n == int(np.ceil((plan.constant * plan.spread) ** 2))


def test_the_margin_at_the_wanted_replications_is_within_the_zone() -> None:
    plan = two_stage(slippage(1, 0.0)[0, :FIRST], ZONE)

    assert plan.n > FIRST
    assert plan.margin(plan.n) <= ZONE < plan.margin(plan.n - 1)


def test_luck_that_all_levels_share_costs_nothing() -> None:
    apart, together = (two_stage(slippage(1, rho)[0, :FIRST], ZONE) for rho in (0.0, 0.9))

    assert together.spread < apart.spread / 2.5  # sqrt(1 - 0.9) = 1 / 3.2
    assert together.n == FIRST < apart.n / 2


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_best_is_selected_95_percent_of_the_time_where_it_leads_by_just_the_zone(correlation: float) -> None:
    """Slippage, the hardest case, 10 levels, 400 studies: at least 95 percent, less 2.2 points (2 standard errors)."""
    right = covered = 0
    for values in slippage(400, correlation):
        plan = two_stage(values[:FIRST], ZONE)
        n = min(plan.n, len(values))
        found = compare_with_best(values[:n].mean(axis=0), plan.margin(n), plan.apart(n), ZONE)
        lead = np.array([-ZONE] * (LEVELS - 1) + [ZONE])
        right += found.best == LEVELS - 1
        covered += bool(((found.low <= lead) & (lead <= found.high)).all())
    assert right / 400 > 0.95 - 0.022
    assert covered / 400 > 0.95 - 0.022


def test_the_intervals_are_hsus() -> None:
    """10, 12 and 11.5, margin 1: 10 is out, the others not; worked by hand."""
    found = compare_with_best([10.0, 12.0, 11.5], margin=1.0, apart=1.2)

    assert found.best == 1
    assert found.lead.tolist() == [-2.0, 0.5, -0.5]
    assert found.low.tolist() == [-3.0, -0.5, -1.5]
    assert found.high.tolist() == [0.0, 1.5, 0.5]
    assert found.tied.tolist() == [False, True, True]
    assert found.detectable


def test_a_level_within_the_zone_ties_even_when_it_is_known_to_be_worse() -> None:
    found = compare_with_best([10.0, 12.0, 11.5], margin=0.1, apart=0.2, zone=0.5)

    assert found.high.tolist() == [0.0, pytest.approx(0.6), 0.0]
    assert found.tied.tolist() == [False, True, True]


def test_a_clear_winner_stands_alone() -> None:
    found = compare_with_best([1.0, 5.0, 2.0], margin=0.5, apart=0.6)

    assert found.tied.tolist() == [False, True, False]
    assert found.low.tolist() == [-4.5, 0.0, -3.5]


def test_levels_that_agree_to_the_last_digit_all_tie() -> None:
    found = compare_with_best([3.0, 3.0, 3.0], margin=0.0, apart=0.0)

    assert found.tied.all()
    assert not found.detectable


def test_a_flat_objective_is_seldom_called_anything_else() -> None:
    """10 equal levels, 400 studies of 30 replications without a zone: at least 95 percent tie, less 2.2 points."""
    random = np.random.default_rng(5)
    flat = 0
    for _ in range(400):
        table = random.normal(size=(FIRST, LEVELS)) + random.normal(size=(FIRST, 1))
        plan = two_stage(table, ZONE)
        flat += not compare_with_best(table.mean(axis=0), plan.margin(FIRST), plan.apart(FIRST)).detectable
    assert flat / 400 > 0.95 - 0.022


@pytest.mark.parametrize(("shape", "zone"), [((30, 1), 1.0), ((9, 3), 1.0), ((30, 3), 0.0), ((30, 3), float("nan"))])
def test_a_first_stage_that_says_nothing_is_refused(shape: tuple[int, int], zone: float) -> None:
    with pytest.raises(ValueError, match="needs 2 levels"):
        two_stage(np.zeros(shape), zone)
