"""Who a lead is: the mean quality of its channel in each phase, with the base's centre."""

from __future__ import annotations

from math import isnan

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from simfunnel.distributions.elementary import log
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan.calibration import DIGITS, Calibration
from simfunnel.plan.exact import log_skill
from simfunnel.plan.frame import Frame
from simfunnel.plan.score import Mixture, far_bars
from simfunnel.scenario.arrivals import Channel
from simfunnel.scenario.model import Scenario
from simfunnel.theory.selection import Channels, Views, accepted

Floats = NDArray[np.float64]

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
