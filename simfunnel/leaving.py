"""The end of the process when it is told to: at once, quietly, with nothing half done left behind.

Ctrl-C may come at any moment: while modules load, while a compiler runs, while workers start. An exception raised then
can be swallowed, or printed by whatever it passes through. So a signal does not raise: it runs the cleaners (remove
unfinished files, end workers), says one line and ends the process with 128 + its number.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
TO_TERMINAL = b"\r\x1b[2K\x1b[?25h"  # take the progress line away, show the cursor

_cleaners: list[Callable[[], object]] = []
_blocks: list[object] = []  # `undisturbed` ones that are open
_waiting: list[int] = []


def install() -> None:
    """Let the signals that end a process end it by `leave`; one that is ignored stays so, Ctrl-C excepted."""
    for number in ENDING:
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(ValueError):  # not in the main thread: whoever owns that one decides
                signal.signal(number, told_to_end)


def told_to_end(number: int, frame: FrameType | None) -> None:
    """Signal handler: leave, or wait for the end of an `undisturbed` block."""
    if _blocks:
        _waiting.append(number)
    else:
        leave(number)


def leave(number: int) -> NoReturn:
    """Clean up, say so in a line and end the process with 128 + `number`."""
    for each in ENDING:
        with suppress(ValueError):
            signal.signal(each, signal.SIG_IGN)
    for clean in reversed(_cleaners):
        with suppress(Exception):  # the next one has to be heard too
            clean()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, TO_TERMINAL)
        os.write(2, b"interrupted\n" if number == signal.SIGINT else b"ended by a signal\n")
    os._exit(128 + number)


def end(code: int) -> NoReturn:
    """End the process in order, without the time that taking all modules apart would need.

    In that time a signal would find no handler.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    registered: Any = atexit
    registered._run_exitfuncs()
    os._exit(code)


@contextmanager
def cleaned_by(clean: Callable[[], object]) -> Iterator[None]:
    """Call `clean` if the process is told to end within the block."""
    _cleaners.append(clean)
    try:
        yield
    finally:
        _cleaners.remove(clean)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Do a block whole: a signal that ends the process waits for its end. Children start with it blocked.

    A child that starts within the block never sees Ctrl-C, which a terminal sends to all processes of a command.
    """
    mask: Any = getattr(signal, "pthread_sigmask", None)  # POSIX
    before = mask(signal.SIG_BLOCK, [signal.SIGINT]) if mask else None
    _blocks.append(None)
    try:
        yield
    finally:
        _blocks.pop()
        if mask:
            mask(signal.SIG_SETMASK, before)
        if _waiting and not _blocks:
            number = _waiting.pop(0)
            handler = signal.getsignal(number)
            if callable(handler):
                handler(number, None)
