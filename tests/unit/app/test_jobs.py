from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import wait

import pytest

from simfunnel.app.jobs import LocalProcesses, running
from simfunnel.study.years.calls import run_calls


def test_a_dead_worker_process_is_replaced() -> None:
    processes = LocalProcesses(1)
    try:
        first = processes.submit(os.getpid).result(30)
        with pytest.raises(RuntimeError):
            processes.submit(os._exit, 1).result(30)
        assert processes.submit(os.getpid).result(30) not in (first, os.getpid())
    finally:
        processes.shutdown()


def test_processes_start_only_when_a_study_is_worth_their_start() -> None:
    processes = LocalProcesses(1, alone_s=0.2)
    try:
        loading = processes.submit(slow_pid, 0.3)
        short = [processes.submit(os.getpid) for _ in range(20)]
        long = processes.submit(slow_pid, 0.3)
        assert {future.result(30) for future in (loading, *short, long)} == {os.getpid()}
        assert processes._pool is None
        assert processes.submit(slow_pid, 0.1).result(30) == os.getpid()  # while they load
        assert processes._pool is not None
        wait(processes._loading, 30)
        assert os.getpid() not in {processes.submit(os.getpid).result(30) for _ in range(3)}
    finally:
        processes.shutdown()


def test_processes_that_were_not_needed_after_all_are_not_waited_for() -> None:
    processes = LocalProcesses(2, alone_s=1e-9)
    for _ in range(3):
        processes.submit(time.sleep, 0.001)
    began = time.monotonic()
    processes.shutdown()

    assert time.monotonic() - began < 0.5
    assert processes._pool is None


def test_an_error_of_a_task_is_the_same_wherever_it_is_done() -> None:
    for alone_s in (0.0, 1.0):
        processes = LocalProcesses(1, alone_s)
        with pytest.raises(ZeroDivisionError):
            run_calls(inverse, [1.0, 0.0], executor=processes)
        processes.shutdown()


def inverse(x: float) -> float:
    return 1.0 / x


def slow_pid(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def test_one_worker_means_this_process() -> None:
    with running(1, lambda: None) as job:
        assert job.executor is None


def test_the_first_interrupt_asks_to_stop_and_the_second_leaves() -> None:
    told: list[str] = []
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores Ctrl-C

    def work() -> None:
        with running(1, lambda: told.append("stopping")) as job:
            os.kill(os.getpid(), signal.SIGINT)
            assert job.stop()
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert told == ["stopping"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_processes_answer_in_order() -> None:
    with running(2, lambda: None) as job:
        assert run_calls(abs, [-3, -2, -1], executor=job.executor, workers=job.workers) == [3, 2, 1]


def test_nothing_of_a_pool_that_was_ended_while_it_loads_is_left_at_work() -> None:
    before = set(threading.enumerate())
    processes = LocalProcesses(2)
    processes.submit(time.sleep, 30)

    processes.kill()

    assert set(threading.enumerate()) <= before
