"""Rep hours by week, summed from the finished tasks: one account for every engine.

Staffed and busy hours are open hours of the pool's calendar, clipped to the simulated time. A task counts with the
calendar that was in force when it started.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Bytes, Floats, Indices, Ints, Shorts
from simfunnel.calendars.clock import last_opening
from simfunnel.jit import borrowed, compiled
from simfunnel.ledger import Table
from simfunnel.ledger.columns import MOVED, REPS
from simfunnel.plan.model import OWNED_BY_REP, Plan

HOURS_A_WEEK = 168.0
STAFFED, BUSY, OPEN_HOURS = 0, 1, 2


class Accounts(NamedTuple):
    """Accounts by row: first of nobody in each of P pools, then of the roster's reps; and the hours they keep."""

    first_week: int
    end_h: float
    switches_h: Floats  # [F]
    first_rep: Ints  # [P] where a pool's reps begin in `row_of`
    row_of: Ints  # rows of the reps, by pool and number
    leaves_h: Floats  # by row; inf for nobody
    owned: Bools  # [P] whether leads are counted with the rep who owns them
    calendar: Ints  # [F, P]
    first_open: Ints  # [calendars + 1] where a calendar's intervals begin in `opens`
    opens: Floats
    closes: Floats


class Tasks(NamedTuple):
    """The columns of the ledger's `tasks` that are summed."""

    lead: Indices
    pass_: Shorts
    pool: Shorts
    rep: Indices
    entered: Floats
    started: Floats
    ended: Floats
    decision: Bytes


def reps_table(plan: Plan, tasks: Table) -> Table:
    """Return the ledger's `reps`: a row per pool, rep and week with any hours; rep -1 holds what belongs to nobody."""
    accounts = _accounts(plan)
    weeks = int(np.floor(plan.end_h / HOURS_A_WEEK)) + 1 - accounts.first_week
    hours = np.zeros((3, accounts.leaves_h.size, weeks))
    work = Tasks(*(tasks[name.rstrip("_")] for name in Tasks._fields))
    roster, ends = plan.roster, np.append(plan.switches_h[1:], plan.end_h)
    for f, (start, end) in enumerate(zip(plan.switches_h, ends, strict=True)):
        since, until = np.maximum(roster.joins_h, start), np.minimum(roster.leaves_h, end)
        _add_presence(accounts, accounts.calendar[f, roster.pool], since, until, hours[STAFFED, len(plan.pools) :])
    for f in range(len(plan.phases)):
        _work_begun_in(accounts, work, f, hours)
        _finished_by_the_old_calendar(accounts, work, f, hours[STAFFED])
    _open_work(accounts, work, hours[OPEN_HOURS])
    pools = np.concatenate([np.arange(len(plan.pools)), plan.roster.pool])
    reps = np.concatenate([np.full(len(plan.pools), -1), plan.roster.number])
    order = np.lexsort((reps, pools))
    pools, reps, hours = pools[order], reps[order], hours[:, order, :]
    who, week = np.nonzero(hours.any(axis=0))
    columns = (pools[who], reps[who], week + accounts.first_week, *(hours[kind, who, week] for kind in range(3)))
    return {column.name: values.astype(column.dtype) for column, values in zip(REPS, columns, strict=True)}


def _accounts(plan: Plan) -> Accounts:
    roster, pools = plan.roster, len(plan.pools)
    first_rep = np.searchsorted(np.sort(roster.pool), np.arange(pools))
    row_of = np.empty(roster.pool.size, np.int64)
    row_of[first_rep[roster.pool] + roster.number] = pools + np.arange(roster.pool.size)
    return Accounts(
        first_week=int(np.floor(plan.start_h / HOURS_A_WEEK)),
        end_h=float(plan.end_h),
        switches_h=np.array(plan.switches_h),
        first_rep=first_rep,
        row_of=row_of,
        leaves_h=np.concatenate([np.full(pools, np.inf), roster.leaves_h]),
        owned=np.array(
            [any(p.pools[k].ownership == OWNED_BY_REP for p in plan.phases) for k in range(pools)], np.bool_
        ),
        calendar=np.array([[pool.calendar for pool in phase.pools] for phase in plan.phases], np.int64),
        first_open=np.cumsum([0, *(opens.size for opens, _ in plan.calendars)]),
        opens=np.concatenate([np.empty(0), *(opens for opens, _ in plan.calendars)]),
        closes=np.concatenate([np.empty(0), *(closes for _, closes in plan.calendars)]),
    )


# ---------------------------------------------------------------------- hours into weeks


@compiled(inlined=True)
def _add_open_time(accounts: Accounts, calendar: int, a: float, b: float, row: Floats) -> None:
    """Add the open hours in [a, b) to `row`, one cell a week."""
    if not a < b:
        return
    first, last = accounts.first_open[calendar], accounts.first_open[calendar + 1]
    i = first + max(last_opening(accounts.opens[first:last], a), 0)
    while i < last and accounts.opens[i] < b:
        _add_time(max(a, accounts.opens[i]), min(b, accounts.closes[i]), accounts.first_week, row)
        i += 1


@compiled(inlined=True)
def _add_time(a: float, b: float, first_week: int, row: Floats) -> None:
    """Add the elapsed hours in [a, b) to `row`, one cell a week."""
    while a < b:
        week = int(np.floor(a / HOURS_A_WEEK))
        until = min(b, (week + 1) * HOURS_A_WEEK)
        row[week - first_week] += until - a
        a = until


