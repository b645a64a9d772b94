"""The opening pipeline on the base: who reaches each stage, by integrals, and what the open leads add to its decisions.

Open leads at a stage have the quality of those who reached it: passed, accepted, advanced through the stages before.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import expit

from simfunnel.arrays import Floats
from simfunnel.theory.selection import Channels, Sample, Views, drawn, pass_shares

ENOUGH_OPEN = 500  # open leads of a channel at a stage to resample from
DRAWN = 16384  # leads of which those are kept that get so far
_DIGITS = 9  # of a cumulative share, so that a tie is a tie whatever the last bits of an integral are
_HARDLY = 1e-9  # of all leads: what stands for a channel without new leads, so that its open leads have a quality


def arriving(channels: Channels, r_score: float, new_leads: Floats, opening: Floats) -> Channels:
    """The channels weighted by the first contacts of the period: new leads and those open at the first stage.

    `new_leads` [channels], `opening` [channels, stages]; without open leads the channels as they are.
    """
    if not opening.any():
        return channels
    passing = np.maximum(pass_shares(channels, r_score), 1e-12)
    least = _HARDLY * float(new_leads.sum() + opening.sum())
    return channels._replace(weights=np.maximum(new_leads, least) + opening[:, 0] / passing)


@dataclass
class Stream:
    """Accepted leads as weighted nodes on their way through the stages, joined at each by the leads open there."""

    sample: Sample  # at the first stage
    slopes: tuple[float, ...]  # [stages] log quality odds
    more: Floats  # [channels, stages] what skill and effects add to the log-odds
    opening: Floats  # [channels, stages]
    returns: tuple[float, ...]  # [stages] share of those who do not advance that come to the stage again

    def __post_init__(self) -> None:
        self.weights = self.sample.weights

    def log_odds(self, stage: int) -> Floats:
        """[channels, nodes] log-odds to advance from a stage, its intercept not included."""
        return np.asarray(self.slopes[stage] * self.sample.quality + self.more[:, stage][:, None])

    def advance(self, stage: int, intercept: float) -> None:
        """Those at a stage go on with their chance; who is open at the next one joins them, of their quality."""
        x = self.log_odds(stage)
        if not self.opening.any():
            self.weights = self.weights * expit(intercept + x)
            return
        chance = np.exp(x - x.max()) * _HARDLY if intercept == -inf else expit(intercept + x)
        chance = chance / (1.0 - (1.0 - chance) * self.returns[stage])
        self.weights = self.weights * chance
        if stage + 1 < len(self.slopes):
            here = self.weights.sum(axis=1)
            joined = np.divide(self.opening[:, stage + 1], here, out=np.zeros_like(here), where=here > 0.0)
            self.weights = self.weights * (1.0 + joined)[:, None]


def rows_reaching(
    channels: Channels, views: Views, cut: float, channel: int, stage: int, way: Stream, intercepts: tuple[float, ...]
) -> Floats:
    """[ENOUGH_OPEN, 5] (Q, e_S, A, stage, channel) of leads of a channel that reach a stage, by evenly spread draws.

    `cut`: what those have passed (-inf at the first stage, where nobody is judged); `way`: the stages' log-odds.
    """
    one = Channels(np.ones(1), *(np.asarray(part[channel : channel + 1]) for part in channels[1:]))
    score, assessment, quality, weights = drawn(one, views, cut, DRAWN)
    for k in range(stage):
        x = way.slopes[k] * quality + way.more[channel, k]
        chance = np.exp(x - x.max()) if intercepts[k] == -inf else expit(intercepts[k] + x)
        weights = weights * chance / (1.0 - (1.0 - chance) * way.returns[k])
    order = np.argsort(quality, kind="stable")
    reached = np.cumsum(weights[order])
    shares = np.round(reached / reached[-1], _DIGITS)
    at = order[np.searchsorted(shares, (np.arange(ENOUGH_OPEN) + 0.5) / ENOUGH_OPEN)]
    spare = np.sqrt(max(1.0 - views.r_score * views.r_score, 1e-12))
    noise = np.clip((score - views.r_score * quality)[at] / spare, -8.0, 8.0)
    places = np.full((2, ENOUGH_OPEN), [[stage], [channel]], dtype=np.float64)
    return np.column_stack([quality[at], noise, assessment[at], *places])
