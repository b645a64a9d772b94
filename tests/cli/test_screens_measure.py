"""What a screen does not show is not measured for it, and nothing that it shows changes by that."""

from __future__ import annotations

from pathlib import Path

import pytest

from simfunnel.metrics import EVERYTHING
from simfunnel.report import run_view
from tests.cli.conftest import TINY, Command

SLA = "sla: {marketing: {mqls: 10 to 80 / month}, sales: {response: 60% within 8 working hours}}\n"


def test_the_screen_of_a_run_is_the_same_whatever_else_is_measured(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(tiny).write_text(TINY + SLA)
    words = ("run", tiny, "--replications", "4", "--no-know")
    lean = cli(*words)
    monkeypatch.setattr(run_view, "ON_SCREEN", EVERYTHING)

    assert lean.code == 0, lean.err
    assert "SLA" in lean.out
    assert cli(*words).out == lean.out


def test_a_screen_measures_that_by_which_a_team_that_falls_behind_is_told() -> None:
    assert ("open_leads", "pool+month") in run_view.ON_SCREEN


def test_json_holds_every_number_whatever_the_screen_shows(cli: Command, tiny: str) -> None:
    said = cli("run", tiny, "--replications", "2", "--no-know", "--no-leaks", "--no-one-more", "--csv")

    assert any(",2027-01-04," in line and "wins" in line for line in said.out.splitlines())
