"""The AUC of the model against brute force, and the two closed forms against the reference cases."""

from __future__ import annotations

from math import isclose

import numpy as np
import pytest

from simfunnel.theory import accuracy
from simfunnel.theory.selection import Population, win_chance

MIX = Population(
    weights=np.array([0.6, 0.3, 0.1]),
    quality=np.array([0.05, -0.25, 0.45]),
    bias=np.array([0.0, 0.4, 0.0]),
    threshold=np.array([0.4, 0.4, 0.1]),
    r_score=0.55,
    r_assessment=0.65,
    agreement=0.5,
)
WIN = win_chance([-0.3, 0.2, -0.6], np.log([3.0, 2.2, 1.8]))


def near(found: float, exact: float, rel: float = 1e-8) -> None:
    assert isclose(found, exact, rel_tol=rel, abs_tol=1e-10), (found, exact)


def ranked_auc(values: np.ndarray, won: np.ndarray) -> float:
    """The share of pairs (winner, loser) in which the winner has the higher value."""
    places = np.empty(len(values))
    places[np.argsort(values)] = np.arange(1, len(values) + 1)
    winners = int(won.sum())
    return float((places[won].sum() - winners * (winners + 1) / 2) / (winners * (len(values) - winners)))


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two million leads (seed 7): score, assessment, whether each would win, whether each passes."""
    random = np.random.default_rng(7)
    channel = random.choice(3, 2_000_000, p=MIX.weights)
    quality = MIX.quality[channel] + random.normal(size=len(channel))
    noise = random.normal(size=len(channel))
    score = MIX.r_score * quality + np.sqrt(1 - MIX.r_score**2) * noise
    a = (MIX.agreement - MIX.r_score * MIX.r_assessment) / np.sqrt(1 - MIX.r_score**2)
    rest = np.sqrt(1 - MIX.r_assessment**2 - a * a)
    assessment = MIX.r_assessment * quality + a * noise + rest * random.normal(size=len(channel))
    score = score + MIX.bias[channel]
    return score, assessment, random.random(len(channel)) < WIN(quality), score >= MIX.threshold[channel]


def test_the_score_ranks_a_crowd_as_well_as_the_integral_says(crowd: tuple[np.ndarray, ...]) -> None:
    score, _, won, passed = crowd

    assert abs(accuracy.score_auc(MIX, WIN) - ranked_auc(score, won)) < 0.003  # 4 standard errors
    among = accuracy.score_auc(MIX, WIN, among_passed=True)
    assert abs(among - ranked_auc(score[passed], won[passed])) < 0.004


def test_sales_judgement_ranks_a_crowd_as_well_as_the_integral_says(crowd: tuple[np.ndarray, ...]) -> None:
    _, assessment, won, passed = crowd

    assert abs(accuracy.assessment_auc(MIX, WIN) - ranked_auc(assessment, won)) < 0.003
    among = accuracy.assessment_auc(MIX, WIN, among_passed=True)
    assert abs(among - ranked_auc(assessment[passed], won[passed])) < 0.004


def test_a_blind_score_ranks_by_chance() -> None:
    alone = Population(np.ones(1), np.zeros(1), np.zeros(1), np.zeros(1), r_score=0.0)

    near(accuracy.score_auc(alone, WIN), 0.5, 1e-7)


def test_the_correlation_for_an_auc_gives_that_auc() -> None:
    found = accuracy.correlation_for_auc(lambda r: accuracy.score_auc(MIX._replace(r_score=r), WIN), 0.66)

    near(accuracy.score_auc(MIX._replace(r_score=found), WIN), 0.66, 1e-7)


def test_an_auc_beyond_perfect_sight_is_out_of_reach_and_says_what_can_be_had() -> None:
    with pytest.raises(accuracy.OutOfReachError) as raised:
        accuracy.correlation_for_auc(lambda r: accuracy.score_auc(MIX._replace(r_score=r), WIN), 0.95)

    near(raised.value.highest, accuracy.score_auc(MIX._replace(r_score=1.0), WIN))


def test_an_auc_needs_winners_and_losers() -> None:
    with pytest.raises(accuracy.NobodyLosesError):
        accuracy.score_auc(MIX._replace(r_score=0.5), win_chance([np.inf], [0.5]))


@pytest.mark.parametrize(
    ("bar", "passed", "rate", "kept"),
    [
        (-1.0, 0.8522171558, 0.09173716923, 0.9772498681),
        (0.0, 0.5273075797, 0.1276438691, 0.8413447461),
        (0.5, 0.3391715325, 0.1630944569, 0.6914624613),
        (1.0, 0.1859628336, 0.2150967439, 0.5),
        (2.0, 0.03362254171, 0.3774973476, 0.1586552539),
    ],
)
def test_a_bar_on_a_binormal_score_is_exact(bar: float, passed: float, rate: float, kept: float) -> None:
    found = accuracy.bar_binormal(0.08, 1.0, bar)  # (R14)

    near(found.pass_share, passed)
    near(found.win_rate_passed, rate)
    near(found.wins_kept, kept)
    near(accuracy.auc_binormal(1.0), 0.7602499389)
    near(accuracy.separation_for_auc(accuracy.auc_binormal(0.9)), 0.9)


@pytest.mark.parametrize(
    ("bar", "passed", "rate", "kept", "quality"),
    [
        (-1.0, 0.8413447461, 0.1865304023, 0.9891659438, 0.1725599826),
        (0.0, 0.5, 0.2733847075, 0.8615684029, 0.4787307365),
        (1.0, 0.1586552539, 0.4571287108, 0.4571287108, 0.9150811657),
        (2.0, 0.02275013195, 0.6955025935, 0.09973055023, 1.42392932),
    ],
)
def test_a_bar_on_a_noisy_view_of_quality_is_exact(
    bar: float, passed: float, rate: float, kept: float, quality: float
) -> None:
    found = accuracy.bar_latent(0.6, bar, 1.0)  # (R15)

    near(found.pass_share, passed)
    near(found.win_rate_passed, rate)
    near(found.wins_kept, kept)
    near(found.mean_quality_passed, quality)


def test_orthants_of_independent_normals_are_products() -> None:
    near(accuracy.upper_orthant(0.3, 0.7, 0.0), 0.38208857781104744 * 0.24196365222307303)
    near(accuracy.upper_orthant(0.0, 0.0, 0.5), 1.0 / 3.0)
    near(accuracy.upper_orthant(0.0, 1.0, 0.6), accuracy.upper_orthant(1e-12, 1.0, 0.6), 1e-6)
    near(accuracy.upper_orthant(-0.5, 1.0, 0.6), accuracy.upper_orthant(1.0, -0.5, 0.6))
