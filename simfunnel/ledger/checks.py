"""Invariants of every ledger: a check returns sentences, none when all is well."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.errors import EngineError
from simfunnel.ledger import columns as codes
from simfunnel.ledger.model import Columns, Ledger
from simfunnel.plan.model import FIFO, IN_TURN, OWNED_BY_POOL, POOLED, SHARED_QUEUE, Plan

TOLERANCE = 1e-9
NEVER_NEGATIVE = {
    "leads": ("effort", "wasted", "value"),
    "tasks": ("effort",),
    "reps": ("staffed", "busy", "open_hours"),
    "queues": ("queue_hours",),
}


def check(plan: Plan, ledger: Ledger) -> None:
    """Raise EngineError with every violation of a ledger."""
    found = violations(plan, ledger)
    if found:
        raise EngineError("\n".join(found))


def violations(plan: Plan, ledger: Ledger) -> list[str]:
    """Return every sentence of every check."""
    checks = (conservation, records_agree, order_in_time, nothing_negative, little, hands, no_overtaking)
    return [sentence for one in checks for sentence in one(plan, ledger)]


def _say(broken: Bools, what: str) -> list[str]:
    rows = np.flatnonzero(broken)
    return [f"{what}: row {rows[0]}" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")] if len(rows) else []


# ---------------------------------------------------------------------- leads


def conservation(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that leads in + open at start = closed + open at end, per channel; open ones have no closing time."""
    leads = Columns(ledger.leads)
    created, closed_at, outcome = leads.floats("created"), leads.floats("closed_at"), leads.ints("outcome")
    unfinished = (outcome == codes.OPEN) | (outcome == codes.IN_NURTURE)
    found = _say(np.isnan(closed_at) != unfinished, "leads: closed without a time, or a time without having closed")
    found += _say(~np.isnan(closed_at) & ~(closed_at >= created), "leads: closed before it was created")
    found += _say(~(created < plan.end_h) | (closed_at >= plan.end_h), "leads: created or closed after the period")
    for number, channel in enumerate(plan.channels):
        mine = leads.ints("channel") == number
        at_start = np.sum(mine & (created < 0) & ~(closed_at < 0))
        came = np.sum(mine & (created >= 0))
        went = np.sum(mine & (closed_at >= 0))
        at_end = np.sum(mine & unfinished)
        if at_start + came != went + at_end:
            found.append(f"{channel}: {at_start} open at start + {came} in, but {went} closed + {at_end} open at end")
    return found


