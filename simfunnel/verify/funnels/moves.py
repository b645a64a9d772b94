"""Random changes of who works where: home pools, structures, routing, ownership and heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simfunnel.verify.funnels import pools
from simfunnel.verify.funnels.sketch import Sketch, Typed, path

MEANINGLESS_UNLIMITED = ("routing", "ownership", "hires", "load", "teams", "specialised")


def served_by(s: Sketch, typed: Mapping[str, Any]) -> list[str]:
    """Channels that a pool serves as it stands."""
    return list(typed.get("channels", s.channels))


def may_serve(typed: Mapping[str, Any], channels: Sequence[str]) -> bool:
    """Whether a pool has the heads for a team per channel, and none typed for others."""
    if typed["reps"] == "unlimited":
        return True
    split = typed.get("structure", "pooled") != "pooled"
    return "teams" not in typed and (not split or pools.least_heads(typed) >= len(channels))


# ---------------------------------------------------------------------- who serves whom


def move_home(s: Sketch, now: Typed) -> Typed:
    """Two pools swap what they serve, one hands its channels over, or a stage gains or loses its pool."""
    return s.luck.one_of((_swap, _swap, _unserve, _unserve, _serve))(s, now)


def _swap(s: Sketch, now: Typed) -> Typed:
    names = list(now["pools"])
    if len(names) < 2:
        return {}
    one, other = s.luck.one_of(names), s.luck.one_of(names)
    here, there = now["pools"][one], now["pools"][other]
    if one == other or not may_serve(here, served_by(s, there)) or not may_serve(there, served_by(s, here)):
        return {}
    if _measured(now, here) or _measured(now, there):
        return {}
    change: Typed = {}
    for name, typed in ((one, there), (other, here)):
        change[path("pools", name, "stages")] = typed["stages"]
        if "channels" in here or "channels" in there:
            change[path("pools", name, "channels")] = served_by(s, typed)
            overflow = now["pools"][name].get("overflow")
            change |= {path("pools", name, "overflow"): overflow["after"]} if isinstance(overflow, Mapping) else {}
    return _without_leavers(change, now, one, other)


def _measured(now: Typed, typed: Mapping[str, Any]) -> bool:
    """Whether a stage of the pool types a capacity, which means the hours of its one pool."""
    return any("capacity" in stage for stage in now["stages"] if stage["name"] in typed["stages"])


def _without_leavers(change: Typed, now: Typed, *names: str) -> Typed:
    """A pool that comes to serve somebody needs somebody."""
    for name in names:
        if now["pools"][name]["reps"] == 0:
            change[path("pools", name, "reps")] = 1
    return change


def _unserve(s: Sketch, now: Typed) -> Typed:
    """A stage whose work is not typed needs nobody any more."""
    for name, typed in now["pools"].items():
        left = [stage["name"] for stage in now["stages"] if stage["name"] in typed["stages"] and _typed_work(stage)]
        if len(left) < len(typed["stages"]) and "channels" not in typed:
            return {path("pools", name, "stages"): left}
    return {}


def _typed_work(stage: Mapping[str, Any]) -> bool:
    return "effort" in stage or "capacity" in stage


def _serve(s: Sketch, now: Typed) -> Typed:
    """A stage that needs nobody gets a pool."""
    served = {stage for typed in now["pools"].values() for stage in typed["stages"]}
    free = [stage for stage in s.stages if stage not in served]
    able = [name for name, typed in now["pools"].items() if "channels" not in typed]
    if not free or not able:
        return {}
    name = s.luck.one_of(able)
    return {path("pools", name, "stages"): [*now["pools"][name]["stages"], s.luck.one_of(free)]}


# ---------------------------------------------------------------------- how they share the work


def reorganise(s: Sketch, now: Typed) -> Typed:
    """Structure, overflow, routing or ownership of a pool."""
    limited = [name for name, typed in now["pools"].items() if typed["reps"] != "unlimited"]
    if not limited:
        return {}
    name, luck = s.luck.one_of(limited), s.luck
    served = served_by(s, now["pools"][name])
    change: Typed = {}
    if luck.flag(0.7):
        change |= _structure(s, now["pools"][name], served)
    if luck.flag(0.4):
        change["routing"] = luck.one_of(pools.ROUTINGS)
    if luck.flag(0.4):
        change["ownership"] = luck.one_of(("rep", "pool"))
    if luck.flag(0.3):
        change |= pools.specialities(s)
    return {path("pools", name, field): value for field, value in change.items()}


def _structure(s: Sketch, typed: Mapping[str, Any], served: list[str]) -> Typed:
    """Another structure, with heads enough: leavers stay, and typed teams add up again."""
    structure = s.luck.one_of(pools.STRUCTURES)
    change: Typed = {"structure": structure}
    if structure == "hybrid" and served:
        change["overflow"] = pools.overflow(s, served)
    elif structure == "hybrid":
        change["overflow"] = "2 hours"
    if structure != "pooled" and (pools.least_heads(typed) < len(served) or "teams" in typed):
        heads = len(served) + s.luck.one_of((0, 1, 3))
        change |= {"reps": max(heads, 1), "hires": []}
        change |= {"teams": pools.quotas(max(heads, 1), served)} if "teams" in typed and served else {}
    return change


# ---------------------------------------------------------------------- heads


def resize(s: Sketch, now: Typed) -> Typed:
    """More or fewer reps, a hire, or as many as it takes."""
    name = s.luck.one_of([*now["pools"], ""])
    if not name:
        return {}
    typed, reps = now["pools"][name], path("pools", name, "reps")
    if typed["reps"] == "unlimited":
        return {reps: s.luck.whole(1, 4)}
    if not any(field in typed for field in MEANINGLESS_UNLIMITED) and typed.get("structure", "pooled") == "pooled":
        return {reps: s.luck.one_of(("unlimited", "1 more", "2 more", 1))}
    if "teams" in typed:
        return {}
    teams = len(served_by(s, typed)) if typed.get("structure", "pooled") != "pooled" else 0
    spare = pools.least_heads(typed) - teams
    if 0 < spare < typed["reps"] and s.luck.flag(0.4):
        return {reps: typed["reps"] - s.luck.whole(1, spare)}
    if s.luck.flag(0.4):
        return {path("pools", name, "hires"): pools.hires(s, typed["reps"], teams)}
    return {reps: s.luck.one_of(("1 more", "2 more", "2 times"))}
