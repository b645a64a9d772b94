"""A difference split into parts: what each group of changes brings, averaged over every order of making them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from simfunnel.arrays import Floats, Ints
from simfunnel.stats.intervals import divide, estimate, jackknife_half_width, leave_one_out
from simfunnel.stats.pairs import beyond_rounding, known_width, p_value_of, paired_difference

MOST_GROUPS = 8
"""Groups up to which all subsets are simulated: 256 plans."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Parts of a difference, one per group, that add up to `total` to rounding; `half_width` and `part` are [groups].

    `half_width` is nan below two replications. A group that changes nothing has exactly 0 +/- 0. `level` is that of the
    half-widths.
    """

    part: Floats
    half_width: Floats
    total: float
    total_half_width: float
    n: int
    level: float = 0.95

    @property
    def p_value(self) -> Floats:
        """[groups] two-sided, of a part of 0; not adjusted for the number of groups."""
        return p_value_of(self.part, self.half_width, self.level, self.n)


def subsets(groups: int) -> tuple[tuple[int, ...], ...]:
    """Return all subsets of the groups, in the order that `shapley_values` wants: bit k of the place is group k.

    ValueError without a group or with more than `MOST_GROUPS`.

    >>> subsets(2)
    ((), (0,), (1,), (0, 1))
    """
    if not 1 <= groups <= MOST_GROUPS:
        raise ValueError(f"all subsets of 1 to {MOST_GROUPS} groups, not of {groups}")
    return tuple(tuple(k for k in range(groups) if place >> k & 1) for place in range(1 << groups))


def shapley_values(values: ArrayLike, level: float = 0.95) -> Attribution:
    """Return exact Shapley values of a metric that is a sum, replication by replication (Shapley 1953).

    `values`: [subsets, replications], the metric when only the groups of that subset are changed, in the order of
    `subsets`. Each replication is attributed by itself, so its parts add up to its own difference; the intervals are
    those of the mean over replications.
    """
    table = np.asarray(values, np.float64)
    parts = _exact_parts(table)
    return _attribution(parts.T, table[0], table[-1], level)


def shapley_of_ratio(numerators: ArrayLike, denominators: ArrayLike, level: float = 0.95) -> Attribution:
    """Return exact Shapley values of a ratio of means (win rate, cost per win), with the half-widths of the jackknife.

    `numerators`, `denominators`: [subsets, replications] in the order of `subsets`. nan where a plan has nothing to
    divide by.
    """
    over, under = np.asarray(numerators, np.float64).T, np.asarray(denominators, np.float64).T
    ratio, left_out = divide(over.sum(axis=0), under.sum(axis=0)), leave_one_out(over, under)
    part = _exact_parts(ratio[:, None])[:, 0]
    width = jackknife_half_width(_exact_parts(left_out.T).T, level)
    total_width = jackknife_half_width(left_out[:, -1] - left_out[:, 0], level)
    return Attribution(part, width, float(ratio[-1] - ratio[0]), float(total_width), len(over), level)


def shapley_orders(luck: ArrayLike) -> Ints:
    """Return orders in which to make the changes, for `shapley_sampled`: a random one per replication, and its reverse.

    `luck`: [replications, groups] independent uniforms. Returns [replications, 2, groups] of group numbers. The reverse
    order makes up for much of what one order favours (antithetic; Mitchell et al. 2022).
    """
    forward = np.argsort(np.asarray(luck, np.float64), axis=1, kind="stable")
    return np.stack([forward, forward[:, ::-1]], axis=1)


def shapley_sampled(orders: ArrayLike, values: ArrayLike, level: float = 0.95) -> Attribution:
    """Return Shapley values from random orders (Castro, Gomez & Tejada 2009), where there are too many groups for all
    subsets.

    `orders`: [replications, orders, groups] as of `shapley_orders`; `values`: [replications, orders, groups + 1], the
    metric of that replication after none, the first, the first two ... of the order's changes. Parts add up in every
    replication; the intervals hold both kinds of luck, that of the replications and that of the orders.
    """
    order, walk = np.asarray(orders, np.int64), np.asarray(values, np.float64)
    parts = np.zeros(order.shape)
    steps = beyond_rounding(np.diff(walk, axis=2), np.nan_to_num(np.abs(walk)).max().reshape(1))
    np.put_along_axis(parts, order, steps, axis=2)
    return _attribution(parts.mean(axis=1), walk[:, 0, 0], walk[:, 0, -1], level)


def _attribution(parts: Floats, before: Floats, after: Floats, level: float) -> Attribution:
    """Parts of sums, [replications, groups], and their total from both ends, [replications]."""
    found, total = estimate(parts, level), paired_difference(before, after, level)
    width = known_width(found.mean, found.half_width, found.n)
    return Attribution(found.mean, width, float(total.mean), float(total.half_width), found.n, level)


def _exact_parts(table: Floats) -> Floats:
    """[groups, replications] Shapley values of [subsets, replications] values."""
    groups = len(table).bit_length() - 1
    if len(table) != 1 << groups or groups < 1:
        raise ValueError(f"{len(table)} plans are not all subsets of some groups")
    parts, largest = np.zeros((groups, table.shape[1])), np.nan_to_num(np.abs(table)).max().reshape(1)
    for k in range(groups):
        others = [1 << j for j in range(groups) if j != k]
        for size in range(groups):
            weight = factorial(size) * factorial(groups - size - 1) / factorial(groups)
            for members in combinations(others, size):
                before = sum(members)
                # pairs of plans are subtracted first, so that a change without effect leaves exactly nothing
                parts[k] += weight * beyond_rounding(table[before | 1 << k] - table[before], largest)
    return parts
