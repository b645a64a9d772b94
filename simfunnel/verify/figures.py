"""One number beside what it should be."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
    """A figure that may be off by so much; nan never passes."""
    off = abs(seen - exact)
    fault = "" if off <= tolerance else f"{name}: {seen:.10g} is off by {off:.3g}, allowed {tolerance:.3g}"
    return Figure(name, seen, exact, tolerance, fault)


def at_least(name: str, seen: float, least: float) -> Figure:
    """A figure that only has to be large enough; nan never passes."""
    fault = "" if seen >= least else f"{name}: {seen:.10g} is below {least:.10g}"
    return Figure(name, seen, least, math.inf, fault)


def broken(name: str, fault: str) -> Figure:
    """A figure that could not be had at all."""
    return Figure(name, math.nan, math.nan, math.nan, fault)
