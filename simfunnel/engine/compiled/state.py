"""Everything that changes while the clock runs, as arrays: leads alive, reps, teams, pools, lines, and what is written.

A lead has a place in `leads` from its first queue to its end, a place that is then used again. Pointers are indices,
-1 points to nobody. Handlers get one record, the `Run`, and reach every array through it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from simfunnel.arrays import Floats, Ids, Indices, Ints, Records, Shorts
from simfunnel.engine.recorder import ENDS
from simfunnel.engine.rule_records import (
    ACCEPTANCE,
    CHANNEL,
    EFFECT,
    FIT,
    HOURS,
    PHASE,
    POOL_RULES,
    STAGE,
    Rules,
    Tables,
    record,
)
from simfunnel.jit import MANY, address_of, array_at, compiled, rows
from simfunnel.ledger.columns import ENTRIES, PASSES, TASKS, Column
from simfunnel.plan.model import Plan

Run = Any  # the one record of RUN


def _rows_of(columns: tuple[Column, ...]) -> np.dtype[Any]:
    """Return a row of a ledger table, as dense as its columns; `pass`, a word of the language, is `pass_` here."""
    fields = [("pass_" if column.name == "pass" else column.name, column.dtype) for column in columns]
    return np.dtype((np.record, np.dtype(fields)))


# Indices have 64 bits, but for those of events, which are many and small.
EVENT = record(("t", "f8"), ("key", "i8"), ("who", "i4"), ("tag", "i4"))
LEAD = record(
    ("id", "u8"), ("row", "i8"), ("channel", "i8"), ("stage", "i8"), ("pool", "i8"), ("rep", "i8"), ("line", "i8"),
    ("rank_key", "f8"), ("rank_class", "i8"), ("ticket", "i8"),
    ("entered", "f8"), ("queued", "f8"), ("started", "f8"), ("ended", "f8"),
    ("task_effort", "f8"), ("x", "f8"), ("quality", "f8"), ("gives_up", "f8"),
    ("alive", "?"), ("waits", "?"), ("first_contact", "?"), ("owned_wait", "?"), ("in_list", "?"), ("overdue", "?"),
    ("kind", "i8"), ("decision", "i8"), ("accepted", "i8"),
    ("pass_", "i8"), ("passed_stages", "i8"), ("entries", "i8"),
    ("home", "i8"), ("line_of", "i8"), ("open_in", "i8"), ("worked_in", "i8"),
    ("contacted_by", "i8"), ("first_pool", "i8"), ("next_joined", "i8"),
    ("effort", "f8"), ("wasted", "f8"), ("contacted_at", "f8"), ("pass_started", "f8"), ("handed_off", "f8"),
    ("score", "f8"), ("noise", "f8"), ("assessment", "f8"),
)  # fmt: skip
LINE = record(("first", "i8"), ("last", "i8"), ("root", "i8"), ("waiting", "i8"))  # waiting: first contacts
TEAM = record(
    ("overdue", "i8"), ("first_free", "i8"), ("last_free", "i8"),
    ("first_member", "i8"), ("members", "i8"), ("last_given", "i8"),
)  # fmt: skip
REP = record(
    ("joins_h", "f8"), ("leaves_h", "f8"), ("idle_since", "f8"), ("start_at", "f8"), ("ramp_days", "f8"),
    ("pool", "i8"), ("number", "i8"), ("position", "i8"), ("team", "i8"), ("line", "i8"), ("open", "i8"),
    ("next_free", "i8"), ("previous_free", "i8"), ("next_callable", "i8"), ("previous_callable", "i8"),
    ("here", "?"), ("busy", "?"), ("callable", "?"),
)  # fmt: skip
POOL = record(
    ("calendar", "i8"), ("opened", "f8"), ("shuts", "f8"), ("interval", "i8"),
    ("waiting", "i8"), ("open", "i8"), ("heads", "i8"), ("queue_hours", "f8"), ("changed_at", "f8"),
    ("joined", "i8"), ("started", "i8"), ("left", "i8"),
    ("first_joined", "i8"), ("last_joined", "i8"), ("first_callable", "i8"),
    ("first_rep", "i8"), ("last_rep", "i8"), ("rank_by_name", "i8"), ("unsettled", "?"),
)  # fmt: skip
TASK, PASS, ENTRY, END = _rows_of(TASKS), _rows_of(PASSES), _rows_of(ENTRIES), np.dtype((np.record, list(ENDS)))


class State(NamedTuple):
    """One replication under way; n leads that may be alive at once, S stages, P pools, C channels, R reps ever."""

    events: Records  # EVENT, a heap by (t, key)
    leads: Records  # LEAD [n]
    links: Ints  # [n, 6] child, sibling, previous: in a line (or its heap), in the overdue heap
    counts: Ints  # [n, 2 S] tasks started, waits begun, by stage
    owners: Ints  # [n, P] rep who owns the lead in a pool
    free_places: Ints  # [n]
    pools: Records  # POOL [P]
    lines: Records  # LINE [P C + R] of teams, then of reps
    teams: Records  # TEAM [P C]
    reps: Records  # REP [R], by pool and number
    members: Ints  # [R] reps on the headcount, by team and number
    tasks: Records  # TASK
    passes: Records  # PASS
    entries: Records  # ENTRY
    ends: Records  # END


class Newcomers(NamedTuple):
    """Columns of all leads of a replication; `joining` names the rows that join a queue, in the order of joining."""

    joining: Indices
    id: Ids
    channel: Shorts
    quality: Floats
    noise: Floats
    score: Floats
    entries_before: Shorts
    joins_at: Floats
    pass_started: Floats
    gives_up: Floats


ARRAYS = (*Rules._fields, *State._fields, *Newcomers._fields, *Tables._fields[1:])
RUN = record(
    ("t", "f8"), ("start_h", "f8"), ("end_h", "f8"), ("seed", "i8"), ("replication", "i8"),
    ("phase", "i8"), ("unsettled", "i8"),  # phase in force; pools that take part in this instant's assignment
    ("full", "?"),  # some array had no room left: nothing of this run counts
    ("channels", "i8"), ("stages", "i8"), ("pools", "i8"), ("reps", "i8"), ("phases", "i8"), ("changes", "i8"),
    ("newcomers", "i8"), ("arrived", "i8"),
    ("event_room", "i8"), ("place_room", "i8"),  # of events, of leads
    ("task_room", "i8"), ("row_room", "i8"),  # of rows of tasks, of every other ledger table
    ("n_events", "i8"), ("n_used", "i8"), ("n_free", "i8"),  # in the heap; places used so far, of these free again
    ("n_tasks", "i8"), ("n_passes", "i8"), ("n_entries", "i8"), ("n_ends", "i8"),  # rows written
    *((f"{name}_at", "i8") for name in ARRAYS),  # where each array is in memory
)  # fmt: skip


def bind(run: Run, arrays: NamedTuple) -> None:
    """Let the run find the arrays of a named tuple; the caller keeps them as long as the run."""
    for name, array in zip(arrays._fields, arrays, strict=True):
        if isinstance(array, np.ndarray):
            run[f"{name}_at"] = address_of(array)


def new_run(plan: Plan, seed: int, replication: int, rules: Rules, tables: Tables) -> Run:
    """Return the record at the start of a simulation, bound to the plan's rules."""
    run = np.zeros(1, RUN)[0]
    run.t, run.start_h, run.end_h, run.seed, run.replication = plan.start_h, plan.start_h, plan.end_h, seed, replication
    run.channels, run.stages, run.pools = max(len(plan.channels), 1), len(plan.stages), len(plan.pools)
    run.reps, run.phases, run.changes = plan.roster.pool.size, len(plan.phases), rules.changes_h.size
    bind(run, rules)
    bind(run, tables)
    return run


