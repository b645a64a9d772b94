"""When a study has replications enough: fixed checks, a wanted precision, and what was achieved."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.stats.intervals import half_width


class StopRule(NamedTuple):
    """Stop at the first check at which every half-width is below `relative` of the base's mean.

    Checks come at `first`, then every `step` replications, to `most` at the latest; never at the end of a batch, so
    that the number of workers cannot change the result.
    """

    relative: float = 0.01
    first: int = 30
    step: int = 10
    most: int = 400


class Precision(NamedTuple):
    """What a check found: the largest half-width as a share of the base's mean, and whether the study may stop."""

    achieved: float
    wanted: float
    reached: bool
    stop: bool
    n: int


def replication_checks(rule: StopRule = StopRule()) -> tuple[int, ...]:  # noqa: B008 (an immutable tuple)
    """Return replication counts at which the rule looks: 30, 40, ..., 400.

    >>> replication_checks()[:3], replication_checks()[-1]
    ((30, 40, 50), 400)
    """
    return (*range(rule.first, rule.most, rule.step), rule.most)


# the default is an immutable tuple, so it can be shared
def precision_of(
    base: ArrayLike,
    plans: ArrayLike | None = None,
    rule: StopRule = StopRule(),  # noqa: B008
    beside: float = 0.0,
) -> Precision:
    """Return the precision of a study after n paired replications.

    `base`: [n] the base's values; `plans`: [n, plans] of the other plans, compared by their differences to the base;
    without plans it is the half-width of the base's own mean that counts. After Law (2015, 9.4), stopping on the
    half-width costs one or two points of coverage: report the half-width that was achieved, not the promise. `beside`:
    the share of the base's own half-width that no replication makes smaller, in quadrature to the rest; where it alone
    is as wide as wanted, the rest is what stops.
    """
    values = np.asarray(base, np.float64)
    n = values.shape[0]
    if plans is None:
        widths = np.atleast_1d(half_width(values))
    else:
        widths = np.atleast_1d(half_width(np.asarray(plans, np.float64).reshape(n, -1) - values[:, None]))
    mean = abs(float(values.mean())) if n else 0.0
    widest = float(widths.max()) if widths.size else 0.0
    luck = 0.0 if widest == 0 else (widest / mean if mean > 0 else float("inf"))
    achieved = hypot(luck, beside if plans is None else 0.0)
    reached = n >= rule.first and achieved <= rule.relative
    enough = reached or (n >= rule.first and beside >= rule.relative >= luck)
    return Precision(achieved, rule.relative, reached, enough or n >= rule.most, n)
