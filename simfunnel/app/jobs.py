"""The long-lived workers of one command: processes, progress, cancelling."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from types import FrameType
from typing import Any, ParamSpec, Protocol, TypeVar

from simfunnel.leaving import cleaned_by, undisturbed

Params = ParamSpec("Params")
Answer = TypeVar("Answer")

ENDING_S = 2.0  # the longest wait for processes that are ended at once
ALONE_S = 1.5  # about what processes take to start and to load what they need


def cores() -> int:
    """Count the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalProcesses(Executor):
    """Spawned worker processes behind the executor protocol; a pool whose worker died is replaced at the next submit.

    Spawned and not forked, so that threads of the parent (a web page has some) cannot deadlock a child. They start when
    tasks have taken `alone_s` seconds in this process, which goes on with tasks until they are ready: a small study is
    over by then. By default they start at once and have all tasks. `environment`:
    variables for them alone; `nice`: how far they let others go first.
    """

    def __init__(
        self, workers: int, alone_s: float = 0.0, environment: Mapping[str, str] | None = None, nice: int = 0
    ) -> None:
        self._workers = workers
        self._nice = nice
        self._environment = dict(environment or {})
        self._alone_s = alone_s
        self._is_first = self._helps = alone_s > 0.0
        self._pool: ProcessPoolExecutor | None = None
        self._loading: list[Future[None]] = []

    def submit(self, fn: Callable[Params, Answer], /, *args: Params.args, **kwargs: Params.kwargs) -> Future[Answer]:
        """Schedule `fn`, or call it here (and raise what it raises) while processes are not worth their start."""
        if self._helps and self._is_not_ready(fn.__module__):
            done: Future[Answer] = Future()
            began = time.monotonic()
            done.set_result(fn(*args, **kwargs))
            if not self._is_first:  # the first does not count, which loads what it needs
                self._alone_s -= time.monotonic() - began
            self._is_first = False
            return done
        try:
            return self._send(fn, *args, **kwargs)
        except BrokenExecutor:
            self.shutdown(wait=False)
            return self._send(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes (those that still load, at once); a later submit starts new ones."""
        if any(not future.done() for future in self._loading):
            self.kill()
        elif self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
            self._pool = None

    def kill(self) -> None:
        """End the processes at once, whatever they are doing."""
        with undisturbed():
            pool, self._pool = self._pool, None
            if pool is None:
                return
            processes = list((pool._processes or {}).values())
            manager: Any = pool._executor_manager_thread
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            if manager is not None:  # else it may close its pipe while this process, as it ends, writes to it
                manager.join(ENDING_S)

    def leave(self) -> None:
        """End the processes, and what keeps count of their semaphores, because this process ends now."""
        if self.end_processes():
            remove_semaphores()

    def end_processes(self) -> bool:
        """Kill the processes and wait for their ends; return whether there were any."""
        pool, self._pool = self._pool, None
        for process in list((pool._processes or {}).values()) if pool is not None else []:
            with suppress(OSError):  # the thread that manages them may have waited for it already
                process.kill()
                os.waitpid(process.pid or 0, 0)
        return pool is not None

    def _is_not_ready(self, module: str) -> bool:
        """Tell whether processes are not worth their start yet, or still load `module`; starts them in time."""
        if self._alone_s > 0.0:
            return True
        if not self._loading:
            self._loading = [self._send(_load, module) for _ in range(self._workers)]
        self._helps = not all(future.done() for future in self._loading)
        return self._helps

    def _send(self, fn: Callable[Params, Answer], /, *args: Params.args, **kwargs: Params.kwargs) -> Future[Answer]:
        """Hand a task to the processes; one that starts for it never sees Ctrl-C, which is for its parent to hear."""
        if self._pool is None:
            if sys.platform != "win32":
                resource_tracker.ensure_running()  # before: as it starts it lets Ctrl-C through again
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=partial(_start_worker, self._nice, self._environment),
            )
        with undisturbed():
            return self._pool.submit(fn, *args, **kwargs)


def _load(module: str) -> None:
    importlib.import_module(module)


def remove_semaphores() -> None:
    """Remove semaphores as multiprocessing does when a process ends in order: else its tracker tells of leaks."""
    from multiprocessing import util

    parts: Any = util
    parts._run_finalizers(0)
    parts = resource_tracker
    parts._resource_tracker._stop()


def let_others_first(nice: int) -> None:
    """Let other processes go before this one, by so many steps of its priority, where the system has such."""
    if hasattr(os, "nice"):
        os.nice(nice)


def _start_worker(nice: int, environment: Mapping[str, str]) -> None:
    os.environ.update(environment)  # before any module of the engines is loaded
    let_others_first(nice)
    # Ctrl-C reaches the whole process group: the parent decides what it means. Blocked since the process began
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Job:
    """What a study is given to work with: an executor (None: this process), its size, and whether to stop."""

    def __init__(self, workers: int, executor: Processes | None) -> None:
        self.workers = workers
        self.executor = executor
        self._stopped = threading.Event()

    def stop(self) -> bool:
        """Tell whether someone asked to stop."""
        return self._stopped.is_set()

    def cancel(self) -> None:
        """Ask to stop: nothing new is sent, what is in hand is finished and kept."""
        self._stopped.set()


@contextmanager
def one_beside() -> Iterator[Executor | None]:
    """Give one process for the length of the block, where there is a core for it; it ends with this one."""
    if cores() < 2:
        yield None
        return
    executor = LocalProcesses(1)
    with cleaned_by(executor.leave):
        try:
            yield executor
        finally:
            executor.kill()  # it has nothing in hand, or nobody waits for it


class Processes(Protocol):
    """Processes that do tasks, and how they end: in order, at once, or because this process does."""

    def submit(self, fn: Callable[Params, Answer], /, *args: Params.args, **kwargs: Params.kwargs) -> Future[Answer]:
        """Schedule a call."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End in order."""

    def kill(self) -> None:
        """End at once."""

    def leave(self) -> None:
        """End because this process ends."""


@contextmanager
def running(workers: int, on_cancel: Callable[[], None], executor: Processes | None = None) -> Iterator[Job]:
    """Give a job for the length of the block; the first Ctrl-C cancels it (and calls `on_cancel`), the second leaves.

    The second is left to the handler of the signal that was there before. `executor`: by default processes that start
    when they are worth it, for more than one worker.
    """
    job = Job(workers, executor or (LocalProcesses(workers, ALONE_S) if workers > 1 else None))
    before: Any = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        if job.stop():
            before(number, frame)
        else:
            job.cancel()
            on_cancel()

    in_main_thread = threading.current_thread() is threading.main_thread()
    with ExitStack() as ending:
        if job.executor is not None:
            ending.enter_context(cleaned_by(job.executor.leave))
        if in_main_thread and callable(before):
            signal.signal(signal.SIGINT, interrupted)
            ending.callback(signal.signal, signal.SIGINT, before)
        at_ease = False
        try:
            yield job
            at_ease = True
        finally:
            if job.executor is not None:
                if at_ease:
                    job.executor.shutdown()
                else:
                    job.executor.kill()
