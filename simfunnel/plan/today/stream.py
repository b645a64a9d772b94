"""Accepted leads on their way through the stages, by integrals: the one place where a stage's decision is integrated.

What knows a stage's flow in closed form; a new way out of a stage is written in the first, which the next four ask:

- `theory.visit.Visit`: what a stage does to a lead on one visit: who meets a rep, who comes again
- `plan.today.stream.Stream`: who goes on, who comes again; intercepts, win shares and open leads are made of it
- `plan.loads.flow_of`: contacts and decisions per lead, with returns from nurture
- `plan.loads.task_hours`: the hours that those take
- `scenario.checks.size.per_lead`: tasks per lead at most, before anything is solved
- `plan.overload.overloads`: what piles up where they do not fit
- `theory.waterfall.ChannelRates`: today's rates in a row, as a calculator has them
- `study.target.calculator.Calculator`: these rates, read from simulated years
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import expit

from simfunnel.arrays import Floats
from simfunnel.theory.selection import Population, Sample, drawn, intercept, pass_shares
from simfunnel.theory.visit import Visit

ENOUGH_OPEN = 500  # open leads of a channel at a stage to resample from
DRAWN = 16384  # leads of which those are kept that get so far
_DIGITS = 9  # of a cumulative share, so that a tie is a tie whatever the last bits of an integral are
_HARDLY = 1e-9  # of all leads: what stands for a channel without new leads, so that its open leads have a quality


@dataclass
class Stream:
    """Accepted leads as weighted nodes on their way through the stages, joined at each by the leads open there."""

    sample: Sample  # at the first stage
    slopes: Sequence[float]  # [stages] log quality odds
    visits: Sequence[Visit]  # [stages]
    more: Floats  # [channels, stages] what skill and effects add to the log-odds
    opening: Floats | None = None  # [channels, stages]; None without an opening pipeline

    def __post_init__(self) -> None:
        self.weights = self.sample.weights

    def log_odds(self, stage: int) -> Floats:
        """Return [channels, nodes] log-odds to advance from a stage, its intercept not included."""
        return np.asarray(self.slopes[stage] * self.sample.quality + self.more[:, stage][:, None])

    def advance(self, stage: int, intercept: float) -> None:
        """Those at a stage go on with their chance; who is open at the next one joins them, of their quality."""
        x, visit = self.log_odds(stage), self.visits[stage]
        if self.opening is None:
            self.weights = self.weights * visit.met * expit(intercept + x)
            return
        hardly = intercept == -inf
        self.weights = self.weights * (np.exp(x - x.max()) * _HARDLY if hardly else visit.onward(expit(intercept + x)))
        if stage + 1 < len(self.slopes):
            here = self.weights.sum(axis=1)
            joined = np.divide(self.opening[:, stage + 1], here, out=np.zeros_like(here), where=here > 0.0)
            self.weights = self.weights * (1.0 + joined)[:, None]

    def intercepts(self, rates: Sequence[float]) -> tuple[float, ...]:
        """Solve each stage's intercept in turn, such that those who reach it advance at its rate."""
        found = []
        for k, rate in enumerate(rates):
            found.append(intercept(self.log_odds(k), self.weights, rate))
            self.advance(k, found[-1])
        return tuple(found)

    def wins(self, intercepts: Sequence[float]) -> Floats:
        """Return [channels] the weight that advances from every stage in turn."""
        for k, b in enumerate(intercepts):
            self.advance(k, b)
        return np.asarray(self.weights.sum(axis=1))


def arriving(leads: Population, new_leads: Floats, opening: Floats) -> Population:
    """Return the leads weighted by the first contacts of the period: new ones and those open at the first stage.

    `new_leads` [channels], `opening` [channels, stages]; without open leads the population as it is.
    """
    if not opening.any():
        return leads
    least = _HARDLY * float(new_leads.sum() + opening.sum())
    passing = np.maximum(pass_shares(leads), 1e-12)
    return leads._replace(weights=np.maximum(new_leads, least) + opening[:, 0] / passing)


def rows_reaching(
    leads: Population, cut: float, channel: int, stage: int, way: Stream, intercepts: Sequence[float]
) -> Floats:
    """Draw [ENOUGH_OPEN, 5] (Q, e_S, A, stage, channel) of leads of a channel that reach a stage, evenly spread.

    `cut`: what those have passed (-inf at the first stage, where nobody is judged); `way`: the stages.
    """
    score, assessment, quality, weights = drawn(leads, channel, cut, DRAWN)
    for k in range(stage):
        x = way.slopes[k] * quality + way.more[channel, k]
        onward = np.exp(x - x.max()) if intercepts[k] == -inf else way.visits[k].onward(expit(intercepts[k] + x))
        weights = weights * onward
    order = np.argsort(quality, kind="stable")
    reached = np.cumsum(weights[order])
    shares = np.round(reached / reached[-1], _DIGITS)
    at = order[np.searchsorted(shares, (np.arange(ENOUGH_OPEN) + 0.5) / ENOUGH_OPEN)]
    spare = np.sqrt(max(1.0 - leads.r_score * leads.r_score, 1e-12))
    noise = np.clip((score - leads.r_score * quality)[at] / spare, -8.0, 8.0)
    places = np.full((2, ENOUGH_OPEN), [[stage], [channel]], dtype=np.float64)
    return np.column_stack([quality[at], noise, assessment[at], *places])
