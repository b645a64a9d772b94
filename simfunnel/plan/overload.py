"""Overload, phase by phase: which pool or stage gets more than it can do, and what piles up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil, inf
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.distributions import NEVER, Dist, mean, quantile_of
from simfunnel.plan import model
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import Frame
from simfunnel.plan.loads import Flow, flow_of, task_hours
from simfunnel.plan.pools import Headcount
from simfunnel.scenario.checks.pools import Overload

DAY_H, WEEK = 24.0, 7
_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles that stand for a waiting time


class Backlog(NamedTuple):
    """A pool's, or a team's, work and queue over spans of days; arrays [spans], the last four at its end or over it."""

    pool: str
    team: str  # the channel of the team; empty: the whole pool
    first: bool  # it takes first contacts
    edges: Ints  # [spans + 1] days from the period's start
    heads: Floats  # on the headcount, mean
    time_h: Floats  # selling time in hours of effort; inf when unlimited
    work_h: Floats  # of what becomes ready
    comes: Floats  # tasks that become ready
    waiting_h: Floats
    waiting: Floats  # tasks
    cold: Floats  # tasks whose lead gave up


class _Desk(NamedTuple):
    """Who has a queue: a pool, or a team of a pool whose teams never help each other."""

    pool: int
    team: int  # the channel of the team; -1: the whole pool

    def works(self, home: Ints) -> Bools:
        """Return [..., channels] which homes (of channels, at stages) are this desk's."""
        mine = np.ones(home.shape[-1], dtype=np.bool_) if self.team < 0 else np.arange(home.shape[-1]) == self.team
        return np.asarray((home == self.pool) & mine)


class _Rules(NamedTuple):
    """What one phase says; arrays [stages, channels]."""

    phase: model.Phase
    contacts: Floats  # [channels] first contacts per lead
    onward: Floats  # tasks at the next stage per task here
    hours: Floats  # effort of a task
    home: Ints
    first_wait: list[Floats]  # [channels] days from a lead's start to the queue, equally likely
    waits: list[Floats]  # [stages] days of customer time before the task, equally likely; none: for ever
    patience: Floats  # [channels] days, inf: for ever


def backlogs(
    frame: Frame,
    phases: tuple[model.Phase, ...],
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    intercepts: tuple[float, ...],
    opening: list[tuple[int, int, int]],
    reached: Floats,
) -> list[Backlog]:
    """Return the backlog of every pool, by teams where these never help each other in some phase.

    `opening`: (channel, stage, count) of leads that are open at the start; `reached` [phases, channels]: share of leads
    that can be called before they lose patience, if nobody else waits.
    """
    # spans of a week at most: they begin with weeks and phases, and whenever a headcount changes
    first, last = frame.first_day, frame.last_day
    changes = [rep.joins for count in counts.values() for rep in count.reps]
    changes += [rep.leaves for count in counts.values() for rep in count.reps if rep.leaves is not None]
    weeks = [*range(0, first, -WEEK), *range(0, last, WEEK)]
    days = np.unique(np.array([first, last, *weeks, *frame.starts, *changes], dtype=np.int64))
    edges = days[(days >= first) & (days <= last)]
    flows = [flow_of(phase, intercepts) for phase in phases]
    flows = [flow._replace(contacts=flow.contacts * some) for flow, some in zip(flows, reached, strict=True)]
    rules = [_rules(frame, phase, flow) for phase, flow in zip(phases, flows, strict=True)]
    of_span = np.searchsorted(np.array(frame.starts), edges[:-1], side="right") - 1
    starts = edges[:-1] - frame.first_day
    by_phase = np.array(
        [
            [np.add.reduceat(arrivals.daily_leads(name, scenario), starts) for name in frame.channels]
            for scenario in frame.scenarios
        ]
    ).reshape(len(frame.scenarios), len(frame.channels), len(starts))
    leads = np.asarray(by_phase[of_span, :, np.arange(len(starts))])
    desks: list[_Desk] = []
    for pool in range(len(frame.pools)):
        served = np.flatnonzero(np.any([(phase.home_pool == pool).any(axis=1) for phase in phases], axis=0))
        split = any(_split(phase.pools[pool]) for phase in phases)
        desks += [_Desk(pool, channel) for channel in served.tolist()] if split else [_Desk(pool, -1)]
    heads, time = _times(frame, phases, counts, edges, of_span, desks)
    due = np.zeros((len(edges), len(frame.stages), len(frame.channels)))  # the last: after the end
    for channel, stage, count in opening:
        waits = rules[0].waits[stage] if stage else np.zeros(len(_SHARES))
        for span in _later(edges, -1, edges[0] + waits).tolist():
            due[span, stage, channel] += count / len(_SHARES)
    return _flowed(frame, rules, of_span, edges, leads, heads, time, due, desks)


