"""The rules of a lead's life as small pure functions, compiled once and called by every engine.

Each reads like the sentence of the model it stands for. Times are hours, shares are in [0, 1], `lead` is the 63-bit
identity of the lead, `row` the CHANNEL record of its channel and `phase` the PHASE record in force. What is drawn is a
function of (seed, replication, lead, purpose, stage, count); `u` is such a draw, and `..._luck` all draws of one step.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from simfunnel import streams
from simfunnel.arrays import Floats, Records
from simfunnel.calendars import add_working, next_open
from simfunnel.distributions import DISCRETE
from simfunnel.distributions.elementary import exp, log
from simfunnel.distributions.quantiles import discrete_quantile, ndtr, ndtri, quantile
from simfunnel.engine.rule_records import Tables
from simfunnel.jit import borrowed, compiled
from simfunnel.ledger import columns as c
from simfunnel.plan.model import BATCH, INSTANT, TO_NURTURE

SHORTEST_TASK_H = 1.0 / 3600.0  # no task takes less than a second of the rep's day
HOURS_A_DAY = 24.0

# which way a fresh score goes
PASSES, NEARLY, TOO_LOW = 0, 1, 2


class PassLuck(NamedTuple):
    """Uniform numbers of the start of a pass."""

    leak: float
    handoff: float
    patience: float


class StayLuck(NamedTuple):
    """Uniform numbers of a stay in nurture."""

    delay: float
    opt_out: float
    lift: float
    quality_lift: float


@compiled(inlined=True)
def draw(tables: Tables, dist: Any, u: float) -> float:
    """Return the value of a DIST at uniform `u`."""
    if dist.family == DISCRETE:
        a, b = dist.first, dist.last
        return discrete_quantile(u, tables.choice_values[a:b], tables.choice_cumulative[a:b])
    return quantile(u, dist.family, dist.a, dist.b, dist.c)


@compiled(inlined=True)
def phase_at(by_phase: Records, t: float) -> int:
    """Return the index of the phase in force at `t`; a switch belongs to the phase that it starts."""
    f: int = by_phase.shape[0] - 1
    while f > 0 and t < by_phase[f].starts:
        f -= 1
    return f


@compiled(inlined=True)
def later(tables: Tables, row: Any, working: bool, t: float, duration: float) -> float:
    """Return `t` plus a duration, elapsed or in working time of the first stage's pool (elapsed when it needs none)."""
    if not working or row.first_open < 0:
        return t + duration
    a, b = row.first_open, row.last_open
    return add_working(tables.opens[a:b], tables.closes[a:b], t, duration)


# ------------------------------------------------------------------ who the lead is


@compiled("float64(float64, float64)")
def quality_of(mean: float, u: float) -> float:
    """Return the true quality Q: the channel's mean plus a standard normal."""
    return mean + ndtri(u)


@compiled(inlined=True)
def first_score(phase: Any, bias: float, quality: float, noise: float) -> float:
    """Return S = mean + points x (r_S Q + sqrt(1 - r_S^2) e_S) + the channel's bias."""
    r = phase.r_score
    return float(phase.score_mean + phase.score_per_unit * (r * quality + math.sqrt(1.0 - r * r) * noise) + bias)


@compiled(inlined=True)
def deal_value(tables: Tables, row: Any, quality: float, u: float) -> float:
    """Return the deal value, F^-1(Phi(c Q~ + sqrt(1 - c^2) e)), Q~ standardised within the channel."""
    coupling = row.value_quality
    if coupling != 0.0:
        z = coupling * (quality - row.quality_mean) + math.sqrt(1.0 - coupling * coupling) * ndtri(u)
        u = min(max(ndtr(z), 1e-16), 1.0 - 1e-16)
    return draw(tables, row.value, u)


@compiled("float64(uint64, uint64, uint64, uint64, float64, float64, float64, float64, float64)")
def assessment(
    seed: int, replication: int, lead: int, pass_: int, quality: float, noise: float, r: float, a: float, n: float
) -> float:
    """Return A = r_A Q + a e_S + n e_A, sales' view of the lead in this pass; e_A is new in each pass."""
    return r * quality + a * noise + n * ndtri(streams.uniform(seed, replication, lead, streams.ASSESSMENT, 0, pass_))


# ------------------------------------------------------------------ qualification, hand-off


@compiled("int64(float64, float64, float64)")
def qualify(score: float, threshold: float, near_miss: float) -> int:
    """Return PASSES at or above the threshold, NEARLY up to `near_miss` points below it, TOO_LOW further below."""
    if score >= threshold:
        return PASSES
    if near_miss > 0.0 and score >= threshold - near_miss:
        return NEARLY
    return TOO_LOW


