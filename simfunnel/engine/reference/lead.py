"""A lead's life, top to bottom: from joining its first queue to its last outcome.

What happens before the first queue waits for nobody and is computed in `engine.arrivals`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from simfunnel.engine import rules
from simfunnel.engine.arrivals import closing_outcome, start_pass
from simfunnel.engine.order import COMPLETION, PATIENCE, READY
from simfunnel.engine.reference.clock import Alarm, Steps
from simfunnel.engine.reference.lines import Rep
from simfunnel.engine.reference.pool import Pool
from simfunnel.jit import plain
from simfunnel.ledger import columns as c
from simfunnel.plan.model import TO_NURTURE
from simfunnel.streams import ACCEPT_EFFORT, EXIT, SLEEP, WAIT, uniform

if TYPE_CHECKING:
    from simfunnel.engine.reference.run import Funnel

NAN = math.nan

# plain arithmetic gives the same bits uncompiled, and needs no call into compiled code
productivity, working_time = plain(rules.productivity), plain(rules.working_time)


class Newcomer(NamedTuple):
    """A lead as `engine.arrivals` hands it over, on the day it joins its first queue."""

    row: int
    id: int
    channel: int
    quality: float
    noise: float
    score: float
    value: float
    entries: int
    joins_at: float
    pass_started: float
    gives_up: float


class Lead:
    """What is known of one lead while it lives; `row` is its place in lead order."""

    __slots__ = (
        "accepted", "alarm", "assessment", "channel", "contacted_at", "contacted_by", "decision", "effort",
        "ended", "entered", "entries", "first_contact", "first_pool", "gives_up", "handed_off", "home", "id",
        "kind", "line_of", "noise", "open_in", "owned_wait", "owners", "pass_", "pass_started", "passed_stages", "pool",
        "quality", "queued", "rep", "row", "score", "stage", "started", "task_effort", "tasks", "ticket",
        "value", "waits", "waits_begun", "wasted", "worked_in", "x",
    )  # fmt: skip

    def __init__(self, new: Newcomer, stages: int, alarm: Alarm) -> None:
        self.row, self.id, self.channel, self.quality, self.noise, self.score, self.value, self.entries = new[:8]
        self.alarm = alarm
        self.tasks, self.waits_begun = [0] * stages, [0] * stages
        self.effort = self.wasted = 0.0
        self.ticket, self.waits, self.pass_ = 0, False, 0
        self.owners: dict[int, Rep] = {}
        self.pool: Pool | None = None
        self.open_in: Pool | None = None
        self.worked_in: Pool | None = None  # the last pool whose reps took a task of this pass
        self.rep: Rep | None = None
        self.line_of: Rep | None = None
        self.owned_wait, self.home = False, 0
        self.new_pass(new.pass_started, new.joins_at, new.gives_up)

    def new_pass(self, started: float, handed_off: float, gives_up: float) -> None:
        """A scoring has qualified the lead (again)."""
        self.pass_ += 1
        self.pass_started, self.handed_off, self.gives_up = started, handed_off, gives_up
        self.contacted_at, self.contacted_by, self.first_pool = NAN, -1, -1
        self.accepted, self.assessment = -1, NAN
        self.passed_stages, self.stage, self.first_contact, self.worked_in = 0, 0, True, None
        self.clear_task(handed_off)

    def clear_task(self, entered: float) -> None:
        """The next task is open work from `entered`; nothing of it has happened yet."""
        self.entered, self.queued, self.started, self.ended = entered, NAN, NAN, NAN
        self.task_effort, self.kind, self.x, self.decision = 0.0, c.WORK, NAN, c.PENDING
        self.rep = None

    def owner_in(self, pool: int) -> Rep | None:
        """Who took the lead's first task in this pool, if that rep is the owner still."""
        return self.owners.get(pool)

    def take_owner(self, pool: int, rep: Rep) -> None:
        """`rep` starts a task: the owner from now on, unless there is one on the headcount."""
        owner = self.owners.get(pool)
        if owner is not rep and (owner is None or not owner.here):
            self.owners[pool] = rep
            if self.open_in is not None and self.open_in.index == pool:
                rep.open += 1

    def opens_in(self, pool: Pool | None) -> None:
        """Count the lead as open work of `pool` (None: of nobody) from now on."""
        before = self.open_in
        if before is not None:
            before.open -= 1
            if self.owners and (owner := self.owners.get(before.index)) is not None:
                owner.open -= 1
        if pool is not None:
            pool.open += 1
            if self.owners and (owner := self.owners.get(pool.index)) is not None:
                owner.open += 1
        self.open_in = pool


