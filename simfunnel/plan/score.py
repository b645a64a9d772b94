"""The score in points: its scale, each channel's bias and threshold, on the base and as levers move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simfunnel.errors import MISSING, Problem, ScenarioError
from simfunnel.plan.arrivals import weekly_volume
from simfunnel.scenario.model import Scenario
from simfunnel.theory.selection import Channels, bar_for_share

Floats = NDArray[np.float64]

_FAR = 60.0  # sd: a bias or bar beyond this decides alone
_CONTRADICTION = 5e-3  # share by which typed MQL rates may miss the overall one, for rounding


@dataclass(frozen=True)
class Mixture:
    """Channels as a mixture of today's leads; arrays have one entry a channel."""

    names: tuple[str, ...]
    weights: Floats  # by typed weekly volume, adding up to 1
    quality: Floats  # means of Q: the channel's quality minus the centre
    variance: float  # V, of the channels' qualities

    def per_unit(self, sd: float, r_score: float) -> float:
        """Points per unit of r_S Q + sqrt(1 - r_S^2) e_S, such that today's scores have the sd typed."""
        return sd / sqrt(1.0 + r_score * r_score * self.variance)


@dataclass(frozen=True)
class Scale:
    """S = mean + per_unit x (r_S Q + sqrt(1 - r_S^2) e_S) + bias; arrays have one entry a channel, in points."""

    mean: float
    per_unit: float
    r_score: float
    bias: Floats
    threshold: Floats

    def centres(self, quality: Floats) -> Floats:
        """[channels] mean scores, bias not included."""
        return np.asarray(self.mean + self.per_unit * self.r_score * quality)

    def channels(self, mixture: Mixture) -> Channels:
        """The mixture with biases and bars in the units of selection integrals."""
        bias = self.bias / self.per_unit
        return Channels(
            mixture.weights, mixture.quality, bias, far_bars((self.threshold - self.mean) / self.per_unit, bias)
        )


def far_bars(bars: Floats, bias: Floats) -> Floats:
    """Bars in units of u, those out of sight of what is scored (bias included) moved to where they still decide."""
    return np.asarray(np.where(np.abs(bars - bias) <= _FAR, bars, bias + np.clip(bars - bias, -_FAR, _FAR)))


def typed_weights(scenario: Scenario, names: Sequence[str]) -> Floats:
    """Shares of the channels by typed weekly volume (lists by their means, campaigns not counted).

    Without any volume by the counts of the opening pipeline, without that alike; 0 for a name that the scenario lacks.
    """
    volumes = weekly_volumes(scenario, names)
    if not volumes.sum() > 0.0:
        volumes = opening_counts(scenario, names).sum(axis=1)
    total = float(volumes.sum())
    return volumes / total if total > 0.0 else np.full(len(names), 1.0 / len(names))


def weekly_volumes(scenario: Scenario, names: Sequence[str]) -> Floats:
    """[names] leads a week as typed (lists by their means, campaigns not counted); 0 for a name that is not there."""
    there = scenario.channels
    return np.array([weekly_volume(there[name], scenario.calendar) if name in there else 0.0 for name in names])


def opening_counts(scenario: Scenario, names: Sequence[str]) -> Floats:
    """[names, stages] leads of the opening pipeline."""
    counts = np.zeros((len(names), len(scenario.stages)))
    places, stages = {name: at for at, name in enumerate(names)}, scenario.stage_names
    for row in scenario.opening_pipeline or ():
        if row.channel in places:
            counts[places[row.channel], stages.index(row.stage)] += row.count
    return counts


def base_scale(scenario: Scenario, mixture: Mixture, r_score: float) -> Scale:
    """Today's scale; an overall `mql_rate` is solved by a common threshold, a channel's own by its bias."""
    per_unit = mixture.per_unit(scenario.score.sd, r_score)
    rates = typed(scenario, mixture.names, "mql_rate")
    bias = np.nan_to_num(typed(scenario, mixture.names, "score_bias"))
    centres = scenario.score.mean + per_unit * r_score * mixture.quality
    threshold = _base_thresholds(scenario, mixture, centres + bias, per_unit, rates)
    solved = bias_for_rates(centres, threshold, per_unit, rates)
    return Scale(scenario.score.mean, per_unit, r_score, np.where(np.isnan(rates), bias, solved), threshold)


def bias_for_rates(centres: Floats, threshold: Floats, per_unit: float, rates: Floats) -> Floats:
    """[channels] points of bias with which shares `rates` of the leads reach the threshold; nan where nan."""
    with np.errstate(invalid="ignore"):
        return np.asarray(threshold - centres + per_unit * np.clip(ndtri(rates), -_FAR, _FAR))


def thresholds_for_rate(mixture: Mixture, today: Scale, rate: float) -> Floats:
    """[channels] thresholds at which a share `rate` of today's leads qualifies; they keep their distances."""
    lowest = float(today.threshold.min())
    gaps = today.threshold - lowest if np.isfinite(lowest) else np.zeros(len(today.threshold))
    if rate >= 1.0:
        return np.full(len(gaps), -inf)
    means = (today.centres(mixture.quality) + today.bias - gaps) / today.per_unit
    return np.asarray(gaps + today.per_unit * bar_for_share(mixture.weights, means, rate))


def typed(scenario: Scenario, names: Sequence[str], field: str) -> Floats:
    """[names] a number typed for each channel; nan where nothing is typed or the channel is not there."""
    values = [getattr(scenario.channels.get(name), field, None) for name in names]
    return np.array([np.nan if value is None else float(value) for value in values])


def _base_thresholds(scenario: Scenario, mixture: Mixture, means: Floats, per_unit: float, rates: Floats) -> Floats:
    """Typed thresholds, or the common one that makes the overall rate come out."""
    typed_ones = [scenario.qualification.threshold_of(name) for name in mixture.names]
    rate = scenario.qualification.mql_rate
    if rate is not None:
        return np.full(len(mixture.names), _common_threshold(mixture.weights, means, per_unit, rates, rate))
    missing = [name for name, value in zip(mixture.names, typed_ones, strict=True) if value is None]
    if missing:
        raise ScenarioError([_no_threshold(name) for name in missing])
    return np.array(typed_ones, dtype=np.float64)


def _common_threshold(weights: Floats, means: Floats, per_unit: float, rates: Floats, rate: float) -> float:
    """The threshold at which the channels without a rate of their own make up what is left of the overall rate."""
    own = ~np.isnan(rates)
    promised = float(weights[own] @ rates[own])
    left = float(weights[~own].sum())
    if rate >= 1.0 and not own.any():
        return -inf
    if left <= 1e-12:
        if abs(promised - rate) > _CONTRADICTION:
            raise ScenarioError([_contradiction(rate, promised)])
        return per_unit * bar_for_share(weights, means / per_unit, rate)
    needed = (rate - promised) / left
    if not 0.0 < needed < 1.0:
        raise ScenarioError([_contradiction(rate, promised)])
    return per_unit * bar_for_share(weights[~own] / left, means[~own] / per_unit, needed)


def _contradiction(rate: float, promised: float) -> Problem:
    rule = f"contradicts the channels' own mql_rates, which by volume make {promised:.1%} of all leads qualify"
    return Problem(("qualification", "mql_rate"), rate, rule, "change one of the rates, or drop a channel's own")


def _no_threshold(name: str) -> Problem:
    rule = f"says nothing for the channel {name}"
    return Problem(("qualification", "threshold"), MISSING, rule, f"add {name}, or a default", at="parent")
