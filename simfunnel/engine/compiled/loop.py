"""The event loop: instant by instant, in the order of `reference/clock.py`."""

from __future__ import annotations

import math

import numpy as np

from simfunnel.arrays import Array, Floats, Ints
from simfunnel.engine import order
from simfunnel.engine.compiled.clock import OWN, drop_first, push
from simfunnel.engine.compiled.lead import at_home, is_done, is_ready, is_served, leave_before_the_task
from simfunnel.engine.compiled.lead_state import new_pass, rows_of, take_place, write_what_is_open
from simfunnel.engine.compiled.lines import team_row
from simfunnel.engine.compiled.overflow import becomes_overdue
from simfunnel.engine.compiled.pool import (
    changed,
    is_open,
    leave_line,
    next_of_everybody,
    next_to_serve,
)
from simfunnel.engine.compiled.state import (
    Run,
    by_name,
    channel_of,
    counts_of,
    entries_before,
    event_at,
    home_pool,
    id_of,
    joining,
    known,
    lead_at,
    line_at,
    owners_of,
    pool_at,
    pool_rules,
    rep_at,
)
from simfunnel.engine.compiled.world import happens
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c


@compiled
def loop(s: Run, instants: int) -> bool:
    """Run so many instants, or to the end; return whether there is more to come.

    An instant has two rounds, with an assignment after each: what comes before assignment, then whatever is left.
    """
    for _ in range(instants):
        t = _next_instant(s)
        if s.full or t == math.inf:
            return False
        s.t = t
        for kind in (order.ASSIGNMENT, order.ASSIGNMENT_AGAIN):
            if _next_instant(s) == t:
                _all_of_the_instant(s, order.key_of(kind, 0))
                settle(s)
    return True


@compiled
def finish(s: Run) -> None:
    """End the period: queues are counted up to it, and who is alive stays open."""
    s.t = s.end_h
    for pool in range(s.pools):
        here = pool_at(s, pool)
        here.queue_hours += here.waiting * (s.end_h - here.changed_at)
    write_what_is_open(s)


@compiled
def _next_instant(s: Run) -> float:
    """Return when something happens next: an event, or a newcomer; inf when nothing does."""
    t = math.inf
    if s.n_events > 0:
        t = event_at(s, 0).t
    if s.arrived < s.newcomers:
        t = min(t, known(s.joins_at_at, joining(s, s.arrived)))
    return t


@compiled
def _all_of_the_instant(s: Run, limit: int) -> None:
    """Let everything of this instant happen whose key is below `limit`, in the order of keys."""
    t = s.t
    while True:
        key = limit
        if s.n_events > 0 and event_at(s, 0).t == t:
            key = min(key, event_at(s, 0).key)
        if s.arrived < s.newcomers:
            row = joining(s, s.arrived)
            if known(s.joins_at_at, row) == t and order.key_of(order.READY, row) < key:
                s.arrived += 1
                is_ready(s, arrives(s, row))
                continue
        if key == limit:
            return
        first = event_at(s, 0)
        who, tag = int(first.who), int(first.tag)
        drop_first(s)
        _dispatch(s, key, who, tag)


@compiled
def _dispatch(s: Run, key: int, who: int, tag: int) -> None:
    """Hand an event to whom it concerns."""
    kind = order.kind_of(key)
    if kind == order.COMPLETION:
        is_done(s, who)
    elif kind == order.WORLD:
        happens(s, key, who, tag)
    elif kind == order.READY:
        if tag == OWN:
            is_ready(s, who)
        else:
            overflow_timer_ends(s, who, order.order_of(key), tag)
    else:
        patience_ends(s, who, order.order_of(key), tag)


# ---------------------------------------------------------------------- what happens to a lead from outside


@compiled
def arrives(s: Run, row: int) -> int:
    """Let a lead join its first queue; return its place."""
    lead = take_place(s)
    me = lead_at(s, lead)
    me.alive, me.waits, me.owned_wait, me.in_list, me.overdue = True, False, False, False, False
    me.row, me.id = row, id_of(s, row)
    me.channel = channel_of(s, row)
    me.quality, me.noise, me.score = known(s.quality_at, row), known(s.noise_at, row), known(s.score_at, row)
    me.entries = entries_before(s, row)
    me.effort = me.wasted = 0.0
    me.ticket, me.pass_, me.home = 0, 0, 0
    me.pool = me.open_in = me.line = me.line_of = me.next_joined = -1
    counts_of(s)[lead, :] = 0
    owners_of(s)[lead, :] = -1
    new_pass(s, lead, known(s.pass_started_at, row), known(s.joins_at_at, row), known(s.gives_up_at, row))
    return lead


