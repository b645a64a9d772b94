"""What an input does at its two ends, and which of those that are not known exactly does most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simfunnel.stats import LEAST_YEARS


@dataclass(frozen=True)
class End:
    """An input at one end of its range: what stands there, and the metric minus today's with its half-width."""

    words: str
    mean: float
    half_width: float


@dataclass(frozen=True)
class InputEffect:
    """What one input does to one metric at its two ends, all else as today.

    `origin`: "range" (typed), "assumed" or "typed" (through a default band). `reach`: from the outermost of low, today
    and high to the other. `detected`: an effect at either end, adjusted for all ends of all inputs (Holm).
    """

    metric: str
    unit: str
    path: str
    origin: str
    today: str
    low: End
    high: End
    reach: float
    detected: bool

    @property
    def stronger(self) -> End:
        """The end with the larger effect."""
        return max(self.low, self.high, key=lambda end: abs(end.mean))

    def record(self) -> dict[str, Any]:
        """Return tidy record, with the columns of the table."""
        return {
            "metric": self.metric,
            "unit": self.unit,
            "input": self.path,
            "origin": self.origin,
            "low": self.low.words,
            "today": self.today,
            "high": self.high.words,
            "low_mean": self.low.mean,
            "low_half_width": self.low.half_width,
            "high_mean": self.high.mean,
            "high_half_width": self.high.half_width,
            "reach": self.reach,
            "detected": self.detected,
        }


@dataclass(frozen=True)
class LeastKnown:
    """Of `moved` inputs that are assumed or typed as ranges, those that move revenue `most`, over so many `years`.

    Those that cannot be told apart stand together, the longest bar first; none where no effect is detected.
    """

    moved: int
    years: int
    most: tuple[InputEffect, ...]

    @property
    def too_few(self) -> bool:
        """Whether there are too few years to detect any effect."""
        return self.years < LEAST_YEARS

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"moved": self.moved, "replications": self.years, "most": [bar.record() for bar in self.most]}
