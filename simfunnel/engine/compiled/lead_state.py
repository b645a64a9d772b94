"""The state of a lead in the compiled engine: its luck, its passes through the funnel, and what is written of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from simfunnel.arrays import Ints
from simfunnel.calendars import add_working
from simfunnel.distributions import DISCRETE
from simfunnel.distributions.quantiles import discrete_quantile, quantile
from simfunnel.engine import rules
from simfunnel.engine.compiled.state import (
    Run,
    by_phase,
    end_at,
    entry_at,
    free_places_of,
    home_pool,
    lead_at,
    openings,
    owners_of,
    part,
    pass_at,
    pool_at,
    pool_rules,
    rep_at,
    stage_hash,
    task_at,
)
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c
from simfunnel.streams import uniform


@compiled
def luck(s: Run, lead: int, purpose: int, stage_hash: int, count: int) -> float:
    """Return the lead's keyed uniform number."""
    return uniform(s.seed, s.replication, lead_at(s, lead).id, purpose, stage_hash, count)


@compiled
def value_of(s: Run, dist: Any, u: float) -> float:
    """Return the value of a DIST at uniform `u`."""
    if dist.family != DISCRETE:
        return quantile(u, dist.family, dist.a, dist.b, dist.c)
    a, b = dist.first, dist.last
    return discrete_quantile(u, part(s.choice_values_at, a, b), part(s.choice_cumulative_at, a, b))


@compiled
def phase_from(s: Run, t: float) -> int:
    """Return the phase in force at `t`, now or later."""
    return int(s.phase) if t == s.t else rules.phase_at(by_phase(s), t)


@compiled
def drawn_later(s: Run, lead: int, t: float, purpose: int, count: int, dist: Any) -> float:
    """Return `t` plus a drawn duration, elapsed or in working time of the calendar of the lead's stage."""
    me = lead_at(s, lead)
    duration = value_of(s, dist, luck(s, lead, purpose, stage_hash(s, me.stage), count))
    if not dist.working:
        return t + duration
    f = phase_from(s, t)
    opens, closes = openings(s, pool_rules(s, f, home_pool(s, f, me.channel, me.stage)).calendar)
    return float(add_working(opens, closes, t, duration))


NAN = math.nan


@compiled
def take_place(s: Run) -> int:
    """Return a place for a lead that begins to live: one that is free again, else a new one."""
    if s.n_free > 0:
        s.n_free -= 1
        return int(free_places_of(s)[s.n_free])
    if s.n_used >= s.place_room:
        s.full = True
        return int(s.place_room)
    s.n_used += 1
    return int(s.n_used - 1)


@compiled
def leave_place(s: Run, lead: int) -> None:
    """Free the place of a lead that lives no more."""
    lead_at(s, lead).alive = False
    free_places_of(s)[s.n_free] = lead
    s.n_free += 1


@compiled
def rows_of(s: Run, leads: Ints) -> Ints:
    """Return the rows of leads in places: lead order (created, then id)."""
    rows = np.empty(leads.size, np.int64)
    for i in range(leads.size):
        rows[i] = lead_at(s, leads[i]).row
    return rows


@compiled
def new_pass(s: Run, lead: int, started: float, handed_off: float, gives_up: float) -> None:
    """Begin a pass: a scoring has qualified the lead (again)."""
    me = lead_at(s, lead)
    me.pass_ += 1
    me.pass_started, me.handed_off, me.gives_up = started, handed_off, gives_up
    me.contacted_at, me.contacted_by, me.first_pool = NAN, -1, -1
    me.accepted, me.assessment = -1, NAN
    me.passed_stages, me.stage, me.first_contact, me.worked_in = 0, 0, True, -1
    new_task(s, lead, handed_off)


@compiled
def new_task(s: Run, lead: int, entered: float) -> None:
    """Begin a task, open work from `entered` on; nothing of it has happened yet."""
    me = lead_at(s, lead)
    me.entered, me.queued, me.started, me.ended = entered, NAN, NAN, NAN
    me.task_effort, me.kind, me.x, me.decision = 0.0, c.WORK, NAN, c.PENDING
    me.rep = -1


@compiled
def take_owner(s: Run, pool: int, lead: int, rep: int) -> None:
    """Make a rep who starts a task the lead's owner, unless there is one on the headcount."""
    owner = owners_of(s)[lead, pool]
    if owner != rep and (owner < 0 or not rep_at(s, owner).here):
        owners_of(s)[lead, pool] = rep
        if lead_at(s, lead).open_in == pool:
            rep_at(s, rep).open += 1


