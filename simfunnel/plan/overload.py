"""Which teams cannot keep up, when, and what piles up: judged from week to week, the run-in included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil, inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simfunnel.plan.backlog import Backlog, backlogs
from simfunnel.plan.frame import Frame
from simfunnel.scenario.checks.loads import Overload

if TYPE_CHECKING:
    from simfunnel.plan.arrivals import Arrivals
    from simfunnel.plan.model import Phase
    from simfunnel.plan.roster import Headcount

Floats = NDArray[np.float64]

MONTH = 365.0 / 12.0
WEEK = 7.0
LONG = 28  # days for which a team has to fall behind
COLD = 0.2  # share of a team's leads that goes cold for want of its time
AHEAD = 91  # days after a queue whose time says how long the queue takes


def overloads(
    frame: Frame,
    phases: tuple[Phase, ...],
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    intercepts: tuple[float, ...],
    reached: Floats,
) -> list[Overload]:
    """Every team that piles up a queue of more than a month in the run-in, or falls behind in the period."""
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
    if queue.waiting[end] >= 1.0 and weeks > MONTH / WEEK:
        yield _told(frame, queue, "run-in", _growing_since(queue, end), end, weeks)


def _within(frame: Frame, queue: Backlog) -> Iterator[Overload]:
    """The period as a whole, if the team cannot do the work that comes; else the part of it that piles a queue up."""
    first, last = int(np.searchsorted(queue.edges, 0)), len(queue.comes) - 1
    if _short(queue, first, last) and (_piled(queue, first, last, WEEK) or _cold(queue, first, last)):
        since = first if _cold(queue, first, last) else max(first, _growing_since(queue, last))
        yield _told(frame, queue, "behind", since, last, _weeks(queue, last))
        return
    top = first + int(np.argmax(queue.waiting_h[first:]))
    since, at_end = max(first, _growing_since(queue, top)), queue.edges[top + 1] > queue.edges[-1] - LONG
    if top > since and _piled(queue, since, top, WEEK if at_end else MONTH):
        yield _told(frame, queue, "behind" if at_end else "peak", since, top, _weeks(queue, top))
        return
    parts = [part for part in _parts(queue, first) if _cold(queue, *part)]
    if parts:
        since, top = max(parts, key=lambda part: queue.edges[part[1] + 1] - queue.edges[part[0]])
        yield _told(frame, queue, "peak", since, top, _weeks(queue, top))


def _short(queue: Backlog, first: int, last: int) -> bool:
    """Whether the work of some spans exceeds their time."""
    spans = slice(first, last + 1)
    return bool(queue.comes[spans].sum() >= 1.0 and queue.work_h[spans].sum() > queue.time_h[spans].sum() * (1 + 1e-9))


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
    weekly = float(queue.time_h[after].sum()) / float(np.diff(queue.edges)[after].sum()) * WEEK
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
