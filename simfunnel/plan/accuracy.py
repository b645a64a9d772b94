"""How well score and sales see true quality, as correlations: words, correlations and AUCs resolved, and checked."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from simfunnel.errors import Path, Problem, ScenarioError
from simfunnel.scenario.checks import agreement_problem
from simfunnel.scenario.score import Accuracy
from simfunnel.theory import accuracy as theory
from simfunnel.theory.selection import Channels, Views, WinChance, agreement_range

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
