"""A typed score in the numbers of a plan: leads of the base, accuracy, and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isnan, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from simfunnel.arrays import Floats
from simfunnel.distributions.elementary import log
from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.plan.arrivals import weekly_volume
from simfunnel.plan.frame import Frame
from simfunnel.plan.today.calibration import DIGITS, Calibration
from simfunnel.plan.today.exact import log_skill
from simfunnel.scenario.checks import agreement_problem
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.qualification import Accuracy
from simfunnel.scenario.model import Scenario
from simfunnel.theory import accuracy as theory
from simfunnel.theory.selection import Channels, Views, WinChance, accepted, agreement_range, bar_for_share

_STRONGEST = 5.0  # sd of true quality beyond which a channel's mean is not looked for


def qualities(frame: Frame, calibration: Calibration) -> Floats:
    """[phases, channels] mean of Q: the channel's quality minus the base's centre.

    A quality that is typed counts as typed; a `win_rate` that a lever changes moves the quality to where the base's
    integrals give that rate against the base's own.
    """
    rows = [
        [quality_of(frame.base, calibration, name, frame.channel(phase, name)) for name in frame.channels]
        for phase in range(len(frame.scenarios))
    ]
    return np.array(rows) - calibration.centre


def base_qualities(frame: Frame, calibration: Calibration) -> Floats:
    """[channels] mean of Q on the base; of a channel that the base lacks, as it first appears."""
    known = [calibration.of_channel(name) for name in frame.channels]
    first = qualities(frame, calibration)[0]
    found = [
        new if at is None else calibration.qualities[at] - calibration.centre
        for at, new in zip(known, first.tolist(), strict=True)
    ]
    return np.array(found)


def quality_of(base: Scenario, calibration: Calibration, name: str, channel: Channel) -> float:
    """Mean quality of one channel, on the typed scale."""
    at = calibration.of_channel(name)
    if channel.quality is not None:
        return channel.quality
    if channel.win_rate is None:
        return 0.0
    before = base.channels.get(name)
    if at is not None and before is not None and before.win_rate == channel.win_rate:
        return calibration.qualities[at]
    return _quality_for_win_rate(base, calibration, name, channel.win_rate)


def _quality_for_win_rate(base: Scenario, calibration: Calibration, name: str, rate: float) -> float:
    """The quality at which the channel's wins per lead, by integrals on the base, are `rate` times the factor left."""
    at = calibration.of_channel(name)
    before = base.channels[name].win_rate if name in base.channels else None
    if at is not None and before:
        goal = rate / before * _wins_per_lead(base, calibration, name, calibration.qualities[at])
    else:
        factor = calibration.win_rate_factor
        goal = rate * (1.0 if isnan(factor) else factor)
    worst, best = (_wins_per_lead(base, calibration, name, q) for q in (-_STRONGEST, _STRONGEST))
    if not worst <= goal <= best:
        rule = f"is beyond any quality of leads: at today's stage rates from {worst:.2%} to {best:.2%} of them win"
        raise ScenarioError([Problem(("channels", name, "win_rate"), rate, rule, "write a rate between, or a quality")])
    found = brentq(lambda q: _wins_per_lead(base, calibration, name, q) - goal, -_STRONGEST, _STRONGEST, xtol=1e-9)
    return round(float(found), DIGITS)


def _wins_per_lead(base: Scenario, calibration: Calibration, name: str, quality: float) -> float:
    at = calibration.of_channel(name)
    r = calibration.r_score
    mixture = Mixture((name,), np.ones(1), np.zeros(1), calibration.quality_variance)
    per_unit = mixture.per_unit(base.score.sd, r)
    threshold = min(calibration.thresholds) if at is None else calibration.thresholds[at]
    bias = 0.0 if at is None else calibration.score_bias[at]
    more = np.array([bias / per_unit])
    bar = far_bars(np.array([(threshold - base.score.mean) / per_unit]), more)
    one = Channels(np.ones(1), np.array([quality - calibration.centre]), more, bar)
    sample = accepted(one, Views(r, calibration.r_assessment, calibration.agreement), calibration.cut)
    weights = sample.weights
    for stage, b in zip(base.stages, calibration.intercepts, strict=True):
        skill = log_skill(base, name, stage.name) if name in base.channels else 0.0
        weights = weights * expit(b + log(stage.quality_odds) * sample.quality + skill)
    return float(weights.sum())


