"""Rules of pools and teams, of what each of them serves, and how their loads are told.

Of loads are told: queues piled up before the period, teams that fall behind, patience run out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simfunnel.errors import MISSING, Path, Problem
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.fields.pools import Hire, Pool
from simfunnel.scenario.model import Scenario
from simfunnel.units import significant


def pool_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield what is wrong or odd about each pool's people and queue."""
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        if pool.open_deals == "in turn" and pool.discipline != "fifo":
            rule = f"puts all tasks in one line by time, which the discipline `{pool.discipline}` contradicts"
            yield wrong((*path, "open_deals"), rule, "write discipline: fifo, or open_deals: first or last", "in turn")
        for leaver in leavers(pool):
            if leaver.choice:
                remedy = "to let somebody hired before go, date the leaver before the last hire"
                yield odd((*path, "hires", leaver.hire), leaver_text(leaver), remedy)
        if pool.reps == "unlimited":
            # fields that say how reps share the work, where there are as many as it takes
            usual = {"structure": "pooled", "routing": "shared queue", "ownership": "pool", "hires": (), "load": None}
            for field, typed in ((name, getattr(pool, name)) for name in usual):
                if typed != usual[field]:
                    rule, remedy = "has no meaning where reps are unlimited", f"write a number of reps, or drop {field}"
                    word = isinstance(typed, str)
                    yield wrong((*path, field), rule, remedy, typed if word else MISSING, at_key=not word)
            continue
        counts = headcounts(pool)
        if pool.stages and pool.channels != () and max(heads for _, heads in counts) == 0:
            yield wrong((*path, "reps"), "leaves the pool without anybody", "write at least 1, or unlimited", 0)
        for index, heads in counts[1:]:
            if heads < 0:
                rule = f"lets more people leave than there are: {heads} from {pool.hires[index].on}"
                yield wrong((*path, "hires", index, "reps"), rule, "let fewer leave", pool.hires[index].reps)
        if pool.stages and pool.selling_time is None:
            rule = "does not say how much of its hours goes into tasks, so half of them is assumed"
            remedy = "add selling_time, e.g. selling_time: 35%; without it a team may look idle"
            yield odd(path, rule, remedy, at_key=True)


def headcounts(pool: Pool) -> list[tuple[int, int]]:
    """Return (position of the hire, headcount from its day) in order of dates; the first is (-1, reps)."""
    heads = pool.reps if isinstance(pool.reps, int) else 0
    counts = [(-1, heads)]
    for index, hire in pool.hires_by_date:
        heads += hire.reps
        counts.append((index, heads))
    return counts


class Leaver(NamedTuple):
    """Reps who go on a leaver's date: the last hired."""

    hire: int  # place among the hires
    on: date
    numbers: tuple[int, ...]  # of the reps, from 1 in the order of hiring
    joined: tuple[Hire | None, ...]  # None: there from the start
    staying: int
    choice: bool  # somebody unlike them stays


def leavers(pool: Pool) -> list[Leaver]:
    """Return who leaves a pool when, while there are people to leave."""
    heads = pool.reps if isinstance(pool.reps, int) else 0
    present: list[tuple[int, Hire | None]] = [(number, None) for number in range(1, heads + 1)]
    ever, found = heads, []
    for index, hire in pool.hires_by_date:
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
    """Say in a sentence who leaves and who stays."""
    reps = []
    for number, hire in zip(leaver.numbers, leaver.joined, strict=True):
        since = ""
        if hire is not None:
            ramp = 0.0 if hire.ramp is None else hire.ramp.hours() / 24.0
            share = (leaver.on - hire.on).days / ramp if ramp > 0.0 else 1.0
            since = f" (hired on {hire.on}{f', {share:.0%} through a ramp of {hire.ramp}' if share < 1.0 else ''})"
        reps.append(f"rep {number}{since}")
    ramped = any(hire is not None and hire.ramp is not None for hire in leaver.joined)
    return (
        f"on {leaver.on} {listed(reps)} leave{'s' * (len(reps) == 1)}: who was hired last leaves first; the "
        f"{leaver.staying} hired before stay{'s' * (leaver.staying == 1)}"
        f"{', and the ramp costs nothing from then on' if ramped else ''}"
    )


