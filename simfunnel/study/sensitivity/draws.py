"""Inputs drawn from their ranges: every draw is a base of its own, calibrated, compiled and simulated a few times.

Each simulated year has luck of its own, also within a draw: years that share their luck would hide it in the means of
the draws. A number depends on the seed, the number of the draw and the range's path only. Every five draws fill each
range evenly (a Latin hypercube), so that means hang less on which draws there happen to be; such groups of five are
independent of each other, and half-widths count them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simfunnel.engine import simulate
from simfunnel.errors import ScenarioError, StoppedError
from simfunnel.metrics import EVERYTHING, Measures, Wanted, measure
from simfunnel.plan import compile_plan
from simfunnel.scenario import Scenario, TypedRange, phases_of, with_values
from simfunnel.stats import Precision, StopRule, latin_hypercube, precision_of, replication_checks
from simfunnel.study.calibrate.nearby import Middle, calibrate_near, middle_of
from simfunnel.study.run.typed_rates import rates_typed
from simfunnel.study.years.calls import run_tasks
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.replicate import DONE, REVENUE, SIMULATING, Replicated, Replications, Work
from simfunnel.study.years.samples import ROWS_A_PART, Samples, gather, joined

YEARS = 500  # simulated when nobody says how many
YEARS_A_DRAW, FEWER_A_DRAW = 5, 2
ENOUGH_YEARS = 100  # below, more draws of fewer years tell more
GROUP = 5  # draws that fill the ranges evenly
ATTEMPTS = 100


@dataclass(frozen=True)
class Asked:
    """What a run is asked: which luck, how many years, how precise, which plan."""

    seed: int
    replications: Replications | None
    precision: float
    what_ifs: tuple[str, ...] = ()
    start: Start = "period"

    def steps(self, rule: StopRule) -> tuple[int, ...]:
        """Numbers of years after which the precision is looked at; the last is the most there will be."""
        if self.replications == "auto":
            return replication_checks(rule)
        wanted = YEARS if self.replications is None else self.replications
        if wanted < 1:
            raise ValueError(f"{wanted} replications: at least 1 is needed")
        return (wanted,)


@dataclass(frozen=True)
class Draw:
    """One draw of the inputs, and the simulated years that are made with it."""

    scenario: Scenario
    ranges: tuple[TypedRange, ...]
    asked: Asked
    middle: Middle
    number: int
    years: int
    engine: str
    wanted: Wanted = EVERYTHING

    def __str__(self) -> str:
        return f"draw {self.number + 1} of the inputs, seed {self.asked.seed}"


class Drawn(NamedTuple):
    """What one draw brings back: measures of its years, typed rates by path, and how often it had to be drawn."""

    measures: tuple[Measures, ...]
    typed: Mapping[str, float]
    attempts: int


@dataclass(frozen=True)
class Inputs:
    """All draws of a study: replications stand together by draw, `years` each, and draws by group."""

    done: Replicated
    years: int
    typed: Mapping[str, float]  # means over the draws
    redrawn: int  # draws that did not fit together at first


def luck_of(seed: int, path: str, draw: int, attempt: int = 0) -> float:
    """The uniform number in (0, 1) with which a range is drawn.

    >>> 0 < luck_of(1, "acceptance.rate", 0) < 1, luck_of(1, "acceptance.rate", 0) == luck_of(1, "acceptance.rate", 1)
    (True, False)
    """
    key = f"{seed} {draw} {attempt} {path}".encode()
    bits = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big") >> 12
    return float((bits + 0.5) / 2**52)


def values_of(ranges: Sequence[TypedRange], seed: int, draw: int, attempt: int = 0) -> dict[str, Any]:
    """Values to set by path, as a file would hold them; from the second attempt on without regard to the group."""
    found = {}
    for each in ranges:
        luck = luck_of(seed, each.path, draw, attempt) if attempt else even_luck(seed, each.path, draw)
        found[each.path] = each.typed(each.quantile(luck))
    return found


def even_luck(seed: int, path: str, draw: int) -> float:
    """The uniform number of a range in a draw, one in each fifth of (0, 1) over the five draws of its group."""
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
    asked, seed = draw.asked, draw.asked.seed
    for attempt in range(ATTEMPTS):
        try:
            scenario = with_values(draw.scenario, values_of(draw.ranges, seed, draw.number, attempt))
            spec = phases_of(scenario, asked.what_ifs, asked.start)
            calibration = calibrate_near(spec.base, draw.middle, draw.engine)
            plan = compile_plan(spec, calibration)  # an overloaded year is a possible one
        except ScenarioError as error:
            refused = error
            continue
        first = draw.number * draw.years
        ledgers = (simulate(plan, seed, first + year, draw.engine) for year in range(draw.years))
        return Drawn(tuple(measure(plan, ledger, draw.wanted) for ledger in ledgers), rates_typed(spec.base), attempt)
    raise refused or ScenarioError([])


def simulate_draws(
    scenario: Scenario,
    prepared: Prepared,
    ranges: Sequence[TypedRange],
    asked: Asked,
    work: Work,
    wanted: Wanted = EVERYTHING,
) -> Inputs:
    """Simulate a plan whose inputs are drawn from their ranges, so many years in all, rounded up to whole groups.

    "auto" checks at 30, 40, ... 400 years, by the means of the draws. A stop keeps the groups that are finished; raises
    StoppedError when none is. `wanted`: what is measured, revenue among it.
    """
    base = phases_of(scenario, asked.what_ifs, asked.start).base
    middle = middle_of(base, prepared.calibration, work.engine)
    rule = StopRule(relative=asked.precision)
    steps = asked.steps(rule)
    years = max(1, min(YEARS_A_DRAW if steps[-1] >= ENOUGH_YEARS else FEWER_A_DRAW, steps[-1] // GROUP))
    found, cancelled = _Found(), False
    for upto in steps:
        numbers = range(found.draws, -(-upto // (years * GROUP)) * GROUP)
        draws = [Draw(scenario, tuple(ranges), asked, middle, number, years, work.engine, wanted) for number in numbers]
        cancelled = not _extend(found, draws, years, work)
        if cancelled or _precision(found, rule, prepared.error.half_width).stop:
            break
    if not found.draws:
        raise StoppedError("stopped before the first draws of the inputs were finished")
    samples = joined(found.samples, together=years * GROUP)
    items = (DONE,) * samples.replications
    done = Replicated(items, (samples,), _precision(found, rule, prepared.error.half_width), cancelled)
    return Inputs(done, years, _mean_typed(found.typed), found.redrawn)


class _Found:
    """What whole groups of draws brought back, packed as they come."""

    def __init__(self) -> None:
        self.samples: list[Samples] = []
        self.revenues: list[list[float]] = []  # of every draw, by year
        self.typed: list[Mapping[str, float]] = []
        self.redrawn = 0

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.revenues)

    def add(self, drawn: Sequence[Drawn]) -> None:
        """Keep what the whole groups among some more draws brought back."""
        whole = drawn[: len(drawn) - len(drawn) % GROUP]
        if whole:
            self.samples.append(gather([each for one in whole for each in one.measures]))
        self.revenues += [[each.value(REVENUE.metric) for each in one.measures] for one in whole]
        self.typed += [one.typed for one in whole]
        self.redrawn += sum(one.attempts > 0 for one in whole)


def _extend(found: _Found, draws: Sequence[Draw], years: int, work: Work) -> bool:
    """Simulate further draws, some groups at a time; False when stopped before."""
    upto = found.draws + len(draws)
    at_once = max(1, ROWS_A_PART // (years * GROUP)) * GROUP
    work.tell(SIMULATING, found.draws * years, upto * years)
    for first in range(0, len(draws), at_once):
        some = draws[first : first + at_once]
        end = found.draws + len(some)
        _add(found, some, years, upto, work)
        if found.draws < end:
            return False
    return True


def _add(found: _Found, draws: Sequence[Draw], years: int, upto: int, work: Work) -> None:
    """Simulate some draws, and pack what they bring back, which is let go before there are more."""
    before = found.draws
    drawn = run_tasks(
        simulate_draw,
        draws,
        executor=work.executor,
        workers=work.workers,
        on_done=lambda new: work.tell(SIMULATING, (before + new) * years, upto * years),
        stop=work.stop,
    )
    found.add(drawn)


def _precision(found: _Found, rule: StopRule, beside: float) -> Precision:
    """Precision of mean revenue, from the means of whole groups; when to look again is counted in years."""
    revenues = np.array(found.revenues)
    means = [revenues[first : first + GROUP].mean() for first in range(0, len(revenues) - GROUP + 1, GROUP)]
    years = revenues.size
    known = precision_of(means, rule=rule._replace(first=0, most=sys.maxsize), beside=beside)
    return known._replace(stop=known.stop or years >= rule.most, n=years)


def _mean_typed(typed: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Means of the typed rates over the draws, by path."""
    return {path: float(np.mean([each[path] for each in typed])) for path in typed[0]}
