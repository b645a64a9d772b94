"""Same file, seed and version: the same bytes, however many workers and whatever Python's hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

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


# A small study is over before a worker has started: here workers start at once. Few pilot years: who simulates them
# is asked, not what they show.
COMMAND = """
from simfunnel.app import cli, jobs
from simfunnel.study.calibrate import calibrate
jobs.ALONE_S = 1e-9
calibrate.FIRST_REPLICATIONS = calibrate.USUAL_YEARS = calibrate.MOST_YEARS = 2
calibrate.ENOUGH_DECISIONS = 1
cli.main()
"""


def told(folder: Path, words: tuple[str, ...], workers: str, hash_seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "SIMFUNNEL_CACHE": str(folder / workers)}
    (folder / "same.yaml").write_text(SCENARIO, encoding="utf-8")
    command = [sys.executable, "-c", COMMAND, *words, "--json", "--replications", "4", "--workers", workers]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "words", [("run", "same.yaml", "--no-know"), ("compare", "same.yaml", "micro_teams", "stricter")]
)
def test_two_workers_under_another_hash_seed_of_python_tell_the_same_as_one(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    assert told(tmp_path, words, "1", "0") == told(tmp_path, words, "2", "4711")