def team_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield pools that are split into teams without the heads, and help among teams that nothing asks for."""
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        if pool.structure != "pooled" and pool.reps != "unlimited":
            yield from _split(scenario, path, pool)
        if pool.structure == "hybrid" and pool.overflow is None:
            remedy = "add overflow, e.g. overflow: {after: 2 working hours}"
            yield wrong((*path, "structure"), "does not say when teams help each other", remedy, "hybrid")
        told = pool.reps == "unlimited" or not set(scenario.stage_names[:1]) & set(pool.stages)  # by `unused`
        if pool.overflow is None or pool.structure == "hybrid" or told:
            continue
        paths = (("pools", name, "structure"), ("pools", "*", "structure"))
        items = [item for what_if in scenario.what_ifs.values() for item in what_if.items]
        if not any(item.value == "hybrid" and parse_path(item.path) in paths for item in items):
            rule = f"is not used: the structure is {pool.structure}, and no what-if makes it hybrid"
            yield odd((*path, "overflow"), rule, "write structure: hybrid, or drop overflow", at_key=True)


def _split(scenario: Scenario, path: Path, pool: Pool) -> Iterator[Problem]:
    """Yield headcounts below one for each team, and typed teams that do not share out the reps."""
    served = [name for name in scenario.channels if pool.channels is None or name in pool.channels]
    short = next(((index, heads) for index, heads in headcounts(pool) if heads < len(served)), None)
    if short is not None:
        index, heads = short
        when = "" if index < 0 else f" from {pool.hires[index].on}"
        rule = (
            f"cannot split {heads} head{'s' * (heads != 1)}{when} into teams for {len(served)} channels "
            f"({listed(served, 8)}): each team needs one"
        )
        remedy = f"write at least {len(served)} reps, fewer channels, or structure: pooled"
        yield wrong((*path, "structure"), rule, remedy, pool.structure)
    if pool.teams is None:
        return
    if unnamed := [name for name in served if pool.teams.get(name, 0) < 1]:
        rule = f"gives no head to {listed(unnamed)}"
        yield wrong((*path, "teams"), rule, "give every channel of the pool at least one head")
    elif sum(pool.teams.values()) != pool.reps:
        rule = f"shares out {sum(pool.teams.values())} heads, but there are {pool.reps} reps"
        yield wrong((*path, "teams"), rule, "make the heads of all teams add up to reps")


def serving_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield channels with no pool or two at a stage, work at a stage without a pool, and pools without leads."""
    pools = scenario.pools
    for index, stage in enumerate(scenario.stages):
        at = stage.name
        served = {channel: [n for n, p in pools.items() if p.serves(at, channel)] for channel in scenario.channels}
        lost = [channel for channel, names in served.items() if not names]
        for channel in lost if len(lost) < len(served) else ():
            other = next(names[0] for names in served.values() if names)
            rule = f"is served by no pool at {at}, while {other} serves other channels there"
            remedy = f"add {channel} to pools.{other}.channels, or to another pool at {at}"
            yield wrong(("channels", channel), rule, remedy, channel, at_key=True)
        twice: dict[tuple[str, str], list[str]] = {}
        for channel, names in served.items():
            for other in names[1:]:
                twice.setdefault((names[0], other), []).append(channel)
        for (first, second), channels in twice.items():
            field = "channels" if pools[second].channels is not None else "stages"
            rule = f"serves {listed(channels)} at {at}, which {first} serves too"
            remedy = "leave each channel at each stage to one pool: name the channels of both"
            yield wrong(("pools", second, field), rule, remedy)
        if not any(at in pool.stages for pool in pools.values()):
            for field in ("effort", "capacity"):
                if field in stage.model_fields_set:
                    remedy = f"add {at} to a pool's stages, or drop {field}"
                    yield wrong(("stages", index, field), f"is work at {at}, which no pool serves", remedy)
    for name, pool in pools.items():
        if not pool.stages or pool.channels == ():
            field = "stages" if not pool.stages else "channels"
            yield odd(("pools", name, field), "serves nobody", f"name its {field}, or drop the pool")