def records_agree(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that the tables tell the same lives: passes, stays in nurture, work and outcomes of every lead."""
    leads, passes, tasks, entries = (Columns(ledger.table(name)) for name in ("leads", "passes", "tasks", "entries"))
    n, of_pass, of_task = len(leads), passes.ints("lead"), tasks.ints("lead")
    outcomes, found = leads.ints("outcome"), []
    for name, table in (("passes", passes), ("entries", entries)):
        rows = np.bincount(table.ints("lead"), minlength=n)
        found += _say(rows != leads.ints(name), f"leads: another number of {name} than rows in `{name}`")
    under_way = np.bincount(of_pass, passes.ints("left_to") == codes.IN_PROGRESS, minlength=n)
    found += _say(under_way != (outcomes == codes.OPEN), "leads: open without a pass under way, or the reverse")
    resting = np.bincount(entries.ints("lead"), entries.ints("end") == codes.STILL_IN, minlength=n)
    found += _say(resting != (outcomes == codes.IN_NURTURE), "leads: in nurture without a stay, or the reverse")
    ends = (
        (codes.WON, codes.P_WON),
        (codes.WENT_COLD, codes.P_COLD),
        (codes.BALKED, codes.P_BALKED),
        (codes.LEAKED, codes.P_LEAKED),
    )
    for outcome, left_to in ends:
        count = np.bincount(of_pass, passes.ints("left_to") == left_to, minlength=n)
        found += _say(count != (outcomes == outcome), f"leads: {codes.OUTCOMES[outcome]}, but no pass ended so")
    done = ~np.isnan(tasks.floats("started")) & ~np.isnan(tasks.floats("ended"))
    for name, counted in (("effort", done), ("wasted", done & (tasks.ints("decision") == codes.REJECTED_CONTACT))):
        hours = np.bincount(of_task, np.where(counted, tasks.floats("effort"), 0.0), minlength=n)
        same = np.isclose(hours, leads.floats(name), rtol=TOLERANCE, atol=TOLERANCE)
        found += _say(~same, f"leads: {name} is not that of the tasks")
    passed = np.bincount(of_pass[passes.ints("stage") == len(plan.stages)], minlength=n)
    return found + _say((passed > 0) & (outcomes != codes.WON), "leads: passed every stage, but not won")


CHAINS = (
    ("passes", ("created", "started", "handed_off_at", "first_response_at", "left_at")),
    ("tasks", ("created", "entered", "started", "ended")),
    ("tasks", ("queued", "started", "ended")),
    ("entries", ("created", "entered", "left_at")),
)


def order_in_time(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that nothing happens before what it follows from; nothing starts while closed."""
    created = Columns(ledger.leads).floats("created")
    found = []
    for name, chain in CHAINS:
        table = Columns(ledger.table(name))
        latest = np.full(len(table), -np.inf)
        for column in chain:
            time = created[table.ints("lead")] if column == "created" else table.floats(column)
            found += _say(time < latest, f"{name}: {column} before what it follows from")
            latest = np.fmax(latest, time)
    tasks = Columns(ledger.tasks)
    for number, pool in enumerate(plan.pools):
        mine = (tasks.ints("pool") == number) & ~np.isnan(tasks.floats("started"))
        found += _say(mine & ~_is_open(plan, number, tasks.floats("started")), f"{pool}: a task starts while closed")
    return found


def _is_open(plan: Plan, pool: int, t: Floats) -> Bools:
    phase = np.maximum(np.searchsorted(plan.switches_h, t, side="right") - 1, 0)
    result = np.zeros(len(t), bool)
    for f, rules in enumerate(plan.phases):
        opens, closes = plan.calendars[rules.pools[pool].calendar]
        if opens.size:
            k = np.maximum(np.searchsorted(opens, t, side="right") - 1, 0)
            result |= (phase == f) & (t >= opens[k]) & (t < closes[k])
    return result


def nothing_negative(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that hours of work, deal values and queues are not below zero, and no rep is busier than staffed."""
    reps = Columns(ledger.reps)
    columns = [
        (f"{table}.{name}", Columns(ledger.table(table)).floats(name))
        for table, names in NEVER_NEGATIVE.items()
        for name in names
    ]
    found = [sentence for name, column in columns for sentence in _say(column < 0, f"{name} is negative")]
    counted = reps.ints("rep") >= 0
    return found + _say(counted & (reps.floats("busy") > reps.floats("staffed") + 1e-6), "reps: busier than staffed")


# ---------------------------------------------------------------------- queues


def waited(plan: Plan, ledger: Ledger, pool: int) -> Floats:
    """Return hours in the queue of every task that joined a pool's queue, up to the period's end, in the ledger's
    order."""
    rows = _joined(ledger, pool)
    tasks = Columns(ledger.tasks)
    # a task that moved here keeps its rank, but waits here from then on
    joined: Floats = np.fmax(tasks.floats("queued")[rows], tasks.floats("entered")[rows])
    return _left_line(plan, ledger, rows) - joined


def _joined(ledger: Ledger, pool: int) -> Ints:
    tasks = Columns(ledger.tasks)
    return np.flatnonzero((tasks.ints("pool") == pool) & ~np.isnan(tasks.floats("queued")))


def _left_line(plan: Plan, ledger: Ledger, rows: Ints) -> Floats:
    """When each task left the queue: its start, or its end without one, or the period's end."""
    tasks = Columns(ledger.tasks)
    started, ended = tasks.floats("started")[rows], tasks.floats("ended")[rows]
    result: Floats = np.where(np.isnan(started), np.where(np.isnan(ended), plan.end_h, ended), started)
    return result


def little(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that the integral of the number waiting is the sum of the waits, per pool; and the counts of tasks."""
    queues, tasks = Columns(ledger.queues), Columns(ledger.tasks)
    found = []
    for row, pool in enumerate(queues.ints("pool").tolist()):
        mine = _joined(ledger, pool)
        hours, kept = float(waited(plan, ledger, pool).sum()), float(queues.floats("queue_hours")[row])
        if abs(hours - kept) > TOLERANCE * max(1.0, hours):
            found.append(f"{plan.pools[pool]}: {kept!r} lead-hours in the queue, but the tasks waited {hours!r}")
        started = ~np.isnan(tasks.floats("started")[mine])
        gone = ~started & np.isin(tasks.ints("decision")[mine], (codes.COLD, codes.BALKED_TASK, codes.MOVED))
        for name, count in (("joined", len(mine)), ("started", started.sum()), ("left", gone.sum())):
            if int(queues.ints(name)[row]) != int(count):
                found.append(f"{plan.pools[pool]}: {queues.ints(name)[row]} tasks {name}, but {count} in the tasks")
    return found


def hands(plan: Plan, ledger: Ledger) -> list[str]:
    """Check that a rep has one task in hand at a time, and starts none before joining or after leaving."""
    tasks, roster = Columns(ledger.tasks), plan.roster
    rows = np.flatnonzero((tasks.ints("rep") >= 0) & ~np.isnan(tasks.floats("started")))
    order = rows[np.lexsort((tasks.floats("started")[rows], tasks.ints("rep")[rows], tasks.ints("pool")[rows]))]
    pool, rep = tasks.ints("pool")[order], tasks.ints("rep")[order]
    same = (rep[1:] == rep[:-1]) & (pool[1:] == pool[:-1])
    ended = np.nan_to_num(tasks.floats("ended")[order][:-1], nan=plan.end_h)
    overlap = same & (tasks.floats("started")[order][1:] < ended)
    found = _say(overlap, "tasks: a rep has two in hand (in the order of reps)")
    names = list(zip(roster.pool.tolist(), roster.number.tolist(), strict=True))
    joins, leaves = dict(zip(names, roster.joins_h, strict=True)), dict(zip(names, roster.leaves_h, strict=True))
    keys = list(zip(tasks.ints("pool")[rows].tolist(), tasks.ints("rep")[rows].tolist(), strict=True))
    early = np.array([joins.get(key, np.inf) for key in keys]) > tasks.floats("started")[rows]
    late = np.array([leaves.get(key, -np.inf) for key in keys]) <= tasks.floats("started")[rows]
    return found + _say(early | late, "tasks: started by a rep who is not on the headcount")


def no_overtaking(plan: Plan, ledger: Ledger) -> list[str]:
    """Check first come, first served: no task starts while one that came before it waits, where this is the rule.

    Looked at where the rule is plain: one shared fifo queue for all reps and nobody owns a lead, in every phase; and
    for tasks that were in one queue all the time, as one that moves from pool to pool keeps its rank.
    """
    found = []
    tasks = Columns(ledger.tasks)
    for pool, name in enumerate(plan.pools):
        rules = [phase.pools[pool] for phase in plan.phases]
        ways = {(rule.structure, rule.routing, rule.discipline, rule.ownership, rule.unlimited) for rule in rules}
        one_line = ways == {(POOLED, SHARED_QUEUE, FIFO, OWNED_BY_POOL, False)}
        if not one_line or len({rule.open_deals for rule in rules}) > 1:
            continue
        rows = _joined(ledger, pool)
        came_from_elsewhere = tasks.floats("queued")[rows] < tasks.floats("entered")[rows]
        rows = rows[(tasks.ints("decision")[rows] != codes.MOVED) & ~came_from_elsewhere]
        first_stage = tasks.ints("stage")[rows] == 0
        in_turn = rules[0].open_deals == IN_TURN
        lines = (rows,) if in_turn else (rows[first_stage], rows[~first_stage])
        for line in lines:
            if _overtaken(plan, ledger, line):
                found.append(f"{name}: a task started while one that came before it was waiting")
    return found


def _overtaken(plan: Plan, ledger: Ledger, rows: Ints) -> bool:
    queued, leaves = Columns(ledger.tasks).floats("queued")[rows], _left_line(plan, ledger, rows)
    order = np.lexsort((Columns(ledger.tasks).ints("lead")[rows], queued))
    started = Columns(ledger.tasks).floats("started")[rows][order]
    before = np.maximum.accumulate(np.append(-np.inf, leaves[order]))[:-1]
    return bool((started < before).any())
