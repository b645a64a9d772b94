"""A case: a scenario whose exact answer is known, its checks, and its controls."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import lgamma, log, sqrt
from typing import Literal

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.ledger import Ledger, checks
from simfunnel.plan import Plan
from simfunnel.theory.queues import mg1_wait
from simfunnel.verify.exact import RESTATED
from simfunnel.verify.judging import Figure, Judgement, Samples
from simfunnel.verify.small_funnels import Typed, Window, plan_of

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