# ---------------------------------------------------------------------- the life


def life(lead: Lead, funnel: Funnel) -> Steps:
    """One lead from its first queue to its last outcome; each `yield` is a moment at which it waits."""
    clock = funnel.clock
    while True:  # one round: a pass
        while True:  # one round: a task
            pool, rep = _at_home(lead, funnel), None
            if pool is not None:
                answer: Any = yield pool.join(lead)
                if answer == c.COLD or answer == c.BALKED_TASK:
                    return _leave_without_contact(lead, answer, funnel)
                rep, pool = answer, lead.pool
                lead.worked_in = pool or lead.worked_in
            start_task(lead, rep, funnel)
            if pool is not None:
                yield clock.until(lead.alarm, lead.ended, COMPLETION, lead.row)
                if rep is not None:
                    pool.release(rep)
            decision = lead.decision
            funnel.write_task(lead)
            if decision == c.ADVANCED:
                lead.passed_stages = lead.stage + 1
                if lead.passed_stages == funnel.stages:
                    return _won(lead, funnel)
                ready = _enter_next_stage(lead, funnel)
                if ready is None:
                    return _leaked(lead, funnel)
            elif decision == c.NOBODY_THERE:
                ready = _wait_again(lead, funnel)
                if lead.first_contact and lead.gives_up < ready:
                    yield clock.until(lead.alarm, max(lead.gives_up, clock.now), PATIENCE, lead.row)
                    return _leave_without_contact(lead, c.COLD, funnel)
            elif decision == c.POSTPONED:
                ready = _sleep(lead, funnel)
            else:
                break
            yield clock.until(lead.alarm, ready, READY, lead.row)
        lead.opens_in(None)
        if not _nurtured(lead, decision, funnel):
            return None
        yield clock.until(lead.alarm, lead.handed_off, READY, lead.row)


def _at_home(lead: Lead, funnel: Funnel) -> Pool | None:
    """The lead's next task is ready: the pool that works it, None where nobody needs to."""
    pool = funnel.pool_for(lead)
    if lead.open_in is not pool:
        lead.opens_in(pool)
    lead.pool = pool
    return pool


def life_from(lead: Lead, ready: float, funnel: Funnel) -> Steps:
    """The life of a lead that is in the pipeline already and whose next task is ready at `ready`."""
    _at_home(lead, funnel)
    yield funnel.clock.until(lead.alarm, ready, READY, lead.row)
    yield from life(lead, funnel)


def start_task(lead: Lead, rep: Rep | None, funnel: Funnel) -> None:
    """A rep (or nobody, where a stage needs none) takes the task: all that is drawn for it is drawn now."""
    now, phase, stage = funnel.clock.now, funnel.phase, lead.stage
    rules_, stage_hash = phase.stages[stage], funnel.plan.stage_hash[stage]
    lead.rep, lead.started = rep, now
    lead.tasks[stage] += 1
    count = lead.tasks[stage]
    effort, luck = funnel.task_luck(lead, stage_hash, count, rules_.effort)
    odds, time = (0.0, 1.0) if lead.pool is None else lead.pool.fit(lead, rep)
    effort *= time
    if rules_.no_show > 0.0 and funnel.nobody_there(lead, stage_hash, count, rules_.no_show):
        lead.kind, lead.decision = c.NO_SHOW, c.NOBODY_THERE
        effort *= rules_.no_show_effort
    elif lead.first_contact and not _accepted(lead, rep, funnel):
        lead.kind, lead.decision = c.FIRST_CONTACT, c.REJECTED_CONTACT
        effort = _rejection_effort(lead, effort, funnel)
    else:
        lead.kind = c.FIRST_CONTACT if lead.first_contact else c.WORK
        lead.x = rules_.log_quality_odds * lead.quality + odds
        if stage == 0 and phase.speed[lead.channel].hours.size:
            speed = phase.speed[lead.channel]
            lead.x += rules.log_effect(lead.contacted_at - lead.pass_started, speed.strength, speed.hours, speed.odds)
        if luck < rules_.intercept + lead.x:
            lead.decision = c.ADVANCED
        else:
            lead.decision = _exit(lead, stage_hash, count, funnel)
    if lead.kind != c.NO_SHOW:
        lead.first_contact = False
    _plan_the_end(lead, rep, effort, funnel)


