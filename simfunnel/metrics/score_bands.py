"""What the score was worth: outcome by score, precision at the threshold, marketing's verdict against sales'."""

from __future__ import annotations

import numpy as np

from simfunnel.ledger.columns import WON
from simfunnel.metrics.cohorts import in_judged_months
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.layout import SALES_VERDICTS, bands
from simfunnel.metrics.tally import Ratio, Sum


def score_metrics(facts: Facts) -> dict[str, Ratio]:
    """Precision, acceptance and wins by band of score, and the matrix of both verdicts; judged months only."""
    rows = facts.first_pass[facts.first_pass >= 0]
    lead, started = facts.pass_lead[rows], facts.passes.floats("started")[rows]
    keep = in_judged_months(facts, lead, started)
    rows, lead, started = rows[keep], lead[keep], started[keep]
    band = bands(facts.layout, facts.passes.floats("score")[rows])
    mqls = facts.events(lead, started, band=band)
    reached = ~np.isnan(facts.passes.floats("first_response_at")[rows])
    won = (facts.leads.ints("outcome")[lead] == WON).astype(np.float64)
    accepted = (reached & facts.accepted[rows]).astype(np.float64)
    return {
        "precision": Ratio(Sum(mqls, won), Sum(mqls)),
        "band_mqls": Ratio(Sum(mqls)),
        "band_acceptance": Ratio(Sum(mqls, accepted), Sum(mqls, reached.astype(np.float64))),
        "band_win_share": Ratio(Sum(mqls, won), Sum(mqls)),
        **_verdicts(facts),
    }


def _verdicts(facts: Facts) -> dict[str, Ratio]:
    """Leads and their wins by marketing's verdict (passed at once, later, never) and sales' (accepted, rejected, -)."""
    created = facts.leads.floats("created")
    lead = np.flatnonzero(in_judged_months(facts, np.arange(facts.n_leads), created))
    first = facts.first_pass[lead]
    started = np.append(facts.passes.floats("started"), np.nan)[first]
    marketing = np.where(first < 0, 2, np.where(started > created[lead], 1, 0))
    reached = ~np.isnan(facts.passes.floats("first_response_at"))
    once_reached = np.bincount(facts.pass_lead, reached, minlength=facts.n_leads)[lead] > 0
    once_accepted = np.bincount(facts.pass_lead, facts.accepted, minlength=facts.n_leads)[lead] > 0
    sales = np.where(once_accepted, 0, np.where(once_reached, 1, 2))
    events = facts.events(lead, created[lead], verdict=marketing * len(SALES_VERDICTS) + sales)
    won = (facts.leads.ints("outcome")[lead] == WON).astype(np.float64)
    return {"verdict_leads": Ratio(Sum(events)), "verdict_win_share": Ratio(Sum(events, won), Sum(events))}
