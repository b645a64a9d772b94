"""Inputs at their ends: a plan for each, beside today's, in the same years, and what each input does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.metrics import TABLE, Key
from simfunnel.plan import Plan
from simfunnel.scenario import HIGH, LOW, TODAY, Input
from simfunnel.stats import pseudo_values, tornado_bars
from simfunnel.study.calibrate.nearby import ROUNDS
from simfunnel.study.sensitivity.input_effects import End, InputBar
from simfunnel.study.sensitivity.neighbours import Neighbourhood, plans_near
from simfunnel.study.years.levels import Levels
from simfunnel.study.years.plans import Prepared
from simfunnel.study.years.replicate import Work
from simfunnel.study.years.samples import Samples


@dataclass(frozen=True)
class Ends:
    """Today's plan and each input at its low and its high end as levels; `refused`: what could not be moved, and why.

    `among`: of how many inputs these were picked.
    """

    inputs: tuple[Input, ...]
    levels: Levels
    refused: Mapping[str, str]
    among: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the levels: today's, then those of each input at its low and at its high end."""
        return (self.levels.names[0], *(name for each in self.inputs for name in _names(each)))

    def values(self, metric: str) -> Floats:
        """[replications, 1 + 2 inputs] values of a metric, as `values_of`."""
        return values_of(self.levels.samples(self.names), metric)

    def only(self, inputs: Iterable[Input]) -> Ends:
        """The same without other inputs, which still count among those that these were picked from."""
        return replace(self, inputs=tuple(inputs))


def values_of(samples: Mapping[str, Samples], metric: str) -> Floats:
    """[replications, levels] values of a metric whose means are its means, or its ratios of means."""
    found = [each.only([Key(metric)]) for each in samples.values()]
    return np.column_stack([pseudo_values(each.numerator, each.denominator) for each in found])


def ends_of(
    here: Neighbourhood,
    prepared: Prepared,
    inputs: Sequence[Input],
    metrics: Sequence[str],
    seed: int,
    work: Work,
    among: int,
    rounds: int = ROUNDS,
) -> Ends:
    """Plans of inputs at their ends, nothing simulated yet; fewer inputs when `work` was stopped meanwhile."""
    plans = plans_near(here, [each.values(u) for each in inputs for u in (LOW, HIGH)], work, rounds)
    refused: dict[str, str] = {}
    moved: list[Input] = []
    levels = dict(zip(prepared.names, prepared.plans, strict=True))
    for each, low, high in zip(inputs, plans[::2], plans[1::2], strict=False):
        if isinstance(low, str) or isinstance(high, str):
            refused[each.path] = next(why for why in (low, high) if isinstance(why, str))
            continue
        moved.append(each)
        levels |= dict(zip(_names(each), (low, high), strict=True))
    return Ends(tuple(moved), levels_of(prepared, levels, metrics, seed, work), refused, among)


def levels_of(prepared: Prepared, plans: Mapping[str, Plan], metrics: Sequence[str], seed: int, work: Work) -> Levels:
    """Plans that were made beforehand, by name, as levels of which some metrics are wanted."""
    named = replace(prepared, names=tuple(plans), plans=tuple(plans.values()))
    return Levels(named, seed, tuple((metric, "") for metric in metrics), work)


def bars_of(ends: Ends, metric: str) -> list[InputBar]:
    """What each input does to a metric over the years that all its levels have, the longest detected bar first."""
    values = ends.values(metric)
    found = tornado_bars(values[:, 0], values[:, 1::2], values[:, 2::2], among=ends.among)
    sides = [(end.mean.tolist(), end.half_width.tolist()) for end in (found.low, found.high)]

    def end(at: int, side: int, u: float) -> End:
        mean, width = sides[side]
        return End(ends.inputs[at].words(u), mean[at], width[at])

    return [
        InputBar(
            metric,
            TABLE[metric].unit,
            ends.inputs[at].path,
            ends.inputs[at].origin,
            ends.inputs[at].words(TODAY),
            end(at, 0, LOW),
            end(at, 1, HIGH),
            float(found.reach[at]),
            bool(found.detected[at]),
        )
        for at in found.order.tolist()
    ]


def _names(each: Input) -> tuple[str, str]:
    return f"{each.path} low", f"{each.path} high"
