"""The opening pipeline: leads that are at work in the stages when the period starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfunnel.calendars import add_working, working_between
from simfunnel.distributions import Dist, cdf, quantile_of
from simfunnel.distributions.quantiles import ndtri
from simfunnel.engine import rules
from simfunnel.engine.tables import Tables
from simfunnel.plan.model import Floats, Plan
from simfunnel.streams import AGE, OPENING, OPENING_WAIT, PATIENCE, QUALITY, SCORE, VALUE, make_id, uniform

STAGE, CHANNEL = 3, 4  # columns of Plan.open_leads
OVERDUE = 0.999  # past this quantile of its wait a lead is in the queue at once


@dataclass(frozen=True)
class OpeningLeads:
    """Leads open at the start, in lead order; columns of n leads."""

    id: NDArray[np.uint64]
    channel: NDArray[np.int16]
    created: Floats  # start of the period minus the age
    quality: Floats
    noise: Floats
    score: Floats
    value: Floats
    stage: NDArray[np.int64]
    ready_at: Floats  # when the next task is ready
    gives_up: Floats


def opening_leads(plan: Plan, tables: Tables, seed: int, replication: int) -> OpeningLeads:
    """Who is open at the start: Q and e_S resampled from the calibration's open leads, waits conditioned on age.

    The resampled are those of the lead's channel at its stage; without any, those of all channels there.
    """
    rows = [
        _one(
            plan,
            tables,
            seed,
            replication,
            int(make_id(plan.sources[group.source].key, 0, 0, 0)) + group.first + i,
            group.channel,
            group.stage,
            group.age,
        )
        for group in plan.opening
        for i in range(group.count)
    ]
    rows.sort(key=lambda row: (row[2], row[0]))
    columns: list[Sequence[float]] = list(zip(*rows, strict=True)) if rows else [()] * 10
    kinds = ("u8", "i2", "f8", "f8", "f8", "f8", "f8", "i8", "f8", "f8")
    return OpeningLeads(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))


def _one(
    plan: Plan, tables: Tables, seed: int, replication: int, lead: int, channel: int, stage: int, ages: Dist
) -> tuple[float, ...]:
    def u(purpose: int) -> float:
        return uniform(seed, replication, lead, purpose, 0, 0)

    age = quantile_of(ages, u(AGE))
    phase, row = tables.by_phase[0], tables.by_channel[0, channel]
    quality, noise = rules.quality_of(row.quality_mean, u(QUALITY)), ndtri(u(SCORE))
    if len(known := _like(plan.open_leads, channel, stage)):
        like = known[int(u(OPENING) * len(known))]
        quality, noise = float(like[0]), float(like[1])
    score = rules.first_score(phase, row.score_bias, quality, noise)
    value = rules.deal_value(tables, row, quality, u(VALUE))
    start, gives_up = plan.start_h, np.inf
    ready = start
    if stage > 0:
        wait = plan.phases[0].stages[stage].wait
        ready = _rest(plan, wait, channel, stage, age, u(OPENING_WAIT))
    else:
        patience = plan.phases[0].patience[channel]
        gives_up = _rest(plan, patience, channel, stage, age, uniform(seed, replication, lead, PATIENCE, 0, 1))
    return lead, channel, start - age, quality, noise, score, value, stage, ready, gives_up


def _like(open_leads: Floats, channel: int, stage: int) -> Floats:
    """The open leads to resample one of a channel at a stage from; none when the base had none at that stage."""
    here = open_leads[:, STAGE] == stage
    mine = here & (open_leads[:, CHANNEL] == channel)
    rows = np.flatnonzero(mine if mine.any() else here)
    return open_leads[rows, :]


def _rest(plan: Plan, dist: Dist, channel: int, stage: int, age: float, u: float) -> float:
    """When a duration that began `age` hours before the start ends; one of working time has used up open hours only."""
    start, pool = plan.start_h, int(plan.phases[0].home_pool[channel, stage])
    if not dist.working or pool < 0:
        return start + _remaining(dist, age, u)
    opens, closes = plan.calendars[plan.phases[0].pools[pool].calendar]
    rest = _remaining(dist, float(working_between(opens, closes, start - age, start)), u)
    return float(add_working(opens, closes, start, rest))


def _remaining(dist: Dist, age: float, u: float) -> float:
    """What is left of a duration that has lasted `age`: T - age given T > age; 0 past the 99.9% quantile."""
    before = float(cdf(dist, age))
    if before >= OVERDUE:
        return 0.0
    return max(quantile_of(dist, before + u * (1.0 - before)) - age, 0.0)
