"""The opening pipeline: leads that are at work in the stages when the period starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Array, Floats, Ids, Ints, Shorts
from simfunnel.calendars import add_working, working_between_each
from simfunnel.distributions import Dist, probability_of, quantile_of
from simfunnel.distributions.quantiles import ndtri
from simfunnel.engine import rules
from simfunnel.engine.rule_records import Tables
from simfunnel.jit import compiled
from simfunnel.plan.model import Plan
from simfunnel.streams import AGE, OPENING, OPENING_WAIT, PATIENCE, QUALITY, SCORE, VALUE, fill_uniforms, make_id

STAGE, CHANNEL = 3, 4  # columns of Plan.open_leads
YOUNGEST_H = 1.0 / 3600.0  # an open lead is no new one: it was made a second before the start at least
OVERDUE = 0.999  # past this quantile of its wait a lead is in the queue at once


@dataclass(frozen=True)
class OpeningLeads:
    """Leads open at the start, in lead order; columns of n leads."""

    id: Ids
    channel: Shorts
    created: Floats  # start of the period minus the age
    quality: Floats
    noise: Floats
    score: Floats
    value: Floats
    stage: Ints
    ready_at: Floats  # when the next task is ready
    gives_up: Floats


class _Luck(NamedTuple):
    """Keyed uniform numbers of the leads `id`."""

    seed: int
    replication: int
    id: Ids

    def of(self, purpose: int, count: int = 0) -> Floats:
        u = np.empty(self.id.size)
        fill_uniforms(self.seed, self.replication, self.id, purpose, 0, count, u)
        return u


def opening_leads(plan: Plan, tables: Tables, seed: int, replication: int) -> OpeningLeads:
    """Return who is open at the start: Q and e_S resampled from the calibration's open leads, waits conditioned on age.

    The resampled are those of the lead's channel at its stage; without any, those of all channels there.
    """
    counts = [group.count for group in plan.opening]
    channel, stage = (np.repeat([getattr(g, name) for g in plan.opening], counts) for name in ("channel", "stage"))
    first = [int(make_id(plan.sources[group.source].key, 0, 0, 0)) + group.first for group in plan.opening]
    numbered = [np.arange(a, a + group.count, dtype=np.uint64) for a, group in zip(first, plan.opening, strict=True)]
    luck = _Luck(seed, replication, np.concatenate(numbered))
    u, ends = luck.of(AGE), np.cumsum(counts)[:-1]
    age = np.concatenate([_values(g.age, part) for g, part in zip(plan.opening, np.split(u, ends), strict=True)])
    quality, noise, ready, gives_up = (np.empty(age.size) for _ in range(4))
    for c, k in sorted({(group.channel, group.stage) for group in plan.opening}):
        at = np.flatnonzero((channel == c) & (stage == k))
        mine = luck._replace(id=luck.id[at])
        quality[at], noise[at] = _who(plan, tables, mine, c, k)
        if k > 0:
            wait = plan.phases[0].stages[k].wait
            ready[at], gives_up[at] = _rest(plan, wait, c, k, age[at], mine.of(OPENING_WAIT)), np.inf
        else:
            patience = plan.phases[0].patience[c]
            ready[at], gives_up[at] = plan.start_h, _rest(plan, patience, c, k, age[at], mine.of(PATIENCE, 1))
    score, value = _score_and_value(tables, channel, quality, noise, luck.of(VALUE))
    created = plan.start_h - np.maximum(age, YOUNGEST_H)
    order = np.lexsort((luck.id, created))
    columns: list[Array] = [
        luck.id, channel.astype(np.int16), created, quality, noise, score, value, stage, ready, gives_up,
    ]  # fmt: skip
    return OpeningLeads(*(column[order] for column in columns))


def _values(dist: Dist, u: Floats) -> Floats:
    return np.array([quantile_of(dist, one) for one in u.tolist()])


def _who(plan: Plan, tables: Tables, luck: _Luck, channel: int, stage: int) -> tuple[Floats, Floats]:
    """Return Q and e_S of a channel's open leads at a stage: drawn anew where the base had none at that stage."""
    here = plan.open_leads[:, STAGE] == stage
    mine = here & (plan.open_leads[:, CHANNEL] == channel)
    known = plan.open_leads[mine if mine.any() else here]
    if len(known):
        like = known[(luck.of(OPENING) * len(known)).astype(np.int64)]
        return like[:, 0], like[:, 1]
    mean = float(tables.by_channel[0, channel].quality_mean)
    quality = [rules.quality_of(mean, u) for u in luck.of(QUALITY).tolist()]
    return np.array(quality), np.array([ndtri(u) for u in luck.of(SCORE).tolist()])


@compiled
def _score_and_value(tables: Tables, channel: Ints, quality: Floats, noise: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Return scores and deal values by the rules of the first phase."""
    score, value = np.empty(u.size), np.empty(u.size)
    for i in range(u.size):
        row = tables.by_channel[0, channel[i]]
        score[i] = rules.first_score(tables.by_phase[0], row.score_bias, quality[i], noise[i])
        value[i] = rules.deal_value(tables, row, quality[i], u[i])
    return score, value


def _rest(plan: Plan, dist: Dist, channel: int, stage: int, age: Floats, u: Floats) -> Floats:
    """Return when durations that began `age` hours before the start end; working time has used up open hours only."""
    start, pool = plan.start_h, int(plan.phases[0].home_pool[channel, stage])
    if not dist.working or pool < 0:
        return start + _remaining(dist, age, u)
    opens, closes = plan.calendars[plan.phases[0].pools[pool].calendar]
    used = working_between_each(opens, closes, start - age, np.full(age.size, start))
    return np.array([add_working(opens, closes, start, rest) for rest in _remaining(dist, used, u).tolist()])


def _remaining(dist: Dist, age: Floats, u: Floats) -> Floats:
    """Return what is left of durations that have lasted `age`: T - age given T > age; 0 past the 99.9% quantile."""
    before = np.array([probability_of(dist, one) for one in age.tolist()])
    overdue = before >= OVERDUE
    rest = _values(dist, np.where(overdue, 0.5, before + u * (1.0 - before))) - age
    return np.where(overdue, 0.0, np.maximum(rest, 0.0))
