"""Poisson sheets and lists: when leads are created, and who each of them is.

A sheet is cut into cells of one day and one layer of constant height. A cell holds a keyed Poisson(1) number of points
with keyed time and height, and a point is a lead iff it lies below the rate at its time. So a rate that is raised
keeps its leads and adds new ones, and no other source is touched. Source: thinning of Lewis and Shedler (1979), with
layers so that the bound does not depend on the plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simfunnel import streams
from simfunnel.arrays import Array, Floats, Ids, Ints, Shorts
from simfunnel.distributions import NEVER, quantile_of
from simfunnel.distributions.elementary import exp
from simfunnel.distributions.quantiles import gamma_quantile
from simfunnel.jit import borrowed, compiled
from simfunnel.plan.model import LIST, OPENING, Plan, Source

LAYER_H = 1.0 / 24.0  # leads per hour; one point per cell and day on average. A constant: it is part of every identity
MINUTES_A_DAY = 1440
WHOLE_WEEK = 7  # after its days, in peaks
MONDAY_OFFSET = 3  # 1970-01-01 was a Thursday
ITEMS_A_LIST = 1 << 24
MOST_KEPT = 1_000_000  # leads
CELLS_AT_ONCE = 4096  # whole days, and at least one: what is worked on fits into the processor's memory
_POISSON_CDF = np.cumsum([exp(-1.0) / math.factorial(k) for k in range(19)])


class NewLeads(NamedTuple):
    """Who comes, and when; columns of n leads in lead order (created, id)."""

    id: Ids
    channel: Shorts
    campaign: Shorts
    created: Floats


@dataclass(frozen=True, eq=False)
class Creation:
    """A plan's leads in one replication; equal when they surely are the same leads. Lists are not looked into."""

    plan: Plan
    seed: int
    replication: int

    def __hash__(self) -> int:
        return hash((self.seed, self.replication))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Creation) or (self.seed, self.replication) != (other.seed, other.replication):
            return False
        one, two = self.plan, other.plan
        if one is two:
            return True
        if (one.day_zero, one.first_day, one.n_days) != (two.day_zero, two.first_day, two.n_days):
            return False
        if len(one.sources) != len(two.sources) or not np.array_equal(one.profiles, two.profiles):
            return False
        days, other_days = _phase_of_day(one), _phase_of_day(two)
        return all(
            (a.kind, a.channel, a.campaign, a.key) == (b.kind, b.channel, b.campaign, b.key)
            and a.kind != LIST
            and np.array_equal(a.rate_h, b.rate_h)
            and np.array_equal(a.swing_cv, b.swing_cv)
            and np.array_equal(a.profile[days], b.profile[other_days])
            for a, b in zip(one.sources, two.sources, strict=True)
        )


class Sheet(NamedTuple):
    """The days of one source: arrays over them."""

    source: int
    first_number: int  # of the first day, since 1970-01-01
    first_day: int  # since the period's start
    level: Floats  # leads an hour where the profile is 1, the day's swing included
    layers: Ints
    profile: Ints  # row in the plan's profiles


def leads_in_order(plan: Plan, seed: int, replication: int) -> NewLeads:
    """Return all leads that are created within the simulated time.

    The plans of a study mostly have the same ones, and are simulated one after the other: the latest are kept.
    """
    leads = _made(Creation(plan, seed, replication))
    if leads.id.size > MOST_KEPT:
        forget_leads()
    return NewLeads._make(column.copy() for column in leads)


def forget_leads() -> None:
    """Let the next plan's leads be made anew, whatever was simulated before: for measurements."""
    _made.cache_clear()


@lru_cache(maxsize=1)
def _made(creation: Creation) -> NewLeads:
    plan, seed, replication = creation.plan, creation.seed, creation.replication
    daily = plan.profiles.reshape(len(plan.profiles), -1, MINUTES_A_DAY).max(axis=2)
    peaks = np.column_stack([daily, daily.max(axis=1)])
    parts = [arrivals_of_source(plan, source, peaks, seed, replication) for source in plan.sources]
    sizes = [ids.size for ids, _ in parts]
    ids = np.concatenate([np.empty(0, np.uint64), *(ids for ids, _ in parts)])
    created = np.concatenate([np.empty(0), *(created for _, created in parts)])
    channel = np.repeat(np.array([s.channel for s in plan.sources], dtype=np.int16), sizes)
    campaign = np.repeat(np.array([s.campaign for s in plan.sources], dtype=np.int16), sizes)
    order = in_time_order(created, ids)
    return NewLeads(ids[order], channel[order], campaign[order], created[order])


