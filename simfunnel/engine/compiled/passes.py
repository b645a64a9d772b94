"""What a lead carries from pass to pass and from task to task: its marks, its owners, and whose open work it is."""

from __future__ import annotations

import math

from simfunnel.engine.compiled.reach import lead_at, owners_of, pool_at, rep_at
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c

NAN = math.nan


@compiled
def new_pass(s: Run, lead: int, started: float, handed_off: float, gives_up: float) -> None:
    """A scoring has qualified the lead (again)."""
    me = lead_at(s, lead)
    me.pass_ += 1
    me.pass_started, me.handed_off, me.gives_up = started, handed_off, gives_up
    me.contacted_at, me.contacted_by, me.first_pool = NAN, -1, -1
    me.accepted, me.assessment = -1, NAN
    me.passed_stages, me.stage, me.first_contact, me.worked_in = 0, 0, True, -1
    clear_task(s, lead, handed_off)


@compiled
def clear_task(s: Run, lead: int, entered: float) -> None:
    """The next task is open work from `entered`; nothing of it has happened yet."""
    me = lead_at(s, lead)
    me.entered, me.queued, me.started, me.ended = entered, NAN, NAN, NAN
    me.task_effort, me.kind, me.x, me.decision = 0.0, c.WORK, NAN, c.PENDING
    me.rep = -1


@compiled
def take_owner(s: Run, pool: int, lead: int, rep: int) -> None:
    """`rep` starts a task: the owner from now on, unless there is one on the headcount."""
    owner = owners_of(s)[lead, pool]
    if owner != rep and (owner < 0 or not rep_at(s, owner).here):
        owners_of(s)[lead, pool] = rep
        if lead_at(s, lead).open_in == pool:
            rep_at(s, rep).open += 1


@compiled
def opens_in(s: Run, lead: int, pool: int) -> None:
    """Count the lead as open work of `pool` (-1: of nobody) from now on."""
    before = lead_at(s, lead).open_in
    if before >= 0:
        pool_at(s, before).open -= 1
        if owners_of(s)[lead, before] >= 0:
            rep_at(s, owners_of(s)[lead, before]).open -= 1
    if pool >= 0:
        pool_at(s, pool).open += 1
        if owners_of(s)[lead, pool] >= 0:
            rep_at(s, owners_of(s)[lead, pool]).open += 1
    lead_at(s, lead).open_in = pool
