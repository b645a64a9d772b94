"""The benchmark's funnel in salabim, one component per lead, in its `yield` mode, the faster of its two."""

from __future__ import annotations

import random
from collections.abc import Generator
from math import exp
from typing import Any

import salabim

from benchmarks import idiomatic as of


class Source(salabim.Component):  # type: ignore[misc]
    """Leads of one channel, for ever."""

    def setup(self, channel: of.Channel, n: int, luck: random.Random, counts: of.Counts) -> None:
        """Remember the channel; its pool has the reps that `n` leads ask for."""
        self.channel, self.luck, self.counts = channel, luck, counts
        self.gap = of.HOURS / (channel.share * n)
        self.pool = salabim.Resource(capacity=of.reps_at(n, channel), env=self.env, monitor=False)

    def process(self) -> Generator[Any, Any, None]:
        """A lead after each exponential gap."""
        while True:
            yield self.hold(self.luck.expovariate(1 / self.gap))
            self.counts.leads += 1
            Lead(env=self.env, source=self)


class Lead(salabim.Component):  # type: ignore[misc]
    """One lead."""

    def setup(self, source: Source) -> None:
        """Remember where the lead comes from."""
        self.source = source

    def process(self) -> Generator[Any, Any, None]:
        """From its score to its last decision."""
        channel, pool, luck, counts = self.source.channel, self.source.pool, self.source.luck, self.source.counts
        score = luck.normalvariate(*of.SCORE)
        if score < of.THRESHOLD:
            yield self.hold(luck.lognormvariate(*of.NURTURE))
            score += luck.normalvariate(*of.LIFT)
            if score < of.THRESHOLD:
                return
        counts.mqls += 1
        yield self.hold(luck.expovariate(1 / channel.handoff))

        yield self.request(pool, fail_delay=luck.expovariate(1 / of.PATIENCE))
        if self.failed():
            counts.went_cold += 1
            return
        counts.calls += 1
        yield self.hold(luck.lognormvariate(*of.CALL))
        self.release(pool)

        if luck.random() >= 1 / (1 + exp(-(score - of.ODDS[0]) / of.ODDS[1])):
            return
        yield self.hold(luck.lognormvariate(*of.THINKING))
        yield self.request(pool)
        counts.meetings += 1
        yield self.hold(luck.lognormvariate(*of.MEETING))
        self.release(pool)

        if luck.random() < of.WIN_RATE:
            counts.wins += 1
            counts.revenue += luck.lognormvariate(*of.DEAL)


def run(n: int, seed: int) -> dict[str, float]:
    """Counts of one replication with about `n` leads."""
    salabim.yieldless(False)
    env, luck, counts = salabim.Environment(trace=False), random.Random(seed), of.Counts()
    for channel in of.CHANNELS.values():
        Source(env=env, channel=channel, n=n, luck=luck, counts=counts)
    env.run(till=of.HOURS)
    return counts.as_numbers()