SCORE_PATH: Path = ("score", "accuracy")
ASSESSMENT_PATH: Path = ("acceptance", "accuracy")
_ROUNDING = 1e-6


def score_correlation(typed: Accuracy, win: WinChance, channels_at: Callable[[float], Channels]) -> float:
    """Correlation of the score with true quality; `channels_at` gives biases and bars at a correlation."""

    def all_leads(r: float) -> float:
        return theory.score_auc(channels_at(r), r, win)

    def among_mqls(r: float) -> float:
        return theory.score_auc(channels_at(r), r, win, among_passed=True)

    return _correlation(typed, SCORE_PATH, all_leads, among_mqls)


def assessment_correlation(
    typed: Accuracy, agreement: float | None, win: WinChance, channels: Channels, r_score: float
) -> float:
    """Correlation of sales' judgement with true quality."""

    def views(r: float) -> Views:
        return Views(r_score, r, nearest_agreement(r_score, r, agreement))

    def all_leads(r: float) -> float:
        return theory.assessment_auc(channels, views(r), win)

    def among_mqls(r: float) -> float:
        return theory.assessment_auc(channels, views(r), win, among_passed=True)

    return _correlation(typed, ASSESSMENT_PATH, all_leads, among_mqls)


def nearest_agreement(r_score: float, r_assessment: float, typed: float | None) -> float:
    """The agreement typed, moved into what is possible; that of independent judges (r_S r_A) when none is typed."""
    low, high = agreement_range(r_score, r_assessment)
    return r_score * r_assessment if typed is None else min(max(typed, low), high)


def checked_agreement(r_score: float, r_assessment: float, typed: float | None) -> float:
    """The agreement typed or assumed; ScenarioError with the possible range when it is impossible."""
    nearest = nearest_agreement(r_score, r_assessment, typed)
    if typed is not None and abs(nearest - typed) > _ROUNDING:
        problem = agreement_problem(r_score, r_assessment, typed)
        if problem is not None:
            raise ScenarioError([problem])
    return nearest


def noise_weights(views: Views) -> tuple[float, float]:
    """(a, n) of A = r_A Q + a e_S + n e_A, such that A has the correlations asked for."""
    spare = 1.0 - views.r_score * views.r_score
    a = (views.agreement - views.r_score * views.r_assessment) / sqrt(spare) if spare > 1e-12 else 0.0
    return a, sqrt(max(0.0, 1.0 - views.r_assessment * views.r_assessment - a * a))


def _correlation(
    typed: Accuracy, path: Path, all_leads: Callable[[float], float], among_mqls: Callable[[float], float]
) -> float:
    known = typed.typed_correlation
    if known is not None:
        return known
    kind, auc, integral = (
        ("auc", typed.auc, all_leads) if typed.auc is not None else ("auc_among_mqls", typed.auc_among_mqls, among_mqls)
    )
    try:
        return theory.correlation_for_auc(integral, auc if auc is not None else 0.5)
    except theory.OutOfReachError as reach:
        raise ScenarioError([_out_of_reach((*path, kind), auc, reach)]) from None
    except theory.NobodyLosesError:
        rule = "has no meaning when every lead that is worked wins, or none does"
        raise ScenarioError([Problem((*path, kind), auc, rule, "write a correlation instead")]) from None


def _out_of_reach(path: Path, auc: float | None, reach: theory.OutOfReachError) -> Problem:
    if auc is not None and auc > reach.highest:
        rule = (
            f"is above {reach.highest:.3f}, which is what a perfect view of true quality would reach: "
            "the quality odds are too weak, most of winning is luck"
        )
        return Problem(path, auc, rule, f"write at most {reach.highest:.3f}, or raise quality_odds of the stages")
    rule = f"is below {reach.lowest:.3f}, which the differences between channels give to a view that sees nothing else"
    return Problem(path, auc, rule, f"write at least {reach.lowest:.3f}, or bring the channels' qualities together")


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
