import pickle
from dataclasses import replace

import pytest

from simfunnel.errors import (
    MISSING,
    EngineError,
    Problem,
    ScenarioError,
    SimfunnelError,
    TargetError,
    WorkerError,
    path_text,
    value_text,
)

BAD_DELAY = Problem(
    ("handoff", "trade fair", "delay"),
    "2 busines days",
    "'busines days' is not a unit of time",
    "write 2 business days",
)


def test_a_problem_reads_place_path_value_rule_remedy() -> None:
    located = replace(BAD_DELAY, file="b2b.yaml", line=14, column=16)

    assert str(located) == (
        "b2b.yaml:14:16: handoff.\"trade fair\".delay: '2 busines days', "
        "'busines days' is not a unit of time; write 2 business days"
    )


def test_a_problem_without_a_place_starts_with_its_path() -> None:
    assert str(Problem(("score", "sd"), -3, "must be above 0")) == "score.sd: -3, must be above 0"


def test_a_missing_value_is_not_shown() -> None:
    problem = Problem(("pools", "SDR", "reps"), MISSING, "is missing", "write a number of reps", at="parent")

    assert str(problem) == "pools.SDR.reps: is missing; write a number of reps"


def test_a_problem_of_the_whole_file_has_no_path() -> None:
    assert str(Problem((), MISSING, "the file is empty", file="a.yaml")) == "a.yaml: the file is empty"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("stages", 1, "conversion"), "stages[1].conversion"),
        (("channels", "v2.0", "leads"), 'channels."v2.0".leads'),
        (("", "a"), '"".a'),
        ((), ""),
    ],
)
def test_a_path_is_written_as_after_set(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("x" * 80, "'" + "x" * 56 + "..."), ({"a": 1}, "a block"), ([1], "a list"), (False, "false"), (0.5, "0.5")],
)
def test_values_are_shown_short(value: object, text: str) -> None:
    assert value_text(value) == text


def test_a_scenario_error_lists_every_problem_on_its_own_line() -> None:
    error = ScenarioError([BAD_DELAY, Problem(("seed",), -1, "is negative")])

    assert len(error.problems) == 2
    assert str(error).splitlines() == [str(problem) for problem in error.problems]


def test_a_scenario_error_travels_between_processes() -> None:
    error = pickle.loads(pickle.dumps(ScenarioError([Problem(("a",), MISSING, "is missing")])))

    assert error.problems[0].value is MISSING


@pytest.mark.parametrize("kind", [ScenarioError, TargetError, WorkerError, EngineError])
def test_every_error_has_the_one_root(kind: type[Exception]) -> None:
    assert issubclass(kind, SimfunnelError)
