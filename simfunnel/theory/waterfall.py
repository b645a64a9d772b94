"""The arithmetic of a lead funnel without queues: how many leads, what revenue, what recycling adds."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, nan, prod, sqrt
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Floats


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
    """Return leads that survive every rate in turn: the calculator that every planner owns."""
    return leads * prod(rates)


def leads_needed(revenue: float, rates: Sequence[float], deal: float) -> float:
    """Return leads whose wins bring `revenue` if nobody ever waits; ValueError when a rate or the deal is zero."""
    each = prod(rates) * deal
    if each <= 0.0:
        raise ValueError("a rate of zero, or deals of no value: no number of leads brings revenue")
    return revenue / each


def recycle(p_win: float, p_nurture: float, p_back: float) -> Recycling:
    """Follow a lead that wins, goes to nurture or is lost; `p_back` of those in nurture come back: visits are
    geometric."""
    again = p_nurture * p_back
    return Recycling(1.0 / (1.0 - again), p_win / (1.0 - again), again / (1.0 - again) ** 2)


def visits_with_limit(p_again: float, limit: int) -> float:
    """Return the mean visits when each one is followed by another with chance `p_again`, at most `limit` times.

    >>> visits_with_limit(0.5, 0), visits_with_limit(0.5, 2)
    (1.0, 1.75)
    """
    if p_again >= 1.0:
        return 1.0 + limit
    return (1.0 - p_again ** (limit + 1)) / (1.0 - p_again)


def revenue_of_poisson_deals(deals: float, mean: float, second_moment: float) -> Revenue:
    """Return revenue of a Poisson number of independent deals (compound Poisson)."""
    return Revenue(deals * mean, deals * second_moment)


def revenue_of_leads(leads: int, p_win: float, mean: float, second_moment: float) -> Revenue:
    """Return revenue of a fixed number of leads, each won with chance `p_win`."""
    return Revenue(leads * p_win * mean, leads * (p_win * second_moment - (p_win * mean) ** 2))


def revenue_distribution(deals: float, sizes: Sequence[int], shares: Sequence[float], largest: int) -> Floats:
    """Return P(revenue = k) for k = 0 ... `largest`, a Poisson number of deals of whole sizes (Panjer 1981)."""
    chance = np.zeros(largest + 1)
    chance[0] = exp(-deals)
    for k in range(1, largest + 1):
        terms = (s * p * chance[k - s] for s, p in zip(sizes, shares, strict=True) if s <= k)
        chance[k] = deals / k * sum(terms)
    return chance


class ChannelRates(NamedTuple):
    """One channel as a calculator sees it: every rate is per one of the step before."""

    name: str
    visit_rate: float  # leads per visit; nan where visits are not counted
    mqls: float  # MQLs per lead, recycled ones included
    reached: float
    accepted: float
    stages: tuple[float, ...]  # what advances, stage by stage
    deal: float

    @property
    def wins(self) -> float:
        """Wins per lead."""
        return wins(1.0, (self.mqls, self.reached, self.accepted, *self.stages))

    @property
    def revenue(self) -> float:
        """Revenue per lead."""
        return self.wins * self.deal

    def steps(self, leads: float) -> Steps:
        """Return what so many leads become."""
        mqls = leads * self.mqls
        sals = mqls * self.reached * self.accepted
        advances = tuple((sals * np.cumprod(self.stages)).tolist())
        visits = leads / self.visit_rate if self.visit_rate > 0.0 else nan
        won = advances[-1]
        return Steps(visits, leads, mqls, mqls * self.reached, sals, advances, won, won * self.deal)


class Steps(NamedTuple):
    """Counts on the way from visits to revenue; `visits` is nan where they are not counted."""

    visits: float
    leads: float
    mqls: float
    reached: float
    sals: float
    advances: tuple[float, ...]
    wins: float
    revenue: float

    @property
    def opportunities(self) -> float:
        """Advances from the first stage."""
        return self.advances[0]


def raised_by(goal: float, each: Sequence[float], leads: Sequence[float], fixed: float = 0.0) -> float:
    """Return the factor on `leads` of some channels at which they and what is `fixed` make up `goal`.

    `each`: what a lead of each channel brings, in the goal's unit. Never below 0; ValueError when these leads bring
    nothing, so that no factor does.

    >>> raised_by(1000.0, [2.0, 1.0], [100.0, 200.0], fixed=200.0)
    2.0
    """
    brought = sum(one * count for one, count in zip(each, leads, strict=True))
    if brought <= 0.0:
        raise ValueError("leads that bring nothing: no number of them reaches the goal")
    return max(0.0, (goal - fixed) / brought)
