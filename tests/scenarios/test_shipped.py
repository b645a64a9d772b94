"""Every shipped scenario loads, compiles with all its what-ifs, runs, and keeps what it was typed."""

from __future__ import annotations

import json

import pytest

from simfunnel import study
from simfunnel.engine import simulate
from simfunnel.ledger import checks
from simfunnel.plan import compile_plan, static_calibration
from simfunnel.scenario import phases_of, schema
from simfunnel.scenario.tell.reference import EDITOR_LINE
from tests.scenarios.shipped import FILES, FOLDER, SEED, scenario

NAMED = ("b2b", "b2b_benchmarks", "micro_teams", "minimal", "reference", "slow_handoff", "threshold")


def test_the_scenarios_that_the_pages_name_are_shipped() -> None:
    assert {f"{name}.yaml" for name in (*NAMED, "threshold_weak_score")} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_scenario_begins_with_the_line_for_editors(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8").splitlines()[0] == EDITOR_LINE


def test_the_shipped_schema_is_that_of_the_models() -> None:
    shipped = json.loads((FOLDER / "scenario.schema.json").read_text(encoding="utf-8"))

    assert shipped == schema(), "run: simfunnel schema --output scenarios/scenario.schema.json --force"


@pytest.mark.parametrize("name", FILES)
def test_every_what_if_of_a_shipped_scenario_compiles(name: str) -> None:
    whole = scenario(name)
    for what_if in whole.what_ifs:
        spec = phases_of(whole, [what_if], "period")

        assert compile_plan(spec, static_calibration(spec.base)).phases


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_scenario_runs_and_loses_no_lead(name: str) -> None:
    spec = phases_of(scenario(name), [], "period")
    plan = compile_plan(spec, static_calibration(spec.base))

    assert checks.violations(plan, simulate(plan, SEED, 0)) == []


@pytest.mark.parametrize("name", FILES)
def test_every_typed_rate_of_a_shipped_scenario_comes_out_within_half_a_point_or_two_half_widths(name: str) -> None:
    result = study.run(scenario(name), replications=8, seed=SEED)

    assert result.typed, "a shipped scenario types rates"
    assert [rate for rate in result.typed if not rate.met] == []
    assert result.calibration.warnings == ()
