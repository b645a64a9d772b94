"""Levers on today's leads: what a phase changes about their quality, their score and how sales judges them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from simfunnel.arrays import Floats
from simfunnel.distributions.elementary import log
from simfunnel.errors import Problem, ScenarioError
from simfunnel.plan.frame import Frame
from simfunnel.plan.today import population
from simfunnel.plan.today.calibration import DIGITS, Calibration
from simfunnel.plan.today.exact import log_skill
from simfunnel.plan.today.stream import Stream
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.model import Scenario
from simfunnel.theory.selection import Population, accepted, cut_for_rate, win_chance

STRONGEST = 5.0  # sd of true quality beyond which a channel's mean is not looked for


class PhaseView(NamedTuple):
    """New leads of one phase as marketing scores and sales judges them; a judgement from `cut` on is accepted."""

    leads: Population
    cut: float  # -inf: nobody is judged

    @property
    def noise(self) -> tuple[float, float]:
        """(a, n) of A = r_A Q + a e_S + n e_A, such that A has the correlations asked for."""
        r, r_a = self.leads.r_score, self.leads.r_assessment
        spare = 1.0 - r * r
        a = (self.leads.agreement - r * r_a) / sqrt(spare) if spare > 1e-12 else 0.0
        return a, sqrt(max(0.0, 1.0 - r_a * r_a - a * a))


class Today:
    """The calibrated base over all channels of a plan, which every phase refers to.

    A channel that the base lacks weighs nothing; its threshold is the base's default, or the lowest there is.
    """

    def __init__(self, frame: Frame, calibration: Calibration) -> None:
        self.frame, self.base, self.calibration, self.names = frame, frame.base, calibration, frame.channels
        self.slopes = tuple(log(stage.quality_odds) for stage in self.base.stages)
        self.visits = tuple(stage.visit for stage in self.base.stages)
        self.win = win_chance(calibration.intercepts, self.slopes)
        weights = np.array([self._known(calibration.weights, name, 0.0) for name in self.names])
        lowest, quality, thresholds = min(calibration.thresholds), [], []
        for name in self.names:
            at, default = calibration.of_channel(name), self.base.qualification.threshold_of(name)
            # on the typed scale; of a channel that the base lacks, as it first appears
            known = self._quality(name, frame.channel(0, name)) if at is None else calibration.qualities[at]
            quality.append(known)
            thresholds.append(self._known(calibration.thresholds, name, lowest if default is None else default))
        self.leads = self._seen(self.names, quality, thresholds, weights)

    def _seen(self, names: Sequence[str], quality: list[float], threshold: list[float], weights: Floats) -> Population:
        """Leads of some channels as the base sees them; `quality` on the typed scale."""
        known = self.calibration
        return Population(
            weights,
            np.array(quality) - known.centre,
            np.array([self._known(known.score_bias, name, 0.0) for name in names]),
            np.array(threshold),
            known.r_score,
            known.r_assessment,
            known.agreement,
            self.base.score.mean,
            population.points_per_unit(self.base.score.sd, known.r_score, known.quality_variance),
        )

    def plain_intercepts(self) -> tuple[float, ...]:
        """Solve intercepts at which today's accepted leads convert as typed by selection and skill alone.

        The base's own intercepts also hold the mean of effects (a late first contact, a full desk), which nobody knows
        before simulating.
        """
        skills = np.array([self._skills(name) for name in self.names])
        stream = Stream(accepted(self.leads, self.calibration.cut), self.slopes, self.visits, skills)
        return stream.intercepts([stage.conversion for stage in self.base.stages])

    def view(self, phase: int) -> PhaseView:
        """Return the new leads of a phase: what its levers make of today's."""
        scenario = self.frame.scenarios[phase]
        r_score = self._r_score(scenario)
        r_assessment, agreement = self._judges(scenario, r_score)
        leads = self.leads._replace(
            quality=self.qualities(phase),
            bias=self._bias(scenario),
            threshold=self._thresholds(scenario),
            r_score=r_score,
            r_assessment=r_assessment,
            agreement=agreement,
            mean=scenario.score.mean,
            per_unit=population.points_per_unit(scenario.score.sd, r_score, self.calibration.quality_variance),
        )
        return PhaseView(leads, self._cut(scenario, r_assessment))

    # --- true quality -------------------------------------------------------------------------------------------------

    def qualities(self, phase: int) -> Floats:
        """Return [channels] mean of Q in a phase: the channel's quality minus the base's centre.

        A quality that is typed counts as typed; a `win_rate` that a lever changes moves the quality to where the base's
        integrals give that rate against the base's own.
        """
        found = [self._quality(name, self.frame.channel(phase, name)) for name in self.names]
        return np.array(found) - self.calibration.centre

    def _quality(self, name: str, channel: Channel) -> float:
        """Mean quality of a channel, on the typed scale.

        By a win rate that is not the base's: that at which the channel's wins per lead, by integrals on the base, are
        the rate times the factor.
        """
        at, rate = self.calibration.of_channel(name), channel.win_rate
        before = self.base.channels[name].win_rate if name in self.base.channels else None
        if channel.quality is not None:
            return channel.quality
        if rate is None:
            return 0.0
        if at is not None and before == rate:
            return self.calibration.qualities[at]
        if at is not None and before:
            goal = rate / before * self._wins_per_lead(name, self.calibration.qualities[at])
        else:
            factor = self.calibration.win_rate_factor
            goal = rate * (1.0 if isnan(factor) else factor)
        worst, best = (self._wins_per_lead(name, q) for q in (-STRONGEST, STRONGEST))
        if not worst <= goal <= best:
            rule = f"is beyond any quality of leads: at today's stage rates from {worst:.2%} to {best:.2%} of them win"
            problem = Problem(("channels", name, "win_rate"), rate, rule, "write a rate between, or a quality")
            raise ScenarioError([problem])
        found = brentq(lambda q: self._wins_per_lead(name, q) - goal, -STRONGEST, STRONGEST, xtol=1e-9)
        return round(float(found), DIGITS)

    def _wins_per_lead(self, name: str, quality: float) -> float:
        known = self.calibration
        threshold = self._known(known.thresholds, name, min(known.thresholds))
        one = self._seen([name], [quality], [threshold], np.ones(1))
        stream = Stream(accepted(one, known.cut), self.slopes, self.visits, np.array([self._skills(name)]))
        return float(stream.wins(known.intercepts).sum())

    def _skills(self, name: str) -> list[float]:
        there = name in self.base.channels
        return [log_skill(self.base, name, stage) if there else 0.0 for stage in self.base.stage_names]

    # --- the score ----------------------------------------------------------------------------------------------------

    def _known(self, values: tuple[float, ...], name: str, otherwise: float) -> float:
        """A channel's entry of what calibration found."""
        at = self.calibration.of_channel(name)
        return otherwise if at is None else values[at]

    def _r_score(self, scenario: Scenario) -> float:
        if scenario.score.accuracy == self.base.score.accuracy:
            return self.calibration.r_score

        def rescaled(r_score: float) -> Population:
            """Today's leads at another accuracy; bias and thresholds stay."""
            per_unit = population.points_per_unit(self.base.score.sd, r_score, self.calibration.quality_variance)
            return self.leads._replace(r_score=r_score, per_unit=per_unit)

        return round(population.score_correlation(scenario.score.accuracy, self.win, rescaled), DIGITS)

    def _bias(self, scenario: Scenario) -> Floats:
        rates, biases = (population.typed(scenario, self.names, name) for name in ("mql_rate", "score_bias"))
        today = self.leads
        new = ~np.isnan(rates) & ~np.equal(rates, population.typed(self.base, self.names, "mql_rate"))
        centres = today.mean + today.per_unit * today.r_score * today.quality
        solved = population.bias_for_rates(centres, today.threshold, today.per_unit, np.where(new, rates, np.nan))
        bias = np.where(np.isnan(rates), np.nan_to_num(biases), today.bias)
        return np.where(new, np.round(solved, DIGITS), bias)

    def _thresholds(self, scenario: Scenario) -> Floats:
        rate = scenario.qualification.mql_rate
        if rate is not None and rate != self.base.qualification.mql_rate:
            return np.round(population.thresholds_for_rate(self.leads, rate), DIGITS)
        found = [scenario.qualification.threshold_of(name) for name in self.names]
        return np.array([old if new is None else new for new, old in zip(found, self.leads.threshold, strict=True)])

    # --- sales' judgement ---------------------------------------------------------------------------------------------

    def _judges(self, scenario: Scenario, r_score: float) -> tuple[float, float]:
        """(r_A, agreement) of a phase."""
        acceptance, before = scenario.acceptance, self.base.acceptance
        if acceptance is None:
            return 0.0, 0.0
        if before is not None and acceptance.accuracy == before.accuracy:
            r_assessment = self.calibration.r_assessment
        else:
            r_assessment = round(population.assessment_correlation(acceptance, self.win, self.leads), DIGITS)
        return r_assessment, population.checked_agreement(r_score, r_assessment, acceptance.agreement)

    def _cut(self, scenario: Scenario, r_assessment: float) -> float:
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
        agreement = population.nearest_agreement(self.leads.r_score, r_assessment, acceptance.agreement)
        judged = self.leads._replace(r_assessment=r_assessment, agreement=agreement)
        return round(cut_for_rate(judged, acceptance.rate), DIGITS)
