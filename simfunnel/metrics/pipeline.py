"""What is still open when the period ends."""

from __future__ import annotations

import numpy as np

from simfunnel.ledger.columns import IN_NURTURE, OPEN
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.tally import Events, Ratio, Sum
from simfunnel.plan.model import Ints


def pipeline_metrics(facts: Facts) -> dict[str, Ratio]:
    """Accepted deals still being worked, deals in nurture, and the leads behind them."""
    outcome, value = facts.leads.ints("outcome"), facts.leads.floats("value")
    known = facts.last_pass >= 0
    accepted_now = known & np.append(facts.accepted, False)[facts.last_pass]
    accepted_once = np.bincount(facts.pass_lead, facts.accepted, minlength=facts.n_leads) > 0
    deals = np.flatnonzero((outcome == OPEN) & accepted_now)
    resting = np.flatnonzero((outcome == IN_NURTURE) & accepted_once)
    open_deals, in_nurture = _at_the_end(facts, deals), _at_the_end(facts, resting)
    return {
        "open_pipeline": Ratio(Sum(open_deals, value[deals])),
        "open_deals": Ratio(Sum(open_deals)),
        "nurture_pipeline": Ratio(Sum(in_nurture, value[resting])),
        "leads_open": Ratio(Sum(_at_the_end(facts, np.flatnonzero(outcome == OPEN)))),
        "leads_in_nurture": Ratio(Sum(_at_the_end(facts, np.flatnonzero(outcome == IN_NURTURE)))),
    }


def _at_the_end(facts: Facts, rows: Ints) -> Events:
    stage = np.append(facts.passes.ints("stage"), -1)[facts.last_pass[rows]]
    stage = np.minimum(stage, len(facts.plan.stages) - 1)
    return facts.events(rows, np.full(len(rows), facts.plan.end_h), stage=stage)
