"""Lines of waiting leads, and the teams that they wait for."""

from __future__ import annotations

from simfunnel.engine.compiled.state import (
    Run,
    lead_at,
    line_at,
    links_of,
    members_of,
    pool_at,
    pool_rules,
    rep_at,
    team_at,
    whole_at,
)
from simfunnel.jit import compiled


@compiled
def team_row(s: Run, pool: int, home: int) -> int:
    """Return the row in `teams` of a pool's team: one when pooled, else one for each channel."""
    return int(pool * s.channels + home)


# ---------------------------------------------------------------------- free reps, the one idle longest first


@compiled
def becomes_free(s: Run, rep: int) -> None:
    """Put the rep into the team's list of free reps, by (idle since, number)."""
    me = rep_at(s, rep)
    team = team_at(s, team_row(s, me.pool, me.team))
    after, before_it = -1, team.last_free
    while before_it >= 0:
        other = rep_at(s, before_it)
        if other.idle_since < me.idle_since or (other.idle_since == me.idle_since and other.number < me.number):
            break
        after, before_it = before_it, other.previous_free
    me.next_free, me.previous_free = after, before_it
    if before_it >= 0:
        rep_at(s, before_it).next_free = rep
    else:
        team.first_free = rep
    if after >= 0:
        rep_at(s, after).previous_free = rep
    else:
        team.last_free = rep
    check_callable(s, rep)


@compiled
def is_no_longer_free(s: Run, rep: int) -> None:
    """Take the rep out of the list of free reps: busy from now on, or gone."""
    me = rep_at(s, rep)
    team = team_at(s, team_row(s, me.pool, me.team))
    if me.previous_free >= 0:
        rep_at(s, me.previous_free).next_free = me.next_free
    else:
        team.first_free = me.next_free
    if me.next_free >= 0:
        rep_at(s, me.next_free).previous_free = me.previous_free
    else:
        team.last_free = me.previous_free
    me.next_free = me.previous_free = -1
    check_callable(s, rep)


@compiled
def check_callable(s: Run, rep: int) -> None:
    """Keep the pool's list of free reps with tasks in a line of their own."""
    me = rep_at(s, rep)
    wanted = me.here and not me.busy and head_of(s, me.line) >= 0
    if wanted == me.callable:
        return
    pool = pool_at(s, me.pool)
    me.callable = wanted
    if wanted:
        me.next_callable, me.previous_callable = pool.first_callable, -1
        if pool.first_callable >= 0:
            rep_at(s, pool.first_callable).previous_callable = rep
        pool.first_callable = rep
        return
    if me.previous_callable >= 0:
        rep_at(s, me.previous_callable).next_callable = me.next_callable
    else:
        pool.first_callable = me.next_callable
    if me.next_callable >= 0:
        rep_at(s, me.next_callable).previous_callable = me.previous_callable


# ---------------------------------------------------------------------- who is on the headcount


@compiled
def into_team(s: Run, rep: int) -> None:
    """Put the rep into the team of their place on the headcount; who is beyond it leaves at this very instant."""
    me = rep_at(s, rep)
    rules = pool_rules(s, s.phase, me.pool)
    last = rules.last_head - rules.first_head - 1
    me.team = 0 if rules.pooled else whole_at(s, rules.first_head + min(me.position, last))
    if not me.busy:
        becomes_free(s, rep)


@compiled
def list_members(s: Run, pool: int) -> None:
    """List who is on the headcount, team by team in the order of their numbers."""
    here, at = pool_at(s, pool), pool_at(s, pool).first_rep
    for home in range(s.channels):
        team = team_at(s, team_row(s, pool, home))
        team.first_member = at
        for rep in range(here.first_rep, here.last_rep):
            if rep_at(s, rep).here and rep_at(s, rep).team == home:
                members_of(s)[at] = rep
                at += 1
        team.members = at - team.first_member


@compiled
def next_in_turn(s: Run, team: int) -> int:
    """Return the next number on the team's headcount, round robin."""
    here = team_at(s, team)
    low, high = 0, here.members
    while low < high:
        middle = (low + high) >> 1
        if rep_at(s, members_of(s)[here.first_member + middle]).number > here.last_given:
            high = middle
        else:
            low = middle + 1
    rep = members_of(s)[here.first_member + (low if low < here.members else 0)]
    here.last_given = rep_at(s, rep).number
    return int(rep)


CHILD, SIBLING, PREVIOUS = 0, 1, 2  # links of a heap; in a list: SIBLING is the next, PREVIOUS the one before
IN_LINE, IN_OVERDUE = 0, 3  # where a lead's links of either kind begin


