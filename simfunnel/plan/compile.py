"""From what a planner means to what an engine reads: one Plan of hours, indexes and tables."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.plan import model
from simfunnel.plan.arrivals import Arrivals, campaign_facts, opening_leads
from simfunnel.plan.calendars import business_day
from simfunnel.plan.frame import Frame, frame_of
from simfunnel.plan.loads import Cold, PoolLoad, cold_before_call, pool_loads
from simfunnel.plan.model import Phase, Plan, PoolRules, name_hash
from simfunnel.plan.overload import overloads
from simfunnel.plan.pools import headcounts, home_pools, pool_rules, roster, team_loads, team_of
from simfunnel.plan.sla import clauses
from simfunnel.plan.stages import WHERE_TO, acceptance_effort, channel_ways, nurture_rules, speeds, stage_rules
from simfunnel.plan.today.calibration import OPEN_LEAD_COLUMNS, Calibration
from simfunnel.plan.today.phase import Today
from simfunnel.theory.selection import pass_shares

if TYPE_CHECKING:
    from simfunnel.scenario import PlanSpec, Scenario
    from simfunnel.scenario.checks.pools import Overload


DAY_H = 24.0


class Draft:
    """A plan in the making: its days and names, and what its phases are compiled from."""

    def __init__(self, spec: PlanSpec | Scenario, calibration: Calibration) -> None:
        self.frame = frame_of(spec)
        self.arrivals, self.counts = Arrivals(self.frame), headcounts(self.frame)
        self.calibration, self.today = calibration, Today(self.frame, calibration)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order."""
        return tuple(self._phase(index) for index in range(len(self.frame.scenarios)))

    def plan(self) -> Plan:
        """Compile the plan from its draft."""
        frame, arrivals = self.frame, self.arrivals
        base, phases, sources = frame.base, self.phases, arrivals.sources()
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
            switches_h=np.array(frame.starts, dtype=np.float64) * DAY_H,
            phases=phases,
            sources=sources,
            profiles=np.array(arrivals.profiles),
            calendars=self._calendars(),
            working_day_h=np.array(frame.calendars.working_days),
            roster=roster(frame, self.counts),
            opening=opening_leads(frame, sources),
            open_leads=_open_leads(frame, self.calibration),
            campaign_facts=campaign_facts(frame),
            clauses=clauses(base),
            target_revenue=nan if base.target is None else base.target.revenue,
            currency=base.currency,
            reported_h=np.array([*(frame.day(each.first) for each in base.months), frame.last_day], np.float64) * DAY_H,
            reported_names=tuple(each.name for each in base.months),
        )

    def cold(self, phase: int) -> Cold:
        """Return what patience, hand-off and opening hours alone cost in a phase."""
        frame = self.frame
        rows = [self.arrivals.profile_row(phase, name) for name in frame.channels]
        rules, calendars, profiles = self.phases[phase], self._calendars(), np.array(self.arrivals.profiles)
        monday = -((frame.day_zero + 3) % 7) * DAY_H
        first = min(max(0, frame.starts[phase]), frame.last_day - 1) * DAY_H
        return cold_before_call(rules, calendars, profiles, rows, first, monday)

    def _calendars(self) -> tuple[tuple[Floats, Floats], ...]:
        return tuple((row.opens, row.closes) for row in self.frame.calendars.rows)

    def _phase(self, index: int) -> Phase:
        frame, view = self.frame, self.today.view(index)
        scenario, leads = frame.scenarios[index], view.leads
        a_score, a_noise = view.noise
        work, share = acceptance_effort(scenario)
        channels = [frame.channel(index, name) for name in frame.channels]
        day = business_day(scenario.calendar)
        bar, acceptance = scenario.qualification, scenario.acceptance
        return Phase(
            start_h=frame.starts[index] * DAY_H,
            home_pool=home_pools(frame, index),
            quality_mean=leads.quality,
            r_score=leads.r_score,
            score_mean=leads.mean,
            score_per_unit=leads.per_unit,
            score_bias=leads.bias,
            value=tuple(channel.deal_value.compile() for channel in channels),
            value_quality=np.array([channel.value_quality for channel in channels]),
            threshold=leads.threshold,
            near_miss=bar.near_miss,
            near_miss_to=WHERE_TO[bar.near_miss_to] if bar.near_miss > 0.0 else model.TO_DISQUALIFIED,
            below_to=WHERE_TO[bar.below_to],
            accepts=view.cut != -inf,
            cut=view.cut,
            r_assessment=leads.r_assessment,
            a_score=a_score,
            a_noise=a_noise,
            acceptance_effort=work,
            acceptance_share=share,
            rejected_to=model.TO_LOST if acceptance is None else WHERE_TO[acceptance.rejected_to],
            handoff=channel_ways(frame, index),
            patience=tuple(channel.patience.compile(day) for channel in channels),
            speed=speeds(frame, index),
            stages=stage_rules(frame, index, self.calibration),
            pools=self._pools(index, pass_shares(leads)),
            cost_per_lead=np.array([channel.cost_per_lead for channel in channels]),
            **nurture_rules(scenario),
        )

    def _pools(self, index: int, shares: Floats) -> tuple[PoolRules, ...]:
        """Every pool's rules; `shares`: [channels] of the leads that pass, by whose work reps are split into teams."""
        frame, found = self.frame, []
        for name in frame.pools:
            pool, count = frame.scenarios[index].pools.get(name), self.counts[name]
            teams: Ints = np.full(count.positions, -1, dtype=np.int64)
            if pool is not None and pool.structure != "pooled" and pool.reps != "unlimited":
                loads = team_loads(frame, index, name, self.arrivals, shares.tolist())
                fewest = int(count.daily(frame.starts[index], frame.end_of(index))[0].min())
                teams = team_of(frame, index, name, loads, count.positions, fewest)
            found.append(pool_rules(frame, index, name, teams))
        return tuple(found)