def new_state(plan: Plan, run: Run, leads: int, written: int, room: float) -> State:
    """Return the arrays at the start, before anybody is on the headcount; the run is bound to them.

    `leads` is how many can be alive at once, `written` how many rows a ledger table has already; `room` scales the
    arrays whose lengths nobody knows beforehand. They are laid out generously: memory that nothing was written to is
    not used.
    """
    pools, stages, teams = run.pools, run.stages, run.pools * run.channels
    reps = _reps(plan, teams)
    places, rows = leads + 1, written + int(room * (4 * leads + 1024))
    tasks = int(room * ((2 + 2 * stages) * leads + 1024))
    state = State(
        events=np.empty(int(room * (4 * leads + 1024 + 4 * pools + 2 * reps.size)), EVENT),
        leads=np.empty(places, LEAD),
        links=np.empty((places, 6), np.int64),
        counts=np.empty((places, 2 * stages), np.int64),
        owners=np.empty((places, pools), np.int64),
        free_places=np.empty(places, np.int64),
        pools=_pools(plan, run, reps),
        lines=np.full(teams + reps.size, np.array((-1, -1, -1, 0), LINE)),
        teams=np.full(teams, np.array((-1, -1, -1, 0, 0, -1), TEAM)),
        reps=reps,
        members=np.empty(reps.size, np.int64),
        tasks=np.empty(tasks, TASK),
        passes=np.empty(rows, PASS),
        entries=np.empty(rows, ENTRY),
        ends=np.empty(leads, END),
    )
    run.event_room, run.place_room, run.task_room, run.row_room = state.events.size, leads, tasks, rows
    bind(run, state)
    return state


