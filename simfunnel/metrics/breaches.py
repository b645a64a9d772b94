"""Why a month broke a clause of the agreement: volume, capacity, calendar or mix."""

from __future__ import annotations

import numpy as np

from simfunnel.metrics.facts import Facts, Mask
from simfunnel.metrics.staffing import Staffing
from simfunnel.metrics.tally import Sum
from simfunnel.plan.model import Clause, Floats, Ints

VOLUME, CAPACITY, CALENDAR, MIX = range(4)
CAUSES = ("volume", "capacity", "calendar", "mix")


def of_quantity(clause: Clause, mqls: Floats, leads: Floats, whole: Mask) -> Ints:
    """Main cause, were the clause on the number of MQLs (or another sum) broken, for each month.

    Volume when this month's leads at the months' common rate of MQLs per lead would break it too; else mix.
    """
    rate = mqls[whole].sum() / leads[whole].sum() if leads[whole].sum() > 0 else 0.0
    expected = leads * rate
    return np.where((expected < clause.low) | (expected > clause.high), VOLUME, MIX)


def of_quality(clause: Clause, wins: Floats, reached: Floats) -> Ints:
    """Main cause, were the clause on the win share broken, for each month.

    Capacity when the share would be kept among the MQLs that were reached; else mix.
    """
    share = np.divide(wins, reached, out=np.zeros_like(wins), where=reached > 0)
    return np.where(share >= clause.low, CAPACITY, MIX)


def of_load(facts: Facts, staffing: Staffing, pools: list[int], whole: Mask) -> Ints:
    """Main cause of slow work in each month, for a group of pools.

    Load is tasks x hours of work per task / (reps x open hours per rep). A month that is loaded no more than the months
    together has too few reps all along: capacity. Else the largest term of ln(load of the month / common load): volume
    (tasks), mix (work per task), capacity (reps), calendar (open hours per rep).
    """
    terms = np.zeros((4, facts.layout.months))
    tasks, hours = _tasks(facts, pools)
    elapsed = staffing.elapsed.by("pool+month").reshape(-1, facts.layout.months)[pools].sum(axis=0)
    open_hours = staffing.open_hours.by("pool+month").reshape(-1, facts.layout.months)[pools].sum(axis=0)
    time = staffing.time.by("month")
    terms[VOLUME] = _log_ratio(tasks, np.ones_like(tasks), whole)
    terms[MIX] = _log_ratio(hours, tasks, whole)
    terms[CAPACITY] = -_log_ratio(elapsed, time, whole)
    terms[CALENDAR] = -_log_ratio(open_hours, elapsed, whole) - _log_ratio(time, np.ones_like(time), whole)
    return np.where(terms.sum(axis=0) > 0, terms.argmax(axis=0), CAPACITY)


def _tasks(facts: Facts, pools: list[int]) -> tuple[Floats, Floats]:
    """([months] tasks that joined the pools' queues, the same times the mean work of tasks begun in the month)."""
    of_group = np.zeros(len(facts.plan.pools) + 1, bool)  # the last is that of tasks without a pool
    of_group[pools] = True
    mine = of_group[facts.tasks.ints("pool")]
    queued, started = facts.tasks.floats("queued"), facts.tasks.floats("started")
    joined = Sum(facts.task_events(mine & facts.in_period(queued), queued)).by("month")
    begun = mine & facts.in_period(started)
    events = facts.task_events(begun, started)
    count, hours = Sum(events).by("month"), Sum(events, facts.tasks.floats("effort")[begun]).by("month")
    return joined, joined * np.divide(hours, count, out=np.zeros_like(hours), where=count > 0)


def _log_ratio(over: Floats, under: Floats, whole: Mask) -> Floats:
    """ln of each month's over / under against that of all whole months together; 0 where either is unknown."""
    common = over[whole].sum() * np.ones_like(over)
    part = over * under[whole].sum()
    known = (common * under > 0) & (part > 0)
    ratio: Floats = np.divide(part, common * under, out=np.ones_like(over), where=known)
    return np.log(ratio)
