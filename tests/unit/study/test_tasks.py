from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from simfunnel.errors import WorkerError
from simfunnel.study.years.calls import IN_FLIGHT_PER_WORKER, RESENDS, run_calls


def double(number: int) -> int:
    return 2 * number


class FragileExecutor(Executor):
    """Runs each call at once; a deadly task breaks every call in flight, as a process pool does."""

    def __init__(self, deadly: set[int], deaths: int) -> None:
        self.deadly = deadly
        self.deaths = deaths
        self.sent: list[int] = []
        self.in_flight: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.sent.append(args[0])
        self.in_flight.append(future)
        if args[0] in self.deadly and self.deaths:
            self.deaths -= 1
            for broken in self.in_flight:
                if not broken.done():
                    broken.set_exception(BrokenExecutor("a process died"))
        elif args[0] not in self.deadly or not self.deaths:
            future.set_result(fn(*args))
        return future


def test_answers_come_in_the_order_of_the_tasks_whatever_finishes_first() -> None:
    first_may_end = threading.Event()

    def slow_first(number: int) -> int:
        if number == 0:
            first_may_end.wait(5)
        elif number == 3:
            first_may_end.set()
        return number

    with ThreadPoolExecutor(2) as executor:
        assert run_calls(slow_first, range(8), executor=executor, workers=2) == list(range(8))


def test_without_an_executor_the_tasks_run_here() -> None:
    seen: list[int] = []

    assert run_calls(double, [1, 2, 3], on_done=seen.append) == [2, 4, 6]
    assert seen == [1, 2, 3]


def test_no_more_tasks_are_in_flight_than_the_window_allows() -> None:
    flying, most = 0, 0
    lock = threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            nonlocal flying, most
            with lock:
                flying += 1
                most = max(most, flying)
            future = super().submit(fn, *args, **kwargs)
            future.add_done_callback(lambda done: landed())
            return future

    def landed() -> None:
        nonlocal flying
        with lock:
            flying -= 1

    with Counting(2) as executor:
        run_calls(double, range(50), executor=executor, workers=2)

    assert most <= 2 * IN_FLIGHT_PER_WORKER


def test_a_stop_keeps_the_first_answers_without_a_gap() -> None:
    done: list[int] = []

    with ThreadPoolExecutor(2) as executor:
        answers = run_calls(
            double, range(100), executor=executor, workers=2, on_done=done.append, stop=lambda: len(done) >= 5
        )

    assert 5 <= len(answers) < 100
    assert answers == [2 * number for number in range(len(answers))]


def test_a_stop_without_an_executor_ends_after_the_task_in_hand() -> None:
    done: list[int] = []

    assert run_calls(double, range(9), on_done=done.append, stop=lambda: len(done) == 2) == [0, 2]


def test_tasks_in_flight_when_a_worker_dies_are_sent_again() -> None:
    executor = FragileExecutor({4}, deaths=2)

    assert run_calls(double, range(8), executor=executor, workers=1) == [2 * number for number in range(8)]
    assert executor.sent.count(4) == 3


def test_a_task_that_always_kills_its_worker_is_named() -> None:
    executor = FragileExecutor({4}, deaths=99)

    with pytest.raises(WorkerError, match=r"task 5 of 8 took its worker process down 4 times.*: 4"):
        run_calls(double, range(8), executor=executor, workers=2)
    assert executor.sent.count(4) == RESENDS + 1


def test_what_a_task_raises_reaches_the_caller() -> None:
    def fail(number: int) -> int:
        raise ValueError(f"no {number}")

    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="no 0"):
        run_calls(fail, range(3), executor=executor)
