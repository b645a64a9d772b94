"""What the levels of a sweep came to, each beside the best, and where other metrics are highest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.metrics import Key
from simfunnel.stats import Difference, estimate_ratio, mean_beside, paired_difference, told_apart
from simfunnel.study.calibrate.error import EXACT, CalibrationError, widened
from simfunnel.study.sweep.result import Figure, Fresh, Most
from simfunnel.study.sweep.search import Search

MORE_OF = ("revenue", "profit", "wins", "mqls")  # of which the highest is told


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
