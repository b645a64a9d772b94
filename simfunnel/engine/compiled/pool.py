"""A pool of reps: who waits in which order, and who serves whom; the mirror of `reference/pool.py`.

Starting a task and leaving without a contact are the lead's own affair (`lead.py`).
"""

from __future__ import annotations

from typing import Any

from simfunnel.calendars import add_working
from simfunnel.engine import rules
from simfunnel.engine.compiled.lead_state import luck
from simfunnel.engine.compiled.lines import (
    IN_OVERDUE,
    becomes_free,
    better,
    check_callable,
    head_of,
    heap_without,
    into_line,
    next_in_turn,
    out_of_line,
    team_row,
)
from simfunnel.engine.compiled.overflow import idle_rep, overdue_task_for, start_overflow_timer
from simfunnel.engine.compiled.state import (
    Run,
    fit_of,
    lead_at,
    members_of,
    openings,
    owners_of,
    part,
    pool_at,
    pool_rules,
    rep_at,
    stage_hash,
    team_at,
)
from simfunnel.jit import compiled
from simfunnel.plan.model import FIFO, IN_TURN, NEWEST_FIRST, OPEN_DEALS_FIRST, RANDOM
from simfunnel.streams import ROUTING

WELL_BEFORE_CLOSING_H = 1e-6  # nearer to closing, `add_working` decides


@compiled
def changed(s: Run, pool: int) -> None:
    """Let the pool take part in this instant's assignment: something may let a task start."""
    here = pool_at(s, pool)
    if not here.unsettled:
        here.unsettled = True
        s.unsettled += 1


# ---------------------------------------------------------------------- joining and leaving the queue


@compiled
def join(s: Run, pool: int, lead: int) -> None:
    """Put the lead's next task into the queue."""
    here, me = pool_at(s, pool), lead_at(s, lead)
    count_waiting(s, pool, +1)
    here.joined += 1
    me.pool, me.queued, me.waits = pool, s.t, True
    me.next_joined = -1
    if here.last_joined >= 0:
        lead_at(s, here.last_joined).next_joined = lead
    else:
        here.first_joined = lead
    here.last_joined = lead
    place(s, pool, lead)
    changed(s, pool)


@compiled
def place(s: Run, pool: int, lead: int) -> None:
    """Find the lead's line: its owner's, the rep's it is given to, or its team's; its rank is as it joined."""
    me, policy = lead_at(s, lead), pool_rules(s, s.phase, pool)
    me.ticket += 1
    me.home = 0 if policy.pooled else me.channel
    _rank(s, pool, lead)
    team = team_row(s, pool, me.home)
    rep = int(owners_of(s)[lead, pool]) if policy.owned else -1
    if rep >= 0 and not rep_at(s, rep).here:
        rep = -1
    me.owned_wait = rep >= 0
    if rep < 0 and policy.given and team_at(s, team).members > 0:
        rep = _rep_to_give(s, pool, lead, team)
    me.line_of = rep
    if rep >= 0:
        into_line(s, rep_at(s, rep).line, lead)
        check_callable(s, rep)
    else:
        into_line(s, team, lead)
    if policy.overflows and not me.owned_wait:
        fit = fit_of(s, s.phase, pool, me.home)
        if fit.last_helper > fit.first_helper:
            start_overflow_timer(s, pool, lead)


@compiled
def _rank(s: Run, pool: int, lead: int) -> None:
    """Set class and key of a task: the lower the sooner; ties go by lead order."""
    me, policy = lead_at(s, lead), pool_rules(s, s.phase, pool)
    me.rank_key = me.queued
    if policy.open_deals == IN_TURN:
        me.rank_class = 0
        return
    if me.stage > 0:
        me.rank_class = 0 if policy.open_deals == OPEN_DEALS_FIRST else 2
        return
    me.rank_class = 1
    if policy.discipline != FIFO:
        me.rank_key = -me.queued if policy.discipline == NEWEST_FIRST else -me.score


@compiled
def _rep_to_give(s: Run, pool: int, lead: int, team: int) -> int:
    """Return the team's next number (round robin) or its floor(u n)-th rep, u keyed by the pass (random)."""
    if pool_rules(s, s.phase, pool).routing != RANDOM:
        return next_in_turn(s, team)
    me, here = lead_at(s, lead), team_at(s, team)
    u = luck(s, lead, ROUTING, stage_hash(s, me.stage), me.pass_)
    return int(members_of(s)[here.first_member + int(u * here.members)])


@compiled
def leave_line(s: Run, lead: int) -> None:
    """Take the lead out of the queue."""
    me = lead_at(s, lead)
    pool = me.pool
    out_of_the_line(s, lead)
    me.ticket += 1
    me.waits = False
    count_waiting(s, pool, -1)


@compiled
def out_of_the_line(s: Run, lead: int) -> None:
    """Take the lead out of its line and of the overdue ones, while it still counts as waiting."""
    me = lead_at(s, lead)
    if me.overdue:
        team = team_at(s, team_row(s, me.pool, me.home))
        me.overdue = False
        team.overdue = heap_without(s, IN_OVERDUE, team.overdue, lead)
    out_of_line(s, lead)
    if me.line_of >= 0:
        check_callable(s, me.line_of)


@compiled
def count_waiting(s: Run, pool: int, change: int) -> None:
    """Bring the integral of the number waiting up to now, then change the number."""
    here, t = pool_at(s, pool), s.t
    here.queue_hours += here.waiting * (t - here.changed_at)
    here.waiting += change
    here.changed_at = t


