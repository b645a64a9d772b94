"""Exact means of what goes into a queue, by which noisy numbers of it are corrected."""

from __future__ import annotations

from math import lgamma, log, sqrt

import numpy as np

from simfunnel.theory.queues import mg1_wait


def of_input(rate: float, effort: float, speed: float, variation: float = 1.0) -> dict[str, float]:
    """Leads an hour, effort, and the wait at the twin: one rep `speed` times as fast (Pollaczek and Khinchine).

    `variation` is the squared coefficient of variation of the effort.
    """
    fast = effort / speed
    twin = mg1_wait(rate, fast, (1.0 + variation) * fast * fast)
    return {"leads_per_hour": rate, "effort": effort, "twin": twin}


def above_if_nobody_waited(load: float, reps: int) -> tuple[float, float]:
    """The number at work is then Poisson with mean `load`: P(at least `reps`), mean number above `reps`."""
    number = np.arange(reps, int(load + 20.0 * sqrt(load) + 20.0))
    share = np.exp([n * log(load) - load - lgamma(n + 1.0) for n in number.tolist()])
    return float(share.sum()), float((number - reps) @ share)
