"""The search for the best of many levels: which years of which levels to simulate, and when it is enough."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import StoppedError
from simfunnel.metrics import Key
from simfunnel.stats import Elimination, EliminationRule, Selection
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Replications

LOOKS = (15, 20, 25, 30, 40, 55, 75, 100, 130, 170, 220, 300, 400)
FIRST_OF_MANY, MANY = 10, 40  # more levels than this are looked at sooner
BUDGET, BUDGET_A_LEVEL = 350, 15  # simulated years that a sweep takes when nobody says how many
USUAL_ZONE = 0.01  # of the best level's objective


def looks_upto(replications: Replications, levels: int) -> tuple[int, ...]:
    """Return the numbers of years at which levels may leave; the last one is the most that a level gets."""
    looks = (FIRST_OF_MANY, *LOOKS) if levels > MANY else LOOKS
    if replications == "auto":
        return looks
    return (*(look for look in looks if look < replications), replications)


def budget(replications: Replications, levels: int) -> int:
    """Return the most simulated years that a search takes, all levels together."""
    return BUDGET + BUDGET_A_LEVEL * levels if replications == "auto" else replications * levels


class Search:
    """Elimination over levels, for more of `sign` x the values of `key`; `run` once, then read what was found.

    `zone` None: 1% of the best mean of the first look. `selection` is of the levels by their place in `at`.
    `cancelled`: it was stopped before its end.
    """

    def __init__(
        self, at: Years[str], key: Key, sign: float, zone: float | None, looks: tuple[int, ...], budget: int
    ) -> None:
        self.at, self.key, self.sign, self.looks, self.budget = at, key, sign, looks, budget
        self._zone = zone
        self.zone = 0.0
        self.cancelled = False
        self.selection: Selection

    def run(self) -> None:
        """Simulate until the best is known within the zone, the budget is spent or the work is stopped.

        Raises StoppedError when it was stopped before two years of every level were finished.
        """
        looks, left = self.looks, self.budget
        self.cancelled = not self.at.extend(looks[0])
        values = self._values(self.at.names)
        if self.cancelled:
            if len(values) < 2:
                raise StoppedError("stopped before two simulated years of every level were finished")
            looks = (len(values),)
        left -= values.size
        self.zone = self._zone or USUAL_ZONE * abs(float(values.mean(axis=0).max())) or float(np.finfo(float).tiny)
        elimination = Elimination(len(self.at.names), EliminationRule(self.zone, looks))
        elimination.tell(values)
        while not self.cancelled and (batch := elimination.next()) is not None:
            names = [self.at.names[k] for k in batch.levels]
            left -= len(names) * (batch.stop - batch.start)
            if left < 0:
                break
            if self.at.extend(batch.stop, names):
                elimination.tell(self._values(names)[batch.start : batch.stop])
            else:
                self.cancelled = True
        self.selection = elimination.result()

    def _values(self, names: tuple[str, ...] | list[str]) -> Floats:
        return self.sign * self.at.values(self.key, names)
