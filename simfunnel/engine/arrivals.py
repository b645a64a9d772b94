"""Every lead of a replication, from where it comes from to where it joins its first queue.

Nothing here waits for anybody: creation, scoring, nurture and the hand-off depend on the lead alone, so they are
computed before the clock runs, in one pass over all leads, and both engines start from the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfunnel.engine import rules
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
    IN_NURTURE,
    IN_PROGRESS,
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
from simfunnel.plan.model import Floats, Ints, Plan

Ids = NDArray[np.uint64]


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
    if reason == NEAR_MISS or reason == BELOW:
        return DISQUALIFIED
    if reason == AFTER_REJECTION:
        return REJECTED
    return LOST


@compiled
def start_pass(
    tables: Tables, seed: int, replication: int, lead: int, pass_: int, channel: int, t: float
) -> tuple[int, float, float, float]:
    """(pass's end or IN_PROGRESS, joins the queue, gives up, left) of a pass that starts at `t`; nan: not."""
    f = rules.phase_at(tables.switches, t)
    if rules.leaks(seed, replication, lead, pass_, tables.leak[f, channel]):
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
def _before_the_queue(
    tables: Tables,
    seed: int,
    replication: int,
    ids: Ids,
    channel: NDArray[np.int16],
    created: Floats,
    lead_columns: tuple[Floats, Floats, Floats, Floats],
    outcome: NDArray[np.int8],
    closed_at: Floats,
    passes: NDArray[np.int16],
    entries: NDArray[np.int16],
    pass_columns: tuple[Floats, Floats, Floats, Floats],
    left_to: NDArray[np.int8],
) -> tuple[Ints, Ints, Ints, Floats, Floats, Ints, int]:
    """Fill the columns of every lead; returns the nurture entries as (lead, entry, reason, entered, left, end), count."""
    quality_, noise_, score_, value_ = lead_columns
    joins_at, pass_started, gives_up, left_at = pass_columns
    room = max(16, ids.size // 8)
    e_lead, e_entry, e_reason = np.empty(room, np.int32), np.empty(room, np.int16), np.empty(room, np.int8)
    e_in, e_out, e_end = np.empty(room), np.empty(room), np.empty(room, np.int8)
    rows = 0
    for i in range(ids.size):
        lead, c, t = ids[i], channel[i], created[i]
        f = rules.phase_at(tables.switches, t)
        quality = rules.quality_of(seed, replication, lead, tables.quality_mean[f, c])
        noise_[i] = rules.score_noise(seed, replication, lead)
        value_[i] = rules.deal_value(tables, f, seed, replication, lead, c, quality)
        score = rules.first_score(tables, f, c, quality, noise_[i])
        verdict = rules.qualify(score, tables.threshold[f, c], tables.below[f, 0])
        reason = -1 if verdict == rules.PASSES else rules.first_reason(tables, f, verdict)
        passed, n = verdict == rules.PASSES, 0
        if not passed and reason < 0:
            outcome[i], closed_at[i] = DISQUALIFIED, t
        while reason >= 0:
            if not rules.may_enter_nurture(tables, t, n):
                outcome[i], closed_at[i] = closing_outcome(reason), t
                break
            n += 1
            end, back, score, quality = rules.nurture_stay(tables, seed, replication, lead, n, c, t, score, quality)
            if rows == e_lead.size:
                e_lead, e_entry, e_reason = _grown(e_lead), _grown(e_entry), _grown(e_reason)
                e_in, e_out, e_end = _grown(e_in), _grown(e_out), _grown(e_end)
            e_lead[rows], e_entry[rows], e_reason[rows] = i, n, reason
            refused = end == AGAIN and not rules.may_enter_nurture(tables, back, n)
            e_in[rows], e_out[rows], e_end[rows] = t, back, CLOSED if refused else end
            rows += 1
            if end == STILL_IN:
                outcome[i] = IN_NURTURE
                break
            t = back
            if end == AGAIN:
                reason = NEAR_MISS
                continue
            if end == NEW_PASS:
                passed = True
            else:
                outcome[i], closed_at[i] = OPTED_OUT if end == OPT_OUT else closing_outcome(reason), t
            break
        quality_[i], score_[i], entries[i] = quality, score, n
        if passed:
            passes[i], pass_started[i] = 1, t
            end, joins_at[i], gives_up[i], left_at[i] = start_pass(tables, seed, replication, lead, 1, c, t)
            left_to[i] = end
            if end != IN_PROGRESS:
                outcome[i], closed_at[i] = LEAKED if end == P_LEAKED else WENT_COLD, left_at[i]
    return e_lead[:rows], e_entry[:rows], e_reason[:rows], e_in[:rows], e_out[:rows], e_end[:rows], rows


@compiled
def _grown(old: NDArray[np.generic]) -> NDArray[np.generic]:
    new = np.empty(2 * old.size, old.dtype)
    new[: old.size] = old
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
    leads: Table = {
        "id": ids,
        "channel": channel,
        "campaign": campaign,
        "created": created,
        "quality": np.empty(n),
        "outcome": np.full(n, OPEN, np.int8),
        "closed_at": np.full(n, np.nan),
        "value": np.empty(n),
        "passes": np.zeros(n, np.int16),
        "entries": np.zeros(n, np.int16),
        "effort": np.zeros(n),
        "wasted": np.zeros(n),
    }
    noise, score = np.empty(n), np.empty(n)
    joins_at, pass_started, gives_up, left_at = (np.full(n, np.nan) for _ in range(4))
    left_to = np.full(n, IN_PROGRESS, np.int8)
    stays = _before_the_queue(
        tables,
        seed,
        replication,
        ids,
        channel,
        created,
        (leads["quality"], noise, score, leads["value"]),
        leads["outcome"],
        leads["closed_at"],
        leads["passes"],
        leads["entries"],
        (joins_at, pass_started, gives_up, left_at),
        left_to,
    )
    entries: Table = {
        "lead": stays[0].copy(),
        "entry": stays[1].copy(),
        "reason": stays[2].copy(),
        "entered": stays[3].copy(),
        "left_at": stays[4].copy(),
        "end": stays[5].copy(),
    }
    arrivals = Arrivals(leads, noise, score, joins_at, pass_started, gives_up, left_to, left_at, entries, None)
    return _with_opening(arrivals, opening_leads(plan, tables, seed, replication)) if plan.opening else arrivals


def _with_opening(a: Arrivals, opening: OpeningLeads) -> Arrivals:
    """The same arrivals after the leads of the opening pipeline, which were created before them."""
    n = opening.id.size
    first: dict[str, NDArray[np.generic]] = {
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
    return Arrivals(
        leads,
        np.concatenate([opening.noise, a.noise]),
        np.concatenate([opening.score, a.score]),
        *(np.concatenate([gone, column]) for column in (a.joins_at, a.pass_started, a.gives_up)),
        np.concatenate([np.zeros(n, np.int8), a.left_to]),
        np.concatenate([gone, a.left_at]),
        {**a.entries, "lead": a.entries["lead"] + np.int32(n)},
        opening,
    )
