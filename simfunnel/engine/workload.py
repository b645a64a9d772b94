"""Rep hours by week, summed from the finished tasks: one account for every engine.

Staffed and busy hours are open hours of the pool's calendar, clipped to the simulated time. A task counts with the
calendar that was in force when it started.
"""

from __future__ import annotations

import numpy as np

from simfunnel.jit import compiled
from simfunnel.ledger import Table
from simfunnel.ledger.columns import MOVED, REPS
from simfunnel.plan.model import OWNED_BY_REP, Floats, Ints, Plan

HOURS_A_WEEK = 168.0
STAFFED, BUSY, OPEN_HOURS = 0, 1, 2


@compiled
def _add_open_time(opens: Floats, closes: Floats, a: float, b: float, first_week: int, row: Floats) -> None:
    """Add the open hours in [a, b) to `row`, one cell a week."""
    i = max(int(np.searchsorted(opens, a, side="right")) - 1, 0)
    while i < opens.size and opens[i] < b:
        _add_time(max(a, opens[i]), min(b, closes[i]), first_week, row)
        i += 1


@compiled
def _add_time(a: float, b: float, first_week: int, row: Floats) -> None:
    """Add the elapsed hours in [a, b) to `row`, one cell a week."""
    while a < b:
        week = int(np.floor(a / HOURS_A_WEEK))
        until = min(b, (week + 1) * HOURS_A_WEEK)
        row[week - first_week] += until - a
        a = until


@compiled
def _spans(
    opens: Floats,
    closes: Floats,
    first_week: int,
    rows: Ints,
    starts: Floats,
    ends: Floats,
    working: bool,
    table: Floats,
) -> None:
    for k in range(rows.size):
        if working:
            _add_open_time(opens, closes, starts[k], ends[k], first_week, table[rows[k]])
        else:
            _add_time(starts[k], ends[k], first_week, table[rows[k]])


def reps_table(plan: Plan, tasks: Table) -> Table:
    """The ledger's `reps`: one row per pool, rep and week with any hours; rep -1 holds what belongs to nobody."""
    first_week = int(np.floor(plan.start_h / HOURS_A_WEEK))
    weeks = int(np.floor(plan.end_h / HOURS_A_WEEK)) + 1 - first_week
    roster = plan.roster
    row_of, nobody = _rows(plan)
    hours = np.zeros((3, nobody.size + roster.pool.size, weeks))
    _staffed(plan, first_week, row_of, hours[STAFFED])
    for pool in range(len(plan.pools)):
        _tasks_of(plan, tasks, pool, first_week, row_of, nobody, hours)
    pools = np.concatenate([np.arange(len(plan.pools)), roster.pool])
    reps = np.concatenate([np.full(len(plan.pools), -1), roster.number])
    order = np.lexsort((reps, pools))
    pools, reps, hours = pools[order], reps[order], hours[:, order, :]
    who, week = np.nonzero(hours.any(axis=0))
    columns = (pools[who], reps[who], week + first_week, *(hours[kind, who, week] for kind in range(3)))
    return {column.name: values.astype(column.dtype) for column, values in zip(REPS, columns, strict=True)}


def _rows(plan: Plan) -> tuple[dict[int, Ints], Ints]:
    """Row of each rep of a pool in the hours table, by number; and the row of nobody, by pool."""
    roster, pools = plan.roster, len(plan.pools)
    row_of: dict[int, Ints] = {}
    for pool in range(pools):
        mine = np.flatnonzero(roster.pool == pool)
        rows = np.zeros(mine.size, np.int64)
        rows[roster.number[mine]] = pools + mine
        row_of[pool] = rows
    return row_of, np.arange(pools)


def _staffed(plan: Plan, first_week: int, row_of: dict[int, Ints], hours: Floats) -> None:
    roster = plan.roster
    ends = np.append(plan.switches_h[1:], plan.end_h)
    for phase, start, end in zip(plan.phases, plan.switches_h, ends, strict=True):
        for pool, rules in enumerate(phase.pools):
            mine = np.flatnonzero(roster.pool == pool)
            opens, closes = plan.calendars[rules.calendar]
            a, b = np.maximum(roster.joins_h[mine], start), np.minimum(roster.leaves_h[mine], end)
            _spans(opens, closes, first_week, len(plan.pools) + mine, a, b, True, hours)


