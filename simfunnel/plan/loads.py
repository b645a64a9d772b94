"""Work that comes in beside the hours that are there, with what goes cold before it is served."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from simfunnel.arrays import Bools, Floats
from simfunnel.distributions import NEVER, cdf, mean, quantile_of, sd
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import Frame
from simfunnel.plan.model import BATCH, NO_POOL, TO_NURTURE, Phase, Way
from simfunnel.plan.pools import Headcount
from simfunnel.plan.today.stream import Stream
from simfunnel.theory.selection import Population, accepted, hermite, pass_shares
from simfunnel.theory.waterfall import visits_with_limit

HOUR_H, WEEKS = 1.0 / 3.0, 4  # leads are looked at every 20 minutes of four weeks
WEEK_H, MINUTES = 168.0, 60.0
_DELAYS = tuple((i + 0.5) / 12 for i in range(12))  # quantiles that stand for a delay


class Cold(NamedTuple):
    """[channels] shares of the leads that lose patience before they can be called, by hand-off and closed hours."""

    share: Floats
    closed: Floats  # the same if the hand-off took no time


def cold_before_call(phase: Phase, calendars: tuple[tuple[Floats, Floats], ...], profiles: Floats, rows: list[int],
                     first_h: float, monday_h: float) -> Cold:  # fmt: skip
    """Return what patience, hand-off and opening hours say of each channel's leads, apart from any queue.

    `profiles` [n, 10080] by local minute from Monday, `rows` [channels] of it; leads come in four weeks from `first_h`;
    `monday_h` is any Monday's midnight.
    """
    found = np.zeros((2, len(phase.patience)))
    for channel, patience in enumerate(phase.patience):
        home = int(phase.home_pool[channel, 0])
        if patience.family == NEVER or home == NO_POOL:
            continue
        at = first_h + HOUR_H * (np.arange(WEEKS * WEEK_H / HOUR_H) + 0.5)
        minute = ((at - monday_h) % WEEK_H * MINUTES).astype(np.int64)
        weights = profiles[rows[channel]][minute]
        opens, closes = calendars[phase.pools[home].calendar]
        for row, way in enumerate((phase.handoff[channel], None)):
            arrived = _arrived(way, at, opens, closes)
            next_opening = np.append(opens, np.inf)[np.searchsorted(closes, arrived, side="right")]
            waits = np.maximum(arrived, next_opening) - at
            found[row, channel] = float((cdf(patience, waits) * weights).sum() / (weights.sum() * len(waits)))
    return Cold(*found)


def _arrived(way: Way | None, at: Floats, opens: Floats, closes: Floats) -> Floats:
    """[delays, leads] hours at which hand-offs arrive, the delays equally likely."""
    if way is None or (way.way != BATCH and way.delay.family == NEVER):
        return at[None, :]
    if way.way == BATCH:
        following = np.searchsorted(way.batch_h, at)
        return np.append(way.batch_h, np.inf)[following][None, :]
    delays = np.array([quantile_of(way.delay, share) for share in _DELAYS])[:, None]
    if not way.delay.working or not len(opens):
        return np.asarray(at + delays)
    before = np.concatenate([[0.0], np.cumsum(closes - opens)])  # open hours up to each opening
    last = np.searchsorted(opens, at, side="right") - 1
    used = np.where(last >= 0, before[last] + np.minimum(at, closes[last]) - opens[last], 0.0) + delays
    place = np.clip(np.searchsorted(before, used, side="left") - 1, 0, len(opens) - 1)
    return np.where(delays > 0.0, opens[place] + used - before[place], at)


_LIFT_NODES = 16


class PoolLoad(NamedTuple):
    """Work and time of one pool over the reported days of one phase, in hours of effort."""

    pool: str
    phase: int
    work_h: float
    endless_h: float  # of this, work of leads that never leave the queue
    time_h: float  # selling time of all reps; inf when unlimited
    heads: float  # mean headcount in full productivity; inf when unlimited
    new_leads: float  # first contacts that join

    @property
    def load(self) -> float:
        """Share of the time that the work takes; above 1 the queue grows."""
        return self.work_h / self.time_h if self.time_h > 0.0 else (np.inf if self.work_h > 0.0 else 0.0)

    @property
    def endless_load(self) -> float:
        """The same of work that never leaves the queue."""
        return self.endless_h / self.time_h if self.time_h > 0.0 else (np.inf if self.endless_h > 0.0 else 0.0)


class Flow(NamedTuple):
    """Per lead of each channel in one phase; arrays [channels] or [channels, stages]."""

    contacts: Floats  # first contacts that join the queue, all passes
    first_contacts: Floats  # of these, of the first pass
    accepted: Floats  # share of contacts accepted
    decisions: Floats  # decisions per contact


def pool_loads(
    frame: Frame,
    phases: tuple[Phase, ...],
    arrivals: Arrivals,
    counts: dict[str, Headcount],
    intercepts: tuple[float, ...],
) -> list[PoolLoad]:
    """Return the load of every pool in every phase that has reported days."""
    found = []
    for index, phase in enumerate(phases):
        first, last = max(0, frame.starts[index]), frame.end_of(index)
        if first >= last:
            continue
        scenario = frame.scenarios[index]
        leads = np.array([arrivals.expected_leads(name, scenario, first, last) for name in frame.channels])
        flow = flow_of(phase, intercepts)
        times = [_time(frame, index, phase, at, counts[name]) for at, name in enumerate(frame.pools)]
        # the share of first contacts that a busy first team gets to before leads with patience go cold
        served = np.ones(len(leads))
        for at, (time, _) in enumerate(times):
            asked = float(leads @ _work(phase, at, flow, np.ones(len(leads)))[0])
            if asked > time:
                served[phase.home_pool[:, 0] == at] = time / asked
        served[_endless(phase)] = 1.0
        for at, name in enumerate(frame.pools):
            if name in scenario.pools:
                work, endless = _work(phase, at, flow, served)
                joins = np.where(phase.home_pool[:, 0] == at, flow.contacts, 0.0)
                found.append(
                    PoolLoad(name, index, float(leads @ work), float(leads @ endless), *times[at], float(leads @ joins))
                )
    return found


def flow_of(phase: Phase, intercepts: tuple[float, ...]) -> Flow:
    """Return how many contacts and decisions a lead of each channel makes in a phase, on average."""
    r, r_a = phase.r_score, phase.r_assessment
    leads = Population(
        np.ones(len(phase.quality_mean)),
        phase.quality_mean,
        phase.score_bias,
        phase.threshold,
        r,
        r_a,
        r * r_a + phase.a_score * float(np.sqrt(max(0.0, 1.0 - r**2))),
        phase.score_mean,
        phase.score_per_unit,
    )
    passing = pass_shares(leads)
    passed = np.maximum(passing, 1e-300)
    skills = [
        [phase.pools[p].skill_log_odds[c] if p != NO_POOL else 0.0 for p in homes]
        for c, homes in enumerate(phase.home_pool.tolist())
    ]
    slopes, visits = [stage.log_quality_odds for stage in phase.stages], [stage.visit for stage in phase.stages]
    stream = Stream(accepted(leads, phase.cut if phase.accepts else -inf), slopes, visits, np.array(skills))
    share = entering = stream.weights.sum(axis=1) / passed
    decisions, falling = [], np.zeros(len(passing))
    for k, visit in enumerate(visits):
        stream.advance(k, intercepts[k])
        going, meeting = stream.weights.sum(axis=1) / passed, entering * visit.met
        advance = np.divide(going, meeting, out=np.zeros_like(meeting), where=meeting > 0.0)
        decisions.append(meeting / np.maximum(1.0 - visit.again(advance), 1e-9))
        falling += decisions[-1] * (1.0 - advance) * visit.nurture_below
        entering = going
    rejected = (1.0 - share) * (visits[0].met if phase.rejected_to == TO_NURTURE else 0.0)
    first, every = _passes(phase, leads, passing, falling + rejected)
    kept = 1.0 - np.array([way.leak for way in phase.handoff])
    return Flow(every * kept, first * kept, share, np.array(decisions).T.reshape(len(passing), len(phase.stages)))


def _passes(phase: Phase, leads: Population, passing: Floats, to_nurture: Floats) -> tuple[Floats, Floats]:
    """[channels] passes per lead: the first, and all with returns from nurture."""
    if not phase.nurtures:
        return passing, passing
    lift = mean(phase.score_lift) / phase.score_per_unit
    spread = sd(phase.score_lift) / phase.score_per_unit
    centre = phase.r_score * leads.quality - leads.bar
    stay, below, near = _returns(centre, lift, spread, phase.near_miss / phase.score_per_unit)
    entering = np.zeros(len(passing))
    if phase.near_miss_to == TO_NURTURE:
        entering += near
    if phase.below_to == TO_NURTURE:
        entering += np.maximum(1.0 - passing - near, 0.0)
    late = entering * (1.0 - phase.opt_out) * below
    again = np.clip(to_nurture * (1.0 - phase.opt_out) * stay, 0.0, 1.0)
    visits = np.array([visits_with_limit(float(p), phase.cycles) for p in again])
    return passing, (passing + late) * visits


def _returns(centre: Floats, lift: float, spread: float, near_miss: float) -> tuple[Floats, Floats, Floats]:
    """Shares that reach the bar after a lift, of those above it and of near misses before; the share of near misses.

    `centre` is the mean score above the bar in units of the score's sd.
    """
    nodes = hermite(_LIFT_NODES)
    moved = lift + spread * nodes.at
    near = ndtr(centre + near_miss) - ndtr(centre)
    above = np.zeros_like(centre)
    risen = np.zeros_like(centre)
    for step, weight in zip(moved.tolist(), nodes.weights.tolist(), strict=True):
        above += weight * ndtr(centre + min(step, 0.0))
        risen += weight * (ndtr(centre + min(max(step, 0.0), near_miss)) - ndtr(centre))
    stay = np.divide(above, ndtr(centre), out=np.zeros_like(centre), where=ndtr(centre) > 1e-300)
    return stay, np.divide(risen, near, out=np.zeros_like(centre), where=near > 1e-300), near


def _time(frame: Frame, index: int, phase: Phase, pool: int, count: Headcount) -> tuple[float, float]:
    """(selling hours of all reps over the reported days of a phase, mean headcount in full productivity)."""
    rules = phase.pools[pool]
    if rules.unlimited:
        return inf, inf
    first, last = max(0, frame.starts[index]), frame.end_of(index)
    scenario = frame.with_pool(index, frame.pools[pool])
    open_h = frame.calendars.open_hours(scenario.calendar_of(frame.pools[pool]), first, last)
    heads = float(count.daily(first, last)[1].mean())
    return heads * open_h * rules.selling_time, heads


def _work(phase: Phase, pool: int, flow: Flow, served: Floats) -> tuple[Floats, Floats]:
    """[channels] hours of effort per lead in a pool: all, and of leads that never leave the queue.

    `served` is the share of contacts that reaches pools behind the first one.
    """
    first = phase.home_pool[:, 0] == pool
    tasks = np.concatenate([np.ones((len(first), 1)), flow.decisions[:, 1:]], axis=1)
    work = np.where(pool == phase.home_pool.T, task_hours(phase, flow) * tasks.T, 0.0).sum(axis=0)
    reached = np.where(first, 1.0, served)
    return work * flow.contacts * reached, work * np.where(_endless(phase), flow.first_contacts, 0.0)


def task_hours(phase: Phase, flow: Flow) -> Floats:
    """Return [stages, channels] hours of effort that the home team spends: of a first contact, with its stage and every
    return to it, and of a decision at each later stage, with no-shows before it."""
    found = np.zeros((len(phase.stages), len(phase.patience)))
    for k, stage in enumerate(phase.stages):
        visit = stage.visit
        nobody = visit.no_shows * visit.no_show_effort
        for c, home in enumerate(phase.home_pool[:, k].tolist()):
            if home == NO_POOL:
                continue
            rules = phase.pools[home]
            here = float(rules.skill_time[c] * rules.own_time[c]) * mean(stage.effort)
            found[k, c] = here * (1.0 + nobody)
            if k == 0:
                rejected = (1.0 - float(flow.accepted[c])) * (
                    phase.acceptance_share * here if phase.acceptance_share >= 0.0 else mean(phase.acceptance_effort)
                )
                found[k, c] = here * (float(flow.decisions[c, 0]) + visit.met * nobody) + visit.met * rejected
    return found


def _endless(phase: Phase) -> Bools:
    """[channels] whether first contacts wait without end: no patience, and no limit to their queue."""
    waits = np.array([patience.family == NEVER for patience in phase.patience])
    limited = [home != NO_POOL and phase.pools[home].queue_limit >= 0 for home in phase.home_pool[:, 0].tolist()]
    return np.asarray(waits & ~np.array(limited, dtype=np.bool_))
