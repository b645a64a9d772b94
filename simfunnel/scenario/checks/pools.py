"""Pools whose people, queues and calendars do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.telling import odd, wrong
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.pools import Pool


def pool_rules(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong or odd about each pool's people and queue."""
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        yield from _queue(path, pool)
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


def overload_problem(pool: str, load: float, heads: float, heads_needed: int, path: Path = ()) -> Problem:
    """A pool that gets more work than it can do while its leads wait for ever: an error by the plan's numbers.

    `load` is work per time against what `heads` can do (1 is all of it), `heads_needed` the least number of heads that
    keeps it below 1; `path` points to the pool's reps unless given.
    """
    rule = (
        f"cannot keep up: {pool} gets {load:.0%} of the work that {heads:g} heads can do, "
        "and its leads have no patience limit, so its queue only grows"
    )
    remedy = f"write at least {heads_needed} reps, give its channels a patience, or lower the work"
    return Problem(path or ("pools", pool, "reps"), f"{heads:g}", rule, remedy)
