"""Arguments of the public functions are judged before any work, in the words of the command line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import simfunnel as sf
from simfunnel.study import Part

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
    ],
)
def test_arguments_of_one_study_are_judged_as_well(
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
