"""Calibration: constants at which typed rates come out, by integrals and pilots, kept in small files.

A base near one that is solved already is calibrated from there, by few pilots. A file has a digest, so that whatever
was damaged or edited is found anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from math import ceil, inf, nan
from pathlib import Path

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions import constant
from simfunnel.engine import AUTO
from simfunnel.files import whole
from simfunnel.jit import PACKAGE, source_digest
from simfunnel.plan import Calibration, Plan, compile_plan, static_calibration
from simfunnel.plan.model import CampaignFacts
from simfunnel.plan.today.calibration import QUANTILES
from simfunnel.plan.today.exact import what_selects
from simfunnel.plan.today.solve import (
    Base,
    Constants,
    blank_calibration,
    calibration_of,
    static_constants,
    with_open_leads,
)
from simfunnel.scenario import Scenario
from simfunnel.scenario.fields.calendars import Period
from simfunnel.study.calibrate.pilots import (
    MOST_YEARS,
    Pilot,
    fewest_decisions,
    mean_effects,
    pilot,
    rate_errors,
    refined,
    step_between,
)
from simfunnel.study.years.calls import run_calls

LARGEST = 100_000_000  # bytes

Progress = Callable[[int, int], None]

FIRST_REPLICATIONS, MOST_REPLICATIONS = 8, 64
ENOUGH_DECISIONS = 2000
MOST_ROUNDS = 6
CLOSE = 0.01  # log-odds (and sd of the assessment) below which a constant has settled
USUAL_YEARS = 64  # pilot years of the last rounds, unless fewer do or more are needed
ENOUGH_ERROR = 0.001  # standard error of a typed rate for which pilot years are added
DEFAULT_RUN_IN_DAYS = 364
UNSETTLED = (
    "calibration stopped after {rounds} rounds while a constant still moved by {step:.3f} in log-odds: "
    "compare what you typed with what is simulated"
)
PILOT_SOURCES = (
    "engine/**/*.py",
    "plan/**/*.py",
    "theory/*.py",
    "study/calibrate/pilots.py",
    "study/calibrate/calibrate.py",
)

ROUNDS = 2
NEAR = 1e-4  # what integrals need not settle, since pilots follow
FEWER = 4  # a round here has so many times fewer years than a first round of a full calibration (8 or more)
FEWEST, MOST = 2, 8


def keep(path: Path, text: str) -> None:
    """Put a file in place in one step; a folder that cannot be written only costs time later."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path, force=True) as part:
            part.write_text(f"{_digest(path, text)}\n{text}", encoding="utf-8", newline="")