def _flowed(
    frame: Frame,
    rules: list[_Rules],
    of_span: Ints,
    edges: Ints,
    leads: Floats,
    heads: Floats,
    time: Floats,
    due: Floats,
    desks: list[_Desk],
) -> list[Backlog]:
    shape = (len(desks), len(edges) - 1)
    work, comes, waiting_h, waiting, cold = (np.zeros(shape) for _ in range(5))
    queue = np.zeros(due.shape[1:])
    for s, phase in enumerate(of_span.tolist()):
        now, middle, days = rules[phase], (edges[s] + edges[s + 1]) / 2.0, float(edges[s + 1] - edges[s])
        for channel, first_waits in enumerate(now.first_wait):
            some = leads[s, channel] * now.contacts[channel] / len(first_waits)
            for span in _later(edges, s - 1, middle + first_waits).tolist():
                due[span, 0, channel] += some
        queue += due[s]
        for at, desk in enumerate(desks):
            here = desk.works(now.home)
            work[at, s], comes[at, s] = (due[s] * now.hours)[here].sum(), due[s][here].sum()
        served = _done(queue, now, desks, time[:, s])
        queue = np.maximum(queue - served, 0.0)
        gone = _gone(queue[0], now, days, desks)
        queue[0] -= gone
        for stage in range(len(served) - 1):
            for span in _later(edges, s, middle + now.waits[stage + 1]).tolist():
                due[span, stage + 1] += served[stage] * now.onward[stage] / len(_SHARES)
        for at, desk in enumerate(desks):
            here = desk.works(now.home)
            waiting_h[at, s], waiting[at, s] = (queue * now.hours)[here].sum(), queue[here].sum()
            cold[at, s] = gone[here[0]].sum()
    shares = _shares(work, rules, of_span, desks)
    columns = np.array([heads * shares, time * shares, work, comes, waiting_h, waiting, cold])
    teams = ["" if desk.team < 0 else frame.channels[desk.team] for desk in desks]
    first = [any(desk.works(each.home[0]).any() for each in rules) for desk in desks]
    return [Backlog(frame.pools[d.pool], teams[k], first[k], edges, *columns[:, k]) for k, d in enumerate(desks)]


def _split(pool: model.PoolRules) -> bool:
    """Whether a pool's teams work for themselves alone."""
    never = pool.overflow_after.family == NEVER
    return pool.structure == model.DEDICATED or (pool.structure == model.HYBRID and never)


def _done(queue: Floats, now: _Rules, desks: list[_Desk], time: Floats) -> Floats:
    """[stages, channels] tasks done in the hours that each desk has; teams of a phase that is not split share them."""
    done = np.where(now.home == model.NO_POOL, queue, 0.0)
    for desk, hours in zip(desks, time.tolist(), strict=True):
        pool, here = now.phase.pools[desk.pool], desk.works(now.home)
        line = here if _split(pool) else now.home == desk.pool
        done += np.where(here, _served(np.where(line, queue, 0.0), now.hours, pool, hours), 0.0)
    return done