def _plan_the_end(lead: Lead, rep: Rep | None, effort: float, funnel: Funnel) -> None:
    """The task ends when the rep's working hours for this effort are done."""
    pool = lead.pool
    if pool is None:
        lead.task_effort, lead.ended = 0.0, lead.started
        return
    speed = (
        1.0
        if rep is None or rep.ramp_days <= 0.0
        else productivity(lead.started, rep.joined, rep.start_at, rep.ramp_days)
    )
    lead.task_effort = effort
    lead.ended = pool.work_ends(lead.started, working_time(effort, pool.rules.selling_time, speed))


def _accepted(lead: Lead, rep: Rep | None, funnel: Funnel) -> bool:
    """The first contact of the pass: the response ends here, and sales judges the lead once."""
    phase = funnel.phase
    lead.contacted_at = lead.started
    lead.contacted_by = -1 if rep is None else rep.number
    lead.first_pool = -1 if lead.pool is None else lead.pool.index
    if not phase.accepts:
        lead.accepted = 1
        return True
    lead.assessment = rules.assessment(
        funnel.seed, funnel.replication, lead.id, lead.pass_, lead.quality, lead.noise,
        phase.r_assessment, phase.a_score, phase.a_noise,
    )  # fmt: skip
    lead.accepted = int(lead.assessment >= phase.cut)
    return lead.accepted == 1


def _rejection_effort(lead: Lead, effort: float, funnel: Funnel) -> float:
    share = funnel.phase.acceptance_share
    if share >= 0.0:
        return effort * share
    return funnel.draw(lead, ACCEPT_EFFORT, 0, lead.pass_, funnel.phase.acceptance_effort)


def _exit(lead: Lead, stage_hash: int, count: int, funnel: Funnel) -> int:
    """Where a lead goes that does not advance: nurture, postponed or lost, cut in this order."""
    stage = funnel.phase.stages[lead.stage]
    if stage.postponed_below <= 0.0:
        return c.NOT_ADVANCED
    u = uniform(funnel.seed, funnel.replication, lead.id, EXIT, stage_hash, count)
    if u < stage.nurture_below:
        return c.TO_NURTURE
    return c.POSTPONED if u < stage.postponed_below else c.NOT_ADVANCED


# ---------------------------------------------------------------------- between tasks


def _enter_next_stage(lead: Lead, funnel: Funnel) -> float | None:
    """Hand-off if the pool changes, then the customer's time; when the next task is ready, None if it leaked."""
    now = funnel.clock.now
    lead.stage += 1
    lead.clear_task(now)
    pool = funnel.pool_for(lead)
    lead.opens_in(pool)
    lead.pool, ready = pool, now
    if pool is not None and pool is not lead.worked_in:
        handed = funnel.stage_handoff(lead, pool)
        if handed is None:
            return None
        ready = handed
    return _after_wait(lead, ready, funnel)


def _after_wait(lead: Lead, t: float, funnel: Funnel) -> float:
    """When a customer's wait that begins at `t` is over; the wait is that of the phase in which it begins."""
    lead.waits_begun[lead.stage] += 1
    count, stage_hash = lead.waits_begun[lead.stage], funnel.plan.stage_hash[lead.stage]
    return funnel.later(lead, t, WAIT, stage_hash, count, funnel.phase_from(t).stages[lead.stage].wait)


def _wait_again(lead: Lead, funnel: Funnel) -> float:
    """Nobody was there: a new wait of the customer, then the queue again."""
    lead.clear_task(funnel.clock.now)
    _at_home(lead, funnel)
    return _after_wait(lead, funnel.clock.now, funnel)


