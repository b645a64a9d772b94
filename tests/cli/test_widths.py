"""Screens of every command keep to the width of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import TINY, Command

SLA = "sla: {marketing: {mqls: 50 to 90 / month}, sales: {response: 60% within 8 working hours}}\n"
YEARS = ("--replications", "4")
ASKED = (
    ("run", *YEARS),
    ("check", *YEARS),
    ("compare", "stricter", "as_it_is", "one_more", "later", "both", *YEARS),
    ("bridge", *YEARS),
    ("bridge", "both", *YEARS),
    ("sweep", "--lever", "qualification.mql_rate=20%:60%:20%", *YEARS),
    ("sweep", "--lever", "pools.SDR.reps=0:3:1", "--lever", "channels.*.volume=10%:200%:10%", "--no-score", *YEARS),
    ("sensitivity", "--input", "acceptance", "--metric", "revenue", "--metric", "win_rate", *YEARS),
    ("sla", *YEARS),
    ("target", "--revenue", "9M", "--lever", "pools.SDR.reps", "--replications", "20"),
)


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.parametrize("asked", ASKED, ids=lambda words: " ".join(words[:2]))
def test_no_line_is_wider_than_asked(
    cli: Command, tiny: str, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    Path(tiny).write_text(TINY + SLA)
    command, *words = asked

    done = cli(command, tiny, *words)

    assert done.code in (0, 3), done.err
    assert max(map(len, done.out.splitlines())) <= width
