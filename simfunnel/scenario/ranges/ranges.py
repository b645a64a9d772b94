"""A number that is not known exactly, typed as `25% to 35%`: its two ends, its middle, and its distribution.

The ends are 5% and 95% points: the planner is 90% sure. Between limits (a share) the number is normal in log-odds,
above a lower limit (a duration, a count) in its logarithm, without limits as it is; where an end is itself a limit (a
leak of 0%) it lies evenly between the ends. Where a single value is needed it is the middle, rounded to what the range
tells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from simfunnel.distributions.elementary import exp, log, ndtri
from simfunnel.errors import Path
from simfunnel.units import HOURS, Duration, MoneyRate, Volume, amount_text, rounded, share_text

SURE: Final = 0.9  # chance that the number lies between its ends
_Z: Final = ndtri(0.5 + SURE / 2)

Quantity = Duration | Volume | MoneyRate
InOneUnit = tuple[float, float, Quantity | None]  # two numbers, and a quantity of the unit that they count


@dataclass(frozen=True, slots=True)
class Span:
    """How a range of a field is read: what kind of number stands there, and the limits that it cannot cross.

    `kind`: share, factor, number, whole, money, duration, volume or cost.
    """

    kind: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class TypedRange:
    """One range as typed: `low` and `high` are in `unit` (shares as 0.25), `path` is what `--set` takes."""

    path: str
    at: Path  # the same with list items by position
    text: str
    low: float
    high: float
    span: Span
    form: Quantity | None = None  # a quantity with the unit in which the ends are written
    percent: bool = False  # ends are written in percent

    @property
    def kind(self) -> str:
        """share, factor, number, whole, money, duration, volume or cost."""
        return self.span.kind

    @property
    def unit(self) -> str:
        """What `low` and `high` count, e.g. `hours`, `/ week`; empty for shares, money and plain numbers."""
        return "" if self.form is None else str(replace(self.form, amount=2.0)).removeprefix("2 ")

    @property
    def middle(self) -> float:
        """The value used where a single one is needed: the median, rounded to about a tenth of the range.

        >>> TypedRange("p", ("p",), "25% to 35%", 0.25, 0.35, Span("share", 0.0, 1.0)).middle
        0.3
        """
        median = self.quantile(0.5)
        if median == 0.0 or self.kind == "whole":
            return median
        place = min(_place(self.high - self.low), _place(median)) - 1
        middle = rounded(round(median, -place))
        return middle if self.low < middle < self.high else median

    def quantile(self, u: float) -> float:
        """Return the number that it stays below with chance `u`, 0 < u < 1."""
        low, high = self.span.low, self.span.high
        if self.low <= low or self.high >= high:
            drawn = self.low + u * (self.high - self.low)
        else:
            one, other = self._scaled(self.low), self._scaled(self.high)
            y = (one + other) / 2 + ndtri(u) / _Z * (other - one) / 2
            if math.isinf(low):
                drawn = y
            else:
                drawn = low + exp(y) if math.isinf(high) else low + (high - low) / (1.0 + exp(-y))
        if self.kind == "whole":
            drawn = math.floor(drawn + 0.5)
        return float(min(max(drawn, low), high))

    def typed(self, number: float) -> Any:
        """Write a number in `unit` as it would stand in a file, to be set at `path`.

        >>> TypedRange("p", ("p",), "3 h to 5 h", 3.0, 5.0, Span("duration", 0.0), Duration(3.0, "hour")).typed(4.5)
        '4.5 hours'
        """
        exact = rounded(number)
        if self.form is not None:
            return str(replace(self.form, amount=exact))
        if self.percent and exact > 1.0:  # above 1 a bare number would be taken for a forgotten %
            return share_text(exact)
        return int(exact) if self.kind == "whole" and exact == int(exact) else exact

    def words(self, number: float) -> str:
        """Write a number in `unit` as a planner reads it."""
        if self.percent:
            return share_text(rounded(number))
        found = self.typed(number)
        return found if isinstance(found, str) else amount_text(found)

    def changed(self, low: float, high: float) -> str:
        """Write the same range with other ends."""
        return f"{self.words(low)} to {self.words(high)}"

    def _scaled(self, x: float) -> float:
        low, high = self.span.low, self.span.high
        if math.isinf(low):
            return x
        return log(x - low) if math.isinf(high) else log((x - low) / (high - x))


def in_one_unit(low: Any, high: Any) -> InOneUnit | None:
    """Return the two ends as numbers in the unit of the lower one; None when their units cannot be compared.

    >>> in_one_unit(Duration(3.0, "hour"), Duration(2.0, "day"))
    (3.0, 48.0, Duration(amount=3.0, unit='hour', working=False))
    """
    if not isinstance(low, Quantity):
        return (float(low), float(high), None) if not isinstance(high, Quantity) else None
    if type(low) is not type(high):
        return None
    same = low.unit == high.unit and getattr(low, "working", False) == getattr(high, "working", False)
    if same:
        return low.amount, high.amount, low
    if isinstance(low, Duration) and isinstance(high, Duration) and not (low.working or high.working):
        return low.amount, rounded(high.hours() / HOURS[low.unit]), low
    return None


def _place(x: float) -> int:
    """Return the power of ten of the first digit."""
    return math.floor(round(math.log10(abs(x)), 9))
