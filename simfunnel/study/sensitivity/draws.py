"""Inputs drawn from their ranges: every draw is a base of its own, calibrated, compiled and simulated a few times.

Each simulated year has luck of its own, also within a draw: years that share their luck would hide it in the means of
the draws. A number depends on the seed, the number of the draw and the range's path only. Every five draws fill each
range evenly (a Latin hypercube), so that means hang less on which draws there happen to be; such groups of five are
independent of each other, and half-widths count them. The spread of a year's outcome is then told apart: how much of it
is luck, and how much is not knowing the inputs.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from simfunnel.engine import simulate
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import EVERYTHING, TABLE, Key, Measures, Wanted, measure
from simfunnel.plan import compile_plan
from simfunnel.scenario import Scenario, TypedRange, phases_of, with_values
from simfunnel.stats import (
    LEAST_DRAWS,
    Precision,
    StopRule,
    latin_hypercube,
    outcome_range,
    precision_of,
    split_variance,
)
from simfunnel.study.calibrate.calibrate import Middle, calibrate_near, middle_of
from simfunnel.study.run.typed_rates import rates_typed
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.samples import ROWS_A_PART, Samples, gather, joined
from simfunnel.study.years.table import REVENUE, Replicated
from simfunnel.study.years.work import SIMULATING, Replications, Work, checks_of

YEARS = 500  # simulated when no number is asked for
YEARS_A_DRAW, FEWER_A_DRAW = 5, 2
ENOUGH_YEARS = 100  # below, more draws of fewer years tell more
GROUP = 5  # draws that fill the ranges evenly
ATTEMPTS = 100


@dataclass(frozen=True)
class Spread:
    """Of one metric: the share of the variance that is not knowing the inputs, with its 95% interval.

    `luck_p10`, `luck_p90`: one year in ten below and above if the inputs were known; `floored`: the share was estimated
    below 0 and is given as 0.
    """

    metric: str
    unit: str
    share: float
    low: float
    high: float
    luck_sd: float
    inputs_sd: float
    luck_p10: float
    luck_p90: float
    floored: bool


@dataclass(frozen=True)
class NotKnowing:
    """What was drawn from ranges, and what came of it; `spreads` is empty with too few draws to tell.

    `draws` of the inputs with `years` simulated years each; `redrawn`: draws that did not fit together at first.
    """

    ranges: tuple[TypedRange, ...]
    draws: int
    years: int
    redrawn: int
    spreads: tuple[Spread, ...]

    def of(self, metric: str) -> Spread | None:
        """Return the spread of a metric; None when it was not told apart."""
        return next((each for each in self.spreads if each.metric == metric), None)

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        ranges = [
            {"path": r.path, "typed": r.text, "low": r.low, "high": r.high, "unit": r.unit, "kind": r.kind}
            for r in self.ranges
        ]
        return {
            "ranges": ranges,
            "draws": self.draws,
            "replications_a_draw": self.years,
            "redrawn": self.redrawn,
            "spreads": [dict(each.__dict__) for each in self.spreads],
        }


def not_knowing(ranges: Sequence[TypedRange], samples: Samples, years: int, redrawn: int) -> NotKnowing:
    """Return what draws, `years` each, say of every metric that is not split and has a value in every year."""
    draws = samples.replications // years
    enough, spreads = draws >= LEAST_DRAWS and years > 1, []
    for key in [each for each in samples.keys if each == Key(each.metric)] if enough else ():
        table = samples.values(key).reshape(-1, years)
        found = split_variance(table) if np.isfinite(table).all() else None
        if found is None or math.isnan(found.share):
            continue
        # every draw's own mean is moved to the mean of all; deviations from a mean of n years vary by (n - 1) / n of a
        # year's variance, which is put right
        luck = (table - table.mean(axis=1, keepdims=True)) * math.sqrt(years / (years - 1))
        low, _, high = outcome_range((table.mean() + luck).ravel())
        spread = Spread(
            key.metric,
            TABLE[key.metric].unit,
            found.share,
            found.low,
            found.high,
            math.sqrt(found.of_luck),
            math.sqrt(found.of_inputs),
            float(low),
            float(high),
            found.floored,
        )
        spreads.append(spread)
    return NotKnowing(tuple(ranges), draws, years, redrawn, tuple(spreads))


@dataclass(frozen=True)
class RangedPlan:
    """A plan of a scenario with typed ranges, how many years of it are wanted, how precisely, and with which luck."""

    scenario: Scenario
    ranges: tuple[TypedRange, ...]
    seed: int
    replications: Replications | None
    precision: float
    what_ifs: tuple[str, ...] = ()
    start: Start = "period"
    wanted: Wanted = EVERYTHING


@dataclass(frozen=True)
class Draw:
    """One draw of the inputs, and the simulated years that are made with it."""

    of: RangedPlan
    middle: Middle
    number: int
    years: int
    engine: str

    def __str__(self) -> str:
        return f"draw {self.number + 1} of the inputs, seed {self.of.seed}"


class Drawn(NamedTuple):
    """What one draw brings back: measures of its years, typed rates by path, and how often it had to be drawn."""

    measures: tuple[Measures, ...]
    typed: Mapping[str, float]
    attempts: int


@dataclass(frozen=True)
class Inputs:
    """All draws of a study: replications stand together by draw, `years` each, and draws by group."""

    ranges: tuple[TypedRange, ...]
    done: Replicated
    years: int
    typed: Mapping[str, float]  # means over the draws
    redrawn: int  # draws that did not fit together at first

    def not_knowing(self) -> NotKnowing:
        """Tell luck from not knowing the inputs."""
        return not_knowing(self.ranges, self.done.samples[0], self.years, self.redrawn)


def luck_of(seed: int, path: str, draw: int, attempt: int = 0) -> float:
    """Return the uniform number in (0, 1) with which a range is drawn.

    >>> 0 < luck_of(1, "acceptance.rate", 0) < 1, luck_of(1, "acceptance.rate", 0) == luck_of(1, "acceptance.rate", 1)
    (True, False)
    """
    key = f"{seed} {draw} {attempt} {path}".encode()
    bits = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 12
    return float((bits + 0.5) / 2**52)


def values_of(ranges: Sequence[TypedRange], seed: int, draw: int, attempt: int = 0) -> dict[str, Any]:
    """Return values by path, as a file would hold them; from the second attempt on without regard to the group."""
    found = {}
    for each in ranges:
        luck = luck_of(seed, each.path, draw, attempt) if attempt else even_luck(seed, each.path, draw)
        found[each.path] = each.typed(each.quantile(luck))
    return found


def even_luck(seed: int, path: str, draw: int) -> float:
    """Return the uniform number of a range in a draw, one in each fifth of (0, 1) over the five draws of its group."""
    first = draw - draw % GROUP
    group = range(first, first + GROUP)
    order = [[luck_of(seed, f"order of {path}", number)] for number in group]
    within = [[luck_of(seed, path, number)] for number in group]
    return float(latin_hypercube(order, within)[draw - first, 0])


def simulate_draw(draw: Draw) -> Drawn:
    """Draw the inputs, calibrate, compile and simulate; inputs that cannot be together are drawn anew.

    Raises the ScenarioError of the last attempt when ranges hardly ever fit together.
    """
    refused: ScenarioError | None = None
    of, seed = draw.of, draw.of.seed
    for attempt in range(ATTEMPTS):
        try:
            scenario = with_values(of.scenario, values_of(of.ranges, seed, draw.number, attempt))
            spec = phases_of(scenario, of.what_ifs, of.start)
            calibration = calibrate_near(spec.base, draw.middle, draw.engine)
            plan = compile_plan(spec, calibration)  # an overloaded year is a possible one
        except ScenarioError as error:
            refused = error
            continue
        first = draw.number * draw.years
        ledgers = (simulate(plan, seed, first + year, draw.engine) for year in range(draw.years))
        return Drawn(tuple(measure(plan, ledger, of.wanted) for ledger in ledgers), rates_typed(spec.base), attempt)
    raise refused or ScenarioError([])


def simulate_draws(ranged: RangedPlan, prepared: Prepared, work: Work) -> Inputs:
    """Simulate a plan whose inputs are drawn from their ranges, so many years in all, rounded up to whole groups.

    "auto" checks at 30, 40, ... 400 years, by the means of the draws. A stop keeps the groups that are finished; raises
    StoppedError when none is.
    """
    base = phases_of(ranged.scenario, ranged.what_ifs, ranged.start).base
    middle = work.run_one(partial(middle_of, base, prepared.calibration), work.engine)
    rule = StopRule(relative=ranged.precision)
    checks = checks_of(YEARS if ranged.replications is None else ranged.replications, rule)
    years = max(1, min(YEARS_A_DRAW if checks[-1] >= ENOUGH_YEARS else FEWER_A_DRAW, checks[-1] // GROUP))
    found, cancelled = _Found(years), False
    for upto in checks:
        numbers = range(found.draws, -(-upto // (years * GROUP)) * GROUP)
        cancelled = not found.extend([Draw(ranged, middle, number, years, work.engine) for number in numbers], work)
        if not found.draws:
            raise StoppedError("stopped before the first draws of the inputs were finished")
        known = found.precision(rule, prepared.error.half_width)
        if cancelled or known.stop:
            break
    done = Replicated((joined(found.samples, together=years * GROUP),), known, cancelled)
    typed = {path: float(np.mean([each[path] for each in found.typed])) for path in found.typed[0]}
    return Inputs(ranged.ranges, done, years, typed, found.redrawn)


@dataclass
class _Found:
    """What whole groups of draws, `years` each, brought back, packed as they come."""

    years: int
    samples: list[Samples] = field(default_factory=list)
    revenues: list[list[float]] = field(default_factory=list)  # of every draw, by year
    typed: list[Mapping[str, float]] = field(default_factory=list)
    redrawn: int = 0

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.revenues)

    def extend(self, draws: Sequence[Draw], work: Work) -> bool:
        """Simulate further draws, some groups at a time; False when stopped before."""
        upto = self.draws + len(draws)
        at_once = max(1, ROWS_A_PART // (self.years * GROUP)) * GROUP
        work.tell(SIMULATING, self.draws * self.years, upto * self.years)
        batches = [draws[first : first + at_once] for first in range(0, len(draws), at_once)]
        return all(self.add(some, upto, work) for some in batches)

    def add(self, draws: Sequence[Draw], upto: int, work: Work) -> bool:
        """Simulate some draws, and pack what whole groups bring back, which is let go before there are more."""
        before, years = self.draws * self.years, self.years
        drawn = work.run(simulate_draw, draws, SIMULATING, each=years, before=before, total=upto * years)
        whole = drawn[: len(drawn) - len(drawn) % GROUP]
        if whole:
            self.samples.append(gather([each for one in whole for each in one.measures]))
        self.revenues += [[each.value(REVENUE.metric) for each in one.measures] for one in whole]
        self.typed += [one.typed for one in whole]
        self.redrawn += sum(one.attempts > 0 for one in whole)
        return len(whole) == len(draws)

    def precision(self, rule: StopRule, beside: float) -> Precision:
        """Return the precision of mean revenue, from the means of whole groups; looks are counted in years."""
        revenues = np.array(self.revenues)
        means = [revenues[first : first + GROUP].mean() for first in range(0, len(revenues) - GROUP + 1, GROUP)]
        known = precision_of(means, rule=rule._replace(first=0, most=sys.maxsize), beside=beside)
        return known._replace(stop=known.stop or revenues.size >= rule.most, n=revenues.size)
