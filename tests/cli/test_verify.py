from __future__ import annotations

import csv
import io
import json
import signal
from pathlib import Path

import pytest

from simfunnel.verify import known as known_answers
from simfunnel.verify import run
from tests.cli.conftest import Command

FEW = ("philox", "names")


def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """One known answer is another one."""
    monkeypatch.setattr(known_answers, "NAMES", (("demo", 1),))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_verify_shows_each_check_and_the_machine(cli: Command, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = cli("verify", *FEW)

    assert done.code == 0
    for words in ("all 2 checks passed", "Python 3", "numba", "engine", "seed 1", "philox", "names", "pass"):
        assert words in done.out
    assert max(map(len, done.out.splitlines())) <= width


def test_a_check_that_fails_gives_exit_code_3_and_says_why(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch)
    done = cli("verify", *FEW)

    assert done.code == 3
    assert "1 of 2 checks FAILED" in done.out
    assert "stage demo: 1541533561 is off" in done.out


def test_json_is_one_object(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch)
    done = cli("verify", *FEW, "--json", "--seed", "4")
    told = json.loads(done.out)

    assert done.code == 3
    assert (told["schema"], told["seed"], told["passed"]) == ("simfunnel.verify/1", 4, False)
    assert [check["passed"] for check in told["checks"]] == [True, False]


def test_csv_has_a_row_for_each_figure(cli: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("verify", *FEW, "--csv").out)))

    assert [row["check"] for row in rows] == ["philox"] * 3 + ["names"] * 3
    assert {row["passed"] for row in rows} == {"True"}


def test_the_table_may_go_to_a_file(cli: Command, tmp_path: Path) -> None:
    done = cli("verify", *FEW, "--output", str(tmp_path / "checks.json"))

    assert done.out == ""
    assert json.loads((tmp_path / "checks.json").read_text())["asked"] == 2


def test_an_unknown_check_is_bad_usage(cli: Command) -> None:
    done = cli("verify", "R99")

    assert done.code == 2
    assert "no check is called 'R99'" in done.err


def test_an_interrupt_keeps_what_is_finished(cli: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = run.answer

    def interrupted(item: run.Item) -> run.Answer:
        signal.raise_signal(signal.SIGINT)
        return answer(item)

    monkeypatch.setattr(run, "answer", interrupted)
    done = cli("verify", *FEW)

    assert done.code == 130
    assert "1 of 2 checks made, all passed" in done.out
    assert "stopped early" in done.out
    assert "Ctrl-C again" in done.err
