"""How well a score tells winners from losers: the area under the ROC curve, and the two classical closed forms.

AUC is the chance that a lead that would win scores above one that would lose. In the model winning is a smooth function
of true quality, so the AUC is a double integral over a mixture of normals; it is taken on a grid of scores, with
Gauss-Hermite nodes for the quality that a score leaves open.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import pi, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, owens_t

from simfunnel.arrays import Floats
from simfunnel.theory.selection import Population, WinChance, hermite

Keep = Callable[[int, Floats, Floats], Floats]

_REACH = 8.5  # sd of a unit normal beyond which nothing counts
_STEP = 0.1
_NODES, _NODE_WEIGHTS = hermite(16)


class OutOfReachError(ValueError):
    """No correlation from 0 to 1 gives this AUC; `lowest` and `highest` can be had."""

    def __init__(self, lowest: float, highest: float) -> None:
        super().__init__(f"the AUC can only lie between {lowest:.3f} and {highest:.3f}")
        self.lowest = lowest
        self.highest = highest


class NobodyLosesError(ValueError):
    """An AUC needs both winners and losers."""


class Bar(NamedTuple):
    """What a threshold does: share that passes, win rate of those, share of wins kept, their mean quality."""

    pass_share: float
    win_rate_passed: float
    wins_kept: float
    mean_quality_passed: float


def score_auc(leads: Population, win: WinChance, *, among_passed: bool = False) -> float:
    """Return the AUC of the score over all leads, bias included, or over those at or above their threshold.

    NobodyLosesError when nobody, or everybody, wins.
    """
    shift = leads.bias / leads.per_unit
    means = leads.r_score * leads.quality + shift
    bars = leads.bar + shift if among_passed else np.full(len(means), -np.inf)
    return _auc(leads, means, leads.r_score, bars, win, None)


def assessment_auc(leads: Population, win: WinChance, *, among_passed: bool = False) -> float:
    """Return the AUC of the assessment over all leads, or over those whose score is at or above their threshold."""
    open_bars = np.full(len(leads.weights), -np.inf)
    keep = _passing(leads) if among_passed else None
    return _auc(leads, leads.r_assessment * leads.quality, leads.r_assessment, open_bars, win, keep)


def correlation_for_auc(auc_of: Callable[[float], float], auc: float) -> float:
    """Return the correlation from 0 to 1 at which `auc_of` gives `auc`; OutOfReachError when there is none."""
    lowest, highest = auc_of(0.0), auc_of(1.0)
    if not lowest - 1e-9 <= auc <= highest + 1e-9:
        raise OutOfReachError(lowest, highest)
    if auc <= lowest or auc >= highest:
        return 0.0 if auc <= lowest else 1.0
    return float(brentq(lambda r: auc_of(r) - auc, 0.0, 1.0, xtol=1e-8))


def auc_binormal(separation: float) -> float:
    """Return the AUC when winners score N(separation, 1) and losers N(0, 1)."""
    return float(ndtr(separation / sqrt(2.0)))


def separation_for_auc(auc: float) -> float:
    """Return the inverse of `auc_binormal`."""
    return sqrt(2.0) * float(ndtri(auc))


def bar_binormal(base_rate: float, separation: float, bar: float) -> Bar:
    """Return a bar on a binormal score, `base_rate` of all leads being winners; mean quality is that of the winners'
    share."""
    winners = base_rate * float(ndtr(separation - bar))
    losers = (1.0 - base_rate) * float(ndtr(-bar))
    passed = winners + losers
    return Bar(passed, winners / passed, winners / base_rate, winners / passed)


def bar_latent(correlation: float, bar: float, quality_bar: float) -> Bar:
    """Return a bar on a standard normal score when a lead would win iff its standard normal quality exceeds
    `quality_bar`."""
    both = upper_orthant(bar, quality_bar, correlation)
    passed, base = float(ndtr(-bar)), float(ndtr(-quality_bar))
    density = float(np.exp(-bar * bar / 2.0)) / sqrt(2.0 * pi)
    return Bar(passed, both / passed, both / base, correlation * density / passed)


def upper_orthant(x: float, y: float, correlation: float) -> float:
    """Return P(X > x, Y > y) of standard normals with a correlation inside (-1, 1), by Owen's T (Owen 1956)."""
    h, k = -x, -y
    root = sqrt(1.0 - correlation * correlation)
    if h == 0.0 and k == 0.0:
        return 0.25 + float(np.arcsin(correlation)) / (2.0 * pi)
    if h == 0.0 or k == 0.0:  # T(0, a) of an infinite a is a quarter, with a's sign
        other = k if h == 0.0 else h
        return float(ndtr(other)) / 2.0 + float(owens_t(other, correlation / root))
    first = owens_t(h, (k / h - correlation) / root)
    second = owens_t(k, (h / k - correlation) / root)
    opposite = 0.5 if h * k < 0.0 else 0.0
    return float((ndtr(h) + ndtr(k)) / 2.0 - first - second) - opposite


