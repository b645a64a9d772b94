"""What went wrong, as a message and an exit code; never a traceback.

Exit codes: 0 done, 1 failed, 2 bad usage or scenario, 3 out of reach or a check failed, 130 interrupted.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import typer

from simfunnel.app.standard import escaped
from simfunnel.errors import ArgumentError, EngineError, Problem, ScenarioError, SimfunnelError, StoppedError, path_text

DONE, FAILED, BAD_INPUT, NOT_MET, INTERRUPTED = 0, 1, 2, 3, 130

OPTIONS = {"what_ifs": "WHAT_IF", "start": "--from", "levers": "--lever", "metrics": "--metric", "checks": "CHECK"}

# what is typed in other tools, and what does it here
ELSEWHERE = {
    **dict.fromkeys(("--years", "--runs", "--iterations", "--simulations", "-n"), "--replications N simulates N years"),
    **dict.fromkeys(("--format", "--as-json"), "--json or --csv choose the form, or the name after --output"),
    **dict.fromkeys(("-o", "--out", "--file", "--outfile"), "--output FILE writes to a file"),
    **dict.fromkeys(("--jobs", "--threads", "--cores", "--processes", "-j"), "--workers N sets the processes at work"),
    **dict.fromkeys(("--reps", "--heads"), "--set pools.NAME.reps=N sets heads, --replications N simulated years"),
    **dict.fromkeys(("--verbose", "-v", "--quiet", "-q", "--debug"), "progress goes to stderr, the answer to stdout"),
    **dict.fromkeys(("-s", "--random-seed", "--random-state"), "--seed N is other luck"),
    "--csv": "--json is the form for programs here; run --csv writes every number as a table",
    "--levers": "--lever PATH=FROM:TO:STEP, once for each",
    "simulate": "simfunnel run FILE simulates",
    "version": "simfunnel --version shows it",
    "compile": "it happens by itself, once",
    **dict.fromkeys(("validate", "lint", "test"), "simfunnel check FILE says what is wrong or odd"),
    **dict.fromkeys(("new", "create", "start"), "simfunnel init FILE writes a starter"),
    **dict.fromkeys(("diff", "what-if", "whatif"), "simfunnel compare FILE WHAT_IF shows it beside today"),
    **dict.fromkeys(
        ("optimize", "optimise"), "simfunnel sweep finds the best level, simfunnel target what reaches a goal"
    ),
    **dict.fromkeys(("explain", "why", "leaks"), "simfunnel bridge FILE says where the money leaks"),
}
_NOT_KNOWN = re.compile(r"No such (?:option|command):? '?(?P<word>[^\s'.;]+)")
_EXTRA = "unexpected extra argument"
QUOTES = "; write a value with a space in quotes, and an option with its dashes, e.g. --set pools.SDR.reps=4"

# what a wrong file name on the command line leads to
_WRONG_NAME = (FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError)
_WRONG_NAME_NUMBERS = (errno.EINVAL, errno.ENAMETOOLONG, errno.ELOOP)


@dataclass(frozen=True)
class Failure:
    """A message for people, what programs may want to know beside it, and the exit code."""

    message: str
    code: int
    problems: tuple[Problem, ...] = field(default=())

    def as_json(self) -> str:
        """Write the failure as one JSON object."""
        fault: dict[str, Any] = {
            "schema": "simfunnel.error/1",
            "exit_code": self.code,
            "message": self.message,
            "problems": [
                {
                    "file": problem.file,
                    "line": problem.line,
                    "column": problem.column,
                    "path": path_text(problem.path),
                    "rule": problem.rule,
                    "remedy": problem.remedy,
                }
                for problem in self.problems
            ],
        }
        return json.dumps(fault, ensure_ascii=False, default=str)


def scenario_failure(error: ScenarioError) -> Failure:
    """Tell what the planner has to correct, one line a place."""
    count = len(error.problems)
    ending = f"{count} problem{'' if count == 1 else 's'} in this scenario; nothing was simulated"
    return Failure(f"{error}\n{ending}", BAD_INPUT, error.problems)


def study_failure(error: SimfunnelError) -> Failure:
    """Tell why a study could not be finished."""
    if isinstance(error, EngineError):
        return Failure(f"a fault in simfunnel, please report it: {error}", FAILED)
    if isinstance(error, StoppedError):
        return Failure(f"interrupted: {error}", INTERRUPTED)
    return Failure(str(error), FAILED)


def argument_failure(error: ArgumentError) -> Failure:
    """Tell which option was given what it cannot take."""
    option = OPTIONS.get(error.name, f"--{error.name.replace('_', '-')}")
    return Failure(f"Invalid value for '{option}': {error.rule}", BAD_INPUT)


def usage_failure(error: typer.TyperException) -> Failure:
    """Tell which word of a command line is not understood, with the nearest one that is."""
    text = error.format_message().rstrip(".").replace("Value error, ", "", 1)
    context = getattr(error, "ctx", None)
    near = getattr(error, "possibilities", None)  # of an unknown option; unknown commands already name theirs
    if near:
        text = f"{error.message}; did you mean {' or '.join(sorted(near))}?"
    unknown = _NOT_KNOWN.match(text)
    if unknown is not None and unknown["word"] in ELSEWHERE:
        text = f"{unknown.group().replace(chr(39), '')}; {ELSEWHERE[unknown['word']]}"
    text += QUOTES if _EXTRA in text else ""
    if text.startswith("Usage:"):  # no arguments at all
        return Failure(error.format_message(), error.exit_code)
    if context is not None:
        text += f"\nTry: {context.command_path} --help"
    return Failure(text, error.exit_code)


def file_failure(error: OSError, name: str = "") -> Failure:
    """Tell which file could not be read or written; `name` where the error has none."""
    name = name or str(error.filename or "")
    remedy = "; --force overwrites it" if isinstance(error, FileExistsError) else ""
    reason = error.strerror or str(error)
    text = f"{name}: {reason[:1].lower()}{reason[1:]}{remedy}" if name else f"{reason}{remedy}"
    is_wrong_name = isinstance(error, _WRONG_NAME) or error.errno in _WRONG_NAME_NUMBERS
    return Failure(text, BAD_INPUT if is_wrong_name else FAILED)


def report(failure: Failure, as_json: bool) -> None:
    """Write a failure to stderr; what stderr cannot take is lost, the exit code is not."""
    with suppress(OSError):
        print(escaped(failure.as_json(), everything=True) if as_json else failure.message, file=sys.stderr, flush=True)


def unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write one line for an unforeseen fault, as an exception hook; SIMFUNNEL_TRACEBACK=1 shows the rest."""
    if os.environ.get("SIMFUNNEL_TRACEBACK"):
        sys.__excepthook__(kind, error, trace)
        return
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""
    text = f"a fault in simfunnel, please report it: {kind.__name__}: {error}{place}; SIMFUNNEL_TRACEBACK=1 shows more"
    print(text, file=sys.stderr)
