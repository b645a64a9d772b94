"""Which of the inputs that nobody typed exactly moves revenue most: a few years at each end, more for those ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from simfunnel.scenario import Scenario, inputs_of
from simfunnel.study.bases import around
from simfunnel.study.ends import Ends, bars_of, ends_of
from simfunnel.study.prepare import Prepared, Start
from simfunnel.study.replicate import Work
from simfunnel.study.sensitivity_result import InputBar

METRIC = "revenue"
FIRST_YEARS, MOST_YEARS = 6, 24
UNSURE = ("assumed", "range")


@dataclass(frozen=True)
class Known:
    """Of `moved` inputs that are assumed or typed as ranges, those that move revenue `most`, over so many `years`.

    Those that cannot be told apart stand together, the longest bar first; none where no effect is detected.
    """

    moved: int
    years: int
    most: tuple[InputBar, ...]

    def record(self) -> dict[str, Any]:
        """The JSON object."""
        return {"moved": self.moved, "replications": self.years, "most": [bar.record() for bar in self.most]}


def least_known(
    scenario: Scenario, prepared: Prepared, years: int, seed: int, start: Start, work: Work
) -> Known | None:
    """Move each unsure input to both ends, at most 24 of `years`, as `sensitivity` does.

    After 6 years only those go on that may yet be the first. None without such inputs, with fewer than 2 years, or
    after a stop.
    """
    every = inputs_of(scenario, costs=False, agreement=prepared.calibration.agreement)
    unsure = [each for each in every if each.origin in UNSURE]
    if not unsure or years < 2:
        return None
    here = around(scenario, (), start, prepared, work)
    ends = ends_of(here, prepared, unsure, [METRIC], seed, work, among=len(unsure))
    if not ends.levels.extend(min(years, FIRST_YEARS)) or not ends.inputs:
        return None
    ends = _ahead(ends)
    if not ends.levels.extend(min(years, MOST_YEARS), ends.names):
        return None
    leading = {each.path for each in _ahead(ends).inputs}
    most = tuple(bar for bar in bars_of(ends, METRIC) if bar.detected and bar.path in leading)
    return Known(len(unsure), min(years, MOST_YEARS), most)


def _ahead(ends: Ends) -> Ends:
    """Those whose effect may be as large as that of the first: whose intervals reach the lower end of its."""
    bars = bars_of(ends, METRIC)
    least = max(_reached(bar, -1) for bar in bars)
    paths = {bar.path for bar in bars if _reached(bar, 1) >= least}
    return ends.only(each for each in ends.inputs if each.path in paths)


def _reached(bar: InputBar, side: int) -> float:
    """The larger effect of the two ends, at the lower or the upper end of its interval."""
    sizes = [abs(end.mean) + side * end.half_width for end in (bar.low, bar.high)]
    known = [size for size in sizes if math.isfinite(size)]
    return max(known, default=math.inf * side)
