"""The rules of a lead's life as small pure functions, compiled once and called by every engine.

Each reads like the sentence of the model it stands for. Times are hours, shares are in [0, 1], `lead` is the 63-bit
identity of the lead; what is drawn is a function of (seed, replication, lead, purpose, stage, count).
"""

from __future__ import annotations

import math

import numpy as np

from simfunnel.calendars import add_working, next_open
from simfunnel.distributions import DISCRETE
from simfunnel.distributions.quantiles import logit, ndtr, ndtri, quantile
from simfunnel.engine import tables as table
from simfunnel.engine.tables import Tables
from simfunnel.jit import compiled
from simfunnel.ledger.columns import AGAIN, BELOW, CLOSED, NEAR_MISS, NEW_PASS, OPT_OUT, STILL_IN
from simfunnel.plan.model import BATCH, INSTANT, TO_NURTURE, Floats
from simfunnel.streams import (
    ASSESSMENT,
    EFFORT,
    HANDOFF,
    LEAK,
    LIFT,
    LUCK,
    NURTURE_DELAY,
    PATIENCE,
    QUALITY,
    QUALITY_LIFT,
    SCORE,
    VALUE,
    uniform,
)
from simfunnel.streams import NO_SHOW as NO_SHOW_DRAW
from simfunnel.streams import OPT_OUT as OPT_OUT_DRAW

SHORTEST_TASK_H = 1.0 / 3600.0  # no task takes less than a second of the rep's day
HOURS_A_DAY = 24.0

# which way a fresh score goes
PASSES, NEARLY, TOO_LOW = 0, 1, 2


@compiled
def draw(u: float, dist: Floats, values: Floats, cumulative: Floats) -> float:
    """Value at uniform `u` of one row of a Tables distribution (family, a, b, c, working)."""
    family = int(dist[0])
    if family != DISCRETE:
        return quantile(u, family, dist[1], dist[2], dist[3])
    at, end = int(dist[1]), int(dist[2])
    while at < end - 1 and u > cumulative[at]:
        at += 1
    return float(values[at])


@compiled
def phase_at(by_phase: Floats, t: float) -> int:
    """Index of the phase in force at `t`; a switch belongs to the phase that it starts."""
    f: int = by_phase.shape[0] - 1
    while f > 0 and t < by_phase[f, table.STARTS]:
        f -= 1
    return f


@compiled
def phase_draw(tables: Tables, f: int, at: int, u: float) -> float:
    """Value at `u` of the distribution in column `at` of a phase's row."""
    return draw(u, tables.by_phase[f, at : at + table.DIST_WIDTH], tables.choice_values, tables.choice_cumulative)


@compiled
def channel_draw(tables: Tables, f: int, channel: int, at: int, u: float) -> float:
    """Value at `u` of the distribution in column `at` of a channel's row."""
    dist = tables.by_channel[f, channel, at : at + table.DIST_WIDTH]
    return draw(u, dist, tables.choice_values, tables.choice_cumulative)


@compiled
def later(tables: Tables, f: int, channel: int, working: float, t: float, duration: float) -> float:
    """`t` plus a duration, elapsed or in working time of the first stage's pool (elapsed when it needs none)."""
    a, b = int(tables.by_channel[f, channel, table.OPEN_FROM]), int(tables.by_channel[f, channel, table.OPEN_TO])
    if working == 0.0 or a < 0:
        return t + duration
    return add_working(tables.opens[a:b], tables.closes[a:b], t, duration)


# ------------------------------------------------------------------ who the lead is


@compiled("float64(uint64, uint64, uint64, float64)")
def quality_of(seed: int, replication: int, lead: int, mean: float) -> float:
    """True quality Q: the channel's mean plus a standard normal."""
    return mean + ndtri(uniform(seed, replication, lead, QUALITY, 0, 0))


@compiled("float64(uint64, uint64, uint64)")
def score_noise(seed: int, replication: int, lead: int) -> float:
    """e_S, the part of the score that is not quality; it stays with the lead for life."""
    return ndtri(uniform(seed, replication, lead, SCORE, 0, 0))


@compiled
def first_score(tables: Tables, f: int, channel: int, quality: float, noise: float) -> float:
    """S = mean + points x (r_S Q + sqrt(1 - r_S^2) e_S) + the channel's bias."""
    phase = tables.by_phase[f]
    r, mean, points = phase[table.R_SCORE], phase[table.SCORE_MEAN], phase[table.SCORE_PER_UNIT]
    bias = tables.by_channel[f, channel, table.SCORE_BIAS]
    return float(mean + points * (r * quality + math.sqrt(1.0 - r * r) * noise) + bias)


