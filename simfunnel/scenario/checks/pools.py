"""Rules of pools and teams, and of what each of them serves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.fields.pools import Hire, Pool
from simfunnel.scenario.model import Scenario


def pool_rules(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong or odd about each pool's people and queue."""
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        yield from _queue(path, pool)
        yield from _leaving(path, pool)
        if pool.reps == "unlimited":
            yield from _unlimited(path, pool)
        else:
            yield from _heads(path, pool)
            if pool.stages and pool.selling_time is None:
                rule = "does not say how much of its hours goes into tasks, so half of them is assumed"
                yield odd(
                    path, rule, "add selling_time, e.g. selling_time: 35%; without it a team may look idle", at_key=True
                )


def _queue(path: Path, pool: Pool) -> Iterator[Problem]:
    if pool.open_deals == "in turn" and pool.discipline != "fifo":
        rule = f"puts all tasks in one line by time, which the discipline `{pool.discipline}` contradicts"
        yield wrong((*path, "open_deals"), rule, "write discipline: fifo, or open_deals: first or last", "in turn")


def _unlimited(path: Path, pool: Pool) -> Iterator[Problem]:
    meaningless = (
        ("structure", pool.structure != "pooled", pool.structure),
        ("routing", pool.routing != "shared queue", pool.routing),
        ("ownership", pool.ownership == "rep", pool.ownership),
        ("hires", bool(pool.hires), None),
        ("load", pool.load is not None, None),
    )
    for field, typed, value in meaningless:
        if typed:
            rule = "has no meaning where reps are unlimited"
            remedy = f"write a number of reps, or drop {field}"
            problem = wrong((*path, field), rule, remedy, at_key=True)
            yield problem if value is None else wrong((*path, field), rule, remedy, value)


def headcounts(pool: Pool) -> list[tuple[int, int]]:
    """(position of the hire, headcount from its day) in order of dates; the first is (-1, reps)."""
    heads = pool.reps if isinstance(pool.reps, int) else 0
    counts = [(-1, heads)]
    for index, hire in sorted(enumerate(pool.hires), key=lambda pair: pair[1].on):
        heads += hire.reps
        counts.append((index, heads))
    return counts


def _heads(path: Path, pool: Pool) -> Iterator[Problem]:
    counts = headcounts(pool)
    if pool.stages and pool.channels != () and max(heads for _, heads in counts) == 0:
        yield wrong((*path, "reps"), "leaves the pool without anybody", "write at least 1, or unlimited", 0)
    for index, heads in counts[1:]:
        if heads < 0:
            rule = f"lets more people leave than there are: {heads} from {pool.hires[index].on}"
            yield wrong((*path, "hires", index, "reps"), rule, "let fewer leave", pool.hires[index].reps)


class Leaver(NamedTuple):
    """Who goes on a leaver's date: the last hired."""

    hire: int  # place among the hires
    on: date
    numbers: tuple[int, ...]  # of the reps, from 1 in the order of hiring
    joined: tuple[Hire | None, ...]  # None: there from the start
    staying: int
    choice: bool  # somebody unlike them stays


def leavers(pool: Pool) -> list[Leaver]:
    """Who leaves a pool when, while there are people to leave."""
    heads = pool.reps if isinstance(pool.reps, int) else 0
    present: list[tuple[int, Hire | None]] = [(number, None) for number in range(1, heads + 1)]
    ever, found = heads, []
    for index, hire in sorted(enumerate(pool.hires), key=lambda pair: pair[1].on):
        if hire.reps > 0:
            present += [(ever + k, hire) for k in range(1, hire.reps + 1)]
            ever += hire.reps
            continue
        going = present[hire.reps :][::-1]
        present = present[: max(0, len(present) + hire.reps)]
        unlike = {id(joined) for _, joined in present} - {id(joined) for _, joined in going}
        numbers, joined = tuple(number for number, _ in going), tuple(each for _, each in going)
        found.append(Leaver(index, hire.on, numbers, joined, len(present), bool(unlike)))
    return found


