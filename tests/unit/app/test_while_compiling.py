"""While other processes compile, one in plain Python does the tasks; then compiled workers do, and nothing is lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simfunnel.app.while_compiling import WhileCompiling
from simfunnel.study.years.calls import run_calls


def compiled_when(sign: Path) -> None:
    """Stand for a program that is compiled once a file is there."""
    while not sign.exists():
        time.sleep(0.02)


def is_plain(_: object = None) -> bool:
    """Tell whether this process simulates in plain Python."""
    return os.environ.get("NUMBA_DISABLE_JIT") == "1"


def fails() -> None:
    raise ValueError("no compiler")


def told(folder: Path, item: int) -> tuple[int, bool]:
    """Answer an item at once; in plain Python answer the first only, and leave a sign that the second is in hand."""
    if is_plain() and item > 0:
        (folder / "in hand").touch()
        time.sleep(60)
    return item, is_plain()


@contextmanager
def compiling(*programs: Callable[[], None]) -> Iterator[tuple[WhileCompiling, list[str]]]:
    done: list[str] = []
    executor = WhileCompiling(1, programs, lambda: done.append("kept"))
    try:
        yield executor, done
    finally:
        executor.shutdown()


def test_tasks_are_done_in_plain_python_until_all_programs_are_compiled(tmp_path: Path) -> None:
    signs = tmp_path / "loop", tmp_path / "rest"
    with compiling(*(partial(compiled_when, sign) for sign in signs)) as (executor, done):
        first = executor.submit(is_plain).result(60)
        signs[0].touch()
        second, is_over, room = executor.submit(is_plain).result(60), executor.is_over, executor.room
        signs[1].touch()
        while not executor.is_over:
            time.sleep(0.02)

        assert (first, second, is_over, room, done) == (True, True, False, 1, ["kept"])
        assert (executor.submit(is_plain).result(60), executor.room) == (False, None)
        assert not is_plain()  # what the plain process is told stays there


def test_the_task_in_hand_is_given_back_and_done_by_a_compiled_worker(tmp_path: Path) -> None:
    sign = tmp_path / "in hand"
    with compiling(partial(compiled_when, sign)) as (executor, _):
        answers = run_calls(partial(told, tmp_path), range(4), executor=executor, workers=1)

    assert answers == [(0, True), (1, False), (2, False), (3, False)]


def test_a_study_that_ends_first_stops_the_compilation(tmp_path: Path) -> None:
    began = time.monotonic()
    with compiling(partial(compiled_when, tmp_path / "never")) as (executor, done):
        assert executor.submit(is_plain).result(60)
        began = time.monotonic()

    assert (time.monotonic() - began < 10, done) == (True, [])


def test_a_compilation_that_fails_leaves_the_work_to_workers_and_keeps_nothing() -> None:
    with compiling(fails) as (executor, done):
        while not executor.is_over:
            time.sleep(0.02)

        assert (executor.submit(is_plain).result(60), done) == (False, [])


def test_what_a_task_raises_in_plain_python_reaches_who_asked(tmp_path: Path) -> None:
    with compiling(partial(compiled_when, tmp_path / "never")) as (executor, _), pytest.raises(ValueError):
        executor.submit(fails).result(60)
