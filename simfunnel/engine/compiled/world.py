"""What changes the world: phase switches, headcount, openings; the mirror of `reference/world.py`.

These are rare, so they may go through all leads or all reps.
"""

from __future__ import annotations

import math

import numpy as np

from simfunnel.arrays import Records
from simfunnel.calendars.clock import last_opening
from simfunnel.engine.compiled.clock import OWN, push
from simfunnel.engine.compiled.lead_state import new_task, opens_in, rows_of, write_task
from simfunnel.engine.compiled.lines import check_callable, into_team, is_no_longer_free, list_members, team_row
from simfunnel.engine.compiled.pool import changed, moves_away, out_of_the_line, place, takes_over
from simfunnel.engine.compiled.state import (
    Run,
    by_name,
    by_phase,
    change_h,
    change_in,
    home_pool,
    lead_at,
    openings,
    owners_of,
    pool_at,
    pool_rules,
    rep_at,
    team_at,
)
from simfunnel.engine.order import HEADCOUNT, OPENING, READY, SWITCH, WORLD, change_of, world_order
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c


@compiled
def announce_the_world(s: Run) -> None:
    """Put phase switches, headcount changes and openings into the heap, each at its instant."""
    starts = by_phase(s)["starts"]
    for pool in range(s.pools):
        use_rules(s, pool)
        list_members(s, pool)
    for f in range(1, starts.size):
        push(s, starts[f], WORLD, world_order(SWITCH, 0), f, OWN)
    for i in range(s.changes):
        t, pool = change_h(s, i), change_in(s, i)
        if t <= s.start_h:
            change_headcount(s, pool, t)
        else:
            push(s, t, WORLD, world_order(HEADCOUNT, pool_at(s, pool).rank_by_name), pool, OWN)
    for pool in range(s.pools):
        next_opening(s, pool)


@compiled
def happens(s: Run, key: int, who: int, tag: int) -> None:
    """Let the world change, by the event's key."""
    what = change_of(key)
    if what == SWITCH:
        switch(s, who)
    elif what == HEADCOUNT:
        change_headcount(s, who, s.t)
    elif tag == pool_at(s, who).calendar:
        changed(s, who)
        next_opening(s, who)


@compiled
def use_rules(s: Run, pool: int) -> None:
    """Take the calendar of the phase in force."""
    here = pool_at(s, pool)
    calendar = pool_rules(s, s.phase, pool).calendar
    if calendar != here.calendar:
        here.calendar = calendar
        here.opened = here.shuts = -math.inf
        here.interval = 0


@compiled
def next_opening(s: Run, pool: int) -> None:
    """Announce when the pool opens next."""
    here, t = pool_at(s, pool), s.t
    opens, _ = openings(s, here.calendar)
    first = last_opening(opens, t) + 1
    if first < len(opens):
        push(s, opens[first], WORLD, world_order(OPENING, here.rank_by_name), pool, here.calendar)


# ---------------------------------------------------------------------- headcount


@compiled
def change_headcount(s: Run, pool: int, t: float) -> None:
    """Let leavers go (a task in hand is done first) and hires come; place again who waited for one or for any."""
    here, again = pool_at(s, pool), np.zeros(s.n_used, np.bool_)
    for rep in range(here.first_rep, here.last_rep):
        me = rep_at(s, rep)
        if me.here and me.leaves_h == t and me.joins_h < t:
            if not me.busy:
                is_no_longer_free(s, rep)
            me.here = False
            here.heads -= 1
            check_callable(s, rep)
            mark_line(s, me.line, again)
    for rep in range(here.first_rep, here.last_rep):
        me = rep_at(s, rep)
        if not me.here and me.joins_h == t and me.leaves_h > t:
            me.here = True
            here.heads += 1
            into_team(s, rep)
            if pool_rules(s, s.phase, pool).given:
                mark_line(s, team_row(s, pool, me.team), again)
    for lead in np.flatnonzero(again):
        out_of_the_line(s, int(lead))
    list_members(s, pool)
    changed(s, pool)
    for lead in in_lead_order(s, again):
        place(s, pool, lead)


