"""What the luck of the pilots leaves: in which figures, how much, and in none of the differences."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, sqrt

import numpy as np
import pytest

from simfunnel.metrics import TABLE, Key
from simfunnel.metrics.table import BEFORE
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.today.solve import Base, static_constants
from simfunnel.scenario import parse
from simfunnel.study.calibrate.error import EXACT, CalibrationError, error_of, share_above
from simfunnel.study.calibrate.pilots import Pilot, rate_errors
from simfunnel.study.estimates import amount, differences, estimates
from simfunnel.study.years.samples import Samples

ERROR = CalibrationError(
    acceptance=0.002,
    rejection=0.003,
    stages={"discovery": 0.003, "demo": 0.004},
    first={"SDR": 0, "AE": 1},
    target=100.0,
)
FUNNEL = """
period: {start: 2027-01-04}
channels: {web: {leads: 10 / week, deal_value: 1k}}
qualification: {threshold: 50}
acceptance: 60%
stages: [{name: won, conversion: 62.5%}]
"""
ALL = hypot(0.002, 0.003, 0.004)


def samples(over: dict[Key, float], years: int = 10) -> Samples:
    """The same figures in every year, so that the years have no luck of their own."""
    return Samples(tuple(over), np.tile(list(over.values()), (years, 1)), np.ones((years, len(over))))


def test_every_metric_says_which_typed_rates_stand_before_it() -> None:
    assert set(BEFORE) == set(TABLE)


@pytest.mark.parametrize(
    ("key", "relative"),
    [
        (Key("leads"), 0.0),
        (Key("sals"), 0.002),
        (Key("acceptance_rate", channel="web"), 0.002),
        (Key("rejected"), 0.003),
        (Key("opportunities"), hypot(0.002, 0.003)),
        (Key("decisions", stage="discovery"), 0.002),
        (Key("decisions", stage="demo"), hypot(0.002, 0.003)),
        (Key("advances", stage="demo"), ALL),
        (Key("conversion", stage="demo"), 0.004),
        (Key("wins", month=3), ALL),
        (Key("revenue"), ALL),
        (Key("win_rate"), ALL),
        (Key("deal_size"), 0.0),
        (Key("busy_share", pool="SDR"), 0.002),
        (Key("busy_share", pool="AE"), hypot(0.002, 0.003)),
    ],
)
def test_a_figure_is_off_by_the_rates_that_stand_before_it(key: Key, relative: float) -> None:
    assert ERROR.of(samples({key: 50.0})).item() == pytest.approx(50.0 * relative)


def test_what_is_paid_does_not_move_with_the_rates() -> None:
    found = samples({Key("revenue"): 100.0, Key("commission_cost"): 10.0, Key("cost"): 70.0, Key("profit"): 30.0,
                     Key("cost_per_win"): 7.0, Key("rep_cost"): 60.0})  # fmt: skip

    assert ERROR.of(found) == pytest.approx(np.array([100, 10, 10, 90, 6, 0]) * ALL)


def test_the_calibration_is_added_in_quadrature_to_the_years_luck() -> None:
    luck = np.random.default_rng(1).normal(100.0, 5.0, (40, 1))
    one = Samples((Key("revenue"),), luck, np.ones((40, 1)))

    (alone,), (both,) = estimates("today", one, ()), estimates("today", one, (), ERROR)

    assert alone.se_cal == 0.0
    assert both.se_cal == pytest.approx(both.mean * ALL)
    assert both.half_width == pytest.approx(hypot(alone.half_width, 1.959964 * both.se_cal))
    assert amount(one, "revenue", ERROR).half_width == both.half_width


def test_a_difference_of_plans_carries_none() -> None:
    one = samples({Key("revenue"): 100.0})
    (found,) = differences({"today": one, "plan": one}, ())

    assert (found.mean, found.half_width) == (0.0, 0.0)


def test_the_chance_of_the_target_is_averaged_over_what_revenue_may_be_off_by() -> None:
    """Of nine quantiles of the normal one lies above one standard error (z = 1.59), the next below (z = 0.97)."""
    one = samples({Key("revenue"): 100.0, Key("target_reached"): 1.0})

    def chance(target: float) -> float:
        error = CalibrationError(0.0, 0.0, {"won": 0.01}, {}, target)
        return estimates("today", one, (), error)[1].mean

    assert chance(100.0) == pytest.approx(5 / 9)
    assert chance(101.0) == pytest.approx(1 / 9)
    assert chance(99.0) == pytest.approx(8 / 9)
    assert chance(90.0) == 1.0


def test_rates_that_open_leads_have_behind_them_leave_nothing_in_their_wins() -> None:
    """240 open deals win 60; one lead a year wins 0.045 of them, so that what it meets hardly counts."""
    scenario = parse(
        """
period: {start: 2027-01-04}
channels: {web: {leads: 1 / year, deal_value: 1k}}
qualification: {mql_rate: 30%}
acceptance: 60%
stages: [{name: call, conversion: 50%}, {name: close, conversion: 25%}]
opening_pipeline: [{channel: web, stage: close, count: 240, age: 2 days}]
"""
    )
    known = replace(static_calibration(scenario), rate_errors=(0.05, 0.0025), acceptance_error=0.06)
    error = error_of(known, compile_plan(scenario, known), scenario)

    new = 0.3 * 0.6 * 0.5 / (240.0 + 0.3 * 0.6 * 0.5)  # of those who come to the last stage
    assert error.revenue == pytest.approx(hypot(0.1 * new, 0.1 * new, 0.01), rel=0.01)


def test_a_chance_is_all_or_nothing_where_the_rates_have_no_error() -> None:
    assert share_above(np.array([99.0, 100.0, 101.0]), 100.0, 0.0).tolist() == [0.0, 1.0, 1.0]


def test_an_exact_base_leaves_nothing() -> None:
    assert EXACT.of(samples({Key("revenue"): 100.0, Key("profit"): 30.0})).tolist() == [0.0, 0.0]


def test_the_error_of_a_rate_is_the_spread_between_pilot_years() -> None:
    """Accepted 50 and 70 of 100, which are 60% +/- 10 points; log-odds of 0 and ln 3 in equal parts show chances of
    50% and 75% at an intercept of 0, 62.5% +/- 12.5 points."""
    base = Base(parse(FUNNEL))
    now = static_constants(base)
    now = type(now)(now.quality, (0.0,), now.r_score, now.r_assessment, 0.0, now.factor)
    years = [_year(50, 0.0), _year(70, np.log(3.0))]

    found = rate_errors(base, now, years)

    assert found.acceptance == pytest.approx(0.2 / sqrt(2) / sqrt(2))
    assert found.stages == pytest.approx((0.25 / sqrt(2) / sqrt(2),))
    assert rate_errors(base, type(now)(now.quality, (np.inf,), 0.5, 0.5, -np.inf), years) == (0.0, (0.0,))


def _year(accepted: int, x: float) -> Pilot:
    assessments = np.concatenate([np.ones(accepted), -np.ones(100 - accepted)])
    return Pilot((np.full(20, x),), assessments, np.ones(1), np.ones(1), np.empty((0, 5)))
