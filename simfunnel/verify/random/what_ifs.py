"""Random what-ifs: moves of single fields, and changes of structure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simfunnel.scenario import FieldError, set_value
from simfunnel.verify.random import funnel
from simfunnel.verify.random.sketch import Sketch, Typed, path, patience, share, shuffled

MEANINGLESS_UNLIMITED = ("routing", "ownership", "hires", "load", "teams", "specialised")


def served_by(s: Sketch, typed: Mapping[str, Any]) -> list[str]:
    """Return channels that a pool serves as it stands."""
    return list(typed.get("channels", s.channels))


def may_serve(typed: Mapping[str, Any], channels: Sequence[str]) -> bool:
    """Return whether a pool has the heads for a team per channel, and none typed for others."""
    if typed["reps"] == "unlimited":
        return True
    split = typed.get("structure", "pooled") != "pooled"
    return "teams" not in typed and (not split or funnel.least_heads(typed) >= len(channels))


# ---------------------------------------------------------------------- who serves whom


def move_home(s: Sketch, now: Typed) -> Typed:
    """Two pools swap what they serve, one hands its channels over, or a stage gains or loses its pool."""
    return s.luck.one_of((swap, swap, unserve, unserve, serve))(s, now)


def swap(s: Sketch, now: Typed) -> Typed:
    """Let two pools swap what they serve, stages and channels."""
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
    for name in (one, other):  # a pool that comes to serve somebody needs somebody
        if now["pools"][name]["reps"] == 0:
            change[path("pools", name, "reps")] = 1
    return change


def _measured(now: Typed, typed: Mapping[str, Any]) -> bool:
    """Whether a stage of the pool types a capacity, which means the hours of its one pool."""
    return any("capacity" in stage for stage in now["stages"] if stage["name"] in typed["stages"])


def unserve(s: Sketch, now: Typed) -> Typed:
    """Let a stage whose work is not typed need nobody any more."""
    needing = [stage["name"] for stage in now["stages"] if "effort" in stage or "capacity" in stage]
    for name, typed in now["pools"].items():
        left = [stage for stage in needing if stage in typed["stages"]]
        if len(left) < len(typed["stages"]) and "channels" not in typed:
            return {path("pools", name, "stages"): left}
    return {}


def serve(s: Sketch, now: Typed) -> Typed:
    """Give a pool to a stage that needs nobody."""
    served = {stage for typed in now["pools"].values() for stage in typed["stages"]}
    free = [stage for stage in s.stages if stage not in served]
    able = [name for name, typed in now["pools"].items() if "channels" not in typed]
    if not free or not able:
        return {}
    name = s.luck.one_of(able)
    return {path("pools", name, "stages"): [*now["pools"][name]["stages"], s.luck.one_of(free)]}


# ---------------------------------------------------------------------- how they share the work


def reorganise(s: Sketch, now: Typed) -> Typed:
    """Draw structure, overflow, routing or ownership of a pool."""
    limited = [name for name, typed in now["pools"].items() if typed["reps"] != "unlimited"]
    if not limited:
        return {}
    name, luck = s.luck.one_of(limited), s.luck
    served = served_by(s, now["pools"][name])
    change: Typed = {}
    if luck.flag(0.7):
        change |= _structure(s, now["pools"][name], served)
    if luck.flag(0.4):
        change["routing"] = luck.one_of(funnel.ROUTINGS)
    if luck.flag(0.4):
        change["ownership"] = luck.one_of(("rep", "pool"))
    if luck.flag(0.3):
        change |= funnel.specialities(s)
    return {path("pools", name, field): value for field, value in change.items()}


def _structure(s: Sketch, typed: Mapping[str, Any], served: list[str]) -> Typed:
    """Another structure, with heads enough: leavers stay, and typed teams add up again."""
    structure = s.luck.one_of(funnel.STRUCTURES)
    change: Typed = {"structure": structure}
    if structure == "hybrid" and served:
        change["overflow"] = funnel.overflow(s, served)
    elif structure == "hybrid":
        change["overflow"] = "2 hours"
    if structure != "pooled" and (funnel.least_heads(typed) < len(served) or "teams" in typed):
        heads = len(served) + s.luck.one_of((0, 1, 3))
        change |= {"reps": max(heads, 1), "hires": []}
        change |= {"teams": funnel.quotas(max(heads, 1), served)} if "teams" in typed and served else {}
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
    spare = funnel.least_heads(typed) - teams
    if 0 < spare < typed["reps"] and s.luck.flag(0.4):
        return {reps: typed["reps"] - s.luck.whole(1, spare)}
    if s.luck.flag(0.4):
        return {path("pools", name, "hires"): funnel.hires(s, typed["reps"], teams)}
    return {reps: s.luck.one_of(("1 more", "2 more", "2 times"))}


Change = Callable[[Sketch, Typed], Typed]  # what stands there -> paths with new values; empty when nothing fits


def what_ifs(s: Sketch, typed: Typed, dates: int) -> Typed:
    """Return what-ifs by name: `now`, which has no date, and those of `dates` later dates, each building on the one
    before."""
    luck, now = s.luck, typed
    found: Typed = {}
    days = sorted({luck.whole(1, s.days - 1) for _ in range(dates)})
    for number, day in enumerate([None, *days]):
        if day is None and luck.flag(0.4):
            continue
        change: Typed = {} if day is None else {"from": s.day(day, day)}
        menu = LEVERS if day is not None else (*LEVERS, *BELIEFS)
        for one in shuffled(luck, menu)[: luck.whole(2, 6)]:
            new = one(s, now)
            within = any(f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}.") for a in new for b in change)
            if within or not _stands_alone(typed, new):
                continue
            change |= new
            for where, value in new.items():
                now = set_value(now, where, value)
        if set(change) - {"from"}:
            before = list(found)[-1:]
            found["now" if day is None else f"step {number}"] = [*before, change] if before else change
    return found


def _stands_alone(base: Typed, change: Typed) -> bool:
    """Whether a change means something on the base too, against which each what-if's own values are judged."""
    if "acceptance" not in base and any(where.startswith("acceptance.") for where in change):
        return False
    try:
        for where, value in change.items():
            base = set_value(base, where, value)
    except FieldError:
        return False
    loads = [typed["reps"] for typed in base["pools"].values() if typed.get("load", "none") != "none"]
    return "unlimited" not in loads