def _phase_of_day(plan: Plan) -> Ints:
    """Return the phase in force at the start of every simulated day."""
    return np.searchsorted(plan.switches_h, (plan.first_day + np.arange(plan.n_days)) * 24.0, side="right") - 1


def in_time_order(times: Floats, names: Array) -> Ints:
    """Return the order by (time, name), both [n]: few share an instant, so times first, then only the ties by name."""
    order = np.argsort(times)
    sorted_times = times[order]
    next_is_tied = sorted_times[1:] == sorted_times[:-1]
    if next_is_tied.any():
        tied = np.append(next_is_tied, False) | np.append(False, next_is_tied)
        rows = np.sort(order[tied])
        order[tied] = rows[np.lexsort((names[rows], times[rows]))]
    return order


def arrivals_of_source(plan: Plan, source: Source, peaks: Floats, seed: int, replication: int) -> tuple[Ids, Floats]:
    """Return (ids, creation times) of one source's leads over the whole simulated time, in no particular order.

    `peaks` [profiles, 8] is the highest value of each profile on each day of the week, and in the whole week.
    """
    if source.kind == OPENING:
        return np.empty(0, np.uint64), np.empty(0)
    if source.kind == LIST:
        return _list_leads(plan, source, seed, replication)
    profile = source.profile[_phase_of_day(plan)].astype(np.int64)
    return _sheet_leads(
        seed, replication, source.key, plan.day_zero, plan.first_day, source.rate_h, source.swing_cv, profile,
        plan.profiles, peaks,
    )  # fmt: skip


@compiled
def _sheet_leads(
    seed: int, replication: int, source: int, day_zero: int, first_day: int, rate: Floats, swing: Floats,
    profile: Ints, profiles: Floats, peaks: Floats,
) -> tuple[Ids, Floats]:  # fmt: skip
    ids, created, n = np.empty(CELLS_AT_ONCE, np.uint64), np.empty(CELLS_AT_ONCE), int(np.int64(0))  # a type of its own
    sheet = Sheet(source, day_zero + first_day, first_day, np.zeros(rate.size), np.zeros(rate.size, np.int64), profile)
    _measure_days(sheet, seed, replication, rate, swing, peaks)
    cells, u, d = np.empty(0, np.uint64), np.empty(0), int(np.int64(0))
    while d < rate.size:
        first, size = d, 0
        while d < rate.size and (size == 0 or size + sheet.layers[d] <= CELLS_AT_ONCE):
            size += sheet.layers[d]
            d += 1
        if size > cells.size:
            cells, u = np.empty(size, np.uint64), np.empty(size)
        _list_cells(sheet, first, d, cells)
        points = _count_points(seed, replication, cells[:size], u)
        if n + points > ids.size:
            more_ids, more_created = np.empty(2 * (n + points), np.uint64), np.empty(2 * (n + points))
            for i in range(n):
                more_ids[i], more_created[i] = ids[i], created[i]
            ids, created = more_ids, more_created
        _list_points(cells[:size], u, ids[n:])
        n += _thin(sheet, seed, replication, profiles, ids[n : n + points], created[n : n + points])
    return ids[:n].copy(), created[:n].copy()


@compiled
def _measure_days(sheet: Sheet, seed: int, replication: int, rate: Floats, swing: Floats, peaks: Floats) -> None:
    """The level of each day, and how many layers of cells are as high as its peak."""
    for d in range(rate.size):
        number = sheet.first_number + d
        row, weekday = sheet.profile[d], (number + MONDAY_OFFSET) % 7
        if rate[d] <= 0.0 or peaks[row, weekday] <= 0.0:
            continue
        sheet.level[d] = rate[d] * _day_factor(seed, replication, sheet.source, number, swing[d])
        # the day's own peak and a hair, so that rounding loses no point
        peak = min(peaks[row, WHOLE_WEEK], peaks[row, weekday] * (1.0 + 1e-9))
        sheet.layers[d] = math.ceil(sheet.level[d] * peak / LAYER_H)


