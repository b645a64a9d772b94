"""Pools of equal reps with exponential handling: Erlang B, C and A, and the pool of limited size.

Symbols, the same in every function: `arrivals` and `service_rate` per unit of time (service_rate of one rep), `reps` c,
load a = arrivals / service_rate in erlangs, `renege_rate` = 1 / mean patience, which runs only while a lead waits. All
averages are long-run, first come first served. `wait` is over all leads that join (who reneges counts until it leaves),
`wait_served` over those who reached a rep; Little's law uses `wait`.
"""

from __future__ import annotations

from math import exp, inf, log
from typing import NamedTuple

import numpy as np
from scipy.special import betainc

from simfunnel.arrays import Floats

_NEGLIGIBLE = 60.0  # log-weight below the largest at which the states of an endless queue are cut off


class Pool(NamedTuple):
    """Long-run figures of a pool; shares are of all leads that arrive."""

    utilisation: float
    p_wait: float
    wait: float
    queue: float
    in_system: float
    throughput: float
    p_reneged: float = 0.0
    p_balked: float = 0.0
    wait_served: float = 0.0


def erlang_b(reps: int, load: float) -> float:
    """Return the probability that all `reps` are busy when nobody waits (Erlang 1917), by the recursion on the number
    of reps.

    >>> round(erlang_b(10, 20.0), 7)
    0.5379632
    """
    blocked = 1.0
    for c in range(1, reps + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(reps: int, load: float) -> float:
    """Return the probability that a lead waits in M/M/c with a load below `reps`; ValueError otherwise.

    >>> round(erlang_c(2, 1.0), 4)
    0.3333
    """
    if load >= reps:
        raise ValueError(f"a load of {load:g} erlangs on {reps} reps: the queue would grow without end")
    blocked = erlang_b(reps, load)
    return blocked / (1.0 - load / reps * (1.0 - blocked))


def mmc(arrivals: float, service_rate: float, reps: int) -> Pool:
    """Return M/M/c, unlimited patience."""
    load = arrivals / service_rate
    p_wait = erlang_c(reps, load)
    wait = p_wait / (reps * service_rate - arrivals)
    return Pool(load / reps, p_wait, wait, arrivals * wait, arrivals * wait + load, arrivals, wait_served=wait)


def mmc_wait_tail(arrivals: float, service_rate: float, reps: int, t: float) -> float:
    """Return P(wait > t) in M/M/c: the waits of those who wait are exponential."""
    return erlang_c(reps, arrivals / service_rate) * exp(-(reps * service_rate - arrivals) * t)


def mmc_wait_quantile(arrivals: float, service_rate: float, reps: int, share: float) -> float:
    """Return the time within which a `share` of all leads has started in M/M/c."""
    p_wait = erlang_c(reps, arrivals / service_rate)
    if share <= 1.0 - p_wait:
        return 0.0
    return log(p_wait / (1.0 - share)) / (reps * service_rate - arrivals)


def mmc_discount(arrivals: float, service_rate: float, reps: int, decay: float) -> float:
    """Return E[exp(-decay x wait)] in M/M/c: what is left of a chance that decays while the lead waits (Laplace
    transform)."""
    p_wait = erlang_c(reps, arrivals / service_rate)
    drain = reps * service_rate - arrivals
    return 1.0 - p_wait + p_wait * drain / (drain + decay)


def mmck(arrivals: float, service_rate: float, reps: int, room: int) -> Pool:
    """Return M/M/c with at most `room` leads waiting or in hand; who finds it full balks. Waits: of those who join."""
    rates = [min(n, reps) * service_rate for n in range(1, room + 1)]
    p = _stationary(arrivals, rates)
    states = np.arange(room + 1)
    joined = arrivals * (1.0 - p[-1])
    queue = float(np.maximum(states - reps, 0) @ p)
    p_wait = float(p[reps:room].sum()) / (1.0 - p[-1])
    wait = queue / joined
    utilisation = joined / (reps * service_rate)
    return Pool(utilisation, p_wait, wait, queue, float(states @ p), joined, p_balked=float(p[-1]), wait_served=wait)


def erlang_a(arrivals: float, service_rate: float, reps: int, renege_rate: float) -> Pool:
    """Return M/M/c+M, exponential patience (Palm 1957; Mandelbaum and Zeltyn 2007): has an answer at every load."""
    p = _with_patience(arrivals, service_rate, reps, renege_rate)
    ahead = np.arange(len(p) - reps)  # leads waiting, as seen by one that has to wait
    queue = float(ahead @ p[reps:])
    p_reneged = renege_rate * queue / arrivals
    drain = reps * service_rate
    # Who finds k waiting passes k + 1 departures, each a race between the reps and the impatience of those before it.
    stays = drain / (drain + (ahead + 1) * renege_rate)
    passing = np.cumsum(1.0 / (drain + (ahead + 1) * renege_rate))
    wait_served = float((p[reps:] * stays * passing).sum()) / (1.0 - p_reneged)
    return Pool(
        utilisation=arrivals * (1.0 - p_reneged) / drain,
        p_wait=float(p[reps:].sum()),
        wait=queue / arrivals,
        queue=queue,
        in_system=float(np.arange(len(p)) @ p),
        throughput=arrivals * (1.0 - p_reneged),
        p_reneged=p_reneged,
        wait_served=wait_served,
    )


def erlang_a_wait_tail(arrivals: float, service_rate: float, reps: int, renege_rate: float, t: float) -> float:
    """Return P(wait > t) over all leads in M/M/c+M, the wait being the shorter of the patience and the wait offered."""
    p = _with_patience(arrivals, service_rate, reps, renege_rate)
    ahead = np.arange(len(p) - reps)
    gone = 1.0 - exp(-renege_rate * t)
    still = 1.0 - betainc(ahead + 1.0, reps * service_rate / renege_rate, gone)
    return exp(-renege_rate * t) * float(p[reps:] @ still)


def erlang_a_answered_within(arrivals: float, service_rate: float, reps: int, renege_rate: float, t: float) -> float:
    """Return P(a rep starts within t) over all leads in M/M/c+M; who reneges is a miss."""
    p = _with_patience(arrivals, service_rate, reps, renege_rate)
    ahead = np.arange(len(p) - reps)
    drain = reps * service_rate
    gone = 1.0 - exp(-renege_rate * t)
    reached = drain / (drain + (ahead + 1) * renege_rate) * betainc(ahead + 1.0, drain / renege_rate + 1.0, gone)
    return float(p[:reps].sum() + p[reps:] @ reached)


def heads_for(load: float, busiest: float = 0.85) -> int:
    """Return the fewest reps whose share of busy time stays at or below `busiest` under `load` erlangs (at least 1)."""
    if not 0.0 < busiest <= 1.0 or load == inf:
        raise ValueError("the load must be finite and the busy share between 0 and 1")
    return max(1, int(np.ceil(load / busiest - 1e-9)))


def _with_patience(arrivals: float, service_rate: float, reps: int, renege_rate: float) -> Floats:
    """Stationary distribution of M/M/c+M, cut off where the rest no longer counts."""
    rates: list[float] = []
    weight = peak = 0.0
    while True:
        n = len(rates) + 1
        rates.append(min(n, reps) * service_rate + max(n - reps, 0) * renege_rate)
        weight += log(arrivals / rates[-1])
        peak = max(peak, weight)
        if n > reps and rates[-1] > arrivals and weight < peak - _NEGLIGIBLE:
            return _stationary(arrivals, rates)


def _stationary(arrivals: float, death_rates: list[float]) -> Floats:
    """Stationary distribution of a birth-death chain: p_n is proportional to the product of arrivals / death rate.

    Weights are kept as logarithms, so that hundreds of erlangs do not overflow.
    """
    log_weights = np.concatenate(([0.0], np.cumsum(np.log(arrivals / np.asarray(death_rates)))))
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())
