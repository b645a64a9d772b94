"""The first compilation on a machine is told, with the time that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from simfunnel.app.cli import studying
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
IN_A_WHILE = """
import time
from simfunnel.app.cli.printing import time_shown
with time_shown("compiling", "compiled"):
    time.sleep(1.5)
"""


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    for user in ("simfunnel.app.cli.studying", "simfunnel.app.cli.compile"):
        monkeypatch.setattr(f"{user}.cache_is_cold", lambda: True)
    monkeypatch.setattr("simfunnel.study.warm_up", lambda beside: None)
    monkeypatch.setattr("simfunnel.app.jobs.cores", lambda: 1)  # no process beside


@pytest.mark.usefixtures("cold")
def test_a_first_compilation_is_told_before_and_after(cli: Command, tiny: str) -> None:
    done = cli("run", tiny, "--replications", "2", "--workers", "1")

    assert done.err.splitlines()[:2] == [f"{studying.COMPILING} ...", "compiled in 0 s"]
    assert "compiling" not in done.out


def test_with_two_workers_years_are_simulated_while_processes_compile(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "run", tiny, "--replications", "2", "--workers", "2", "--json"
    warm = cli(*asked)
    monkeypatch.setattr(studying, "cache_is_cold", lambda: True)
    monkeypatch.setattr("simfunnel.app.jobs.cores", lambda: 2)
    cold = cli(*asked)

    assert cold.err.splitlines()[0] == studying.COMPILING_BESIDE
    assert cold.out == warm.out


def test_a_study_that_ends_before_the_compilation_says_how_to_finish_it(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studying, "cache_is_cold", lambda: True)
    monkeypatch.setattr("simfunnel.app.jobs.cores", lambda: 2)
    monkeypatch.setattr("simfunnel.engine.compile_the_loop", partial(time.sleep, 60))
    done = cli("run", tiny, "--replications", "1", "--workers", "2", "--no-one-more", "--no-leaks", "--no-know")

    assert (done.code, done.err.splitlines()[-1]) == (0, studying.COMPILE_LATER)


@pytest.mark.usefixtures("cold")
def test_the_simulator_may_be_compiled_before_it_is_needed(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = [True, True, False]
    for user in ("simfunnel.app.cli.studying", "simfunnel.app.cli.compile"):
        monkeypatch.setattr(f"{user}.cache_is_cold", lambda: cold.pop(0))
    done = cli("compile")

    assert done.err.splitlines() == [f"{studying.COMPILING} ...", "compiled in 0 s"]


@pytest.mark.usefixtures("cold")
def test_machine_code_that_could_not_be_kept_is_told(cli: Command) -> None:
    done = cli("compile")

    assert (done.code, "could not be kept in" in done.err) == (3, True)


def test_what_is_compiled_is_not_compiled_again(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simfunnel.app.cli.compile.cache_is_cold", lambda: False)
    assert cli("compile").err == "compiled already\n"


def test_without_a_folder_for_machine_code_nothing_is_compiled_ahead(
    cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simfunnel.app.cli.compile.cache_folder", lambda: None)
    done = cli("compile")

    assert (done.code, "set NUMBA_CACHE_DIR to one that can be written" in done.err) == (3, True)


@pytest.mark.usefixtures("cold")
def test_nothing_is_compiled_for_a_check_that_simulates_nothing(cli: Command, tiny: str) -> None:
    assert "compil" not in cli("check", tiny, "--replications", "0").err


@pytest.mark.usefixtures("cold")
def test_without_a_folder_to_keep_it_in_one_process_compiles_and_says_so(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studying, "nothing_is_kept", lambda: True)

    assert "set NUMBA_CACHE_DIR to one that can be written ..." in cli("run", tiny, "--replications", "2").err
    with studying.at_work(4) as work:
        assert (work["executor"], work["workers"]) == (None, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_on_a_terminal_the_seconds_are_counted() -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    with subprocess.Popen([sys.executable, "-c", IN_A_WHILE], stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other side has gone
            pass
    os.close(ours)

    assert process.returncode == 0
    assert b"0:00:01" in shown
    assert shown.rstrip().endswith(b"compiled in 2 s")
