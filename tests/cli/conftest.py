from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from simfunnel.app.cli import main
from simfunnel.app.commands import COMMANDS

TINY = """\
title: Tiny
period: {start: 2027-01-04, weeks: 9, run_in: 8 weeks}
channels: {web: {leads: 40 / week, deal_value: 7k, cost_per_lead: 60}}
qualification: {mql_rate: 40%}
acceptance: 60%
pools:
  SDR: {stages: [discovery], reps: 2, selling_time: 50%}
  AE: {stages: [proposal], reps: 2, selling_time: 50%}
stages: [{name: discovery, conversion: 50%}, {name: proposal, conversion: 50%}]
target: {revenue: 100k, confidence: 80%}
sources: {acceptance.rate: "our CRM, 2026"}
what_ifs:
  stricter: {qualification.mql_rate: 20%}
  as_it_is: {pools.SDR.reps: 2}
  one_more: {pools.SDR.reps: 1 more}
  later: {from: 2027-02-01, qualification.mql_rate: 20%}
  both: [stricter, one_more]
"""


SIMULATING = [(command.name,) for command in COMMANDS if command.simulates]


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _own_cache_and_hooks(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMFUNNEL_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A scenario file in the working folder that simulates in a moment."""
    (tmp_path / "tiny.yaml").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    return "tiny.yaml"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command in this process, with one worker unless the words say otherwise."""

    def run(*words: str) -> Outcome:
        simulates = words[:1] in SIMULATING and "--workers" not in words
        with pytest.raises(SystemExit) as leaving:
            main([*words, *(["--workers", "1"] if simulates else [])])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Outcome(int(leaving.value.code or 0), said.out, said.err)

    return run
