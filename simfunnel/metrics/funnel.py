"""The funnel: counts and rates of stages, cohorts, the open pipeline, and score bands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from simfunnel.arrays import Bools, Ints
from simfunnel.ledger import columns as codes
from simfunnel.metrics.facts import Facts, Groups
from simfunnel.metrics.keys import SALES_VERDICTS, bands
from simfunnel.metrics.tally import Events, Known, Lazy, Part, Ratio, Sum, Tally


def funnel_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return leads, MQLs, first contacts, SALs and opportunities, with their rates."""
    started, created = facts.dates("passes", "started"), facts.leads.floats("created")[facts.pass_lead]
    met = facts.pass_events(facts.contacted, facts.dates("passes", "first_response_at"))
    accepted = facts.accepted[facts.contacted].astype(np.float64)
    contacts, sals = Sum(met), Sum(met, accepted)
    begun = facts.mqls.events
    recycled = (started.at > created)[started.inside].astype(np.float64)
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
        "opportunities": Ratio(Lazy(lambda: facts.opportunities)),
    }


def stage_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return advances, decisions and conversion of every stage."""
    decided = facts.task_events(facts.decided, facts.dates("tasks", "ended"))
    advanced = facts.tasks.ints("decision")[facts.decided] == codes.ADVANCED
    advances, decisions = Sum(decided, advanced.astype(np.float64)), Sum(decided)
    return {
        "advances": Ratio(advances),
        "decisions": Ratio(decisions),
        "conversion": Ratio(advances, decisions),
    }


def cohort_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return, of the leads that first entered a stage in the period, those that ever advanced or may still do so."""
    stages = len(facts.plan.stages)
    tasks = Groups(facts.task_lead * stages + facts.tasks.ints("stage"))
    entered = facts.tasks.floats("entered")
    begun = facts.in_period(tasks.least(np.where(np.isnan(entered), np.inf, entered)))
    advanced = tasks.any(facts.tasks.ints("decision") == codes.ADVANCED)[begun]
    lead, stage = np.divmod(tasks.keys[begun], stages)
    outcome = facts.leads.ints("outcome")[lead]
    still = ~advanced & ((outcome == codes.OPEN) | (outcome == codes.IN_NURTURE))
    counts = [np.bincount(at, minlength=stages) for at in (stage, stage[advanced], stage[still])]
    first, ever, yet = (Known({"stage": count.astype(np.float64)}) for count in counts)
    return {"cohort_conversion": Ratio(ever, first), "cohort_open": Ratio(yet, first)}


def near_misses(facts: Facts) -> Sum:
    """Return leads that came close to the threshold."""
    when = facts.dates("entries", "entered")
    rows = np.flatnonzero((facts.entries.ints("reason") == codes.NEAR_MISS) & when.inside)
    return Sum(facts.events(facts.entries.ints("lead")[rows], Part(when.month, rows)))


def _left_to(facts: Facts, code: int) -> Sum:
    when = facts.dates("passes", "left_at")
    return Sum(facts.pass_events((facts.passes.ints("left_to") == code) & when.inside, when))


def _closed_as(facts: Facts, outcome: int) -> Sum:
    when = facts.dates("leads", "closed_at")
    return Sum(facts.lead_events((facts.leads.ints("outcome") == outcome) & when.inside, when))


def leaked_value(facts: Facts) -> Known:
    """Return the deal value of what leaked times wins per MQL that did not leak: roughly what it would have brought."""
    leaked = _left_to(facts, codes.P_LEAKED).events
    gone = (facts.passes.ints("left_to") == codes.P_LEAKED) & facts.dates("passes", "left_at").inside
    rows = facts.pass_lead[gone]
    arrived = float(facts.mqls.by("")[0]) - leaked.size
    chance = float(facts.wins.by("")[0]) / arrived if arrived > 0 else 0.0
    return Known({"": np.array([Sum(leaked, facts.leads.floats("value")[rows]).by("")[0] * chance])})


LOSSES: dict[str, Callable[[Facts], Tally]] = {
    "went_cold": lambda facts: _left_to(facts, codes.P_COLD),
    "balked": lambda facts: _left_to(facts, codes.P_BALKED),
    "leaked": lambda facts: _left_to(facts, codes.P_LEAKED),
    "lost": lambda facts: _closed_as(facts, codes.LOST),
    "disqualified": lambda facts: _closed_as(facts, codes.DISQUALIFIED),
    "opted_out": lambda facts: _closed_as(facts, codes.OPTED_OUT),
    "near_misses": near_misses,
    "leaked_value": leaked_value,
}


