"""Heads by team: which channel's team each head of a dedicated or hybrid pool belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simfunnel.distributions import mean
from simfunnel.errors import MISSING, Problem, ScenarioError
from simfunnel.plan.arrivals import Arrivals
from simfunnel.plan.frame import Frame
from simfunnel.plan.stages import effort

Ints = NDArray[np.int64]


def allot(loads: Mapping[str, float], heads: int, quotas: Mapping[str, int] | None = None) -> list[str]:
    """The team of each head in turn: one each by name, then always the team with the largest load / heads.

    Ties go by name; loads that differ by less than a billionth are tied, whatever their last bits are. `quotas` are
    heads that a planner typed for some teams; these are filled first, and do not grow until every other team has what
    it needs or nobody else is left.
    """
    fixed = dict(quotas or {})
    names = sorted(name for name in loads if fixed.get(name, 1) > 0)
    counts = dict.fromkeys(names, 0)
    order: list[str] = []
    for _ in range(heads):
        team = _next(names, counts, loads, fixed)
        counts[team] += 1
        order.append(team)
    return order


def team_loads(
    frame: Frame, phase: int, pool: str, arrivals: Arrivals, pass_shares: Sequence[float]
) -> dict[str, float]:
    """Expected hours of first-stage work of the reported period by channel: leads x share that passes x mean effort."""
    scenario = frame.scenarios[phase]
    stages = [stage for stage in scenario.stages if stage.name in scenario.pools[pool].stages]
    work = mean(effort(frame.base, scenario, stages[0])) if stages else 0.0
    served = [name for name in frame.channels if name in scenario.channels and _serves(frame, phase, pool, name)]
    return {
        name: arrivals.expected_leads(name, scenario) * float(pass_shares[frame.channels.index(name)]) * work
        for name in served
    }


def team_of(frame: Frame, phase: int, pool: str, loads: Mapping[str, float], positions: int, fewest: int) -> Ints:
    """[positions] channel of each head's team; `fewest` is the smallest headcount in the phase.

    ScenarioError when there are fewer heads than teams, or than `teams` types.
    """
    typed = frame.scenarios[phase].pools[pool].teams
    needed = sum((typed or {}).get(name, 1) for name in loads)
    if fewest < needed:
        raise ScenarioError([_too_few(frame, phase, pool, needed, fewest, typed is not None)])
    if not loads:
        return np.full(positions, -1, dtype=np.int64)
    return np.array([frame.channels.index(name) for name in allot(loads, positions, typed)], dtype=np.int64)


def _next(names: Sequence[str], counts: Mapping[str, int], loads: Mapping[str, float], fixed: Mapping[str, int]) -> str:
    empty = [name for name in names if counts[name] == 0]
    if empty:
        return empty[0]
    short = [name for name in names if counts[name] < fixed.get(name, 0)]
    free = [name for name in names if name not in fixed]
    return max(short or free or names, key=lambda name: (_rounded(loads[name] / counts[name]), _backwards(name)))


def _rounded(load: float) -> float:
    return float(f"{load:.9g}")


def _backwards(name: str) -> tuple[int, ...]:
    """A key by which the alphabetically first name is the largest."""
    return (*[-ord(letter) for letter in name], 1)


def _serves(frame: Frame, phase: int, pool: str, channel: str) -> bool:
    return any(frame.home_pool(phase, channel, stage) == pool for stage in frame.stages)


def _too_few(frame: Frame, phase: int, pool: str, needed: int, heads: int, typed: bool) -> Problem:
    teams = frame.scenarios[phase].pools[pool].teams
    what = "its `teams` add up to" if typed else "a team for each of its channels takes"
    rule = f"{what} {needed} heads, but at times there are {heads}"
    remedy = "type fewer heads in `teams`, or more reps" if typed else f"write at least {needed}, or structure: pooled"
    path = ("pools", pool, "teams") if typed else ("pools", pool, "reps")
    value: object = teams if typed else frame.scenarios[phase].pools[pool].reps
    return Problem(path, MISSING if value is None else value, rule, remedy)
