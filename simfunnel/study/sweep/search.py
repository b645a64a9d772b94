"""The search for the best of many levels: which years of which to simulate, when it is enough, and what they came to.

Each level stands beside the best, and where other metrics are highest is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import StoppedError
from simfunnel.metrics import Key
from simfunnel.stats import (
    Difference,
    Elimination,
    EliminationRule,
    Selection,
    estimate_ratio,
    mean_beside,
    paired_difference,
    told_apart,
)
from simfunnel.study.calibrate.error import EXACT, CalibrationError, widened
from simfunnel.study.sweep.result import Figure, Fresh, Most
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Replications

LOOKS = (15, 20, 25, 30, 40, 55, 75, 100, 130, 170, 220, 300, 400)
FIRST_OF_MANY, MANY = 10, 40  # more levels than this are looked at sooner
BUDGET, BUDGET_A_LEVEL = 350, 15  # simulated years that a sweep takes when nobody says how many
USUAL_ZONE = 0.01  # of the best level's objective

MORE_OF = ("revenue", "profit", "wins", "mqls")  # of which the highest is told


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


class Curves:
    """The figures of the levels that were searched, by their place among them; the best is `best`."""

    def __init__(self, search: Search, error: CalibrationError = EXACT) -> None:
        """`error`: what the calibration leaves in the figures of a level."""
        at, self.key, self.sign = search.at, search.key, search.sign
        self.best = search.selection.best
        self.zone = search.zone
        self._samples = [at.of(name) for name in at.names]
        self._error = error

    @property
    def years(self) -> tuple[int, ...]:
        """Simulated years of each level."""
        return tuple(each.replications for each in self._samples)

    def figures(self, place: int) -> tuple[Figure, ...]:
        """Return every metric of a level, amounts as if it had been simulated in all years of the best level."""
        return tuple(self.widened(each, place) for each in self.luck(place))

    def widened(self, figure: Figure, place: int) -> Figure:
        """Return a figure of a level with what the calibration leaves in its half-width."""
        own = self._samples[place]
        error = self._error.of(own)[own.keys.index(Key(figure.metric, pool=figure.pool))]
        return replace(figure, half_width=float(widened(figure.half_width, error)))

    def luck(self, place: int) -> tuple[Figure, ...]:
        """Return the same figures, their half-widths without what the calibration leaves."""
        own, best = self._samples[place], self._samples[self.best]
        ratio = estimate_ratio(own.numerator, own.denominator)
        found = []
        for column, key in enumerate(own.keys):
            mean, half_width = float(ratio.mean[column]), float(ratio.half_width[column])
            if (own.denominator[:, column] == 1).all():  # an amount of the year and no ratio
                beside = mean_beside(best.values(key), own.values(key)[: best.replications])
                mean, half_width = float(beside.mean), float(beside.half_width)
            found.append(Figure(key.metric, mean, half_width, key.pool))
        return tuple(found)

    def gap(self, place: int, key: Key | None = None, than: int | None = None, level: float = 0.95) -> Difference:
        """Compare a level's values with those of another (the best), over the years that both have."""
        own, other = self._samples[place], self._samples[self.best if than is None else than]
        n = min(own.replications, other.replications)
        return paired_difference(other.values(key or self.key)[:n], own.values(key or self.key)[:n], level)

    def most(self) -> Iterator[Most]:
        """Yield the level with the most of each metric that is not the objective; places among those searched."""
        count = len(self._samples)
        for metric in MORE_OF:
            key = Key(metric)
            if key not in self._samples[0].keys:
                continue
            gaps = [self.gap(place, key) for place in range(count)]
            leads = [float(each.mean) for each in gaps]
            mine = [float(self.gap(place).mean) for place in range(count)]  # profit without costs is revenue
            same = all(math.isclose(*pair, abs_tol=1e-6) for pair in zip(leads, mine, strict=True))
            if metric == self.key.metric or same or not any(leads):
                continue
            place = int(np.argmax(leads)) if max(leads) > 0 else self.best
            sure = self.gap(place, key, level=1 - 0.05 / max(1, count - 1))
            costs = self.gap(place)
            yield Most(
                metric,
                place,
                float(sure.mean),
                float(gaps[place].half_width),
                bool(sure.mean > 0 and told_apart(sure.mean, sure.half_width, sure.n)),
                Figure(self.key.metric, float(costs.mean), float(costs.half_width)),
            )

    def best_of(self, places: Sequence[int]) -> tuple[int, tuple[int, ...]]:
        """Return the best of some levels and those tied with it: not told apart, or behind by no more than the zone."""
        best = max(places, key=lambda place: self.sign * float(self.gap(place).mean))
        level = 1 - 0.05 / max(1, len(places) - 1)
        gaps = {place: self.gap(place, than=best, level=level) for place in places}
        tied = [
            place
            for place, gap in gaps.items()
            if abs(float(gap.mean)) <= self.zone or not told_apart(gap.mean, gap.half_width, gap.n)
        ]
        return best, tuple(tied)


def fresh_of(search: Search, curves: Curves, today: int | None, seed: int, years: int) -> Fresh | None:
    """Simulate the best level and today under other luck; None when the work was stopped before."""
    key, old = search.key, search.at
    at = old.with_seed(seed, ((key.metric, ""),))
    names = list(dict.fromkeys(at.names[place] for place in (curves.best, today) if place is not None))
    if not at.extend(years, names):
        return None
    chosen, *others = (at.values(key, [name])[:, 0] for name in names)
    told, before = _figure(key, chosen), curves.luck(curves.best)
    searched = next(each for each in before if (each.metric, each.pool) == (key.metric, ""))
    agrees = abs(told.mean - searched.mean) <= math.hypot(told.half_width, searched.half_width)
    gaps = [paired_difference(other, chosen) for other in others]
    gain = [Figure(key.metric, float(gap.mean), float(gap.half_width)) for gap in gaps]
    before_it = [curves.widened(_figure(key, other), today or 0) for other in others]
    told = curves.widened(told, curves.best)
    return Fresh(seed, years, told, before_it[0] if before_it else None, gain[0] if gain else None, agrees)


def _figure(key: Key, values: Floats) -> Figure:
    found = estimate_ratio(values, np.ones(len(values)))
    return Figure(key.metric, float(found.mean), float(found.half_width))
