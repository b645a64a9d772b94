"""How one measured number is named, and what a replication's measures look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Key(NamedTuple):
    """The name of one number: a metric and, where it is split, the part it is for.

    `month`: index of the month that results are shown by, of a clause that of the calendar month; `rep`: number within
    `pool`; `band`: a band of scores ("60-70"), a pair of verdicts ("passed/accepted") or a clause of the agreement
    ("sales.response"); `pass_`: from 1.
    """

    metric: str
    channel: str = ""
    campaign: str = ""
    pool: str = ""
    stage: str = ""
    month: int = -1
    rep: int = -1
    band: str = ""
    pass_: int = 0


@dataclass(frozen=True)
class Measures:
    """All metrics of one replication: value = numerator / denominator, nothing to say where the denominator is 0.

    The keys depend on the plan only, so replications of a plan stack into arrays. Over replications a metric is the
    sum of numerators over the sum of denominators (`stats.estimate_ratio`); plain sums have denominator 1.
    """

    keys: tuple[Key, ...]
    numerator: Floats
    denominator: Floats

    def values(self) -> Floats:
        """Value of every key, in the order of `keys`; nan where there is nothing to divide by."""
        result = np.full(len(self.numerator), np.nan)
        np.divide(self.numerator, self.denominator, out=result, where=self.denominator != 0)
        return result

    def value(self, metric: str, **part: str | int) -> float:
        """Value of one key; raises KeyError when the plan has no such key."""
        # the parts are names and numbers by field of Key, which one dict type cannot say
        key = Key(metric, **part)  # type: ignore[arg-type]
        if key not in self.keys:
            raise KeyError(key)
        row = self.keys.index(key)
        return float(self.values()[row])
