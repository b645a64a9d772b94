"""From what a planner means to what an engine reads: one Plan of hours, indexes and tables."""

from __future__ import annotations

from datetime import timedelta
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.plan import model
from simfunnel.plan.arrivals import Arrivals, campaign_facts, opening_leads
from simfunnel.plan.calendars import business_day
from simfunnel.plan.frame import Frame, frame_of
from simfunnel.plan.loads import Cold, PoolLoad, cold_before_call, intercepts_without_effects, pool_loads
from simfunnel.plan.model import Phase, Plan, PoolRules, name_hash
from simfunnel.plan.overload import overloads
from simfunnel.plan.pools import Headcount, headcounts, home_pools, pool_rules, roster, team_loads, team_of
from simfunnel.plan.qualification import WHERE_TO, Judgement, Today, acceptance_effort, nurture_rules, today
from simfunnel.plan.score import base_qualities, qualities
from simfunnel.plan.sla import clauses
from simfunnel.plan.stages import channel_ways, speeds, stage_rules
from simfunnel.plan.today.calibration import OPEN_LEAD_COLUMNS, Calibration

if TYPE_CHECKING:
    from simfunnel.scenario import PlanSpec, Scenario
    from simfunnel.scenario.checks.loads import Overload


DAY_H = 24.0


def compile_plan(spec: PlanSpec | Scenario, calibration: Calibration) -> Plan:
    """The plan of a base with its phases, with the base's constants from `calibration`.

    ScenarioError when something typed is impossible on this base: an accuracy or agreement out of reach, heads too few
    to split. A team that cannot keep up is possible: `overloads_of` tells.
    """
    frame = frame_of(spec)
    arrivals, counts = Arrivals(frame), headcounts(frame)
    on_base = today(frame.base, calibration, frame.channels, base_qualities(frame, calibration))
    phases = _phases(frame, arrivals, counts, on_base)
    return _plan(frame, arrivals, counts, phases, calibration)


def loads_of(spec: PlanSpec | Scenario, calibration: Calibration) -> list[PoolLoad]:
    """Expected load of every pool in every phase with reported days, for those who ask before simulating."""
    frame = frame_of(spec)
    arrivals, counts = Arrivals(frame), headcounts(frame)
    on_base = today(frame.base, calibration, frame.channels, base_qualities(frame, calibration))
    return pool_loads(frame, _phases(frame, arrivals, counts, on_base), arrivals, counts, on_base)


def overloads_of(spec: PlanSpec | Scenario, calibration: Calibration) -> list[Overload]:
    """Every team that cannot keep up, and what piles up for it, in the run-in or the period."""
    frame = frame_of(spec)
    arrivals, counts = Arrivals(frame), headcounts(frame)
    on_base = today(frame.base, calibration, frame.channels, base_qualities(frame, calibration))
    phases = _phases(frame, arrivals, counts, on_base)
    reached = np.array([1.0 - _cold(frame, arrivals, index, phase).share for index, phase in enumerate(phases)])
    return overloads(frame, phases, arrivals, counts, intercepts_without_effects(on_base), reached)


def cold_of(spec: PlanSpec | Scenario, calibration: Calibration) -> dict[str, tuple[float, float]]:
    """By channel, in the phase that is in force longest in the period: share of leads that lose patience before they
    can be called, and the share that does so for closed hours alone."""
    frame = frame_of(spec)
    arrivals, counts = Arrivals(frame), headcounts(frame)
    on_base = today(frame.base, calibration, frame.channels, base_qualities(frame, calibration))
    phases = _phases(frame, arrivals, counts, on_base)
    index = max(range(len(phases)), key=lambda at: frame.end_of(at) - max(0, frame.starts[at]))
    found = _cold(frame, arrivals, index, phases[index])
    return dict(zip(frame.channels, zip(found.share.tolist(), found.closed.tolist(), strict=True), strict=True))


def passing_of(spec: PlanSpec | Scenario, calibration: Calibration) -> dict[str, float]:
    """By channel, in the last phase: share of leads whose first score reaches the threshold."""
    frame = frame_of(spec)
    on_base = today(frame.base, calibration, frame.channels, base_qualities(frame, calibration))
    judged = on_base.judgement(frame.scenarios[-1])
    shares = on_base.pass_shares(judged, qualities(frame, calibration)[-1])
    return dict(zip(frame.channels, shares.tolist(), strict=True))


def _cold(frame: Frame, arrivals: Arrivals, index: int, phase: Phase) -> Cold:
    rows = [arrivals.profile_row(index, name) for name in frame.channels]
    calendars = tuple((row.opens, row.closes) for row in frame.calendars.rows)
    monday = -((frame.day_zero + 3) % 7) * DAY_H
    first = min(max(0, frame.starts[index]), frame.last_day - 1) * DAY_H
    return cold_before_call(phase, calendars, np.array(arrivals.profiles), rows, first, monday)


def _phases(frame: Frame, arrivals: Arrivals, counts: dict[str, Headcount], on_base: Today) -> tuple[Phase, ...]:
    quality = qualities(frame, on_base.calibration)
    return tuple(
        _phase(frame, index, arrivals, counts, on_base, quality[index]) for index in range(len(frame.scenarios))
    )


