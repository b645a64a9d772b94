"""Random pools: who serves whom, heads and hires, teams, queues and what reps do better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simfunnel.verify.random.arrivals import calendar
from simfunnel.verify.random.sketch import ALL, Chooser, Home, Sketch, Typed, share, shuffled, some_of

NAMES = ("SDR", "AE", "field sales", "desk", "Zebra", "b-team", "closers", "Überholer")
STRUCTURES = ("pooled", "dedicated", "hybrid")
ROUTINGS = ("shared queue", "round robin", "random")
DISCIPLINES = ("fifo", "newest first", "highest score first")
OPEN_DEALS = ("first", "last", "in turn")


def homes(luck: Chooser, channels: Sequence[str], stages: Sequence[str]) -> dict[str, Home]:
    """Draw who serves whom: stages may share a pool, split their channels over two, or need no rep."""
    groups: list[list[str]] = []
    for stage in stages:
        if groups and luck.flag(0.4):
            luck.one_of(groups).append(stage)
        else:
            groups.append([stage])
    names, found = shuffled(luck, NAMES), {}
    for group in groups:
        if luck.flag(0.12):
            continue
        if len(channels) > 1 and luck.flag(0.25):
            first = luck.whole(1, len(channels) - 1)
            found[names.pop()] = Home(tuple(group), tuple(channels[:first]))
            found[names.pop()] = Home(tuple(group), tuple(channels[first:]))
        else:
            found[names.pop()] = Home(tuple(group), ALL)
    if luck.flag(0.3):  # serves nobody yet
        found[names.pop()] = Home((luck.one_of(stages),), ())
    return found


def pool(s: Sketch, name: str) -> Typed:
    """Draw a pool that serves what the sketch says."""
    luck, home = s.luck, s.homes[name]
    typed: Typed = {"stages": list(home.stages)}
    if home.channels is not ALL:
        typed["channels"] = list(home.channels or ())
    typed["selling_time"] = luck.one_of(("100%", "60%", "35%"))
    if luck.flag(0.3):
        del typed["selling_time"]
    if luck.flag(0.35):
        typed["calendar"] = calendar(s)
    typed |= queue(luck)
    if luck.flag(0.12):
        return typed | {"reps": "unlimited"}
    typed |= people(s, s.served(name))
    if luck.flag(0.35):
        typed["routing"] = luck.one_of(ROUTINGS)
    if luck.flag(0.5):
        typed["ownership"] = luck.one_of(("rep", "pool"))
    if luck.flag(0.3):
        typed["load"] = load(luck)
    typed |= {"cost_per_rep": "75k / year", "commission": "8%"} if luck.flag(0.2) else {}
    return typed


def queue(luck: Chooser) -> Typed:
    """Return the order and limit of a queue."""
    typed: Typed = {}
    if luck.flag(0.6):
        typed["discipline"] = luck.one_of(DISCIPLINES)
    if luck.flag(0.5):
        typed["open_deals"] = luck.one_of(OPEN_DEALS if typed.get("discipline", "fifo") == "fifo" else OPEN_DEALS[:2])
    if luck.flag(0.3):
        typed["queue_limit"] = luck.one_of((0, 1, 3, 8, "unlimited"))
    return typed


def people(s: Sketch, served: Sequence[str]) -> Typed:
    """Draw structure with its teams, heads and hires; every team keeps a head."""
    luck = s.luck
    structure = luck.one_of(STRUCTURES) if luck.flag(0.6) else "pooled"
    teams = len(served) if structure != "pooled" else 0
    typed: Typed = {"reps": max(1, teams) + luck.one_of((0, 1, 2, 4)), "structure": structure}
    typed |= specialities(s) if teams and luck.flag(0.5) else {}
    if structure == "hybrid":
        typed["overflow"] = overflow(s, served)
    least = teams
    if teams and luck.flag(0.25):
        typed["teams"] = quotas(typed["reps"], served)
        least = typed["reps"]
    if luck.flag(0.4):
        typed["hires"] = hires(s, typed["reps"], least)
    return typed


def quotas(heads: int, served: Sequence[str]) -> Typed:
    """Draw heads by team: the first gets what the others leave."""
    return {name: 1 if k else heads - len(served) + 1 for k, name in enumerate(served)}


def overflow(s: Sketch, served: Sequence[str]) -> Any:
    """Return when teams help each other, and which."""
    luck = s.luck
    times = ("2 working hours", "0 hours", "45 minutes", "1 hour", "1 business day", "0 working hours", "never")
    after = luck.one_of(times)
    if luck.flag(0.2):
        return after
    typed: Typed = {"after": after}
    if luck.flag(0.5):
        typed["to"] = shuffled(luck, some_of(luck, served, 1))
    return typed


def hires(s: Sketch, heads: int, least: int) -> list[Typed]:
    """Draw who joins and leaves, never leaving fewer than `least`."""
    luck, found = s.luck, []
    for day in sorted(luck.whole(-s.run_in, s.days - 1) for _ in range(luck.whole(1, 3))):
        leave = heads > least and luck.flag(0.5)
        change = -luck.whole(1, heads - least) if leave else luck.whole(1, 2)
        heads += change
        hire: Typed = {"on": s.day(day, day), "reps": change}
        if change > 0 and luck.flag(0.5):
            hire["ramp"] = luck.one_of(("2 weeks", "10 days", "3 months"))
            hire |= {"start_at": share(luck.real(0.1, 0.9))} if luck.flag(0.6) else {}
        found.append(hire)
    return found


def least_heads(typed: Mapping[str, Any]) -> int:
    """Return the smallest headcount that a pool ever has."""
    heads = least = int(typed["reps"])
    for hire in sorted(typed.get("hires", ()), key=lambda hire: str(hire["on"])):
        heads += hire["reps"]
        least = min(least, heads)
    return least


def skill(luck: Chooser) -> Typed:
    """Draw odds, time or both."""
    both: Typed = {"odds": luck.one_of((1.3, 0.8, "150%")), "time": luck.one_of(("80%", 1.25))}
    kept = luck.one_of((("odds", "time"), ("odds",), ("time",)))
    return {name: both[name] for name in kept}


def specialities(s: Sketch) -> Typed:
    """Return what dedicated reps gain."""
    names = some_of(s.luck, ("default", *s.channels), 1)
    return {"specialised": {name: skill(s.luck) for name in names}}


def skills(s: Sketch) -> Typed:
    """Draw skills by pool and channel."""
    pools = some_of(s.luck, tuple(s.homes), 1)
    return {pool: {name: skill(s.luck) for name in some_of(s.luck, ("default", *s.channels), 1)} for pool in pools}


def load(luck: Chooser) -> Typed:
    """Return what many open leads do."""
    both: Typed = {"odds": {"1": 1.2, "4": 1.0, "10": 0.6}, "effort": {"0": 0.9, "3": 1.0, "8": "150%"}}
    kept = luck.one_of((("odds", "effort"), ("odds",), ("effort",)))
    strength = luck.one_of((1, 0.5, 0))
    return (
        {"strength": strength, **{name: both[name] for name in kept}} if luck.flag(0.6) else {n: both[n] for n in kept}
    )