def _shares(work: Floats, rules: list[_Rules], of_span: Ints, desks: list[_Desk]) -> Floats:
    """[desks, spans] part of a desk's hours that are its own: all, or by work where its pool is not split yet."""
    found = np.ones_like(work)
    for at, desk in enumerate(desks):
        split = np.array([desk.team < 0 or _split(each.phase.pools[desk.pool]) for each in rules])[of_span]
        together = work[[other.pool == desk.pool for other in desks]].sum(axis=0)
        found[at] = np.where(split | (together <= 0.0), 1.0, work[at] / np.maximum(together, 1e-300))
    return found


def _served(queue: Floats, hours: Floats, pool: model.PoolRules, time: float) -> Floats:
    """[stages, channels] tasks done in so many hours, in the order of the pool."""
    groups = [np.arange(len(queue)) > 0, np.arange(len(queue)) == 0]
    if pool.open_deals == model.OPEN_DEALS_LAST:
        groups.reverse()
    elif pool.open_deals != model.OPEN_DEALS_FIRST:
        groups = [np.ones(len(queue), dtype=np.bool_)]
    done = np.zeros_like(queue)
    for group in groups:
        asked = np.where(group[:, None], queue, 0.0)
        needed = float((asked * hours).sum())
        done += asked * (1.0 if needed <= time else time / needed)
        time = max(0.0, time - needed)
    return done


def _gone(waiting: Floats, now: _Rules, days: float, desks: list[_Desk]) -> Floats:
    """[channels] first contacts that go cold or find no place in a span."""
    gone = waiting * -np.expm1(-days / np.maximum(now.patience, 1e-9))
    lines = {desk if _split(now.phase.pools[desk.pool]) else _Desk(desk.pool, -1): None for desk in desks}
    for desk in lines:
        pool = now.phase.pools[desk.pool]
        left = np.where(desk.works(now.home[0]), waiting - gone, 0.0)
        if 0 <= pool.queue_limit < left.sum():
            gone = gone + left * (1.0 - pool.queue_limit / left.sum())
    return gone


def _later(edges: Ints, after: int, days: Floats) -> Ints:
    """The spans in which tasks become ready that are ready on some days, later than the span `after`."""
    return np.maximum(after + 1, np.searchsorted(edges, days, side="right") - 1)


def _times(
    frame: Frame,
    phases: tuple[model.Phase, ...],
    counts: dict[str, Headcount],
    edges: Ints,
    of_span: Ints,
    desks: list[_Desk],
) -> tuple[Floats, Floats]:
    """[desks, spans] heads, and selling hours (inf where unlimited); of the whole pool where teams are not split."""
    heads, time = (np.zeros((len(desks), len(edges) - 1)) for _ in range(2))
    starts, spans = edges[:-1] - frame.first_day, np.arange(len(edges) - 1)
    for at, desk in enumerate(desks):
        name = frame.pools[desk.pool]
        there, hours = (np.zeros((len(phases), len(spans))) for _ in range(2))
        for index, phase in enumerate(phases):
            pool = phase.pools[desk.pool]
            count = counts[name]
            if desk.team >= 0 and _split(pool):
                count = Headcount([rep for rep in count.reps if pool.team_of[rep.position] == desk.team])
            present, productive = count.daily(frame.first_day, frame.last_day)
            opened = frame.calendars.daily_open_hours(frame.with_pool(index, name).calendar_of(name))
            there[index] = np.add.reduceat(present, starts) / np.diff(edges)
            hours[index] = inf if pool.unlimited else np.add.reduceat(productive * opened, starts) * pool.selling_time
        heads[at], time[at] = there[of_span, spans], hours[of_span, spans]
    return heads, time


def _rules(frame: Frame, phase: model.Phase, flow: Flow) -> _Rules:
    decisions = np.concatenate([np.ones((len(flow.contacts), 1)), flow.decisions[:, 1:]], axis=1)
    onward = np.divide(decisions[:, 1:], decisions[:, :-1], out=np.zeros_like(decisions[:, 1:]),
                       where=decisions[:, :-1] > 0.0)  # fmt: skip
    stretch = [_stretch(frame, phase, stage) for stage in range(len(phase.stages))]
    waits = [
        np.empty(0) if rule.wait.family == NEVER else _days(rule.wait, each) + _way_days(rule.handoff, each)
        for rule, each in zip(phase.stages, stretch, strict=True)
    ]
    patience = [inf if each.family == NEVER else mean(each) / DAY_H for each in phase.patience]
    return _Rules(
        phase,
        flow.contacts,
        np.concatenate([onward.T, np.zeros((1, len(flow.contacts)))]),
        task_hours(phase, flow),
        np.asarray(phase.home_pool.T),
        [_way_days(way, stretch[0]) for way in phase.handoff],
        waits,
        np.array(patience),
    )