def loss_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return leads that gave up, met a full queue, were lost in a hand-off, or closed without a deal."""
    return {name: Ratio(Lazy(partial(count, facts))) for name, count in LOSSES.items()}


CLOSED_ENOUGH = 0.9


def in_judged_months(facts: Facts, lead: Ints, month: Ints) -> Bools:
    """Return whether each belongs to a month of the period of whose leads 90% have closed.

    `lead`: rows of `leads`; `month`: that each belongs to, -1 outside the period. A month without leads cannot be
    judged.
    """
    months = facts.layout.months + 1  # the first is outside
    count = np.bincount(month + 1, minlength=months)
    closed = np.bincount(month + 1, facts.closed[lead], minlength=months)
    judged = (count > 0) & (closed >= CLOSED_ENOUGH * count)
    judged[0] = False
    return judged[month + 1]


def pipeline_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return accepted deals still being worked, deals in nurture, and the leads behind them."""
    outcome, value = facts.leads.ints("outcome"), facts.leads.floats("value")
    known = facts.last_pass >= 0
    accepted_now = known & np.append(facts.accepted, False)[facts.last_pass]
    accepted_once = np.bincount(facts.pass_lead, facts.accepted, minlength=facts.n_leads) > 0
    deals = np.flatnonzero((outcome == codes.OPEN) & accepted_now)
    resting = np.flatnonzero((outcome == codes.IN_NURTURE) & accepted_once)
    open_deals, in_nurture = _at_the_end(facts, deals), _at_the_end(facts, resting)
    return {
        "open_pipeline": Ratio(Sum(open_deals, value[deals])),
        "open_deals": Ratio(Sum(open_deals)),
        "nurture_pipeline": Ratio(Sum(in_nurture, value[resting])),
        "leads_open": Ratio(Sum(_at_the_end(facts, np.flatnonzero(outcome == codes.OPEN)))),
        "leads_in_nurture": Ratio(Sum(_at_the_end(facts, np.flatnonzero(outcome == codes.IN_NURTURE)))),
    }


def _at_the_end(facts: Facts, rows: Ints) -> Events:
    stage = np.append(facts.passes.ints("stage"), -1)[facts.last_pass[rows]]
    stage = np.minimum(stage, len(facts.plan.stages) - 1)
    return facts.events(rows, lambda: np.full(len(rows), -1), stage=stage)


def score_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return precision, acceptance and wins by band of score; judged months only."""
    rows = facts.first_pass[facts.first_pass >= 0]
    month = facts.dates("passes", "started").month
    rows = rows[in_judged_months(facts, facts.pass_lead[rows], month[rows])]
    lead = facts.pass_lead[rows]
    score = facts.passes.floats("score")
    mqls = facts.events(lead, Part(month, rows), band=lambda: bands(facts.layout, score[rows]))
    reached = ~np.isnan(facts.passes.floats("first_response_at")[rows])
    count, won = Sum(mqls), Sum(mqls, (facts.leads.ints("outcome")[lead] == codes.WON).astype(np.float64))
    accepted = (reached & facts.accepted[rows]).astype(np.float64)
    return {
        "precision": Ratio(won, count),
        "band_mqls": Ratio(count),
        "band_acceptance": Ratio(Sum(mqls, accepted), Sum(mqls, reached.astype(np.float64))),
        "band_win_share": Ratio(won, count),
    }


def verdict_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return leads of the judged months and their wins, by marketing's and sales' verdicts.

    Marketing passed them at once, later or never; sales accepted or rejected them, or never reached them.
    """
    created, month, _ = facts.dates("leads", "created")
    lead = np.flatnonzero(in_judged_months(facts, np.arange(facts.n_leads), month))
    first = facts.first_pass[lead]
    started = np.append(facts.passes.floats("started"), np.nan)[first]
    marketing = np.where(first < 0, 2, np.where(started > created[lead], 1, 0))
    reached = ~np.isnan(facts.passes.floats("first_response_at"))
    once_reached = np.bincount(facts.pass_lead, reached, minlength=facts.n_leads)[lead] > 0
    once_accepted = np.bincount(facts.pass_lead, facts.accepted, minlength=facts.n_leads)[lead] > 0
    sales = np.where(once_accepted, 0, np.where(once_reached, 1, 2))
    events = facts.events(lead, Part(month, lead), verdict=marketing * len(SALES_VERDICTS) + sales)
    count, won = Sum(events), (facts.leads.ints("outcome")[lead] == codes.WON).astype(np.float64)
    return {"verdict_leads": Ratio(count), "verdict_win_share": Ratio(Sum(events, won), count)}
