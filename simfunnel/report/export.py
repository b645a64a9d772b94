"""Results as text for files: CSV, and writing so that a reader never sees half of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simfunnel.files import cell, whole


def to_csv(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Write records as CSV in long form: a header row, points as decimal marks, nothing where a value is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([cell(record.get(name)) for name in columns])
    return text.getvalue()


def write_text(path: Path, text: str, force: bool = False) -> None:
    """Write a text file that appears whole or not at all; a lone surrogate, of a file name, is written as its code."""
    with whole(path, force) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
