"""Measures of a real replication: they add up, repeat to the byte and agree with the leads' view."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simfunnel import engine
from simfunnel.ledger import Ledger, checks
from simfunnel.metrics import EVERYTHING, TABLE, Measures, keys_of, measure, pair_changes
from simfunnel.metrics.pairs import GAINED_A_WIN, LOST_A_WIN
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.plan.model import Plan
from simfunnel.scenario import load, phases_of

SCENARIO = Path(__file__).parents[3] / "scenarios" / "reference.yaml"
ADDITIVE = ("revenue", "wins", "leads", "mqls", "contacts", "sals", "opportunities", "lead_cost", "nurture_cost")


@cache
def replication(what_if: str = "", start: str = "period") -> tuple[Plan, Ledger]:
    """One replication of the scenario that has every feature."""
    scenario = load(SCENARIO)
    spec = phases_of(scenario, [what_if] if what_if else [], start)
    plan = compile_plan(spec, static_calibration(spec.base))
    return plan, engine.simulate(plan, 5, 2)


def parts(m: Measures, metric: str, dim: str) -> list[float]:
    """Numerators of a metric by one dimension alone."""
    others = {"channel", "campaign", "pool", "stage", "month", "rep", "part", "pass_"} - {dim}
    usual = {"month": -1, "rep": -1, "pass_": 0}
    found = []
    for key, value in zip(m.keys, m.numerator.tolist(), strict=True):
        alone = all(getattr(key, other) == usual.get(other, "") for other in others)
        if key.metric == metric and alone and getattr(key, dim) != usual.get(dim, ""):
            found.append(value)
    return found


def test_every_ledger_of_the_scenario_with_every_feature_is_sound() -> None:
    assert checks.violations(*replication()) == []


def test_a_number_is_the_same_whatever_else_is_wanted() -> None:
    m = measure(*replication())
    together = dict(zip(m.keys, zip(m.numerator.tolist(), m.denominator.tolist(), strict=True), strict=True))

    for one in EVERYTHING:
        alone = measure(*replication(), wanted=(one,))
        assert alone.keys == keys_of(replication()[0], (one,))
        for key, *numbers in zip(alone.keys, alone.numerator.tolist(), alone.denominator.tolist(), strict=True):
            assert np.array_equal(numbers, together[key], equal_nan=True), key


def test_only_metrics_and_splits_of_the_table_can_be_wanted() -> None:
    for unknown in (("revenu", ""), ("revenue", "stage"), ("conversion", "")):
        with pytest.raises(KeyError):
            measure(*replication(), wanted=(unknown,))


def test_months_and_channels_add_up_to_the_whole() -> None:
    m = measure(*replication())

    for metric in ADDITIVE:
        assert m.value(metric) > 0 or metric.endswith("_cost")
        for dim in ("month", "channel"):
            assert sum(parts(m, metric, dim)) == pytest.approx(m.value(metric)), (metric, dim)


def test_costs_add_up_by_kind_and_by_month() -> None:
    m = measure(*replication())

    kinds = ("lead_cost", "campaign_cost", "rep_cost", "commission_cost", "nurture_cost")
    assert sum(m.value(kind) for kind in kinds) == pytest.approx(m.value("cost"))
    assert sum(parts(m, "cost", "month")) == pytest.approx(m.value("cost"))
    assert m.value("profit") == pytest.approx(m.value("revenue") - m.value("cost"))


def test_shares_lie_between_0_and_1() -> None:
    m = measure(*replication())

    values = m.values()
    for key, value in zip(m.keys, values.tolist(), strict=True):
        if TABLE[key.metric].unit == "share" and key.metric not in (
            "roi",
            "reached_share",
            "win_rate",
            "win_rate_of_mqls",
        ):
            assert np.isnan(value) or -1e-9 <= value <= 1 + 1e-9, key


def test_nothing_is_infinite_and_no_count_is_negative() -> None:
    m = measure(*replication())

    assert np.isfinite(m.numerator).all()
    assert np.isfinite(m.denominator).all()
    counts = [v for k, v in zip(m.keys, m.numerator, strict=True) if TABLE[k.metric].unit == "count"]
    assert min(counts) >= 0


def test_the_same_ledger_gives_the_same_bytes() -> None:
    first, second = measure(*replication()), measure(*replication())

    assert first.keys == second.keys
    assert first.numerator.tobytes() == second.numerator.tobytes()
    assert first.denominator.tobytes() == second.denominator.tobytes()


@pytest.mark.parametrize("start", ["period", "settled"])
@pytest.mark.parametrize("what_if", ["stricter", "teams_that_help"])
def test_won_and_lost_leads_explain_the_difference_in_wins(what_if: str, start: str) -> None:
    base, changed = replication(), replication(what_if, start)

    found = pair_changes(*base, *changed)

    explained = found.changed(GAINED_A_WIN) - found.changed(LOST_A_WIN) + found.new_wins - found.gone_wins
    assert measure(*changed).value("wins") - measure(*base).value("wins") == explained


def test_no_change_of_a_real_pair_stays_unexplained() -> None:
    base = replication()

    for what_if in ("stricter", "teams_that_help"):
        found = pair_changes(*base, *replication(what_if))
        assert sum(found.by_cause(change)["other"] for change in range(3)) == 0
