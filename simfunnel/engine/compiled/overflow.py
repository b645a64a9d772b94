"""Overflow of a hybrid pool: who waits too long at home may be taken by another team whose own queue is empty."""

from __future__ import annotations

from simfunnel.calendars import add_working
from simfunnel.engine.compiled.clock import push
from simfunnel.engine.compiled.lines import IN_OVERDUE, before, head_of, heap_with, team_row
from simfunnel.engine.compiled.state import Run, fit_of, lead_at, openings, pool_rules, rep_at, team_at, whole_at
from simfunnel.engine.order import READY
from simfunnel.jit import compiled


@compiled
def start_overflow_timer(s: Run, pool: int, lead: int) -> None:
    """Start the lead's wait at home, where it keeps its rank; when the wait is over it is overdue as well."""
    me, rules = lead_at(s, lead), pool_rules(s, s.phase, pool)
    due = me.queued + rules.overflow_after
    if rules.overflow_working:
        opens, closes = openings(s, rules.calendar)
        due = add_working(opens, closes, me.queued, rules.overflow_after)
    if due <= s.t:
        becomes_overdue(s, lead)
    else:
        push(s, due, READY, me.row, lead, me.ticket)


@compiled
def becomes_overdue(s: Run, lead: int) -> None:
    """Let other teams take the lead too from now on."""
    me = lead_at(s, lead)
    team = team_at(s, team_row(s, me.pool, me.home))
    me.overdue = True
    team.overdue = heap_with(s, IN_OVERDUE, team.overdue, lead)


@compiled
def overdue_task_for(s: Run, pool: int, helper: int, best: int) -> int:
    """Return the overdue task of another team that a free rep of `helper` may take, if before `best`; else -1."""
    f, team = s.phase, team_row(s, pool, helper)
    if head_of(s, team) >= 0 or idle_rep(s, team) < 0:
        return -1
    found = -1
    for home in range(s.channels):
        if home == helper or not _helps(s, f, pool, home, helper):
            continue
        head = int(team_at(s, team_row(s, pool, home)).overdue)
        if head < 0 or (best >= 0 and not before(s, head, best)) or (found >= 0 and not before(s, head, found)):
            continue
        if _first_helper(s, pool, head, home) == helper:
            found = head
    return found


@compiled
def idle_rep(s: Run, team: int) -> int:
    """Return the free rep of a team who has been idle longest and has no line of tasks; -1 for nobody."""
    rep = team_at(s, team).first_free
    while rep >= 0 and rep_at(s, rep).callable:
        rep = rep_at(s, rep).next_free
    return int(rep)


@compiled
def _helps(s: Run, f: int, pool: int, home: int, helper: int) -> bool:
    fit = fit_of(s, f, pool, home)
    found = False
    for i in range(fit.first_helper, fit.last_helper):
        found |= whole_at(s, i) == helper
    return found


@compiled
def _first_helper(s: Run, pool: int, lead: int, home: int) -> int:
    """Return the team that takes an overdue lead: home if somebody there may, else the first free one listed."""
    me = lead_at(s, lead)
    if me.line_of >= 0:
        if rep_at(s, me.line_of).here and not rep_at(s, me.line_of).busy:
            return home
    elif team_at(s, team_row(s, pool, home)).first_free >= 0:
        return home
    fit = fit_of(s, s.phase, pool, home)
    for i in range(fit.first_helper, fit.last_helper):
        helper = int(whole_at(s, i))
        team = team_row(s, pool, helper)
        if head_of(s, team) < 0 and idle_rep(s, team) >= 0:
            return helper
    return home