def _passing(leads: Population) -> Keep:
    """P(score at or above the threshold) given Q and A, for each channel."""
    r, r_a, rho = leads.r_score, leads.r_assessment, leads.agreement
    spare = 1.0 - r_a * r_a
    slope = (rho - r * r_a) / spare if spare > 1e-12 else 0.0
    sd = sqrt(max(1e-18, 1.0 - r * r - slope * (rho - r * r_a)))
    bar = leads.bar

    def keep(channel: int, quality: Floats, assessment: Floats) -> Floats:
        mean = r * quality + slope * (assessment - r_a * quality)
        return np.asarray(ndtr((mean - bar[channel]) / sd))

    return keep


def _auc(leads: Population, means: Floats, r: float, bars: Floats, win: WinChance, keep: Keep | None) -> float:
    """P(a winner's value > a loser's) for a value that is unit normal about `means`, correlation r with Q."""
    from scipy.integrate import cumulative_simpson, simpson  # a tenth of a second, and seldom needed

    present = leads.weights > 0.0
    below = both = won = 0.0
    for low, high in _panels(means[present], bars[present]):
        grid = np.linspace(low, high, 2 * max(2, int((high - low) / (2 * _STEP))) + 1)
        winners, losers = np.zeros_like(grid), np.zeros_like(grid)
        for channel in np.flatnonzero(present & (bars <= low)).tolist():
            deviation = grid - means[channel]
            density = leads.weights[channel] * np.exp(-deviation * deviation / 2.0) / sqrt(2.0 * pi)
            spread = sqrt(max(0.0, 1.0 - r * r)) * _NODES[None, :]
            quality = leads.quality[channel] + r * deviation[:, None] + spread
            kept = _NODE_WEIGHTS if keep is None else _NODE_WEIGHTS * keep(channel, quality, grid[:, None])
            winning = (win(quality) * kept).sum(axis=1)
            winners += density * winning
            losers += density * (kept * np.ones_like(quality)).sum(axis=1) - density * winning
        lost = below + cumulative_simpson(losers, x=grid, initial=0.0)
        both += float(simpson(winners * lost, x=grid))
        won += float(simpson(winners, x=grid))
        below = float(lost[-1])
    if won <= 1e-12 or below <= 1e-12:
        raise NobodyLosesError("an AUC needs both winners and losers")
    return both / (won * below)


def _panels(means: Floats, bars: Floats) -> list[tuple[float, float]]:
    """Where values lie, cut at the bars, so that densities are smooth within each; channels far apart leave gaps."""
    stretches: list[list[float]] = []
    for middle in np.sort(means).tolist():
        if stretches and middle - _REACH <= stretches[-1][1]:
            stretches[-1][1] = middle + _REACH
        else:
            stretches.append([middle - _REACH, middle + _REACH])
    found: list[tuple[float, float]] = []
    for low, high in stretches:
        inside = {float(bar) for bar in bars if low < bar < high}
        found += pairwise(sorted({low, high} | inside))
    return found
