"""The benchmark's funnel in Cimba for Python (package `cimba`): models compiled by numba, processes as C coroutines.

Compiling the experiment is outside of what is timed, like this project's compiled plan: `run` tells its own seconds.
"""

from __future__ import annotations

import time
from math import exp
from typing import Any

import cimba
from cimba import random

from benchmarks import idiomatic as of

GAVE_UP = 1
COUNTS = ("leads", "mqls", "went_cold", "calls", "meetings", "wins", "revenue")

# compiled code reads names of the module, not attributes of another one
HOURS, THRESHOLD, PATIENCE, WIN_RATE = of.HOURS, of.THRESHOLD, of.PATIENCE, of.WIN_RATE
(SCORE, SCORE_SD), (LIFT, LIFT_SD), (ODDS, ODDS_SCALE) = of.SCORE, of.LIFT, of.ODDS
(NURTURE, NURTURE_SD), (THINKING, THINKING_SD), (DEAL, DEAL_SD) = of.NURTURE, of.THINKING, of.DEAL
(CALL, CALL_SD), (MEETING, MEETING_SD) = of.CALL, of.MEETING


class Channel(cimba.Model):  # type: ignore[misc]
    """A channel with its reps, and what happened to its leads."""

    gap: cimba.Param[float]
    handoff: cimba.Param[float]
    reps: cimba.Resource
    leads: cimba.Output[float]
    mqls: cimba.Output[float]
    went_cold: cimba.Output[float]
    calls: cimba.Output[float]
    meetings: cimba.Output[float]
    wins: cimba.Output[float]
    revenue: cimba.Output[float]

    @cimba.on_start  # type: ignore[untyped-decorator]
    def nothing_yet(self) -> None:
        """Start all counts at zero."""
        self.leads = self.mqls = self.went_cold = 0.0
        self.calls = self.meetings = 0.0
        self.wins = self.revenue = 0.0

    @cimba.process  # type: ignore[untyped-decorator]
    def source(self) -> None:
        """A lead after each exponential gap."""
        while True:
            cimba.hold(random.exponential(self.gap))
            self.leads += 1.0
            cimba.spawn(Lead, home=self)


class Lead(cimba.Model):  # type: ignore[misc]
    """One lead."""

    home: cimba.Ref[Channel]

    @cimba.process  # type: ignore[untyped-decorator]
    def life(self) -> None:
        """From its score to its last decision."""
        home = self.home
        score = random.normal(SCORE, SCORE_SD)
        if score < THRESHOLD:
            cimba.hold(random.lognormal(NURTURE, NURTURE_SD))
            score += random.normal(LIFT, LIFT_SD)
            if score < THRESHOLD:
                return
        home.mqls += 1.0
        cimba.hold(random.exponential(home.handoff))

        me = cimba.this_process()
        me.timer_set(random.exponential(PATIENCE), GAVE_UP)
        if home.reps.acquire() == GAVE_UP:
            home.went_cold += 1.0
            return
        me.timers_clear()
        home.calls += 1.0
        cimba.hold(random.lognormal(CALL, CALL_SD))
        home.reps.release()

        if random.uniform(0.0, 1.0) >= 1.0 / (1.0 + exp(-(score - ODDS) / ODDS_SCALE)):
            return
        cimba.hold(random.lognormal(THINKING, THINKING_SD))
        home.reps.acquire()
        home.meetings += 1.0
        cimba.hold(random.lognormal(MEETING, MEETING_SD))
        home.reps.release()

        if random.uniform(0.0, 1.0) < WIN_RATE:
            home.wins += 1.0
            home.revenue += random.lognormal(DEAL, DEAL_SD)


class Funnel(cimba.Model):  # type: ignore[misc]
    """The three channels."""

    web: Channel
    event: Channel
    partner: Channel

    def __init__(self, n: int) -> None:
        for name, one in of.CHANNELS.items():
            channel = Channel()
            channel.gap, channel.handoff = of.HOURS / (one.share * n), one.handoff
            channel.reps = cimba.Resource(capacity=of.reps_at(n, one))
            setattr(self, name, channel)


def run(n: int, seed: int) -> dict[str, float]:
    """Counts of one replication with about `n` leads, and the seconds of processor time that it took."""
    funnel: Any = Funnel(n)
    experiment = cimba.Experiment(funnel, window=cimba.Window(duration=HOURS), seed=seed)
    started = time.process_time()
    results = experiment.run(workers=1)
    seconds = time.process_time() - started
    parts = [results[getattr(funnel, name)] for name in of.CHANNELS]
    found = {name: sum(float(getattr(part, name).values.ravel()[0]) for part in parts) for name in COUNTS}
    return {**found, "tasks": found["calls"] + found["meetings"], "seconds": seconds}
