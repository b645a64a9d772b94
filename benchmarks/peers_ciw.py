"""The benchmark's funnel in Ciw, a network of queues: nurture, hand-off, three pools, the customer's thinking.

What Ciw has of its own: arrivals, first come first served, patience, infinite servers, routing. What the leads bear
(score, whether a call or a meeting is next) is kept on Ciw's individuals by distributions and routers written here.
"""

from __future__ import annotations

import random
from math import exp, inf
from typing import Any

import ciw

from benchmarks import idiomatic as of

NURTURE, HANDOFF, FIRST_POOL, THINKING = 1, 2, 3, 6
NODES = 6


class Score(ciw.dists.Distribution):  # type: ignore[misc]
    """Time in nurture: none for a lead whose score, drawn here, is good enough."""

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """Draw the score, and the time that it asks for."""
        ind.meets = False
        ind.score = random.normalvariate(*of.SCORE)
        return 0.0 if ind.score >= of.THRESHOLD else random.lognormvariate(*of.NURTURE)


class Effort(ciw.dists.Distribution):  # type: ignore[misc]
    """Time of a call or of a meeting, counted when it begins."""

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """The hours of the task that begins."""
        if ind.meets:
            ind.simulation.counts.meetings += 1
            return random.lognormvariate(*of.MEETING)
        ind.simulation.counts.calls += 1
        return random.lognormvariate(*of.CALL)


class Patience(ciw.dists.Distribution):  # type: ignore[misc]
    """Time until a lead gives up: only before its call."""

    def sample(self, t: Any = None, ind: Any = None) -> float:
        """The hours that this lead waits at most."""
        return inf if ind.meets else random.expovariate(1 / of.PATIENCE)


class AfterNurture(ciw.routing.NodeRouting):  # type: ignore[misc]
    """On to the hand-off with a good score, else out."""

    def next_node(self, ind: Any) -> Any:
        """Where a lead goes whose time in nurture is over."""
        if ind.score < of.THRESHOLD:
            ind.score += random.normalvariate(*of.LIFT)
        if ind.score < of.THRESHOLD:
            return self.simulation.nodes[-1]
        self.simulation.counts.mqls += 1
        return self.simulation.nodes[HANDOFF]


class AfterThinking(ciw.routing.Direct):  # type: ignore[misc]
    """Back to the pool, now for a meeting."""

    def next_node(self, ind: Any) -> Any:
        """The pool."""
        ind.meets = True
        return super().next_node(ind)


class AfterTask(ciw.routing.NodeRouting):  # type: ignore[misc]
    """On after a good call, else out; what a meeting brings is counted."""

    def next_node(self, ind: Any) -> Any:
        """Where a lead goes after its call or its meeting."""
        nodes = self.simulation.nodes
        if not ind.meets:
            good = random.random() < 1 / (1 + exp(-(ind.score - of.ODDS[0]) / of.ODDS[1]))
            return nodes[THINKING if good else -1]
        if random.random() < of.WIN_RATE:
            self.simulation.counts.wins += 1
            self.simulation.counts.revenue += random.lognormvariate(*of.DEAL)
        return nodes[-1]

    def next_node_for_jockeying(self, ind: Any) -> Any:
        """Where a lead goes that gave up: out, and counted."""
        self.simulation.counts.went_cold += 1
        return self.simulation.nodes[-1]


def network(n: int) -> Any:
    """The funnel for about `n` leads; what happens is counted in the simulation's `counts`."""
    channels = list(of.CHANNELS.items())
    pools = len(channels)
    routers = {
        name: [
            AfterNurture(), ciw.routing.Direct(FIRST_POOL + place), *(AfterTask() for _ in channels),
            AfterThinking(FIRST_POOL + place),
        ]
        for place, (name, _) in enumerate(channels)
    }  # fmt: skip
    dists = ciw.dists
    return ciw.create_network(
        arrival_distributions={
            name: [dists.Exponential(channel.share * n / of.HOURS)] + [None] * (NODES - 1) for name, channel in channels
        },
        service_distributions={
            name: [
                Score(), dists.Exponential(1 / channel.handoff), *(Effort() for _ in channels),
                dists.Lognormal(*of.THINKING),
            ]
            for name, channel in channels
        },
        number_of_servers=[inf, inf, *(of.reps_at(n, channel) for _, channel in channels), inf],
        reneging_time_distributions={name: [None, None] + [Patience()] * pools + [None] for name, _ in channels},
        routing={name: ciw.routing.NetworkRouting(routers=each) for name, each in routers.items()},
    )  # fmt: skip


def run(n: int, seed: int) -> dict[str, float]:
    """Counts of one replication with about `n` leads."""
    ciw.seed(seed)
    simulation = ciw.Simulation(network(n))
    simulation.counts = counts = of.Counts()  # Ciw copies distributions: what they share hangs on the simulation
    simulation.simulate_until_max_time(of.HOURS)
    counts.leads = simulation.nodes[0].number_of_individuals
    return counts.as_numbers()
