"""Which of the inputs that nobody typed exactly moves revenue most: a few years at each end, more for those ahead.

What is found is kept in a small file, since the same scenario is run again and again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from simfunnel.jit import PACKAGE
from simfunnel.scenario import HIGH, LOW, Input, Scenario, inputs_of
from simfunnel.study.calibrate.calibrate import default_cache_dir, keep, kept
from simfunnel.study.sensitivity.both_ends import Ends, bars_of, ends_of
from simfunnel.study.sensitivity.input_effects import End, InputBar, Known
from simfunnel.study.sensitivity.neighbours import around
from simfunnel.study.years.plans import Prepared, Start
from simfunnel.study.years.replicate import Work

METRIC = "revenue"
FIRST_YEARS, MOST_YEARS = 5, 16
AHEAD = 3  # inputs that go on after the first years
ROUNDS = 1
UNSURE = ("assumed", "range")


def least_known(
    scenario: Scenario, prepared: Prepared, years: int, seed: int, start: Start, work: Work
) -> Known | None:
    """Move each unsure input to both ends, in at most 16 of `years`, as `sensitivity` does.

    After 5 years at most three go on: those that may yet be the first. None without such inputs, with fewer than 2
    years, or after a stop.
    """
    every = inputs_of(scenario, costs=False, agreement=prepared.calibration.agreement)
    unsure = [each for each in every if each.origin in UNSURE]
    if not unsure or years < 2:
        return None
    years = min(years, MOST_YEARS)
    folder = default_cache_dir()
    path = folder.parent / "inputs" / f"{_key(prepared, unsure, years, seed)}.json" if folder is not None else None
    found = _read(path) if path is not None else None
    if found is None:
        found = _found(scenario, prepared, unsure, years, seed, start, work)
        if path is not None and found is not None:
            keep(path, json.dumps(asdict(found)))
    return found


def _found(
    scenario: Scenario, prepared: Prepared, unsure: Sequence[Input], years: int, seed: int, start: Start, work: Work
) -> Known | None:
    here = around(scenario, (), start, prepared, work)
    ends = ends_of(here, prepared, unsure, [METRIC], seed, work, among=len(unsure), rounds=ROUNDS)
    if not ends.levels.extend(min(years, FIRST_YEARS)) or not ends.inputs:
        return None
    ends = _ahead(ends)
    if not ends.levels.extend(years, ends.names):
        return None
    leading = {each.path for each in _ahead(ends).inputs}
    most = tuple(bar for bar in bars_of(ends, METRIC) if bar.detected and bar.path in leading)
    return Known(len(unsure), years, most)


def _ahead(ends: Ends) -> Ends:
    """Those whose effect may be as large as that of the first, at most three."""
    bars = sorted(bars_of(ends, METRIC), key=lambda bar: -abs(bar.stronger.mean))
    least = max(_reached(bar, -1) for bar in bars)
    paths = [bar.path for bar in bars if _reached(bar, 1) >= least][:AHEAD]
    return ends.only(each for each in ends.inputs if each.path in paths)


def _reached(bar: InputBar, side: int) -> float:
    """The larger effect of the two ends, at the lower or the upper end of its interval."""
    sizes = [abs(end.mean) + side * end.half_width for end in (bar.low, bar.high)]
    known = [size for size in sizes if math.isfinite(size)]
    return max(known, default=math.inf * side)


# --- what is kept ----------------------------------------------------------------------------------------------------


def _key(prepared: Prepared, unsure: Sequence[Input], years: int, seed: int) -> str:
    """All that the answer depends on: the plan, the ends of the inputs, the luck, and the sources of simfunnel."""
    ends = [[each.path, each.origin, each.values(LOW), each.values(HIGH)] for each in unsure]
    content = [sources(), prepared.plans[0].sha256, ends, years, seed]
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


@cache
def sources(package: Path = PACKAGE) -> str:
    """16 hex digits that change with any source of simfunnel."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package).as_posix()} ".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> Known | None:
    """What a file holds; None when there is none or it cannot be used."""
    try:
        text = kept(path)
        if text is None:
            return None
        raw = json.loads(text)
        bars = [InputBar(**each) for each in raw["most"]]
        ends = [(End(**each["low"]), End(**each["high"])) for each in raw["most"]]
        most = tuple(replace(bar, low=low, high=high) for bar, (low, high) in zip(bars, ends, strict=True))
        return Known(int(raw["moved"]), int(raw["years"]), most)
    except (ValueError, TypeError, KeyError):
        return None
