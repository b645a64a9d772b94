"""From lead to opportunity: what came in, what advanced, and what was lost on the way."""

from __future__ import annotations

import numpy as np

from simfunnel.ledger.columns import (
    ADVANCED,
    DISQUALIFIED,
    IN_NURTURE,
    LOST,
    NEAR_MISS,
    OPEN,
    OPTED_OUT,
    P_BALKED,
    P_COLD,
    P_LEAKED,
)
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.groups import Groups
from simfunnel.metrics.tally import Given, Later, Ratio, Sum


def funnel_metrics(facts: Facts) -> dict[str, Ratio]:
    """Leads, MQLs, first contacts, SALs and opportunities, with their rates."""
    passes, at = facts.passes, facts.passes.floats("started")
    created = facts.leads.floats("created")[facts.pass_lead]
    started = facts.in_period(at)
    contact_at = passes.floats("first_response_at")
    met = facts.pass_events(facts.contacted, contact_at)
    accepted = facts.accepted[facts.contacted].astype(np.float64)
    contacts, sals = Sum(met), Sum(met, accepted)
    begun = facts.mqls.events
    recycled = (at > created)[started].astype(np.float64)
    return {
        "leads": Ratio(facts.created),
        "mqls": Ratio(facts.mqls),
        "recycled_mqls": Ratio(Sum(begun, recycled)),
        "mql_rate": Ratio(Sum(begun, 1.0 - recycled), facts.created),
        "contacts": Ratio(contacts),
        "reached_share": Ratio(contacts, facts.mqls),
        "sals": Ratio(sals),
        "acceptance_rate": Ratio(sals, contacts),
        "rejected": Ratio(Sum(met, 1.0 - accepted)),
        "opportunities": Ratio(Later(lambda: facts.opportunities)),
    }


def stage_metrics(facts: Facts) -> dict[str, Ratio]:
    """Advances, decisions and conversion of every stage, and the cohort's own conversion."""
    ended = facts.tasks.floats("ended")
    decided = facts.task_events(facts.decided, ended)
    advanced = facts.tasks.ints("decision")[facts.decided] == ADVANCED
    advances, decisions = Sum(decided, advanced.astype(np.float64)), Sum(decided)
    entered, ever, still = _cohorts(facts)
    return {
        "advances": Ratio(advances),
        "decisions": Ratio(decisions),
        "conversion": Ratio(advances, decisions),
        "cohort_conversion": Ratio(ever, entered),
        "cohort_open": Ratio(still, entered),
    }


def _cohorts(facts: Facts) -> tuple[Given, Given, Given]:
    """(leads that first entered each stage in the period, of these ever advanced, not yet but may still)."""
    stages = len(facts.plan.stages)
    tasks = Groups(facts.task_lead * stages + facts.tasks.ints("stage"))
    entered = facts.tasks.floats("entered")
    begun = facts.in_period(tasks.least(np.where(np.isnan(entered), np.inf, entered)))
    advanced = tasks.any(facts.tasks.ints("decision") == ADVANCED)[begun]
    lead, stage = np.divmod(tasks.keys[begun], stages)
    outcome = facts.leads.ints("outcome")[lead]
    still = ~advanced & ((outcome == OPEN) | (outcome == IN_NURTURE))
    counts = [np.bincount(at, minlength=stages) for at in (stage, stage[advanced], stage[still])]
    first, ever, yet = (Given({"stage": count.astype(np.float64)}) for count in counts)
    return first, ever, yet


def loss_metrics(facts: Facts) -> dict[str, Ratio]:
    """Leads that gave up, met a full queue, were lost in a hand-off, or closed without a deal."""
    counted = {
        "went_cold": lambda: _left_to(facts, P_COLD),
        "balked": lambda: _left_to(facts, P_BALKED),
        "leaked": lambda: _left_to(facts, P_LEAKED),
        "lost": lambda: _closed_as(facts, LOST),
        "disqualified": lambda: _closed_as(facts, DISQUALIFIED),
        "opted_out": lambda: _closed_as(facts, OPTED_OUT),
        "near_misses": lambda: _near_misses(facts),
    }
    metrics = {name: Ratio(Later(count)) for name, count in counted.items()}
    return {**metrics, "leaked_value": Ratio(Later(lambda: _leaked_value(facts)))}


def _near_misses(facts: Facts) -> Sum:
    at = facts.entries.floats("entered")
    rows = np.flatnonzero((facts.entries.ints("reason") == NEAR_MISS) & facts.in_period(at))
    return Sum(facts.events(facts.entries.ints("lead")[rows], at[rows]))


def _left_to(facts: Facts, code: int) -> Sum:
    at = facts.passes.floats("left_at")
    return Sum(facts.pass_events((facts.passes.ints("left_to") == code) & facts.in_period(at), at))


def _closed_as(facts: Facts, outcome: int) -> Sum:
    at = facts.leads.floats("closed_at")
    return Sum(facts.lead_events((facts.leads.ints("outcome") == outcome) & facts.in_period(at), at))


def _leaked_value(facts: Facts) -> Given:
    """Deal value of what leaked times wins per MQL that did not leak: what it would have brought, roughly."""
    leaked = _left_to(facts, P_LEAKED).events
    at = facts.passes.floats("left_at")
    rows = facts.pass_lead[(facts.passes.ints("left_to") == P_LEAKED) & facts.in_period(at)]
    arrived = float(facts.mqls.by("")[0]) - leaked.size
    chance = float(facts.wins.by("")[0]) / arrived if arrived > 0 else 0.0
    return Given({"": np.array([Sum(leaked, facts.leads.floats("value")[rows]).by("")[0] * chance])})
