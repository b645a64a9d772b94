"""The way from a run to its records and numbers: one short function for each array."""

from __future__ import annotations

from typing import Any

import numpy as np

from simfunnel.arrays import Floats, Ints, Records
from simfunnel.engine import rule_records as table
from simfunnel.engine.compiled import rules_table as rule
from simfunnel.engine.compiled import state
from simfunnel.engine.compiled.state import Run
from simfunnel.engine.rule_records import Tables
from simfunnel.jit import MANY as MANY
from simfunnel.jit import array_at, compiled

EVENT, LEAD, LINE, TEAM, REP, POOL = state.EVENT, state.LEAD, state.LINE, state.TEAM, state.REP, state.POOL
TASK, PASS, ENTRY, END = state.TASK, state.PASS, state.ENTRY, state.END
PHASE, STAGE, POOL_RULES, FIT, EFFECT, HOURS = (
    rule.PHASE, rule.STAGE, rule.POOL_RULES, rule.FIT, rule.EFFECT, rule.HOURS,
)  # fmt: skip
EARLY_PHASE, EARLY_CHANNEL = table.PHASE, table.CHANNEL  # before the queue

# ---------------------------------------------------------------------- what changes


@compiled
def event_at(s: Run, i: int) -> Any:
    """A node of the event heap."""
    return array_at(s.events_at, MANY, EVENT)[i]


@compiled
def lead_at(s: Run, i: int) -> Any:
    """A lead that lives."""
    return array_at(s.leads_at, MANY, LEAD)[i]


@compiled
def line_at(s: Run, i: int) -> Any:
    """A line of waiting leads."""
    return array_at(s.lines_at, MANY, LINE)[i]


@compiled
def team_at(s: Run, i: int) -> Any:
    """A team of a pool."""
    return array_at(s.teams_at, MANY, TEAM)[i]


@compiled
def rep_at(s: Run, i: int) -> Any:
    """A rep."""
    return array_at(s.reps_at, MANY, REP)[i]


@compiled
def pool_at(s: Run, i: int) -> Any:
    """A pool."""
    return array_at(s.pools_at, MANY, POOL)[i]


@compiled
def task_at(s: Run, i: int) -> Any:
    """A row of `tasks`."""
    return array_at(s.tasks_at, MANY, TASK)[i]


@compiled
def pass_at(s: Run, i: int) -> Any:
    """A row of `passes`."""
    return array_at(s.passes_at, MANY, PASS)[i]


@compiled
def entry_at(s: Run, i: int) -> Any:
    """A row of `entries`."""
    return array_at(s.entries_at, MANY, ENTRY)[i]


@compiled
def end_at(s: Run, i: int) -> Any:
    """What became of a lead."""
    return array_at(s.ends_at, MANY, END)[i]


@compiled
def links_of(s: Run) -> Ints:
    """Of leads: child, sibling and previous in a line, then in the overdue heap."""
    return array_at(s.links_at, (MANY, 6), np.int64)


@compiled
def counts_of(s: Run) -> Ints:
    """Of leads, by stage: tasks started, waits begun."""
    return array_at(s.counts_at, (MANY, 2 * s.stages), np.int64)


@compiled
def owners_of(s: Run) -> Ints:
    """Of leads, by pool: the rep who owns it."""
    return array_at(s.owners_at, (MANY, s.pools), np.int64)


@compiled
def members_of(s: Run) -> Ints:
    """Reps on the headcount, by team and number."""
    return array_at(s.members_at, MANY, np.int64)


@compiled
def rows_of(s: Run, leads: Ints) -> Ints:
    """Places of leads in lead order (created, then id), which is that of their rows."""
    rows = np.empty(leads.size, np.int64)
    for i in range(leads.size):
        rows[i] = lead_at(s, leads[i]).row
    return rows


@compiled
def take_place(s: Run) -> int:
    """A place for a lead that begins to live: one that is free again, else a new one."""
    if s.n_free > 0:
        s.n_free -= 1
        return int(array_at(s.free_places_at, MANY, np.int64)[s.n_free])
    if s.n_used >= s.place_room:
        s.full = True
        return int(s.place_room)
    s.n_used += 1
    return int(s.n_used - 1)


