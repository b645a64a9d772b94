"""The leads of today as a population: typed scores, rates and accuracies in the numbers that integrals take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import fsum, inf, sqrt

import numpy as np
from scipy.special import ndtri

from simfunnel.arrays import Floats
from simfunnel.errors import MISSING, Path, Problem, ScenarioError
from simfunnel.plan.arrivals import weekly_volume
from simfunnel.scenario.checks import agreement_problem
from simfunnel.scenario.fields.qualification import Acceptance, Accuracy
from simfunnel.scenario.model import Scenario
from simfunnel.theory import accuracy as theory
from simfunnel.theory.selection import FAR, Population, WinChance, agreement_range, bar_for_share

SCORE_PATH: Path = ("score", "accuracy")
ASSESSMENT_PATH: Path = ("acceptance", "accuracy")
_ROUNDING = 1e-6
_CONTRADICTION = 5e-3  # share by which typed MQL rates may miss the overall one, for rounding


# --- what is typed, as arrays by channel ------------------------------------------------------------------------------


def typed(scenario: Scenario, names: Sequence[str], field: str) -> Floats:
    """Return [names] a number typed for each channel; nan where nothing is typed or the channel is not there."""
    values = [getattr(scenario.channels.get(name), field, None) for name in names]
    return np.array([np.nan if value is None else float(value) for value in values])


def weekly_volumes(scenario: Scenario, names: Sequence[str]) -> Floats:
    """Return [names] leads a week as typed (lists by their means, campaigns not counted); 0 for one not there."""
    there = scenario.channels
    return np.array([weekly_volume(there[name], scenario.calendar) if name in there else 0.0 for name in names])


def opening_counts(scenario: Scenario, names: Sequence[str]) -> Floats:
    """Return [names, stages] leads of the opening pipeline."""
    counts = np.zeros((len(names), len(scenario.stages)))
    places, stages = {name: at for at, name in enumerate(names)}, scenario.stage_names
    for row in scenario.opening_pipeline or ():
        if row.channel in places:
            counts[places[row.channel], stages.index(row.stage)] += row.count
    return counts


def typed_weights(scenario: Scenario, names: Sequence[str]) -> Floats:
    """Return shares of the channels by typed weekly volume (lists by their means, campaigns not counted).

    Without any volume by the counts of the opening pipeline, without that alike; 0 for a name that the scenario lacks.
    """
    volumes = weekly_volumes(scenario, names)
    if not volumes.sum() > 0.0:
        volumes = opening_counts(scenario, names).sum(axis=1)
    total = float(volumes.sum())
    return volumes / total if total > 0.0 else np.full(len(names), 1.0 / len(names))


# --- the score's scale ------------------------------------------------------------------------------------------------


def points_per_unit(sd: float, r_score: float, variance: float) -> float:
    """Return points per unit of u, such that today's scores have the sd typed; `variance` of channels' qualities."""
    return sd / sqrt(1.0 + r_score * r_score * variance)


def scored(scenario: Scenario, names: Sequence[str], weights: Floats, quality: Floats, r_score: float) -> Population:
    """Return today's leads on the score's scale at an accuracy; sales' view is still open.

    An overall `mql_rate` is solved by a common threshold, a channel's own by its bias. `quality`: means of Q.
    """
    per_unit = points_per_unit(scenario.score.sd, r_score, fsum(weights * quality * quality))
    rates = typed(scenario, names, "mql_rate")
    bias = np.nan_to_num(typed(scenario, names, "score_bias"))
    centres = scenario.score.mean + per_unit * r_score * quality
    overall = scenario.qualification.mql_rate
    if overall is not None:
        threshold = np.full(len(names), _common_threshold(weights, centres + bias, per_unit, rates, overall))
    else:
        bars = [scenario.qualification.threshold_of(name) for name in names]
        missing = [name for name, bar in zip(names, bars, strict=True) if bar is None]
        if missing:
            path, rule = ("qualification", "threshold"), "says nothing for the channel {}"
            raise ScenarioError(
                [
                    Problem(path, MISSING, rule.format(name), f"add {name}, or a default", at="parent")
                    for name in missing
                ]
            )
        threshold = np.array(bars, dtype=np.float64)
    bias = np.where(np.isnan(rates), bias, bias_for_rates(centres, threshold, per_unit, rates))
    return Population(weights, quality, bias, threshold, r_score, mean=scenario.score.mean, per_unit=per_unit)


def bias_for_rates(centres: Floats, threshold: Floats, per_unit: float, rates: Floats) -> Floats:
    """Solve [channels] points of bias with which shares `rates` of the leads reach the threshold; nan where nan."""
    with np.errstate(invalid="ignore"):
        return np.asarray(threshold - centres + per_unit * np.clip(ndtri(rates), -FAR, FAR))


def thresholds_for_rate(today: Population, rate: float) -> Floats:
    """Solve [channels] thresholds at which a share `rate` of today's leads qualifies; they keep their distances."""
    lowest = float(today.threshold.min())
    gaps = today.threshold - lowest if np.isfinite(lowest) else np.zeros(len(today.threshold))
    if rate >= 1.0:
        return np.full(len(gaps), -inf)
    centres = today.mean + today.per_unit * today.r_score * today.quality
    means = (centres + today.bias - gaps) / today.per_unit
    return np.asarray(gaps + today.per_unit * bar_for_share(today.weights, means, rate))


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


# --- how well marketing and sales see ---------------------------------------------------------------------------------


def score_correlation(accuracy: Accuracy, win: WinChance, scored_at: Callable[[float], Population]) -> float:
    """Return the correlation of the score with true quality; `scored_at` gives the leads at a correlation."""

    def auc(r: float, among: bool) -> float:
        return theory.score_auc(scored_at(r), win, among_passed=among)

    return _correlation(accuracy, SCORE_PATH, auc)


def assessment_correlation(acceptance: Acceptance, win: WinChance, leads: Population) -> float:
    """Return the correlation of sales' judgement with true quality."""

    def auc(r: float, among: bool) -> float:
        agreement = nearest_agreement(leads.r_score, r, acceptance.agreement)
        return theory.assessment_auc(leads._replace(r_assessment=r, agreement=agreement), win, among_passed=among)

    return _correlation(acceptance.accuracy, ASSESSMENT_PATH, auc)


def nearest_agreement(r_score: float, r_assessment: float, asked: float | None) -> float:
    """Return the agreement typed, moved into the possible range; that of independent judges when none is typed."""
    low, high = agreement_range(r_score, r_assessment)
    return r_score * r_assessment if asked is None else min(max(asked, low), high)


def checked_agreement(r_score: float, r_assessment: float, asked: float | None) -> float:
    """Return the agreement typed or assumed; ScenarioError with the possible range when it is impossible."""
    nearest = nearest_agreement(r_score, r_assessment, asked)
    if asked is not None and abs(nearest - asked) > _ROUNDING:
        problem = agreement_problem(r_score, r_assessment, asked)
        if problem is not None:
            raise ScenarioError([problem])
    return nearest


def _correlation(accuracy: Accuracy, path: Path, auc_at: Callable[[float, bool], float]) -> float:
    """The correlation typed, or that at which the AUC typed comes out, over all leads or among MQLs."""
    if accuracy.typed_correlation is not None:
        return accuracy.typed_correlation
    among = accuracy.auc is None
    kind, auc = ("auc_among_mqls", accuracy.auc_among_mqls) if among else ("auc", accuracy.auc)
    try:
        return theory.correlation_for_auc(lambda r: auc_at(r, among), auc if auc is not None else 0.5)
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
