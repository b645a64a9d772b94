"""Teams per channel: enough heads to split, and help that is typed where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.pools import headcounts
from simfunnel.scenario.checks.telling import listed, odd, wrong
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.paths import parse_path
from simfunnel.scenario.pools import Pool


def team_rules(scenario: Scenario) -> Iterator[Problem]:
    """Pools that are split into teams without the heads, or help that nobody asks for."""
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        if pool.structure != "pooled" and pool.reps != "unlimited":
            served = served_channels(scenario, pool)
            yield from _enough_heads(path, pool, served)
            yield from _typed_teams(path, pool, served)
        if pool.structure == "hybrid" and pool.overflow is None:
            remedy = "add overflow, e.g. overflow: {after: 2 working hours}"
            yield wrong((*path, "structure"), "does not say when teams help each other", remedy, "hybrid")
        told = pool.reps == "unlimited" or not set(scenario.stage_names[:1]) & set(pool.stages)  # by `unused`
        if pool.overflow is None or pool.structure == "hybrid" or told or _becomes_hybrid(scenario, name):
            continue
        rule = f"is not used: the structure is {pool.structure}, and no what-if makes it hybrid"
        yield odd((*path, "overflow"), rule, "write structure: hybrid, or drop overflow", at_key=True)


def served_channels(scenario: Scenario, pool: Pool) -> list[str]:
    """Channels whose leads the pool works."""
    return [name for name in scenario.channels if pool.channels is None or name in pool.channels]


def _enough_heads(path: Path, pool: Pool, served: list[str]) -> Iterator[Problem]:
    for index, heads in headcounts(pool):
        if heads < len(served):
            when = "" if index < 0 else f" from {pool.hires[index].on}"
            rule = (
                f"cannot split {heads} head{'s' * (heads != 1)}{when} into teams for {len(served)} channels "
                f"({listed(served, 8)}): each team needs one"
            )
            remedy = f"write at least {len(served)} reps, fewer channels, or structure: pooled"
            yield wrong((*path, "structure"), rule, remedy, pool.structure)
            return


def _typed_teams(path: Path, pool: Pool, served: list[str]) -> Iterator[Problem]:
    if pool.teams is None:
        return
    unnamed = [name for name in served if pool.teams.get(name, 0) < 1]
    if unnamed:
        rule = f"gives no head to {listed(unnamed)}"
        yield wrong((*path, "teams"), rule, "give every channel of the pool at least one head")
    elif sum(pool.teams.values()) != pool.reps:
        rule = f"shares out {sum(pool.teams.values())} heads, but there are {pool.reps} reps"
        yield wrong((*path, "teams"), rule, "make the heads of all teams add up to reps")


def _becomes_hybrid(scenario: Scenario, pool: str) -> bool:
    for what_if in scenario.what_ifs.values():
        for item in what_if.items:
            parts = parse_path(item.path)
            if len(parts) == 3 and parts[0] == "pools" and parts[1] in (pool, "*") and item.value == "hybrid":
                return True
    return False
