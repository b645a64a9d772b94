"""Constants of a base near one that is calibrated: each draw of the inputs is a base of its own, hundreds in a study.

Integrals say how the constants move from the middle to the draw, two short pilot rounds what queues, effects and
recycling make of it. The pilots are the same replications for every draw, and what they miss at the middle, where the
constants are known from many, is taken off: so their noise is common to all draws and does not pass for a difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.plan import Calibration, static_calibration
from simfunnel.plan.today.exact import what_selects
from simfunnel.plan.today.solve import Base, Constants, calibration_of, static_constants
from simfunnel.scenario import Scenario
from simfunnel.study.calibrate.calibrate import pilot_plan, with_sights
from simfunnel.study.calibrate.pilots import Pilot, pilot, refined

ROUNDS = 2
NEAR = 1e-4  # what integrals need not settle, since pilots follow
FEWER = 4  # a round here has so many times fewer years than a first round of a full calibration (8 or more)
FEWEST, MOST = 2, 8


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
    """Solve the constants of a base with the channels and stages of the middle; ScenarioError as from `calibrate`."""
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
