"""Selection by a noisy score: rates of a threshold over latent quality, and the quadrature that integrates them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import inf, log, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr, ndtri

from simfunnel.arrays import Floats


class Nodes(NamedTuple):
    """Nodes of a quadrature and their weights."""

    at: Floats
    weights: Floats


@cache
def hermite(count: int) -> Nodes:
    """Return Gauss-Hermite: the mean of a smooth function of a standard normal; weights add up to 1."""
    at, weights = np.polynomial.hermite_e.hermegauss(count)
    return Nodes(np.asarray(at), np.asarray(weights / weights.sum()))


@cache
def legendre(count: int) -> Nodes:
    """Return Gauss-Legendre on (0, 1); weights add up to 1."""
    at, weights = np.polynomial.legendre.leggauss(count)
    return Nodes(np.asarray((at + 1.0) / 2.0), np.asarray(weights / 2.0))


def density(z: Floats) -> Floats:
    """Return the density of the standard normal."""
    return np.asarray(np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi))


WinChance = Callable[[Floats], Floats]

REACH = 8.5  # sd of a normal beyond which nothing counts
FAR = 60.0  # sd beyond which a bias or a bar decides alone
_ONE_VIEW = 0.03  # sd of A given u below which score and assessment are taken as one and the same view
_WIDE = 0.3  # sd of A given u from which few nodes in u are enough
_STEPS = 200
_TAIL = 6.0  # sd above a bar (or the middle) at which a normal is cut off: a billionth lies beyond
_EVEN_STEPS = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)  # powers of the root of x^4 = x + 1
_NODES, _NODES_PER_SD, _QUALITY_NODES = 8, 1.6, 8


class Population(NamedTuple):
    """Leads of several channels as marketing and sales see them; arrays have one entry a channel.

    Within a channel true quality Q is normal with sd 1 about `quality`. The score is mean + per_unit x u + bias with
    u = r_score Q + sqrt(1 - r_score^2) e_S, the assessment A has correlation `r_assessment` with Q and `agreement`
    with u. A lead passes when its score is at least its channel's threshold.
    """

    weights: Floats  # shares of the leads
    quality: Floats  # means of Q
    bias: Floats  # points that the score adds for the channel
    threshold: Floats  # points
    r_score: float
    r_assessment: float = 0.0
    agreement: float = 0.0
    mean: float = 0.0  # points
    per_unit: float = 1.0  # points

    @property
    def bar(self) -> Floats:
        """[channels] u from which a lead passes, its bias counted; out of sight moved to where it still decides."""
        return np.clip((self.threshold - self.mean - self.bias) / self.per_unit, -FAR, FAR)

    @property
    def spread(self) -> float:
        """Sd of A given u."""
        return sqrt(max(0.0, 1.0 - self.agreement**2))

    @property
    def one_view(self) -> bool:
        """Whether the assessment repeats the score."""
        return self.spread < _ONE_VIEW


class Sample(NamedTuple):
    """Leads as weighted nodes: their Q and the share of all leads each stands for, both [channels, nodes]."""

    quality: Floats
    weights: Floats


def agreement_range(r_score: float, r_assessment: float) -> tuple[float, float]:
    """Return the correlations of score and assessment that are possible, given how well each sees true quality."""
    middle = r_score * r_assessment
    room = sqrt(max(0.0, (1.0 - r_score**2) * (1.0 - r_assessment**2)))
    return middle - room, middle + room


def pass_shares(leads: Population) -> Floats:
    """Return [channels] P(score >= threshold) of each channel's leads."""
    return np.asarray(ndtr(leads.r_score * leads.quality - leads.bar))


def pass_share(mean: float, sd: float, threshold: float) -> float:
    """Return P(score >= threshold) of a normal score."""
    return float(ndtr((mean - threshold) / sd))


def bar_for_share(weights: Floats, means: Floats, share: float) -> float:
    """Return the threshold that a `share` of a mixture of unit normals reaches; weights need not add up to 1."""
    if share <= 0.0 or share >= 1.0:
        return inf if share <= 0.0 else -inf
    weights = weights / weights.sum()  # those kept in a calibration are rounded: three thirds make 0.999999
    z = -float(ndtri(share))
    low, high = float(means.min()) + z, float(means.max()) + z
    low, high = low - _margin(low), high + _margin(high)
    return float(brentq(lambda bar: float(weights @ ndtr(means - bar)) - share, low, high, xtol=1e-13))


