"""The constants of a base by integrals alone: final when nothing in the simulation selects, else where pilots start.

What is solved, for channels c and stages k, with true quality Q ~ N(q_c, 1) and leads weighted by today's volumes w_c:

    centre      m = sum w_c q_c                             true quality is measured from here
    variance    V = sum w_c (q_c - m)^2
    scale       S = mean + p (r_S Q + sqrt(1 - r_S^2) e_S) + bias_c,   p = sd / sqrt(1 + r_S^2 V) points
    MQL rates   P(S >= threshold_c) = mql_rate              of all leads by the threshold, of a channel by its bias
    accuracy    AUC(S; wins) = accuracy.auc                 r_S, and likewise r_A of the assessment A
    acceptance  P(A >= cut | S >= threshold) = rate
    stages      E[logistic(b_k + log(odds_k) Q + skill_ck) | accepted, advanced before k] = conversion_k
    win rates   P(win | c) = f win_rate_c                   the same f for all channels: the stages say how many win

Each right-hand side is typed; each line is solved for one kind of constant given all others. Win chances depend on the
intercepts b_k and these on who is accepted, so the lines are taken in turn until no constant moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, inf, nan

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.distributions.elementary import log
from simfunnel.plan.today import population
from simfunnel.plan.today.calibration import OPEN_LEAD_COLUMNS, QUANTILES, Calibration
from simfunnel.plan.today.exact import log_skill, what_selects
from simfunnel.plan.today.phase import STRONGEST
from simfunnel.plan.today.stream import ENOUGH_OPEN, Stream, arriving, rows_reaching
from simfunnel.scenario.model import Scenario
from simfunnel.theory import selection
from simfunnel.theory.selection import Population, Sample, win_chance

_ROUNDS = 60
_CLOSE = 1e-9


@dataclass(frozen=True)
class Constants:
    """What is solved together; arrays follow channels (quality) and stages (intercepts)."""

    quality: Floats  # as typed or solved, centre not subtracted
    intercepts: tuple[float, ...]
    r_score: float
    r_assessment: float
    cut: float
    factor: float = nan

    @classmethod
    def of(cls, known: Calibration) -> Constants:
        """Return the constants that a calibration keeps."""
        quality, factor = np.array(known.qualities), known.win_rate_factor
        return cls(quality, known.intercepts, known.r_score, known.r_assessment, known.cut, factor)

    def distance(self, other: Constants) -> float:
        """Return the largest change of any constant; infinite constants that stay count as 0."""
        here, there = (
            np.array([*each.quality, *each.intercepts, each.r_score, each.r_assessment, each.cut])
            for each in (self, other)
        )
        with np.errstate(invalid="ignore"):
            return float(np.nanmax(np.where(here == there, 0.0, np.abs(here - there))))


class Base:
    """A base scenario as the solver sees it: names, weights, rates and skills as arrays, channels sorted by name."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names = tuple(sorted(scenario.channels))
        self.weights = population.typed_weights(scenario, self.names)
        self.win_rates = population.typed(scenario, self.names, "win_rate")
        self.rates = tuple(stage.conversion for stage in scenario.stages)
        self.slopes = tuple(log(stage.quality_odds) for stage in scenario.stages)
        stages = scenario.stage_names
        self.skills = np.array([[log_skill(scenario, name, stage) for stage in stages] for name in self.names])
        self.opening = population.opening_counts(scenario, self.names)  # [channels, stages]
        weekly = population.weekly_volumes(scenario, self.names)
        self.new_leads = weekly * scenario.period.n_days / 7.0  # [channels] in the period
        self.visits = tuple(stage.visit for stage in scenario.stages)

    @property
    def needs_nothing(self) -> bool:
        """Whether no constant has to be solved: every rate is 0% or 100%, nothing is typed as an AUC or a win rate."""
        scenario = self.scenario
        views = [scenario.score.accuracy, *([scenario.acceptance.accuracy] if scenario.acceptance else [])]
        rates = [*self.rates, *([scenario.acceptance.rate] if scenario.acceptance else [])]
        fixed = all(rate in (0.0, 1.0) for rate in rates) and all(view.typed_correlation is not None for view in views)
        return fixed and bool(np.isnan(self.win_rates).all()) and not scenario.opening_pipeline

    def centred(self, quality: Floats) -> Floats:
        """Return means of Q: some qualities less their mean over today's leads."""
        return quality - fsum(self.weights * quality)

    def population(self, quality: Floats, intercepts: Sequence[float], *, strict: bool = False) -> Population:
        """Return today's leads at some qualities and intercepts: scale, accuracies, agreement.

        An agreement that is impossible is an error only when `strict`, at the end of the search.
        """
        scenario, centred = self.scenario, self.centred(quality)
        win = win_chance(intercepts, self.slopes)

        def at(r_score: float) -> Population:
            return population.scored(scenario, self.names, self.weights, centred, r_score)

        leads, acceptance = at(population.score_correlation(scenario.score.accuracy, win, at)), scenario.acceptance
        if acceptance is None:
            return leads
        r_assessment = population.assessment_correlation(acceptance, win, leads)
        settle = population.checked_agreement if strict else population.nearest_agreement
        agreement = settle(leads.r_score, r_assessment, acceptance.agreement)
        return leads._replace(r_assessment=r_assessment, agreement=agreement)

    def stream(self, sample: Sample, effects: Floats | None = None) -> Stream:
        """Return accepted leads on their way; `effects`: [stages] mean of what pilots add to log-odds."""
        more = np.zeros(len(self.rates)) if effects is None else effects
        opening = self.opening if self.opening.any() else None
        return Stream(sample, self.slopes, self.visits, self.skills + more, opening)

    def first_contacts(self, leads: Population, cut: float, new_leads: Floats) -> Sample:
        """Return accepted leads at the first stage: those of `new_leads` [channels], and those open there."""
        coming = arriving(leads, new_leads, self.opening)
        if cut == inf and self.opening.any():  # those open further on were accepted, whatever is typed for others
            return selection.accepted(coming._replace(weights=coming.weights * 1e-9), -inf)
        return selection.accepted(coming, cut)


