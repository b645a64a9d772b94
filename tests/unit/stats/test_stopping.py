"""When a study may stop."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import StopRule, half_width, precision_of, replication_checks


def test_checks_come_at_30_40_and_so_on_to_400() -> None:
    checks = replication_checks()

    assert checks[:3] == (30, 40, 50)
    assert checks[-1] == 400
    assert len(checks) == 38


def test_the_last_check_comes_at_the_most_even_off_the_steps() -> None:
    assert replication_checks(StopRule(first=30, step=10, most=45)) == (30, 40, 45)


def test_the_widest_difference_decides() -> None:
    random = np.random.default_rng(1)
    base = random.normal(1000, 100, 50)
    calm, wild = base + random.normal(0, 1, 50), base + random.normal(0, 200, 50)

    found = precision_of(base, np.column_stack([calm, wild]))

    assert found.achieved == float(half_width(wild - base)) / base.mean()
    assert not found.reached


def test_a_study_stops_when_the_difference_is_known_well_enough() -> None:
    base = np.random.default_rng(1).normal(1000, 100, 30)

    found = precision_of(base, base[:, None] + 10)

    assert found.reached
    assert found.stop
    assert found.achieved < 0.01


def test_a_study_does_not_stop_before_its_first_check() -> None:
    assert not precision_of(np.ones(20), np.ones((20, 1))).stop


def test_a_study_stops_at_the_most_and_says_what_it_achieved() -> None:
    random = np.random.default_rng(2)
    base = random.normal(100, 50, 400)

    found = precision_of(base, random.normal(100, 50, (400, 1)))

    assert found.stop
    assert not found.reached
    assert found.achieved > found.wanted == 0.01


def test_without_plans_the_base_itself_must_be_known() -> None:
    base = np.random.default_rng(3).normal(1000, 100, 40)

    assert precision_of(base).achieved == float(half_width(base)) / base.mean()


def test_a_base_without_revenue_never_reaches_a_relative_precision() -> None:
    found = precision_of(np.zeros(30), np.array([[0.0], [1.0]] * 15))

    assert found.achieved == float("inf")
    assert not found.reached


def test_stopping_costs_little_coverage() -> None:
    """Lognormal differences (sd of the logs 0.8), wanted within 10%: 600 studies cover 90 to 97 percent."""
    random = np.random.default_rng(4)
    true = np.exp(0.32)
    rule = StopRule(relative=0.1)
    covered = []
    for _ in range(600):
        x = random.lognormal(0, 0.8, rule.most)
        n = next(n for n in replication_checks(rule) if precision_of(x[:n], rule=rule).stop)
        covered.append(abs(x[:n].mean() - true) <= half_width(x[:n]))
    assert 0.90 < np.mean(covered) < 0.97


def test_what_no_year_makes_smaller_is_part_of_the_precision_of_a_mean() -> None:
    values = np.random.default_rng(3).normal(100.0, 5.0, 100)
    alone = precision_of(values, rule=StopRule(0.012))

    both = precision_of(values, rule=StopRule(0.012), beside=0.008)

    assert alone.reached
    assert both.achieved == pytest.approx(np.hypot(alone.achieved, 0.008))
    assert not both.stop
    assert precision_of(values, values + 1.0, StopRule(0.012), beside=0.008).achieved == 0.0


def test_where_it_alone_is_too_wide_the_years_luck_decides_when_to_stop() -> None:
    values = np.random.default_rng(3).normal(100.0, 5.0, 100)

    found = precision_of(values, rule=StopRule(0.012), beside=0.02)

    assert (found.stop, found.reached) == (True, False)
