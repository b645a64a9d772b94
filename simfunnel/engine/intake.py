"""What becomes of new leads before their first queue: who they are, their first score, nurture, the first hand-off.

Leads are taken a block at a time, and each step is done for the whole block: the draws of one purpose come from one
loop, which is several times as fast as drawing them one by one. The numbers are the same (`streams.fill_uniforms`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simfunnel import streams
from simfunnel.arrays import Bytes, Floats, Ids, Ints, Records, Shorts
from simfunnel.distributions.quantiles import ndtri
from simfunnel.engine import rules
from simfunnel.engine.rule_records import Tables, record
from simfunnel.engine.rules import PassLuck, StayLuck
from simfunnel.jit import borrowed, compiled
from simfunnel.ledger import columns as c

STAY = record(*((column.name, column.dtype) for column in c.ENTRIES))  # one stay in nurture
BLOCK = 512  # leads; what is worked on fits into the processor's nearest memory


class Newcomers(NamedTuple):
    """Columns of n leads in lead order. The first three are given, the others filled; blank is nan or 0."""

    id: Ids
    channel: Shorts
    created: Floats
    quality: Floats
    noise: Floats  # e_S
    value: Floats
    score: Floats
    outcome: Bytes
    closed_at: Floats
    passes: Shorts
    entries: Shorts
    pass_started: Floats
    joins_at: Floats
    gives_up: Floats
    left_at: Floats  # of the pass
    left_to: Bytes


class Some(NamedTuple):
    """Some leads of a block, and the uniform numbers of their next step."""

    row: Ints  # [BLOCK]
    id: Ids  # [BLOCK]
    reason: Ints  # [BLOCK] why they enter nurture
    u: Floats  # [4, BLOCK]


@compiled
def live_to_the_queue(tables: Tables, seed: int, replication: int, leads: Newcomers) -> tuple[Records, int]:
    """Fill the columns of every lead; return the STAYs in nurture, in lead order, and how many rows they fill."""
    n = leads.id.size
    some = Some(np.empty(BLOCK, np.int64), np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.int64), np.empty((4, BLOCK)))
    most = 1
    for f in range(tables.by_phase.size):
        most = max(most, tables.by_phase[f].cycles)
    stays, rows = np.empty(max(BLOCK * most, n), STAY), int(np.int64(0))  # a bare 0 is a type of its own
    for a in range(0, n, BLOCK):
        b = min(a + BLOCK, n)
        _who_they_are(tables, seed, replication, leads, a, b, some.u)
        nurtured = _qualified(tables, leads, a, b, some)
        if rows + nurtured * most > stays.size:
            wider = np.empty(2 * stays.size, STAY)
            for i in range(rows):
                wider[i] = stays[i]
            stays = wider
        rows = _nurtured(tables, seed, replication, leads, some, nurtured, stays, rows)
        _first_passes(tables, seed, replication, leads, a, b, some)
    return stays, rows


@compiled
def _who_they_are(tables: Tables, seed: int, replication: int, leads: Newcomers, a: int, b: int, u: Floats) -> None:
    """Quality, score and deal value of the leads in rows a to b."""
    tables, leads, u = borrowed(tables), borrowed(leads), borrowed(u)
    ids = leads.id[a:b]
    for k, purpose in enumerate((streams.QUALITY, streams.SCORE, streams.VALUE)):
        streams.fill_uniforms(seed, replication, ids, purpose, 0, 0, u[k, : b - a])
    for i in range(a, b):
        f = rules.phase_at(tables.by_phase, leads.created[i])
        phase, row = tables.by_phase[f], tables.by_channel[f, leads.channel[i]]
        quality, noise = rules.quality_of(row.quality_mean, u[0, i - a]), ndtri(u[1, i - a])
        leads.quality[i], leads.noise[i] = quality, noise
        leads.value[i] = rules.deal_value(tables, row, quality, u[2, i - a])
        leads.score[i] = rules.first_score(phase, row.score_bias, quality, noise)


@compiled
def _qualified(tables: Tables, leads: Newcomers, a: int, b: int, some: Some) -> int:
    """Start a pass, disqualify, or put among `some`, who enter nurture; return how many those are."""
    tables, leads, some, n = borrowed(tables), borrowed(leads), borrowed(some), 0
    for i in range(a, b):
        t = leads.created[i]
        f = rules.phase_at(tables.by_phase, t)
        phase = tables.by_phase[f]
        verdict = rules.qualify(leads.score[i], tables.by_channel[f, leads.channel[i]].threshold, phase.near_miss)
        if verdict == rules.PASSES:
            leads.pass_started[i] = t
            continue
        reason = rules.first_reason(phase, verdict)
        if reason < 0:
            leads.outcome[i], leads.closed_at[i] = c.DISQUALIFIED, t
        else:
            some.row[n], some.id[n], some.reason[n] = i, leads.id[i], reason
            n += 1
    return n


@compiled
def _nurtured(
    tables: Tables, seed: int, replication: int, leads: Newcomers, some: Some, n: int, stays: Records, rows: int
) -> int:
    """Nurture before any pass, as often as it may be; return the rows of `stays` that are filled now."""
    tables, leads, some, stays = borrowed(tables), borrowed(leads), borrowed(some), borrowed(stays)
    for k, purpose in enumerate((streams.NURTURE_DELAY, streams.OPT_OUT, streams.LIFT, streams.QUALITY_LIFT)):
        streams.fill_uniforms(seed, replication, some.id[:n], purpose, 0, 1, some.u[k, :n])
    for k in range(n):
        i = some.row[k]
        luck = StayLuck(some.u[0, k], some.u[1, k], some.u[2, k], some.u[3, k])
        t, channel, reason = leads.created[i], int(np.int64(leads.channel[i])), int(some.reason[k])
        score, quality, end, entry = leads.score[i], leads.quality[i], c.AGAIN, int(np.int64(0))
        while end == c.AGAIN and rules.may_enter_nurture(tables, t, entry):
            entry += 1
            if entry > 1:
                reason, luck = c.NEAR_MISS, rules.stay_luck(seed, replication, some.id[k], entry)
            end, back, score, quality = rules.stay_from(tables, luck, channel, t, score, quality)
            refused = end == c.AGAIN and not rules.may_enter_nurture(tables, back, entry)
            stay = stays[rows]
            stay.lead, stay.entry, stay.reason = i, entry, reason
            stay.entered, stay.left_at, stay.end = t, back, c.CLOSED if refused else end
            rows, t = rows + 1, back
        leads.entries[i], leads.score[i], leads.quality[i] = entry, score, quality
        _after_nurture(leads, i, t, end, reason)
    return rows


@compiled(inlined=True)
def _after_nurture(leads: Newcomers, i: int, t: float, end: int, reason: int) -> None:
    """A pass starts at `t`, or the lead has closed then (nan: is in nurture still)."""
    if end == c.NEW_PASS:
        leads.pass_started[i] = t
        return
    leads.closed_at[i] = t
    if end == c.STILL_IN:
        leads.outcome[i] = c.IN_NURTURE
    else:
        leads.outcome[i] = c.OPTED_OUT if end == c.OPT_OUT else rules.closing_outcome(reason)


@compiled
def _first_passes(tables: Tables, seed: int, replication: int, leads: Newcomers, a: int, b: int, some: Some) -> None:
    """Hand off the leads in rows a to b whose pass has started, and fill in what is known of it."""
    tables, leads, some, n = borrowed(tables), borrowed(leads), borrowed(some), 0
    for i in range(a, b):
        if leads.pass_started[i] == leads.pass_started[i]:  # not nan
            some.row[n], some.id[n] = i, leads.id[i]
            n += 1
    for k, purpose in enumerate((streams.LEAK, streams.HANDOFF, streams.PATIENCE)):
        streams.fill_uniforms(seed, replication, some.id[:n], purpose, 0, 1, some.u[k, :n])
    for k in range(n):
        i, luck = some.row[k], PassLuck(some.u[0, k], some.u[1, k], some.u[2, k])
        channel, t = int(np.int64(leads.channel[i])), leads.pass_started[i]
        end, joins, gives_up, left_at = rules.pass_from(tables, luck, 1, channel, t)
        leads.passes[i], leads.left_to[i] = 1, end
        leads.joins_at[i], leads.gives_up[i], leads.left_at[i] = joins, gives_up, left_at
        if end != c.IN_PROGRESS:
            leads.outcome[i], leads.closed_at[i] = c.LEAKED if end == c.P_LEAKED else c.WENT_COLD, left_at
