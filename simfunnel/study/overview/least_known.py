"""Which inputs that are assumed or typed as ranges move revenue most: a few years at each end, more for the leaders.

What is found is kept in a small file, since the same scenario is run again and again.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from simfunnel.jit import PACKAGE
from simfunnel.scenario import HIGH, LOW, inputs_of
from simfunnel.study.calibrate.calibrate import default_cache_dir, keep, kept
from simfunnel.study.overview.today import Today
from simfunnel.study.sensitivity.both_ends import BothEnds, both_ends, input_effects
from simfunnel.study.sensitivity.input_effects import End, InputEffect, LeastKnown
from simfunnel.study.sensitivity.neighbours import around
from simfunnel.study.years.plans import Prepared

METRIC = "revenue"
FIRST_YEARS, MOST_YEARS = 5, 16
AHEAD = 3  # inputs that go on after the first years
ROUNDS = 1
UNSURE = ("assumed", "range")


def least_known(today: Today, prepared: Prepared) -> LeastKnown | None:
    """Move each unsure input to both ends, in at most 16 of today's years, as `sensitivity` does.

    After 5 years at most three go on: those that may yet be the first. None without such inputs, with fewer than 2
    years, or after a stop.
    """
    every = inputs_of(today.scenario, costs=False, agreement=prepared.calibration.agreement)
    unsure = [each for each in every if each.origin in UNSURE]
    if not unsure or today.years < 2:
        return None
    years = min(today.years, MOST_YEARS)
    values = [[each.path, each.origin, each.values(LOW), each.values(HIGH)] for each in unsure]
    key = json.dumps([sources(), prepared.plans[0].sha256, values, years, today.seed], default=str)
    folder = default_cache_dir()
    path = None
    if folder is not None:
        path = folder.parent / "inputs" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        if (found := read(path)) is not None:
            return found
    here = around(today.scenario, (), today.start, prepared, today.work)
    ends = both_ends(here, prepared, unsure, [METRIC], today.seed, today.work, among=len(unsure), rounds=ROUNDS)
    found = moving_most(ends, years)
    if path is not None and found is not None:
        keep(path, json.dumps(asdict(found)))
    return found


def moving_most(ends: BothEnds, years: int) -> LeastKnown | None:
    """Simulate the ends of inputs, those of the leaders longer; None after a stop, or when no input can be moved."""
    if not ends.years.extend(min(years, FIRST_YEARS)) or not ends.inputs:
        return None
    leaders = _ahead(ends)
    if not leaders.years.extend(years, leaders.names):
        return None
    leading = {each.path for each in _ahead(leaders).inputs}
    most = tuple(each for each in input_effects(leaders, METRIC) if each.detected and each.path in leading)
    return LeastKnown(leaders.among, years, most)


def _ahead(ends: BothEnds) -> BothEnds:
    """At most three inputs, whose effect may be as large as that of the first."""
    effects = sorted(input_effects(ends, METRIC), key=lambda each: -abs(each.stronger.mean))
    least = max(_reached(each, -1) for each in effects)
    paths = [each.path for each in effects if _reached(each, 1) >= least][:AHEAD]
    return ends.only(each for each in ends.inputs if each.path in paths)


def _reached(effect: InputEffect, side: int) -> float:
    """The larger effect of the two ends, at the lower or the upper end of its interval."""
    sizes = [abs(end.mean) + side * end.half_width for end in (effect.low, effect.high)]
    return max((size for size in sizes if math.isfinite(size)), default=math.inf * side)


@cache
def sources(package: Path = PACKAGE) -> str:
    """Return 16 hex digits that change with any source of simfunnel."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package).as_posix()} ".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read(path: Path) -> LeastKnown | None:
    """Read what a file holds; None when there is none or it cannot be used."""
    try:
        text = kept(path)
        if text is None:
            return None
        raw = json.loads(text)
        bars = [InputEffect(**each) for each in raw["most"]]
        ends = [(End(**each["low"]), End(**each["high"])) for each in raw["most"]]
        most = tuple(replace(bar, low=low, high=high) for bar, (low, high) in zip(bars, ends, strict=True))
        return LeastKnown(int(raw["moved"]), int(raw["years"]), most)
    except (ValueError, TypeError, KeyError):
        return None