HARDLY = 0.05  # heads


class Overload(NamedTuple):
    """A team with more work than time over some days, by expected numbers."""

    pool: str
    kind: str  # "run-in": before the period; "behind": through the period; "peak": for a part of it
    first: str  # the first day on which it falls behind
    last: str  # the last day, or the day before the period
    load: float  # work per time over these days; inf when nobody works
    heads: float  # on the headcount over these days, mean
    waiting: float  # tasks in the queue at the end
    weeks: float  # of the team's time from then on that they are; inf: nobody works
    a_month: float  # by how many tasks the queue grows
    cold_a_month: float  # leads that give up waiting
    heads_needed: int  # to keep up, 0 where heads alone do not say
    leads: bool  # first contacts, not later tasks
    team: str = ""  # the channel of the team; empty: the whole pool


def overload_problem(found: Overload) -> Problem:
    """Return the problem of a team that cannot keep up, at the pool's reps."""
    what = "leads" if found.leads else "tasks"
    path = ("pools", found.pool, "reps")
    team = f" in the team for {found.team}" if found.team else ""
    if found.kind == "run-in":
        rule = (
            f"lets a queue pile up{team} before the period: from {found.first} {_work(found)}, so that by {found.last} "
            f"{_count(found.waiting)} {what} wait, {_weeks(found)}; the period begins with them"
        )
        return odd(path, rule, "give the run-in the heads it had, write run_in: 0 days, or type an opening_pipeline")
    when = f"from {found.first} on" if found.kind == "behind" else f"from {found.first} to {found.last}"
    grows = []
    if found.a_month >= 0.5:
        wait = f"{_count(found.waiting)} wait on {found.last}, {_weeks(found)}"
        grows.append(f"its queue grows by about {_count(found.a_month)} {what} a month ({wait})")
    if found.cold_a_month >= 0.5:
        grows.append(f"about {_count(found.cold_a_month)} leads a month go cold before it gets to them")
    rule = f"cannot keep up{team} and falls behind {when}: {_work(found)}, {' and '.join(grows) or 'its queue grows'}"
    one = found.heads_needed == 1
    needed = f"about {_heads(found.heads_needed)} keep{'s' * one} up" if found.heads_needed else "add heads"
    return odd(path, rule, f"{needed}; or send it less work, or expect what a drowning team brings")


def cold_problem(channel: str, share: float, closed: float, way: str) -> Problem:
    """Return the problem of leads of a channel that lose patience before anybody could call them.

    `share` of its leads, `closed` of which if the hand-off took no time; `way`: the hand-off in words.
    """
    causes = [f"the hand-off ({way})"] * (share - closed >= 0.02) + ["closed hours"] * (closed >= 0.02)
    rule = f"loses {share:.0%} of its leads before anybody could call them: {listed(causes)} take longer than they wait"
    if len(causes) > 1:
        rule += f"; {closed:.0%} would still go if the hand-off took no time"
    remedy = "make the hand-off shorter, open when they come, or make the patience longer"
    return odd(("channels", channel), rule, remedy, at_key=True)


def _work(found: Overload) -> str:
    who = f"the team for {found.team}" if found.team else found.pool
    if found.load == float("inf") or found.heads < HARDLY:
        return f"{who} has work and {'hardly any' if found.heads else 'no'}body to do it"
    return f"{who} gets {found.load:.0%} of the work that its {_heads(found.heads)} can do"


def _heads(number: float) -> str:
    text = significant(number, 3)
    return f"{text} head{'s' * (text != '1')}"


def _count(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else significant(number, 2)


def _weeks(found: Overload) -> str:
    if found.weeks == float("inf"):
        return "and nobody works on them"
    weeks = significant(found.weeks, 2) if found.weeks < 100 else f"{found.weeks:,.0f}"
    return f"{weeks} weeks of its work"
