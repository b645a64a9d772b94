"""The long-lived workers of one command: processes, progress, cancelling."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, ParamSpec, TypeVar

Params = ParamSpec("Params")
Answer = TypeVar("Answer")

ENDING_S = 2.0  # the longest wait for processes that are ended at once
ALONE_S = 1.5  # about what processes take to start and to load what they need


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalProcesses(Executor):
    """Spawned worker processes behind the executor protocol; a pool whose worker died is replaced at the next submit.

    Spawned and not forked, so that threads of the parent (a web page has some) cannot deadlock a child. They start when
    tasks have taken `alone_s` seconds in this process, which goes on with tasks until they are ready: a small study is
    over by then. By default they start at once and have all tasks.
    """

    def __init__(self, workers: int, alone_s: float = 0.0) -> None:
        self._workers = workers
        self._alone_s = alone_s
        self._is_first = self._helps = alone_s > 0.0
        self._pool: ProcessPoolExecutor | None = None
        self._loading: list[Future[None]] = []

    def submit(self, fn: Callable[Params, Answer], /, *args: Params.args, **kwargs: Params.kwargs) -> Future[Answer]:
        """Schedule `fn`, or call it here (and raise what it raises) while processes are not worth their start."""
        if self._helps and self._is_not_ready(fn.__module__):
            return self._here(partial(fn, *args, **kwargs))
        try:
            return self._running().submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self.shutdown(wait=False)
            return self._running().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes (those that still load, at once); a later submit starts new ones."""
        if any(not future.done() for future in self._loading):
            self.kill()
        elif self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
            self._pool = None

    def kill(self) -> None:
        """End the processes at once, whatever they are doing."""
        if self._pool is not None:
            processes = list((self._pool._processes or {}).values())
            manager: Any = self._pool._executor_manager_thread
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
            for process in processes:
                process.terminate()
            if manager is not None:  # else it may close its pipe while this process, as it ends, writes to it
                manager.join(ENDING_S)

    def _here(self, call: Callable[[], Answer]) -> Future[Answer]:
        """Do a task in this process; the first does not count, which loads what it needs."""
        future: Future[Answer] = Future()
        began = time.monotonic()
        future.set_result(call())
        if not self._is_first:
            self._alone_s -= time.monotonic() - began
        self._is_first = False
        return future

    def _is_not_ready(self, module: str) -> bool:
        """Whether processes are not worth their start yet, or still load `module`; starts them in time."""
        if self._alone_s > 0.0:
            return True
        if not self._loading:
            self._loading = [self._running().submit(_load, module) for _ in range(self._workers)]
        self._helps = not all(future.done() for future in self._loading)
        return self._helps

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
            )
        return self._pool


def _load(module: str) -> None:
    importlib.import_module(module)


def _start_worker() -> None:
    # Ctrl-C reaches the whole process group: the parent decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Job:
    """What a study is given to work with: an executor (None: this process), its size, and whether to stop."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.executor = LocalProcesses(workers, ALONE_S) if workers > 1 else None
        self._stopped = threading.Event()

    def stop(self) -> bool:
        """Whether someone asked to stop."""
        return self._stopped.is_set()

    def cancel(self) -> None:
        """Ask to stop: nothing new is sent, what is in hand is finished and kept."""
        self._stopped.set()


@contextmanager
def running(workers: int, on_cancel: Callable[[], None]) -> Iterator[Job]:
    """A job for the length of the block; the first Ctrl-C cancels it (and calls `on_cancel`), the second leaves."""
    job = Job(workers)

    def interrupted(number: int, frame: FrameType | None) -> None:
        if job.stop():
            raise KeyboardInterrupt
        job.cancel()
        on_cancel()

    before: Any = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread:
        signal.signal(signal.SIGINT, interrupted)
    at_ease = False
    try:
        yield job
        at_ease = True
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, before)
        if job.executor is not None:
            if at_ease:
                job.executor.shutdown()
            else:
                job.executor.kill()
