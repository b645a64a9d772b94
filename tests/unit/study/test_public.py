"""What `import simfunnel as sf` promises."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import simfunnel as sf
from simfunnel.ledger.export import Run
from simfunnel.metrics import Key, measure

TINY = """\
title: Tiny <b>funnel</b>
period: {start: 2027-01-04, weeks: 9, run_in: 8 weeks}
channels: {web: {leads: 40 / week, deal_value: 7k}, chat: {leads: 20 / week, deal_value: 9k}}
qualification: {mql_rate: 40%}
pools:
  SDR: {stages: [discovery], reps: 2, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}]
what_ifs:
  stricter: {qualification.mql_rate: 20%}
  micro_teams: {pools.SDR.structure: dedicated}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> sf.Scenario:
    (tmp_path / "tiny.yaml").write_text(TINY)
    return sf.load(tmp_path / "tiny.yaml")


def test_every_public_name_is_there() -> None:
    assert dir(sf) == sorted(sf.__all__)
    assert all(getattr(sf, name) is not None for name in sf.__all__)
    with pytest.raises(AttributeError):
        _ = sf.no_such_name  # type: ignore[attr-defined]


def test_a_comparison_is_frozen_and_has_tidy_records(scenario: sf.Scenario) -> None:
    result = sf.compare(scenario, ["stricter"], replications=4)

    with pytest.raises(dataclasses.FrozenInstanceError):
        result.seed = 2  # type: ignore[misc]
    records = result.table()
    assert {tuple(record) for record in records} == {result.columns}
    assert {record["plan"] for record in records} == {"today", "stricter"}
    difference = result.difference("revenue", "stricter")
    today, stricter = result.estimate("revenue"), result.estimate("revenue", "stricter")
    assert difference is not None
    assert today is not None
    assert stricter is not None
    assert difference.mean == pytest.approx(stricter.mean - today.mean)


def test_a_notebook_shows_a_table_and_no_markup_of_the_file(scenario: sf.Scenario) -> None:
    page = sf.run(scenario, replications=2)._repr_html_()

    assert page.startswith("<table>")
    assert "Tiny &lt;b&gt;funnel&lt;/b&gt;" in page


def test_a_result_is_one_line_at_the_prompt(scenario: sf.Scenario) -> None:
    line = repr(sf.compare(scenario, ["stricter"], replications=2))

    assert line == "<CompareResult, Tiny <b>funnel</b>: today, stricter: table(), as_dict(), to_json()>"


def test_a_run_can_be_of_what_ifs(scenario: sf.Scenario) -> None:
    today, stricter = (sf.run(scenario, what_ifs=names, replications=2) for names in ((), ("stricter",)))

    assert stricter.plans == ("stricter",)
    fewer, more = stricter.estimate("mqls"), today.estimate("mqls")
    assert fewer is not None
    assert more is not None
    assert fewer.mean < more.mean


def test_the_same_question_has_the_same_answer(scenario: sf.Scenario) -> None:
    one, two = (sf.compare(scenario, ["stricter", "stricter"], replications=3).as_dict() for _ in range(2))

    assert one == two
    assert len(one["leads_view"]) == 1  # a plan named twice is simulated once


def test_the_engine_asked_for_is_the_one_that_runs(scenario: sf.Scenario) -> None:
    assert sf.run(scenario, replications=1, engine="simpy").engine == "simpy"
    assert sf.compare(scenario, ["stricter"], replications=1).engine == "auto"


def test_an_engine_that_there_is_not_is_refused(scenario: sf.Scenario) -> None:
    with pytest.raises(ValueError, match="there are: auto, simpy, compiled"):
        sf.run(scenario, engine="fortran")


def test_an_unknown_what_if_is_a_scenario_error(scenario: sf.Scenario) -> None:
    with pytest.raises(sf.ScenarioError, match="did you mean stricter"):
        sf.compare(scenario, ["strickter"])


def test_teams_that_a_plan_makes_are_told(scenario: sf.Scenario) -> None:
    (split,) = sf.compare(scenario, ["micro_teams"], replications=1).teams

    assert (split.plan, split.pool, dict(split.heads)) == ("micro_teams", "SDR", {"chat": 1, "web": 1})


def test_one_replication_has_no_half_width(scenario: sf.Scenario) -> None:
    revenue = sf.run(scenario, replications=1).estimate("revenue")

    assert revenue is not None
    assert math.isnan(revenue.half_width)


def test_the_ledgers_of_a_run_are_those_that_it_measures(scenario: sf.Scenario) -> None:
    one: list[Run] = []
    many: list[Run] = []
    with ThreadPoolExecutor(2) as pool:
        sf.run(scenario, replications=9, executor=pool, workers=2, on_ledger=many.append)
    result = sf.run(scenario, replications=9, on_ledger=one.append)

    assert [run.replication for run in one] == [run.replication for run in many] == list(range(9))
    assert [measure(run.plan, run.ledger).value("revenue") for run in many] == list(
        result.samples["today"].values(Key("revenue"))
    )


def test_stop_and_progress_are_the_callers(scenario: sf.Scenario) -> None:
    told: list[tuple[str, int, int]] = []

    result = sf.run(scenario, replications=9, on_progress=lambda *step: told.append(step), stop=lambda: len(told) > 3)

    assert result.cancelled
    assert result.replications == 3
    assert "stopped early" in " ".join(result.warnings)
