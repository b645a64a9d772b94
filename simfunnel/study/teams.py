"""How the heads of a pool were split into teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simfunnel.plan import Plan
from simfunnel.plan.model import POOLED


@dataclass(frozen=True)
class Allotment:
    """Heads of each team of a pool under a plan when a phase starts; `phase` counts from 0."""

    plan: str
    pool: str
    phase: int
    heads: Mapping[str, int]


def allotments(name: str, plan: Plan) -> list[Allotment]:
    """The teams of every pool that a plan splits, by phase; a split that stays the same is told once."""
    found: list[Allotment] = []
    roster = plan.roster
    for phase, rules in enumerate(plan.phases):
        here = (roster.joins_h <= rules.start_h) & (roster.leaves_h > rules.start_h)
        for place, pool in enumerate(rules.pools):
            if pool.structure == POOLED or pool.unlimited:
                continue
            positions = roster.position[here & (roster.pool == place)]
            counts = np.bincount(pool.team_of[positions], minlength=len(plan.channels))
            heads = {channel: int(n) for channel, n in zip(plan.channels, counts, strict=True) if n}
            before = next((each for each in reversed(found) if each.pool == plan.pools[place]), None)
            if before is None or before.heads != heads:
                found.append(Allotment(name, plan.pools[place], phase, heads))
    return found
