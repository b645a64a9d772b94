"""A lead's life, top to bottom: from joining its first queue to its last outcome.

What happens before the first queue waits for nobody and is computed in `engine.arrivals`.
"""

from __future__ import annotations

import math
from functools import partial

import simpy

from simfunnel.distributions.quantiles import logit
from simfunnel.engine import rules
from simfunnel.engine.order import COMPLETION, PATIENCE, READY
from simfunnel.engine.reference.clock import Steps
from simfunnel.engine.reference.state import Lead, Rep
from simfunnel.engine.reference.world import World
from simfunnel.ledger import columns as c
from simfunnel.plan.model import BATCH, INSTANT, TO_NURTURE
from simfunnel.streams import ACCEPT_EFFORT, EFFORT, EXIT, HANDOFF, LEAK, LUCK, NO_SHOW, SLEEP, WAIT

# what becomes of a lead that leaves before the task that it waits for: by decision, its outcome and its pass's end
BEFORE_A_TASK = {
    c.COLD: (c.WENT_COLD, c.P_COLD),
    c.BALKED_TASK: (c.BALKED, c.P_BALKED),
    c.LEAKED_TASK: (c.LEAKED, c.P_LEAKED),
}


def life(lead: Lead, world: World) -> Steps:
    """One lead from its first queue to its last outcome; each `yield` is a moment at which it waits."""
    clock = world.clock
    while True:  # one round: a pass
        while True:  # one round: a task
            rep = None
            if at_home(lead, world) >= 0:
                rep = yield _join(lead, world)
                if lead.decision != c.PENDING:  # patience or the queue limit has ended the wait
                    return _leave_before_the_task(lead, lead.decision, world)
            start_task(lead, rep, world)
            if lead.pool >= 0:
                yield clock.until(lead.ended, COMPLETION, lead.row)
                if rep is not None:
                    world.pools[lead.pool].release(rep)
            decision = lead.decision
            world.write_task(lead)
            if decision == c.ADVANCED:
                lead.passed_stages = lead.stage + 1
                if lead.passed_stages == len(world.plan.stages):
                    return _leave(lead, c.WON, c.P_WON, world)
                ready = _enter_next_stage(lead, world)
                if ready is None:
                    return _leave_before_the_task(lead, c.LEAKED_TASK, world)
            elif decision == c.NOBODY_THERE:
                lead.new_task(clock.now)
                at_home(lead, world)
                ready = _after_wait(lead, clock.now, world)
                if lead.first_contact and lead.gives_up < ready:
                    yield clock.until(max(lead.gives_up, clock.now), PATIENCE, lead.row)
                    return _leave_before_the_task(lead, c.COLD, world)
            elif decision == c.POSTPONED:
                ready = _sleep(lead, world)
            else:
                break
            yield clock.until(ready, READY, lead.row)
        world.opens_in(lead, -1)
        if not _nurtured(lead, decision, world):
            return None
        yield clock.until(lead.handed_off, READY, lead.row)


def life_from(lead: Lead, ready: float, world: World) -> Steps:
    """The life of a lead that is in the pipeline already and whose next task is ready at `ready`."""
    at_home(lead, world)
    yield world.clock.until(ready, READY, lead.row)
    yield from life(lead, world)


def at_home(lead: Lead, world: World) -> int:
    """Make the lead open work of the pool that works its stage; return the pool, -1 where nobody needs to."""
    lead.pool = world.home(lead)
    world.opens_in(lead, lead.pool)
    return lead.pool


def _join(lead: Lead, world: World) -> simpy.Event:
    """Join the queue; until the first contact of the pass, patience may end there."""

    def patience_ends(pass_: int) -> None:
        if lead.pass_ == pass_ and lead.first_contact and lead.waits:
            world.pools[lead.pool].gives_up(lead)

    if lead.first_contact:
        world.clock.call_at(lead.gives_up, PATIENCE, lead.row, partial(patience_ends, lead.pass_))
    return world.pools[lead.pool].join(lead)


