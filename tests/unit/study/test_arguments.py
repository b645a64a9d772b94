"""Arguments of the public functions are judged before any work, in the words of the command line."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import simfunnel as sf
from simfunnel.study import Part, ledgers, levels

TINY = """\
title: Tiny
period: {start: 2027-01-04, weeks: 6, run_in: 4 weeks}
channels: {web: {leads: 40 / week, deal_value: 7k}}
qualification: {mql_rate: 40%}
pools:
  SDR: {stages: [discovery], reps: 2, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}]
what_ifs:
  stricter: {qualification.mql_rate: 20%}
"""

CALLS: dict[str, Callable[..., object]] = {
    "run": sf.run,
    "compare": lambda scenario, **more: sf.compare(scenario, ["stricter"], **more),
    "bridge": sf.bridge,
    "sensitivity": sf.sensitivity,
    "sla": sf.sla,
    "sweep": lambda scenario, **more: sf.sweep(scenario, ["pools.SDR.reps=1:2:1"], **more),
    "target": lambda scenario, **more: sf.target(scenario, 1e5, **more),
}


@pytest.fixture
def scenario(tmp_path: Path) -> sf.Scenario:
    (tmp_path / "tiny.yaml").write_text(TINY)
    return sf.load(tmp_path / "tiny.yaml")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("seed", -1, "-1 is not a whole number from 0 to 4,294,967,295"),
        ("seed", 1.5, "1.5 is not a whole number"),
        ("seed", 2**32, "is not a whole number from 0 to 4,294,967,295"),
        ("seed", "a", "'a' is not a whole number"),
        ("seed", True, "true is not a whole number"),
        ("replications", 0, "0 is neither a whole number from 1 to 100,000 nor auto"),
        ("replications", -3, "neither a whole number"),
        ("replications", 10**9, "neither a whole number"),
        ("replications", 2.5, "neither a whole number"),
        ("replications", "many", "neither a whole number"),
        ("start", "April", "'April' is not a date like 2027-04-01, nor period or settled"),
        ("start", 7, "7 is not a date like"),
        ("workers", 0, "0 is not a whole number from 1 to 512"),
        ("engine", "fortran", "no engine is called 'fortran'; there are: auto, simpy, compiled"),
        ("executor", 4, "4 is no concurrent.futures.Executor"),
        ("stop", 4, "4 cannot be called"),
        ("on_progress", "bar", "'bar' cannot be called"),
    ],
)
@pytest.mark.parametrize("command", CALLS)
def test_an_argument_that_cannot_be_is_refused_with_its_name_and_rule(
    scenario: sf.Scenario, command: str, name: str, value: object, rule: str
) -> None:
    with pytest.raises(sf.ArgumentError) as caught:
        CALLS[command](scenario, **{name: value})

    assert (caught.value.name, isinstance(caught.value, ValueError)) == (name, True)
    assert rule in str(caught.value)


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize("value", ["tiny.yaml", Path("tiny.yaml"), {"title": "plain"}, None])
def test_what_is_no_scenario_is_told_how_to_become_one(command: str, value: object) -> None:
    with pytest.raises(sf.ArgumentError, match=r"simfunnel\.load"):
        CALLS[command](value)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda s: sf.run(s, precision=2), "precision"),
        (lambda s: sf.run(s, precision=math.nan), "precision"),
        (lambda s: sf.sla(s, confidence=1.0), "confidence"),
        (lambda s: sf.sweep(s, "pools.SDR.reps=1:2:1", zone=0), "zone"),
        (lambda s: sf.sweep(s, "pools.SDR.reps=1:2:1", objective="profits"), "objective"),
        (lambda s: sf.target(s, math.inf), "wanted"),
        (lambda s: sf.target(s, 1e5, by="soon"), "by"),
        (lambda s: sf.target(s, 1e5, prices={"channels.*.volume": "much"}), "prices"),
        (lambda s: sf.target(s, 1e5, replications="auto"), "replications"),
        (lambda s: sf.bridge(s, to=math.nan), "to"),
        (lambda s: sf.compare(s, []), "what_ifs"),
        (lambda s: sf.compare(s, [1]), "what_ifs"),
        (lambda s: sf.compare(s, 1), "what_ifs"),
        (lambda s: sf.verify(seed=-1), "seed"),
        (lambda s: sf.verify(random=10**9), "random"),
        (lambda s: levels("tiny.yaml", [{}]), "scenario"),
        (lambda s: levels(s, None), "changes"),
        (lambda s: levels(s, "qualification.mql_rate=20%"), "changes"),
        (lambda s: levels(s, [{}, 3]), "changes"),
        (lambda s: levels(s, []), "changes"),
        (lambda s: levels(s, [{}, {}]), "changes"),
        (lambda s: levels(s, [{1: 2}]), "changes"),
        (lambda s: levels(s, [{}], wanted="profit"), "wanted"),
        (lambda s: levels(s, [{}], wanted=(("profits", ""),)), "wanted"),
        (lambda s: levels(s, [{}], seed=-1), "seed"),
        (lambda s: levels(s, [{}], start="soon"), "start"),
        (lambda s: levels(s, [{}], work=3), "work"),
        (lambda s: levels(s, [{}]).extend(-1), "upto"),
        (lambda s: levels(s, [{}]).extend(1, ["tomorrow"]), "names"),
        (lambda s: levels(s, [{}]).replications("tomorrow"), "names"),
        (lambda s: next(ledgers(s, "x")), "replications"),
        (lambda s: next(ledgers(s, [-1])), "replications"),
        (lambda s: next(ledgers(s, [0], work=None)), "work"),
        (lambda s: sf.load(None), "path"),
        (lambda s: sf.load(b"tiny.yaml"), "path"),
        (lambda s: sf.load("tiny.yaml", sets=3), "sets"),
        (lambda s: sf.load("tiny.yaml", sets=[None]), "sets"),
        (lambda s: sf.load("tiny.yaml", sets={"pools.SDR.reps": 3}.items()), "sets"),
        (lambda s: sf.check("tiny.yaml"), "scenario"),
        (lambda s: sf.run(s, replications=1).estimate("wins", part="web"), "part"),
        (lambda s: sf.verify("R99"), "checks"),
        (lambda s: sf.verify(full=1), "full"),
        (lambda s: sf.bridge(s, ["stricter"], to=1e5), "to"),
        (lambda s: sf.target(s, 1e5, replications=3), "replications"),
    ],
)
def test_arguments_of_one_study_of_loading_and_of_results_are_judged_by_name_as_well(
    scenario: sf.Scenario, call: Callable[[sf.Scenario], object], name: str
) -> None:
    with pytest.raises(sf.ArgumentError) as caught:
        call(scenario)

    assert caught.value.name == name


def test_a_single_name_is_a_list_of_one_and_a_day_may_be_text(scenario: sf.Scenario) -> None:
    short = sf.compare(scenario, "stricter", replications=2, start="2027-01-11", seed=np.int64(3))
    long = sf.compare(scenario, ["stricter"], replications=2, start=date(2027, 1, 11), seed=3)

    assert short.to_json() == long.to_json()
    assert sf.run(scenario, what_ifs="stricter", replications=1).plans == ("stricter",)


def test_a_result_as_json_is_the_same_bytes_with_any_number_of_workers(scenario: sf.Scenario) -> None:
    with ThreadPoolExecutor(2) as pool:
        many = sf.run(scenario, replications=3, executor=pool, workers=2).to_json()

    assert many == sf.run(scenario, replications=3).to_json()
    assert not {"seconds", "executor", "workers"} & set(json.loads(many))


@pytest.mark.parametrize(
    ("metric", "plan", "remedy"),
    [
        ("win", "stricter", "did you mean wins"),
        ("revenue", "tday", "did you mean today?"),
        ("zzz", "today", "there are "),
    ],
)
def test_a_result_that_has_nothing_of_a_name_says_what_it_has(
    scenario: sf.Scenario, metric: str, plan: str, remedy: str
) -> None:
    result = sf.compare(scenario, ["stricter"], replications=1)

    for ask in (result.estimate, result.difference):
        with pytest.raises(KeyError, match=r"no (metric|plan) is called") as caught:
            ask(metric, plan)
        assert remedy in str(caught.value)
    assert result.estimate("wins", part=Part(pool="XY")) is None


WRONG = {  # an argument, values that it cannot take, and the functions that have it
    "scenario": ["tiny.yaml", None, 3, b"x", [None]],
    "what_ifs": [3, b"x", [None], math.nan, True],
    "replications": [b"x", [3], {}, math.nan, -1, 10**30, True],
    "seed": [b"x", math.nan, -1, 10**30, [1], True],
    "workers": ["many", 0, 10**30, math.nan],
    "precision": [b"x", [0.1], math.nan, 0, 10**30],
    "start": [b"x", 3, [date(2027, 1, 11)], math.nan],
    "engine": [b"x", None, [], {}],
    "levers": [3, None, b"x", [None], {1: 2}, math.nan],
    "objective": [3, b"x", [], {}, "profits"],
    "accuracy": [None, "no", 1, []],
    "screening": [None, "no", 1, []],
    "leaks": [None, "no", 1, []],
    "measured": [3, None, "wins", [], ["wins"], [("wins", "moon")], {"wins": ""}, [None]],
    "metric": [3, None, b"x", [], "sals"],
    "metrics": [3, b"x", [None]],
    "inputs": [3, b"x", [None]],
    "prices": [3, "x", [1], {"pools.SDR.reps": b"x"}],
    "wanted": ["much", b"x", math.nan, []],
    "by": ["soon", 3, b"x", []],
    "confidence": [b"x", 2, math.nan],
    "stop": [3, "x"],
    "executor": [3, "x"],
    "on_progress": [3, "x"],
}


@pytest.mark.parametrize("command", [*CALLS, "check"])
def test_no_wrong_argument_of_any_public_study_ends_otherwise_than_with_its_name(
    scenario: sf.Scenario, command: str
) -> None:
    function = getattr(sf, command)
    needed = {"compare": {"what_ifs": ["stricter"]}, "sweep": {"levers": ["pools.SDR.reps=1:2:1"]}}
    for name in inspect.signature(function).parameters:
        for value in WRONG.get(name, []):
            given = {"scenario": scenario, **needed.get(command, {}), name: value}
            with pytest.raises(sf.ArgumentError) as caught:
                function(**given)
            assert caught.value.name == name, (command, name, value)


def test_a_single_set_a_single_lever_and_a_single_year_are_lists_of_one(scenario: sf.Scenario) -> None:
    file = str(scenario.file)

    assert (
        sf.load(file, sets="pools.SDR.reps=3").pools["SDR"].reps
        == sf.load(file, ["pools.SDR.reps=3"]).pools["SDR"].reps
    )
    assert [run.replication for run in ledgers(scenario, 1)] == [1]
    assert sf.run(scenario, replications=1, measured=[("wins", "")]).estimate("wins") is not None