def _stretch(frame: Frame, phase: model.Phase, stage: int) -> float:
    """Elapsed hours per working hour of the first pool that works a stage."""
    home = [pool for pool in phase.home_pool[:, stage].tolist() if pool != model.NO_POOL]
    if not home:
        return 1.0
    opens, closes = frame.calendars.rows[phase.pools[home[0]].calendar]
    return float((closes[-1] - opens[0]) / max((closes - opens).sum(), 1e-9)) if len(opens) else 1.0


def _days(dist: Dist, stretch: float) -> Floats:
    """Days that stand for a duration, equally likely."""
    hours = np.array([quantile_of(dist, share) for share in _SHARES])
    return hours * (stretch if dist.working else 1.0) / DAY_H


def _way_days(way: model.Way, stretch: float) -> Floats:
    """Days that a hand-off takes; a batch counts as half of the mean time between two."""
    if way.way != model.BATCH:
        return _days(way.delay, stretch)
    gap = float(np.diff(way.batch_h).mean()) / 2.0 if len(way.batch_h) > 1 else 0.0
    return np.full(len(_SHARES), gap / DAY_H)


MONTH = 365.0 / 12.0
WEEK_DAYS = 7.0
LONG = 28  # days for which a team has to fall behind
COLD = 0.2  # share of a team's leads that goes cold for want of its time
AHEAD = 91  # days after a queue whose time says how long the queue takes


def overloads(
    frame: Frame,
    phases: tuple[model.Phase, ...],
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    intercepts: tuple[float, ...],
    reached: Floats,
) -> list[Overload]:
    """Return every team that piles up a queue of more than a month in the run-in, or falls behind in the period."""
    opening = [
        (frame.channels.index(row.channel), frame.stages.index(row.stage), row.count)
        for row in frame.base.opening_pipeline or ()
    ]
    found: list[Overload] = []
    for each in backlogs(frame, phases, arrivals, counts, intercepts, opening, reached):
        if np.isfinite(each.time_h).any():
            found += _before(frame, each)
            found += _within(frame, each)
    return found


def _before(frame: Frame, queue: Backlog) -> Iterator[Overload]:
    """The run-in's queue, if it is more than a month of the team's work when the period begins."""
    end = int(np.searchsorted(queue.edges, 0)) - 1
    if end < 0:
        return
    weeks = _weeks(queue, end)
    if queue.waiting[end] >= 1.0 and weeks > MONTH / WEEK_DAYS:
        yield _told(frame, queue, "run-in", _growing_since(queue, end), end, weeks)


def _within(frame: Frame, queue: Backlog) -> Iterator[Overload]:
    """The period as a whole, if the team cannot do the work that comes; else the part of it that piles a queue up."""
    first, last = int(np.searchsorted(queue.edges, 0)), len(queue.comes) - 1
    spans = slice(first, last + 1)
    short = queue.comes[spans].sum() >= 1.0 and queue.work_h[spans].sum() > queue.time_h[spans].sum() * (1 + 1e-9)
    if short and (_piled(queue, first, last, WEEK_DAYS) or _cold(queue, first, last)):
        since = first if _cold(queue, first, last) else max(first, _growing_since(queue, last))
        yield _told(frame, queue, "behind", since, last, _weeks(queue, last))
        return
    top = first + int(np.argmax(queue.waiting_h[first:]))
    since, at_end = max(first, _growing_since(queue, top)), queue.edges[top + 1] > queue.edges[-1] - LONG
    if top > since and _piled(queue, since, top, WEEK_DAYS if at_end else MONTH):
        yield _told(frame, queue, "behind" if at_end else "peak", since, top, _weeks(queue, top))
        return
    parts = [part for part in _parts(queue, first) if _cold(queue, *part)]
    if parts:
        since, top = max(parts, key=lambda part: queue.edges[part[1] + 1] - queue.edges[part[0]])
        yield _told(frame, queue, "peak", since, top, _weeks(queue, top))