@compiled
def deal_value(tables: Tables, f: int, seed: int, replication: int, lead: int, channel: int, quality: float) -> float:
    """What the lead pays if won: F^-1(Phi(c Q~ + sqrt(1 - c^2) e)), Q~ standardised within the channel."""
    u = uniform(seed, replication, lead, VALUE, 0, 0)
    c = tables.by_channel[f, channel, table.VALUE_QUALITY]
    if c != 0.0:
        mean = tables.by_channel[f, channel, table.QUALITY_MEAN]
        z = c * (quality - mean) + math.sqrt(1.0 - c * c) * ndtri(u)
        u = min(max(ndtr(z), 1e-16), 1.0 - 1e-16)
    return channel_draw(tables, f, channel, table.VALUE, u)


@compiled("float64(uint64, uint64, uint64, uint64, float64, float64, float64, float64, float64)")
def assessment(
    seed: int, replication: int, lead: int, pass_: int, quality: float, noise: float, r: float, a: float, n: float
) -> float:
    """A = r_A Q + a e_S + n e_A, sales' view of the lead in this pass; e_A is new in each pass."""
    return r * quality + a * noise + n * ndtri(uniform(seed, replication, lead, ASSESSMENT, 0, pass_))


# ------------------------------------------------------------------ qualification, hand-off, nurture


@compiled("int64(float64, float64, float64)")
def qualify(score: float, threshold: float, near_miss: float) -> int:
    """PASSES at or above the threshold, NEARLY up to `near_miss` points below it, TOO_LOW further below."""
    if score >= threshold:
        return PASSES
    if near_miss > 0.0 and score >= threshold - near_miss:
        return NEARLY
    return TOO_LOW


@compiled("boolean(uint64, uint64, uint64, uint64, float64)")
def leaks(seed: int, replication: int, lead: int, pass_: int, share: float) -> bool:
    """Whether the hand-off of this pass loses the lead."""
    return share > 0.0 and uniform(seed, replication, lead, LEAK, 0, pass_) < share


@compiled
def handed_off_at(
    tables: Tables, f: int, seed: int, replication: int, lead: int, pass_: int, channel: int, t: float
) -> float:
    """When a lead whose pass starts at `t` joins the first queue; a batch takes what was made by its instant."""
    row = tables.by_channel[f, channel]
    way = int(row[table.WAY])
    if way == INSTANT:
        return t
    if way == BATCH:
        a, b = int(row[table.BATCH_FROM]), int(row[table.BATCH_TO])
        at = a + np.searchsorted(tables.batch_h[a:b], t)
        return tables.batch_h[at] if at < b else np.inf
    delay = channel_draw(tables, f, channel, table.DELAY, uniform(seed, replication, lead, HANDOFF, 0, pass_))
    return later(tables, f, channel, row[table.DELAY + table.DIST_WIDTH - 1], t, delay)


@compiled
def gives_up_at(
    tables: Tables, f: int, seed: int, replication: int, lead: int, pass_: int, channel: int, t: float
) -> float:
    """When a lead whose pass starts at `t` goes cold if nobody has contacted it by then."""
    u = uniform(seed, replication, lead, PATIENCE, 0, pass_)
    if pass_ == 1:
        working = tables.by_channel[f, channel, table.PATIENCE + table.DIST_WIDTH - 1]
        return later(tables, f, channel, working, t, channel_draw(tables, f, channel, table.PATIENCE, u))
    working = tables.by_phase[f, table.NURTURE_PATIENCE + table.DIST_WIDTH - 1]
    return later(tables, f, channel, working, t, phase_draw(tables, f, table.NURTURE_PATIENCE, u))


@compiled
def nurture_return(tables: Tables, seed: int, replication: int, lead: int, entry: int, channel: int, t: float) -> float:
    """When nurture looks again at a lead that entered at `t`: after the delay, at the home pool's next opening."""
    f = phase_at(tables.by_phase, t)
    delay = phase_draw(tables, f, table.NURTURE_DELAY, uniform(seed, replication, lead, NURTURE_DELAY, 0, entry))
    back = later(tables, f, channel, tables.by_phase[f, table.NURTURE_DELAY + table.DIST_WIDTH - 1], t, delay)
    row = tables.by_channel[phase_at(tables.by_phase, back), channel]
    a, b = int(row[table.OPEN_FROM]), int(row[table.OPEN_TO])
    return next_open(tables.opens[a:b], tables.closes[a:b], back) if a >= 0 else back


