"""What the score was worth: only months whose leads have nearly all closed are judged."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from simfunnel.ledger import columns as c
from simfunnel.metrics import keys_of, measure
from simfunnel.metrics.keys import band_edges
from tests.unit.metrics.factory import CHAT, FEBRUARY, MARCH, Row, ledger, phase, plan


def closed(outcome: int = c.LOST, **changes: object) -> Row:
    return {"outcome": outcome, "closed_at": MARCH, "created": 1.0, **changes}


def test_precision_is_the_share_of_first_pass_mqls_that_win_in_any_pass() -> None:
    leads = [closed(c.WON), closed(), closed(), closed(c.WON, channel=CHAT), closed(c.WON)]
    passes: list[Row] = [{"lead": k, "started": 1.0} for k in range(4)] + [{"lead": 0, "pass": 2, "started": FEBRUARY}]

    m = measure(plan(), ledger(leads=leads, passes=passes))

    assert m.value("precision") == 0.5
    assert m.value("precision", month=0) == 0.5
    assert m.value("precision", channel="chat") == 1
    assert math.isnan(m.value("precision", month=1))


@pytest.mark.parametrize(("still_open", "judged"), [(1, True), (2, False)])
def test_a_month_is_judged_when_nine_in_ten_have_closed(still_open: int, judged: bool) -> None:
    leads = [closed(c.WON)] * (10 - still_open) + [{"created": 1.0}] * still_open
    passes = [{"lead": k, "started": 1.0} for k in range(10)]

    m = measure(plan(), ledger(leads=leads, passes=passes))

    assert math.isnan(m.value("precision")) is not judged


def test_bands_of_scores_are_ten_points_wide_and_an_edge_belongs_above() -> None:
    leads = [closed(c.WON), closed(), closed(c.WON), closed()]
    scores = (60.0, 69.9, 70.0, 200.0)
    accepted = (1, 0, 1, -1)
    passes = [
        {"lead": k, "started": 1.0, "score": s, "accepted": a, "first_response_at": 2.0 if a >= 0 else np.nan}
        for k, (s, a) in enumerate(zip(scores, accepted, strict=True))
    ]

    m = measure(plan(), ledger(leads=leads, passes=passes))

    assert m.value("band_mqls", part="60-70") == 2
    assert m.value("band_win_share", part="60-70") == 0.5
    assert m.value("band_acceptance", part="60-70") == 0.5
    assert m.value("band_win_share", part="70-80") == 1
    assert m.value("band_mqls", part="90 and above") == 1
    assert math.isnan(m.value("band_acceptance", part="90 and above"))


@pytest.mark.parametrize(("mean", "sd", "first", "second"), [(50, 20, 10, 20), (0, 1, -2, -1.5), (500, 150, 200, 300)])
def test_bands_fit_any_scale_of_scores(mean: float, sd: float, first: float, second: float) -> None:
    assert band_edges(phase(score_mean=float(mean), score_per_unit=float(sd)))[:2] == (first, second)


def test_a_score_that_never_varies_has_one_band() -> None:
    flat = plan(phases=(phase(score_per_unit=0.0),))

    assert [key.part for key in keys_of(flat) if key.metric == "band_mqls"] == ["all scores"]


def test_both_verdicts_make_a_matrix() -> None:
    """Passed and accepted (won), passed and rejected, passed later and accepted (won), never passed."""
    leads = [closed(c.WON), closed(c.REJECTED), closed(c.WON), closed(c.DISQUALIFIED), closed(c.WENT_COLD)]
    passes = [
        {"lead": 0, "started": 1.0, "first_response_at": 2.0, "accepted": 1},
        {"lead": 1, "started": 1.0, "first_response_at": 2.0, "accepted": 0},
        {"lead": 2, "started": 30.0, "first_response_at": 31.0, "accepted": 1},
        {"lead": 4, "started": 1.0},
    ]

    m = measure(plan(), ledger(leads=leads, passes=passes))

    found = {key.part: m.value(*key[:1], part=key.part) for key in m.keys if key.metric == "verdict_leads"}
    assert {band for band, count in found.items() if count} == {
        "passed/accepted", "passed/rejected", "passed later/accepted", "never passed/not reached", "passed/not reached"
    }  # fmt: skip
    assert m.value("verdict_win_share", part="passed later/accepted") == 1
    assert m.value("verdict_win_share", part="passed/rejected") == 0


def test_layouts_with_the_same_parts_have_the_same_keys() -> None:
    assert keys_of(plan()) is keys_of(dataclasses.replace(plan(), end_h=plan().end_h))
