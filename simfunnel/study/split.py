"""A difference split over groups of changes: which subsets of them must be simulated, and what each group brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfunnel.errors import StoppedError
from simfunnel.metrics import Key
from simfunnel.stats import (
    Attribution,
    Precision,
    StopRule,
    precision_of,
    replication_checks,
    shapley_of_ratio,
    shapley_orders,
    shapley_sampled,
    shapley_values,
    subsets,
)
from simfunnel.study.draws import luck_of
from simfunnel.study.replicate import Replications
from simfunnel.study.subsets import TODAY, Subset, Subsets

EXACT_GROUPS = 5
"""Groups up to which every subset is simulated: 32 plans. Of more, each replication makes one random order of the
changes and its reverse."""

REVENUE = Key("revenue")


@dataclass(frozen=True)
class Done:
    """How many replications are complete, how precise the difference of revenue is, and whether it was stopped."""

    replications: int
    precision: Precision
    cancelled: bool


class Split:
    """Groups of changes, `members[k]` those of group k, between today and all of them."""

    def __init__(self, plans: Subsets, members: Sequence[Subset], seed: int) -> None:
        self.plans, self.members, self.seed = plans, tuple(members), seed

    @property
    def exact(self) -> bool:
        """Whether every subset of the groups is simulated."""
        return len(self.members) <= EXACT_GROUPS

    @property
    def all(self) -> Subset:
        """Every change."""
        return self._union(range(len(self.members)))

    def needed(self, replication: int) -> list[Subset]:
        """The subsets of changes to be simulated in a replication, today first and all of them last."""
        if not self.members:
            return [TODAY]
        walks = self._in_order() if self.exact else [each for walk in self._walks(replication) for each in walk]
        return list(dict.fromkeys([TODAY, *walks, self.all]))

    def simulate(self, also: Sequence[Subset], replications: Replications, precision: float) -> Done:
        """Simulate all that is needed, and `also` these subsets in every replication.

        "auto" looks at 30, 40, ... 400 whether the half-width of the difference of revenue is below `precision` of
        today's. StoppedError when not one replication was finished, ValueError for a number of them below 1.
        """
        if replications != "auto" and replications < 1:
            raise ValueError(f"{replications} replications: at least 1 is needed")
        rule = StopRule(relative=precision)
        done = 0
        for upto in replication_checks(rule) if replications == "auto" else (replications,):
            wanted = [[*self.needed(number), *also] for number in range(upto)]
            finished = self.plans.extend([(each, number) for number in range(upto) for each in wanted[number]])
            while done < upto and all(self.plans.has(each, done) for each in wanted[done]):
                done += 1
            if not done:
                raise StoppedError("stopped before the first simulated year was finished")
            found = precision_of(self._revenue(TODAY, done), self._revenue(self.all, done), rule)
            if not finished or found.stop:
                break
        return Done(done, found, not finished)

    def attribution(self, key: Key, replications: int) -> Attribution | None:
        """What each group brings to one number; None for a ratio where orders are random."""
        if not self.exact:
            return self._by_orders(key, replications)
        each = [self.plans.samples(subset, replications).only([key]) for subset in self._in_order()]
        over = np.stack([samples.numerator[:, 0] for samples in each])
        under = np.stack([samples.denominator[:, 0] for samples in each])
        return shapley_values(over) if np.all(under == 1.0) else shapley_of_ratio(over, under)

    def _by_orders(self, key: Key, replications: int) -> Attribution | None:
        if np.any(self.plans.samples(TODAY, replications).only([key]).denominator != 1.0):
            return None
        orders = np.stack([self._orders(number) for number in range(replications)])
        values = [
            [[self.plans.value(subset, number, key) for subset in walk] for walk in self._walks(number)]
            for number in range(replications)
        ]
        return shapley_sampled(orders, values)

    def _in_order(self) -> list[Subset]:
        """Every subset, in the order in which Shapley values want them."""
        return [self._union(chosen) for chosen in subsets(len(self.members))]

    def _orders(self, replication: int) -> NDArray[np.int64]:
        luck = [[luck_of(self.seed, f"order of group {at}", replication) for at in range(len(self.members))]]
        return np.asarray(shapley_orders(luck)[0])

    def _walks(self, replication: int) -> list[list[Subset]]:
        """Today, with the first change of an order, with the first two ... of each order of a replication."""
        return [
            [self._union(order[:size]) for size in range(len(self.members) + 1)]
            for order in self._orders(replication).tolist()
        ]

    def _union(self, groups: Sequence[int]) -> Subset:
        return frozenset[int]().union(*(self.members[at] for at in groups))

    def _revenue(self, subset: Subset, replications: int) -> NDArray[np.float64]:
        return self.plans.samples(subset, replications).values(REVENUE)