def leaver_text(leaver: Leaver) -> str:
    """Who leaves, in a sentence."""
    many = len(leaver.numbers) != 1
    each = [f"rep {n}{_joined(hire, leaver.on)}" for n, hire in zip(leaver.numbers, leaver.joined, strict=True)]
    return f"on {leaver.on} {listed(each)} leave{'s' * (not many)}: who was hired last leaves first"


def _joined(hire: Hire | None, leaves: date) -> str:
    if hire is None:
        return ""
    ramp = 0.0 if hire.ramp is None else hire.ramp.hours() / 24.0
    share = (leaves - hire.on).days / ramp if ramp > 0.0 else 1.0
    return f" (hired on {hire.on}{f', {share:.0%} through a ramp of {hire.ramp}' if share < 1.0 else ''})"


def _leaving(path: Path, pool: Pool) -> Iterator[Problem]:
    for leaver in leavers(pool):
        if not leaver.choice:
            continue
        ramped = any(hire is not None and hire.ramp is not None for hire in leaver.joined)
        stay = f"the {leaver.staying} hired before stay{'s' * (leaver.staying == 1)}"
        cost = f"{stay}, and the ramp costs nothing from then on" if ramped else stay
        remedy = "to let somebody hired before go, date the leaver before the last hire"
        yield odd((*path, "hires", leaver.hire), f"{leaver_text(leaver)}; {cost}", remedy)


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


def serving_rules(scenario: Scenario) -> Iterator[Problem]:
    """Channels with no pool or two at a stage, pools that serve nobody, work without a pool."""
    for index, stage in enumerate(scenario.stage_names):
        yield from _unserved(scenario, stage)
        yield from _served_twice(scenario, stage)
        yield from _work_without_pool(scenario, index)
    for name, pool in scenario.pools.items():
        if not pool.stages or pool.channels == ():
            field = "stages" if not pool.stages else "channels"
            yield odd(("pools", name, field), "serves nobody", f"name its {field}, or drop the pool")


def pools_at(scenario: Scenario, stage: str, channel: str) -> list[str]:
    """Names of all pools that serve a channel at a stage, in file order."""
    return [name for name, pool in scenario.pools.items() if pool.serves(stage, channel)]


def _unserved(scenario: Scenario, stage: str) -> Iterator[Problem]:
    served = {channel: pools_at(scenario, stage, channel) for channel in scenario.channels}
    nobody = [channel for channel, pools in served.items() if not pools]
    if not nobody or len(nobody) == len(served):
        return
    other = next(pools[0] for pools in served.values() if pools)
    for channel in nobody:
        rule = f"is served by no pool at {stage}, while {other} serves other channels there"
        remedy = f"add {channel} to pools.{other}.channels, or to another pool at {stage}"
        yield wrong(("channels", channel), rule, remedy, channel, at_key=True)


def _served_twice(scenario: Scenario, stage: str) -> Iterator[Problem]:
    twice: dict[tuple[str, str], list[str]] = {}
    for channel in scenario.channels:
        pools = pools_at(scenario, stage, channel)
        for other in pools[1:]:
            twice.setdefault((pools[0], other), []).append(channel)
    for (first, second), channels in twice.items():
        field = "channels" if scenario.pools[second].channels is not None else "stages"
        rule = f"serves {listed(channels)} at {stage}, which {first} serves too"
        remedy = "leave each channel at each stage to one pool: name the channels of both"
        yield wrong(("pools", second, field), rule, remedy)


def _work_without_pool(scenario: Scenario, index: int) -> Iterator[Problem]:
    stage = scenario.stages[index]
    if any(stage.name in pool.stages for pool in scenario.pools.values()):
        return
    for field in ("effort", "capacity"):
        if field in stage.model_fields_set:
            rule = f"is work at {stage.name}, which no pool serves"
            yield wrong(("stages", index, field), rule, f"add {stage.name} to a pool's stages, or drop {field}")