def kept(path: Path) -> str | None:
    """Return the text that `keep` put there; None when there is none, or another than was put there."""
    try:
        if path.stat().st_size > LARGEST or not path.is_file():
            return None
        digest, _, text = path.read_bytes().decode("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return text if digest == _digest(path, text) else None


def _digest(path: Path, text: str) -> str:
    """SHA-256 of the name and the text: the text of another name is as wrong as an edited one."""
    return hashlib.sha256(f"{path.name}\n{text}".encode()).hexdigest()


@dataclass
class Rounds:
    """Pilot rounds of one base: who works, who hears of it, and how far it is.

    The first rounds take few years, the same in each, so that their steps measure convergence only. Once they have
    settled, the last rounds take as many as the typed rates need. `luck`: which set of pilot years; sets share none.
    """

    base: Base
    executor: Executor | None
    workers: int
    on_progress: Progress | None
    engine: str
    replications: int
    luck: int = 0
    years: int = 0  # of a last round; 0 in the first ones
    done: int = 0
    expected: int = 0

    def round(self, plan: Plan, count: int) -> list[Pilot]:
        """Simulate the pilots of a round; the first is doubled until every stage has decisions enough."""
        pilots = self.run(plan, 0, self.years or self.replications)
        if count == 0:
            while fewest_decisions(self.base, pilots) < ENOUGH_DECISIONS and self.replications < MOST_REPLICATIONS:
                pilots += self.run(plan, self.replications, 2 * self.replications)
                self.replications *= 2
        return pilots

    def extend(self, plan: Plan, now: Constants, pilots: list[Pilot]) -> list[Pilot]:
        """Go on with a round, in as many years as bring the standard error of every typed rate below 0.1 points.

        64 years, fewer where the first ones show that half the error comes of fewer (a large funnel), up to 400 where
        64 leave more.
        """
        wanted = min(USUAL_YEARS, years_for(ENOUGH_ERROR / 2, rate_errors(self.base, now, pilots).largest, len(pilots)))
        while wanted > len(pilots):
            pilots = pilots + self.run(plan, len(pilots), wanted)
            error = rate_errors(self.base, refined(self.base, now, pilots), pilots).largest
            wanted = min(MOST_YEARS, years_for(ENOUGH_ERROR, error, len(pilots)))
        self.years = len(pilots)
        return pilots

    def run(self, plan: Plan, first: int, last: int) -> list[Pilot]:
        """Simulate replications first ... last - 1 of a plan."""
        self.expected = max(self.expected, self.done + last - first, 4 * self.replications + USUAL_YEARS)
        call = partial(pilot, plan=plan, engine=self.engine, luck=self.luck)

        def tell(here: int) -> None:
            if self.on_progress is not None:
                self.on_progress(self.done + here, self.expected)

        tell(0)
        found = run_calls(call, range(first, last), executor=self.executor, workers=self.workers, on_done=tell)
        self.done += last - first
        return found


def years_for(wanted: float, error: float, years: int) -> int:
    """Return the years that bring a standard error of so many `years` to the one wanted.

    >>> years_for(0.001, 0.002, 64), years_for(0.001, 0.0005, 64)
    (256, 16)
    """
    return ceil(years * (error / wanted) ** 2)


def calibrate(
    scenario: Scenario,
    *,
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    engine: str = AUTO,
    before_pilots: Callable[[Calibration], object] | None = None,
    cache_dir: Path | None = None,
    luck: int = 0,
) -> Calibration:
    """Solve the constants of a base, or take them from the cache if it holds them.

    `on_progress(done, total)` counts pilot replications; an exact base needs none. `before_pilots` is called with the
    constants by integrals when pilots are about to start, so that what cannot be planned is refused at once. The same
    base gives the same constants with any executor and any engine. `luck` 0, 1, ...: which set of pilot years; no two
    sets share one, so that what the luck of the pilots leaves in a figure can be measured. ScenarioError when something
    typed is impossible.
    """
    base = Base(scenario)
    if base.needs_nothing or not what_selects(scenario):
        return static_calibration(scenario)
    folder = cache_dir or default_cache_dir()
    path = folder / f"{fingerprint(base, luck)}.json" if folder is not None else None
    known = None
    with suppress(ValueError, TypeError):  # of a file that cannot be used
        text = None if path is None else kept(path)
        known = None if text is None else Calibration.from_json(text)
    if known is None:
        compile_plan(scenario, static := static_calibration(scenario))
        if before_pilots is not None:
            before_pilots(static)
        known = _by_pilots(Rounds(base, executor, workers, on_progress, engine, FIRST_REPLICATIONS, luck))
        if path is not None:
            keep(path, known.to_json())
    return known


def default_cache_dir() -> Path | None:
    """Return $SIMFUNNEL_CACHE, else `simfunnel/calibrations` in the user's cache; None for a user without a home."""
    try:
        if asked := os.environ.get("SIMFUNNEL_CACHE"):
            return Path(asked).expanduser() / "calibrations"
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "simfunnel" / "calibrations"
    except RuntimeError:
        return None


def fingerprint(base: Base, luck: int = 0) -> str:
    """Digest what the pilots of a base depend on: its plan without money, typed rates, their luck, our sources."""
    scenario = base.scenario
    acceptance = scenario.acceptance
    typed = [
        base.rates,
        base.win_rates.tolist(),
        [channel.mql_rate for _, channel in sorted(scenario.channels.items())],
        scenario.qualification.mql_rate,
        scenario.score.accuracy.model_dump(),
        None if acceptance is None else [acceptance.rate, acceptance.agreement, acceptance.accuracy.model_dump()],
        base.opening.tolist(),
        base.new_leads.tolist() if base.opening.any() else [],
    ]
    plan = without_money(compile_plan(pilot_base(scenario), blank_calibration(base)))
    return hashlib.sha256(json.dumps([source_digest(), pilot_sources(), plan.sha256, typed, luck]).encode()).hexdigest()


def pilot_plan(base: Base, now: Constants) -> Plan:
    """Compile a base's plan at some constants, as pilots simulate it."""
    scenario = pilot_base(base.scenario)
    return judging(without_money(compile_plan(scenario, calibration_of(base, now, exact=False))), scenario)


def pilot_base(scenario: Scenario) -> Scenario:
    """Give the base the default run-in at least, which an empty start or an opening pipeline would lack."""
    if not scenario.opening_pipeline and scenario.run_in_days >= DEFAULT_RUN_IN_DAYS:
        return scenario
    run_in = Period.model_fields["run_in"].default
    period = scenario.period.model_copy(update={"run_in": run_in})
    return scenario.model_copy(update={"period": period, "opening_pipeline": None})


def without_money(plan: Plan) -> Plan:
    """Set every amount of money of a plan to zero: no lead's way depends on it."""
    free = tuple(
        replace(
            phase,
            value=tuple(constant(0.0) for _ in phase.value),
            value_quality=np.zeros(len(phase.value)),
            nurture_cost=0.0,
            cost_per_lead=np.zeros(len(phase.value)),
            pools=tuple(replace(pool, cost_per_day=0.0, commission=0.0) for pool in phase.pools),
        )
        for phase in plan.phases
    )
    facts = tuple(CampaignFacts(fact.channel, 0.0, fact.first_day) for fact in plan.campaign_facts)
    return replace(plan, phases=free, campaign_facts=facts, clauses=(), target_revenue=nan, currency="")


def judging(plan: Plan, scenario: Scenario) -> Plan:
    """Let a plan with acceptance judge also where everybody is accepted: a lever needs the assessments."""
    if scenario.acceptance is None:
        return plan
    return replace(plan, phases=tuple(replace(phase, accepts=True) for phase in plan.phases))


def _by_pilots(rounds: Rounds) -> Calibration:
    base = rounds.base
    now, step, pilots, count = static_constants(base), inf, list[Pilot](), 0
    while count < MOST_ROUNDS and step >= CLOSE:
        before, plan = now, pilot_plan(base, now)
        pilots = rounds.round(plan, count)
        now, count = refined(base, before, pilots), count + 1
        step = step_between(before, now)
        if not rounds.years and (step < CLOSE or count >= MOST_ROUNDS - 1):
            pilots = rounds.extend(plan, now, pilots)
            now = refined(base, before, pilots)
            step = step_between(before, now)
    errors = rate_errors(base, now, pilots)
    found = replace(
        calibration_of(base, now, exact=False),
        rate_errors=errors.stages,
        acceptance_error=errors.acceptance,
        rounds=count,
        replications=rounds.replications,
        years=rounds.years,
        step=step,
        warnings=() if step < CLOSE else (UNSETTLED.format(rounds=MOST_ROUNDS, step=step),),
    )
    return with_sights(base, now, pilots, found)


def with_sights(base: Base, now: Constants, pilots: list[Pilot], found: Calibration) -> Calibration:
    """Add to the constants what pilots saw besides: assessments at first contacts, open leads when they are needed."""
    seen = np.concatenate([each.open_leads for each in pilots[: found.replications]])
    found = with_open_leads(base, now, found, seen, mean_effects(base, pilots))
    seen = np.concatenate([each.assessments for each in pilots])
    if base.scenario.acceptance is not None and len(seen):
        quantiles = np.quantile(seen, np.linspace(0.0, 1.0, QUANTILES))
        found = replace(found, assessments=tuple(quantiles.tolist()))
    return found.rounded()


@cache
def pilot_sources(package: Path = PACKAGE) -> str:
    """Return 16 hex digits that change with any source that what pilots find depends on, besides the compiled ones."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(found for part in PILOT_SOURCES for found in package.glob(part)):
        source = file.read_bytes()
        digest.update(f"{file.relative_to(package).as_posix()} {len(source)} ".encode())
        digest.update(source)
    return digest.hexdigest()


@dataclass(frozen=True)
class Middle:
    """The calibrated base from which others start: how its constants differ from integrals, and from short pilots."""

    by_integrals: Constants
    beyond_integrals: Floats  # constants found less those of integrals
    missed: Floats  # what one short pilot round adds to the constants found
    replications: int  # of a short pilot round


def middle_of(scenario: Scenario, found: Calibration, engine: str) -> Middle:
    """Find what is to be known of a calibrated base to calibrate others near it."""
    base = Base(scenario)
    static = static_constants(base)
    nothing = np.zeros(len(_flat(static)))
    if found.exact:
        return Middle(static, nothing, nothing, MOST)  # no pilot of the middle's own has an error to take off
    now = Constants.of(found)
    short = min(max(FEWEST, found.replications // FEWER), MOST)
    again, _ = _round(base, now, short, engine)
    return Middle(static, _less(now, static), _less(again, now), short)


def calibrate_near(scenario: Scenario, middle: Middle, engine: str, rounds: int = ROUNDS) -> Calibration:
    """Solve the constants of a base with the channels and stages of the middle; ScenarioError as from `calibrate`.

    Integrals say how the constants move from the middle, short pilot rounds what queues, effects and recycling make of
    it. The pilots are the same replications for every base, and what they miss at the middle, where the constants are
    known from many, is taken off: so their noise is common to all and does not pass for a difference.
    """
    base = Base(scenario)
    if base.needs_nothing or not what_selects(scenario):
        return static_calibration(scenario)
    now = _plus(static_constants(base, middle.by_integrals, NEAR), middle.beyond_integrals)
    pilots: list[Pilot] = []
    for _ in range(rounds):
        now, pilots = _round(base, now, middle.replications, engine)
        now = _plus(now, -middle.missed)
    found = replace(calibration_of(base, now, exact=False), rounds=rounds, replications=middle.replications)
    return with_sights(base, now, pilots, found)


def _round(base: Base, now: Constants, replications: int, engine: str) -> tuple[Constants, list[Pilot]]:
    plan = pilot_plan(base, now)
    pilots = [pilot(replication, plan, engine) for replication in range(replications)]
    return refined(base, now, pilots), pilots


def _flat(now: Constants) -> Floats:
    """What calibration solves, in one array: qualities, intercepts, cut."""
    return np.array([*now.quality, *now.intercepts, now.cut])


def _less(one: Constants, other: Constants) -> Floats:
    """Differences of constants; 0 where one is infinite (always, or never)."""
    here, there = _flat(one), _flat(other)
    known = np.isfinite(here) & np.isfinite(there)
    return np.where(known, np.where(known, here, 0.0) - np.where(known, there, 0.0), 0.0)


def _plus(now: Constants, step: Floats) -> Constants:
    moved = (_flat(now) + step).tolist()
    channels = len(now.quality)
    return replace(now, quality=np.array(moved[:channels]), intercepts=tuple(moved[channels:-1]), cut=moved[-1])
