"""What a shell may do to a command: close its streams, fill its disk, name its files oddly, tell it to end."""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command
from tests.interrupts import faults, moments

ROOT = Path(__file__).parents[2]
FEW = ("--replications", "2")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of shell in which $SF is the command."""
    command = f"{sys.executable} {ROOT / 'cli.py'}"
    return subprocess.run(
        ["sh", "-c", line.replace("$SF", command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=120,
    )


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--ledger", "same.csv", "--tasks", "same.csv"), "is also what --ledger writes"),
        (("--ledger", "s.csv", "--output", "s.csv"), "is also what"),
        (("--ledger", "s.csv", "--output", "s.passes.csv"), "is also what"),
        (("--ledger", "s.csv", "--tasks", "s.tasks.csv"), "is also what --ledger (tasks) writes"),
        (("--ledger", "s.csv", "--tasks", "./x/../s.entries.csv"), "is also what --ledger (entries) writes"),
        (("--tasks", "S.csv", "--output", "s.csv"), "is also what --output writes"),
        (("--timing", "s.json", "--output", "s.json"), "is also what --output writes"),
        (("--output", "report.xlsx"), "end it in .json or .csv or .txt or .md"),
        (("--output", "report.html"), "end it in"),
        (("--output", "report.pdf"), "end it in"),
        (("--csv", "--output", "report.json"), "does not end in .csv, the form that was asked for"),
        (("--json", "--output", "report.csv"), "does not end in .json, the form that was asked for"),
        (("--json", "--csv"), "exclude each other"),
        (("--output", "x" * 256 + ".csv"), "too long"),
        (("--ledger", "x" * 248 + ".csv"), "too long"),
        (("--output", "pipe.csv"), "is a device or a pipe"),
        (("--tasks", "pipe.csv"), "is a device or a pipe"),
        (("--ledger", "link.csv"), "is a link"),
        (("--output", "dangling.json"), "is a link"),
        (("--output", "read.csv"), "which this scenario reads"),
        (("--ledger", "twin.csv"), "which this scenario reads"),
        (("--tasks", "READ.csv"), "which this scenario reads"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_file_that_may_not_be_written_is_refused_before_the_work(
    cli: Command, tiny: str, words: tuple[str, ...], rule: str, force: tuple[str, ...]
) -> None:
    Path("base.yaml").write_text(TINY)
    Path("read.csv").write_text("extends: base.yaml\n")  # a scenario, whatever its name
    os.link("base.yaml", "twin.csv")
    Path("link.csv").symlink_to("elsewhere.csv")
    Path("dangling.json").symlink_to("nowhere.json")
    os.mkfifo("pipe.csv")
    before = {path.name for path in Path().iterdir()}

    done = cli("run", "read.csv", *FEW, *words, *force)

    if done.code == 2 and "exists already" in done.err:
        assert force == ()
    else:
        assert (done.code, rule in done.err.replace("\n", " ")) == (2, True), done.err
    assert {path.name for path in Path().iterdir()} == before
    assert Path("base.yaml").read_text() == TINY


@pytest.mark.parametrize("words", [("init", "l.yaml"), ("schema", "--output", "l.yaml")])
def test_starters_and_schemas_are_written_to_plain_files_only(cli: Command, tiny: str, words: tuple[str, ...]) -> None:
    Path("l.yaml").symlink_to(tiny)

    assert cli(*words, "--force").code == 2
    assert Path(tiny).read_text() == TINY


def test_a_full_disk_is_told_by_the_name_and_leaves_nothing(cli: Command, tiny: str) -> None:
    run = ("run", tiny, "--engine", "simpy", *FEW)
    cli(*run)  # what the first run on a machine keeps is larger
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        told = [
            cli("schema", "--output", "schema.json"),
            cli(*run, "--ledger", "leads.csv"),
        ]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    for done, name in zip(told, ("schema.json", "leads.csv"), strict=True):
        assert (done.code, done.err.splitlines()[-1]) == (1, f"{name}: file too large")
    assert [path.name for path in Path().iterdir()] == [tiny]


def test_names_that_a_spreadsheet_would_compute_are_quoted_in_every_csv(cli: Command, tiny: str) -> None:
    Path(tiny).write_text(
        TINY.replace("{web:", "{'=web':").replace("SDR:", "'+SDR':").replace("pools.SDR", "pools.+SDR")
    )

    text = cli("run", tiny, *FEW, "--csv", "--no-leaks", "--no-know", "--no-one-more", "--ledger", "l.csv").out

    rows = list(csv.DictReader(text.splitlines()))
    assert {row["channel"] for row in rows} == {"", "'=web"}
    assert "'+SDR" in {row["pool"] for row in rows}
    assert {row["channel"] for row in csv.DictReader(Path("l.csv").read_text().splitlines())} == {"'=web"}


# --- streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "form"),
    [
        ({"PYTHONIOENCODING": "cp1252"}, ""),
        ({"PYTHONIOENCODING": "ascii"}, " --json"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ""),
    ],
    ids=["text to cp1252", "JSON to ascii", "text to C"],
)
def test_text_and_json_go_to_standard_output_of_any_encoding(
    cli: Command, tiny: str, tmp_path: Path, environment: dict[str, str], form: str
) -> None:
    Path(tiny).write_text(TINY.replace("title: Tiny", "title: Größe — 漢字").replace("web:", "wéb:"))

    done = shell(f"$SF check {tiny} --replications 0{form}", tmp_path, **environment)

    assert (done.returncode, done.stderr) == (0, b"")
    plain = cli("check", tiny, "--replications", "0", "--json").out
    assert json.loads(done.stdout) == json.loads(plain) if form else b"Gr" in done.stdout


@pytest.mark.slow
def test_a_closed_stream_is_told_or_does_no_harm(tmp_path: Path) -> None:
    closed, full = shell("$SF schema >&-", tmp_path), shell("$SF schema > /dev/full", tmp_path)
    deaf, mute = shell("$SF schema 2>&-", tmp_path), shell("$SF schema <&-", tmp_path)
    to_file = shell("$SF schema --output s.json >&-", tmp_path)

    assert (closed.returncode, closed.stderr) == (
        1,
        b"standard output: is closed; leave it open, or name a file with --output\n",
    )
    assert (full.returncode, full.stderr) == (1, b"standard output: no space left on device\n")
    assert (deaf.returncode, mute.returncode, to_file.returncode) == (0, 0, 0)
    assert json.loads(deaf.stdout) == json.loads(mute.stdout) == json.loads((tmp_path / "s.json").read_text())


# --- being told to end -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", moments(3, date.today().toordinal(), last_s=6.0), ids=str)
def test_a_command_that_is_told_to_end_ends_quietly_and_leaves_nothing(moment: object) -> None:
    assert faults(moment) == []  # type: ignore[arg-type]  # which the parameter is


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("run", "tiny.yaml", "--set", "SDR.reps=3"), "did you mean pools.SDR.reps?"),
        (("run", "tiny.yaml", "--set", "discovery.conversion=3%"), "did you mean stages.discovery.conversion?"),
        (("run", "tiny.yaml", "--set", "web.volume=3"), "did you mean channels.web.volume?"),
        (("sweep", "tiny.yaml", "--lever", "sdr.reps=1:3:1"), "did you mean pools.SDR.reps?"),
        (("sweep", "tiny.yaml", "--lever", "mql_rate=10%:30%:10%"), "did you mean qualification.mql_rate?"),
        (("run", "tiny.yaml", "--set", "stages.discovery.effort.average=3 h"), "did you mean mean?"),
        (("run", "tiny.yaml", "--set", "stages.discovery.effort.min=3 h"), "did you mean low?"),
        (("run", "book.xlsx"), "is a spreadsheet or an archive; write the scenario as text"),
        (("run", "tabs.yaml"), "indent with spaces, not with a tab"),
        (("run", "tiny.yaml", "--replication", "1" + "0" * 21), "is not a whole number from 0 to 4,294,967,295"),
        (("run", "tiny.yaml", "--seed", "1" + "0" * 5000), "is not a whole number from 0"),
        (("run", "tiny.yaml", "--workers", "10000"), "is not a whole number from 1 to 512"),
        (("check", "tiny.yaml", "--replications", "1001"), "is not a whole number from 0 to 1,000"),
        (("verify", "--random", "-1"), "is not a whole number from 0 to 100,000"),
        (("run", "tiny.yaml", "--trace", "9" * 5000), "leads is called"),
        (("target", "tiny.yaml", "--wins", "9" * 30), "is not a whole number from 1 to 1,000,000,000"),
    ],
)
def test_a_near_miss_is_told_with_what_was_probably_meant(
    cli: Command, tiny: str, words: tuple[str, ...], hint: str
) -> None:
    Path("book.xlsx").write_bytes(b"PK\x03\x04rest")
    Path("tabs.yaml").write_text("title: x\nperiod:\n\tstart: 2027-01-04\n")

    done = cli(*words)

    assert (done.code, done.out) == (2, "")
    assert hint in done.err


@pytest.mark.parametrize("words", [("-h",), ("help",), ("help", "run"), ("run", "-h")])
def test_help_is_found_where_people_look_for_it(cli: Command, words: tuple[str, ...]) -> None:
    done = cli(*words)

    assert done.code == 0
    assert "Usage: simfunnel" in done.out
