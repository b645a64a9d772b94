"""What was won."""

from __future__ import annotations

import math

import numpy as np

from simfunnel.metrics.facts import Facts
from simfunnel.metrics.tally import Given, Made, Ratio


def revenue_metrics(facts: Facts) -> dict[str, Ratio]:
    """Revenue, wins, deal size, win rates, and whether the target was reached."""
    target = facts.plan.target_revenue
    reached = Made(lambda split: (facts.revenue.by(split) >= target).astype(np.float64))
    asked = Given({"": np.array([0.0 if math.isnan(target) else 1.0])})
    return {
        "revenue": Ratio(facts.revenue),
        "wins": Ratio(facts.wins),
        "target_reached": Ratio(reached, asked),
        "deal_size": Ratio(facts.revenue, facts.wins),
        "win_rate": Ratio(facts.wins, facts.created),
        "win_rate_of_mqls": Ratio(facts.wins, facts.mqls),
    }
