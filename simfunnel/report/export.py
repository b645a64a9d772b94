"""Results as files: CSV text, and writing so that a reader never sees half of a file."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


def to_csv(records: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Records as CSV in long form: a header row, points as decimal marks, nothing where a value is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in columns])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value


def refuse_existing(path: Path, force: bool) -> None:
    """Raise FileExistsError unless the file may be written; called before the work, so that none is done in vain."""
    if path.exists() and not force:
        raise FileExistsError(17, "exists already", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "no such folder", str(path.parent))
    if path.is_dir():
        raise IsADirectoryError(21, "is a folder", str(path))
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(13, "this folder cannot be written to", str(path.parent))


def write_text(path: Path, text: str, force: bool = False) -> None:
    """Write a text file that appears whole or not at all."""
    with beside(path, force) as part:
        part.write_text(text, encoding="utf-8", newline="")


@contextlib.contextmanager
def beside(path: Path, force: bool = False) -> Iterator[Path]:
    """A path in the same folder to write to; renamed to `path` when the block ends well, removed when it does not."""
    refuse_existing(path, force)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f".part{path.suffix}", dir=path.parent)
    except OSError as error:  # told by the name that was asked for
        raise OSError(error.errno, error.strerror, str(path)) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.chmod(part, 0o666 & ~_umask())
        refuse_existing(path, force)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
