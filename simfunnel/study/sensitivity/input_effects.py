"""Inputs at their two ends: a plan for each beside today's, in the same years, and what each input does.

The plan of an end has a base near today's: the same scenario with another input, solved anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import ScenarioError
from simfunnel.metrics import TABLE, Key
from simfunnel.plan import Calibration, Plan, compile_plan
from simfunnel.plan.today.solve import Base
from simfunnel.scenario import HIGH, LOW, TODAY, Input, Scenario, phases_of, with_values
from simfunnel.stats import LEAST_YEARS, pseudo_values, tornado_bars
from simfunnel.study.calibrate.calibrate import ROUNDS, Middle, calibrate_near, fingerprint, middle_of
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import Years
from simfunnel.study.years.work import Work

SOLVING = "solving for each end of the inputs"

Values = Mapping[str, Any]


@dataclass(frozen=True)
class End:
    """An input at one end of its range: what stands there, and the metric minus today's with its half-width."""

    words: str
    mean: float
    half_width: float


@dataclass(frozen=True)
class InputEffect:
    """What one input does to one metric at its two ends, all else as today.

    `origin`: "range" (typed), "assumed" or "typed" (through a default band). `reach`: from the outermost of low, today
    and high to the other. `detected`: an effect at either end, adjusted for all ends of all inputs (Holm).
    """

    metric: str
    unit: str
    path: str
    origin: str
    today: str
    low: End
    high: End
    reach: float
    detected: bool

    @property
    def stronger(self) -> End:
        """The end with the larger effect."""
        return max(self.low, self.high, key=lambda end: abs(end.mean))

    def record(self) -> dict[str, Any]:
        """Return tidy record, with the columns of the table."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "input": self.path,
            "origin": self.origin,
            "low": self.low.words,
            "today": self.today,
            "high": self.high.words,
            "low_mean": self.low.mean,
            "low_half_width": self.low.half_width,
            "high_mean": self.high.mean,
            "high_half_width": self.high.half_width,
            "reach": self.reach,
            "detected": self.detected,
        }


@dataclass(frozen=True)
class LeastKnown:
    """Of `moved` inputs that are assumed or typed as ranges, those that move revenue `most`, over so many `years`.

    Those that cannot be told apart stand together, the longest bar first; none where no effect is detected.
    """

    moved: int
    years: int
    most: tuple[InputEffect, ...]

    @property
    def too_few(self) -> bool:
        """Whether there are too few years to detect any effect."""
        return self.years < LEAST_YEARS

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"moved": self.moved, "replications": self.years, "most": [bar.record() for bar in self.most]}


@dataclass(frozen=True)
class Neighbourhood:
    """A calibrated base, and what is to be known of it to calibrate others near it."""

    scenario: Scenario
    what_ifs: tuple[str, ...]
    start: Start
    found: Calibration
    found_for: str  # the fingerprint of the base
    middle: Middle
    engine: str


@dataclass(frozen=True)
class Neighbour:
    """The base with other values at some paths."""

    around: Neighbourhood
    values: Values
    rounds: int = ROUNDS

    def __str__(self) -> str:
        return ", ".join(f"{path}={value}" for path, value in self.values.items())


def around(scenario: Scenario, what_ifs: Sequence[str], start: Start, prepared: Prepared, work: Work) -> Neighbourhood:
    """Gather what calibrating others near the calibrated base of a plan takes."""
    base = phases_of(scenario, what_ifs, start).base
    middle = work.run_one(partial(middle_of, base, prepared.calibration), work.engine)
    return Neighbourhood(
        scenario, tuple(what_ifs), start, prepared.calibration, fingerprint(Base(base)), middle, work.engine
    )


def plan_near(neighbour: Neighbour) -> Plan | str:
    """Compile the plan of a base with other inputs; the reason where they cannot be together.

    The plan's base is solved anew, by few pilots; one that differs in nothing that is solved keeps its constants to the
    last digit, so that what cannot matter makes no difference.
    """
    here = neighbour.around
    try:
        scenario = with_values(here.scenario, neighbour.values)
        spec = phases_of(scenario, here.what_ifs, here.start)
        same = fingerprint(Base(spec.base)) == here.found_for
        calibration = here.found if same else calibrate_near(spec.base, here.middle, here.engine, neighbour.rounds)
        return compile_plan(spec, calibration)
    except ScenarioError as error:
        problem = error.problems[0]
        return f"{problem.rule}; {problem.remedy}" if problem.remedy else problem.rule


def plans_near(here: Neighbourhood, values: Sequence[Values], work: Work, rounds: int = ROUNDS) -> list[Plan | str]:
    """Compile a plan for each of some values, or tell why there is none; shorter only when `work` was stopped.

    `rounds` of pilots: one will do where effects are only ranked.
    """
    work.tell(SOLVING, 0, len(values))
    return work.run(plan_near, [Neighbour(here, each, rounds) for each in values], SOLVING)


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