@compiled(inlined=True)
def _row(accounts: Accounts, pool: int, rep: int) -> int:
    return int(accounts.row_of[accounts.first_rep[pool] + rep]) if rep >= 0 else pool


@compiled(inlined=True)
def _end(accounts: Accounts, ended: float) -> float:
    """Return a task's end, within the period; that of one still pending is the period's."""
    return min(ended, accounts.end_h) if ended == ended else accounts.end_h


@compiled(inlined=True)
def _begun_in(accounts: Accounts, work: Tasks, k: int, f: int) -> bool:
    """Return whether a rep's (or an unlimited pool's) task started in phase `f`."""
    started = work.started[k]
    if work.pool[k] < 0 or not started >= accounts.switches_h[f]:
        return False
    return f + 1 == accounts.switches_h.size or started < accounts.switches_h[f + 1]


# ---------------------------------------------------------------------- reps


@compiled
def _add_presence(accounts: Accounts, calendar: Ints, since: Floats, until: Floats, hours: Floats) -> None:
    """Add the open hours of every rep on the headcount, by the calendar in force."""
    accounts = borrowed(accounts)
    for i in range(calendar.size):
        _add_open_time(accounts, calendar[i], since[i], until[i], hours[i])


@compiled
def _work_begun_in(accounts: Accounts, work: Tasks, f: int, hours: Floats) -> None:
    """Add busy hours of the tasks that started in phase `f`; of these, those of a leaver are staffed hours too."""
    accounts, work = borrowed(accounts), borrowed(work)
    for k in range(work.lead.size):
        if _begun_in(accounts, work, k, f):
            started, ended = work.started[k], _end(accounts, work.ended[k])
            row, calendar = _row(accounts, work.pool[k], work.rep[k]), accounts.calendar[f, work.pool[k]]
            _add_open_time(accounts, calendar, started, ended, hours[BUSY, row])
            if accounts.leaves_h[row] < ended:
                _add_open_time(accounts, calendar, max(started, accounts.leaves_h[row]), ended, hours[STAFFED, row])


def _finished_by_the_old_calendar(accounts: Accounts, work: Tasks, f: int, staffed: Floats) -> None:
    """Let a task in hand at a switch go on by the calendar it began with, and so its rep's staffed hours."""
    ends = np.append(accounts.switches_h[1:], accounts.end_h)
    for g in range(f + 1, ends.size):
        if (accounts.calendar[g] != accounts.calendar[f]).any():
            counted = np.zeros_like(staffed)
            _add_work_between(accounts, work, f, g, float(ends[g]), g, counted)
            staffed -= counted
            _add_work_between(accounts, work, f, g, float(ends[g]), f, staffed)


@compiled
def _add_work_between(accounts: Accounts, work: Tasks, f: int, g: int, end: float, by: int, hours: Floats) -> None:
    """Add hours within phase `g` of tasks begun in phase `f` by another calendar, by the calendar of phase `by`."""
    accounts, work = borrowed(accounts), borrowed(work)
    for k in range(work.lead.size):
        pool, rep = work.pool[k], work.rep[k]
        if rep >= 0 and _begun_in(accounts, work, k, f) and accounts.calendar[f, pool] != accounts.calendar[g, pool]:
            row = _row(accounts, pool, rep)
            since = max(work.started[k], accounts.switches_h[g])
            until = min(min(_end(accounts, work.ended[k]), accounts.leaves_h[row]), end)
            _add_open_time(accounts, accounts.calendar[by, pool], since, until, hours[row])


# ---------------------------------------------------------------------- leads


@compiled
def _open_work(accounts: Accounts, work: Tasks, hours: Floats) -> None:
    """Add open-lead hours, `entered` to the task's end; under ownership: rep they are the owner's once there is one."""
    accounts, work = borrowed(accounts), borrowed(work)
    owner_from = np.empty(work.lead.size)
    last = np.full(accounts.owned.size, -1)  # the last task of each pool
    for k in range(work.lead.size):
        pool, ended = work.pool[k], _end(accounts, work.ended[k])
        owner_from[k] = ended
        if pool >= 0:
            if accounts.owned[pool]:
                owner_from[k] = min(_owner_since(work, k, last[pool]), ended)
                last[pool] = k
            _add_time(work.entered[k], owner_from[k], accounts.first_week, hours[pool])
    for k in range(work.lead.size):
        pool = work.pool[k]
        if pool >= 0 and accounts.owned[pool]:
            row = _row(accounts, pool, work.rep[k])
            _add_time(owner_from[k], _end(accounts, work.ended[k]), accounts.first_week, hours[row])


@compiled(inlined=True)
def _owner_since(work: Tasks, k: int, before: int) -> float:
    """Return when the lead of task `k` has an owner in the pool: when its first task there in this pass starts, else
    at once; `before` is the pool's task before it, -1 when none.
    """
    is_first = (
        before < 0
        or work.lead[k] != work.lead[before]
        or work.pass_[k] != work.pass_[before]
        or work.decision[before] == MOVED
    )
    if not is_first:
        return float(work.entered[k])
    return float(work.started[k]) if work.started[k] == work.started[k] else np.inf