@compiled(inlined=True)
def handed_off_at(tables: Tables, row: Any, t: float, u: float) -> float:
    """Return when a lead whose pass starts at `t` joins the first queue; a batch takes what was made by its instant."""
    if row.way == INSTANT:
        return t
    if row.way == BATCH:
        at = row.first_batch + np.searchsorted(tables.batch_h[row.first_batch : row.last_batch], t)
        return float(tables.batch_h[at]) if at < row.last_batch else np.inf
    return later(tables, row, row.delay.working, t, draw(tables, row.delay, u))


@compiled
def pass_luck(seed: int, replication: int, lead: int, pass_: int) -> PassLuck:
    """Draw what a pass needs at its start."""
    return PassLuck(
        streams.uniform(seed, replication, lead, streams.LEAK, 0, pass_),
        streams.uniform(seed, replication, lead, streams.HANDOFF, 0, pass_),
        streams.uniform(seed, replication, lead, streams.PATIENCE, 0, pass_),
    )


@compiled(inlined=True)
def pass_from(tables: Tables, luck: PassLuck, pass_: int, channel: int, t: float) -> tuple[int, float, float, float]:
    """Return (pass's end or IN_PROGRESS, joins the queue, gives up, left) of a pass that starts at `t`; nan: not.

    The lead goes cold if nobody has contacted it by the time it gives up, in the hand-off too.
    """
    f = phase_at(tables.by_phase, t)
    row = tables.by_channel[f, channel]
    if luck.leak < row.leak:
        return c.P_LEAKED, np.nan, np.nan, t
    joins = handed_off_at(tables, row, t, luck.handoff)
    patience = row.patience if pass_ == 1 else tables.by_phase[f].nurture_patience
    gives_up = later(tables, row, patience.working, t, draw(tables, patience, luck.patience))
    if gives_up < joins:
        if gives_up < tables.end_h:
            return c.P_COLD, np.nan, gives_up, gives_up
        return c.IN_PROGRESS, np.nan, gives_up, np.nan
    if joins >= tables.end_h:
        return c.IN_PROGRESS, np.nan, gives_up, np.nan
    return c.IN_PROGRESS, joins, gives_up, np.nan


@compiled
def start_pass(
    tables: Tables, seed: int, replication: int, lead: int, pass_: int, channel: int, t: float
) -> tuple[int, float, float, float]:
    """Return `pass_from` with the luck of the lead's `pass_`-th pass."""
    tables = borrowed(tables)
    return pass_from(tables, pass_luck(seed, replication, lead, pass_), pass_, channel, t)


# ------------------------------------------------------------------ nurture


@compiled(inlined=True)
def may_enter_nurture(tables: Tables, t: float, entries: int) -> bool:
    """Return whether a lead with `entries` stays behind it may enter nurture once more."""
    phase = tables.by_phase[phase_at(tables.by_phase, t)]
    return bool(phase.nurtures and entries < phase.cycles)


@compiled(inlined=True)
def first_reason(phase: Any, verdict: int) -> int:
    """Return why a score that does not pass enters nurture (NEAR_MISS, BELOW), or -1: disqualified at once."""
    if verdict == NEARLY:
        return c.NEAR_MISS if phase.near_miss_to == TO_NURTURE else -1
    return c.BELOW if phase.below_to == TO_NURTURE else -1


@compiled(inlined=True)
def nurture_return(tables: Tables, channel: int, t: float, u: float) -> float:
    """Return when nurture looks again at a lead entered at `t`: after the delay, at the home pool's next opening."""
    f = phase_at(tables.by_phase, t)
    delay = tables.by_phase[f].nurture_delay
    back = later(tables, tables.by_channel[f, channel], delay.working, t, draw(tables, delay, u))
    row = tables.by_channel[phase_at(tables.by_phase, back), channel]
    a, b = row.first_open, row.last_open
    return next_open(tables.opens[a:b], tables.closes[a:b], back) if a >= 0 else back


@compiled
def stay_luck(seed: int, replication: int, lead: int, entry: int) -> StayLuck:
    """Draw what a stay in nurture needs."""
    return StayLuck(
        streams.uniform(seed, replication, lead, streams.NURTURE_DELAY, 0, entry),
        streams.uniform(seed, replication, lead, streams.OPT_OUT, 0, entry),
        streams.uniform(seed, replication, lead, streams.LIFT, 0, entry),
        streams.uniform(seed, replication, lead, streams.QUALITY_LIFT, 0, entry),
    )


