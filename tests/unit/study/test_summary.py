from __future__ import annotations

import math

import numpy as np
import pytest

from simfunnel.metrics import Key
from simfunnel.study.estimates import Part, differences, estimates
from simfunnel.study.years.samples import Samples, stacked

REVENUE, RATE, COLD = Key("revenue"), Key("conversion", stage="demo"), Key("went_cold")
KEYS = (REVENUE, RATE, COLD)


def plan(seed: int, revenue: float = 0.0, cold: float = 0.0) -> Samples:
    luck = np.random.default_rng(seed).normal(size=(40, 3))
    over = np.array([1000.0 + revenue, 45.0, 10.0 + cold]) + luck * np.array([50.0, 3.0, 1.0])
    under = np.ones((40, 3))
    under[:, 1] = 100.0
    return Samples(KEYS, over, under)


def test_replications_are_stacked_in_their_order() -> None:
    found = stacked((REVENUE, RATE), [np.array([[5.0, 1.0], [1.0, 4.0]]), np.array([[7.0, 0.0], [1.0, 0.0]])])

    assert found.values(REVENUE).tolist() == [5.0, 7.0]
    assert found.values(RATE)[0] == 0.25
    assert math.isnan(found.values(RATE)[1])


def test_a_key_never_measured_is_unknown() -> None:
    assert np.isnan(plan(1).values(Key("profit"))).all()
    assert np.isnan(plan(1).only([Key("profit"), REVENUE]).ratios()[:, 0]).all()


def test_a_ratio_is_a_ratio_of_means() -> None:
    found = estimates("today", plan(1), ())[1]

    assert (found.metric, found.part) == ("conversion", Part(stage="demo"))
    assert found.mean == pytest.approx(plan(1).numerator[:, 1].sum() / 4000)
    assert found.p10 < found.p50 < found.p90


def test_a_month_is_told_by_its_label() -> None:
    one = Samples((Key("revenue", month=1),), np.ones((3, 1)), np.ones((3, 1)))

    assert estimates("today", one, ("2027-01", "2027-02"))[0].part == Part(month="2027-02")


def test_the_same_luck_shows_a_small_difference() -> None:
    found = {each.metric: each for each in differences({"today": plan(1), "more": plan(1, revenue=2.0, cold=-1.0)}, ())}

    assert found["revenue"].mean == pytest.approx(2.0)
    assert found["revenue"].verdict == "better"
    assert found["went_cold"].verdict == "better"
    assert found["went_cold"].share_better == 1.0
    assert found["conversion"].verdict == "no detectable difference"


def test_other_luck_hides_it() -> None:
    found = differences({"today": plan(1), "more": plan(2, revenue=2.0)}, ())[0]

    assert found.verdict == "no detectable difference"
    assert found.half_width > 2.0


def test_verdicts_are_adjusted_for_the_number_of_plans() -> None:
    # one plan alone is just detected at 95%; among five that differ by luck only it is not
    base = plan(1)
    luck = (plan(2).numerator - base.numerator)[:, 0]
    step = 2.2 * luck.std(ddof=1) / math.sqrt(40) - luck.mean()  # t = 2.2 with 39 degrees of freedom: p = 0.034
    others = {f"p{seed}": plan(seed, revenue=0.0) for seed in range(3, 7)}
    alone = differences({"today": base, "it": plan(2, revenue=step)}, ())[0]
    among = differences({"today": base, "it": plan(2, revenue=step), **others}, ())[0]

    assert alone.mean == among.mean
    assert (alone.verdict, among.verdict) == ("better", "no detectable difference")


def test_months_and_reps_are_left_to_the_transition_and_the_single_plans() -> None:
    keys = (REVENUE, Key("revenue", month=0), Key("busy_share", pool="SDR", rep=1))
    one = Samples(keys, np.ones((3, 3)), np.ones((3, 3)))

    assert [each.part for each in differences({"today": one, "p": one}, ("2027-01",))] == [Part()]