def _piled(queue: Backlog, first: int, last: int, days: float) -> bool:
    """Whether the queue grows over some spans by more than the work of so many days."""
    grown = queue.waiting_h[last] - (queue.waiting_h[first - 1] if first else 0.0)
    daily = queue.time_h[first : last + 1].sum() / float(queue.edges[last + 1] - queue.edges[first])
    return bool(grown > daily * days and queue.waiting[last] >= 1.0)


def _cold(queue: Backlog, first: int, last: int) -> bool:
    """Whether many of a team's leads go cold over some spans for want of its time."""
    spans = slice(first, last + 1)
    return bool(queue.cold[spans].sum() > COLD * queue.comes[spans].sum())


def _parts(queue: Backlog, first: int) -> list[tuple[int, int]]:
    """Runs of spans from `first` on, eight weeks or longer, in which work exceeds time in every four weeks."""
    whole = max(1, int(queue.edges[-1] - queue.edges[first]) // LONG)
    months = np.minimum((queue.edges[first:-1] - queue.edges[first]) // LONG, whole - 1)
    work, time = (np.bincount(months, weights=each[first:]) for each in (queue.work_h, queue.time_h))
    short = np.concatenate([[False], (work > time)[months], [False]])
    edges = np.flatnonzero(short[1:] != short[:-1])
    runs = [(first + int(a), first + int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in runs if queue.edges[b + 1] - queue.edges[a] >= 2 * LONG]


def _growing_since(queue: Backlog, end: int) -> int:
    """The span from which on the queue that stands at the end of `end` grew from next to nothing."""
    small = np.flatnonzero(queue.waiting[: end + 1] <= 0.01 * queue.waiting[end])
    since = int(small[-1]) + 1 if len(small) else 0
    while since > 0 and queue.work_h[since - 1] > queue.time_h[since - 1]:
        since -= 1
    return since


def _weeks(queue: Backlog, end: int) -> float:
    """Weeks that the queue at the end of a span takes by the time the team has from then on, at most 13 weeks ahead."""
    after = (queue.edges[:-1] >= queue.edges[end + 1]) & (queue.edges[:-1] < queue.edges[end + 1] + AHEAD)
    if not after.any():
        after = (queue.edges[1:] > queue.edges[end + 1] - AHEAD) & (np.arange(len(after)) <= end)
    weekly = float(queue.time_h[after].sum()) / float(np.diff(queue.edges)[after].sum()) * WEEK_DAYS
    return float(queue.waiting_h[end]) / weekly if weekly > 0.0 else inf


def _told(frame: Frame, queue: Backlog, kind: str, first: int, last: int, weeks: float) -> Overload:
    spans, days = slice(first, last + 1), np.diff(queue.edges)
    length = float(days[spans].sum())
    work, time = float(queue.work_h[spans].sum()), float(queue.time_h[spans].sum())
    heads = float((queue.heads[spans] * days[spans]).sum()) / length
    before = queue.waiting[first - 1] if first else 0.0
    load = work / time if time > 0.0 else inf
    start = frame.base.start
    return Overload(
        queue.pool,
        kind,
        (start + timedelta(days=int(queue.edges[first]))).isoformat(),
        (start + timedelta(days=int(queue.edges[last + 1]) - 1)).isoformat(),
        load,
        heads,
        float(queue.waiting[last]),
        weeks,
        float(queue.waiting[last] - before) / length * MONTH,
        float(queue.cold[spans].sum()) / length * MONTH if queue.first else 0.0,
        ceil(heads * load * 1.02) if 0.0 < load < inf and heads > 0.0 else 0,
        queue.first,
        queue.team,
    )
