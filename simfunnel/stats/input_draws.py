"""Drawing inputs that are known as a range only: "25% to 35%" as a 90% interval, spread evenly over the draws."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Scale = Literal["share", "positive", "real"]

Z90 = 1.6448536269514722  # 95% point of the standard normal: a 90% range leaves 5% on either side


@dataclass(frozen=True)
class InputRange:
    """A 90% interval typed for an input; one time in twenty the truth is below `low`, one time in twenty above `high`.

    The input is normal on a scale on which any number is possible, so that a draw is never impossible: the log-odds
    for a "share", the logarithm for what is "positive" (durations, money, counts), itself for what is "real" (score
    points). Two numbers fix such a law exactly; its median is the middle on that scale: 30% of 25% to 36%, 4 hours of
    2 to 8 hours. ValueError when the ends are not in order or not possible on the scale.
    """

    low: float
    high: float
    scale: Scale = "real"

    def __post_init__(self) -> None:
        """Refuses ends that no law of this scale has."""
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ValueError(f"a range goes from a lower to a higher number, not from {self.low} to {self.high}")
        if self.scale != "real" and self.low <= 0:
            raise ValueError(f"a range of what is never below 0 starts above 0, not at {self.low}")
        if self.scale == "share" and self.high >= 1:
            raise ValueError(f"a range of a share ends below 1, not at {self.high}")

    @property
    def middle(self) -> float:
        """The median: as likely above as below.

        >>> InputRange(2.0, 8.0, "positive").middle
        4.0
        """
        return self._back((self._ends[0] + self._ends[1]) / 2)

    def at(self, luck: ArrayLike) -> Floats:
        """The input at these uniforms on (0, 1); 0.05 gives the low end, 0.95 the high end.

        >>> InputRange(0.25, 0.35, "share").at([0.05, 0.95]).round(6).tolist()
        [0.25, 0.35]
        """
        low, high = self._ends
        z = special.ndtri(np.asarray(luck, np.float64))
        x = (low + high) / 2 + z * (high - low) / (2 * Z90)
        if self.scale == "share":
            return np.asarray(special.expit(x))
        return np.asarray(np.exp(x) if self.scale == "positive" else x)

    @property
    def _ends(self) -> tuple[float, float]:
        if self.scale == "share":
            return log(self.low / (1 - self.low)), log(self.high / (1 - self.high))
        return (log(self.low), log(self.high)) if self.scale == "positive" else (self.low, self.high)

    def _back(self, x: float) -> float:
        if self.scale == "share":
            return 1 / (1 + exp(-x))
        return exp(x) if self.scale == "positive" else x


def latin_hypercube(order: ArrayLike, within: ArrayLike) -> Floats:
    """Uniforms that fill each input's range evenly: one draw in each of n equal slices (McKay, Beckman & Conover 1979).

    `order`, `within`: [draws, inputs] independent uniforms, the first shuffles the slices of each input, the second
    places the draw in its slice. Means over the draws vary less than with independent draws, and each input's ends are
    met.

    >>> latin_hypercube([[0.9], [0.1], [0.5]], [[0.5], [0.5], [0.5]]).round(3).ravel().tolist()
    [0.833, 0.167, 0.5]
    """
    shuffle, place = np.asarray(order, np.float64), np.asarray(within, np.float64)
    slices = np.argsort(np.argsort(shuffle, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((slices + place) / len(shuffle))