def _sleep(lead: Lead, funnel: Funnel) -> float:
    """Postponed: asleep, nobody's open work, then the queue again without a wait."""
    stage = lead.stage
    lead.opens_in(None)
    count, stage_hash = lead.tasks[stage], funnel.plan.stage_hash[stage]
    awake = funnel.later(lead, funnel.clock.now, SLEEP, stage_hash, count, funnel.phase.stages[stage].postponed_for)
    lead.clear_task(awake)
    return awake


# ---------------------------------------------------------------------- the ends


def _won(lead: Lead, funnel: Funnel) -> None:
    lead.opens_in(None)
    funnel.close(lead, c.WON, c.P_WON, funnel.clock.now)


def _leaked(lead: Lead, funnel: Funnel) -> None:
    """The hand-off between two stages lost the lead."""
    now = funnel.clock.now
    lead.ended, lead.decision = now, c.LEAKED_TASK
    funnel.write_task(lead)
    lead.opens_in(None)
    funnel.close(lead, c.LEAKED, c.P_LEAKED, now)


def _leave_without_contact(lead: Lead, decision: int, funnel: Funnel) -> None:
    """The lead went cold or balked before anybody reached it."""
    now = funnel.clock.now
    lead.ended, lead.decision, lead.kind = now, decision, c.FIRST_CONTACT
    funnel.write_task(lead)
    lead.opens_in(None)
    if decision == c.COLD:
        funnel.close(lead, c.WENT_COLD, c.P_COLD, now)
    else:
        funnel.close(lead, c.BALKED, c.P_BALKED, now)


def _nurtured(lead: Lead, decision: int, funnel: Funnel) -> bool:
    """Nurture as often as it may; True when a new pass will join a queue (at `lead.handed_off`)."""
    t, phase = funnel.clock.now, funnel.phase
    reason = c.AFTER_REJECTION if decision == c.REJECTED_CONTACT else c.AFTER_LOSS
    wants = phase.rejected_to == TO_NURTURE if reason == c.AFTER_REJECTION else decision == c.TO_NURTURE
    left_to = c.P_NURTURE if wants else (c.P_REJECTED if reason == c.AFTER_REJECTION else c.P_LOST)
    if not wants or not rules.may_enter_nurture(funnel.tables, t, lead.entries):
        left_to = c.P_REJECTED if reason == c.AFTER_REJECTION else c.P_LOST
        funnel.close(lead, closing_outcome(reason), left_to, t)
        return False
    funnel.write_pass(lead, c.P_NURTURE, t)
    lead.owners.clear()
    while True:
        if not rules.may_enter_nurture(funnel.tables, t, lead.entries):
            funnel.close_early(lead, closing_outcome(reason), t)
            return False
        lead.entries += 1
        end, back, lead.score, lead.quality = funnel.nurture_stay(lead, t)
        refused = end == c.AGAIN and not rules.may_enter_nurture(funnel.tables, back, lead.entries)
        funnel.write_entry(lead, reason, t, back, c.CLOSED if refused else end)
        if end == c.STILL_IN:
            funnel.close_early(lead, c.IN_NURTURE, NAN)
            return False
        t = back
        if end == c.AGAIN:
            reason = c.NEAR_MISS
        elif end == c.NEW_PASS:
            return _pass_again(lead, t, funnel)
        else:
            funnel.close_early(lead, c.OPTED_OUT if end == c.OPT_OUT else closing_outcome(reason), t)
            return False


def _pass_again(lead: Lead, t: float, funnel: Funnel) -> bool:
    """Nurture lifted the score to the threshold: a new pass starts and is handed off."""
    left_to, joins, gives_up, left_at = start_pass(
        funnel.tables, funnel.seed, funnel.replication, funnel.identity(lead), lead.pass_ + 1, lead.channel, t
    )
    lead.new_pass(t, joins, gives_up)
    if left_to != c.IN_PROGRESS:
        funnel.close(lead, c.LEAKED if left_to == c.P_LEAKED else c.WENT_COLD, left_to, left_at)
        return False
    return True  # joins is nan when the hand-off outlasts the period: the lead then stays open
