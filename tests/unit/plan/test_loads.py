"""Expected work against expected time, by hand."""

from __future__ import annotations

import pytest
from scipy.special import ndtr

from simfunnel.plan import compile_plan, loads_of, static_calibration
from simfunnel.plan.loads import PoolLoad
from tests.unit.plan.scenes import changed, scene

EASY = ("acceptance=none", "stages.*.quality_odds=1", "channels.chat.quality=0", "channels.*.leads=100 / week")
PASSING = float(ndtr(-0.5))  # threshold 60 of N(50, 20)


def loads(*sets: str, what_if: str = "") -> dict[tuple[str, int], PoolLoad]:
    spec = changed(*sets, what_if=what_if)
    return {(load.pool, load.phase): load for load in loads_of(spec, static_calibration(spec.base))}


def test_work_is_leads_times_effort_and_time_is_selling_hours() -> None:
    found = loads(*EASY)
    passing = 52 * 200 * PASSING

    sdr, ae = found["SDR", 0], found["AE", 0]
    assert sdr.work_h == pytest.approx(passing * 1.0, rel=1e-6)
    assert sdr.new_leads == pytest.approx(passing, rel=1e-6)
    assert sdr.time_h == pytest.approx(4 * 52 * 40 * 0.5)
    assert ae.work_h == pytest.approx(passing * 0.45 * 2.0, rel=1e-6)
    assert sdr.load == pytest.approx(sdr.work_h / sdr.time_h)
    assert sdr.endless_load == sdr.load
    assert sdr.heads == 4.0


def test_rejected_contacts_cost_only_the_judgement() -> None:
    found = loads(*EASY[1:], "acceptance={rate: 50%, effort: 30 minutes}")
    passing = 52 * 200 * PASSING

    assert found["SDR", 0].work_h == pytest.approx(passing * (0.5 * 1.0 + 0.5 * 0.5), rel=1e-4)


def test_no_shows_and_postponed_deals_are_worked_more_than_once() -> None:
    plain = loads(*EASY)["AE", 0].work_h
    shy = loads(*EASY, "stages.proposal.no_show=20%")["AE", 0].work_h
    slow = loads(
        *EASY, "stages.proposal.otherwise={postponed: 40%, lost: 60%}", "stages.proposal.postponed_for=30 days"
    )["AE", 0].work_h

    assert shy / plain == pytest.approx(1.0 + 0.25 * 0.5, rel=1e-6)
    assert slow / plain == pytest.approx(1.0 / (1.0 - 0.75 * 0.4), rel=1e-6)


def test_leads_that_come_back_are_counted_up_to_their_cycles() -> None:
    back = "nurture={delay: 21 days, cycles: 2}"
    found = loads(*EASY, back, "stages.discovery.otherwise={nurture: 100%}", "stages.discovery.conversion=40%")

    visits = 1.0 + 0.6 + 0.36
    assert found["SDR", 0].work_h == pytest.approx(52 * 200 * PASSING * visits, rel=1e-4)
    assert found["SDR", 0].endless_h == pytest.approx(52 * 200 * PASSING, rel=1e-4)  # recycled leads have patience


def test_a_near_miss_may_rise_above_the_bar() -> None:
    found = loads(*EASY, "nurture={delay: 21 days, score_lift: 10}", "qualification.near_miss=10")

    assert found["SDR", 0].new_leads == pytest.approx(52 * 200 * 0.5, rel=1e-4)  # all from 50 points on


def test_each_phase_is_judged_on_its_own_days_and_heads() -> None:
    found = loads(*EASY, what_if="{from: 2027-07-05, pools.SDR.reps: 8, channels.web.leads: 200 / week}")

    assert found["SDR", 0].time_h == pytest.approx(4 * 26 * 40 * 0.5)
    assert found["SDR", 1].time_h == pytest.approx(8 * 26 * 40 * 0.5)
    assert found["SDR", 1].work_h / found["SDR", 0].work_h == pytest.approx(1.5, rel=1e-6)


def test_hires_count_from_their_day() -> None:
    found = loads(*EASY, "pools.SDR.hires=[{on: 2027-07-05, reps: 2}]")

    assert found["SDR", 0].heads == 5.0


def test_a_busy_first_team_passes_on_what_it_gets_to() -> None:
    calm = loads(*EASY, "pools.SDR.reps=40")["AE", 0].work_h
    swamped = loads(*EASY, "channels.*.patience=1 day", "pools.SDR.reps=1")

    assert swamped["SDR", 0].endless_h == 0.0
    assert swamped["AE", 0].work_h == pytest.approx(calm / swamped["SDR", 0].load)


def test_unlimited_reps_have_no_load() -> None:
    assert loads(*EASY, "pools.SDR.reps=unlimited")["SDR", 0].load == 0.0


def test_a_limited_queue_is_never_endless() -> None:
    assert loads(*EASY, "pools.SDR.queue_limit=10")["SDR", 0].endless_h == 0.0


def test_effects_in_the_intercepts_do_not_inflate_the_flow() -> None:
    """An intercept that makes up for slow calls must not count as better conversion (0.2 off in log-odds here)."""
    scenario = scene(*EASY)
    static = static_calibration(scenario)
    pilots = type(static)(**{**static.__dict__, "intercepts": tuple(b + 0.2 for b in static.intercepts)})

    assert [load.work_h for load in loads_of(scenario, pilots)] == [load.work_h for load in loads_of(scenario, static)]
    assert compile_plan(scenario, pilots).phases[0].stages[0].intercept == pytest.approx(static.intercepts[0] + 0.2)
