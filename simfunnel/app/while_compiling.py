"""The first command on a machine: years are simulated from the first second, while other processes compile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

from simfunnel.app.jobs import LocalProcesses, let_others_first, remove_semaphores

Params = ParamSpec("Params")
Answer = TypeVar("Answer")

COMPILERS_NICE, LATER_NICE = 5, 15  # the first year in plain Python goes before a compilation, later ones after
PLAIN = {"NUMBA_DISABLE_JIT": "1"}  # the engine to read, in plain Python: the same bytes


class WhileCompiling(Executor):
    """An executor for the time of the first compilation, and after it.

    With the first task (`begun` is called) each of `programs` is compiled by a process of its own. Until all are, one
    more process does tasks in plain Python, one at a time; then `done` is called, the task in hand is given back
    (cancelled), and compiled workers do the rest. Every engine writes the same bytes: who does a task changes nothing.
    A process that dies compiles nothing more; what is missing then is compiled by whoever needs it.
    """

    def __init__(
        self,
        workers: int,
        programs: Sequence[Callable[[], None]],
        done: Callable[[], None],
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_over = False  # everything is compiled, and compiled workers do the tasks
        self._workers = LocalProcesses(workers)
        self._plain = LocalProcesses(1, environment=PLAIN)
        self._compilers = {program: LocalProcesses(1, nice=COMPILERS_NICE) for program in programs}
        self._compiling: list[Future[None]] = []
        self._begun, self._done = begun, done
        self._has_ended = False
        self._in_hand: list[Future[Any]] = []
        self._lock = threading.Lock()

    def room(self) -> int | None:
        """Let compiled workers take over once everything is compiled.

        Return how many tasks it can use at once; None: as many as there are.
        """
        if self.is_over:
            return None
        if not self._compiling or self._has_ended or not all(program.done() for program in self._compiling):
            return 1
        self.is_over = True
        if not any(program.exception() for program in self._compiling):
            self._done()
        with self._lock:
            for future in self._in_hand:
                if not future.done() and future.cancel():
                    future.set_running_or_notify_cancel()  # whoever waits for it is told
        for each in (self._plain, *self._compilers.values()):
            each.kill()
        return None

    def submit(self, fn: Callable[Params, Answer], /, *args: Params.args, **kwargs: Params.kwargs) -> Future[Answer]:
        """Schedule `fn` with whoever simulates now; its future may be cancelled: then it has to be sent again."""
        if self.is_over:
            return self._workers.submit(fn, *args, **kwargs)
        if not self._compiling:
            self._begun()
            self._compiling = [process.submit(program) for program, process in self._compilers.items()]
        given: Future[Answer] = Future()
        self._in_hand = [*(future for future in self._in_hand if not future.done()), given]
        found = self._plain.submit(_before_later_ones, partial(fn, *args, **kwargs))
        found.add_done_callback(partial(self._pass_on, given))
        return given

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes; a compilation that is under way stops, what it has written stays."""
        self._has_ended = True
        if self.is_over:
            self._workers.shutdown(wait, cancel_futures=cancel_futures)
        else:
            self.kill()

    def kill(self) -> None:
        """End all processes at once."""
        self._has_ended = True
        for each in self._all():
            each.kill()

    def leave(self) -> None:
        """End all processes because this process ends now."""
        self._has_ended = True
        for each in self._all():
            each.end_processes()
        remove_semaphores()  # last: their tracker ends when no process is left

    def _all(self) -> list[LocalProcesses]:
        return [self._plain, *self._compilers.values(), self._workers]

    def _pass_on(self, given: Future[Answer], found: Future[Answer]) -> None:
        """Hand the answer of a process to whoever was given a future of it, unless that was cancelled meanwhile."""
        with self._lock:
            if found.cancelled() or given.cancelled() or not given.set_running_or_notify_cancel():
                return
        if error := found.exception():
            given.set_exception(error)
        else:
            given.set_result(found.result())


def _before_later_ones(call: Callable[[], Answer]) -> Answer:
    """Do a task; later ones of this process wait for everybody else."""
    answer = call()
    let_others_first(LATER_NICE)
    return answer
