"""Every lead of a replication, from where it comes from to where it joins its first queue.

Nothing here waits for anybody: creation, scoring, nurture and the hand-off depend on the lead alone, so they are
computed before the clock runs, in one pass over all leads, and both engines start from the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simfunnel.engine import rules
from simfunnel.engine import tables as table
from simfunnel.engine.opening import OpeningLeads, opening_leads
from simfunnel.engine.sheets import arrivals_of_source
from simfunnel.engine.tables import Tables
from simfunnel.jit import compiled
from simfunnel.ledger import Table
from simfunnel.ledger.columns import (
    AFTER_REJECTION,
    AGAIN,
    BELOW,
    CLOSED,
    DISQUALIFIED,
    ENTRIES,
    IN_NURTURE,
    IN_PROGRESS,
    LEADS,
    LEAKED,
    LOST,
    NEAR_MISS,
    NEW_PASS,
    OPEN,
    OPT_OUT,
    OPTED_OUT,
    P_COLD,
    P_LEAKED,
    REJECTED,
    STILL_IN,
    WENT_COLD,
)
from simfunnel.plan.model import Floats, Plan

Ids = NDArray[np.uint64]
Shorts = NDArray[np.int16]
Bytes = NDArray[np.int8]
Stays = tuple[NDArray[np.int32], Shorts, Bytes, Floats, Floats, Bytes]  # lead, entry, reason, entered, left, end


@dataclass(frozen=True)
class Arrivals:
    """All leads of one replication in lead order (created, id), up to the queue; columns of n leads.

    `joins_at` is nan for a lead that never joins a queue before the period's end; `outcome` then says what became of
    it. `pass_` columns describe the pass under way (or the one that leaked or went cold): `passes` is its number.
    """

    leads: Table  # the ledger's `leads`, effort and wasted still zero
    noise: Floats  # e_S
    score: Floats  # as it stands
    joins_at: Floats
    pass_started: Floats
    gives_up: Floats
    left_to: NDArray[np.int8]  # of the pass, IN_PROGRESS when it goes on
    left_at: Floats
    entries: Table  # the ledger's `entries` so far, in lead order
    opening: OpeningLeads | None  # the first rows of `leads`, when there is an opening pipeline

    def passes_before_the_queue(self) -> Table:
        """The ledger's `passes` of leads whose pass never joined a queue."""
        rows = np.flatnonzero((self.leads["passes"] == 1) & np.isnan(self.joins_at) & ~np.isnan(self.pass_started))
        n = rows.size
        return {
            "lead": rows.astype(np.int32),
            "pass": np.ones(n, np.int16),
            "started": self.pass_started[rows],
            "score": self.score[rows],
            "handed_off_at": np.full(n, np.nan),
            "first_response_at": np.full(n, np.nan),
            "accepted": np.full(n, -1, np.int8),
            "assessment": np.full(n, np.nan),
            "pool": np.full(n, -1, np.int16),
            "rep": np.full(n, -1, np.int32),
            "stage": np.zeros(n, np.int16),
            "left_to": self.left_to[rows],
            "left_at": self.left_at[rows],
        }


@compiled
def closing_outcome(reason: int) -> int:
    """How a lead closes that may not (or no longer) be nurtured, by the reason that would have sent it there."""
    if reason in (NEAR_MISS, BELOW):
        return DISQUALIFIED
    if reason == AFTER_REJECTION:
        return REJECTED
    return LOST


@compiled
def start_pass(
    tables: Tables, seed: int, replication: int, lead: int, pass_: int, channel: int, t: float
) -> tuple[int, float, float, float]:
    """(pass's end or IN_PROGRESS, joins the queue, gives up, left) of a pass that starts at `t`; nan: not."""
    f = rules.phase_at(tables.by_phase, t)
    if rules.leaks(seed, replication, lead, pass_, tables.by_channel[f, channel, table.LEAK_SHARE]):
        return P_LEAKED, np.nan, np.nan, t
    joins = rules.handed_off_at(tables, f, seed, replication, lead, pass_, channel, t)
    gives_up = rules.gives_up_at(tables, f, seed, replication, lead, pass_, channel, t)
    if gives_up < joins:
        if gives_up < tables.end_h:
            return P_COLD, np.nan, gives_up, gives_up
        return IN_PROGRESS, np.nan, gives_up, np.nan
    if joins >= tables.end_h:
        return IN_PROGRESS, np.nan, gives_up, np.nan
    return IN_PROGRESS, joins, gives_up, np.nan


