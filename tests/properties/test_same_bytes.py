"""Same file, seed and version: the same bytes, however many workers and whatever Python's hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCENARIO = """
title: Same bytes
period: {start: 2027-01-04, weeks: 4, run_in: 4 weeks}
channels:
  web: {leads: 60 / week, deal_value: {median: 9k, p90: 30k}, patience: {median: 2 days}}
  chat: {leads: 20 / week, deal_value: 5k, patience: {median: 3 hours}}
qualification: {mql_rate: 60%}
pools:
  SDR: {stages: [call], reps: 3, selling_time: 60%}
  AE: {stages: [close], reps: 2, selling_time: 60%}
stages:
  - {name: call, effort: {mean: 1 hour, cv: 0.8}, conversion: 50%}
  - {name: close, effort: {mean: 2 hours, cv: 0.6}, wait: {median: 5 days}, conversion: 40%}
what_ifs:
  micro_teams: {pools.SDR.structure: dedicated}
  stricter: {qualification.mql_rate: 40%}
"""


def told(folder: Path, *options: str, hash_seed: str = "0") -> bytes:
    (folder / "same.yaml").write_text(SCENARIO, encoding="utf-8")
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "SIMFUNNEL_CACHE": str(folder / "cache")}
    command = [
        sys.executable,
        "-c",
        "from simfunnel.app.cli import main; main()",
        *options,
        "--json",
        "--replications",
        "8",
    ]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("same")


@pytest.mark.parametrize("command", [("run", "same.yaml"), ("compare", "same.yaml", "micro_teams", "stricter")])
def test_one_worker_and_two_tell_the_same(folder: Path, command: tuple[str, ...]) -> None:
    assert told(folder, *command, "--workers", "1") == told(folder, *command, "--workers", "2")


def test_the_hash_seed_of_python_changes_nothing(folder: Path) -> None:
    command = ("compare", "same.yaml", "micro_teams")

    assert told(folder, *command, "--workers", "1") == told(folder, *command, "--workers", "1", hash_seed="4711")
