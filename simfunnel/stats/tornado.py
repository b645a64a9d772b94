"""What each input does by itself at its low and its high end, and which inputs do anything that can be detected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simfunnel.stats.holm import DETECTED_AT, holm_adjust
from simfunnel.stats.intervals import Estimate, estimate
from simfunnel.stats.pairs import Difference, beyond_rounding, paired_difference

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tornado:
    """Effects of inputs at their ends, each minus the base with all other inputs as they are. Arrays are [inputs].

    `low`, `high`: paired differences to the base; `reach`: distance between the outermost of low, base and high, the
    length of the bar; `order`: inputs by falling reach, the detected ones first; `detected`: an effect at either end,
    adjusted for all ends of all inputs. The intervals are each for itself.
    """

    low: Difference
    high: Difference
    reach: Floats
    order: NDArray[np.int64]
    detected: NDArray[np.bool_]


def tornado_bars(
    base: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95, among: int | None = None
) -> Tornado:
    """Bars of a tornado diagram with intervals, from paired replications.

    `base`: [replications]; `low`, `high`: [replications, inputs], the metric with one input at an end of its range. A
    bar whose effects are not `detected` (Holm 1979) covers 0: show it grey. `among`: of how many inputs these were
    picked; detection is adjusted for all of them. Effects of inputs at once need `interaction`.
    """
    today = np.asarray(base, np.float64)[:, None]
    ends = [paired_difference(today, np.asarray(end, np.float64), level) for end in (low, high)]
    means = np.array([ends[0].mean, ends[1].mean])
    reach = np.maximum(means.max(axis=0), 0.0) - np.minimum(means.min(axis=0), 0.0)
    p_values = np.concatenate([end.p_value for end in ends])
    left_out = np.ones(2 * max(0, (among or 0) - means.shape[1]))
    adjusted = holm_adjust(np.concatenate([p_values, left_out]))[: len(p_values)].reshape(means.shape)
    detected = (adjusted < DETECTED_AT).any(axis=0) & (reach > 0)
    return Tornado(ends[0], ends[1], reach, np.lexsort((-reach, ~detected)), detected)


def interaction(base: ArrayLike, one: ArrayLike, other: ArrayLike, both: ArrayLike, level: float = 0.95) -> Estimate:
    """What two changes bring together beyond the sum of what each brings alone, per paired replication.

    All [replications] or [replications, pairs]. An interval that covers 0: the tornado's bars may be added.
    """
    a, b, c, d = (np.asarray(x, np.float64) for x in (base, one, other, both))
    return estimate(beyond_rounding((d - c) - (b - a), a, b, c, d), level)
