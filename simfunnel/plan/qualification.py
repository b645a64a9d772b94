"""Thresholds, acceptance and nurture of a scenario in the numbers of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TypedDict

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions import Dist, constant, never
from simfunnel.distributions.elementary import log
from simfunnel.plan.calendars import business_day
from simfunnel.plan.model import TO_DISQUALIFIED, TO_LOST, TO_NURTURE
from simfunnel.plan.score import (
    Mixture,
    Scale,
    assessment_correlation,
    bias_for_rates,
    checked_agreement,
    nearest_agreement,
    noise_weights,
    score_correlation,
    thresholds_for_rate,
    typed,
)
from simfunnel.plan.stages import calendar_at, on_clock
from simfunnel.plan.today.calibration import DIGITS, Calibration
from simfunnel.scenario.fields.qualification import Acceptance
from simfunnel.scenario.model import Scenario
from simfunnel.theory.selection import Channels, Views, WinChance, cut_for_rate, pass_shares, win_chance

WHERE_TO = {"nurture": TO_NURTURE, "disqualified": TO_DISQUALIFIED, "lost": TO_LOST}


@dataclass(frozen=True)
class Judgement:
    """The score's scale and the assessment of one phase."""

    scale: Scale
    views: Views
    accepts: bool
    cut: float

    @property
    def noise(self) -> tuple[float, float]:
        """(a, n): the weights of e_S and e_A in the assessment."""
        return noise_weights(self.views)


@dataclass(frozen=True)
class Today:
    """The base as every phase refers to it: its mixture over all channels of the plan, its scale and its constants."""

    base: Scenario
    calibration: Calibration
    mixture: Mixture
    scale: Scale

    @cached_property
    def win(self) -> WinChance:
        """P(win | Q) with the base's intercepts."""
        return win_chance(self.calibration.intercepts, [log(stage.quality_odds) for stage in self.base.stages])

    @property
    def channels(self) -> Channels:
        """The base's mixture in the units of selection integrals."""
        return self.scale.channels(self.mixture)

    def judgement(self, scenario: Scenario) -> Judgement:
        """Score and assessment of a phase."""
        r_score = self._r_score(scenario)
        scale = self._scale(scenario, r_score)
        views = self._views(scenario, r_score)
        cut = self._cut(scenario, views)
        return Judgement(scale, views, cut != -inf, cut)

    def pass_shares(self, judgement: Judgement, quality: Floats) -> Floats:
        """[channels] P(first score >= threshold) in a phase."""
        scale = judgement.scale
        units = scale.channels(Mixture(self.mixture.names, self.mixture.weights, quality, self.mixture.variance))
        return pass_shares(units, scale.r_score)

    def _r_score(self, scenario: Scenario) -> float:
        accuracy = scenario.score.accuracy
        if accuracy == self.base.score.accuracy:
            return self.calibration.r_score
        return round(score_correlation(accuracy, self.win, lambda r: self._rescaled(r).channels(self.mixture)), DIGITS)

    def _rescaled(self, r_score: float) -> Scale:
        """Today's scale at another accuracy; bias and thresholds stay."""
        per_unit = self.mixture.per_unit(self.base.score.sd, r_score)
        return Scale(self.scale.mean, per_unit, r_score, self.scale.bias, self.scale.threshold)

    def _scale(self, scenario: Scenario, r_score: float) -> Scale:
        names = self.mixture.names
        per_unit = self.mixture.per_unit(scenario.score.sd, r_score)
        rates = typed(scenario, names, "mql_rate")
        new = ~np.isnan(rates) & ~np.equal(rates, typed(self.base, names, "mql_rate"))
        centres = self.scale.centres(self.mixture.quality)
        solved = bias_for_rates(centres, self.scale.threshold, self.scale.per_unit, np.where(new, rates, np.nan))
        bias = np.where(np.isnan(rates), np.nan_to_num(typed(scenario, names, "score_bias")), self.scale.bias)
        settled = np.where(new, np.round(solved, DIGITS), bias)
        return Scale(scenario.score.mean, per_unit, r_score, settled, self._thresholds(scenario))

    def _thresholds(self, scenario: Scenario) -> Floats:
        rate = scenario.qualification.mql_rate
        if rate is not None and rate != self.base.qualification.mql_rate:
            return np.round(thresholds_for_rate(self.mixture, self.scale, rate), DIGITS)
        found = [scenario.qualification.threshold_of(name) for name in self.mixture.names]
        return np.array([old if new is None else new for new, old in zip(found, self.scale.threshold, strict=True)])

    def _views(self, scenario: Scenario, r_score: float) -> Views:
        acceptance = scenario.acceptance
        if acceptance is None:
            return Views(r_score, 0.0, 0.0)
        r_assessment = self._r_assessment(acceptance, r_score)
        return Views(r_score, r_assessment, checked_agreement(r_score, r_assessment, acceptance.agreement))

    def _r_assessment(self, acceptance: Acceptance, r_score: float) -> float:
        before = self.base.acceptance
        if before is not None and acceptance.accuracy == before.accuracy:
            return self.calibration.r_assessment
        r_today = self.calibration.r_score
        found = assessment_correlation(acceptance.accuracy, acceptance.agreement, self.win, self.channels, r_today)
        return round(found, DIGITS)

    def _cut(self, scenario: Scenario, views: Views) -> float:
        acceptance, before = scenario.acceptance, self.base.acceptance
        if acceptance is None or acceptance.rate >= 1.0:
            return -inf
        if before is not None and acceptance.rate == before.rate:
            return self.calibration.cut
        if acceptance.rate <= 0.0:
            return inf
        if before is not None:
            return round(self.calibration.assessment_at(1.0 - acceptance.rate), DIGITS)
        # The base has no acceptance step: the cut is that of a judge with the new view of today's first contacts.
        r = self.scale.r_score
        agreement = nearest_agreement(r, views.r_assessment, acceptance.agreement)
        return round(cut_for_rate(self.channels, Views(r, views.r_assessment, agreement), acceptance.rate), DIGITS)