def start_task(lead: Lead, rep: Rep | None, world: World) -> None:
    """Start the task with a rep (or nobody, where a stage needs none): all that is drawn for it is drawn now."""
    phase, stage, stage_hash = world.phase, world.phase.stages[lead.stage], world.plan.stage_hash[lead.stage]
    lead.rep, lead.started = rep, world.clock.now
    lead.tasks[lead.stage] = count = lead.tasks.get(lead.stage, 0) + 1
    effort = lead.draw(stage.effort, EFFORT, stage_hash, count)
    skill, load, speed = 0.0, 0.0, 0.0
    if lead.pool >= 0:
        (skill, skilled), (load, loaded) = world.pools[lead.pool].skill(lead, rep), world.pools[lead.pool].load(rep)
        effort *= skilled * loaded
        lead.worked_in = lead.pool
    if stage.visit.no_show > 0.0 and lead.luck(NO_SHOW, stage_hash, count) < stage.visit.no_show:
        lead.kind, lead.decision = c.NO_SHOW, c.NOBODY_THERE
        effort *= stage.visit.no_show_effort
    elif lead.first_contact and not _accepted(lead, rep, world):
        lead.kind, lead.decision = c.FIRST_CONTACT, c.REJECTED_CONTACT
        if phase.acceptance_share >= 0.0:
            effort *= phase.acceptance_share
        else:
            effort = lead.draw(phase.acceptance_effort, ACCEPT_EFFORT, 0, lead.pass_)
    else:
        lead.kind = c.FIRST_CONTACT if lead.first_contact else c.WORK
        if lead.stage == 0 and (quick := phase.speed[lead.channel]).hours.size:
            speed = rules.log_effect(lead.contacted_at - lead.pass_started, quick.strength, quick.hours, quick.odds)
        lead.x = rules.log_odds(stage.log_quality_odds, lead.quality, skill, load, speed)
        advances = logit(lead.luck(LUCK, stage_hash, count)) < stage.intercept + lead.x
        lead.decision = c.ADVANCED if advances else _exit(lead, stage_hash, count, world)
    lead.first_contact = lead.first_contact and lead.kind == c.NO_SHOW
    lead.ended = lead.started
    if lead.pool >= 0:
        lead.task_effort = effort
        lead.ended = world.pools[lead.pool].work_ends(lead.started, effort, rep)


def _accepted(lead: Lead, rep: Rep | None, world: World) -> bool:
    """Make the first contact of the pass: the response ends, and sales judges once; return whether it accepts."""
    phase = world.phase
    lead.contacted_at, lead.contacted_by = lead.started, -1 if rep is None else rep.number
    lead.first_pool, lead.accepted = lead.pool, 1
    if phase.accepts:
        lead.assessment = rules.assessment(
            world.seed, world.replication, lead.id, lead.pass_, lead.quality, lead.noise,
            phase.r_assessment, phase.a_score, phase.a_noise,
        )  # fmt: skip
        lead.accepted = int(lead.assessment >= phase.cut)
    return lead.accepted == 1


def _exit(lead: Lead, stage_hash: int, count: int, world: World) -> int:
    """Return where a lead goes that does not advance: nurture, postponed or lost, cut in this order."""
    visit = world.phase.stages[lead.stage].visit
    u = lead.luck(EXIT, stage_hash, count) if visit.postponed_below > 0.0 else 1.0
    if u < visit.nurture_below:
        return c.TO_NURTURE
    return c.POSTPONED if u < visit.postponed_below else c.NOT_ADVANCED


# ---------------------------------------------------------------------- between tasks


def _enter_next_stage(lead: Lead, world: World) -> float | None:
    """Hand-off if the pool changes, then the customer's time: return when the next task is ready, None if it leaked."""
    lead.stage += 1
    lead.new_task(world.clock.now)
    pool = at_home(lead, world)
    changes = pool >= 0 and pool != lead.worked_in
    arrives = _stage_handoff(lead, world) if changes else world.clock.now
    return None if arrives is None else _after_wait(lead, arrives, world)


def _stage_handoff(lead: Lead, world: World) -> float | None:
    """Return when a lead that changes pools now arrives at the next one: None if never, inf if beyond all batches."""
    way, now = world.phase.stages[lead.stage].handoff, world.clock.now
    if way.leak > 0.0 and lead.luck(LEAK, world.plan.stage_hash[lead.stage], lead.pass_) < way.leak:
        return None
    if way.way == INSTANT:
        return now
    if way.way == BATCH:
        later = way.batch_h[way.batch_h >= now]
        return float(later[0]) if later.size else math.inf
    return world.later(lead, now, way.delay, HANDOFF, lead.pass_)


