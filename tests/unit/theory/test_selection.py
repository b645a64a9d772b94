"""Selection integrals against brute force, and against what must hold."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from scipy.special import expit, ndtri

from simfunnel.theory import selection
from simfunnel.theory.selection import Population

MIX = Population(
    weights=np.array([0.5, 0.3, 0.2]),
    quality=np.array([0.05, -0.25, 0.25]),
    bias=np.array([0.0, 0.3, 0.0]),
    threshold=np.array([0.5, 0.5, 0.2]),
    r_score=0.5,
    r_assessment=0.6,
    agreement=0.45,
)
STAGES = ((0.45, 3.0), (0.55, 2.2), (0.38, 1.8))
LEADS = 2_000_000


@pytest.fixture(scope="module")
def crowd() -> dict[str, np.ndarray]:
    """Two million leads drawn one by one (seed 20): Q, score, assessment, channel, who passed."""
    random = np.random.default_rng(20)
    channel = random.choice(3, LEADS, p=MIX.weights)
    quality = MIX.quality[channel] + random.normal(size=LEADS)
    noise = random.normal(size=LEADS)
    a = (MIX.agreement - MIX.r_score * MIX.r_assessment) / np.sqrt(1 - MIX.r_score**2)
    rest = np.sqrt(1 - MIX.r_assessment**2 - a * a)
    score = MIX.r_score * quality + np.sqrt(1 - MIX.r_score**2) * noise + MIX.bias[channel]
    assessment = MIX.r_assessment * quality + a * noise + rest * random.normal(size=LEADS)
    return {"channel": channel, "quality": quality, "assessment": assessment, "passed": score >= MIX.threshold[channel]}


def test_pass_shares_are_those_of_a_crowd(crowd: dict[str, np.ndarray]) -> None:
    shares = selection.pass_shares(MIX)

    for channel in range(3):
        counted = crowd["passed"][crowd["channel"] == channel].mean()
        assert abs(shares[channel] - counted) < 0.003  # 4 standard errors of 400,000


def test_the_cut_lets_the_typed_share_of_a_crowd_in(crowd: dict[str, np.ndarray]) -> None:
    cut = selection.cut_for_rate(MIX, 0.62)

    assert abs((crowd["assessment"][crowd["passed"]] >= cut).mean() - 0.62) < 0.0025  # 4 standard errors


def test_intercepts_make_each_typed_rate_come_out_of_a_crowd(crowd: dict[str, np.ndarray]) -> None:
    cut = selection.cut_for_rate(MIX, 0.62)
    sample = selection.accepted(MIX, cut)
    here = crowd["quality"][crowd["passed"] & (crowd["assessment"] >= cut)]
    weights, counted = sample.weights, np.ones(len(here))

    for rate, odds in STAGES:
        b = selection.intercept(log(odds) * sample.quality, weights, rate)
        advanced = counted * expit(b + log(odds) * here)
        assert abs(advanced.sum() / counted.sum() - rate) < 0.003  # 4 standard errors at the last stage
        weights, counted = weights * expit(b + log(odds) * sample.quality), advanced


@pytest.mark.parametrize("rate", [0.05, 0.62, 0.99])
def test_the_integrals_are_exact_to_five_digits(rate: float, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = _constants(MIX, rate)
    monkeypatch.setattr(selection, "_NODES", 60)
    monkeypatch.setattr(selection, "_QUALITY_NODES", 20)

    np.testing.assert_allclose(fine, _constants(MIX, rate), atol=1e-5)


def test_a_judge_who_repeats_the_score_is_a_second_bar() -> None:
    one, nearly = (MIX._replace(r_score=0.7, r_assessment=0.7, agreement=rho) for rho in (1.0, 0.998))

    np.testing.assert_allclose(_constants(one), _constants(nearly), atol=0.004)


def test_perfect_views_take_the_best_and_no_others() -> None:
    alone = Population(np.ones(1), np.zeros(1), np.zeros(1), np.zeros(1), 1.0, 1.0, 1.0)

    cut = selection.cut_for_rate(alone, 0.5)

    assert cut == pytest.approx(0.6744897501960817)  # the upper quarter of all, by either view
    assert selection.accepted(alone, cut).quality.min() > 0.67


def test_a_threshold_far_out_keeps_its_precision() -> None:
    alone = Population(np.ones(1), np.zeros(1), np.zeros(1), np.array([4.5]), 0.8)
    sample = selection.accepted(alone, -inf)

    assert sample.weights.sum() == pytest.approx(3.3976731247300535e-06, rel=1e-6)
    mean = float((sample.weights * sample.quality).sum() / sample.weights.sum())
    assert mean == pytest.approx(0.8 * 4.704295, rel=1e-5)  # phi(4.5) / Phi(-4.5) = 4.704295


def test_the_threshold_for_a_share_lets_that_share_pass() -> None:
    means = MIX.r_score * MIX.quality + MIX.bias
    bar = selection.bar_for_share(MIX.weights, means, 0.3)

    assert float(MIX.weights @ selection.pass_shares(MIX._replace(threshold=np.full(3, bar)))) == pytest.approx(0.3)
    assert selection.bar_for_share(MIX.weights, means, 1.0) == -inf
    assert selection.bar_for_share(MIX.weights, means, 0.0) == inf


def test_quantiles_of_assessments_agree_with_the_cut() -> None:
    quantiles = selection.assessment_quantiles(MIX, 1001)

    for rate in (0.05, 0.38, 0.62, 0.9):
        assert quantiles[round(1000 * (1 - rate))] == pytest.approx(selection.cut_for_rate(MIX, rate), abs=1e-4)
    assert (np.diff(quantiles) > 0).all()


def test_always_and_never_need_no_intercept() -> None:
    assert selection.intercept(np.zeros(3), np.ones(3), 1.0) == inf
    assert selection.intercept(np.zeros(3), np.ones(3), 0.0) == -inf
    assert selection.cut_for_rate(MIX, 1.0) == -inf
    assert selection.cut_for_rate(MIX, 0.0) == inf


def test_a_threshold_that_nobody_reaches_leaves_the_cut_of_average_leads() -> None:
    far = MIX._replace(threshold=MIX.threshold + 40.0)

    assert selection.cut_for_rate(far, 0.62) == pytest.approx(-0.3055, abs=1e-4)


def test_equal_leads_have_the_log_odds_of_the_rate() -> None:
    assert selection.intercept(np.full(5, 0.7), np.ones(5), 0.25) == pytest.approx(log(1 / 3) - 0.7)


def test_agreement_is_free_only_within_what_both_see() -> None:
    assert selection.agreement_range(0.6, 0.8) == pytest.approx((0.0, 0.96))
    assert selection.agreement_range(1.0, 0.5) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize(("mean", "per_unit"), [(0.0, 1.0), (50.0, 15.0)])
def test_points_are_only_another_scale(mean: float, per_unit: float) -> None:
    points = MIX._replace(
        mean=mean, per_unit=per_unit, bias=per_unit * MIX.bias, threshold=mean + per_unit * MIX.threshold
    )

    np.testing.assert_allclose(_constants(points), _constants(MIX), rtol=1e-12)


def _constants(leads: Population, rate: float = 0.62) -> list[float]:
    cut = selection.cut_for_rate(leads, rate)
    sample = selection.accepted(leads, cut)
    found, weights = [cut], sample.weights
    for wanted, odds in STAGES:
        found.append(selection.intercept(log(odds) * sample.quality, weights, wanted))
        weights = weights * expit(found[-1] + log(odds) * sample.quality)
    return found


def test_a_bar_is_found_for_rounded_weights_and_equal_means() -> None:
    """Three channels that are alike, with weights as a calibration keeps them: they add up to 0.999999."""
    found = selection.bar_for_share(np.full(3, 0.333333), np.full(3, 0.2), 0.7)

    assert found == pytest.approx(0.2 - float(ndtri(0.7)), abs=1e-9)