def _plan(
    frame: Frame, arrivals: Arrivals, counts: dict[str, Headcount], phases: tuple[Phase, ...], calibration: Calibration
) -> Plan:
    base = frame.base
    sources = arrivals.sources()
    starts = np.array(frame.starts, dtype=np.float64) * DAY_H
    return Plan(
        channels=frame.channels,
        campaigns=tuple(campaign for _, campaign in frame.campaigns),
        stages=frame.stages,
        pools=frame.pools,
        stage_hash=tuple(name_hash(name) for name in frame.stages),
        day_zero=frame.day_zero,
        first_day=frame.first_day,
        n_days=frame.n_days,
        start_h=frame.first_day * DAY_H,
        end_h=frame.last_day * DAY_H,
        month_start_h=month_starts(frame),
        switches_h=starts,
        phases=phases,
        sources=sources,
        profiles=np.array(arrivals.profiles),
        calendars=tuple((row.opens, row.closes) for row in frame.calendars.rows),
        working_day_h=np.array(frame.calendars.working_days),
        roster=roster(frame, counts),
        opening=opening_leads(frame, sources),
        open_leads=_open_leads(frame, calibration),
        campaign_facts=campaign_facts(frame),
        clauses=clauses(base),
        target_revenue=nan if base.target is None else base.target.revenue,
        currency=base.currency,
        reported_h=np.array([*(frame.day(each.first) for each in base.months), frame.last_day], np.float64) * DAY_H,
        reported_names=tuple(each.name for each in base.months),
    )


def _open_leads(frame: Frame, calibration: Calibration) -> Floats:
    """The calibration's open leads, with channels by their place in the plan."""
    if not frame.base.opening_pipeline or not len(calibration.open_leads):
        return np.empty((0, OPEN_LEAD_COLUMNS))
    places = np.array([frame.channels.index(name) for name in calibration.channels], dtype=np.float64)
    found = calibration.open_leads.copy()
    found[:, 4] = places[found[:, 4].astype(np.int64)]
    return found


def month_starts(frame: Frame) -> Floats:
    """Hours at which the period's calendar months start (the first one at the period's start), and the end."""
    start = frame.base.start
    days = [day for day in range(1, frame.last_day) if (start + timedelta(days=day)).day == 1]
    return np.array([0, *days, frame.last_day], dtype=np.float64) * DAY_H


def _phase(
    frame: Frame, index: int, arrivals: Arrivals, counts: dict[str, Headcount], on_base: Today, quality: Floats
) -> Phase:
    scenario = frame.scenarios[index]
    judged = on_base.judgement(scenario)
    a_score, a_noise = judged.noise
    work, share = acceptance_effort(scenario)
    channels = [frame.channel(index, name) for name in frame.channels]
    day = business_day(scenario.calendar)
    bar, acceptance = scenario.qualification, scenario.acceptance
    return Phase(
        start_h=frame.starts[index] * DAY_H,
        home_pool=home_pools(frame, index),
        quality_mean=quality,
        r_score=judged.views.r_score,
        score_mean=judged.scale.mean,
        score_per_unit=judged.scale.per_unit,
        score_bias=judged.scale.bias,
        value=tuple(channel.deal_value.compile() for channel in channels),
        value_quality=np.array([channel.value_quality for channel in channels]),
        threshold=judged.scale.threshold,
        near_miss=bar.near_miss,
        near_miss_to=WHERE_TO[bar.near_miss_to] if bar.near_miss > 0.0 else model.TO_DISQUALIFIED,
        below_to=WHERE_TO[bar.below_to],
        accepts=judged.accepts,
        cut=judged.cut,
        r_assessment=judged.views.r_assessment,
        a_score=a_score,
        a_noise=a_noise,
        acceptance_effort=work,
        acceptance_share=share,
        rejected_to=model.TO_LOST if acceptance is None else WHERE_TO[acceptance.rejected_to],
        handoff=channel_ways(frame, index),
        patience=tuple(channel.patience.compile(day) for channel in channels),
        speed=speeds(frame, index),
        stages=stage_rules(frame, index, on_base.calibration),
        pools=_pools(frame, index, arrivals, counts, on_base, judged, quality),
        cost_per_lead=np.array([channel.cost_per_lead for channel in channels]),
        **nurture_rules(scenario),
    )


def _pools(
    frame: Frame,
    index: int,
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    on_base: Today,
    judged: Judgement,
    quality: Floats,
) -> tuple[PoolRules, ...]:
    shares = on_base.pass_shares(judged, quality)
    return tuple(
        pool_rules(frame, index, name, _teams(frame, index, name, arrivals, counts[name], shares))
        for name in frame.pools
    )


def _teams(frame: Frame, index: int, name: str, arrivals: Arrivals, count: Headcount, shares: Floats) -> Ints:
    pool = frame.scenarios[index].pools.get(name)
    if pool is None or pool.structure == "pooled" or pool.reps == "unlimited":
        return np.full(count.positions, -1, dtype=np.int64)
    loads = team_loads(frame, index, name, arrivals, shares.tolist())
    fewest = min(count.on(frame.starts[index], frame.end_of(index)))
    return team_of(frame, index, name, loads, count.positions, fewest)
