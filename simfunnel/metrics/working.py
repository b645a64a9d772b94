"""Open hours of a calendar between instants, for whole columns at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simfunnel.plan.model import Floats

Calendar = tuple[Floats, Floats]


def open_hours_between(calendar: Calendar, a: Floats, b: Floats) -> Floats:
    """Open hours in [a, b) of a calendar (opens, closes), elementwise; 0 where b <= a, nan where either is nan.

    The same hours as `calendars.working_between`, by the running total of the intervals; exact (b - a) where both lie
    in one interval.
    """
    opens, closes = calendar
    start, end = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    if opens.size == 0:
        return np.where(np.isnan(start) | np.isnan(end), np.nan, 0.0)
    i, j = _interval(opens, start), _interval(opens, end)
    total = np.concatenate([[0.0], np.cumsum(closes - opens)])
    left = np.maximum(closes[i] - np.maximum(start, opens[i]), 0.0)  # still open of the interval that a lies in
    done = np.maximum(np.minimum(end, closes[j]) - opens[j], 0.0)  # open so far of the interval that b lies in
    apart = left + (total[j] - total[i + 1]) + done
    together = np.minimum(end, closes[j]) - np.maximum(start, opens[i])
    hours = np.where(i == j, np.maximum(together, 0.0), apart)
    return np.where(np.isnan(start) | np.isnan(end), np.nan, np.where(end > start, hours, 0.0))


def _interval(opens: Floats, t: Floats) -> NDArray[np.int64]:
    """Interval that opened last at or before each t; the first one before them all."""
    return np.maximum(np.searchsorted(opens, t, side="right") - 1, 0)