def today(base: Scenario, calibration: Calibration, names: tuple[str, ...], quality: Floats) -> Today:
    """The base over all channels of a plan; `quality` holds their means, centre subtracted.

    A channel that the base lacks weighs nothing; its threshold is the base's default, or the lowest there is.
    """
    position = [calibration.of_channel(name) for name in names]
    weights = np.array([0.0 if at is None else calibration.weights[at] for at in position])
    mixture = Mixture(names, weights, quality, calibration.quality_variance)
    r_score = calibration.r_score
    usual = min(calibration.thresholds)
    defaults = [base.qualification.threshold_of(name) for name in names]
    threshold = np.array(
        [
            calibration.thresholds[at] if at is not None else usual if default is None else default
            for at, default in zip(position, defaults, strict=True)
        ]
    )
    bias = np.array([0.0 if at is None else calibration.score_bias[at] for at in position])
    scale = Scale(base.score.mean, mixture.per_unit(base.score.sd, r_score), r_score, bias, threshold)
    return Today(base, calibration, mixture, scale)


def acceptance_effort(scenario: Scenario) -> tuple[Dist, float]:
    """(hours of work on a rejected contact, share of the task's effort); the share is -1 when a duration is typed."""
    acceptance = scenario.acceptance
    if acceptance is None:
        return constant(0.0), -1.0
    if isinstance(acceptance.effort, float):
        return constant(0.0), acceptance.effort
    day = business_day(calendar_at(scenario, scenario.stage_names[0]))
    return acceptance.effort.compile(day)._replace(working=False), -1.0


class NurtureRules(TypedDict):
    """The fields of a Phase that nurture fills."""

    nurtures: bool
    nurture_delay: Dist
    score_lift: Dist
    quality_lift: Dist
    opt_out: float
    cycles: int
    nurture_patience: Dist
    nurture_cost: float


def nurture_rules(scenario: Scenario) -> NurtureRules:
    """The programme of a phase; without one nobody enters."""
    nurture = scenario.nurture
    if nurture is None:
        return NurtureRules(
            nurtures=False,
            nurture_delay=constant(0.0),
            score_lift=constant(0.0),
            quality_lift=constant(0.0),
            opt_out=0.0,
            cycles=0,
            nurture_patience=never(),
            nurture_cost=0.0,
        )
    first = scenario.stage_names[0]
    day = business_day(calendar_at(scenario, first))
    return NurtureRules(
        nurtures=True,
        nurture_delay=on_clock(nurture.delay.compile(day), scenario, first),
        score_lift=nurture.score_lift.compile(),
        quality_lift=constant(0.0) if nurture.quality_lift is None else nurture.quality_lift.compile(),
        opt_out=nurture.opt_out,
        cycles=nurture.cycles,
        nurture_patience=nurture.patience.compile(day),
        nurture_cost=nurture.cost,
    )