@compiled
def opens_in(s: Run, lead: int, pool: int) -> None:
    """Count the lead as open work of `pool` (-1: of nobody) from now on."""
    before = lead_at(s, lead).open_in
    if before >= 0:
        pool_at(s, before).open -= 1
        if owners_of(s)[lead, before] >= 0:
            rep_at(s, owners_of(s)[lead, before]).open -= 1
    if pool >= 0:
        pool_at(s, pool).open += 1
        if owners_of(s)[lead, pool] >= 0:
            rep_at(s, owners_of(s)[lead, pool]).open += 1
    lead_at(s, lead).open_in = pool


@compiled
def write_task(s: Run, lead: int) -> None:
    """Write the lead's task as it is now."""
    me = lead_at(s, lead)
    if not math.isnan(me.ended) and not math.isnan(me.started):
        me.effort += me.task_effort
        if me.decision == c.REJECTED_CONTACT:
            me.wasted += me.task_effort
    if s.n_tasks >= s.task_room:
        s.full = True
        return
    row = task_at(s, s.n_tasks)
    s.n_tasks += 1
    row.lead, row.pass_, row.stage, row.pool = me.row, me.pass_, me.stage, me.pool
    row.rep = -1 if me.rep < 0 else rep_at(s, me.rep).number
    row.entered, row.queued, row.started, row.ended = me.entered, me.queued, me.started, me.ended
    row.effort, row.kind, row.x, row.decision = me.task_effort, me.kind, me.x, me.decision


@compiled
def write_pass(s: Run, lead: int, left_to: int, left_at: float) -> None:
    """Write the lead's pass, which ends here (or is under way at the period's end)."""
    me = lead_at(s, lead)
    if s.n_passes >= s.row_room:
        s.full = True
        return
    row = pass_at(s, s.n_passes)
    s.n_passes += 1
    row.lead, row.pass_, row.started, row.score = me.row, me.pass_, me.pass_started, me.score
    row.handed_off_at, row.first_response_at = me.handed_off, me.contacted_at
    row.accepted, row.assessment, row.pool, row.rep = me.accepted, me.assessment, me.first_pool, me.contacted_by
    row.stage, row.left_to, row.left_at = me.passed_stages, left_to, left_at


@compiled
def write_entry(s: Run, lead: int, reason: int, entered: float, left_at: float, end: int) -> None:
    """Write one stay in nurture."""
    me = lead_at(s, lead)
    if s.n_entries >= s.row_room:
        s.full = True
        return
    row = entry_at(s, s.n_entries)
    s.n_entries += 1
    row.lead, row.entry, row.reason = me.row, me.entries, reason
    row.entered, row.left_at, row.end = entered, left_at, end


@compiled
def close(s: Run, lead: int, outcome: int, left_to: int, at: float) -> None:
    """End the lead's last pass at `at`, and with it the lead's life."""
    write_pass(s, lead, left_to, at)
    close_early(s, lead, outcome, at)


@compiled
def close_early(s: Run, lead: int, outcome: int, at: float) -> None:
    """End the lead's life outside a pass."""
    write_end(s, lead, outcome, at)
    leave_place(s, lead)


@compiled
def write_end(s: Run, lead: int, outcome: int, at: float) -> None:
    """Write what became of the lead."""
    me = lead_at(s, lead)
    row = end_at(s, s.n_ends)
    s.n_ends += 1
    row.lead, row.outcome, row.closed_at, row.quality = me.row, outcome, at, me.quality
    row.passes, row.entries, row.effort, row.wasted = me.pass_, me.entries, me.effort, me.wasted


@compiled
def write_what_is_open(s: Run) -> None:
    """Write down, at the period's end, who is alive."""
    for lead in range(s.n_used):
        me = lead_at(s, lead)
        if not me.alive:
            continue
        me.ended, me.decision, me.x = math.nan, c.PENDING, math.nan
        if me.rep < 0 and me.pool >= 0:
            me.rep = owners_of(s)[lead, me.pool]
        if me.entered < s.end_h:
            write_task(s, lead)
        write_pass(s, lead, c.IN_PROGRESS, math.nan)
        write_end(s, lead, c.OPEN, math.nan)
