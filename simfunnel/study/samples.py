"""The measures of all replications of one plan, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simfunnel.metrics import Key

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Numerators and denominators of every key; [replications, keys]. A value is numerator / denominator."""

    keys: tuple[Key, ...]
    numerator: Floats
    denominator: Floats

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

    def only(self, keys: Sequence[Key]) -> Samples:
        """The columns of `keys`, in that order; a key never measured has nothing in every replication."""
        place = {key: column for column, key in enumerate(self.keys)}
        columns = [place.get(key, -1) for key in keys]
        known = np.asarray([column >= 0 for column in columns], dtype=bool)
        taken = np.where(known, columns, 0)
        over = np.where(known, self.numerator[:, taken], 0.0)
        under = np.where(known, self.denominator[:, taken], 0.0)
        return Samples(tuple(keys), over, under)


def stacked(keys: tuple[Key, ...], numbers: Sequence[Floats]) -> Samples:
    """Samples of one plan from its replications' [2, keys] numerators and denominators, in their order."""
    table = np.array(numbers, np.float64).reshape(len(numbers), 2, len(keys))
    return Samples(keys, np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))
