"""What the levels of a sweep came to, each beside the best, and where other metrics are highest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.metrics import Key
from simfunnel.stats import Difference, estimate_ratio, mean_beside, paired_difference, told_apart
from simfunnel.study.calibrate.error import EXACT, CalibrationError, widened
from simfunnel.study.sweep.result import Figure, Fresh, Most
from simfunnel.study.sweep.search import Search
from simfunnel.study.years.levels import Levels
from simfunnel.study.years.samples import Samples

MORE_OF = ("revenue", "profit", "wins", "mqls")  # of which the highest is told


class Curves:
    """The figures of the levels that were searched, by their place among them; the best is `best`."""

    def __init__(self, search: Search, error: CalibrationError = EXACT) -> None:
        """`error`: what the calibration leaves in the figures of a level."""
        at, self.key, self.sign = search.at, search.key, search.sign
        self.best = search.selection.best
        self.zone = search.zone
        self._samples = [at.samples([name])[name] for name in at.names]
        self._error = error

    @property
    def years(self) -> tuple[int, ...]:
        """Simulated years of each level."""
        return tuple(each.replications for each in self._samples)

    def figures(self, place: int) -> tuple[Figure, ...]:
        """Every metric of a level, amounts as if it had been simulated in all years of the best level."""
        return tuple(self.widened(each, place) for each in self.luck(place))

    def widened(self, figure: Figure, place: int) -> Figure:
        """A figure of a level with what the calibration leaves in its half-width."""
        own = self._samples[place]
        error = self._error.of(own)[own.keys.index(Key(figure.metric, pool=figure.pool))]
        return replace(figure, half_width=float(widened(figure.half_width, error)))

    def luck(self, place: int) -> tuple[Figure, ...]:
        """The same figures, their half-widths without what the calibration leaves."""
        own, best = self._samples[place], self._samples[self.best]
        ratio = estimate_ratio(own.numerator, own.denominator)
        found = []
        for column, key in enumerate(own.keys):
            mean, half_width = float(ratio.mean[column]), float(ratio.half_width[column])
            if _adds_up(own, column):
                beside = mean_beside(best.values(key), own.values(key)[: best.replications])
                mean, half_width = float(beside.mean), float(beside.half_width)
            found.append(Figure(key.metric, mean, half_width, key.pool))
        return tuple(found)

    def gap(self, place: int, key: Key | None = None, than: int | None = None, level: float = 0.95) -> Difference:
        """A level's values minus those of another (the best), over the years that both have."""
        own, other = self._samples[place], self._samples[self.best if than is None else than]
        n = min(own.replications, other.replications)
        return paired_difference(other.values(key or self.key)[:n], own.values(key or self.key)[:n], level)

    def most(self) -> Iterator[Most]:
        """For each metric that is not the objective, the level with the most of it; places among those searched."""
        count = len(self._samples)
        for metric in MORE_OF:
            key = Key(metric)
            if key not in self._samples[0].keys:
                continue
            gaps = [self.gap(place, key) for place in range(count)]
            leads = [float(each.mean) for each in gaps]
            if metric == self.key.metric or self._is_objective(gaps) or not any(leads):
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
        """The best of some levels and those tied with it: not told apart, or behind by no more than the zone."""
        best = max(places, key=lambda place: self.sign * float(self.gap(place).mean))
        level = 1 - 0.05 / max(1, len(places) - 1)
        gaps = {place: self.gap(place, than=best, level=level) for place in places}
        tied = [
            place
            for place, gap in gaps.items()
            if abs(float(gap.mean)) <= self.zone or not told_apart(gap.mean, gap.half_width, gap.n)
        ]
        return best, tuple(tied)

    def _is_objective(self, gaps: Iterable[Difference]) -> bool:
        """Whether a metric differs between levels just as the objective does: profit without costs is revenue."""
        return all(
            math.isclose(float(each.mean), float(self.gap(place).mean), abs_tol=1e-6) for place, each in enumerate(gaps)
        )


def fresh_of(search: Search, curves: Curves, today: int | None, seed: int, years: int) -> Fresh | None:
    """The best level and today under other luck; None when the work was stopped before."""
    key, old = search.key, search.at
    at = Levels(old.prepared, seed, ((key.metric, ""),), old.work)
    names = list(dict.fromkeys(at.names[place] for place in (curves.best, today) if place is not None))
    if not at.extend(years, names):
        return None
    chosen, *others = (at.values(key, [name])[:, 0] for name in names)
    told, before = _figure(key, chosen), curves.luck(curves.best)
    searched = next(each for each in before if (each.metric, each.pool) == (key.metric, ""))
    agrees = abs(told.mean - searched.mean) <= math.hypot(told.half_width, searched.half_width)
    gain = [_gain(key, paired_difference(other, chosen)) for other in others]
    before_it = [curves.widened(_figure(key, other), today or 0) for other in others]
    told = curves.widened(told, curves.best)
    return Fresh(seed, years, told, before_it[0] if before_it else None, gain[0] if gain else None, agrees)


def _figure(key: Key, values: Floats) -> Figure:
    found = estimate_ratio(values, np.ones(len(values)))
    return Figure(key.metric, float(found.mean), float(found.half_width))


def _gain(key: Key, found: Difference) -> Figure:
    return Figure(key.metric, float(found.mean), float(found.half_width))


def _adds_up(samples: Samples, column: int) -> bool:
    """Whether a metric is an amount of the year and no ratio."""
    return bool((samples.denominator[:, column] == 1).all())
