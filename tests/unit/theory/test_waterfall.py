"""The funnel's arithmetic against the exact numbers of the reference cases (in brackets)."""

from __future__ import annotations

from math import exp, isclose, log

import numpy as np
import pytest

from simfunnel.theory import waterfall


def near(found: float, exact: float, rel: float = 1e-8) -> None:
    assert isclose(found, exact, rel_tol=rel, abs_tol=1e-10), (found, exact)


def test_leads_needed_is_the_inverse_of_wins() -> None:
    rates = [0.4, 0.62, 0.45, 0.38]
    needed = waterfall.leads_needed(4.2e6, rates, 14_300.0)
    near(waterfall.wins(needed, rates) * 14_300.0, 4.2e6)


def test_no_number_of_leads_brings_revenue_through_a_rate_of_zero() -> None:
    with pytest.raises(ValueError, match="no number of leads"):
        waterfall.leads_needed(1.0, [0.5, 0.0], 10.0)


def test_a_lead_that_may_come_back_is_worked_more_than_once() -> None:
    found = waterfall.recycle(0.1, 0.45, 0.6)  # (R17)
    near(found.visits, 1.369863014)
    near(found.win, 0.1369863014)
    near(found.variance, 0.5066616626)


def test_a_limit_on_returns_cuts_the_geometric_series() -> None:
    assert waterfall.visits_with_limit(0.5, 2) == 1.75
    near(waterfall.visits_with_limit(0.27, 200), 1.0 / 0.73)
    assert waterfall.visits_with_limit(1.0, 3) == 4.0


def test_revenue_of_poisson_deals_has_the_compound_moments() -> None:
    mean = 20.0 * exp(0.81 / 2.0)
    found = waterfall.revenue_of_poisson_deals(54.0, mean, 400.0 * exp(2.0 * 0.81))  # (R20)
    near(found.mean, 1619.2467, 1e-6)
    near(found.sd, 330.3736534, 1e-6)


def test_revenue_of_a_fixed_number_of_leads_is_binomial_for_equal_deals() -> None:
    found = waterfall.revenue_of_leads(100, 0.2, 1.0, 1.0)
    near(found.variance, 16.0)


def test_the_chance_of_a_target_comes_from_the_whole_distribution() -> None:
    chance = waterfall.revenue_distribution(30.0, [1, 4, 16], [0.6, 0.3, 0.1], 400)  # (R21), in units of 5
    near(float(chance[100:].sum() + 1.0 - chance.sum()), 0.5021756342)
    assert int(np.searchsorted(np.cumsum(chance), 0.1)) * 5 == 325
    near(log(float(chance[0])), -30.0)


def test_steps_of_a_channel_are_the_product_of_its_rates() -> None:
    rates = waterfall.ChannelRates("web", 0.02, 0.4, 0.9, 0.6, (0.5, 0.3), 10_000.0)

    steps = rates.steps(1000.0)

    near(steps.visits, 50_000.0)
    near(steps.sals, 1000 * 0.4 * 0.9 * 0.6)
    near(steps.opportunities, steps.sals * 0.5)
    near(steps.wins, waterfall.wins(1000.0, (0.4, 0.9, 0.6, 0.5, 0.3)))
    near(steps.revenue, 1000.0 * rates.revenue)


def test_leads_for_a_target_ignoring_reps_are_the_inverse() -> None:
    each = waterfall.ChannelRates("leads", float("nan"), 0.4, 1.0, 1.0, (0.12,), 25.0).revenue

    near(waterfall.raised_by(70.0, [each], [1.0]), 58.33333333)  # (R26)
    near(waterfall.raised_by(70.0, [each], [1.0], fixed=10.0), 50.0)


def test_leads_that_bring_nothing_reach_no_goal() -> None:
    with pytest.raises(ValueError, match="no number of them"):
        waterfall.raised_by(70.0, [0.0], [1.0])