def compile_plan(spec: PlanSpec | Scenario, calibration: Calibration) -> Plan:
    """Compile the plan of a base with its phases, with the base's constants from `calibration`.

    ScenarioError when something typed is impossible on this base: an accuracy or agreement out of reach, heads too few
    to split. A team that cannot keep up is possible: `overloads_of` tells.
    """
    return Draft(spec, calibration).plan()


def loads_of(spec: PlanSpec | Scenario, calibration: Calibration) -> list[PoolLoad]:
    """Return the expected load of every pool in every phase with reported days, known before simulating."""
    draft = Draft(spec, calibration)
    return pool_loads(draft.frame, draft.phases, draft.arrivals, draft.counts, draft.today.plain_intercepts())


def overloads_of(spec: PlanSpec | Scenario, calibration: Calibration) -> list[Overload]:
    """Return every team that cannot keep up, and what piles up for it, in the run-in or the period."""
    draft = Draft(spec, calibration)
    reached = np.array([1.0 - draft.cold(index).share for index in range(len(draft.phases))])
    intercepts = draft.today.plain_intercepts()
    return overloads(draft.frame, draft.phases, draft.arrivals, draft.counts, intercepts, reached)


def cold_of(spec: PlanSpec | Scenario, calibration: Calibration) -> dict[str, tuple[float, float]]:
    """Return, by channel, in the phase that is in force longest in the period: share of leads that lose patience
    before they can be called, and the share that does so for closed hours alone."""
    draft = Draft(spec, calibration)
    frame = draft.frame
    found = draft.cold(max(range(len(draft.phases)), key=lambda at: frame.end_of(at) - max(0, frame.starts[at])))
    return dict(zip(frame.channels, zip(found.share.tolist(), found.closed.tolist(), strict=True), strict=True))


def passing_of(spec: PlanSpec | Scenario, calibration: Calibration) -> dict[str, float]:
    """Return, by channel, in the last phase: share of leads whose first score reaches the threshold."""
    frame = frame_of(spec)
    shares = pass_shares(Today(frame, calibration).view(len(frame.scenarios) - 1).leads)
    return dict(zip(frame.channels, shares.tolist(), strict=True))


def _open_leads(frame: Frame, calibration: Calibration) -> Floats:
    """The calibration's open leads, with channels by their place in the plan."""
    if not frame.base.opening_pipeline or not len(calibration.open_leads):
        return np.empty((0, OPEN_LEAD_COLUMNS))
    places = np.array([frame.channels.index(name) for name in calibration.channels], dtype=np.float64)
    found = calibration.open_leads.copy()
    found[:, 4] = places[found[:, 4].astype(np.int64)]
    return found


def month_starts(frame: Frame) -> Floats:
    """Return hours at which the period's calendar months start (the first one at the period's start), and the end."""
    start = frame.base.start
    days = [day for day in range(1, frame.last_day) if (start + timedelta(days=day)).day == 1]
    return np.array([0, *days, frame.last_day], dtype=np.float64) * DAY_H
