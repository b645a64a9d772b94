"""A lead's life from joining its first queue to its last outcome; the mirror of `reference/lead.py`, top to bottom.

What is one generator there is a handler for each moment at which a lead goes on here.
"""

from __future__ import annotations

import math

from simfunnel.arrays import Floats
from simfunnel.distributions.quantiles import logit
from simfunnel.engine import rules
from simfunnel.engine.compiled.clock import OWN, push
from simfunnel.engine.compiled.lead_state import (
    close,
    close_early,
    drawn_later,
    luck,
    new_pass,
    new_task,
    opens_in,
    phase_from,
    take_owner,
    value_of,
    write_entry,
    write_pass,
    write_task,
)
from simfunnel.engine.compiled.lines import is_no_longer_free
from simfunnel.engine.compiled.pool import join, leave_line, load, log_effect, release, skill, work_ends
from simfunnel.engine.compiled.state import (
    Run,
    acceptance_in,
    counts_of,
    home_pool,
    lead_at,
    owners_of,
    part,
    pool_at,
    pool_rules,
    rep_at,
    speed_of,
    stage_hash,
    stage_rules,
    tables,
)
from simfunnel.engine.order import COMPLETION, PATIENCE, READY
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c
from simfunnel.plan.model import BATCH, INSTANT, TO_NURTURE
from simfunnel.streams import ACCEPT_EFFORT, EFFORT, EXIT, HANDOFF, LEAK, LUCK, NO_SHOW, SLEEP, WAIT

NAN = math.nan


# ---------------------------------------------------------------------- the life


@compiled
def at_home(s: Run, lead: int) -> int:
    """Make the lead open work of the pool that works its stage; return the pool, -1 where nobody needs to."""
    me = lead_at(s, lead)
    pool = int(home_pool(s, s.phase, me.channel, me.stage))
    if me.open_in != pool:
        opens_in(s, lead, pool)
    me.pool = pool
    return pool


@compiled
def is_ready(s: Run, lead: int) -> None:
    """Put the next task into the queue, or do it at once where nobody needs to work it."""
    pool = at_home(s, lead)
    if pool >= 0:
        join(s, pool, lead)
        return
    start_task(s, lead, -1)
    after_task(s, lead)


@compiled
def is_served(s: Run, lead: int, rep: int) -> None:
    """Start the task of a lead that waits with the rep whom assignment found (-1: one of unlimited many)."""
    leave_line(s, lead)
    pool = lead_at(s, lead).pool
    pool_at(s, pool).started += 1
    if rep >= 0:
        rep_at(s, rep).busy = True
        is_no_longer_free(s, rep)
        if pool_rules(s, s.phase, pool).owned:
            take_owner(s, pool, lead, rep)
    lead_at(s, lead).worked_in = pool
    start_task(s, lead, rep)
    push(s, lead_at(s, lead).ended, COMPLETION, lead_at(s, lead).row, lead, OWN)


@compiled
def is_done(s: Run, lead: int) -> None:
    """End a task that a rep had in hand."""
    if lead_at(s, lead).rep >= 0:
        release(s, lead_at(s, lead).rep)
    after_task(s, lead)


@compiled
def after_task(s: Run, lead: int) -> None:
    """Let the decision take effect: the next stage, another try, sleep, nurture or the end."""
    me = lead_at(s, lead)
    decision = me.decision
    write_task(s, lead)
    if decision == c.ADVANCED:
        me.passed_stages = me.stage + 1
        if me.passed_stages == s.stages:
            return leave(s, lead, c.WON, c.P_WON)
        ready = _enter_next_stage(s, lead)
        if math.isnan(ready):
            return leave_before_the_task(s, lead, c.LEAKED_TASK)
    elif decision == c.NOBODY_THERE:
        new_task(s, lead, s.t)
        at_home(s, lead)
        ready = _after_wait(s, lead, s.t)
        if me.first_contact and me.gives_up < ready:
            push(s, max(me.gives_up, s.t), PATIENCE, me.row, lead, OWN)
            return None
    elif decision == c.POSTPONED:
        ready = _sleep(s, lead)
    else:
        opens_in(s, lead, -1)
        if not nurtured(s, lead, decision):
            return None
        ready = me.handed_off
    push(s, ready, READY, me.row, lead, OWN)
    return None


