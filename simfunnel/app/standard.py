"""Standard streams that can be written, or say why not, whatever they are: closed, full, of another encoding."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import re
import sys
import unicodedata
from contextlib import suppress

PLAIN = "simfunnel.plain"
"""Error handler of encodings: the nearest plain letters for what cannot be written, else its code."""

OF_STREAMS = {errno.EPIPE, errno.EBADF, errno.ENOSPC, errno.EFBIG, errno.EIO}  # files tell theirs by name
CLOSED = "is closed; leave it open, or name a file with --output"
_ALIKE = {
    "-": "\u2500\u2501\u2504\u2505\u2508\u2509\u254c\u2574\u2576\u2578\u257a\u2010\u2011\u2012\u2013\u2014\u2212\u2584",
    "|": "\u2502\u2503\u2506\u2507\u250a\u250b\u254e\u2575\u2577\u2579\u257b\u2551\u258f\u258e\u258d",
    "=": "\u2550\u2585",
    "_": "\u2581",
    ".": "\u2582\u2591\u00b7",
    ":": "\u2583\u2592",
    "+": "\u2586\u2593" + "".join(map(chr, range(0x250C, 0x254C))),
    "*": "\u2587\u2022\u25cf\u2219",
    "#": "\u2588\u258c\u258b\u258a\u2589",
    "'": "\u2018\u2019\u201b\u2032",
    '"': "\u201c\u201d\u2033",
    " ": "\u00a0\u202f\u2009",
    "x": "\u00d7",
    "~": "\u2248",
}
_LONGER = {
    "\u2026": "...",
    "\u00b1": "+/-",
    "\u2192": "->",
    "\u2190": "<-",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u00df": "ss",
    "\u00e6": "ae",
    "\u0153": "oe",
    "\u00f8": "o",
    "\u0142": "l",
    "\u20ac": "EUR ",
    "\u00a3": "GBP ",
    "\u00a5": "JPY ",
    "\u20b9": "INR ",
}
_MARKS = str.maketrans({mark: plain for plain, marks in _ALIKE.items() for mark in marks} | _LONGER)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def open_what_is_closed() -> None:
    """Give a closed standard stream its number back, before another file gets it.

    Standard output is then one that cannot be written, so that a result without a reader is told.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)  # the lowest number that is free
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def write_anything() -> None:
    """Have the streams write what their encoding lacks in plain letters, or as its code, and never fail for it."""
    codecs.register_error(PLAIN, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = []
    for character in error.object[error.start : error.end]:
        found = character.encode("ascii", "backslashreplace").decode("ascii")
        for plain in (unicodedata.normalize("NFKD", character), character.translate(_MARKS)):
            letters = "".join(each for each in plain if not unicodedata.combining(each))
            found = letters if letters and letters.isascii() else found
        written.append(found)
    return "".join(written), error.end


def fitting_json(text: str) -> str:
    """Fit JSON to standard output: escaped where that is not UTF-8."""
    try:
        encoding = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name
    except LookupError:
        encoding = ""
    return escaped(text, everything=encoding != "utf-8")


def fitting_csv(text: str) -> str:
    """Fit CSV to standard output: codes in place of what its encoding lacks, so that no two names become one."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def escaped(text: str, everything: bool) -> str:
    """Escape in JSON what no encoding has (parts of file names), or all that is not ASCII."""
    return (_BEYOND_ASCII if everything else _SURROGATE).sub(lambda found: json.dumps(found.group())[1:-1], text)


def refuse_closed_output() -> None:
    """Raise OSError if standard output was closed when the command began; called before the work."""
    try:
        from fcntl import F_GETFL, fcntl

        flags = fcntl(sys.stdout.fileno(), F_GETFL)
    except (ImportError, OSError, ValueError, AttributeError):  # not POSIX, or a stream that is no file
        return
    if flags & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, CLOSED, "standard output")


def failed_output(error: OSError) -> bool:
    """Tell whether standard output is what failed; what is left for it is dropped then."""
    if error.filename is not None or error.errno not in OF_STREAMS:
        return False
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True
