"""Cases, scenarios whose exact answer is known, with their checks and controls; simulated figures judged beside it."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import lgamma, log, sqrt
from typing import Literal

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.ledger import Ledger, checks
from simfunnel.plan import Plan
from simfunnel.theory.queues import mg1_wait
from simfunnel.verify.exact import RESTATED
from simfunnel.verify.small_funnels import Typed, Window, plan_of


@dataclass(frozen=True)
class Figure:
    """A number that was seen, the exact one, and by how much it may be off.

    `fault` says why the figure fails; it is empty when the figure passes. `standard_error` is nan where nothing was
    left to chance.
    """

    name: str
    seen: float
    exact: float
    tolerance: float
    fault: str = ""
    standard_error: float = math.nan

    @property
    def passed(self) -> bool:
        """Whether the figure is as it should be."""
        return not self.fault

    @property
    def margin_used(self) -> float:
        """How much of the tolerance is used up: 0 exact, 1 at the limit; infinite for a figure that failed."""
        if not self.passed:
            return math.inf
        off = abs(self.seen - self.exact)
        return off / self.tolerance if off > 0.0 else 0.0


def within(name: str, seen: float, exact: float, tolerance: float = 0.0) -> Figure:
    """Return a figure that may be off by so much; nan never passes."""
    off = abs(seen - exact)
    fault = "" if off <= tolerance else f"{name}: {seen:.10g} is off by {off:.3g}, allowed {tolerance:.3g}"
    return Figure(name, seen, exact, tolerance, fault)


def at_least(name: str, seen: float, least: float) -> Figure:
    """Return a figure that only has to be large enough; nan never passes."""
    fault = "" if seen >= least else f"{name}: {seen:.10g} is below {least:.10g}"
    return Figure(name, seen, least, math.inf, fault)


def broken(name: str, fault: str) -> Figure:
    """Return a figure that could not be had at all."""
    return Figure(name, math.nan, math.nan, math.nan, fault)


Samples = Mapping[str, Floats]

LEAST_REPLICATIONS = 20
STANDARD_ERRORS = 4.0
PRECISION = 0.01
ROUNDING = 1e-12  # of the exact number: allowed where nothing is left to chance


@dataclass(frozen=True)
class Estimate:
    """A mean over replications and its standard error."""

    mean: float
    se: float

    def allowed(self, exact: float) -> float:
        """Return how far the mean may be from the exact number: 4 standard errors."""
        return STANDARD_ERRORS * self.se + ROUNDING * abs(exact)

    def agrees(self, exact: float) -> bool:
        """Return whether the exact number lies within 4 standard errors."""
        return abs(self.mean - exact) <= self.allowed(exact)


def plain(sample: Floats) -> Estimate:
    """Return the mean of independent replications."""
    return Estimate(float(sample.mean()), float(sample.std(ddof=1)) / math.sqrt(sample.size))


def controlled(sample: Floats, controls: Sequence[Floats], means: Sequence[float]) -> Estimate:
    """Return the mean at which the controls would have their exact means: the intercept of a regression on their
    errors."""
    design = np.column_stack([np.ones(sample.size), *(c - m for c, m in zip(controls, means, strict=True))])
    solved, *_ = np.linalg.lstsq(design, sample, rcond=None)
    rest = sample - design @ solved
    variance = float(rest @ rest) / (sample.size - design.shape[1])
    return Estimate(float(solved[0]), math.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0]))


@dataclass(frozen=True)
class Means:
    """Exact means of numbers that replications bring, and how strictly they are judged.

    `control` holds exact means of numbers by which the others are corrected, except those named in `plainly`; they are
    judged themselves, without a limit of their se. `loose` has numbers whose se may be a larger share of them than 1%.
    """

    exact: Mapping[str, float]
    control: Mapping[str, float] = field(default_factory=dict)
    loose: Mapping[str, float] = field(default_factory=dict)
    plainly: Sequence[str] = ()

    def figures(self, samples: Samples) -> list[Figure]:
        """Return every number held to the rule; `samples` are [replications] by name.

        Raises ValueError for fewer than 20 replications, KeyError for a number that was not measured.
        """
        fewest = min(sample.size for sample in samples.values())
        if fewest < LEAST_REPLICATIONS:
            raise ValueError(f"{fewest} replications cannot be judged; at least {LEAST_REPLICATIONS} are needed")
        controls, means = [samples[name] for name in self.control], list(self.control.values())
        found = []
        for name, exact in {**self.control, **self.exact}.items():
            estimate = raw = plain(samples[name])
            if self.control and name not in self.control and name not in self.plainly:
                estimate = controlled(samples[name], controls, means)
            noise = math.inf if name in self.control else self.loose.get(name, PRECISION)
            fault = _fault(name, exact, raw, estimate, noise)
            found.append(Figure(name, estimate.mean, exact, estimate.allowed(exact), fault, estimate.se))
        return found


def _fault(name: str, exact: float, raw: Estimate, estimate: Estimate, noise: float) -> str:
    if not estimate.agrees(exact):
        return f"{name}: {_shown(estimate)} is more than {STANDARD_ERRORS:g} se from {exact:.10g}"
    if not raw.agrees(exact):
        return f"{name}: before correction {_shown(raw)} is more than {STANDARD_ERRORS:g} se from {exact:.10g}"
    if not estimate.se <= noise * abs(exact):
        return f"{name}: {_shown(estimate)} is too noisy, its se may be {noise:.3g} of {exact:.10g}"
    return ""


def _shown(estimate: Estimate) -> str:
    return f"{estimate.mean:.10g} (se {estimate.se:.3g})"


@dataclass(frozen=True)
class Each:
    """A number that must be within `tolerance` of `exact` in every replication; nothing is left to chance."""

    name: str
    exact: float
    tolerance: float

    def figures(self, samples: Samples) -> list[Figure]:
        """Return the replication that is off most."""
        sample = samples[self.name]
        worst = int(np.argmax(np.where(np.isnan(sample), np.inf, np.abs(sample - self.exact))))
        return [within(self.name, float(sample[worst]), self.exact, self.tolerance)]


@dataclass(frozen=True)
class AtLeast:
    """A number that must reach `least` in every replication."""

    name: str
    least: float

    def figures(self, samples: Samples) -> list[Figure]:
        """Return the lowest replication."""
        return [at_least(self.name, float(samples[self.name].min()), self.least)]


Judgement = Means | Each | AtLeast


Simulate = Callable[[Plan, int, int], Ledger]
Measure = Callable[[Window], Mapping[str, float | Floats]]
Sampler = Callable[[Simulate, int], Samples]
Depth = Literal["quick", "full"]

DEFAULT_SEED = 1


@dataclass(frozen=True)
class Trial:
    """How a case is asked: `samples(simulate, seed)` by name, how they are judged, and figures beside them.

    Those beside need no simulation.
    """

    samples: Sampler
    judged: Sequence[Judgement]
    beside: Sequence[Figure] = ()


@dataclass(frozen=True)
class Case:
    """One case: which of the references it is, in words; where its exact numbers come from; what it takes.

    `cost_s` is about how many seconds a core is busy with it (compiled engine). `build` is called when the case is run.
    """

    name: str  # the reference, and what distinguishes cases of one reference
    title: str
    source: str
    build: Callable[[], Trial]
    cost_s: float
    depth: Depth = "full"

    @property
    def reference(self) -> str:
        """Which reference: R01 ... R25."""
        return self.name.split()[0]

    @property
    def restated(self) -> str:
        """How the case differs from what is published, and why; empty when it does not."""
        return RESTATED.get(self.reference, "")


def replicated(
    scenario: Typed, measure: Measure, replications: int, *, after: float = 3.0, plan: Plan | None = None
) -> Sampler:
    """Simulate, check and measure so many replications; `after` is how many days at the end belong to no window.

    Luck is made from the scenario and the seed, so that no two cases meet the same. `plan` is one of its what-ifs. What
    a measure gives as an array (a funnel in each of many blocks of time) is put one after the other. The replications
    are just enough for the precision wanted under the default seed; under any other, twice as many are simulated, so
    that a standard error a little larger by chance is no failure.
    """

    def sampled(simulate: Simulate, seed: int) -> Samples:
        asked = plan_of(scenario) if plan is None else plan
        luck = zlib.crc32(json.dumps(scenario, sort_keys=True).encode(), (seed - DEFAULT_SEED) % 2**32)
        rows = []
        for replication in range(replications if seed == DEFAULT_SEED else 2 * replications):
            ledger = simulate(asked, luck, replication)
            checks.check(asked, ledger)
            rows.append(measure(Window(asked, ledger, luck, replication, asked.end_h - 24.0 * after)))
        return {name: np.concatenate([np.atleast_1d(row[name]) for row in rows]).astype(float) for name in rows[0]}

    return sampled


def of_input(rate: float, effort: float, speed: float, variation: float = 1.0) -> dict[str, float]:
    """Return leads an hour, effort, and the wait at the twin: one rep `speed` times as fast (Pollaczek and Khinchine).

    `variation` is the squared coefficient of variation of the effort.
    """
    fast = effort / speed
    twin = mg1_wait(rate, fast, (1.0 + variation) * fast * fast)
    return {"leads_per_hour": rate, "effort": effort, "twin": twin}


def above_if_nobody_waited(load: float, reps: int) -> tuple[float, float]:
    """Return the number at work is then Poisson with mean `load`: P(at least `reps`), mean number above `reps`."""
    number = np.arange(reps, int(load + 20.0 * sqrt(load) + 20.0))
    share = np.exp([n * log(load) - load - lgamma(n + 1.0) for n in number.tolist()])
    return float(share.sum()), float((number - reps) @ share)
