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
    """Gauss-Hermite: the mean of a smooth function of a standard normal; weights add up to 1."""
    at, weights = np.polynomial.hermite_e.hermegauss(count)
    return Nodes(np.asarray(at), np.asarray(weights / weights.sum()))


@cache
def legendre(count: int) -> Nodes:
    """Gauss-Legendre on (0, 1); weights add up to 1."""
    at, weights = np.polynomial.legendre.leggauss(count)
    return Nodes(np.asarray((at + 1.0) / 2.0), np.asarray(weights / 2.0))


def density(z: Floats) -> Floats:
    """Density of the standard normal."""
    return np.asarray(np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi))


WinChance = Callable[[Floats], Floats]

REACH = 8.5  # sd of a normal beyond which nothing counts
_ONE_VIEW = 0.03  # sd of A given u below which score and assessment are taken as one and the same view
_WIDE = 0.3  # sd of A given u from which few nodes in u are enough
_STEPS = 200
_TAIL = 6.0  # sd above a bar (or the middle) at which a normal is cut off: a billionth lies beyond
_EVEN_STEPS = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)  # powers of the root of x^4 = x + 1
_NODES, _NODES_PER_SD, _QUALITY_NODES = 8, 1.6, 8


class Channels(NamedTuple):
    """A mixture of channels; arrays of equal length, one entry a channel."""

    weights: Floats  # shares of the leads, adding up to 1
    quality: Floats  # mean of Q
    bias: Floats  # what the score adds for the channel, in units of u
    bar: Floats  # threshold, in units of u


class Views(NamedTuple):
    """How well the two departments see true quality, and how far they agree, as correlations within a channel."""

    r_score: float
    r_assessment: float
    agreement: float

    @property
    def spread(self) -> float:
        """Sd of A given u."""
        return sqrt(max(0.0, 1.0 - self.agreement**2))

    @property
    def one(self) -> bool:
        """Whether the assessment repeats the score."""
        return self.spread < _ONE_VIEW


class Sample(NamedTuple):
    """Leads as weighted nodes: their Q and the share of all leads each stands for, both [channels, nodes]."""

    quality: Floats
    weights: Floats


def agreement_range(r_score: float, r_assessment: float) -> tuple[float, float]:
    """The correlations of score and assessment that are possible, given how well each sees true quality."""
    middle = r_score * r_assessment
    room = sqrt(max(0.0, (1.0 - r_score**2) * (1.0 - r_assessment**2)))
    return middle - room, middle + room


def pass_shares(channels: Channels, r_score: float) -> Floats:
    """[channels] P(score >= threshold) of each channel's leads."""
    return np.asarray(ndtr(r_score * channels.quality + channels.bias - channels.bar))


def pass_share(mean: float, sd: float, threshold: float) -> float:
    """P(score >= threshold) of a normal score."""
    return float(ndtr((mean - threshold) / sd))


def bar_for_share(weights: Floats, means: Floats, share: float) -> float:
    """The threshold that a `share` of a mixture of unit normals reaches; weights need not add up to 1."""
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


def cut_for_rate(channels: Channels, views: Views, rate: float) -> float:
    """The assessment that a share `rate` of the leads that pass reaches; where none pass, that of average leads."""
    if rate <= 0.0 or rate >= 1.0:
        return inf if rate <= 0.0 else -inf
    passing = float(channels.weights @ pass_shares(channels, views.r_score))
    edge = float(np.abs(channels.quality).max()) + 2.0 * REACH
    ends = [accepted_share(channels, views, end) - rate * passing for end in (-edge, edge)]
    if not ends[0] > 0.0 > ends[1]:  # a threshold so far out that not one lead in all years reaches it
        return -float(ndtri(rate))
    return float(brentq(lambda cut: accepted_share(channels, views, cut) - rate * passing, -edge, edge, xtol=1e-12))


def accepted_share(channels: Channels, views: Views, cut: float) -> float:
    """Share of all leads that pass and are accepted."""
    if views.one:
        return float(channels.weights @ pass_shares(_raised(channels, views, cut), views.r_score))
    _, weights, mean = _passed(channels, views)
    return float((weights * ndtr((mean - cut) / views.spread)).sum())


def accepted(channels: Channels, views: Views, cut: float) -> Sample:
    """The leads that pass and whose assessment reaches `cut`."""
    if views.one:
        channels, cut = _raised(channels, views, cut), -inf
    if cut == -inf:
        views = Views(views.r_score, 0.0, 0.0)
    score, weights, mean = _passed(channels, views)
    if cut == -inf:
        assessment, shares = mean[:, :, None], np.ones((1, 1, 1))
    else:
        z, shares = _above((cut - mean) / views.spread)
        assessment = mean[:, :, None] + views.spread * z
    centre, sd = _quality_given(channels, views, score[:, :, None], assessment)
    nodes = hermite(_QUALITY_NODES)
    quality = centre[..., None] + sd * nodes.at
    weight = (weights[:, :, None] * shares)[..., None] * nodes.weights
    count = len(channels.weights)
    return Sample(quality.reshape(count, -1), np.broadcast_to(weight, quality.shape).reshape(count, -1))


