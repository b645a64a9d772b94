"""Whatever a file holds, the answer is a scenario or a ScenarioError, quickly, and without the simulator."""

from __future__ import annotations

import copy
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simfunnel.errors import ScenarioError
from simfunnel.scenario import load, parse, phases_of
from simfunnel.scenario.read.source import read_yaml

SCENARIOS = Path(__file__).parents[3] / "scenarios"
B2B = read_yaml((SCENARIOS / "b2b.yaml").read_text(), None).data

JUNK = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(),
    st.sampled_from(
        ["none", "default", "*", "unlimited", "always", "2 more", "-5%", "1e400 days", "0 / week", "9999-12-31"]
    ),
    st.text(max_size=8),
    st.recursive(
        st.sampled_from(["3 days", "40%", 7, "x"]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["mean", "leads", "odds"]), inner),
        max_leaves=4,
    ),
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, item in below for place in places(item, (*path, key)))]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_junk_anywhere_in_a_scenario_is_told_or_understood(data: st.DataObject) -> None:
    raw = copy.deepcopy(B2B)
    path = data.draw(st.sampled_from(places(raw)[1:]))
    node = raw
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = data.draw(JUNK)

    try:
        scenario = parse(raw)
    except ScenarioError as error:
        problems = error.problems
    else:
        problems = ()
        for name in scenario.what_ifs:
            phases_of(scenario, [name])

    assert all(problem.rule and problem.remedy for problem in problems)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 4000), st.integers(0, 40), st.text(alphabet="{}[]:,-?&*!|>'\"%@#\n\t a1", max_size=4))
def test_a_text_cut_or_spoilt_anywhere_is_told_or_understood(at: int, cut: int, put: str) -> None:
    text = (SCENARIOS / "b2b.yaml").read_text()
    try:
        parse(text[:at] + put + text[at + cut :])
    except ScenarioError as error:
        lines = [problem.line for problem in error.problems]
    else:
        lines = [1]

    assert lines
    assert all(line is not None for line in lines)


def test_a_scenario_is_read_and_judged_in_a_moment() -> None:
    load(SCENARIOS / "b2b.yaml")

    started = time.process_time()
    for _ in range(3):
        load(SCENARIOS / "b2b.yaml")

    assert (time.process_time() - started) / 3 < 0.15


def test_reading_a_scenario_needs_neither_numba_nor_scipy_nor_simpy() -> None:
    code = (
        "import sys; import simfunnel.scenario as s; s.load(sys.argv[1]);"
        "print(sorted({'numba', 'scipy', 'simpy', 'typer', 'rich'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(SCENARIOS / "b2b.yaml")], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
