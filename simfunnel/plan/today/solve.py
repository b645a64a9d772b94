"""The constants of a base by integrals alone: final when nothing in the simulation selects, else where pilots start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, inf, nan

import numpy as np
from scipy.special import expit

from simfunnel.arrays import Floats
from simfunnel.distributions.elementary import log
from simfunnel.plan.score import (
    Mixture,
    Scale,
    assessment_correlation,
    base_scale,
    checked_agreement,
    nearest_agreement,
    opening_counts,
    score_correlation,
    typed,
    typed_weights,
    weekly_volumes,
)
from simfunnel.plan.today.calibration import OPEN_LEAD_COLUMNS, QUANTILES, Calibration
from simfunnel.plan.today.exact import log_skill, what_selects
from simfunnel.plan.today.opening import ENOUGH_OPEN, Stream, arriving, rows_reaching
from simfunnel.scenario.model import Scenario
from simfunnel.theory import selection
from simfunnel.theory.selection import Channels, Sample, Views, WinChance, win_chance

_ROUNDS = 60
_CLOSE = 1e-9
_STRONGEST = 5.0  # sd of true quality beyond which a channel's mean is not looked for


@dataclass(frozen=True)
class Constants:
    """What is solved together; arrays follow channels (quality) and stages (intercepts)."""

    quality: Floats  # as typed or solved, centre not subtracted
    intercepts: tuple[float, ...]
    r_score: float
    r_assessment: float
    cut: float
    factor: float = nan

    def distance(self, other: Constants) -> float:
        """Largest change of any constant; infinite constants that stay count as 0."""
        here, there = self._flat(), other._flat()
        with np.errstate(invalid="ignore"):
            return float(np.nanmax(np.where(here == there, 0.0, np.abs(here - there))))

    def _flat(self) -> Floats:
        return np.array([*self.quality, *self.intercepts, self.r_score, self.r_assessment, self.cut])


class Base:
    """A base scenario as the solver sees it: names, weights, rates and skills as arrays, channels sorted by name."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names = tuple(sorted(scenario.channels))
        self.weights = typed_weights(scenario, self.names)
        self.win_rates = typed(scenario, self.names, "win_rate")
        self.rates = tuple(stage.conversion for stage in scenario.stages)
        self.slopes = tuple(log(stage.quality_odds) for stage in scenario.stages)
        stages = scenario.stage_names
        self.skills = np.array([[log_skill(scenario, name, stage) for stage in stages] for name in self.names])
        self.opening = opening_counts(scenario, self.names)  # [channels, stages]
        self.new_leads = weekly_volumes(scenario, self.names) * scenario.period.n_days / 7.0  # [channels] in the period
        again = [stage.otherwise.postponed for stage in scenario.stages]
        self.returns = tuple(share if 0.0 < p < 1.0 else 0.0 for share, p in zip(again, self.rates, strict=True))

    def first_guess(self) -> Constants:
        """Qualities as typed, stage rates as those of an average lead, middling views."""
        quality = np.nan_to_num(typed(self.scenario, self.names, "quality"))
        bases = tuple(inf if p >= 1.0 else -inf if p <= 0.0 else log(p / (1.0 - p)) for p in self.rates)
        return Constants(quality, bases, 0.5, 0.5, -inf)

    def mixture(self, quality: Floats) -> Mixture:
        """The mixture of today's leads at some qualities."""
        centred = quality - self.centre(quality)
        return Mixture(self.names, self.weights, centred, fsum(self.weights * centred * centred))

    def centre(self, quality: Floats) -> float:
        """Mean of some qualities over today's leads."""
        return fsum(self.weights * quality)

    def scale(self, mixture: Mixture, win: WinChance) -> Scale:
        """Today's scale, with the accuracy solved when it is typed as an AUC."""
        scenario = self.scenario
        r_score = score_correlation(
            scenario.score.accuracy, win, lambda r: base_scale(scenario, mixture, r).channels(mixture)
        )
        return base_scale(scenario, mixture, r_score)

    def views(self, channels: Channels, r_score: float, win: WinChance, *, strict: bool = False) -> Views:
        """Today's views; an agreement that is impossible is an error only when `strict`, at the end of the search."""
        acceptance = self.scenario.acceptance
        if acceptance is None:
            return Views(r_score, 0.0, 0.0)
        r_assessment = assessment_correlation(acceptance.accuracy, acceptance.agreement, win, channels, r_score)
        settle = checked_agreement if strict else nearest_agreement
        return Views(r_score, r_assessment, settle(r_score, r_assessment, acceptance.agreement))

    def cut(self, channels: Channels, views: Views) -> float:
        """The assessment that the typed share of today's MQLs reaches."""
        acceptance = self.scenario.acceptance
        contacts = arriving(channels, views.r_score, self.new_leads, self.opening)
        return -inf if acceptance is None else selection.cut_for_rate(contacts, views, acceptance.rate)

    def stream(self, sample: Sample, effects: Floats | None = None) -> Stream:
        """Accepted leads on their way through the stages; `effects`: [stages] mean of what pilots add to log-odds."""
        more = np.zeros(len(self.rates)) if effects is None else effects
        return Stream(sample, self.slopes, self.skills + more, self.opening, self.returns)

    def intercepts(self, sample: Sample) -> tuple[float, ...]:
        """Each stage's intercept in turn, on those who reached it."""
        found, stream = [], self.stream(sample)
        for k, rate in enumerate(self.rates):
            found.append(selection.intercept(stream.log_odds(k), stream.weights, rate))
            stream.advance(k, found[-1])
        return tuple(found)

    @property
    def needs_nothing(self) -> bool:
        """Whether no constant has to be solved: every rate is 0% or 100%, nothing is typed as an AUC or a win rate."""
        scenario = self.scenario
        views = [scenario.score.accuracy, *([scenario.acceptance.accuracy] if scenario.acceptance else [])]
        rates = [*self.rates, *([scenario.acceptance.rate] if scenario.acceptance else [])]
        fixed = all(rate in (0.0, 1.0) for rate in rates) and all(view.typed_correlation is not None for view in views)
        return fixed and bool(np.isnan(self.win_rates).all()) and not scenario.opening_pipeline


