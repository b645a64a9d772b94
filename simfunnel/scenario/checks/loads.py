"""How the loads of teams are told: queues piled up before the period, teams that fall behind, patience run out."""

from __future__ import annotations

from typing import NamedTuple

from simfunnel.errors import Problem
from simfunnel.scenario.checks.wording import listed, odd
from simfunnel.units import significant

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