@compiled(inlined=True)
def stay_from(
    tables: Tables, luck: StayLuck, channel: int, t: float, score: float, quality: float
) -> tuple[int, float, float, float]:
    """Return (how it ends, when, score, quality) of one stay in nurture from `t`.

    Ends: STILL_IN (not before the period's end), OPT_OUT, NEW_PASS, AGAIN (a near miss: enters again) or CLOSED.
    """
    back = nurture_return(tables, channel, t, luck.delay)
    if back >= tables.end_h:
        return c.STILL_IN, np.nan, score, quality
    f = phase_at(tables.by_phase, back)
    phase = tables.by_phase[f]
    if luck.opt_out < phase.opt_out:
        return c.OPT_OUT, back, score, quality
    score += draw(tables, phase.score_lift, luck.lift)
    quality += draw(tables, phase.quality_lift, luck.quality_lift)
    verdict = qualify(score, tables.by_channel[f, channel].threshold, phase.near_miss)
    if verdict == PASSES:
        return c.NEW_PASS, back, score, quality
    if verdict == NEARLY and phase.near_miss_to == TO_NURTURE:
        return c.AGAIN, back, score, quality
    return c.CLOSED, back, score, quality


@compiled
def nurture_stay(
    tables: Tables, seed: int, replication: int, lead: int, entry: int, channel: int, t: float, score: float,
    quality: float,
) -> tuple[int, float, float, float]:  # fmt: skip
    """Return `stay_from` with the luck of the lead's `entry`-th stay."""
    tables = borrowed(tables)
    return stay_from(tables, stay_luck(seed, replication, lead, entry), channel, t, score, quality)


@compiled
def closing_outcome(reason: int) -> int:
    """Return how a lead closes that may not (or no longer) be nurtured, by the reason that would have sent it there."""
    if reason in (c.NEAR_MISS, c.BELOW):
        return c.DISQUALIFIED
    if reason == c.AFTER_REJECTION:
        return c.REJECTED
    return c.LOST


# ------------------------------------------------------------------ work at a stage


@compiled("float64(float64, float64, float64, float64, float64)", inlined=True)
def log_odds(log_quality_odds: float, quality: float, skill: float, load: float, speed: float) -> float:
    """Return x = ln(quality_odds) Q + (skill + load) + speed to lead: a task advances iff its luck < intercept + x.

    Each term is one mechanism's: `skill` of the pool's reps with this channel (and of a dedicated rep with the own
    channel), `load` by the open leads per head, `speed` by the hours from the pass's start to its first contact. A term
    is 0 where its mechanism is off.
    """
    return (log_quality_odds * quality + (skill + load)) + speed


@compiled("float64(float64, float64, float64)")
def working_time(effort: float, selling_time: float, productivity: float) -> float:
    """Return the working hours that `effort` hours take: e / (selling_time x productivity), at least one second."""
    return max(effort / (selling_time * productivity), SHORTEST_TASK_H)


@compiled("float64(float64, float64, float64, float64)")
def productivity(t: float, joined: float, start_at: float, ramp_days: float) -> float:
    """Return a hire's share of full productivity at `t`: linear in whole calendar days from `start_at` to 1."""
    if ramp_days <= 0.0:
        return 1.0
    days = math.floor(t / HOURS_A_DAY) - math.floor(joined / HOURS_A_DAY)
    if days >= ramp_days:
        return 1.0
    return start_at + (1.0 - start_at) * (days / ramp_days)


@compiled("float64(float64, float64[::1], float64[::1])")
def interpolate(x: float, xs: Floats, ys: Floats) -> float:
    """Return y at `x`, linear between the points (xs ascending), flat outside."""
    if x <= xs[0]:
        return float(ys[0])
    for i in range(1, xs.size):
        if x <= xs[i]:
            return float(ys[i - 1] + (ys[i] - ys[i - 1]) * ((x - xs[i - 1]) / (xs[i] - xs[i - 1])))
    return float(ys[-1])


@compiled("float64(float64, float64, float64[::1], float64[::1])")
def log_effect(x: float, strength: float, xs: Floats, ys: Floats) -> float:
    """Return strength x ln f(x), the shift in log-odds of an effect."""
    return strength * log(interpolate(x, xs, ys))


@compiled("float64(float64, float64, float64[::1], float64[::1])")
def effort_factor(x: float, strength: float, xs: Floats, ys: Floats) -> float:
    """Return f(x) ^ strength, by which the load stretches the work."""
    return exp(strength * log(interpolate(x, xs, ys)))
