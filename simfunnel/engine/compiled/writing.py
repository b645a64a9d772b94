"""What is written down while the clock runs: rows of tasks, passes, stays in nurture and ends."""

from __future__ import annotations

import math

from simfunnel.engine.compiled.reach import end_at, entry_at, lead_at, leave_place, owners_of, pass_at, rep_at, task_at
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c


@compiled
def write_task(s: Run, lead: int) -> None:
    """The lead's task as it is now."""
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
    """The lead's pass, which ends here (or is under way at the period's end)."""
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
    """One stay in nurture."""
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
    """The lead's last pass ends at `at`, and with it the lead's life."""
    write_pass(s, lead, left_to, at)
    close_early(s, lead, outcome, at)


@compiled
def close_early(s: Run, lead: int, outcome: int, at: float) -> None:
    """The lead's life ends outside a pass."""
    write_end(s, lead, outcome, at)
    leave_place(s, lead)


@compiled
def write_end(s: Run, lead: int, outcome: int, at: float) -> None:
    """What became of the lead."""
    me = lead_at(s, lead)
    row = end_at(s, s.n_ends)
    s.n_ends += 1
    row.lead, row.outcome, row.closed_at, row.quality = me.row, outcome, at, me.quality
    row.passes, row.entries, row.effort, row.wasted = me.pass_, me.entries, me.effort, me.wasted


@compiled
def write_what_is_open(s: Run) -> None:
    """The end: whoever is alive stays open."""
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
