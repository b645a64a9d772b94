"""While other processes compile, one in plain Python does the tasks; then compiled workers do, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simfunnel.app.while_compiling import WhileCompiling
from simfunnel.study.years.calls import run_calls

ROOT = Path(__file__).parents[3]


def compiled_when(sign: Path) -> None:
    """Stand for a program that is compiled once a file is there."""
    while not sign.exists():
        time.sleep(0.02)


def is_plain(_: object = None) -> bool:
    """Tell whether this process simulates in plain Python: what is compiled elsewhere is a plain function there."""
    from simfunnel.distributions.quantiles import quantile

    return not hasattr(quantile, "signatures")


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
        second, room = executor.submit(is_plain).result(60), executor.room()
        signs[1].touch()
        while executor.room() is not None:
            time.sleep(0.02)

        assert (first, second, room, executor.is_over, done) == (True, True, 1, True, ["kept"])
        assert executor.submit(is_plain).result(60) is False
        assert "NUMBA_DISABLE_JIT" not in os.environ  # what the plain process is told stays there


@pytest.mark.parametrize("items", [2, 4])  # with nothing that waits behind it, and with more
def test_the_task_in_hand_is_given_back_and_done_by_a_compiled_worker(tmp_path: Path, items: int) -> None:
    sign = tmp_path / "in hand"
    with compiling(partial(compiled_when, sign)) as (executor, _):
        answers = run_calls(partial(told, tmp_path), range(items), executor=executor, workers=1)

    assert answers == [(0, True), *((item, False) for item in range(1, items))]


def test_a_study_that_ends_first_stops_the_compilation(tmp_path: Path) -> None:
    began = time.monotonic()
    with compiling(partial(compiled_when, tmp_path / "never")) as (executor, done):
        assert executor.submit(is_plain).result(60)
        began = time.monotonic()

    assert (time.monotonic() - began < 10, executor.is_over, done) == (True, False, [])


def test_a_compilation_that_fails_leaves_the_work_to_workers_and_keeps_nothing() -> None:
    with compiling(fails) as (executor, done):
        executor.submit(is_plain).cancel()  # with the first task compilers start
        while executor.room() is not None:
            time.sleep(0.02)

        assert (executor.submit(is_plain).result(60), done) == (False, [])


def test_a_compiler_that_dies_leaves_the_other_one_alone(tmp_path: Path) -> None:
    sign = tmp_path / "rest"
    with compiling(partial(os._exit, 1), partial(compiled_when, sign)) as (executor, done):
        first = executor.submit(is_plain).result(60)
        while not any(program.done() for program in executor._compiling):
            time.sleep(0.02)
        room = executor.room()
        sign.touch()
        while executor.room() is not None:
            time.sleep(0.02)

        assert (first, room, done) == (True, 1, [])
        assert executor.submit(is_plain).result(60) is False


def test_what_a_task_raises_in_plain_python_reaches_who_asked(tmp_path: Path) -> None:
    with compiling(partial(compiled_when, tmp_path / "never")) as (executor, _), pytest.raises(ValueError):
        executor.submit(fails).result(60)


def test_a_process_that_is_told_to_end_ends_its_compilers_too(tmp_path: Path) -> None:
    code = f"""
import signal, sys, time
from functools import partial
from pathlib import Path
from simfunnel import leaving
from simfunnel.app.while_compiling import WhileCompiling
from tests.unit.app.test_while_compiling import compiled_when, is_plain
if __name__ == "__main__":
    leaving.install()
    never = Path({str(tmp_path / "never")!r})
    executor = WhileCompiling(1, [partial(compiled_when, never), partial(compiled_when, never)], print)
    with leaving.cleaned_by(executor.leave):
        executor.submit(is_plain).result(60)
        children = [each for part in executor._all() if part._pool for each in part._pool._processes]
        print(*children, flush=True)
        time.sleep(60)
"""
    script = tmp_path / "study.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        children = [int(number) for number in process.stdout.readline().split()]
        process.terminate()
        assert (len(children), process.wait(20)) == (3, 128 + signal.SIGTERM)
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