@compiled
def leave_place(s: Run, lead: int) -> None:
    """The lead in this place lives no more."""
    lead_at(s, lead).alive = False
    array_at(s.free_places_at, MANY, np.int64)[s.n_free] = lead
    s.n_free += 1


# ---------------------------------------------------------------------- the rules


@compiled
def phase_rules(s: Run, f: int) -> Any:
    """The rules of a phase for all."""
    return array_at(s.phase_rules_at, MANY, PHASE)[f]


@compiled
def stage_rules(s: Run, f: int, stage: int) -> Any:
    """The rules of a stage in a phase."""
    return array_at(s.stage_rules_at, (MANY, s.stages), STAGE)[f, stage]


@compiled
def pool_rules(s: Run, f: int, pool: int) -> Any:
    """The rules of a pool in a phase."""
    return array_at(s.pool_rules_at, (MANY, s.pools), POOL_RULES)[f, pool]


@compiled
def fit_of(s: Run, f: int, pool: int, channel: int) -> Any:
    """What a channel's leads are to a pool's reps in a phase."""
    return array_at(s.fits_at, (MANY, s.pools, s.channels), FIT)[f, pool, channel]


@compiled
def speed_of(s: Run, f: int, channel: int) -> Any:
    """What a quick first contact does for a channel's leads in a phase."""
    return array_at(s.speed_at, (MANY, s.channels), EFFECT)[f, channel]


@compiled
def hours_of(s: Run, calendar: int) -> Any:
    """Where a calendar's open intervals are."""
    return array_at(s.hours_at, MANY, HOURS)[calendar]


@compiled
def by_name(s: Run) -> Ints:
    """Pools in the order of their names."""
    return array_at(s.by_name_at, s.pools, np.int64)


@compiled
def changes_h(s: Run) -> Floats:
    """Hours at which somebody joins or leaves a headcount."""
    return array_at(s.changes_h_at, s.changes, np.float64)


@compiled
def changes_in(s: Run) -> Ints:
    """The pool of each of these changes."""
    return array_at(s.changes_in_at, s.changes, np.int64)


@compiled
def home_pool(s: Run, f: int, channel: int, stage: int) -> int:
    """The pool that works a stage for a channel in a phase, -1 when nobody needs to."""
    return int(array_at(s.home_pool_at, (MANY, s.channels, s.stages), np.int64)[f, channel, stage])


@compiled
def homes_differ(s: Run, f: int, g: int) -> bool:
    """Whether some stage has another pool in phase `f` than in phase `g`."""
    for channel in range(s.channels):
        for stage in range(s.stages):
            if home_pool(s, f, channel, stage) != home_pool(s, g, channel, stage):
                return True
    return False


@compiled
def stage_hash(s: Run, stage: int) -> int:
    """The stage's name in keys of luck."""
    return array_at(s.stage_hash_at, MANY, np.uint64)[stage]  # type: ignore[no-any-return]


@compiled
def wholes(s: Run) -> Ints:
    """The long list of whole numbers that rules point into."""
    return array_at(s.whole_at, MANY, np.int64)


@compiled
def numbers(s: Run, first: int, last: int) -> Floats:
    """A part of the long list of numbers that rules point into."""
    return array_at(s.numbers_at + 8 * first, last - first, np.float64)


@compiled
def openings(s: Run, calendar: int) -> tuple[Floats, Floats]:
    """(opens, closes) of a calendar, in hours."""
    hours = hours_of(s, calendar)
    n = hours.last - hours.first
    opens = array_at(s.opens_at + 8 * hours.first, n, np.float64)
    return opens, array_at(s.closes_at + 8 * hours.first, n, np.float64)


@compiled
def tables(s: Run) -> Tables:
    """The rules of everything before the queue, as `engine.rules` wants them."""
    return Tables(
        s.end_h,
        by_phase(s),
        array_at(s.by_channel_at, (s.phases, s.channels), EARLY_CHANNEL),
        array_at(s.batch_h_at, MANY, np.float64),
        array_at(s.opens_at, MANY, np.float64),
        array_at(s.closes_at, MANY, np.float64),
        array_at(s.choice_values_at, MANY, np.float64),
        array_at(s.choice_cumulative_at, MANY, np.float64),
    )


@compiled
def by_phase(s: Run) -> Records:
    """The rules of each phase before the queue, its start among them."""
    return array_at(s.by_phase_at, s.phases, EARLY_PHASE)
