"""One replication by the compiled loop: arrays laid out, the loop run, the ledger's tables put in order."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Indices, Records
from simfunnel.engine.arrivals import Arrivals, all_arrivals
from simfunnel.engine.compiled.loop import finish, loop, open_the_pipeline
from simfunnel.engine.compiled.state import RUN, TASK, Newcomers, Run, State, bind, new_run, new_state
from simfunnel.engine.compiled.world import announce_the_world
from simfunnel.engine.creation import in_time_order
from simfunnel.engine.opening import OpeningLeads
from simfunnel.engine.recorder import ENDS
from simfunnel.engine.rep_hours import reps_table
from simfunnel.engine.rule_records import Rules, Tables, records_of
from simfunnel.jit import compile_for, compiled
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger.columns import QUEUES, TABLES
from simfunnel.plan.model import Plan

INSTANTS_AT_ONCE = 1 << 18  # between two looks at whether the user wants to stop
ROWS_AT_ONCE = 1 << 18


def simulate(plan: Plan, seed: int, replication: int) -> Ledger:
    """Simulate one replication of a plan by the compiled loop; the same bytes as the SimPy engine's."""
    tables, rules = records_of(plan)
    arrivals = all_arrivals(plan, tables, seed, replication)
    run, state = _after_the_period(plan, tables, rules, arrivals, seed, replication)
    leads = arrivals.leads
    del arrivals  # what is not in the ledger is not kept while its tables are put together
    return _ledger(plan, run, state, leads)


def compile_the_loop() -> None:
    """Compile what runs while the clock does, without a plan: a process beside may do it, and keeps it on disk."""
    run, stages, ready = np.zeros(1, RUN)[0], np.zeros(0, np.int64), np.zeros(0)
    compile_for(announce_the_world, run)
    compile_for(open_the_pipeline, run, 0, stages, ready)
    compile_for(loop, run, INSTANTS_AT_ONCE)
    compile_for(finish, run)
    for lead in (np.empty(2, TASK)["lead"], np.empty(2, np.int32)):  # of many rows, of few
        compile_for(_by_lead, lead, 0)


def _after_the_period(
    plan: Plan, tables: Tables, rules: Rules, arrivals: Arrivals, seed: int, replication: int
) -> tuple[Run, State]:
    """Return run and state at the end; begun anew with twice the room when some array was too short."""
    newcomers, opening = _newcomers(plan, arrivals), arrivals.opening
    passes, entries = arrivals.passes_before_the_queue(), arrivals.entries
    places, room = newcomers.joining.size + (0 if opening is None else opening.id.size), 1.0
    written = max(passes["lead"].size, entries["lead"].size)
    while True:
        run = new_run(plan, seed, replication, rules, tables)
        state = new_state(plan, run, places, written, room)
        run.n_passes = _write("passes", passes, state.passes)
        run.n_entries = _write("entries", entries, state.entries)
        announce_the_world(run)
        if opening is not None:
            before = _in_the_pipeline(plan, opening)
            bind(run, before)
            open_the_pipeline(run, opening.id.size, opening.stage, opening.ready_at)
        bind(run, newcomers)
        run.newcomers = newcomers.joining.size
        while loop(run, INSTANTS_AT_ONCE):
            pass
        finish(run)
        if not run.full:
            return run, state
        room *= 2.0


def _newcomers(plan: Plan, a: Arrivals) -> Newcomers:
    """Return who joins a queue before the period's end, in the order of (time, lead)."""
    rows = np.flatnonzero(a.joins_at < plan.end_h).astype(np.int32)
    joining = rows[in_time_order(a.joins_at[rows], rows)]
    leads = a.leads
    return Newcomers(
        joining, leads["id"], leads["channel"], leads["quality"], a.noise, a.score, leads["entries"],
        a.joins_at, a.pass_started, a.gives_up,
    )  # fmt: skip


def _in_the_pipeline(plan: Plan, o: OpeningLeads) -> Newcomers:
    """Return who is in the stages when the period starts: the first rows of `leads`."""
    n = o.id.size
    return Newcomers(
        np.arange(n, dtype=np.int32), o.id, o.channel, o.quality, o.noise, o.score, np.zeros(n, np.int16),
        np.full(n, plan.start_h), o.created, o.gives_up,
    )  # fmt: skip


# ---------------------------------------------------------------------- the ledger


def _fields(name: str) -> list[tuple[str, str]]:
    """Return (column, field of its row) of a table; `pass` is a word of the language."""
    return [(column.name, "pass_" if column.name == "pass" else column.name) for column in TABLES[name]]


def _write(name: str, table: Table, rows: Records) -> int:
    """Write what happened before the queue into the first rows; return how many these are."""
    n = table["lead"].size
    for column, field in _fields(name):
        rows[field][:n] = table[column]
    return int(n)


def _ledger(plan: Plan, run: Run, s: State, leads: Table) -> Ledger:
    """Return the tables: what arrived, with what became of it while the clock ran; rows by lead, then as written."""
    n, ends = leads["id"].size, s.ends[: run.n_ends]
    for name, _ in ENDS[1:]:
        leads[name][ends["lead"]] = ends[name]
    tasks = _table("tasks", s.tasks[: run.n_tasks], n)
    queues: Table = {"pool": np.arange(s.pools.size, dtype=QUEUES[0].dtype)}
    queues |= {column.name: s.pools[column.name].astype(column.dtype) for column in QUEUES[1:]}
    return Ledger(
        leads=leads,
        passes=_table("passes", s.passes[: run.n_passes], n),
        tasks=tasks,
        entries=_table("entries", s.entries[: run.n_entries], n),
        reps=reps_table(plan, tasks),
        queues=queues,
    )


def _table(name: str, rows: Records, leads: int) -> Table:
    """Return rows as columns, by lead (within a lead as they were written)."""
    order = _by_lead(rows["lead"], leads)
    table: Table = {column.name: np.empty(rows.size, column.dtype) for column in TABLES[name]}
    row_bytes = rows.view(np.uint8).reshape(rows.size, rows.dtype.itemsize)  # numpy takes records one field at a time
    for at in range(0, rows.size, ROWS_AT_ONCE):
        part = row_bytes.take(order[at : at + ROWS_AT_ONCE], axis=0).view(rows.dtype).reshape(-1)
        for column, field in _fields(name):
            table[column][at : at + part.size] = part[field]
    return table


@compiled
def _by_lead(lead: Indices, leads: int) -> Indices:
    """Return rows in the order of their leads, kept as they are within a lead: a counting sort."""
    start = np.zeros(leads + 1, np.int32)
    for row in range(lead.size):
        start[lead[row] + 1] += 1
    for i in range(leads):
        start[i + 1] += start[i]
    order = np.empty(lead.size, np.int32)
    for row in range(lead.size):
        order[start[lead[row]]] = row
        start[lead[row]] += 1
    return order
