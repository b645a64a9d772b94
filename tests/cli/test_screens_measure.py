"""What a screen does not show is not measured for it, and nothing that it shows changes by that."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simfunnel import study
from simfunnel.metrics import EVERYTHING, Wanted
from simfunnel.report.screens import check, compare, run
from simfunnel.scenario import load
from simfunnel.study.calibrate import error as calibration_error
from simfunnel.study.calibrate.error import CalibrationError
from simfunnel.study.years import plans as prepare
from tests.cli.conftest import TINY, Command

SLA = "sla: {marketing: {mqls: 10 to 80 / month}, sales: {response: 60% within 8 working hours}}\n"
PLANS = ("stricter", "one_more")
RUN, COMPARE, CHECK = ("run", "--no-know"), ("compare", *PLANS), ("check",)
RANGED = ("--set", "acceptance=55% to 65%")
SCREENS = {"run": run, "compare": compare, "check": check}


@pytest.fixture
def agreed(tiny: str) -> str:
    """A scenario file with an agreement in it, and with commissions."""
    Path(tiny).write_text(TINY.replace("selling_time: 50%", "selling_time: 50%, commission: 8%") + SLA)
    return tiny


@pytest.mark.parametrize(
    ("words", "years"),
    [(RUN, 4), ((*RUN, *RANGED), 20), (COMPARE, 7), (CHECK, 4), ((*CHECK, "--json"), 4)],
    ids=["run", "run of typed ranges", "compare", "check", "JSON of check"],
)
def test_a_screen_is_the_same_whatever_else_is_measured(
    cli: Command, agreed: str, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], years: int
) -> None:
    asked = (words[0], agreed, *words[1:], "--replications", str(years))
    lean = cli(*asked)
    monkeypatch.setattr(SCREENS[words[0]], "ON_SCREEN", EVERYTHING)

    assert lean.out, lean.err
    assert cli(*asked) == lean


@pytest.mark.parametrize(
    ("form", "whole"),
    [
        ((), False),
        (("--output", "year.txt"), False),
        (("--json",), True),
        (("--csv",), True),
        (("--output", "year.json"), True),
        (("--output", "year.csv"), True),
    ],
)
@pytest.mark.parametrize(("words", "screen"), [(RUN, run), (COMPARE, compare)], ids=["run", "compare"])
def test_only_json_and_csv_keep_what_no_screen_shows(
    cli: Command,
    agreed: str,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    screen: ModuleType,
    form: tuple[str, ...],
    whole: bool,
) -> None:
    asked: list[Any] = []
    simulate = getattr(study, words[0])

    def noted(*args: Any, **more: Any) -> Any:
        asked.append(more["measured"])
        return simulate(*args, **more)

    monkeypatch.setattr(study, words[0], noted)

    said = cli(words[0], agreed, *words[1:], "--replications", "2", *form)

    assert said.code == 0, said.err
    assert asked == [EVERYTHING if whole else screen.ON_SCREEN]


@pytest.mark.parametrize("measured", [compare.ON_SCREEN, check.ON_SCREEN], ids=["compare", "check"])
def test_a_comparison_of_fewer_metrics_says_of_each_what_one_of_all_says(
    agreed: str, monkeypatch: pytest.MonkeyPatch, measured: Wanted
) -> None:
    """Half-widths with the errors of the calibration too, some of which are made of several metrics."""

    def error_of(*asked: Any) -> CalibrationError:
        stages = {"discovery": 0.01, "proposal": 0.02}
        return replace(calibration_error.error_of(*asked), acceptance=0.02, rejection=0.03, stages=stages)

    monkeypatch.setattr(prepare, "error_of", error_of)
    every, lean = (study.compare(load(agreed), PLANS, replications=6, measured=w) for w in (EVERYTHING, measured))

    assert all(repr(each) == repr(every.estimate(each.metric, each.plan, each.part)) for each in lean.estimates)
    assert all(repr(each) == repr(every.difference(each.metric, each.plan, each.part)) for each in lean.differences)
    assert any(each.se_cal for each in lean.estimates if each.metric == "profit")
    assert (repr(lean.typed), lean.warnings) == (repr(every.typed), every.warnings)


def test_what_is_not_measured_by_month_has_no_transition(agreed: str) -> None:
    lean = study.compare(load(agreed), PLANS, replications=2, measured=(("revenue", "month"),))

    assert {each.metric for each in lean.transition} == {"revenue"}


@pytest.mark.parametrize(
    ("measured", "most"),
    [(run.ON_SCREEN, 0.4), (compare.ON_SCREEN, 0.25), (check.ON_SCREEN, 0.2)],
    ids=["run", "compare", "check"],
)
def test_a_screen_measures_a_fraction_of_the_numbers(agreed: str, measured: Wanted, most: float) -> None:
    every, lean = (study.run(load(agreed), replications=1, measured=w).samples for w in (EVERYTHING, measured))

    assert len(lean["today"].keys) <= most * len(every["today"].keys)


def test_typed_ranges_keep_what_is_measured_only(agreed: str) -> None:
    scenario = load(agreed, RANGED[1:])

    found = study.run(scenario, replications=5, measured=run.ON_SCREEN)

    pairs = {(each.metric, bool(each.part.rep)) for each in found.estimates}
    assert pairs <= {(metric, False) for metric, _ in run.ON_SCREEN}


def test_a_year_keeps_at_most_three_bytes_a_metric_that_json_prints(agreed: str) -> None:
    samples = study.run(load(agreed), replications=128).samples["today"]

    kept = len(pickle.dumps(samples.__dict__["_parts"], pickle.HIGHEST_PROTOCOL))

    assert kept <= 3 * 128 * len(samples.keys)


def test_a_screen_measures_that_by_which_a_team_that_falls_behind_is_told() -> None:
    for shown in (run.ON_SCREEN, compare.ON_SCREEN, check.ON_SCREEN):
        assert ("open_leads", "pool+month") in shown


def test_json_holds_every_number_whatever_the_screen_shows(cli: Command, tiny: str) -> None:
    said = cli("run", tiny, "--replications", "2", "--no-know", "--no-leaks", "--no-one-more", "--csv")

    assert any(",2027-01-04," in line and "wins" in line for line in said.out.splitlines())
