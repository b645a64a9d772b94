"""Phases on a grid of days, and channels and pools that come or go with them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.frame import frame_of
from simfunnel.scenario import PlanSpec, Scenario, parse
from tests.unit.plan.scenes import FUNNEL, scene

FAIR = "channels:\n  fair: {leads: 20 / week, deal_value: 10k, quality: 1}\n"
HELP = "  Night: {stages: [discovery], channels: [fair], reps: 2}\n"


def bigger() -> Scenario:
    """The small funnel with one more channel, worked by a pool of its own."""
    text = FUNNEL.replace("channels:\n", FAIR).replace("reps: 4}\n", "reps: 4, channels: [web, chat]}\n" + HELP)
    return parse(text)


def test_a_scenario_alone_is_one_phase_from_the_run_in_on() -> None:
    frame = frame_of(scene())

    assert (frame.starts, frame.first_day, frame.last_day) == ((-364,), -364, 364)
    assert frame.channels == ("chat", "web")


def test_of_phases_on_one_day_the_last_counts_and_later_than_the_end_none() -> None:
    base, second, third = scene(), scene("pools.SDR.reps=5"), scene("pools.SDR.reps=6")
    late = date(2028, 1, 3)
    spec = PlanSpec("x", base, ((None, base), (date(2027, 2, 1), second), (date(2027, 2, 1), third), (late, second)))

    frame = frame_of(spec)

    assert frame.starts == (-364, 28)
    assert frame.scenarios == (base, third)


def test_a_phase_from_before_the_run_in_is_the_first() -> None:
    base, second = scene("period.run_in=30 days"), scene("period.run_in=30 days", "pools.SDR.reps=5")

    frame = frame_of(PlanSpec("x", base, ((None, base), (date(2026, 6, 1), second))))

    assert (frame.starts, frame.scenarios) == ((-30,), (second,))


def test_a_channel_and_a_pool_that_come_later_have_no_leads_and_no_reps_before() -> None:
    base, more = scene(), bigger()
    plan = compile_plan(PlanSpec("x", base, ((None, base), (date(2027, 1, 4), more))), static_calibration(base))

    assert plan.channels == ("chat", "fair", "web")
    assert plan.pools == ("AE", "Night", "SDR")
    fair = next(source for source in plan.sources if source.channel == 1)
    assert fair.rate_h[: -plan.first_day].max() == 0.0
    assert fair.rate_h[-plan.first_day :].min() == pytest.approx(20 / 168)
    night = plan.roster.pool == 1
    assert plan.roster.joins_h[night].tolist() == [0.0, 0.0]
    assert plan.phases[0].home_pool.tolist() == [[2, 0], [1, 0], [2, 0]]
    centre = 0.15
    np.testing.assert_allclose(plan.phases[0].quality_mean, [0.5 - centre, 1.0 - centre, -centre])


def test_a_channel_that_goes_keeps_its_rules_for_the_leads_it_left() -> None:
    base, more = scene(), bigger()
    plan = compile_plan(PlanSpec("x", more, ((None, more), (date(2027, 1, 4), base))), static_calibration(more))

    fair = next(source for source in plan.sources if source.channel == 1)
    assert fair.rate_h[-plan.first_day :].max() == 0.0
    assert plan.phases[1].home_pool.tolist() == [[2, 0], [1, 0], [2, 0]]
    assert plan.roster.leaves_h[plan.roster.pool == 1].tolist() == [0.0, 0.0]


def test_a_new_channel_is_judged_by_the_threshold_in_force() -> None:
    base, more = scene(), bigger()
    plan = compile_plan(PlanSpec("x", base, ((None, base), (date(2027, 1, 4), more))), static_calibration(base))

    assert plan.phases[1].threshold.tolist() == [60.0, 60.0, 60.0]
    assert plan.phases[1].score_per_unit == plan.phases[0].score_per_unit