@compiled
def _first_nurture(
    tables: Tables,
    key: tuple[int, int, int],
    i: int,
    channel: int,
    state: tuple[float, float, float, int],
    stays: Stays,
    rows: int,
) -> tuple[int, float, float, float, int, int]:
    """Nurture before any pass: (outcome, OPEN for a new pass; when; score, quality; stays; rows)."""
    seed, replication, lead = key
    t, score, quality, reason = state
    e_lead, e_entry, e_reason, e_in, e_out, e_end = stays
    n = 0
    while rules.may_enter_nurture(tables, t, n):
        n += 1
        end, back, score, quality = rules.nurture_stay(tables, seed, replication, lead, n, channel, t, score, quality)
        e_lead[rows], e_entry[rows], e_reason[rows] = i, n, reason
        refused = end == AGAIN and not rules.may_enter_nurture(tables, back, n)
        e_in[rows], e_out[rows], e_end[rows] = t, back, CLOSED if refused else end
        rows += 1
        if end == STILL_IN:
            return IN_NURTURE, back, score, quality, n, rows
        t = back
        if end == NEW_PASS:
            return OPEN, t, score, quality, n, rows
        if end != AGAIN:
            return OPTED_OUT if end == OPT_OUT else closing_outcome(reason), t, score, quality, n, rows
        reason = NEAR_MISS
    return closing_outcome(reason), t, score, quality, n, rows


@compiled
def _first_pass(
    tables: Tables,
    key: tuple[int, int, int],
    i: int,
    channel: int,
    t: float,
    ends: tuple[NDArray[np.int8], Floats, NDArray[np.int16], NDArray[np.int16]],
    pass_columns: tuple[Floats, Floats, Floats, Floats],
    left_to: NDArray[np.int8],
) -> None:
    """Start the first pass of the lead in row `i` at `t`, and fill in what is known of it."""
    seed, replication, lead = key
    outcome, closed_at, passes, _ = ends
    joins_at, pass_started, gives_up, left_at = pass_columns
    passes[i], pass_started[i] = 1, t
    end, joins_at[i], gives_up[i], left_at[i] = start_pass(tables, seed, replication, lead, 1, channel, t)
    left_to[i] = end
    if end != IN_PROGRESS:
        outcome[i], closed_at[i] = LEAKED if end == P_LEAKED else WENT_COLD, left_at[i]


