"""How much of the spread of a year's outcome is luck, and how much is not knowing the inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simfunnel.metrics import TABLE, Key
from simfunnel.scenario import TypedRange
from simfunnel.stats import LEAST_DRAWS, outcome_range, split_variance
from simfunnel.study.years.samples import Samples


@dataclass(frozen=True)
class Spread:
    """Of one metric: the share of the variance that is not knowing the inputs, with its 95% interval.

    `luck_p10`, `luck_p90`: one year in ten below and above if the inputs were known; `floored`: the share was estimated
    below 0 and is given as 0.
    """

    metric: str
    unit: str
    share: float
    low: float
    high: float
    luck_sd: float
    inputs_sd: float
    luck_p10: float
    luck_p90: float
    floored: bool


@dataclass(frozen=True)
class NotKnowing:
    """What was drawn from ranges, and what came of it; `spreads` is empty with too few draws to tell.

    `draws` of the inputs with `years` simulated years each; `redrawn`: draws that did not fit together at first.
    """

    ranges: tuple[TypedRange, ...]
    draws: int
    years: int
    redrawn: int
    spreads: tuple[Spread, ...]

    def of(self, metric: str) -> Spread | None:
        """Return the spread of a metric; None when it was not told apart."""
        return next((each for each in self.spreads if each.metric == metric), None)

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        ranges = [
            {"path": r.path, "typed": r.text, "low": r.low, "high": r.high, "unit": r.unit, "kind": r.kind}
            for r in self.ranges
        ]
        return {
            "ranges": ranges,
            "draws": self.draws,
            "replications_a_draw": self.years,
            "redrawn": self.redrawn,
            "spreads": [dict(each.__dict__) for each in self.spreads],
        }


def not_knowing(ranges: Sequence[TypedRange], samples: Samples, years: int, redrawn: int) -> NotKnowing:
    """Return what draws, `years` each, say of every metric that is not split and has a value in every year."""
    draws = samples.replications // years
    spreads: tuple[Spread, ...] = ()
    if draws >= LEAST_DRAWS and years > 1:
        spreads = tuple(spread for key in samples.keys if (spread := _spread(samples, key, years)) is not None)
    return NotKnowing(tuple(ranges), draws, years, redrawn, spreads)


def _spread(samples: Samples, key: Key, years: int) -> Spread | None:
    if key != Key(key.metric):
        return None
    table = samples.values(key).reshape(-1, years)
    if not np.isfinite(table).all():
        return None
    found = split_variance(table)
    if math.isnan(found.share):
        return None
    # every draw's own mean is moved to the mean of all; deviations from a mean of n years vary by (n - 1) / n of a
    # year's variance, which is put right
    luck = (table - table.mean(axis=1, keepdims=True)) * math.sqrt(years / (years - 1))
    low, _, high = outcome_range((table.mean() + luck).ravel())
    return Spread(
        key.metric,
        TABLE[key.metric].unit,
        found.share,
        found.low,
        found.high,
        math.sqrt(found.of_luck),
        math.sqrt(found.of_inputs),
        float(low),
        float(high),
        found.floored,
    )