@compiled
def _list_cells(sheet: Sheet, first: int, last: int, cells: Ids) -> None:
    """The identities of all cells of the days from `first` to before `last`."""
    n = 0
    for d in range(first, last):
        for layer in range(sheet.layers[d]):
            cells[n] = streams.make_id(sheet.source, sheet.first_number + d, layer, 0)
            n += 1


@compiled("float64(uint64, uint64, uint64, uint64, float64)")
def _day_factor(seed: int, replication: int, source: int, day_number: int, cv: float) -> float:
    """The mean-one Gamma factor of one source and day, of coefficient of variation `cv`."""
    if cv <= 0.0:
        return 1.0
    shape = 1.0 / (cv * cv)
    u = streams.uniform(seed, replication, streams.make_id(source, day_number, 0, 0), streams.SWING, 0, 0)
    return gamma_quantile(u, shape) / shape


@compiled
def _count_points(seed: int, replication: int, cells: Ids, counts: Floats) -> int:
    """Put each cell's number of points into `counts`, and return their sum."""
    streams.fill_uniforms(seed, replication, cells, streams.CELL, 0, 0, counts[: cells.size])
    total = 0
    for i in range(cells.size):
        k = 0
        while k < _POISSON_CDF.size and counts[i] > _POISSON_CDF[k]:
            k += 1
        counts[i] = k
        total += k
    return total


@compiled
def _list_points(cells: Ids, counts: Floats, points: Ids) -> None:
    """The identities of all points: a cell's own, plus the point's number in the cell."""
    n = 0
    for i in range(cells.size):
        for k in range(int(counts[i])):
            points[n] = cells[i] + np.uint64(k)
            n += 1


@compiled
def _thin(sheet: Sheet, seed: int, replication: int, profiles: Floats, ids: Ids, created: Floats) -> int:
    """Keep the points below the rate at their time, in the first places of `ids` and `created`; returns how many."""
    sheet, profiles = borrowed(sheet), borrowed(profiles)
    heights, n = np.empty(ids.size), 0
    streams.fill_uniforms(seed, replication, ids, streams.TIME, 0, 0, created)
    streams.fill_uniforms(seed, replication, ids, streams.HEIGHT, 0, 0, heights)
    for i in range(ids.size):
        d = streams.days_since(sheet.first_number, ids[i])
        weekday, within = (sheet.first_number + d + MONDAY_OFFSET) % 7, created[i]
        height = (streams.layer_of(ids[i]) + heights[i]) * LAYER_H
        minute = weekday * MINUTES_A_DAY + int(within * MINUTES_A_DAY)
        if height < sheet.level[d] * profiles[sheet.profile[d], minute]:
            ids[n], created[n] = ids[i], (sheet.first_day + d) * 24.0 + within * 24.0
            n += 1
    return n


def _list_leads(plan: Plan, source: Source, seed: int, replication: int) -> tuple[Ids, Floats]:
    """Leads that come in batches, each of a drawn size: the first one gap after the simulation's start, or after the
    start of the phase that brings lists.
    """
    ids: list[Ids] = []
    created: list[Floats] = []
    t, k = plan.start_h, 0
    while True:
        phase = plan.phase_at(t)
        every, first = source.list_every[phase], streams.make_id(source.key, k, 0, 0)
        if every.family == NEVER:
            later = range(phase + 1, len(source.list_every))
            t = next((float(plan.switches_h[f]) for f in later if source.list_every[f].family != NEVER), math.inf)
            if t < plan.end_h:
                continue
            break
        gap = quantile_of(every, streams.uniform(seed, replication, first, streams.LIST_GAP, 0, k))
        t += gap  # elapsed time, into which a plan stretches working time
        if not t < plan.end_h or gap <= 0.0:
            break
        u = streams.uniform(seed, replication, first, streams.LIST_SIZE, 0, k)
        size = min(max(round(quantile_of(source.list_size[plan.phase_at(t)], u)), 0), ITEMS_A_LIST)
        ids.append(np.uint64(first) + np.arange(size, dtype=np.uint64))
        created.append(np.full(size, t))
        k += 1
    return np.concatenate([np.empty(0, np.uint64), *ids]), np.concatenate([np.empty(0), *created])