@compiled
def start_task(s: Run, lead: int, rep: int) -> None:
    """Start the task with a rep (-1 where a stage needs none): all that is drawn for it is drawn now."""
    me = lead_at(s, lead)
    stage = stage_rules(s, s.phase, me.stage)
    me.rep, me.started = rep, s.t
    counts_of(s)[lead, 2 * me.stage] += 1
    count = counts_of(s)[lead, 2 * me.stage]
    effort = value_of(s, stage.effort, luck(s, lead, EFFORT, stage_hash(s, me.stage), count))
    on_skill, on_load, on_speed = 0.0, 0.0, 0.0
    if me.pool >= 0:
        on_skill, skilled = skill(s, me.pool, lead, rep)
        on_load, loaded = load(s, me.pool, rep)
        effort *= skilled * loaded
    if stage.visit.no_show > 0.0 and luck(s, lead, NO_SHOW, stage_hash(s, me.stage), count) < stage.visit.no_show:
        me.kind, me.decision = c.NO_SHOW, c.NOBODY_THERE
        effort *= stage.visit.no_show_effort
    elif me.first_contact and not _accepted(s, lead, rep):
        me.kind, me.decision = c.FIRST_CONTACT, c.REJECTED_CONTACT
        accepting = acceptance_in(s, s.phase)
        if accepting.acceptance_share >= 0.0:
            effort *= accepting.acceptance_share
        else:
            effort = value_of(s, accepting.acceptance_effort, luck(s, lead, ACCEPT_EFFORT, 0, me.pass_))
    else:
        me.kind = c.FIRST_CONTACT if me.first_contact else c.WORK
        speed = speed_of(s, s.phase, me.channel)
        if me.stage == 0 and speed.middle > speed.first:
            on_speed = log_effect(s, speed, me.contacted_at - me.pass_started)
        me.x = rules.log_odds(stage.log_quality_odds, me.quality, on_skill, on_load, on_speed)
        if logit(luck(s, lead, LUCK, stage_hash(s, me.stage), count)) < stage.intercept + me.x:
            me.decision = c.ADVANCED
        else:
            me.decision = _exit(s, lead, count)
    if me.kind != c.NO_SHOW:
        me.first_contact = False
    me.ended = me.started
    if me.pool >= 0:
        me.task_effort = effort
        me.ended = work_ends(s, me.pool, me.started, effort, rep)


@compiled
def _accepted(s: Run, lead: int, rep: int) -> bool:
    """Make the first contact of the pass: the response ends, and sales judges once; return whether it accepts."""
    me = lead_at(s, lead)
    phase = acceptance_in(s, s.phase)
    me.contacted_at = me.started
    me.contacted_by = -1 if rep < 0 else rep_at(s, rep).number
    me.first_pool = me.pool
    if not phase.accepts:
        me.accepted = 1
        return True
    me.assessment = rules.assessment(
        s.seed, s.replication, me.id, me.pass_, me.quality, me.noise,
        phase.r_assessment, phase.a_score, phase.a_noise,
    )  # fmt: skip
    me.accepted = 1 if me.assessment >= phase.cut else 0
    return bool(me.accepted == 1)


@compiled
def _exit(s: Run, lead: int, count: int) -> int:
    """Return where a lead goes that does not advance: nurture, postponed or lost, cut in this order."""
    visit = stage_rules(s, s.phase, lead_at(s, lead).stage).visit
    if visit.postponed_below <= 0.0:
        return c.NOT_ADVANCED
    u = luck(s, lead, EXIT, stage_hash(s, lead_at(s, lead).stage), count)
    if u < visit.nurture_below:
        return c.TO_NURTURE
    return c.POSTPONED if u < visit.postponed_below else c.NOT_ADVANCED


# ---------------------------------------------------------------------- between tasks


@compiled
def _enter_next_stage(s: Run, lead: int) -> float:
    """Hand off if the pool changes, then wait for the customer; return when a task is ready, nan if it leaked."""
    t, me = s.t, lead_at(s, lead)
    me.stage += 1
    new_task(s, lead, t)
    pool = int(home_pool(s, s.phase, me.channel, me.stage))
    opens_in(s, lead, pool)
    me.pool, ready = pool, t
    if pool >= 0 and pool != me.worked_in:
        ready = _stage_handoff(s, lead)
        if math.isnan(ready):
            return ready
    return _after_wait(s, lead, ready)


@compiled
def _stage_handoff(s: Run, lead: int) -> float:
    """Return when a lead that changes pools now arrives at the next: nan if never, inf if beyond all batches."""
    t, me = s.t, lead_at(s, lead)
    way = stage_rules(s, s.phase, me.stage)
    if way.leak > 0.0 and luck(s, lead, LEAK, stage_hash(s, me.stage), me.pass_) < way.leak:
        return NAN
    if way.way == INSTANT:
        return float(t)
    if way.way == BATCH:
        return _next_batch(part(s.batch_h_at, way.first_batch, way.last_batch), t)
    return drawn_later(s, lead, t, HANDOFF, me.pass_, way.delay)


