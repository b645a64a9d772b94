"""Nurture after a pass: how often a lead may enter, and when it passes again; the mirror of `reference/lead.py`."""

from __future__ import annotations

import math

from simfunnel.engine import rules
from simfunnel.engine.compiled.lead_state import close, close_early, new_pass, write_entry, write_pass
from simfunnel.engine.compiled.state import Run, acceptance_in, lead_at, owners_of, tables
from simfunnel.jit import compiled
from simfunnel.ledger import columns as c
from simfunnel.plan.model import TO_NURTURE

NAN = math.nan


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
