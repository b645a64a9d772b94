"""Open leads have the quality of those who reached their stage, and typed rates hold for them, whoever pilots see."""

import json

import numpy as np
import pytest

from simfunnel.engine import simulate
from simfunnel.errors import ScenarioError
from simfunnel.ledger.columns import ADVANCED, NOT_ADVANCED
from simfunnel.plan import Calibration, compile_plan, static_calibration
from simfunnel.scenario import parse

FUNNEL = """
period: {start: 2027-01-04, months: 12}
calendar: always
channels:
  web: {leads: 0 / week, deal_value: 1000}
  fair: {leads: 0 / week, deal_value: 1000, quality: 1.5}
qualification: {mql_rate: 30%}
acceptance: 60%
pools: {AE: {stages: [discovery, demo, proposal], reps: unlimited}}
stages:
  - {name: discovery, conversion: 45%, quality_odds: 2, wait: 1 hour}
  - {name: demo, conversion: 50%, quality_odds: 3, wait: 1 hour}
  - {name: proposal, conversion: 25%, quality_odds: 2, wait: 1 hour}
opening_pipeline: [{channel: web, stage: demo, count: 4000, age: 10 days}]
"""


def rates(sets: tuple[str, ...], years: int = 8) -> tuple[np.ndarray, np.ndarray, Calibration]:
    """Decisions and advances at each stage, by integrals alone."""
    scenario = parse(FUNNEL, sets=sets)
    constants = static_calibration(scenario)
    plan = compile_plan(scenario, constants)
    decided, advanced = np.zeros(3), np.zeros(3)
    for year in range(years):
        tasks = simulate(plan, 5, year, "auto").tasks
        made = np.isin(tasks["decision"], (ADVANCED, NOT_ADVANCED))
        decided += np.bincount(tasks["stage"][made], minlength=3)
        advanced += np.bincount(tasks["stage"][tasks["decision"] == ADVANCED], minlength=3)
    return decided, advanced, constants


def test_open_leads_without_new_ones_win_as_the_typed_rates_of_the_stages_ahead_say() -> None:
    decided, advanced, constants = rates(())

    wins, right = advanced[2], 8 * 4000 * 0.5 * 0.25
    se = np.sqrt(right * (1 - 0.125))
    assert se <= 0.02 * right
    assert abs(wins - right) <= 4 * se
    assert decided[0] == 0
    assert decided[1] == 8 * 4000
    assert constants.exact


@pytest.mark.parametrize(
    "rows",
    [
        (("fair", "discovery", 3000), ("web", "proposal", 3000)),
        (("fair", "proposal", 6000), ("web", "demo", 500)),
    ],
)
def test_open_leads_of_unlike_channels_show_the_typed_rates_together(rows: tuple[tuple[str, str, int], ...]) -> None:
    typed_rows = [{"channel": at, "stage": stage, "count": count, "age": "0 days"} for at, stage, count in rows]
    decided, advanced, _ = rates((f"opening_pipeline={json.dumps(typed_rows)}", "channels.*.patience=none"))

    for k, typed in enumerate((0.45, 0.5, 0.25)):
        if decided[k]:
            se = np.sqrt(typed * (1 - typed) / decided[k])
            assert abs(advanced[k] / decided[k] - typed) <= 4 * se + 1e-3, k


def test_open_leads_have_the_quality_of_those_who_passed_were_accepted_and_advanced_so_far() -> None:
    scenario = parse(FUNNEL, sets=["opening_pipeline=[{channel: fair, stage: proposal, count: 9, age: 1 day}]"])
    constants = static_calibration(scenario)
    random = np.random.default_rng(3)
    n = 2_000_000
    e, r, r_a = random.normal(size=n), constants.r_score, constants.r_assessment
    quality = constants.qualities[0] - constants.centre + random.normal(size=n)
    units = r * quality + np.sqrt(1 - r * r) * e
    a = (constants.agreement - r * r_a) / np.sqrt(1 - r * r)
    assessed = r_a * quality + a * e + np.sqrt(1 - r_a**2 - a * a) * random.normal(size=n)
    per_unit = compile_plan(scenario, constants).phases[0].score_per_unit
    bar = (constants.thresholds[0] - scenario.score.mean - constants.score_bias[0]) / per_unit
    reached = (units >= bar) & (assessed >= constants.cut)
    for b, odds in zip(constants.intercepts[:2], (2, 3), strict=True):
        reached &= random.random(n) < 1 / (1 + np.exp(-b - np.log(odds) * quality))

    rows = constants.open_leads

    assert constants.channels[0] == "fair"
    assert set(rows[:, 3]) == {2.0}
    assert set(rows[:, 4]) == {0.0}
    for column, true, close in ((0, quality[reached], 0.01), (1, e[reached], 0.07), (2, assessed[reached], 0.07)):
        assert rows[:, column].mean() == pytest.approx(true.mean(), abs=close)
        assert rows[:, column].std() == pytest.approx(true.std(), abs=0.05)


def test_an_open_lead_of_age_zero_is_no_new_lead() -> None:
    scenario = parse(FUNNEL, sets=["opening_pipeline=[{channel: web, stage: discovery, count: 50, age: 0 days}]"])
    plan = compile_plan(scenario, static_calibration(scenario))

    leads = simulate(plan, 1, 0, "auto").leads

    assert len(leads["created"]) == 50
    assert (leads["created"] < plan.start_h).all()
    assert (leads["created"] >= plan.start_h - 1 / 3600).all()


@pytest.mark.parametrize("age", ["none", "never", "unlimited"])
def test_an_age_that_is_no_time_is_refused(age: str) -> None:
    row = f"opening_pipeline=[{{channel: web, stage: demo, count: 4, age: {age}}}]"

    with pytest.raises(ScenarioError, match="is no age; write how long"):
        parse(FUNNEL, sets=[row])
