"""Leads that lose patience before anybody could call them: the hand-off and closed hours against how long they wait."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import NEVER, cdf, quantile_of
from simfunnel.plan.model import BATCH, NO_POOL, Phase, Way

Floats = NDArray[np.float64]

HOUR_H, WEEKS = 1.0 / 3.0, 4  # leads are looked at every 20 minutes of four weeks
WEEK_H, MINUTES = 168.0, 60.0
_DELAYS = tuple((i + 0.5) / 12 for i in range(12))  # quantiles that stand for a delay


class Cold(NamedTuple):
    """[channels] shares of the leads that lose patience before they can be called, by hand-off and closed hours."""

    share: Floats
    closed: Floats  # the same if the hand-off took no time


def cold_before_call(phase: Phase, calendars: tuple[tuple[Floats, Floats], ...], profiles: Floats, rows: list[int],
                     first_h: float, monday_h: float) -> Cold:  # fmt: skip
    """What patience, hand-off and opening hours say of each channel's leads, whoever else is waiting.

    `profiles` [n, 10080] by local minute from Monday, `rows` [channels] of it; leads come in four weeks from `first_h`;
    `monday_h` is any Monday's midnight.
    """
    found = np.zeros((2, len(phase.patience)))
    for channel, patience in enumerate(phase.patience):
        home = int(phase.home_pool[channel, 0])
        if patience.family == NEVER or home == NO_POOL:
            continue
        at = first_h + HOUR_H * (np.arange(WEEKS * WEEK_H / HOUR_H) + 0.5)
        minute = ((at - monday_h) % WEEK_H * MINUTES).astype(np.int64)
        weights = profiles[rows[channel]][minute]
        opens, closes = calendars[phase.pools[home].calendar]
        for row, way in enumerate((phase.handoff[channel], None)):
            waits = _next_opening(_arrived(way, at, opens, closes), opens, closes) - at
            found[row, channel] = float((cdf(patience, waits) * weights).sum() / (weights.sum() * len(waits)))
    return Cold(*found)


def _arrived(way: Way | None, at: Floats, opens: Floats, closes: Floats) -> Floats:
    """[delays, leads] hours at which hand-offs arrive, the delays equally likely."""
    if way is None or (way.way != BATCH and way.delay.family == NEVER):
        return at[None, :]
    if way.way == BATCH:
        following = np.searchsorted(way.batch_h, at)
        return np.append(way.batch_h, np.inf)[following][None, :]
    delays = np.array([quantile_of(way.delay, share) for share in _DELAYS])[:, None]
    if not way.delay.working or not len(opens):
        return np.asarray(at + delays)
    before = np.concatenate([[0.0], np.cumsum(closes - opens)])  # open hours up to each opening
    last = np.searchsorted(opens, at, side="right") - 1
    used = np.where(last >= 0, before[last] + np.minimum(at, closes[last]) - opens[last], 0.0) + delays
    place = np.clip(np.searchsorted(before, used, side="left") - 1, 0, len(opens) - 1)
    return np.where(delays > 0.0, opens[place] + used - before[place], at)


def _next_opening(at: Floats, opens: Floats, closes: Floats) -> Floats:
    """Hours at which it is open next; inf when never again."""
    place = np.searchsorted(closes, at, side="right")
    return np.asarray(np.maximum(at, np.append(opens, np.inf)[place]))
