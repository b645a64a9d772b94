"""Which months are far enough along to be judged by what became of their leads."""

from __future__ import annotations

import numpy as np

from simfunnel.metrics.facts import Facts, Mask
from simfunnel.plan.model import Floats, Ints

CLOSED_ENOUGH = 0.9


def judged_months(facts: Facts, lead: Ints, at: Floats) -> tuple[Mask, Ints]:
    """([months] whether 90% of a month's leads have closed, month of each).

    `lead`: rows of `leads`; `at`: the instant by which each belongs to a month. A month without leads cannot be judged.
    """
    month = facts.month_of(at)
    inside = month >= 0
    count = np.bincount(month[inside], minlength=facts.layout.months)
    closed = np.bincount(month[inside], facts.closed[lead[inside]], minlength=facts.layout.months)
    return (count > 0) & (closed >= CLOSED_ENOUGH * count), month


def in_judged_months(facts: Facts, lead: Ints, at: Floats) -> Mask:
    """Whether each belongs to a month of the period that can be judged."""
    judged, month = judged_months(facts, lead, at)
    return np.append(judged, False)[month]
