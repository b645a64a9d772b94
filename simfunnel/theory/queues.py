"""Single reps, priorities, dealt leads, batches, and pools in a row: long-run mean waits in the queue.

Rates are per unit of time, moments are raw moments of the handling time. Sources are named in each function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf
from typing import NamedTuple

import numpy as np

from simfunnel.theory.erlang import Pool, erlang_c, mmc


class Network(NamedTuple):
    """Pools in a row: each one's arrival rate and figures, leads in process, and time from entry to exit."""

    rates: tuple[float, ...]
    pools: tuple[Pool, ...]
    in_process: float
    time_in_process: float


class Batches(NamedTuple):
    """One rep fed by lists."""

    utilisation: float
    in_system: float
    time_in_system: float
    wait: float


def mg1_wait(arrivals: float, mean: float, second_moment: float) -> float:
    """Return the mean wait for one rep with any handling law (Pollaczek and Khinchine); ValueError at a load of 1 or
    more."""
    load = arrivals * mean
    if load >= 1.0:
        raise ValueError(f"a load of {load:g} on one rep: the queue would grow without end")
    return arrivals * second_moment / (2.0 * (1.0 - load))


def md1_wait(arrivals: float, handling: float) -> float:
    """Return the mean wait for one rep whose every task takes the same time."""
    return mg1_wait(arrivals, handling, handling * handling)


def mg1_priority_waits(
    arrivals: Sequence[float], means: Sequence[float], second_moments: Sequence[float]
) -> tuple[float, ...]:
    """Return the mean wait per class for one rep, first class first, nobody is interrupted (Cobham 1954)."""
    residual = sum(rate * m2 for rate, m2 in zip(arrivals, second_moments, strict=True)) / 2.0
    return _by_priority(residual, [rate * m for rate, m in zip(arrivals, means, strict=True)])


def mmc_priority_waits(arrivals: Sequence[float], service_rate: float, reps: int) -> tuple[float, ...]:
    """Return the mean wait per class for `reps` with one exponential handling law (Kella and Yechiali 1985)."""
    residual = erlang_c(reps, sum(arrivals) / service_rate) / (reps * service_rate)
    return _by_priority(residual, [rate / (reps * service_rate) for rate in arrivals])


def round_robin_wait(arrivals: float, service_rate: float, reps: int) -> float:
    """Return the mean wait when leads are dealt in turn to reps with queues of their own: each is an E_c/M/1."""
    busy = gim1_busy(lambda s: (arrivals / (arrivals + s)) ** reps, service_rate)
    return busy / (service_rate * (1.0 - busy))


def random_wait(arrivals: float, service_rate: float, reps: int) -> float:
    """Return the mean wait when each lead goes to a random rep with a queue of its own: each is an M/M/1."""
    share = arrivals / reps
    return share / (service_rate * (service_rate - share))


def gim1_busy(transform: Callable[[float], float], service_rate: float) -> float:
    """Return P(an arrival finds the rep busy) in GI/M/1: the root of s = A(mu (1 - s)), A the transform of the gaps."""
    root = 0.5
    for _ in range(100_000):
        nearer = transform(service_rate * (1.0 - root))
        if abs(nearer - root) < 1e-15:
            break
        root = nearer
    return nearer


def batches(lists: float, size: float, size_squared: float, service_rate: float) -> Batches:
    """Return lists at rate `lists` with `size` leads each (second moment `size_squared`), one rep (M[X]/M/1)."""
    load = lists * size / service_rate
    in_system = load * (1.0 + size_squared / size) / (2.0 * (1.0 - load))
    time_in_system = in_system / (lists * size)
    return Batches(load, in_system, time_in_system, time_in_system - 1.0 / service_rate)


def jackson(
    external: Sequence[float], routing: Sequence[Sequence[float]], service_rates: Sequence[float], reps: Sequence[float]
) -> Network:
    """Open network (Jackson 1957): rates from the traffic equations, then each pool is an M/M/c on its own.

    `routing[i][j]` is the share that goes from pool i to pool j; reps of infinity make a stage without a rep limit.
    """
    share = np.asarray(routing, dtype=np.float64)
    rates = np.linalg.solve(np.eye(len(external)) - share.T, np.asarray(external, dtype=np.float64))
    pools = tuple(
        Pool(0.0, 0.0, 0.0, 0.0, rate / mu, rate) if c == inf else mmc(rate, mu, int(c))
        for rate, mu, c in zip(rates.tolist(), service_rates, reps, strict=True)
    )
    in_process = sum(pool.in_system for pool in pools)
    return Network(tuple(rates.tolist()), pools, in_process, in_process / sum(external))


def in_stage(t: float, rate: Callable[[float], float], survival: Callable[[float], float], start: float = 0.0) -> float:
    """Return the mean number in a stage without a rep limit at time t, empty at `start` (Eick, Massey and Whitt 1993).

    The integral of rate(u) x P(stay > t - u); the number itself is Poisson. Smooth rates only: split at kinks.
    """
    nodes, weights = np.polynomial.legendre.leggauss(400)
    half = (t - start) / 2.0
    times = start + half * (nodes + 1.0)
    heights = np.array([rate(u) * survival(t - u) for u in times.tolist()])
    return half * float(weights @ heights)


def stages_done(stages: int, rate: float, t: float) -> float:
    """Return P(`stages` exponential stages in a row, each with `rate`, are over by t): the Erlang distribution."""
    term, total = 1.0, 0.0
    for k in range(stages):
        if k:
            term *= rate * t / k
        total += term
    return 1.0 - exp(-rate * t) * total


def wins_by(t: float, leads: float, p_win: float, stages: int, rate: float) -> float:
    """Return the mean wins by time t from a pipeline that starts empty, leads arriving at rate `leads`."""
    waiting = stages / rate * stages_done(stages + 1, rate, t)
    return leads * p_win * (t * stages_done(stages, rate, t) - waiting)


def _by_priority(residual: float, loads: Sequence[float]) -> tuple[float, ...]:
    waits, before = [], 0.0
    for load in loads:
        upto = before + load
        waits.append(residual / ((1.0 - before) * (1.0 - upto)))
        before = upto
    return tuple(waits)