@compiled
def _next_batch(hours: Floats, t: float) -> float:
    """Return the first of sorted hours that is not before `t`; inf when all are."""
    first, last = 0, len(hours)
    while first < last:
        middle = (first + last) >> 1
        if hours[middle] < t:
            first = middle + 1
        else:
            last = middle
    return float(hours[first]) if first < len(hours) else math.inf


@compiled
def _after_wait(s: Run, lead: int, t: float) -> float:
    """Return when a customer's wait that begins at `t` is over; the wait is that of the phase in which it begins."""
    stage = lead_at(s, lead).stage
    counts_of(s)[lead, 2 * stage + 1] += 1
    wait = stage_rules(s, phase_from(s, t), stage).wait
    return drawn_later(s, lead, t, WAIT, counts_of(s)[lead, 2 * stage + 1], wait)


@compiled
def _sleep(s: Run, lead: int) -> float:
    """Let a postponed lead sleep, nobody's open work; return when it joins the queue again, without a wait."""
    stage = lead_at(s, lead).stage
    opens_in(s, lead, -1)
    asleep = stage_rules(s, s.phase, stage).postponed_for
    awake = drawn_later(s, lead, s.t, SLEEP, counts_of(s)[lead, 2 * stage], asleep)
    new_task(s, lead, awake)
    return awake


# ---------------------------------------------------------------------- the ends


@compiled
def leave(s: Run, lead: int, outcome: int, left_to: int) -> None:
    """End the pass and the life now."""
    opens_in(s, lead, -1)
    close(s, lead, outcome, left_to, s.t)


@compiled
def leave_before_the_task(s: Run, lead: int, decision: int) -> None:
    """Leave without the task that comes next: cold, balked, or lost in the hand-off between two stages."""
    me = lead_at(s, lead)
    me.ended, me.decision = s.t, decision
    me.kind = c.FIRST_CONTACT if me.first_contact else c.WORK
    write_task(s, lead)
    outcome, left_to = c.LEAKED, c.P_LEAKED
    if decision == c.COLD:
        outcome, left_to = c.WENT_COLD, c.P_COLD
    elif decision == c.BALKED_TASK:
        outcome, left_to = c.BALKED, c.P_BALKED
    leave(s, lead, outcome, left_to)


@compiled
def nurtured(s: Run, lead: int, decision: int) -> bool:
    """Nurture as often as it may be; return whether a new pass will join a queue (at `handed_off`)."""
    me = lead_at(s, lead)
    t = s.t
    rejected = decision == c.REJECTED_CONTACT
    reason = c.AFTER_REJECTION if rejected else c.AFTER_LOSS
    wants = acceptance_in(s, s.phase).rejected_to == TO_NURTURE if rejected else decision == c.TO_NURTURE
    if not wants or not rules.may_enter_nurture(tables(s), t, me.entries):
        close(s, lead, rules.closing_outcome(reason), c.P_REJECTED if rejected else c.P_LOST, t)
        return False
    write_pass(s, lead, c.P_NURTURE, t)
    owners_of(s)[lead, :] = -1
    while True:
        if not rules.may_enter_nurture(tables(s), t, me.entries):
            close_early(s, lead, rules.closing_outcome(reason), t)
            return False
        me.entries += 1
        end, back, score, quality = rules.nurture_stay(
            tables(s), s.seed, s.replication, me.id, me.entries, me.channel, t, me.score, me.quality
        )
        me.score, me.quality = score, quality
        refused = end == c.AGAIN and not rules.may_enter_nurture(tables(s), back, me.entries)
        write_entry(s, lead, reason, t, back, c.CLOSED if refused else end)
        if end == c.STILL_IN:
            close_early(s, lead, c.IN_NURTURE, NAN)
            return False
        t = back
        if end == c.AGAIN:
            reason = c.NEAR_MISS
        elif end == c.NEW_PASS:
            return _pass_again(s, lead, t)
        else:
            close_early(s, lead, c.OPTED_OUT if end == c.OPT_OUT else rules.closing_outcome(reason), t)
            return False


@compiled
def _pass_again(s: Run, lead: int, t: float) -> bool:
    """Begin a new pass, since nurture has lifted the score to the threshold; return whether it goes on."""
    me = lead_at(s, lead)
    left_to, joins, gives_up, left_at = rules.start_pass(
        tables(s), s.seed, s.replication, me.id, me.pass_ + 1, me.channel, t
    )
    new_pass(s, lead, t, joins, gives_up)
    if left_to != c.IN_PROGRESS:
        close(s, lead, c.LEAKED if left_to == c.P_LEAKED else c.WENT_COLD, left_to, left_at)
        return False
    return True  # joins is nan when the hand-off outlasts the period: the lead then stays open