def _margin(end: float) -> float:
    """What an end is moved out by, so that rounding cannot put what is looked for outside."""
    return 1e-9 * max(1.0, abs(end) / 1e3)


def cut_for_rate(leads: Population, rate: float) -> float:
    """Return the assessment that a share `rate` of the leads that pass reaches; where none pass, of average leads."""
    if rate <= 0.0 or rate >= 1.0:
        return inf if rate <= 0.0 else -inf
    passing = float(leads.weights @ pass_shares(leads))
    edge = float(np.abs(leads.quality).max()) + 2.0 * REACH
    ends = [accepted_share(leads, end) - rate * passing for end in (-edge, edge)]
    if not ends[0] > 0.0 > ends[1]:  # a threshold so far out that not one lead in all years reaches it
        return -float(ndtri(rate))
    return float(brentq(lambda cut: accepted_share(leads, cut) - rate * passing, -edge, edge, xtol=1e-12))


def accepted_share(leads: Population, cut: float) -> float:
    """Return the share of all leads that pass and are accepted."""
    if leads.one_view:
        return float(leads.weights @ ndtr(-_low(leads, cut)))
    _, weights, mean = _passed(leads, cut)
    return float((weights * ndtr((mean - cut) / leads.spread)).sum())


def accepted(leads: Population, cut: float) -> Sample:
    """Return the leads that pass and whose assessment reaches `cut`; -inf: nobody is judged."""
    judged = cut > -inf and not leads.one_view
    seen = leads if judged else leads._replace(r_assessment=0.0, agreement=0.0)  # the score says it all
    score, weights, mean = _passed(leads if leads.one_view else seen, cut)
    if judged:
        z, shares = _above((cut - mean) / leads.spread)
        assessment = mean[:, :, None] + leads.spread * z
    else:
        assessment, shares = np.zeros((1, 1, 1)), np.ones((1, 1, 1))
    centre, sd = _quality_given(seen, leads.quality[:, None, None], score[:, :, None], assessment)
    nodes = hermite(_QUALITY_NODES)
    quality = centre[..., None] + sd * nodes.at
    weight = (weights[:, :, None] * shares)[..., None] * nodes.weights
    count = len(leads.weights)
    return Sample(quality.reshape(count, -1), np.broadcast_to(weight, quality.shape).reshape(count, -1))


