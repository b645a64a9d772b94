from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from simfunnel.files import to_csv, write_text


def test_unknown_values_are_empty_cells_and_numbers_keep_all_digits() -> None:
    text = to_csv([{"metric": "revenue, won", "mean": 0.1 + 0.2, "p10": math.nan}], ("metric", "mean", "p10", "rep"))

    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["metric", "mean", "p10", "rep"], ["revenue, won", repr(0.1 + 0.2), "", ""]]


def test_names_that_a_spreadsheet_would_compute_are_quoted_and_numbers_are_not() -> None:
    text = to_csv([{"channel": "=HYPERLINK(1)", "mean": -2.5}, {"channel": "'s-Hertogenbosch"}], ("channel", "mean"))

    assert list(csv.reader(io.StringIO(text)))[1:] == [["'=HYPERLINK(1)", "-2.5"], ["''s-Hertogenbosch", ""]]


def test_a_text_that_no_encoding_has_is_written_as_its_code(tmp_path: Path) -> None:
    write_text(tmp_path / "result.txt", "caf\udce9")

    assert (tmp_path / "result.txt").read_text() == "caf\\udce9"