@compiled
def nurture_stay(
    tables: Tables,
    seed: int,
    replication: int,
    lead: int,
    entry: int,
    channel: int,
    t: float,
    score: float,
    quality: float,
) -> tuple[int, float, float, float]:
    """One stay in nurture from `t`: (how it ends, when, score, quality).

    Ends: STILL_IN (not before the period's end), OPT_OUT, NEW_PASS, AGAIN (a near miss: enters again) or CLOSED.
    """
    back = nurture_return(tables, seed, replication, lead, entry, channel, t)
    if back >= tables.end_h:
        return STILL_IN, np.nan, score, quality
    f = phase_at(tables.by_phase, back)
    if uniform(seed, replication, lead, OPT_OUT_DRAW, 0, entry) < tables.by_phase[f, table.OPT_OUT_SHARE]:
        return OPT_OUT, back, score, quality
    score += phase_draw(tables, f, table.SCORE_LIFT, uniform(seed, replication, lead, LIFT, 0, entry))
    quality += phase_draw(tables, f, table.QUALITY_LIFT, uniform(seed, replication, lead, QUALITY_LIFT, 0, entry))
    verdict = qualify(score, tables.by_channel[f, channel, table.THRESHOLD], tables.by_phase[f, table.NEAR_MISS_BAND])
    if verdict == PASSES:
        return NEW_PASS, back, score, quality
    if verdict == NEARLY and tables.by_phase[f, table.NEAR_MISS_TO] == TO_NURTURE:
        return AGAIN, back, score, quality
    return CLOSED, back, score, quality


@compiled
def may_enter_nurture(tables: Tables, t: float, entries: int) -> bool:
    """Whether a lead with `entries` stays behind it may enter nurture once more."""
    f = phase_at(tables.by_phase, t)
    return bool(tables.by_phase[f, table.NURTURES] != 0.0 and entries < tables.by_phase[f, table.CYCLES])


@compiled
def first_reason(tables: Tables, f: int, verdict: int) -> int:
    """Why a score that does not pass enters nurture (NEAR_MISS, BELOW), or -1 when it is disqualified at once."""
    if verdict == NEARLY:
        return NEAR_MISS if tables.by_phase[f, table.NEAR_MISS_TO] == TO_NURTURE else -1
    return BELOW if tables.by_phase[f, table.BELOW_TO] == TO_NURTURE else -1


# ------------------------------------------------------------------ work at a stage


@compiled("UniTuple(float64, 2)(uint64, uint64, uint64, uint64, uint64, int64, float64, float64, float64)")
def task_luck(
    seed: int, replication: int, lead: int, stage_hash: int, count: int, family: int, a: float, b: float, c: float
) -> tuple[float, float]:
    """(hours of effort, logistic luck) of the `count`-th task started at this stage."""
    effort = quantile(uniform(seed, replication, lead, EFFORT, stage_hash, count), family, a, b, c)
    return effort, logit(uniform(seed, replication, lead, LUCK, stage_hash, count))


@compiled("boolean(uint64, uint64, uint64, uint64, uint64, float64)")
def nobody_there(seed: int, replication: int, lead: int, stage_hash: int, count: int, share: float) -> bool:
    """Whether the customer does not turn up for the `count`-th task at this stage."""
    return share > 0.0 and uniform(seed, replication, lead, NO_SHOW_DRAW, stage_hash, count) < share


@compiled("float64(float64, float64, float64)")
def working_time(effort: float, selling_time: float, productivity: float) -> float:
    """Working hours that `effort` hours take: e / (selling_time x productivity), at least one second."""
    return max(effort / (selling_time * productivity), SHORTEST_TASK_H)


@compiled("float64(float64, float64, float64, float64)")
def productivity(t: float, joined: float, start_at: float, ramp_days: float) -> float:
    """A hire's share of full productivity at `t`: linear in whole calendar days from `start_at` to 1."""
    if ramp_days <= 0.0:
        return 1.0
    days = math.floor(t / HOURS_A_DAY) - math.floor(joined / HOURS_A_DAY)
    if days >= ramp_days:
        return 1.0
    return start_at + (1.0 - start_at) * (days / ramp_days)


@compiled("float64(float64, float64[::1], float64[::1])")
def interpolate(x: float, xs: Floats, ys: Floats) -> float:
    """y at `x`, linear between the points (xs ascending), flat outside."""
    if x <= xs[0]:
        return float(ys[0])
    for i in range(1, xs.size):
        if x <= xs[i]:
            return float(ys[i - 1] + (ys[i] - ys[i - 1]) * ((x - xs[i - 1]) / (xs[i] - xs[i - 1])))
    return float(ys[-1])


@compiled("float64(float64, float64, float64[::1], float64[::1])")
def log_effect(x: float, strength: float, xs: Floats, ys: Floats) -> float:
    """strength x ln f(x), the shift in log-odds of an effect."""
    return strength * math.log(interpolate(x, xs, ys))


@compiled("float64(float64, float64, float64[::1], float64[::1])")
def effort_factor(x: float, strength: float, xs: Floats, ys: Floats) -> float:
    """f(x) ^ strength, by which the load stretches the work."""
    return math.exp(strength * math.log(interpolate(x, xs, ys)))