@compiled
def _before_the_queue(
    tables: Tables,
    seed: int,
    replication: int,
    origin: tuple[Ids, NDArray[np.int16], Floats],
    lead_columns: tuple[Floats, Floats, Floats, Floats],
    ends: tuple[NDArray[np.int8], Floats, NDArray[np.int16], NDArray[np.int16]],
    pass_columns: tuple[Floats, Floats, Floats, Floats],
    left_to: NDArray[np.int8],
) -> tuple[Stays, int]:
    """Fill the columns of every lead; returns the stays in nurture and how many rows they fill."""
    ids, channel, created = origin
    quality_, noise_, score_, value_ = lead_columns
    outcome, closed_at, _, entries = ends
    most = int(tables.by_phase[:, table.CYCLES].max()) + 1
    stays, rows = _room_for_stays(max(16 * most, ids.size // 8)), 0
    for i in range(ids.size):
        lead, c, t = ids[i], channel[i], created[i]
        f = rules.phase_at(tables.by_phase, t)
        quality = rules.quality_of(seed, replication, lead, tables.by_channel[f, c, table.QUALITY_MEAN])
        noise_[i] = rules.score_noise(seed, replication, lead)
        value_[i] = rules.deal_value(tables, f, seed, replication, lead, c, quality)
        score = rules.first_score(tables, f, c, quality, noise_[i])
        verdict = rules.qualify(
            score, tables.by_channel[f, c, table.THRESHOLD], tables.by_phase[f, table.NEAR_MISS_BAND]
        )
        if verdict != rules.PASSES:
            reason = rules.first_reason(tables, f, verdict)
            outcome[i] = DISQUALIFIED
            if reason >= 0:
                if rows + most > stays[0].size:
                    stays = _wider(stays)
                outcome[i], t, score, quality, entries[i], rows = _first_nurture(
                    tables, (seed, replication, lead), i, c, (t, score, quality, reason), stays, rows
                )
            closed_at[i] = t if outcome[i] != OPEN else np.nan
        quality_[i], score_[i] = quality, score
        if outcome[i] == OPEN:
            _first_pass(tables, (seed, replication, lead), i, c, t, ends, pass_columns, left_to)
    return stays, rows


@compiled
def _room_for_stays(n: int) -> Stays:
    return (
        np.empty(n, np.int32),
        np.empty(n, np.int16),
        np.empty(n, np.int8),
        np.empty(n),
        np.empty(n),
        np.empty(n, np.int8),
    )


@compiled
def _wider(old: Stays) -> Stays:
    new = _room_for_stays(2 * old[0].size)
    n = old[0].size
    new[0][:n], new[1][:n], new[2][:n] = old[0], old[1], old[2]
    new[3][:n], new[4][:n], new[5][:n] = old[3], old[4], old[5]
    return new


def _sorted_leads(plan: Plan, seed: int, replication: int) -> tuple[Ids, NDArray[np.int16], NDArray[np.int16], Floats]:
    """(id, channel, campaign, created) of every lead in lead order."""
    parts = [arrivals_of_source(plan, source, seed, replication) for source in plan.sources]
    ids = np.concatenate([np.empty(0, np.uint64), *(ids for ids, _ in parts)])
    created = np.concatenate([np.empty(0), *(created for _, created in parts)])
    sizes = [ids.size for ids, _ in parts]
    channel = np.repeat(np.array([s.channel for s in plan.sources], dtype=np.int16), sizes)
    campaign = np.repeat(np.array([s.campaign for s in plan.sources], dtype=np.int16), sizes)
    order = np.lexsort((ids, created))
    return ids[order], channel[order], campaign[order], created[order]


def all_arrivals(plan: Plan, tables: Tables, seed: int, replication: int) -> Arrivals:
    """All leads of one replication, computed up to the moment at which each joins its first queue."""
    ids, channel, campaign, created = _sorted_leads(plan, seed, replication)
    n = ids.size
    leads = _blank_leads(ids, channel, campaign, created)
    noise, score = np.empty(n), np.empty(n)
    joins_at, pass_started, gives_up, left_at = (np.full(n, np.nan) for _ in range(4))
    left_to = np.full(n, IN_PROGRESS, np.int8)
    stays, rows = _before_the_queue(
        tables,
        seed,
        replication,
        (ids, channel, created),
        (leads["quality"], noise, score, leads["value"]),
        (leads["outcome"], leads["closed_at"], leads["passes"], leads["entries"]),
        (joins_at, pass_started, gives_up, left_at),
        left_to,
    )
    columns: tuple[NDArray[Any], ...] = stays
    entries: Table = {column.name: stay[:rows].copy() for column, stay in zip(ENTRIES, columns, strict=True)}
    arrivals = Arrivals(leads, noise, score, joins_at, pass_started, gives_up, left_to, left_at, entries, None)
    return _with_opening(arrivals, opening_leads(plan, tables, seed, replication)) if plan.opening else arrivals


def _blank_leads(ids: Ids, channel: NDArray[np.int16], campaign: NDArray[np.int16], created: Floats) -> Table:
    """The ledger's `leads` with what is known at creation."""
    known: Table = {"id": ids, "channel": channel, "campaign": campaign, "created": created}
    leads: Table = {}
    for column in LEADS:
        leads[column.name] = known.get(column.name, np.zeros(ids.size, column.dtype))
    leads["closed_at"][:] = np.nan
    return leads


def _with_opening(a: Arrivals, opening: OpeningLeads) -> Arrivals:
    """The same arrivals after the leads of the opening pipeline, which were created before them."""
    n = opening.id.size
    first: Table = {
        "id": opening.id,
        "channel": opening.channel,
        "campaign": np.full(n, -1, np.int16),
        "created": opening.created,
        "quality": opening.quality,
        "closed_at": np.full(n, np.nan),
        "value": opening.value,
        "passes": np.ones(n, np.int16),
    }
    leads: Table = {
        name: np.concatenate([first.get(name, np.zeros(n, column.dtype)), column]) for name, column in a.leads.items()
    }
    gone = np.full(n, np.nan)
    joins_at, pass_started, gives_up, left_at = (
        np.concatenate([gone, column]) for column in (a.joins_at, a.pass_started, a.gives_up, a.left_at)
    )
    return Arrivals(
        leads,
        np.concatenate([opening.noise, a.noise]),
        np.concatenate([opening.score, a.score]),
        joins_at,
        pass_started,
        gives_up,
        np.concatenate([np.zeros(n, np.int8), a.left_to]),
        left_at,
        {**a.entries, "lead": a.entries["lead"] + np.int32(n)},
        opening,
    )
