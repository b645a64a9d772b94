from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest

from simfunnel.report.export import beside, refuse_existing, to_csv, write_text


def test_unknown_values_are_empty_cells_and_numbers_keep_all_digits() -> None:
    text = to_csv([{"metric": "revenue, won", "mean": 0.1 + 0.2, "p10": math.nan}], ("metric", "mean", "p10", "rep"))

    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["metric", "mean", "p10", "rep"], ["revenue, won", repr(0.1 + 0.2), "", ""]]


def test_a_file_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")

    with pytest.raises(FileExistsError):
        write_text(path, "new")
    assert path.read_text() == "old"
    write_text(path, "new", force=True)
    assert path.read_text() == "new"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "result.csv"

    def write_half() -> None:
        with beside(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_named_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        refuse_existing(tmp_path / "nowhere" / "result.json", force=True)
    with pytest.raises(IsADirectoryError):
        refuse_existing(tmp_path, force=True)


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simfunnel.report.export.os.access", lambda path, mode: False)

    with pytest.raises(PermissionError, match="cannot be written to"):
        refuse_existing(tmp_path / "result.csv", force=False)


def test_a_failure_to_begin_a_file_names_the_file_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**named: object) -> None:
        raise OSError(28, "No space left on device", f"{tmp_path}/.result-x7.part.csv")

    monkeypatch.setattr("simfunnel.report.export.tempfile.mkstemp", fails)

    with pytest.raises(OSError, match="No space left") as caught:
        write_text(tmp_path / "result.csv", "a")
    assert caught.value.filename == str(tmp_path / "result.csv")