def _tasks_of(
    plan: Plan, tasks: Table, pool: int, first_week: int, row_of: dict[int, Ints], nobody: Ints, hours: Floats
) -> None:
    of_pool = np.flatnonzero(tasks["pool"] == pool)
    rep, started = tasks["rep"][of_pool].astype(np.int64), tasks["started"][of_pool]
    ended = np.minimum(np.nan_to_num(tasks["ended"][of_pool], nan=plan.end_h), plan.end_h)
    rows = np.full(of_pool.size, nobody[pool])
    rows[rep >= 0] = row_of[pool][rep[rep >= 0]]
    phase = np.searchsorted(plan.switches_h, started, side="right") - 1
    for f, rules_of_phase in enumerate(plan.phases):
        at = np.flatnonzero(~np.isnan(started) & (phase == f))
        opens, closes = plan.calendars[rules_of_phase.pools[pool].calendar]
        _spans(opens, closes, first_week, rows[at], started[at], ended[at], True, hours[BUSY])
        at = at[rep[at] >= 0]  # who is not on the roster is never staffed
        leaves = plan.roster.leaves_h[rows[at] - nobody.size]
        over = np.maximum(started[at], leaves)
        _spans(opens, closes, first_week, rows[at], over, ended[at], True, hours[STAFFED])
        _finished_by_the_old_calendar(
            plan, pool, f, first_week, rows[at], started[at], np.minimum(ended[at], leaves), hours
        )
    _open_work(plan, tasks, of_pool, rows, ended, first_week, int(nobody[pool]), hours[OPEN_HOURS])


def _finished_by_the_old_calendar(
    plan: Plan, pool: int, f: int, first_week: int, rows: Ints, started: Floats, ended: Floats, hours: Floats
) -> None:
    """A task in hand at a switch goes on by the calendar it began with, and so do its rep's staffed hours."""
    ends = np.append(plan.switches_h[1:], plan.end_h)
    old = plan.phases[f].pools[pool].calendar
    for g in range(f + 1, len(plan.phases)):
        new = plan.phases[g].pools[pool].calendar
        a, b = np.maximum(started, plan.switches_h[g]), np.minimum(ended, ends[g])
        if new == old or not np.any(a < b):
            continue
        counted = np.zeros_like(hours[STAFFED])
        _spans(*plan.calendars[new], first_week, rows, a, b, True, counted)
        hours[STAFFED] -= counted
        _spans(*plan.calendars[old], first_week, rows, a, b, True, hours[STAFFED])


def _open_work(
    plan: Plan, tasks: Table, of_pool: Ints, rows: Ints, ended: Floats, first_week: int, nobody: int, hours: Floats
) -> None:
    """Open-lead hours, `entered` to the task's end; under ownership: rep they are the owner's once there is one."""
    entered, started = tasks["entered"][of_pool], tasks["started"][of_pool]
    pool = nobody
    owned = any(phase.pools[pool].ownership == OWNED_BY_REP for phase in plan.phases)
    if not owned:
        _spans(entered, entered, first_week, np.full(of_pool.size, nobody), entered, ended, False, hours)
        return
    lead, pass_ = tasks["lead"][of_pool], tasks["pass"][of_pool]
    first = np.ones(of_pool.size, np.bool_)
    first[1:] = (lead[1:] != lead[:-1]) | (pass_[1:] != pass_[:-1])
    after_move = tasks["decision"][of_pool] == MOVED
    first[1:] |= after_move[:-1]
    owner_from = np.where(first, np.nan_to_num(started, nan=np.inf), entered)
    owner_from = np.minimum(owner_from, ended)
    _spans(entered, entered, first_week, np.full(of_pool.size, nobody), entered, owner_from, False, hours)
    _spans(entered, entered, first_week, rows, owner_from, ended, False, hours)
