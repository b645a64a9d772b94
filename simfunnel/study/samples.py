"""The measures of all replications of one plan, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfunnel.metrics import Key, Measures

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Numerators and denominators of every key; [replications, keys]. A value is numerator / denominator.

    So many rows `together` have inputs drawn together, and are not independent of each other.
    """

    keys: tuple[Key, ...]
    numerator: Floats
    denominator: Floats
    together: int = 1

    @property
    def replications(self) -> int:
        """Number of replications."""
        return int(self.numerator.shape[0])

    def values(self, key: Key) -> Floats:
        """[replications] values of one key; nan where there is nothing to divide by, everywhere when never measured."""
        if key not in self.keys:
            return np.full(self.replications, np.nan)
        return self.ratios()[:, self.keys.index(key)]

    def ratios(self) -> Floats:
        """[replications, keys] values; nan where there is nothing to divide by."""
        blank = np.full(self.numerator.shape, np.nan)
        result: Floats = np.divide(self.numerator, self.denominator, out=blank, where=self.denominator != 0)
        return result

    def independent(self) -> tuple[Floats, Floats]:
        """Numerators and denominators summed over replications that stand together; [independent ones, keys]."""
        if self.together == 1:
            return self.numerator, self.denominator
        shape = (-1, self.together, len(self.keys))
        return self.numerator.reshape(shape).sum(axis=1), self.denominator.reshape(shape).sum(axis=1)

    def only(self, keys: Sequence[Key]) -> Samples:
        """The columns of `keys`, in that order; a key never measured has nothing in every replication."""
        place = {key: column for column, key in enumerate(self.keys)}
        columns = [place.get(key, -1) for key in keys]
        known = np.asarray([column >= 0 for column in columns], dtype=bool)
        taken = np.where(known, columns, 0)
        over = np.where(known, self.numerator[:, taken], 0.0)
        under = np.where(known, self.denominator[:, taken], 0.0)
        return Samples(tuple(keys), over, under, self.together)


def stacked(keys: tuple[Key, ...], numbers: Sequence[Floats]) -> Samples:
    """Samples of one plan from its replications' [2, keys] numerators and denominators, in their order."""
    table = np.array(numbers, np.float64).reshape(len(numbers), 2, len(keys))
    return Samples(keys, np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))


def gather(measures: Sequence[Measures], together: int = 1) -> Samples:
    """Samples from the measures of replications whose plans differ (heads drawn from a range), in their order.

    Keys appear in the order in which the replications first name them; what a replication does not name counts as
    nothing in it (0 of 0).
    """
    order: dict[Key, int] = {}
    for measure in measures:
        for key in measure.keys:
            order.setdefault(key, len(order))
    over = np.zeros((len(measures), len(order)))
    under = np.zeros((len(measures), len(order)))
    for row, measure in enumerate(measures):
        columns = [order[key] for key in measure.keys]
        over[row, columns] = measure.numerator
        under[row, columns] = measure.denominator
    return Samples(tuple(order), over, under, together)
