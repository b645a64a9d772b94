from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from simfunnel.app.cli.entry import app
from simfunnel.app.commands import COMMANDS, example_lines
from simfunnel.scenario import lever_of, load, starter_text
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]


def test_help_shows_every_command_and_examples(cli: Command) -> None:
    done = cli("--help")

    assert done.code == 0
    assert all(f"  {command.name} " in done.out for command in COMMANDS)
    assert all(line in done.out for line in ("Examples:", *example_lines()))


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_has_an_example_in_its_help(cli: Command, command: str) -> None:
    done = cli(command, "--help")

    assert f"simfunnel {command}" in done.out.split("Example")[1]
    assert max(map(len, done.out.splitlines())) <= 100


def examples() -> list[str]:
    """Every example in the help of every command, with its lines joined."""
    group = typer.main.get_command(app)
    found = []
    for command in (group, *group.commands.values()):
        text = inspect.cleandoc(command.help or "").replace("\b", "").partition("Example")[2]
        lines = re.sub(r"\\\n\s*", "", text).splitlines()
        found += [line.strip().partition("  ")[0] if command is group else line.strip() for line in lines]
    return [re.split(r"\s{3,}", line)[0] for line in found if line.startswith("simfunnel ")]


@pytest.mark.parametrize("example", examples())
def test_every_example_of_the_help_can_be_asked(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    (tmp_path / "funnel.yaml").write_text(starter_text())
    monkeypatch.chdir(tmp_path)
    _, name, *words = shlex.split(example)
    group = typer.main.get_command(app)

    asked = group.commands[name].make_context(name, words).params

    if asked.get("file") is None or name in ("init", "schema"):
        return
    given = {option: [value for at, value in pairwise(words) if at == option] for option in words}
    scenario = load(Path(asked["file"]), given.get("--set", ()))
    assert set(asked.get("what_ifs") or given.get("--what-if", ())) <= set(scenario.what_ifs)
    for lever in given.get("--lever", ()):
        lever_of(scenario, lever)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["rnu", "tiny.yaml"], "Did you mean 'run'?"),
        (["run", "tiny.yaml", "--replicatoins", "4"], "did you mean"),
        (["compare", "tiny.yaml", "strickter"], "did you mean stricter?"),
        (["compare", "tiny.yaml"], "name at least one what-if: tiny.yaml has stricter, as_it_is"),
        (["run", "tinny.yaml"], "no such file"),
        (["run", "tiny.yaml", "--engine", "compiled", "--trace", "3"], "leave --engine out"),
        (["run", "tiny.yaml", "--engine", "fortran"], "fortran"),
        (["run", "tiny.yaml", "--replications", "many"], "neither a whole number"),
        (["run", "tiny.yaml", "--replications", "0"], "neither a whole number"),
        (["run", "tiny.yaml", "--precision", "2"], "--precision"),
        (["run", "tiny.yaml", "--replication", "2"], "did you mean --replications?"),
        (["run", "tiny.yaml", "--seed", "-1"], "--seed"),
        (["run", "tiny.yaml", "--workers", "0"], "--workers"),
        (["compare", "tiny.yaml", "stricter", "--from", "April"], "is not a date like"),
        (["compare", "tiny.yaml", "stricter", "--from", "2027-02-01", "--settled"], "exclude each other"),
        (["compare", "tiny.yaml", "stricter", "--from", "2031-02-01"], "does not lie in the period"),
        (["run", "tiny.yaml", "--set", "pools.SDR.rep=3"], "did you mean"),
        (["run", "tiny.yaml", "--ledger", "leads.txt"], "must end in .csv or .parquet"),
        (["run", "tiny.yaml", "--output", "nowhere/x.json"], "no such folder"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_with_its_remedy(
    cli: Command, tiny: str, words: list[str], remedy: str
) -> None:
    done = cli(*words)

    assert (done.code, done.out) == (2, "")
    assert remedy in done.err


def test_a_bad_scenario_is_told_by_line_and_nothing_is_simulated(cli: Command, tiny: str) -> None:
    Path(tiny).write_text(Path(tiny).read_text().replace("reps: 2", "reps: two", 1))

    done = cli("run", tiny)

    assert (done.code, done.out) == (2, "")
    assert "tiny.yaml:7:" in done.err
    assert "nothing was simulated" in done.err


def test_with_json_an_error_is_json_too(cli: Command, tiny: str) -> None:
    done = cli("compare", tiny, "strickter", "--json")

    fault = json.loads(done.err)
    assert (done.code, done.out, fault["schema"], fault["exit_code"]) == (2, "", "simfunnel.error/1", 2)
    assert fault["problems"][0]["path"] == "what_ifs.strickter"


def test_the_version_is_printed(cli: Command) -> None:
    assert cli("--version").out.startswith("simfunnel ")


def test_a_fault_of_the_program_is_one_line(tmp_path: Path) -> None:
    code = (
        "import sys; from simfunnel.app.cli import entry; "
        "entry.typer.main.get_command = lambda app: 1 / 0; entry.main(['run', 'x.yaml'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "a fault in simfunnel, please report it: ZeroDivisionError" in done.stderr


def test_help_needs_no_terminal_and_a_reader_that_leaves_early_is_no_fault() -> None:
    process = subprocess.Popen(
        [sys.executable, "cli.py", "schema"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert b"Traceback" not in process.stderr.read()
    assert process.wait(60) == 1
    process.stderr.close()


def test_the_list_of_commands_is_told_in_whole_sentences(cli: Command) -> None:
    listed = cli("--help").out.split("Commands:")[1]

    assert "..." not in listed
    assert all(line.endswith(".") for line in listed.strip().splitlines())


def test_a_command_tells_its_own_options_before_those_that_all_have(cli: Command) -> None:
    told = cli("sweep", "--help").out.split("Options:")[1]

    assert told.index("--lever PATH") < told.index("--zone") < told.index("--set PATH")


@pytest.mark.parametrize(("command", "years"), [("run", "50"), ("sla", "200"), ("target", "200"), ("sweep", "auto")])
def test_the_help_says_how_many_years_are_simulated(cli: Command, command: str, years: str) -> None:
    told = cli(command, "--help").out.split("Options:")[1]
    about = told.split("--replications")[1].split("--seed")[0]

    assert f"[default: ({years})]" in " ".join(about.split())


def test_target_offers_no_precision_which_it_would_not_heed(cli: Command, tiny: str) -> None:
    assert "--precision" not in cli("target", "--help").out
    assert cli("target", tiny, "--precision", "2%").code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sweep", "tiny.yaml", "--lever", "pools.SDR.reps=1:3:1", "--objective", "profits"], "': 'profits' is not"),
        (["sweep", "tiny.yaml", "--lever", "pools.SDR.reps"], "write --lever pools.SDR.reps=FROM:TO:STEP"),
        (["sweep", "tiny.yaml", "--lever", "pools.SDR.reps=3:1:1"], "write 1:3:1"),
        (["target", "tiny.yaml", "--wins", "-4"], "'--wins': '-4' is not a whole number from 1"),
        (["target", "tiny.yaml", "--revenue", "0"], "--revenue: '0'"),
        (["sensitivity", "tiny.yaml", "--input", "stage"], "did you mean stages?"),
    ],
)
def test_a_mistake_is_told_in_the_words_that_were_typed(cli: Command, tiny: str, words: list[str], told: str) -> None:
    done = cli(*words)

    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_a_target_without_amount_is_told_with_the_file_and_both_remedies(cli: Command, tiny: str) -> None:
    lines = Path(tiny).read_text().splitlines(keepends=True)
    Path(tiny).write_text("".join(line for line in lines if not line.startswith("target:")))

    done = cli("target", tiny)

    assert done.code == 2
    assert done.err.startswith("tiny.yaml:")
    assert "no revenue to reach is typed; give --revenue AMOUNT, or type target: {revenue: ...}" in done.err


@pytest.mark.parametrize("words", [("run",), ("sla",), ("sensitivity", "--input", "acceptance.rate")])
def test_a_start_of_what_ifs_where_there_are_none_is_said_to_change_nothing(
    cli: Command, tiny: str, words: tuple[str, ...]
) -> None:
    with Path(tiny).open("a") as file:
        file.write("sla: {marketing: {mqls: 40 to 90 / month}}\n")
    command, *options = words

    done = cli(command, tiny, "--replications", "2", "--settled", *options)

    assert done.code == 0
    assert "there are none here, so they change nothing" in done.err


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("sweep FILE --lever SDR.reps=3:9:1", "did you mean pools.SDR.reps?"),
        ("sweep FILE --lever mql_rat=20%:60%:10%", "did you mean qualification.mql_rate?"),
        ("run FILE --set pools.SDR.reps 4", "--set pools.SDR.reps=4"),
        ("run FILE --set acceptance=30,5%", "write 30.5%"),
        ("run FILE --set 'acceptance=45 percent'", "write 45%"),
        ("run FILE --set 'handoff.default.delay=1,5 hours'", "write 1.5 hours"),
        ("run FILE --set handoff.default.delay=3h30", "write 210 minutes"),
        ("run FILE --set 'stages[0].effort={average: 30 min}'", "did you mean mean?"),
        ("run FILE --set 'stages[0].effort={min: 1 h, max: 2 h}'", "did you mean low?"),
        ("run FILE --output out.xlsx", "end it in .json or .csv"),
        ("run FILE --replications 1,000", "write 1000"),
        ("run FILE --years 10", "--replications N"),
        ("run FILE -n 10", "--replications N"),
        ("run FILE --format json", "--json or --csv"),
        ("run FILE -o out.txt", "--output FILE"),
        ("run FILE --reps 4", "--set pools.NAME.reps=N"),
        ("check FILE --csv", "--json"),
        ("simulate FILE", "simfunnel run FILE"),
        ("version", "simfunnel --version"),
        ("target FILE --revenue 4,2M", "write 4.2M"),
        ("target FILE --revenue 4.2 M", "in quotes"),
    ],
)
def test_what_other_tools_or_countries_write_is_told_with_what_to_write_here(
    cli: Command, tiny: str, words: str, remedy: str
) -> None:
    done = cli(*shlex.split(words.replace("FILE", tiny)))

    assert (done.code, done.out) == (2, "")
    assert remedy in done.err
