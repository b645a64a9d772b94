"""Marked blocks of a Markdown page: transcripts that are run, scenarios that are loaded, Python that is executed.

    <!-- run -->            before ```console: each `$ command` is run and its output shown; before ```python: a doctest
    <!-- run by hand -->    the same, but only when asked for: it takes minutes
    <!-- scenario -->       before ```yaml: a whole scenario
    <!-- part of X.yaml --> before ```yaml: lines that are laid over scenarios/X.yaml

Commands of one page run one after the other in one scratch folder that holds a copy of `scenarios/`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?P<head>^<!-- (?P<mark>[^\n]*?) -->\n```(?P<language>\w+)\n)(?P<body>.*?)(?P<tail>^```$)",
    re.DOTALL | re.MULTILINE,
)
SECONDS = re.compile(r"\b\d+(\.\d+)? s\b")
COLUMNS = "100"
ALONE = "import simfunnel.app.jobs as jobs; jobs.cores = lambda: 1; from simfunnel.__main__ import main; main()"


@dataclass(frozen=True)
class Block:
    """One marked block: how it is marked, its language and its text."""

    mark: str
    language: str
    body: str


def blocks(text: str) -> list[Block]:
    """The marked blocks of a page, in order."""
    return [Block(m["mark"], m["language"], m["body"]) for m in BLOCK.finditer(text)]


def refreshed(text: str, root: Path, slow: bool = False) -> str:
    """The page with its console blocks run anew; unchanged where only timings would differ."""
    marks = ("run", "run by hand") if slow else ("run",)
    if not any(block.language == "console" and block.mark in marks for block in blocks(text)):
        return text
    with scratch(root) as folder:

        def again(match: re.Match[str]) -> str:
            if match["language"] != "console" or match["mark"] not in marks:
                return match.group()
            body = transcript(match["body"], folder)
            same = SECONDS.sub("N s", body) == SECONDS.sub("N s", match["body"])
            return match.group() if same else match["head"] + body + match["tail"]

        return BLOCK.sub(again, text)


def transcript(body: str, folder: Path) -> str:
    """A console block with the outputs that its commands have now."""
    return "".join(f"{shown}{output(command, folder)}" for shown, command in commands(body))


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, as shown and as run; one goes on after a backslash, or in lines with `> `."""
    found: list[tuple[str, str]] = []
    going_on = False
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((f"{line}\n", line[2:]))
        elif going_on and (line.startswith("> ") or found[-1][1].endswith("\\")):
            shown, command = found[-1]
            found[-1] = (f"{shown}{line}\n", f"{command}\n{line.removeprefix('> ')}")
        going_on = line.startswith("$ ") or (going_on and found[-1][0].endswith(f"{line}\n"))
    return found


def output(command: str, folder: Path) -> str:
    """What a command prints; for one that fails also what it says on standard error, and its exit code."""
    path = os.pathsep.join([str(folder / ".bin"), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "COLUMNS": COLUMNS, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=900, check=False
    )
    said = done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}(exit code {done.returncode})\n"
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """A folder with a copy of the shipped scenarios and the command `simfunnel` of this checkout.

    The command starts no processes beside its own: they change no number, and most commands here are over by the time
    that others have started.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if (root / "scenarios").exists():
            shutil.copytree(root / "scenarios", folder / "scenarios")
        (folder / ".bin").mkdir()
        shim = folder / ".bin" / "simfunnel"
        shim.write_text(f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -c "{ALONE}" "$@"\n')
        shim.chmod(0o755)
        yield folder