@compiled
def mark_line(s: Run, line: int, marks: Records) -> None:
    """Mark who waits in a line."""
    for lead in range(marks.size):
        if lead_at(s, lead).alive and lead_at(s, lead).waits and lead_at(s, lead).line == line:
            marks[lead] = True


@compiled
def in_lead_order(s: Run, marks: Records) -> Records:
    """Return the marked leads by (created, id), the order of the rows of `leads`."""
    found = np.flatnonzero(marks)
    return found[np.argsort(rows_of(s, found))]


# ---------------------------------------------------------------------- a new phase


@compiled
def switch(s: Run, f: int) -> None:
    """Begin a phase: its rules hold, and who waits is queued again with wait and patience as they are."""
    before = s.phase
    waiting = np.zeros(s.n_used, np.bool_)
    s.phase = f
    if homes_differ(s, f, before):
        leave_old_homes(s, waiting)
    for k in range(s.pools):
        pool = by_name(s, k)
        calendar = pool_at(s, pool).calendar
        use_rules(s, pool)
        changed(s, pool)
        if pool_at(s, pool).calendar != calendar:
            next_opening(s, pool)
        if pool_rules(s, f, pool).queue_rules != pool_rules(s, before, pool).queue_rules:
            regroup(s, pool, waiting)
    for lead in in_lead_order(s, waiting):
        queue_again(s, lead)


@compiled
def homes_differ(s: Run, f: int, g: int) -> bool:
    """Return whether some stage has another pool in phase `f` than in phase `g`."""
    for channel in range(s.channels):
        for stage in range(s.stages):
            if home_pool(s, f, channel, stage) != home_pool(s, g, channel, stage):
                return True
    return False


@compiled
def leave_old_homes(s: Run, waiting: Records) -> None:
    """Make who waits for the customer open work of the new pool; mark who waits in the line of an old one."""
    for lead in range(s.n_used):
        me = lead_at(s, lead)
        if not me.alive:
            continue
        home = int(home_pool(s, s.phase, me.channel, me.stage))
        if me.waits:
            if me.pool != home:
                moves_away(s, me.pool, lead)
                waiting[lead] = True
        elif math.isnan(me.started) and me.entered <= s.t and me.open_in != home:
            changes_home(s, lead, me.open_in, home)


@compiled
def regroup(s: Run, pool: int, waiting: Records) -> None:
    """Form the teams anew; mark who waits here, to be placed again in the new lines."""
    here, teams = pool_at(s, pool), range(s.channels)
    for lead in range(s.n_used):
        me = lead_at(s, lead)
        if me.alive and me.waits and me.pool == pool:
            out_of_the_line(s, lead)
            waiting[lead] = True
    for home in teams:
        team = team_at(s, team_row(s, pool, home))
        team.first_free = team.last_free = team.last_given = -1
    for rep in range(here.first_rep, here.last_rep):
        if rep_at(s, rep).here:
            into_team(s, rep)
    list_members(s, pool)


@compiled
def changes_home(s: Run, lead: int, old: int, new: int) -> None:
    """Write down the lead's wait so far; from now on it is open work of another pool."""
    t, me = s.t, lead_at(s, lead)
    me.pool, me.ended, me.decision = old, t, c.MOVED
    me.rep = -1 if old < 0 else owners_of(s)[lead, old]
    if me.entered < t:
        write_task(s, lead)
    new_task(s, lead, t)
    opens_in(s, lead, new)
    me.pool = new


@compiled
def queue_again(s: Run, lead: int) -> None:
    """Put the lead back into a line: of the same pool, or of the new home."""
    me = lead_at(s, lead)
    old, queued = me.pool, me.queued
    new = int(home_pool(s, s.phase, me.channel, me.stage))
    if new == old:
        place(s, old, lead)
        return
    changes_home(s, lead, old, new)
    if new >= 0:
        takes_over(s, new, lead, queued)
    else:  # nobody needs to work the stage any more: ready at this instant, and not within the switch
        push(s, s.t, READY, me.row, lead, OWN)
