"""Overflow of a hybrid pool: who waits too long at home may be taken by another team whose own queue is empty."""

from __future__ import annotations

from heapq import heappush
from typing import TYPE_CHECKING

from simfunnel.calendars import add_working
from simfunnel.engine.order import READY
from simfunnel.engine.reference.lines import Rep, Team, Ticket, head_of

if TYPE_CHECKING:
    from simfunnel.engine.reference.lead import Lead
    from simfunnel.engine.reference.pool import Pool


def start_overflow_timer(pool: Pool, lead: Lead, entry: Ticket) -> None:
    """The lead keeps its rank at home; when the wait is over it is overdue as well."""
    after = pool.rules.overflow_after
    due = add_working(pool.opens, pool.closes, lead.queued, after.a) if after.working else lead.queued + after.a
    if due <= pool.clock.now:
        heappush(pool.teams[lead.home].overdue, entry)
    else:
        pool.clock.call_at(due, READY, lead.row, lambda: _is_overdue(pool, entry))


def _is_overdue(pool: Pool, entry: Ticket) -> None:
    lead = entry[4]
    if lead.ticket == entry[3]:
        heappush(pool.teams[lead.home].overdue, entry)
        pool.changed()


def overdue_task_for(pool: Pool, helper: int, best: Ticket | None) -> tuple[Ticket, Rep] | None:
    """The overdue task of another team that a free rep of `helper` may take, if it comes before `best`."""
    team = pool.teams[helper]
    if head_of(team.line) is not None:
        return None
    idle = sorted(
        entry for entry in team.free if entry[2].here and not entry[2].busy and entry[2].idle_since == entry[0]
    )
    reps = [entry[2] for entry in idle if head_of(entry[2].line) is None]
    if not reps:
        return None
    found: Ticket | None = None
    for home, other in enumerate(pool.teams):
        if home == helper or helper not in pool.helpers_of[home]:
            continue
        head = head_of(other.overdue)
        if head is None or not (best is None or head < best) or not (found is None or head < found):
            continue
        if _first_helper(pool, head[4], home) == helper:
            found = head
    return None if found is None else (found, reps[0])


def _first_helper(pool: Pool, lead: Lead, home: int) -> int:
    """Who takes an overdue lead: its home team if somebody there may, else the first listed team that is free."""
    if lead.line_of is not None:
        if lead.line_of.here and not lead.line_of.busy:
            return home
    elif any(rep.here and not rep.busy for rep in pool.teams[home].reps):
        return home
    return next(helper for helper in pool.helpers_of[home] if _may_help(pool.teams[helper]))


def _may_help(team: Team) -> bool:
    """Whether a team's own queue is empty and a rep without tasks of their own is free."""
    return head_of(team.line) is None and any(r.here and not r.busy and head_of(r.line) is None for r in team.reps)
