"""Pools whose people, queues and calendars do not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.telling import listed, odd, wrong
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.pools import Hire, Pool


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
