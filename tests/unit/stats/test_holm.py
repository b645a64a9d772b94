"""Several plans against one base: what may be claimed of each."""

from __future__ import annotations

import numpy as np
import pytest

from simfunnel.stats import holm_adjust, paired_difference, verdict


def test_adjusted_p_values_follow_holms_steps() -> None:
    """4 x .005, max(.02, 3 x .01), 2 x .03, .06 again."""
    assert holm_adjust([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_one_plan_needs_no_adjustment() -> None:
    assert holm_adjust([0.04]).tolist() == [0.04]


def test_adjusted_p_values_never_exceed_one_and_keep_their_order() -> None:
    p = np.random.default_rng(5).uniform(size=12)

    adjusted = holm_adjust(p)

    assert adjusted.max() <= 1
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= 0)
    assert np.all(adjusted >= p)


def test_metrics_are_adjusted_each_for_itself() -> None:
    p = np.array([[0.01, 0.5], [0.02, 0.04]])

    adjusted = holm_adjust(p)

    assert adjusted[:, 0].tolist() == holm_adjust(p[:, 0]).tolist()
    assert adjusted[:, 1].tolist() == holm_adjust(p[:, 1]).tolist()


def test_an_unknown_p_value_stays_unknown_and_counts_as_a_comparison() -> None:
    adjusted = holm_adjust([0.01, np.nan])

    assert adjusted[0] == 0.02
    assert np.isnan(adjusted[1])


def test_plans_that_change_nothing_are_rarely_called_different() -> None:
    """5 plans without effect, a shared base: a claim in at most 5 percent of 2,000 studies (+ 1.5 points)."""
    random = np.random.default_rng(8)
    base = random.normal(size=(30, 2000))
    p = np.array([paired_difference(base, random.normal(size=(30, 2000))).p_value for _ in range(5)])

    any_claim = (holm_adjust(p) < 0.05).any(axis=0)

    assert any_claim.mean() < 0.065


@pytest.mark.parametrize(
    ("difference", "p", "better", "words"),
    [
        (5.0, 0.01, "higher", "better"),
        (-5.0, 0.01, "higher", "worse"),
        (5.0, 0.01, "lower", "worse"),
        (-5.0, 0.01, "lower", "better"),
        (5.0, 0.01, "", "higher"),
        (-5.0, 0.01, "", "lower"),
        (5.0, 0.05, "higher", "no detectable difference"),
        (0.0, 0.0, "higher", "no detectable difference"),
        (float("nan"), 0.01, "higher", "no detectable difference"),
        (5.0, float("nan"), "higher", "no detectable difference"),
    ],
)
def test_a_verdict_speaks_only_of_what_was_detected(difference: float, p: float, better: str, words: str) -> None:
    assert verdict(difference, p, better) == words