@compiled
def takes_over(s: Run, pool: int, lead: int, queued: float) -> None:
    """Let a lead that has waited since `queued` in another pool wait here from now on, with its rank."""
    me = lead_at(s, lead)
    count_waiting(s, pool, +1)
    pool_at(s, pool).joined += 1
    me.pool, me.queued, me.waits = pool, queued, True
    place(s, pool, lead)
    changed(s, pool)


@compiled
def moves_away(s: Run, pool: int, lead: int) -> None:
    """Let go a lead that is served elsewhere from now on."""
    leave_line(s, lead)
    pool_at(s, pool).left += 1


# ---------------------------------------------------------------------- one instant's assignment


@compiled
def is_open(s: Run, pool: int, t: float) -> bool:
    """Return whether the pool works at hour `t` (open at the opening instant, closed at the closing one)."""
    here = pool_at(s, pool)
    if here.opened <= t < here.shuts:
        return True
    opens, closes = openings(s, here.calendar)
    k = here.interval
    while k + 1 < len(opens) and opens[k + 1] <= t:
        k += 1
    here.interval = k
    if k >= len(opens) or not opens[k] <= t < closes[k]:
        return False
    here.opened, here.shuts = opens[k], closes[k]
    return True


@compiled
def next_to_serve(s: Run, pool: int) -> tuple[int, int]:
    """Return (lead, rep) of the first task in queue order that some free rep may take; (-1, -1) when there is none."""
    policy, best, server = pool_rules(s, s.phase, pool), -1, -1
    for home in range(1 if policy.pooled else s.channels):
        team = team_row(s, pool, home)
        free = int(team_at(s, team).first_free)
        if free < 0:
            continue
        head = head_of(s, team)
        if head >= 0 and better(s, best, head) == head:
            best, server = head, free
        if policy.overflows:
            head = overdue_task_for(s, pool, home, best)
            if head >= 0:
                best, server = head, idle_rep(s, team)
    rep = int(pool_at(s, pool).first_callable)
    while rep >= 0:
        head = head_of(s, rep_at(s, rep).line)
        if better(s, best, head) == head:
            best, server = head, rep
        rep = int(rep_at(s, rep).next_callable)
    return best, server


@compiled
def next_of_everybody(s: Run, pool: int) -> int:
    """Return the first of all who wait in the lines of teams, for unlimited reps; -1 for nobody."""
    policy, best = pool_rules(s, s.phase, pool), -1
    for home in range(1 if policy.pooled else s.channels):
        best = better(s, best, head_of(s, team_row(s, pool, home)))
    return best


# ---------------------------------------------------------------------- work


@compiled
def release(s: Run, rep: int) -> None:
    """Let a rep whose task is done be free, unless off the headcount."""
    me = rep_at(s, rep)
    me.busy = False
    changed(s, me.pool)
    if me.here:
        me.idle_since = s.t
        becomes_free(s, rep)


@compiled
def work_ends(s: Run, pool: int, t: float, effort: float, rep: int) -> float:
    """Return when the rep's working hours for an effort that begins at `t` are done."""
    speed = 1.0
    if rep >= 0 and rep_at(s, rep).ramp_days > 0.0:
        me = rep_at(s, rep)
        speed = rules.productivity(t, me.joins_h, me.start_at, me.ramp_days)
    working_h = rules.working_time(effort, pool_rules(s, s.phase, pool).selling_time, speed)
    if is_open(s, pool, t) and t + working_h < pool_at(s, pool).shuts - WELL_BEFORE_CLOSING_H:
        return t + working_h
    opens, closes = openings(s, pool_at(s, pool).calendar)
    return float(add_working(opens, closes, t, working_h))


@compiled
def skill(s: Run, pool: int, lead: int, rep: int) -> tuple[float, float]:
    """Return (log-odds, time factor) of this lead with this rep: skills, and those on the own channel."""
    channel = lead_at(s, lead).channel
    mine = fit_of(s, s.phase, pool, channel)
    if not pool_rules(s, s.phase, pool).pooled and (rep < 0 or rep_at(s, rep).team == channel):
        return mine.skill_odds + mine.own_odds, mine.skill_time * mine.own_time
    return mine.skill_odds, mine.skill_time


@compiled
def load(s: Run, pool: int, rep: int) -> tuple[float, float]:
    """Return (log-odds, effort factor) of the work that is open now, per head or of the rep who owns it."""
    policy, odds, effort = pool_rules(s, s.phase, pool), 0.0, 1.0
    on_odds, on_effort = policy.load_on_odds, policy.load_on_effort
    if on_odds.middle > on_odds.first:
        odds = log_effect(s, on_odds, _open_per_head(s, pool, rep))
    if on_effort.middle > on_effort.first:
        a, m, b = on_effort.first, on_effort.middle, on_effort.last
        level = _open_per_head(s, pool, rep)
        effort = rules.effort_factor(level, on_effort.strength, part(s.points_at, a, m), part(s.points_at, m, b))
    return odds, effort


@compiled
def log_effect(s: Run, effect: Any, x: float) -> float:
    """Return the shift in log-odds at `x` of an EFFECT."""
    a, m, b = effect.first, effect.middle, effect.last
    return float(rules.log_effect(x, effect.strength, part(s.points_at, a, m), part(s.points_at, m, b)))


@compiled
def _open_per_head(s: Run, pool: int, rep: int) -> float:
    policy = pool_rules(s, s.phase, pool)
    if policy.unlimited:
        return 0.0
    if policy.owned and rep >= 0:
        return float(rep_at(s, rep).open)
    return float(pool_at(s, pool).open / max(pool_at(s, pool).heads, 1))