@compiled
def open_the_pipeline(s: Run, leads: int, stages: Array, ready: Floats) -> None:
    """Let leads that are in the stages when the period starts go on living there."""
    for row in range(leads):
        lead = arrives(s, row)
        me, stage = lead_at(s, lead), stages[row]
        if stage > 0:
            me.stage = me.passed_stages = stage
            me.first_contact, me.accepted = False, 1
            for before in range(stage):
                pool = home_pool(s, 0, me.channel, before)
                if pool >= 0:
                    me.worked_in = pool
        at_home(s, lead)
        push(s, ready[row], order.READY, me.row, lead, OWN)


@compiled
def overflow_timer_ends(s: Run, lead: int, row: int, ticket: int) -> None:
    """Make the lead overdue, if it waits in the same line still."""
    me = lead_at(s, lead)
    if me.alive and me.row == row and me.ticket == ticket and me.waits:
        becomes_overdue(s, lead)
        changed(s, me.pool)


@compiled
def patience_ends(s: Run, lead: int, row: int, pass_: int) -> None:
    """Let a lead without contact go cold: one that waits in a queue, or one that waits for just this."""
    me = lead_at(s, lead)
    if pass_ == OWN:
        leave_before_the_task(s, lead, c.COLD)
    elif me.alive and me.row == row and me.pass_ == pass_ and me.first_contact and me.waits:
        pool = me.pool
        leave_line(s, lead)
        pool_at(s, pool).left += 1
        changed(s, pool)
        leave_before_the_task(s, lead, c.COLD)


# ---------------------------------------------------------------------- assignment


@compiled
def settle(s: Run) -> None:
    """Assign free reps, pools by name, until no pair of a task and a free rep is left."""
    while s.unsettled > 0:
        k = 0
        while not pool_at(s, by_name(s, k)).unsettled:
            k += 1
        pool = by_name(s, k)
        pool_at(s, pool).unsettled = False
        s.unsettled -= 1
        _serve(s, pool)
        if pool_at(s, pool).first_joined >= 0:
            _after_joining(s, pool)


@compiled
def _serve(s: Run, pool: int) -> None:
    """Start whatever can be started in an open pool, in queue order."""
    here, unlimited = pool_at(s, pool), pool_rules(s, s.phase, pool).unlimited
    if not is_open(s, pool, s.t):
        return
    while here.waiting > 0:
        if unlimited:
            lead, rep = next_of_everybody(s, pool), -1
        else:
            lead, rep = next_to_serve(s, pool)
        if lead < 0:
            return
        is_served(s, lead, rep)


@compiled
def _after_joining(s: Run, pool: int) -> None:
    """Apply queue limits to first contacts that joined at this instant, then start the patience of who stays."""
    here = pool_at(s, pool)
    if pool_rules(s, s.phase, pool).queue_limit >= 0:
        _turn_away(s, pool)
    lead = int(here.first_joined)
    while lead >= 0:
        me = lead_at(s, lead)
        if me.alive and me.waits and me.first_contact:
            push(s, me.gives_up, order.PATIENCE, me.row, lead, me.pass_)
        lead = int(me.next_joined)
    here.first_joined = here.last_joined = -1


@compiled
def _turn_away(s: Run, pool: int) -> None:
    """Turn away who joined at this instant, the last in lead order first, while their line is too long."""
    here = pool_at(s, pool)
    lead = int(here.first_joined)
    while lead >= 0 and not _too_long(s, pool, lead):
        lead = int(lead_at(s, lead).next_joined)
    if lead < 0:  # nearly always: nothing is listed then
        return
    for last in _latest_first(s, int(here.first_joined)):
        if _too_long(s, pool, last):
            leave_line(s, last)
            here.left += 1
            leave_before_the_task(s, last, c.BALKED_TASK)


@compiled
def _too_long(s: Run, pool: int, lead: int) -> bool:
    """Return whether more first contacts than allowed wait in the lead's line; no if it has left the queue."""
    me = lead_at(s, lead)
    if not (me.alive and me.waits):
        return False
    line = rep_at(s, me.line_of).line if me.line_of >= 0 else team_row(s, pool, me.home)
    return bool(line_at(s, line).waiting > pool_rules(s, s.phase, pool).queue_limit)


@compiled
def _latest_first(s: Run, first: int) -> Ints:
    """Return who joined at this instant and waits for a first contact, in reverse lead order."""
    count, lead = 0, first
    while lead >= 0:
        count += 1
        lead = int(lead_at(s, lead).next_joined)
    found, n, lead = np.empty(count, np.int64), 0, first
    while lead >= 0:
        me = lead_at(s, lead)
        if me.alive and me.waits and me.first_contact:
            found[n] = lead
            n += 1
        lead = int(me.next_joined)
    if n < 2:
        return found[:n]
    return found[:n][np.argsort(-rows_of(s, found[:n]))]
