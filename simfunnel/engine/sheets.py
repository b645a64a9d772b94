"""Poisson sheets and lists: when leads are created, and who each of them is.

A sheet is cut into cells of one day and one layer of constant height. A cell holds a keyed Poisson(1) number of points
with keyed time and height, and a point is a lead iff it lies below the rate at its time. So a rate that is raised
keeps its leads and adds new ones, and no other source is touched. Source: thinning of Lewis and Shedler (1979), with
layers so that the bound does not depend on the plan.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import DISCRETE, NEVER, Dist
from simfunnel.distributions.quantiles import discrete_quantile, gamma_quantile, quantile
from simfunnel.jit import compiled
from simfunnel.plan.model import LIST, OPENING, Floats, Plan, Source
from simfunnel.streams import CELL, HEIGHT, LIST_GAP, LIST_SIZE, SWING, TIME, make_id, uniform

Ids = NDArray[np.uint64]

LAYER_H = 1.0 / 24.0  # leads per hour; one point per cell and day on average. A constant: it is part of every identity
MINUTES_A_DAY = 1440
MONDAY_OFFSET = 3  # 1970-01-01 was a Thursday
ITEMS_A_LIST = 1 << 24
_POISSON_CDF = np.cumsum([math.exp(-1.0) / math.factorial(k) for k in range(19)])


def arrivals_of_source(plan: Plan, source: Source, seed: int, replication: int) -> tuple[Ids, Floats]:
    """(ids, creation times) of one source's leads over the whole simulated time, in no particular order."""
    if source.kind == OPENING:
        return np.empty(0, np.uint64), np.empty(0)
    if source.kind == LIST:
        return _list_leads(plan, source, seed, replication)
    phase_of_day = np.searchsorted(plan.switches_h, (plan.first_day + np.arange(plan.n_days)) * 24.0, side="right") - 1
    return _sheet_leads(
        seed,
        replication,
        source.key,
        plan.day_zero,
        plan.first_day,
        source.rate_h,
        source.swing_cv,
        source.profile[phase_of_day].astype(np.int64),
        plan.profiles,
        plan.profiles.max(axis=1),
        _POISSON_CDF,
    )


@compiled
def _day_factor(seed: int, replication: int, source: int, day_number: int, cv: float) -> float:
    """The mean-one Gamma factor of one source and day, of coefficient of variation `cv`."""
    if cv <= 0.0:
        return 1.0
    shape = 1.0 / (cv * cv)
    u = uniform(seed, replication, make_id(source, day_number, 0, 0), SWING, 0, 0)
    return gamma_quantile(u, shape) / shape


@compiled
def _points_in_cell(u: float, cdf: Floats) -> int:
    k = 0
    while k < cdf.size and u > cdf[k]:
        k += 1
    return k


@compiled
def _sheet_leads(
    seed: int,
    replication: int,
    source: int,
    day_zero: int,
    first_day: int,
    rate: Floats,
    swing: Floats,
    profile: NDArray[np.int64],
    profiles: Floats,
    highest: Floats,
    cdf: Floats,
) -> tuple[Ids, Floats]:
    ids, created, n = np.empty(1024, np.uint64), np.empty(1024), 0
    for d in range(rate.size):
        if rate[d] <= 0.0:
            continue
        day = first_day + d
        number = day_zero + day
        level = rate[d] * _day_factor(seed, replication, source, number, swing[d])
        weekday = (number + MONDAY_OFFSET) % 7
        for layer in range(math.ceil(level * highest[profile[d]] / LAYER_H)):
            points = _points_in_cell(uniform(seed, replication, make_id(source, number, layer, 0), CELL, 0, 0), cdf)
            for k in range(points):
                lead = make_id(source, number, layer, k)
                within = uniform(seed, replication, lead, TIME, 0, 0)
                height = (layer + uniform(seed, replication, lead, HEIGHT, 0, 0)) * LAYER_H
                minute = weekday * MINUTES_A_DAY + int(within * MINUTES_A_DAY)
                if height < level * profiles[profile[d], minute]:
                    if n == ids.size:
                        wider, later = np.empty(2 * n, np.uint64), np.empty(2 * n)
                        wider[:n], later[:n] = ids, created
                        ids, created = wider, later
                    ids[n], created[n] = lead, day * 24.0 + within * 24.0
                    n += 1
    return ids[:n].copy(), created[:n].copy()


def _value(dist: Dist, u: float) -> float:
    if dist.family == DISCRETE:
        return float(discrete_quantile(u, np.array(dist.values), np.array(dist.cumulative)))
    return float(quantile(u, dist.family, dist.a, dist.b, dist.c))


def _lists_begin(plan: Plan, source: Source, phase: int) -> float:
    """The start of the next phase after `phase` that has lists; inf when none has."""
    later = range(phase + 1, len(source.list_every))
    return next((float(plan.switches_h[f]) for f in later if source.list_every[f].family != NEVER), math.inf)


def _list_leads(plan: Plan, source: Source, seed: int, replication: int) -> tuple[Ids, Floats]:
    """Leads that come in batches, each of a drawn size: the first one gap after the simulation's start, or after the
    start of the phase that brings lists.
    """
    ids: list[Ids] = []
    created: list[Floats] = []
    t, k = plan.start_h, 0
    while True:
        phase = plan.phase_at(t)
        every, first = source.list_every[phase], make_id(source.key, k, 0, 0)
        if every.family == NEVER:
            t = _lists_begin(plan, source, phase)
            if t < plan.end_h:
                continue
            break
        gap = _value(every, uniform(seed, replication, first, LIST_GAP, 0, k))
        t += gap  # elapsed time, into which a plan stretches working time
        if not t < plan.end_h or gap <= 0.0:
            break
        u = uniform(seed, replication, first, LIST_SIZE, 0, k)
        size = min(max(round(_value(source.list_size[plan.phase_at(t)], u)), 0), ITEMS_A_LIST)
        ids.append(np.uint64(first) + np.arange(size, dtype=np.uint64))
        created.append(np.full(size, t))
        k += 1
    return np.concatenate([np.empty(0, np.uint64), *ids]), np.concatenate([np.empty(0), *created])
