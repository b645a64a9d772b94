"""Reps in teams: who is free, whose turn it is, and who comes and goes."""

from __future__ import annotations

from simfunnel.engine.compiled.queues import head_of
from simfunnel.engine.compiled.reach import members_of, pool_at, pool_rules, rep_at, team_at, wholes
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled


@compiled
def team_row(s: Run, pool: int, home: int) -> int:
    """Row in `teams` of a pool's team: one when pooled, else one for each channel."""
    return int(pool * s.channels + home)


# ---------------------------------------------------------------------- free reps, the one idle longest first


@compiled
def becomes_free(s: Run, rep: int) -> None:
    """Into the team's list of free reps, by (idle since, number)."""
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
    """Out of the list of free reps: busy from now on, or gone."""
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
    """The team of the rep's place on the headcount; who is beyond it leaves at this very instant."""
    me = rep_at(s, rep)
    rules = pool_rules(s, s.phase, me.pool)
    last = rules.last_head - rules.first_head - 1
    me.team = 0 if rules.pooled else wholes(s)[rules.first_head + min(me.position, last)]
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
    """Round robin: the next number on the team's headcount."""
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
