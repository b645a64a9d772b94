"""The benchmark's funnel in plain SimPy, written as SimPy's own documentation would: one process per lead.

The bare workload: no calendars, no keyed luck, no ledger, only counts. It is the yardstick for `peers.py`, which says
where `funnel_bench.yaml` has to differ from it.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from math import exp, log
from typing import Any

import simpy

HOURS = 1440.0
LEADS = 10_000


def lognormal(mean: float, sigma: float) -> tuple[float, float]:
    """(mu, sigma) of the lognormal with this mean and this sigma of its logarithm."""
    return log(mean) - sigma**2 / 2, sigma


@dataclass(frozen=True)
class Channel:
    """Share of the leads, reps at 10,000 leads, mean hours of the hand-off."""

    share: float
    reps: int
    handoff: float


CHANNELS = {"web": Channel(0.5, 4, 2.0), "event": Channel(0.25, 2, 8.0), "partner": Channel(0.25, 2, 4.0)}
SCORE = (50.0, 20.0)
LIFT = (15.0, 5.0)
THRESHOLD = 60.0
PATIENCE = 24.0
ODDS = (65.0, 10.0)  # middle and scale of the logistic curve of the score by which a call makes an opportunity
NURTURE = lognormal(160.0, 0.8)
CALL = lognormal(0.6, 0.6)
THINKING = lognormal(56.0, 0.8)
MEETING = lognormal(2.0, 0.5)
DEAL = lognormal(10_000.0, 0.8)
WIN_RATE = 0.3


@dataclass
class Counts:
    """What one replication counted."""

    leads: int = 0
    mqls: int = 0
    went_cold: int = 0
    calls: int = 0
    meetings: int = 0
    wins: int = 0
    revenue: float = 0.0
    waited: float = 0.0
    busy: float = 0.0

    def as_numbers(self) -> dict[str, float]:
        """What is compared between engines, by name."""
        return {
            "leads": self.leads,
            "mqls": self.mqls,
            "went_cold": self.went_cold,
            "calls": self.calls,
            "meetings": self.meetings,
            "tasks": self.calls + self.meetings,
            "wins": self.wins,
            "revenue": self.revenue,
        }


def lead(
    env: simpy.Environment, channel: Channel, pool: simpy.Resource, luck: random.Random, counts: Counts
) -> Generator[Any, Any, None]:
    """One lead's life, from its score to its last decision."""
    score = luck.normalvariate(*SCORE)
    if score < THRESHOLD:
        yield env.timeout(luck.lognormvariate(*NURTURE))
        score += luck.normalvariate(*LIFT)
        if score < THRESHOLD:
            return
    counts.mqls += 1
    qualified_at = env.now
    yield env.timeout(luck.expovariate(1 / channel.handoff))

    with pool.request() as rep:
        gives_up = env.timeout(luck.expovariate(1 / PATIENCE))
        happened = yield rep | gives_up
        if rep not in happened:
            counts.went_cold += 1
            return
        counts.calls += 1
        counts.waited += env.now - qualified_at
        call = luck.lognormvariate(*CALL)
        counts.busy += min(call, HOURS - env.now)
        yield env.timeout(call)

    if luck.random() >= 1 / (1 + exp(-(score - ODDS[0]) / ODDS[1])):
        return
    yield env.timeout(luck.lognormvariate(*THINKING))

    with pool.request() as rep:
        yield rep
        counts.meetings += 1
        meeting = luck.lognormvariate(*MEETING)
        counts.busy += min(meeting, HOURS - env.now)
        yield env.timeout(meeting)

    if luck.random() < WIN_RATE:
        counts.wins += 1
        counts.revenue += luck.lognormvariate(*DEAL)


def source(
    env: simpy.Environment, channel: Channel, rate: float, pool: simpy.Resource, luck: random.Random, counts: Counts
) -> Generator[Any, Any, None]:
    """Leads of one channel, `rate` an hour, for ever."""
    while True:
        yield env.timeout(luck.expovariate(rate))
        counts.leads += 1
        env.process(lead(env, channel, pool, luck, counts))


def reps_at(n: int, channel: Channel) -> int:
    """Reps of a channel when `n` leads are expected, one at least."""
    return max(1, round(channel.reps * n / LEADS))


def run(n: int, seed: int) -> dict[str, float]:
    """Counts of one replication with about `n` leads."""
    env, luck, counts = simpy.Environment(), random.Random(seed), Counts()
    for channel in CHANNELS.values():
        pool = simpy.Resource(env, capacity=reps_at(n, channel))
        env.process(source(env, channel, channel.share * n / HOURS, pool, luck, counts))
    env.run(until=HOURS)
    return counts.as_numbers()