def static_calibration(scenario: Scenario) -> Calibration:
    """Return the base's constants by selection integrals, with `exact` where they are final (MODEL 9).

    ScenarioError when something typed is impossible.
    """
    base = Base(scenario)
    exact = base.needs_nothing or not what_selects(scenario)
    constants = static_constants(base)
    return with_open_leads(base, constants, calibration_of(base, constants, exact=exact))


def static_constants(base: Base, start: Constants | None = None, close: float = _CLOSE) -> Constants:
    """Solve all constants by integrals, until none moves by `close`; sooner from a `start` that is near.

    The first guess: qualities as typed, stage rates as those of an average lead, middling views.
    """
    now = start
    if now is None:
        quality = np.nan_to_num(population.typed(base.scenario, base.names, "quality"))
        bases = tuple(inf if p >= 1.0 else -inf if p <= 0.0 else log(p / (1.0 - p)) for p in base.rates)
        now = Constants(quality, bases, 0.5, 0.5, -inf)
    for _ in range(_ROUNDS):
        before, now = now, _improved(base, now)
        if now.distance(before) < close:
            break
    return now


def _improved(base: Base, now: Constants) -> Constants:
    """One turn through the equations: scale and accuracies, acceptance, stages, win rates."""
    leads, acceptance = base.population(now.quality, now.intercepts), base.scenario.acceptance
    contacts = arriving(leads, base.new_leads, base.opening)
    cut = -inf if acceptance is None else selection.cut_for_rate(contacts, acceptance.rate)
    intercepts = base.stream(base.first_contacts(leads, cut, base.new_leads)).intercepts(base.rates)
    found = Constants(now.quality, intercepts, leads.r_score, leads.r_assessment, cut)
    if np.isnan(base.win_rates).all():
        return found
    wins = win_shares(base, found, leads)
    quality = qualities_from_wins(base, found.quality, wins, wins_growth(base, found, leads))
    return replace(found, quality=quality, factor=factor_left(base, wins))


def win_shares(base: Base, now: Constants, leads: Population, shift: float = 0.0) -> Floats:
    """Return [channels] wins per lead by integrals, with the mean qualities moved by `shift`."""
    each = leads._replace(weights=np.ones(len(base.names)), quality=leads.quality + shift)
    return Stream(selection.accepted(each, now.cut), base.slopes, base.visits, base.skills).wins(now.intercepts)