def _after_wait(lead: Lead, t: float, world: World) -> float:
    """Return when a customer's wait that begins at `t` is over; it is that of the phase in which it begins."""
    lead.waits_begun[lead.stage] = count = lead.waits_begun.get(lead.stage, 0) + 1
    return world.later(lead, t, world.phase_from(t).stages[lead.stage].wait, WAIT, count)


def _sleep(lead: Lead, world: World) -> float:
    """Postponed: asleep, nobody's open work, then the queue again without a wait; return when it wakes up."""
    world.opens_in(lead, -1)
    asleep = world.phase.stages[lead.stage].postponed_for
    awake = world.later(lead, world.clock.now, asleep, SLEEP, lead.tasks[lead.stage])
    lead.new_task(awake)
    return awake


# ---------------------------------------------------------------------- the ends


def _leave(lead: Lead, outcome: int, left_to: int, world: World) -> None:
    """End the pass and the life now."""
    world.opens_in(lead, -1)
    world.write_pass(lead, left_to, world.clock.now)
    world.close(lead, outcome, world.clock.now)


def _leave_before_the_task(lead: Lead, decision: int, world: World) -> None:
    """Leave without the task that comes next: cold, balked, or lost in the hand-off between two stages."""
    lead.ended, lead.decision = world.clock.now, decision
    lead.kind = c.FIRST_CONTACT if lead.first_contact else c.WORK
    world.write_task(lead)
    _leave(lead, *BEFORE_A_TASK[decision], world)


def _nurtured(lead: Lead, decision: int, world: World) -> bool:
    """Nurture as often as it may be; return whether a new pass will join a queue (at `lead.handed_off`)."""
    t, tables = world.clock.now, world.tables
    rejected = decision == c.REJECTED_CONTACT
    reason = c.AFTER_REJECTION if rejected else c.AFTER_LOSS
    wants = world.phase.rejected_to == TO_NURTURE if rejected else decision == c.TO_NURTURE
    if not wants or not rules.may_enter_nurture(tables, t, lead.entries):
        world.write_pass(lead, c.P_REJECTED if rejected else c.P_LOST, t)
        world.close(lead, rules.closing_outcome(reason), t)
        return False
    world.write_pass(lead, c.P_NURTURE, t)
    lead.owners.clear()
    end = c.AGAIN
    while end == c.AGAIN and rules.may_enter_nurture(tables, t, lead.entries):
        lead.entries += 1
        end, back, lead.score, lead.quality = rules.nurture_stay(
            tables, lead.seed, lead.replication, lead.identity(), lead.entries, lead.channel, t,
            lead.score, lead.quality,
        )  # fmt: skip
        refused = end == c.AGAIN and not rules.may_enter_nurture(tables, back, lead.entries)
        world.entries.add((lead.row, lead.entries, reason, t, back, c.CLOSED if refused else end))
        reason, t = c.NEAR_MISS if end == c.AGAIN else reason, back
    if end == c.NEW_PASS:
        return _pass_again(lead, t, world)
    outcomes = {c.STILL_IN: c.IN_NURTURE, c.OPT_OUT: c.OPTED_OUT}
    world.close(lead, outcomes.get(end, rules.closing_outcome(reason)), t)
    return False


def _pass_again(lead: Lead, t: float, world: World) -> bool:
    """Begin a new pass, since nurture has lifted the score to the threshold; return whether it goes on."""
    left_to, joins, gives_up, left_at = rules.start_pass(
        world.tables, lead.seed, lead.replication, lead.identity(), lead.pass_ + 1, lead.channel, t
    )
    lead.new_pass(t, joins, gives_up)
    if left_to != c.IN_PROGRESS:
        world.write_pass(lead, left_to, left_at)
        world.close(lead, c.LEAKED if left_to == c.P_LEAKED else c.WENT_COLD, left_at)
        return False
    return True  # joins is nan when the hand-off outlasts the period: the lead then stays open
