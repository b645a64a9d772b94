"""How much work waits for each pool, week by week from the run-in's start: an estimate by integrals.

Leads flow as `loads.flow_of` says, wait for customers as long as typed, and are served while there is selling time; who
has patience goes cold while waiting. Chance is left out: a queue here is one that no luck avoids.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import NEVER, Dist, mean, quantile_of
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import Frame
from simfunnel.plan.loads import Flow, flow_of, task_hours
from simfunnel.plan.model import BATCH, NO_POOL, OPEN_DEALS_FIRST, OPEN_DEALS_LAST, Phase, PoolRules, Way
from simfunnel.plan.roster import Headcount

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_H, WEEK = 24.0, 7
_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles that stand for a waiting time


class Backlog(NamedTuple):
    """One pool's work and queue over spans of days; arrays [spans], of the last four at the span's end or over it."""

    pool: str
    first: bool  # it takes first contacts
    edges: Ints  # [spans + 1] days from the period's start
    heads: Floats  # on the headcount, mean
    time_h: Floats  # selling time in hours of effort; inf when unlimited
    work_h: Floats  # of what becomes ready
    comes: Floats  # tasks that become ready
    waiting_h: Floats
    waiting: Floats  # tasks
    cold: Floats  # tasks whose lead gave up


class _Rules(NamedTuple):
    """What one phase says; arrays [stages, channels]."""

    phase: Phase
    contacts: Floats  # [channels] first contacts per lead
    onward: Floats  # tasks at the next stage per task here
    hours: Floats  # effort of a task
    home: Ints
    first_wait: list[Floats]  # [channels] days from a lead's start to the queue, equally likely
    waits: list[Floats]  # [stages] days of customer time before the task, equally likely; none: for ever
    patience: Floats  # [channels] days, inf: for ever


def backlogs(
    frame: Frame,
    phases: tuple[Phase, ...],
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    intercepts: tuple[float, ...],
    opening: list[tuple[int, int, int]],
    reached: Floats,
) -> list[Backlog]:
    """The backlog of every pool.

    `opening`: (channel, stage, count) of leads that are open at the start; `reached` [phases, channels]: share of leads
    that can be called before they lose patience, if nobody else waits.
    """
    edges = _edges(frame, counts)
    flows = [flow_of(phase, intercepts) for phase in phases]
    flows = [flow._replace(contacts=flow.contacts * some) for flow, some in zip(flows, reached, strict=True)]
    rules = [_rules(frame, phase, flow) for phase, flow in zip(phases, flows, strict=True)]
    of_span = np.searchsorted(np.array(frame.starts), edges[:-1], side="right") - 1
    leads = _leads(frame, arrivals, edges, of_span)
    heads, time = _times(frame, phases, counts, edges, of_span)
    due = np.zeros((len(edges), len(frame.stages), len(frame.channels)))  # the last: after the end
    for channel, stage, count in opening:
        waits = rules[0].waits[stage] if stage else np.zeros(len(_SHARES))
        for span in _later(edges, -1, edges[0] + waits).tolist():
            due[span, stage, channel] += count / len(_SHARES)
    return _flowed(frame, rules, of_span, edges, leads, heads, time, due)


def _flowed(
    frame: Frame,
    rules: list[_Rules],
    of_span: Ints,
    edges: Ints,
    leads: Floats,
    heads: Floats,
    time: Floats,
    due: Floats,
) -> list[Backlog]:
    shape = (len(frame.pools), len(edges) - 1)
    work, comes, waiting_h, waiting, cold = (np.zeros(shape) for _ in range(5))
    queue = np.zeros(due.shape[1:])
    for s, phase in enumerate(of_span.tolist()):
        now, middle, days = rules[phase], (edges[s] + edges[s + 1]) / 2.0, float(edges[s + 1] - edges[s])
        for channel, first_waits in enumerate(now.first_wait):
            some = leads[s, channel] * now.contacts[channel] / len(first_waits)
            for span in _later(edges, s - 1, middle + first_waits).tolist():
                due[span, 0, channel] += some
        queue += due[s]
        served = np.where(now.home == NO_POOL, queue, 0.0)
        for pool in range(shape[0]):
            here = now.home == pool
            work[pool, s], comes[pool, s] = (due[s] * now.hours)[here].sum(), due[s][here].sum()
            served += _served(np.where(here, queue, 0.0), now.hours, now.phase.pools[pool], time[pool, s])
        queue = np.maximum(queue - served, 0.0)
        gone = _gone(queue[0], now, days)
        queue[0] -= gone
        for stage in range(len(served) - 1):
            for span in _later(edges, s, middle + now.waits[stage + 1]).tolist():
                due[span, stage + 1] += served[stage] * now.onward[stage] / len(_SHARES)
        for pool in range(shape[0]):
            here = now.home == pool
            waiting_h[pool, s], waiting[pool, s] = (queue * now.hours)[here].sum(), queue[here].sum()
            cold[pool, s] = gone[here[0]].sum()
    first = [any((each.home[0] == pool).any() for each in rules) for pool in range(shape[0])]
    columns = (heads, time, work, comes, waiting_h, waiting, cold)
    return [Backlog(name, first[at], edges, *(column[at] for column in columns)) for at, name in enumerate(frame.pools)]


def _served(queue: Floats, hours: Floats, pool: PoolRules, time: float) -> Floats:
    """[stages, channels] tasks done in so many hours, in the order of the pool."""
    groups = [np.arange(len(queue)) > 0, np.arange(len(queue)) == 0]
    if pool.open_deals == OPEN_DEALS_LAST:
        groups.reverse()
    elif pool.open_deals != OPEN_DEALS_FIRST:
        groups = [np.ones(len(queue), dtype=np.bool_)]
    done = np.zeros_like(queue)
    for group in groups:
        asked = np.where(group[:, None], queue, 0.0)
        needed = float((asked * hours).sum())
        done += asked * (1.0 if needed <= time else time / needed)
        time = max(0.0, time - needed)
    return done


def _gone(waiting: Floats, now: _Rules, days: float) -> Floats:
    """[channels] first contacts that go cold or find no place in a span."""
    gone = waiting * -np.expm1(-days / np.maximum(now.patience, 1e-9))
    for at, pool in enumerate(now.phase.pools):
        left = np.where(now.home[0] == at, waiting - gone, 0.0)
        if 0 <= pool.queue_limit < left.sum():
            gone = gone + left * (1.0 - pool.queue_limit / left.sum())
    return gone


def _later(edges: Ints, after: int, days: Floats) -> Ints:
    """The spans in which tasks become ready that are ready on some days, later than the span `after`."""
    return np.maximum(after + 1, np.searchsorted(edges, days, side="right") - 1)


def _edges(frame: Frame, counts: dict[str, Headcount]) -> Ints:
    """Days at which spans of a week at most begin: weeks, phases, and whenever a headcount changes; and the end."""
    first, last = frame.first_day, frame.last_day
    changes = [rep.joins for count in counts.values() for rep in count.reps]
    changes += [rep.leaves for count in counts.values() for rep in count.reps if rep.leaves is not None]
    weeks = [*range(0, first, -WEEK), *range(0, last, WEEK)]
    days = np.unique(np.array([first, last, *weeks, *frame.starts, *changes], dtype=np.int64))
    return days[(days >= first) & (days <= last)]


def _leads(frame: Frame, arrivals: Arrivals, edges: Ints, of_span: Ints) -> Floats:
    """[spans, channels] leads expected."""
    starts = edges[:-1] - frame.first_day
    by_phase = np.array(
        [
            [np.add.reduceat(arrivals.daily_leads(name, scenario), starts) for name in frame.channels]
            for scenario in frame.scenarios
        ]
    ).reshape(len(frame.scenarios), len(frame.channels), len(starts))
    return np.asarray(by_phase[of_span, :, np.arange(len(starts))])


def _times(
    frame: Frame, phases: tuple[Phase, ...], counts: dict[str, Headcount], edges: Ints, of_span: Ints
) -> tuple[Floats, Floats]:
    """[pools, spans] heads, and selling hours (inf where unlimited)."""
    heads, time = (np.zeros((len(frame.pools), len(edges) - 1)) for _ in range(2))
    starts = edges[:-1] - frame.first_day
    for at, name in enumerate(frame.pools):
        there, productive = counts[name].daily(frame.first_day, frame.last_day)
        heads[at] = np.add.reduceat(there, starts) / np.diff(edges)
        by_phase = [
            frame.calendars.daily_open_hours(frame.with_pool(index, name).calendar_of(name))
            for index in range(len(phases))
        ]
        selling = np.array([phase.pools[at].selling_time for phase in phases])
        hours = np.array([np.add.reduceat(productive * each, starts) for each in by_phase])
        spans = np.arange(len(starts))
        limited = np.array([not phase.pools[at].unlimited for phase in phases])[of_span]
        time[at] = np.where(limited, hours[of_span, spans] * selling[of_span], inf)
    return heads, time


def _rules(frame: Frame, phase: Phase, flow: Flow) -> _Rules:
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


def _stretch(frame: Frame, phase: Phase, stage: int) -> float:
    """Elapsed hours per working hour of the first pool that works a stage."""
    home = [pool for pool in phase.home_pool[:, stage].tolist() if pool != NO_POOL]
    if not home:
        return 1.0
    opens, closes = frame.calendars.rows[phase.pools[home[0]].calendar]
    return float((closes[-1] - opens[0]) / max((closes - opens).sum(), 1e-9)) if len(opens) else 1.0


def _days(dist: Dist, stretch: float) -> Floats:
    """Days that stand for a duration, equally likely."""
    hours = np.array([quantile_of(dist, share) for share in _SHARES])
    return hours * (stretch if dist.working else 1.0) / DAY_H


def _way_days(way: Way, stretch: float) -> Floats:
    """Days that a hand-off takes; a batch counts as half of the mean time between two."""
    if way.way != BATCH:
        return _days(way.delay, stretch)
    gap = float(np.diff(way.batch_h).mean()) / 2.0 if len(way.batch_h) > 1 else 0.0
    return np.full(len(_SHARES), gap / DAY_H)
