"""Both ends of inputs: a plan for each, beside today's, in the same years, and what each input does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.metrics import TABLE, Key
from simfunnel.scenario import HIGH, LOW, TODAY, Input
from simfunnel.stats import pseudo_values, tornado_bars
from simfunnel.study.calibrate.nearby import ROUNDS
from simfunnel.study.sensitivity.input_effects import End, InputEffect
from simfunnel.study.sensitivity.neighbours import Neighbourhood, plans_near
from simfunnel.study.years.plans import Prepared
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Work


@dataclass(frozen=True)
class BothEnds:
    """Today's plan and each input at its low and its high end; `refused`: what could not be moved, and why.

    `among`: of how many inputs these were picked.
    """

    inputs: tuple[Input, ...]
    years: Years[str]
    refused: Mapping[str, str]
    among: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plans: today's, then those of each input at its low and at its high end."""
        return (self.years.names[0], *(name for each in self.inputs for name in _names(each)))

    def values(self, metric: str) -> Floats:
        """Return [replications, 1 + 2 inputs] values of a metric, as `values_of`."""
        return values_of(self.years.samples(self.names), metric)

    def only(self, inputs: Iterable[Input]) -> BothEnds:
        """Leave out other inputs, which still count among those that these were picked from."""
        return replace(self, inputs=tuple(inputs))


def values_of(samples: Mapping[str, Samples], metric: str) -> Floats:
    """Return [replications, plans] values of a metric whose means are its means, or its ratios of means."""
    found = [each.only([Key(metric)]) for each in samples.values()]
    return np.column_stack([pseudo_values(each.numerator, each.denominator) for each in found])


def both_ends(
    here: Neighbourhood,
    prepared: Prepared,
    inputs: Sequence[Input],
    metrics: Sequence[str],
    seed: int,
    work: Work,
    among: int,
    rounds: int = ROUNDS,
) -> BothEnds:
    """Compile plans of inputs at their ends, nothing simulated yet; fewer inputs when `work` was stopped meanwhile."""
    plans = plans_near(here, [each.values(u) for each in inputs for u in (LOW, HIGH)], work, rounds)
    refused: dict[str, str] = {}
    moved: list[Input] = []
    at_ends = prepared.by_name
    for each, low, high in zip(inputs, plans[::2], plans[1::2], strict=False):
        if isinstance(low, str) or isinstance(high, str):
            refused[each.path] = next(why for why in (low, high) if isinstance(why, str))
            continue
        moved.append(each)
        at_ends |= dict(zip(_names(each), (low, high), strict=True))
    years = Years(at_ends, seed, tuple((metric, "") for metric in metrics), work)
    return BothEnds(tuple(moved), years, refused, among)


def input_effects(ends: BothEnds, metric: str) -> list[InputEffect]:
    """Rank what each input does to a metric over the years that all plans have, the longest detected bar first."""
    values = ends.values(metric)
    found = tornado_bars(values[:, 0], values[:, 1::2], values[:, 2::2], among=ends.among)
    effects = []
    for at in found.order.tolist():
        each = ends.inputs[at]
        low, high = (
            End(each.words(u), float(end.mean[at]), float(end.half_width[at]))
            for u, end in ((LOW, found.low), (HIGH, found.high))
        )
        reach, detected = float(found.reach[at]), bool(found.detected[at])
        unit, today = TABLE[metric].unit, each.words(TODAY)
        effects.append(InputEffect(metric, unit, each.path, each.origin, today, low, high, reach, detected))
    return effects


def _names(each: Input) -> tuple[str, str]:
    return f"{each.path} low", f"{each.path} high"