def drawn(channel: Channels, views: Views, cut: float, count: int) -> tuple[Floats, Floats, Floats, Floats]:
    """([count] u, A, Q, weights) of leads of one channel that pass and are accepted, evenly spread over what they are.

    Weights have the shape of the selection, not its share. `cut` -inf: nobody is judged, and A is what it would be.
    """
    even = [np.asarray((0.5 + np.arange(1, count + 1) * step) % 1.0) for step in _EVEN_STEPS]
    centre = float(channel.quality[0])
    raised = _raised(channel, views, cut) if views.one and cut > -inf else channel
    low = float((raised.bar - raised.bias - views.r_score * raised.quality)[0])
    z = -ndtri(np.maximum(ndtr(-low) * even[0], 1e-300))
    mean = views.r_assessment * centre + views.agreement * z
    far = (mean - cut) / views.spread if cut > -inf and not views.one else np.full(count, REACH)
    met = np.maximum(ndtr(far), 1e-300)
    assessment = mean - views.spread * ndtri(met * even[1])
    score = views.r_score * centre + z
    regressed, sd = _quality_given(channel, views, score[None, None], assessment[None, None])
    return score, assessment, regressed.ravel() + sd * ndtri(even[2]), met


def assessment_quantiles(channels: Channels, views: Views, count: int) -> Floats:
    """[count] quantiles of the assessments of the leads that pass, at 0, 1 / (count - 1), ..., 1."""
    edge = float(np.abs(channels.quality).max()) + REACH
    grid = np.linspace(-edge, edge, 2001)
    if views.one:
        above = np.array([accepted_share(channels, views, cut) for cut in grid])
    else:
        _, weights, mean = _passed(channels, views)
        above = np.tensordot(ndtr((mean[..., None] - grid) / views.spread), weights, axes=([0, 1], [0, 1]))
    wanted = np.linspace(0.0, 1.0, count)
    if not above[0] > 0.0:  # nobody passes: what an average lead would be judged like
        return np.clip(ndtri(wanted), -edge, edge)
    reached = 1.0 - above / above[0]
    rising = np.concatenate(([True], np.diff(reached) > 0.0))
    inner = np.clip(wanted, 1e-6, 1.0 - 1e-6)  # the far ends of a normal say nothing
    return np.interp(inner, reached[rising], grid[rising])


def intercept(log_odds: Floats, weights: Floats, rate: float) -> float:
    """b such that the weighted mean of logistic(b + log_odds) is `rate`; +inf for 1, -inf for 0.

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
    """P(win | Q) of a lead that meets every stage once, without effects: a product of logistic curves."""

    def chance(quality: Floats) -> Floats:
        product = np.ones_like(quality)
        for b, slope in zip(intercepts, log_quality_odds, strict=True):
            product *= expit(b + slope * quality)
        return product

    return chance


def _passed(channels: Channels, views: Views) -> tuple[Floats, Floats, Floats]:
    """[channels, nodes] u of the leads that pass, share of all leads each stands for, and mean of A given u."""
    fine = 1.0 if views.one else min(12.0, max(1.0, _WIDE / views.spread))
    z, shares = _above(channels.bar - channels.bias - views.r_score * channels.quality, fine)
    centre = views.r_score * channels.quality[:, None]
    mean = views.r_assessment * channels.quality[:, None] + views.agreement * z
    return centre + z, channels.weights[:, None] * shares, mean


def _above(low: Floats, fine: float = 1.0) -> tuple[Floats, Floats]:
    """[..., nodes] values of a standard normal above `low`, and the share that each stands for.

    The range ends where the density has fallen off from its highest; `fine` multiplies the number of nodes.
    """
    start = np.clip(low, -_TAIL, REACH)[..., None]
    length = np.maximum(start, 0.0) + _TAIL - start
    nodes = legendre(int(fine * (_NODES + _NODES_PER_SD * float(length.max()))))
    z = start + length * nodes.at
    return z, np.asarray(length * nodes.weights * density(z))


def _raised(channels: Channels, views: Views, cut: float) -> Channels:
    """The channels with their bars raised to where the assessment, a copy of the score, reaches the cut."""
    needed = (cut - views.r_assessment * channels.quality) / views.agreement + views.r_score * channels.quality
    return channels._replace(bar=np.maximum(channels.bar, needed + channels.bias))


def _quality_given(channels: Channels, views: Views, score: Floats, assessment: Floats) -> tuple[Floats, float]:
    """Mean and sd of Q given u and A ([channels, ...]): the regression of a trivariate normal."""
    r, r_a, rho = views
    if views.one:
        on_score, on_assessment = r, 0.0
    else:
        left = 1.0 - rho * rho
        on_score, on_assessment = (r - rho * r_a) / left, (r_a - rho * r) / left
    sd = sqrt(max(0.0, 1.0 - on_score * r - on_assessment * r_a))
    centre = channels.quality[:, None, None]
    mean = centre + on_score * (score - r * centre) + on_assessment * (assessment - r_a * centre)
    return np.asarray(mean), sd