@dataclass(frozen=True)
class Sight:
    """What today's leads look like to marketing and sales, given qualities and intercepts."""

    mixture: Mixture
    scale: Scale
    channels: Channels
    views: Views


def see(base: Base, quality: Floats, intercepts: Sequence[float], *, strict: bool = False) -> Sight:
    """Mixture, scale and views at some qualities and intercepts; impossible agreements are errors when `strict`."""
    mixture = base.mixture(quality)
    win = win_chance(intercepts, base.slopes)
    scale = base.scale(mixture, win)
    channels = scale.channels(mixture)
    return Sight(mixture, scale, channels, base.views(channels, scale.r_score, win, strict=strict))


def static_calibration(scenario: Scenario) -> Calibration:
    """The base's constants by selection integrals, with `exact` where they are final (MODEL 9).

    Intercepts, cut, accuracies typed as AUC, biases and thresholds typed as rates and qualities typed as win rates
    depend on each other and are solved in turn until none moves. ScenarioError when something typed is impossible.
    """
    base = Base(scenario)
    exact = base.needs_nothing or not what_selects(scenario)
    constants = static_constants(base)
    return with_open_leads(base, constants, calibration_of(base, constants, exact=exact))


def static_constants(base: Base, start: Constants | None = None, close: float = _CLOSE) -> Constants:
    """All that is solved, by integrals, until no constant moves by `close`; sooner from a `start` that is near."""
    now = base.first_guess() if start is None else start
    for _ in range(_ROUNDS):
        before, now = now, _improved(base, now)
        if now.distance(before) < close:
            break
    return now


def calibration_of(base: Base, now: Constants, *, exact: bool) -> Calibration:
    """Constants with all that follows from them, rounded; the assessments kept are those of the integrals."""
    sight = see(base, now.quality, now.intercepts, strict=True)
    return Calibration(
        channels=base.names,
        stages=base.scenario.stage_names,
        weights=tuple(base.weights.tolist()),
        qualities=tuple(now.quality.tolist()),
        centre=base.centre(now.quality),
        quality_variance=sight.mixture.variance,
        score_bias=tuple(sight.scale.bias.tolist()),
        thresholds=tuple(sight.scale.threshold.tolist()),
        r_score=sight.views.r_score,
        r_assessment=sight.views.r_assessment,
        agreement=sight.views.agreement,
        intercepts=now.intercepts,
        cut=now.cut,
        assessments=tuple(selection.assessment_quantiles(sight.channels, sight.views, QUANTILES).tolist()),
        win_rate_factor=now.factor,
        exact=exact,
        rates=base.rates,
        rate_errors=(0.0,) * len(base.rates),
        acceptance_rate=1.0 if base.scenario.acceptance is None else base.scenario.acceptance.rate,
    ).rounded()


