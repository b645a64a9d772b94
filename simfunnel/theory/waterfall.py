"""The arithmetic of a lead funnel without queues: how many leads, what revenue, what recycling adds."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, prod, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Recycling(NamedTuple):
    """A lead that may come back to be worked: visits, chance to win in the end, variance of the visits."""

    visits: float
    win: float
    variance: float


class Revenue(NamedTuple):
    """Mean and variance of the revenue of independent deals."""

    mean: float
    variance: float

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return sqrt(self.variance)


def wins(leads: float, rates: Sequence[float]) -> float:
    """Leads that survive every rate in turn: the calculator that every planner owns."""
    return leads * prod(rates)


def leads_needed(revenue: float, rates: Sequence[float], deal: float) -> float:
    """Leads whose wins bring `revenue` if nobody ever waits; ValueError when a rate or the deal is zero."""
    each = prod(rates) * deal
    if each <= 0.0:
        raise ValueError("a rate of zero, or deals of no value: no number of leads brings revenue")
    return revenue / each


def recycle(p_win: float, p_nurture: float, p_back: float) -> Recycling:
    """A worked lead wins, goes to nurture or is lost; `p_back` of those in nurture come back: visits are geometric."""
    again = p_nurture * p_back
    return Recycling(1.0 / (1.0 - again), p_win / (1.0 - again), again / (1.0 - again) ** 2)


def visits_with_limit(p_again: float, limit: int) -> float:
    """Mean visits when each one is followed by another with chance `p_again`, at most `limit` times.

    >>> visits_with_limit(0.5, 0), visits_with_limit(0.5, 2)
    (1.0, 1.75)
    """
    if p_again >= 1.0:
        return 1.0 + limit
    return (1.0 - p_again ** (limit + 1)) / (1.0 - p_again)


def revenue_of_poisson_deals(deals: float, mean: float, second_moment: float) -> Revenue:
    """Revenue of a Poisson number of independent deals (compound Poisson)."""
    return Revenue(deals * mean, deals * second_moment)


def revenue_of_leads(leads: int, p_win: float, mean: float, second_moment: float) -> Revenue:
    """Revenue of a fixed number of leads, each won with chance `p_win`."""
    return Revenue(leads * p_win * mean, leads * (p_win * second_moment - (p_win * mean) ** 2))


def revenue_distribution(deals: float, sizes: Sequence[int], shares: Sequence[float], largest: int) -> Floats:
    """P(revenue = k) for k = 0 ... `largest`, a Poisson number of deals of whole sizes (Panjer 1981)."""
    chance = np.zeros(largest + 1)
    chance[0] = exp(-deals)
    for k in range(1, largest + 1):
        terms = (s * p * chance[k - s] for s, p in zip(sizes, shares, strict=True) if s <= k)
        chance[k] = deals / k * sum(terms)
    return chance