def drawn(leads: Population, channel: int, cut: float, count: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return ([count] u, A, Q, weights) of a channel's leads that pass and are accepted, evenly spread over them.

    Weights have the shape of the selection, not its share. `cut` -inf: nobody is judged, and A is what it would be.
    """
    even = [np.asarray((0.5 + np.arange(1, count + 1) * step) % 1.0) for step in _EVEN_STEPS]
    centre = leads.quality[channel : channel + 1]
    z = -ndtri(np.maximum(ndtr(-_low(leads, cut)[channel]) * even[0], 1e-300))
    mean = leads.r_assessment * centre + leads.agreement * z
    far = (mean - cut) / leads.spread if cut > -inf and not leads.one_view else np.full(count, REACH)
    met = np.maximum(ndtr(far), 1e-300)
    assessment = mean - leads.spread * ndtri(met * even[1])
    score = leads.r_score * centre + z
    regressed, sd = _quality_given(leads, centre, score, assessment)
    return score, assessment, regressed + sd * ndtri(even[2]), met


def assessment_quantiles(leads: Population, count: int) -> Floats:
    """Return [count] quantiles of the assessments of the leads that pass, at 0, 1 / (count - 1), ..., 1."""
    edge = float(np.abs(leads.quality).max()) + REACH
    grid = np.linspace(-edge, edge, 2001)
    if leads.one_view:
        above = np.array([accepted_share(leads, cut) for cut in grid])
    else:
        _, weights, mean = _passed(leads, -inf)
        above = np.tensordot(ndtr((mean[..., None] - grid) / leads.spread), weights, axes=([0, 1], [0, 1]))
    wanted = np.linspace(0.0, 1.0, count)
    if not above[0] > 0.0:  # nobody passes: what an average lead would be judged like
        return np.clip(ndtri(wanted), -edge, edge)
    reached = 1.0 - above / above[0]
    rising = np.concatenate(([True], np.diff(reached) > 0.0))
    inner = np.clip(wanted, 1e-6, 1.0 - 1e-6)  # the far ends of a normal say nothing
    return np.interp(inner, reached[rising], grid[rising])


def intercept(log_odds: Floats, weights: Floats, rate: float) -> float:
    """Return b such that the weighted mean of logistic(b + log_odds) is `rate`; +inf for 1, -inf for 0.

    Each step moves b by the difference in log-odds between the rate wanted and the rate shown, which is exact for
    equal leads and converges for any.
    """
    if rate <= 0.0 or rate >= 1.0:
        return inf if rate >= 1.0 else -inf
    wanted, total = log(rate / (1.0 - rate)), float(weights.sum())
    if not total > 0.0:
        return wanted
    b = wanted - float((weights * log_odds).sum()) / total
    for _ in range(_STEPS):
        shown = float((weights * expit(b + log_odds)).sum()) / total
        step = wanted - log(max(shown, 1e-300) / max(1.0 - shown, 1e-16))
        b += step
        if abs(step) < 1e-12:
            break
    return b


def win_chance(intercepts: Sequence[float], log_quality_odds: Sequence[float]) -> WinChance:
    """Return P(win | Q) of a lead that meets every stage once, without effects: a product of logistic curves."""

    def chance(quality: Floats) -> Floats:
        product = np.ones_like(quality)
        for b, slope in zip(intercepts, log_quality_odds, strict=True):
            product *= expit(b + slope * quality)
        return product

    return chance


def _low(leads: Population, cut: float) -> Floats:
    """[channels] standard normal part of u from which a lead passes and, where both views are one, reaches the cut."""
    low = leads.bar - leads.r_score * leads.quality
    if not leads.one_view or cut == -inf:
        return low
    return np.maximum(low, (cut - leads.r_assessment * leads.quality) / leads.agreement)


def _passed(leads: Population, cut: float) -> tuple[Floats, Floats, Floats]:
    """[channels, nodes] u of the leads that pass, share of all leads each stands for, and mean of A given u."""
    fine = 1.0 if leads.one_view else min(12.0, max(1.0, _WIDE / leads.spread))
    z, shares = _above(_low(leads, cut), fine)
    centre = leads.quality[:, None]
    mean = leads.r_assessment * centre + leads.agreement * z
    return leads.r_score * centre + z, leads.weights[:, None] * shares, mean


def _above(low: Floats, fine: float = 1.0) -> tuple[Floats, Floats]:
    """[..., nodes] values of a standard normal above `low`, and the share that each stands for.

    The range ends where the density has fallen off from its highest; `fine` multiplies the number of nodes.
    """
    start = np.clip(low, -_TAIL, REACH)[..., None]
    length = np.maximum(start, 0.0) + _TAIL - start
    nodes = legendre(int(fine * (_NODES + _NODES_PER_SD * float(length.max()))))
    z = start + length * nodes.at
    return z, np.asarray(length * nodes.weights * density(z))


def _quality_given(leads: Population, centre: Floats, score: Floats, assessment: Floats) -> tuple[Floats, float]:
    """Mean and sd of Q given u and A about a channel's `centre`: the regression of a trivariate normal."""
    r, r_a, rho = leads.r_score, leads.r_assessment, leads.agreement
    if leads.one_view:
        on_score, on_assessment = r, 0.0
    else:
        left = 1.0 - rho * rho
        on_score, on_assessment = (r - rho * r_a) / left, (r_a - rho * r) / left
    sd = sqrt(max(0.0, 1.0 - on_score * r - on_assessment * r_a))
    mean = centre + on_score * (score - r * centre) + on_assessment * (assessment - r_a * centre)
    return np.asarray(mean), sd