def nurtures(now: Typed) -> bool:
    """Return whether there is a nurture programme."""
    return bool(now.get("nurture", "none") != "none")


# ---------------------------------------------------------------------- levers


def renew_channel(s: Sketch, now: Typed) -> Typed:
    """Make a channel anew, one that needs no knowledge of the others."""
    name = s.luck.one_of(s.channels)
    leads, wins = s.leads / len(s.channels), funnel.wins_among(now["stages"])
    return {path("channels", name): funnel.channel(s, leads, wins, knows_mql_rate=False)}


def change_volume(s: Sketch, now: Typed) -> Typed:
    """Make more or fewer leads of a channel come, or draw its lists anew."""
    name = s.luck.one_of(s.channels)
    typed = now["channels"][name]
    if "leads" not in typed and "visits" not in typed:
        return {path("channels", name, "lists"): funnel.lists(s, s.leads / len(s.channels))}
    return {path("channels", name, "volume"): s.luck.one_of(("50% more", "30% less", "2 times"))}


def change_patience(s: Sketch, now: Typed) -> Typed:
    """Draw the patience of a channel's leads."""
    return {path("channels", s.luck.one_of(s.channels), "patience"): patience(s)}


def move_bar(s: Sketch, now: Typed) -> Typed:
    """Draw another threshold, or another MQL rate where no channel types its own."""
    rates = any("mql_rate" in typed for typed in now["channels"].values())
    return {f"qualification.{name}": value for name, value in funnel.bar(s, by_rate=not rates).items()}


def send_near_misses(s: Sketch, now: Typed) -> Typed:
    """Draw near misses, and where they and those below them go."""
    where = s.luck.one_of(("disqualified", *(("nurture",) if nurtures(now) else ())))
    return {
        "qualification.near_miss": round(s.luck.real(0.2, 1.0) * s.score[1], 1),
        "qualification.near_miss_to": where,
        "qualification.below_to": where,
    }


def change_score(s: Sketch, now: Typed) -> Typed:
    """Draw another accuracy of the score, unless an agreement is typed that it might make impossible."""
    typed = now.get("acceptance", "none")
    if isinstance(typed, Mapping) and "agreement" in typed:
        return {}
    return {"score.accuracy": s.luck.one_of(("weak", "perfect", {"correlation": 0.6})), "score.sd": s.score[1]}


def change_acceptance(s: Sketch, now: Typed) -> Typed:
    """Draw another judgement of sales, or none."""
    if s.luck.flag(0.25):
        return {"acceptance": "none"}
    seen = now.get("score", {}).get("accuracy", "fair")
    return {"acceptance": funnel.acceptance(s, seen, nurtures=nurtures(now), by_auc=False)}


