"""What was won."""

from __future__ import annotations

import math

import numpy as np

from simfunnel.metrics.facts import Facts
from simfunnel.metrics.tally import AnyOf, Events, Given, Made, Quantile, Ratio, Sum, Values
from simfunnel.plan.model import Floats


def revenue_metrics(facts: Facts) -> dict[str, Ratio]:
    """Revenue, wins, deal size, win rates, and whether the target was reached."""
    target = facts.plan.target_revenue
    reached = Made(lambda split: (facts.revenue.by(split) >= target).astype(np.float64))
    asked = Given({"": np.array([0.0 if math.isnan(target) else 1.0])})
    won, hours = _from_lead_to_win(facts)
    count = Sum(won)
    return {
        "revenue": Ratio(facts.revenue),
        "wins": Ratio(facts.wins),
        "target_reached": Ratio(reached, asked),
        "deal_size": Ratio(facts.revenue, facts.wins),
        "win_rate": Ratio(facts.wins, facts.created),
        "win_rate_of_mqls": Ratio(facts.wins, facts.mqls),
        "time_to_win_mean": Ratio(Sum(won, hours), count),
        "time_to_win_median": Ratio(Quantile(Values(won, hours), 0.5), AnyOf(won)),
    }


def _from_lead_to_win(facts: Facts) -> tuple[Events, Floats]:
    """The deals won in the period and how long each took; when those of an opening pipeline were made is not known."""
    created, closed = facts.leads.floats("created"), facts.leads.floats("closed_at")
    rows = facts.won[created[facts.won] >= facts.plan.start_h]
    return facts.events(rows, closed[rows]), closed[rows] - created[rows]