def _reps(plan: Plan, first_line: int) -> Records:
    """Return every rep who is ever on the headcount, by pool and number."""
    roster = plan.roster
    order = np.lexsort((roster.number, roster.pool))
    reps = np.zeros(order.size, REP)
    for name in ("pool", "number", "position", "joins_h", "leaves_h", "start_at", "ramp_days"):
        reps[name] = getattr(roster, name)[order]
    reps["idle_since"] = reps["joins_h"]
    reps["line"] = first_line + np.arange(order.size)
    for name in ("next_free", "previous_free", "next_callable", "previous_callable"):
        reps[name] = -1
    return reps


def _pools(plan: Plan, run: Run, reps: Records) -> Records:
    """Return every pool, empty and closed."""
    pools = np.zeros(run.pools, POOL)
    pools["changed_at"] = run.start_h
    pools["opened"] = pools["shuts"] = -np.inf
    pools["calendar"] = -1
    for name in ("first_joined", "last_joined", "first_callable"):
        pools[name] = -1
    pools["rank_by_name"] = np.argsort(np.argsort(np.array(plan.pools)))
    pools["first_rep"] = np.searchsorted(reps["pool"], np.arange(pools.size))
    pools["last_rep"] = np.searchsorted(reps["pool"], np.arange(pools.size), side="right")
    return pools


# ---------------------------------------------------------------------- the way from a run to what changes

event_at = rows("events", EVENT)
lead_at = rows("leads", LEAD)
line_at = rows("lines", LINE)
team_at = rows("teams", TEAM)
rep_at = rows("reps", REP)
pool_at = rows("pools", POOL)
task_at, pass_at, entry_at, end_at = (
    rows("tasks", TASK),
    rows("passes", PASS),
    rows("entries", ENTRY),
    rows("ends", END),
)


@compiled
def links_of(s: Run) -> Ints:
    """Return of leads: child, sibling and previous in a line, then in the overdue heap."""
    return array_at(s.links_at, (MANY, 6), np.int64)


@compiled
def counts_of(s: Run) -> Ints:
    """Return of leads, by stage: tasks started, waits begun."""
    return array_at(s.counts_at, (MANY, 2 * s.stages), np.int64)


@compiled
def owners_of(s: Run) -> Ints:
    """Return of leads, by pool: the rep who owns it."""
    return array_at(s.owners_at, (MANY, s.pools), np.int64)


@compiled
def members_of(s: Run) -> Ints:
    """Return the reps on the headcount, by team and number."""
    return array_at(s.members_at, MANY, np.int64)


@compiled
def free_places_of(s: Run) -> Ints:
    """Return the places that leads have left."""
    return array_at(s.free_places_at, MANY, np.int64)


# ---------------------------------------------------------------------- the way from a run to the rules

acceptance_in = rows("acceptance", ACCEPTANCE)
stage_rules = rows("stage_rules", STAGE, "stages")
pool_rules = rows("pool_rules", POOL_RULES, "pools")
fit_of = rows("fits", FIT, "pools", "channels")
speed_of = rows("speed", EFFECT, "channels")
home_pool = rows("home_pool", np.int64, "channels", "stages")
stage_hash = rows("stage_hash", np.uint64)
whole_at = rows("whole", np.int64)
by_name = rows("by_name", np.int64)
change_h, change_in = rows("changes_h", np.float64), rows("changes_in", np.int64)
hours_of = rows("hours", HOURS)


@compiled
def part(start: int, first: int, last: int) -> Floats:
    """Return a part of the numbers that lie at an address."""
    return array_at(start + 8 * first, last - first, np.float64)


@compiled
def openings(s: Run, calendar: int) -> tuple[Floats, Floats]:
    """Return (opens, closes) of a calendar, in hours."""
    hours = hours_of(s, calendar)
    return part(s.opens_at, hours.first, hours.last), part(s.closes_at, hours.first, hours.last)


@compiled
def tables(s: Run) -> Tables:
    """Return the rules of everything before the queue, as `engine.rules` wants them."""
    return Tables(
        s.end_h,
        by_phase(s),
        array_at(s.by_channel_at, (s.phases, s.channels), CHANNEL),
        array_at(s.batch_h_at, MANY, np.float64),
        array_at(s.opens_at, MANY, np.float64),
        array_at(s.closes_at, MANY, np.float64),
        array_at(s.choice_values_at, MANY, np.float64),
        array_at(s.choice_cumulative_at, MANY, np.float64),
    )


@compiled
def by_phase(s: Run) -> Records:
    """Return the rules of each phase before the queue, its start among them."""
    return array_at(s.by_phase_at, s.phases, PHASE)


# ---------------------------------------------------------------------- the way from a run to newcomers

joining_at = rows("joining", np.int32)
id_of, channel_of, entries_before = rows("id", np.uint64), rows("channel", np.int16), rows("entries_before", np.int16)


@compiled
def joining(s: Run, k: int) -> int:
    """Return the row of the k-th newcomer to join a queue."""
    return int(np.int64(joining_at(s, k)))


@compiled
def known(column: int, row: int) -> float:
    """Return what is known of a newcomer from the column of floats at an address."""
    return float(array_at(column, MANY, np.float64)[row])