def wins_growth(base: Base, now: Constants, leads: Population, step: float = 1e-3) -> Floats:
    """Return [channels] how fast the logarithm of wins per lead grows with the mean quality, all else kept."""
    above, below = (np.log(np.maximum(win_shares(base, now, leads, s), 1e-300)) for s in (step, -step))
    return np.asarray(np.maximum((above - below) / (2.0 * step), 1e-3))


def factor_left(base: Base, wins: Floats) -> float:
    """Return wins per lead against the typed win rates: what one common factor cannot but leave."""
    known = ~np.isnan(base.win_rates)
    weights = base.weights[known] + 1e-12
    return float(weights @ wins[known]) / max(float(weights @ base.win_rates[known]), 1e-300)


def qualities_from_wins(base: Base, quality: Floats, wins: Floats, growth: Floats) -> Floats:
    """Move qualities by one Newton step towards wins per lead with the typed ratios.

    Only ratios count: the qualities solved have a weighted mean of 0, like channels of which nothing is typed.
    """
    known = ~np.isnan(base.win_rates)
    goal = np.log(np.maximum(base.win_rates[known] * factor_left(base, wins), 1e-300))
    step = np.clip((goal - np.log(np.maximum(wins[known], 1e-300))) / growth[known], -1.0, 1.0)
    weights = base.weights[known] + 1e-12
    moved = quality[known] + step
    found = quality.copy()
    found[known] = np.clip(moved - float(weights @ moved) / float(weights.sum()), -STRONGEST, STRONGEST)
    return found


def calibration_of(base: Base, now: Constants, *, exact: bool) -> Calibration:
    """Return constants with all that follows from them, rounded; the assessments are those of the integrals."""
    leads = base.population(now.quality, now.intercepts, strict=True)
    return Calibration(
        channels=base.names,
        stages=base.scenario.stage_names,
        weights=tuple(base.weights.tolist()),
        qualities=tuple(now.quality.tolist()),
        centre=fsum(base.weights * now.quality),
        quality_variance=fsum(base.weights * leads.quality * leads.quality),
        score_bias=tuple(leads.bias.tolist()),
        thresholds=tuple(leads.threshold.tolist()),
        r_score=leads.r_score,
        r_assessment=leads.r_assessment,
        agreement=leads.agreement,
        intercepts=now.intercepts,
        cut=now.cut,
        assessments=tuple(selection.assessment_quantiles(leads, QUANTILES).tolist()),
        win_rate_factor=now.factor,
        exact=exact,
        rates=base.rates,
        rate_errors=(0.0,) * len(base.rates),
        acceptance_rate=1.0 if base.scenario.acceptance is None else base.scenario.acceptance.rate,
    ).rounded()


def blank_calibration(base: Base) -> Calibration:
    """Return constants that say nothing: for a plan that only has to tell one base from another."""
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


def with_open_leads(
    base: Base, now: Constants, found: Calibration, seen: Floats | None = None, effects: Floats | None = None
) -> Calibration:
    """Return the constants with leads to resample the opening pipeline from, at each stage and channel it names.

    `seen`: open leads of pilots; where they are fewer than enough, leads drawn from the integrals of those that reach
    the stage fill up. `effects`: [stages] mean of what pilots add to the log-odds of a decision.
    """
    rows = np.empty((0, OPEN_LEAD_COLUMNS)) if seen is None else seen
    if not base.opening.any():
        return found
    leads = base.population(now.quality, now.intercepts)
    way = base.stream(selection.accepted(leads, now.cut), effects)
    for channel, stage in np.argwhere(base.opening > 0.0).tolist():
        known = int(((rows[:, 3] == stage) & (rows[:, 4] == channel)).sum())
        if known < ENOUGH_OPEN:
            cut = now.cut if stage and now.cut < inf else -inf  # who is open further on was accepted
            drawn = rows_reaching(leads, cut, channel, stage, way, now.intercepts)
            rows = np.concatenate([rows, drawn[np.arange(ENOUGH_OPEN - known) * ENOUGH_OPEN // (ENOUGH_OPEN - known)]])
    return replace(found, open_leads=rows).rounded()