def with_open_leads(
    base: Base, now: Constants, found: Calibration, seen: Floats | None = None, effects: Floats | None = None
) -> Calibration:
    """The constants with leads to resample the opening pipeline from, at each stage and channel that it names.

    `seen`: open leads of pilots; where they are fewer than enough, leads drawn from the integrals of those that reach
    the stage fill up. `effects`: [stages] mean of what pilots add to the log-odds of a decision.
    """
    rows = np.empty((0, OPEN_LEAD_COLUMNS)) if seen is None else seen
    if not base.opening.any():
        return found
    sight = see(base, now.quality, now.intercepts)
    way = base.stream(selection.accepted(sight.channels, sight.views, now.cut), effects)
    for channel, stage in np.argwhere(base.opening > 0.0).tolist():
        known = int(((rows[:, 3] == stage) & (rows[:, 4] == channel)).sum())
        if known < ENOUGH_OPEN:
            cut = now.cut if stage and now.cut < inf else -inf  # who is open further on was accepted
            drawn = rows_reaching(sight.channels, sight.views, cut, channel, stage, way, now.intercepts)
            rows = np.concatenate([rows, drawn[np.arange(ENOUGH_OPEN - known) * ENOUGH_OPEN // (ENOUGH_OPEN - known)]])
    return replace(found, open_leads=rows).rounded()


def first_contacts(base: Base, now: Constants, sight: Sight, new_leads: Floats) -> Sample:
    """Accepted leads at the first stage: those of `new_leads` [channels], and those open there."""
    channels = arriving(sight.channels, sight.views.r_score, new_leads, base.opening)
    if now.cut == inf and base.opening.any():  # those open further on were accepted, whatever is typed for others
        return selection.accepted(channels._replace(weights=channels.weights * 1e-9), sight.views, -inf)
    return selection.accepted(channels, sight.views, now.cut)


def blank_calibration(base: Base) -> Calibration:
    """Constants that say nothing: for a plan that only has to tell one base from another."""
    zeros = (0.0,) * len(base.names)
    return Calibration(
        channels=base.names,
        stages=base.scenario.stage_names,
        weights=tuple(base.weights.tolist()),
        qualities=zeros,
        centre=0.0,
        quality_variance=0.0,
        score_bias=zeros,
        thresholds=zeros,
        r_score=0.0,
        r_assessment=0.0,
        agreement=0.0,
        intercepts=(0.0,) * len(base.rates),
        cut=0.0,
        assessments=(0.0, 0.0),
        win_rate_factor=nan,
        exact=False,
    )


def _improved(base: Base, now: Constants) -> Constants:
    sight = see(base, now.quality, now.intercepts)
    cut = base.cut(sight.channels, sight.views)
    intercepts = base.intercepts(first_contacts(base, replace(now, cut=cut), sight, base.new_leads))
    found = Constants(now.quality, intercepts, sight.views.r_score, sight.views.r_assessment, cut)
    if np.isnan(base.win_rates).all():
        return found
    wins = win_shares(base, found, sight)
    quality = qualities_from_wins(base, found.quality, wins, wins_growth(base, found, sight))
    return replace(found, quality=quality, factor=factor_left(base, wins))


def win_shares(base: Base, now: Constants, sight: Sight, shift: float = 0.0) -> Floats:
    """[channels] wins per lead by integrals, with the mean qualities moved by `shift`."""
    each = sight.channels._replace(weights=np.ones(len(base.names)), quality=sight.channels.quality + shift)
    at = selection.accepted(each, sight.views, now.cut)
    weights = at.weights
    for k, (b, slope) in enumerate(zip(now.intercepts, base.slopes, strict=True)):
        weights = weights * expit(b + slope * at.quality + base.skills[:, k][:, None])
    return np.asarray(weights.sum(axis=1))


def wins_growth(base: Base, now: Constants, sight: Sight, step: float = 1e-3) -> Floats:
    """[channels] how fast the logarithm of wins per lead grows with the mean quality, all else kept."""
    above, below = (np.log(np.maximum(win_shares(base, now, sight, s), 1e-300)) for s in (step, -step))
    return np.asarray(np.maximum((above - below) / (2.0 * step), 1e-3))


def factor_left(base: Base, wins: Floats) -> float:
    """Wins per lead against the typed win rates: what one common factor cannot but leave."""
    known = ~np.isnan(base.win_rates)
    weights = base.weights[known] + 1e-12
    return float(weights @ wins[known]) / max(float(weights @ base.win_rates[known]), 1e-300)


def qualities_from_wins(base: Base, quality: Floats, wins: Floats, growth: Floats) -> Floats:
    """Qualities after one Newton step towards wins per lead with the typed ratios.

    Only ratios count: the qualities solved have a weighted mean of 0, like channels of which nothing is typed.
    """
    known = ~np.isnan(base.win_rates)
    goal = np.log(np.maximum(base.win_rates[known] * factor_left(base, wins), 1e-300))
    step = np.clip((goal - np.log(np.maximum(wins[known], 1e-300))) / growth[known], -1.0, 1.0)
    weights = base.weights[known] + 1e-12
    moved = quality[known] + step
    found = quality.copy()
    found[known] = np.clip(moved - float(weights @ moved) / float(weights.sum()), -_STRONGEST, _STRONGEST)
    return found
