"""Files: written whole or not at all, apart from all inputs; and cells of CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import errno
import io
import math
import os
import secrets
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simfunnel.leaving import cleaned_by, undisturbed

LONGEST_NAME = 255  # bytes, where the folder does not tell
OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}  # raised by a write, without a name


def refuse_to_write(path: Path, force: bool = False) -> None:
    """Raise an OSError that names the file unless it may be written: a new file, or with `force` a plain one anew."""
    folder = path.parent
    refuse_no_name(path)
    try:
        longest = os.pathconf(folder, "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):
        longest = LONGEST_NAME
    if not path.name or len(os.fsencode(path.name)) > longest:
        raise OSError(errno.ENAMETOOLONG, "this name is too long for a file" if path.name else "is no name", str(path))
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(folder))
    if path.is_symlink():
        raise OSError(errno.EINVAL, "is a link; name the file itself", str(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "is a device or a pipe, not a plain file", str(path))
    if path.exists() and not force:
        raise FileExistsError(errno.EEXIST, "exists already", str(path))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "this folder cannot be written to", str(folder))


def refuse_no_name(path: Path) -> None:
    """Raise an OSError that shows the name where no file can have it: a half of a character, or a zero byte."""
    try:
        possible = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise OSError(errno.EINVAL, "is a name that no file can have", ascii(str(path)))


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two names lead to one file: by links, or on a machine that takes A and a for the same letter."""
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them is not there yet
        first, second = (unicodedata.normalize("NFC", os.path.realpath(path)).casefold() for path in (one, other))
        return first == second


@contextmanager
def whole(path: Path, force: bool = False) -> Iterator[Path]:
    """Give a name in the same folder to write under; it becomes `path` if the block ends well, else it is gone.

    Raises an OSError that names `path`, also for what goes wrong while the block writes.
    """
    with all_whole([path], force) as (part,):
        yield part


@contextmanager
def all_whole(paths: Sequence[Path], force: bool = False) -> Iterator[list[Path]]:
    """Give names to write under that become `paths` together, or none of them does; as `whole`."""
    for path in paths:
        refuse_to_write(path, force)
    parts = [path.with_name(f".{secrets.token_hex(6)}.part") for path in paths]
    named = {str(part): str(path) for part, path in zip(parts, paths, strict=True)}

    def clean() -> None:
        for part in parts:
            part.unlink(missing_ok=True)

    with cleaned_by(clean):
        try:
            yield parts
            written = [(part, path) for part, path in zip(parts, paths, strict=True) if part.exists()]
            for part, path in written:
                with part.open("rb+") as content:  # what does not fit on the disk is told now, not found missing later
                    os.fsync(content.fileno())
                refuse_to_write(path, force)
            with undisturbed():
                for part, path in written:
                    os.replace(part, path)
        except OSError as error:
            unnamed = str(paths[0]) if error.errno in OF_THE_DISK else None
            name = named.get(str(error.filename), error.filename or unnamed)
            raise OSError(error.errno, error.strerror, name) from error
        finally:
            clean()


FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: Any) -> Any:
    """Write a value as a CSV cell: nothing where it is unknown, an apostrophe before text that a spreadsheet runs.

    Text that begins with an apostrophe gets one too, so that taking one away gives back what was written.

    >>> cell("=1+1"), cell("'s-Hertogenbosch"), cell("web"), cell(-2.5), cell(float("nan"))
    ("'=1+1", "''s-Hertogenbosch", 'web', -2.5, '')
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith((*FORMULA_BEGINS, "'")) else value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value


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