def change_nurture(s: Sketch, now: Typed) -> Typed:
    """Draw another programme, or none and nobody who is sent there."""
    if not nurtures(now) or s.luck.flag(0.6):
        return {"nurture": funnel.nurture(s)}
    change: Typed = {
        "nurture": "none",
        "qualification.near_miss_to": "disqualified",
        "qualification.below_to": "disqualified",
    }
    if isinstance(now.get("acceptance"), Mapping):
        change["acceptance.rejected_to"] = "lost"
    for stage in now["stages"]:
        if "nurture" in stage.get("otherwise", {}):
            change[path("stages", stage["name"], "otherwise")] = {"lost": "100%"}
    return change


def change_handoff(s: Sketch, now: Typed) -> Typed:
    """Draw another hand-off, by default or of a channel."""
    name = s.luck.one_of(("default", *s.channels))
    return {path("handoff", name): funnel.handoff(s, leak_only=name != "default")}


def change_calendar(s: Sketch, now: Typed) -> Typed:
    """Draw other opening hours of all teams."""
    return {"calendar": funnel.calendar(s)}


def change_opening_hours(s: Sketch, now: Typed) -> Typed:
    """Draw opening hours of a pool, or none of its own."""
    found = list(now["pools"])
    return (
        {path("pools", s.luck.one_of(found), "calendar"): s.luck.one_of(("none", funnel.calendar(s)))} if found else {}
    )


def change_queue(s: Sketch, now: Typed) -> Typed:
    """Draw discipline, place of open deals and limit of a queue."""
    found = list(now["pools"])
    if not found:
        return {}
    name, typed = s.luck.one_of(found), funnel.queue(s.luck)
    typed = {"discipline": "fifo", "open_deals": "first", "queue_limit": "none", **typed}
    return {path("pools", name, field): value for field, value in typed.items()}


def change_skills(s: Sketch, now: Typed) -> Typed:
    """Draw skills of reps."""
    return {"skills": funnel.skills(s)} if s.homes else {}


def change_stage_time(s: Sketch, now: Typed) -> Typed:
    """Draw waits, no-shows or the work of a stage."""
    stage = s.luck.one_of(now["stages"])
    field = s.luck.one_of(("wait", "no_show", "effort", "no_show_effort"))
    if field == "effort":
        return {path("stages", stage["name"], field): "50% more"} if "effort" in stage else {}
    value = funnel.wait(s) if field == "wait" else share(s.luck.real(0.0, 0.6))
    return {path("stages", stage["name"], field): value}


def change_exits(s: Sketch, now: Typed) -> Typed:
    """Draw where leads go that do not advance from a stage."""
    name = s.luck.one_of(s.stages)
    typed = funnel.exits(s, nurtures=nurtures(now))
    return {path("stages", name, field): value for field, value in typed.items()}


def change_stage_handoff(s: Sketch, now: Typed) -> Typed:
    """Draw another hand-off on entering a stage."""
    if len(s.stages) < 2:
        return {}
    return {path("stages", s.luck.one_of(s.stages[1:]), "handoff"): funnel.handoff(s, leak_only=True)}


LEVERS: tuple[Change, ...] = (
    move_home, reorganise, resize, renew_channel, change_volume, change_patience, move_bar, send_near_misses,
    change_score, change_acceptance, change_nurture, change_handoff, change_calendar, change_opening_hours,
    change_queue, change_skills, change_stage_time, change_exits, change_stage_handoff, move_home, reorganise, resize,
)  # fmt: skip


# ---------------------------------------------------------------------- beliefs


def change_conversion(s: Sketch, now: Typed) -> Typed:
    """Draw the conversion of a stage, or what quality does to it."""
    name = s.luck.one_of(s.stages)
    if s.luck.flag(0.4):
        return {path("stages", name, "quality_odds"): s.luck.one_of((1.8, 2.5))}
    return {path("stages", name, "conversion"): share(s.luck.real(0.2, 0.9))}


def change_speed(s: Sketch, now: Typed) -> Typed:
    """Draw what late first contacts do, or nothing."""
    return {"speed_to_lead": s.luck.one_of(("none", funnel.speed(s)))}


def change_load(s: Sketch, now: Typed) -> Typed:
    """Draw what open leads do in a pool, or nothing."""
    limited = [name for name, typed in now["pools"].items() if typed["reps"] != "unlimited"]
    return (
        {path("pools", s.luck.one_of(limited), "load"): s.luck.one_of(("none", funnel.load(s.luck)))} if limited else {}
    )


BELIEFS: tuple[Change, ...] = (change_conversion, change_speed, change_load)