@compiled
def before(s: Run, a: int, b: int) -> bool:
    """Return whether the task of lead `a` comes before that of lead `b` in queue order."""
    one, other = lead_at(s, a), lead_at(s, b)
    if one.rank_class != other.rank_class:
        return bool(one.rank_class < other.rank_class)
    if one.rank_key != other.rank_key:
        return bool(one.rank_key < other.rank_key)
    return bool(one.row < other.row)


@compiled
def better(s: Run, a: int, b: int) -> int:
    """Return the lead of two that comes first; -1 is nobody."""
    if a < 0 or (b >= 0 and before(s, b, a)):
        return b
    return a


# ---------------------------------------------------------------------- pairing heap


@compiled
def meld(s: Run, kind: int, a: int, b: int) -> int:
    """Make one heap of two, each given by its root; return the root."""
    if a < 0:
        return b
    if b < 0:
        return a
    if before(s, b, a):
        a, b = b, a
    linked, oldest = links_of(s), links_of(s)[a, kind + CHILD]
    linked[b, kind + SIBLING], linked[b, kind + PREVIOUS] = oldest, a
    if oldest >= 0:
        linked[oldest, kind + PREVIOUS] = b
    linked[a, kind + CHILD] = b
    return a


@compiled
def heap_of_children(s: Run, kind: int, parent: int) -> int:
    """Make one heap of the children of `parent`, paired from the left, then melded from the right; return the root."""
    linked = links_of(s)
    child, pairs = linked[parent, kind + CHILD], -1
    while child >= 0:
        other = linked[child, kind + SIBLING]
        rest = linked[other, kind + SIBLING] if other >= 0 else -1
        pair = meld(s, kind, child, other)
        linked[pair, kind + SIBLING] = pairs
        pairs, child = pair, rest
    root = -1
    while pairs >= 0:
        rest = linked[pairs, kind + SIBLING]
        root = meld(s, kind, root, pairs)
        pairs = rest
    return root


@compiled
def heap_with(s: Run, kind: int, root: int, lead: int) -> int:
    """Add a lead to the heap of `root`; return the new root."""
    links_of(s)[lead, kind + CHILD] = -1
    return set_root(s, kind, meld(s, kind, root, lead))


@compiled
def heap_without(s: Run, kind: int, root: int, lead: int) -> int:
    """Take a lead from the heap of `root`; return the new root, -1 when empty."""
    rest = heap_of_children(s, kind, lead)
    if lead == root:
        return set_root(s, kind, rest)
    linked = links_of(s)
    after, before_it = linked[lead, kind + SIBLING], linked[lead, kind + PREVIOUS]
    if linked[before_it, kind + CHILD] == lead:
        linked[before_it, kind + CHILD] = after
    else:
        linked[before_it, kind + SIBLING] = after
    if after >= 0:
        linked[after, kind + PREVIOUS] = before_it
    return set_root(s, kind, meld(s, kind, root, rest))


@compiled
def set_root(s: Run, kind: int, root: int) -> int:
    """Return a root, which has no neighbours."""
    if root >= 0:
        links_of(s)[root, kind + SIBLING] = links_of(s)[root, kind + PREVIOUS] = -1
    return root


# ---------------------------------------------------------------------- lines


@compiled
def head_of(s: Run, line: int) -> int:
    """Return the lead that is first in the line, -1 for nobody."""
    here = line_at(s, line)
    if here.root < 0:
        return int(here.first)
    return better(s, here.first, here.root)


@compiled
def into_line(s: Run, line: int, lead: int) -> None:
    """Put the lead where its rank belongs."""
    here, me, linked = line_at(s, line), lead_at(s, lead), links_of(s)
    me.line, me.in_list = line, True
    if here.first < 0:
        linked[lead, SIBLING] = linked[lead, PREVIOUS] = -1
        here.first = here.last = lead
    elif before(s, here.last, lead):
        linked[lead, SIBLING], linked[lead, PREVIOUS] = -1, here.last
        linked[here.last, SIBLING] = lead
        here.last = lead
    elif before(s, lead, here.first):
        linked[lead, SIBLING], linked[lead, PREVIOUS] = here.first, -1
        linked[here.first, PREVIOUS] = lead
        here.first = lead
    else:
        me.in_list = False
        here.root = heap_with(s, IN_LINE, here.root, lead)
    if me.first_contact:
        here.waiting += 1


@compiled
def out_of_line(s: Run, lead: int) -> None:
    """Take the lead out of its line."""
    me, linked = lead_at(s, lead), links_of(s)
    here = line_at(s, me.line)
    if me.in_list:
        after, before_it = linked[lead, SIBLING], linked[lead, PREVIOUS]
        if before_it >= 0:
            linked[before_it, SIBLING] = after
        else:
            here.first = after
        if after >= 0:
            linked[after, PREVIOUS] = before_it
        else:
            here.last = before_it
    else:
        here.root = heap_without(s, IN_LINE, here.root, lead)
    if me.first_contact:
        here.waiting -= 1
    me.line = -1
