"""The plan as a whole: names, phases, and what may not matter."""

from __future__ import annotations

import pickle
import time

import numpy as np
import pytest

from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import TO_NURTURE, Plan
from simfunnel.scenario import load, parse, phases_of
from tests.unit.plan.scenes import FUNNEL, calibrated, changed, planned, scene


def test_the_order_of_channels_and_pools_in_the_file_does_not_matter() -> None:
    lines = FUNNEL.splitlines()
    web, ae = lines.index("  web: {leads: 70 / week, deal_value: 10k, day_to_day_swing: 0}"), 9
    lines[web], lines[web + 1] = lines[web + 1], lines[web]
    lines[ae], lines[ae + 1] = lines[ae + 1], lines[ae]
    turned = parse("\n".join(lines))

    assert list(turned.channels) == ["chat", "web"]
    assert list(turned.pools) == ["SDR", "AE"]
    assert compile_plan(turned, static_calibration(turned)).sha256 == planned().sha256


def test_a_plan_travels_to_another_process_unchanged() -> None:
    plan = planned()

    assert pickle.loads(pickle.dumps(plan)).sha256 == plan.sha256


def test_titles_sources_and_what_ifs_change_no_plan() -> None:
    assert planned("title=Other", "sources.acceptance=ours").sha256 == planned().sha256


def test_hours_run_from_the_first_reported_midnight() -> None:
    plan = planned()

    assert (plan.first_day, plan.n_days) == (-364, 728)
    assert (plan.start_h, plan.end_h) == (-364 * 24.0, 364 * 24.0)
    assert plan.day_zero == 20_822  # 4 January 2027
    assert plan.month_start_h[:3].tolist() == [0.0, 28 * 24.0, 56 * 24.0]
    assert plan.month_start_h[-1] == plan.end_h


def test_a_what_if_begins_at_the_periods_start_and_a_dated_one_on_its_day() -> None:
    assert planned(what_if="{qualification.threshold: 65}").switches_h.tolist() == [-364 * 24.0, 0.0]
    dated = planned(what_if="{from: 2027-02-01, qualification.threshold: 65}")
    assert dated.switches_h.tolist() == [-364 * 24.0, 28 * 24.0]
    assert [phase.threshold[0] for phase in dated.phases] == [60.0, 65.0]


def test_a_settled_what_if_is_in_force_from_the_run_in() -> None:
    spec = phases_of(scene(text=FUNNEL + "what_ifs: {change: {channels.web.quality: 1}}"), ["change"], "settled")

    plan = compile_plan(spec, static_calibration(spec.base))

    assert len(plan.phases) == 1
    centre = 0.3 * 0.5
    assert plan.phases[0].quality_mean.tolist() == pytest.approx([0.5 - centre, 1.0 - centre])
    assert plan.phases[0].stages[0].intercept == planned().phases[0].stages[0].intercept


def test_levers_keep_the_constants_of_the_base() -> None:
    plan = planned(what_if="{qualification.threshold: 70, pools.SDR.reps: 2 more, score.accuracy: good}")
    before, after = plan.phases

    assert [s.intercept for s in before.stages] == [s.intercept for s in after.stages]
    assert before.cut == after.cut
    assert after.r_score == 0.7


def test_a_belief_changes_the_base_itself() -> None:
    spec = changed(what_if="{stages.discovery.conversion: 60%}")
    plan = compile_plan(spec, static_calibration(spec.base))

    assert len(plan.phases) == 1
    assert plan.phases[0].stages[0].intercept > planned().phases[0].stages[0].intercept + 0.5


def test_home_pools_follow_stages_and_channels() -> None:
    live = "  live: {stages: [discovery], channels: [chat], reps: 2}\n"
    text = FUNNEL.replace("reps: 4}\n", "reps: 4, channels: [web]}\n" + live)
    split = planned_from(text)

    assert split.pools == ("AE", "SDR", "live")
    assert split.phases[0].home_pool.tolist() == [[2, 0], [1, 0]]  # chat, web


def test_stages_without_a_pool_need_no_rep() -> None:
    text = FUNNEL.replace("  AE: {stages: [proposal], reps: 5}\n", "").replace("effort: 2 hours, ", "")

    assert planned_from(text).phases[0].home_pool[:, 1].tolist() == [-1, -1]


def test_below_the_bar_goes_where_it_is_typed() -> None:
    nurtured = planned("nurture={delay: 21 days}", "qualification.near_miss=10", "acceptance.rejected_to=nurture")
    phase = nurtured.phases[0]

    assert (phase.near_miss, phase.near_miss_to, phase.rejected_to) == (10.0, TO_NURTURE, TO_NURTURE)
    assert phase.nurtures
    assert not planned().phases[0].nurtures


def test_the_shipped_scenario_compiles_in_a_tenth_of_a_second() -> None:
    scenario = load("scenarios/b2b.yaml")
    constants = static_calibration(scenario)
    compile_plan(scenario, constants)

    taken = []
    for _ in range(5):
        start = time.perf_counter()
        compile_plan(scenario, constants)
        taken.append(time.perf_counter() - start)

    assert min(taken) < 0.1


def test_deal_values_and_costs_reach_the_plan_in_money_a_day() -> None:
    plan = planned("pools.SDR.cost_per_rep=73k / year", "channels.web.cost_per_lead=60", "pools.AE.commission=8%")

    assert plan.phases[0].pools[1].cost_per_day == pytest.approx(200.0)
    assert plan.phases[0].cost_per_lead.tolist() == [0.0, 60.0]
    assert plan.phases[0].pools[0].commission == 0.08


def test_clauses_carry_their_bounds_in_leads_a_month_and_working_hours() -> None:
    plan = planned(
        "sla={marketing: {mqls: 450 to 750 / month, win_share: at least 5%},"
        " sales: {response: 60% within 2 business days, acceptance: at least 60%},"
        " other: [{metric: busy, at_most: 90%, pool: SDR}]}"
    )
    by_metric = {clause.metric: clause for clause in plan.clauses}

    assert (by_metric["mqls"].low, by_metric["mqls"].high) == (450.0, 750.0)
    assert by_metric["win_share"].high == np.inf
    assert by_metric["response"].within_h == 16.0
    assert by_metric["busy"].pool == "SDR"
    assert by_metric["busy"].high == 0.9


def test_a_capacity_is_work_per_task_that_fills_the_selling_time_and_stays_when_selling_time_moves() -> None:
    text = FUNNEL.replace("conversion: 45%, effort: 1 hour", "conversion: 45%, capacity: 8 / business day")
    spec = phases_of(parse(text + "what_ifs: {change: {pools.SDR.selling_time: 75%}}"), ["change"])
    plan = compile_plan(spec, static_calibration(spec.base))
    means = [float(np.exp(phase.stages[0].effort.a + phase.stages[0].effort.b ** 2 / 2)) for phase in plan.phases]

    assert means == pytest.approx([0.5, 0.5])  # 8 h x 50% / 8
    assert [phase.pools[1].selling_time for phase in plan.phases] == [0.5, 0.75]


def test_calibrated_rates_do_not_depend_on_an_unused_channel() -> None:
    extra = "channels:\n  extra: {leads: 0 / week, deal_value: 1k, quality: 3}\n"
    more = static_calibration(parse(FUNNEL.replace("channels:\n", extra)))

    assert more.intercepts == calibrated().intercepts
    assert more.centre == calibrated().centre


def planned_from(text: str) -> Plan:
    scenario = parse(text)
    return compile_plan(scenario, static_calibration(scenario))
