"""Ctrl-C at random moments: every command ends with 130 and a quiet line, and leaves no half of a file behind.

`python tests/interrupts.py --moments 50` tries fifty moments from 0.1 to 20 s after the start; the suite tries a few.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
FIRST_S, LAST_S = 0.1, 20.0
PATIENCE_S = 180.0  # for what is in hand, and for a machine that is busy

SCENARIO = """\
title: Interrupted
period: {start: 2027-01-04, weeks: 26, run_in: 8 weeks}
channels: {web: {leads: 60 / week, deal_value: 7k, cost_per_lead: 60}}
qualification: {threshold: 50}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: 3, selling_time: 50%}
  AE: {stages: [proposal], reps: 4, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}, {name: proposal, conversion: 50%}]
target: {revenue: 100k, confidence: 80%}
what_ifs: {stricter: {qualification.threshold: 60}}
"""

YEARS = ("--replications", "100000")
COMMANDS = (
    ("run", "a.yaml", *YEARS, "--ledger", "leads.csv", "--tasks", "tasks.csv", "--output", "run.json"),
    ("run", "a.yaml", *YEARS, "--workers", "3", "--json"),
    ("compare", "a.yaml", "stricter", *YEARS, "--output", "compare.csv"),
    ("sensitivity", "a.yaml", *YEARS, "--output", "sensitivity.txt"),
    ("sweep", "a.yaml", "--lever", "pools.SDR.reps=1:9:1", *YEARS, "--output", "sweep.json"),
    ("target", "a.yaml", "--revenue", "1.4M", "--lever", "pools.AE.reps", "--replications", "20000"),
    ("bridge", "a.yaml", *YEARS, "--workers", "1", "--output", "bridge.md"),
    ("sla", "a.yaml", "--set", "sla={marketing: {mqls: 40 to 90 / month}}", *YEARS),
    ("check", "a.yaml", "--replications", "1000"),
    ("verify", "--random", "100000", "--full", "--output", "verify.csv"),
)


class Moment(NamedTuple):
    """When which command is told to end, and whether it has calibrated and compiled before."""

    words: tuple[str, ...]
    after_s: float
    fresh_cache: bool
    number: int

    def __str__(self) -> str:
        return f"{' '.join(self.words[:2])} after {self.after_s:.2f} s ({signal.Signals(self.number).name})"


def moments(count: int, seed: int, last_s: float = LAST_S) -> list[Moment]:
    """Moments spread over the whole span, half of them early, where more happens."""
    luck = random.Random(seed)
    found = []
    for place in range(count):
        after = luck.uniform(FIRST_S, last_s if luck.random() < 0.5 else min(6.0, last_s))
        number = signal.SIGTERM if luck.random() < 0.2 else signal.SIGINT
        found.append(Moment(COMMANDS[(place + seed) % len(COMMANDS)], after, luck.random() < 0.5, number))
    return found


def faults(moment: Moment) -> list[str]:
    """What is wrong after one interrupt."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.yaml").write_text(SCENARIO)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        if moment.fresh_cache:
            environment["SIMFUNNEL_CACHE"] = str(folder / "cache")
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), *moment.words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            text=True,
        )
        time.sleep(moment.after_s)
        if process.poll() is not None:
            return [f"{moment}: had ended by itself with {process.returncode}", process.communicate()[1]]
        os.killpg(process.pid, moment.number)  # a terminal sends Ctrl-C to the workers too
        began = time.monotonic()
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return [f"{moment}: at work {PATIENCE_S:.0f} s later", *process.communicate()]
        took = time.monotonic() - began
        told = judged(moment, process.returncode, out, err, folder)
        told += [f"{moment}: a process is left"] * is_anyone_left(process.pid)
        if told:
            told += [f"  after {took:.1f} s; stderr: {err[-1500:]}"]
        return told


def judged(moment: Moment, code: int, out: str, err: str, folder: Path) -> list[str]:
    """What is wrong with an exit code, the words and the files."""
    found = [f"{moment}: exit code {code}"] if code != 128 + moment.number else []
    found += [
        f"{moment}: {word} on stderr"
        for word in ("Traceback", "Error", "fault in", "leaked", "Exception")
        if word in err
    ]
    for path in folder.iterdir():
        if path.suffix == ".part":
            found.append(f"{moment}: {path.name} is left")
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix in (".csv", ".txt", ".md") and not path.read_text().endswith("\n"):
            found.append(f"{moment}: {path.name} is half a file")
    if "--json" in moment.words and out:
        json.loads(out)
    return found


def is_anyone_left(group: int) -> bool:
    """Whether a process of the command outlives it by more than a moment."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return False
        time.sleep(0.1)
    return True


def main() -> None:
    """Try as many moments as asked for and tell what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong = 0
    for moment in moments(asked.moments, asked.seed):
        told = faults(moment)
        wrong += bool(told)
        print(f"{'WRONG' if told else 'right'}  {moment}", *told, sep="\n       ", flush=True)
    print(f"{asked.moments - wrong} of {asked.moments} right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
