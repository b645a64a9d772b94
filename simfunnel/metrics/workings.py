"""What a task's odds and time are made of, part by part, by the rules of a plan: why the same task went otherwise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.ledger import Ledger
from simfunnel.plan.model import OWNED_BY_REP, Load, Plan, PoolRules

NO_TEAM = -1
NO_POOL = -1


class Task(NamedTuple):
    """Tasks of leads under one plan, columns of equal length; nan where a lead has none."""

    stage: Floats
    pool: Floats
    rep: Floats
    started: Floats
    response: Floats  # hours from the pass's start to its first contact


class Parts(NamedTuple):
    """By lead: log-odds that a plan's rules add, and logarithms of what they do to the time of work."""

    intercept: Floats
    slope: Floats  # log-odds a standard deviation of quality
    response: Floats
    skill_odds: Floats
    skill_time: Floats
    own: Bools  # the rep is of the lead's own team
    own_odds: Floats  # what that brings where it is so
    own_time: Floats
    structure: Ints
    rules: Ints  # position in the plan's list of (phase, stage)
    team: Ints  # position in the plan's list of (phase, pool), -1 without


def parts_of(plan: Plan, channel: Ints, tasks: Task) -> Parts:
    """Return what the rules of a plan bring to tasks; zeros where there is no task or no rep."""
    count, stages, pools = len(channel), len(plan.stages), len(plan.pools)
    known = ~np.isnan(tasks.started) & ~np.isnan(tasks.stage)
    phase = np.maximum(np.searchsorted(plan.switches_h, tasks.started, side="right") - 1, 0)
    phase = np.where(known, np.minimum(phase, len(plan.phases) - 1), 0)
    stage = np.where(known, np.nan_to_num(tasks.stage), 0).astype(np.int64)
    pool = np.where(known, np.nan_to_num(tasks.pool, nan=NO_POOL), NO_POOL).astype(np.int64)
    rules, team = phase * stages + stage, np.where(pool >= 0, phase * pools + pool, NO_POOL)
    flat = [each for f in plan.phases for each in f.stages]
    intercept, slope = (np.array([getattr(s, name) for s in flat]) for name in ("intercept", "log_quality_odds"))
    found = Parts(
        np.where(known, intercept[rules], 0.0),
        np.where(known, slope[rules], 0.0),
        _response(plan, channel, phase, tasks, known & (stage == 0)),
        skill_odds=np.zeros(count),
        skill_time=np.zeros(count),
        own=np.zeros(count, np.bool_),
        own_odds=np.zeros(count),
        own_time=np.zeros(count),
        structure=np.full(count, -1),
        rules=np.where(known, rules, -1),
        team=team,
    )
    _of_pools(plan, channel, tasks, found)
    return found


def _response(plan: Plan, channel: Ints, phase: Ints, tasks: Task, first: Bools) -> Floats:
    """Log-odds of how late the first contact was, at the first stage."""
    found = np.zeros(len(channel))
    channels = len(plan.channels)
    for f, c in (divmod(each, channels) for each in np.unique(phase[first] * channels + channel[first]).tolist()):
        speed = plan.phases[f].speed[c]
        at = np.flatnonzero(first & (phase == f) & (channel == c))
        if speed.strength and len(speed.hours):
            found[at] = speed.strength * np.log(np.interp(tasks.response[at], speed.hours, speed.odds))
    return found


def _of_pools(plan: Plan, channel: Ints, tasks: Task, found: Parts) -> None:
    """Fill in what reps bring."""
    roster = plan.roster
    position = np.full((len(plan.pools), int(roster.number.max(initial=-1)) + 2), -1, np.int64)
    position[roster.pool, roster.number] = roster.position  # the last of a row: nobody
    for number in np.unique(found.team[found.team >= 0]).tolist():
        f, p = divmod(int(number), len(plan.pools))
        rules, at = plan.phases[f].pools[p], np.flatnonzero(found.team == number)
        mine = channel[at]
        found.skill_odds[at], found.skill_time[at] = rules.skill_log_odds[mine], np.log(rules.skill_time[mine])
        heads = position[p, np.nan_to_num(tasks.rep[at], nan=-1).astype(np.int64)]
        team = np.append(rules.team_of, NO_TEAM)[np.where(heads < len(rules.team_of), heads, -1)]
        found.own[at] = team == mine
        found.own_odds[at], found.own_time[at] = rules.own_log_odds[mine], np.log(rules.own_time[mine])
        found.structure[at] = rules.structure


def team_rules(plan: Plan, team: int) -> PoolRules:
    """Return the rules behind a `team` of Parts."""
    f, p = divmod(team, len(plan.pools))
    return plan.phases[f].pools[p]


def loaded(load: Load) -> bool:
    """Return whether open leads change odds or work."""
    return load.strength != 0 and bool(load.odds.size or load.effort.size)


def same_load(one: Load, two: Load) -> bool:
    """Return whether open leads do the same under both."""
    tables = ("odds_at", "odds", "effort_at", "effort")
    return one.strength == two.strength and all(np.array_equal(getattr(one, n), getattr(two, n)) for n in tables)


def open_per_head(plan: Plan, ledger: Ledger, tasks: Task, team: Ints) -> Floats:
    """Open leads per head at each task's start, this lead included; of the rep, where deals are the rep's own."""
    found = np.full(len(team), np.nan)
    pool, rep = ledger.tasks["pool"].astype(np.int64), ledger.tasks["rep"].astype(np.int64)
    entered, ended = (ledger.tasks[name].astype(np.float64) for name in ("entered", "ended"))
    owned_from = np.where(_first_of_owner(ledger), ledger.tasks["started"], entered)
    roster = plan.roster
    for number in np.unique(team[team >= 0]).tolist():
        p, rules, at = int(number) % len(plan.pools), team_rules(plan, int(number)), np.flatnonzero(team == number)
        if rules.ownership == OWNED_BY_REP:
            for i in at.tolist():
                mine = (pool == p) & (rep == tasks.rep[i])
                found[i] = _open_at(owned_from[mine], ended[mine], tasks.started[i : i + 1])[0]
            continue
        here, t = pool == p, tasks.started[at]
        staff = roster.pool == p
        heads = (roster.joins_h[staff] <= t[:, None]) & (t[:, None] < roster.leaves_h[staff])
        found[at] = _open_at(entered[here], ended[here], t) / np.maximum(heads.sum(axis=1), 1)
    return found


def _first_of_owner(ledger: Ledger) -> Bools:
    """Whether a task is the first of its pass that its rep has in this pool: the lead is the rep's once it starts."""
    columns = tuple(ledger.tasks[name].astype(np.float64) for name in ("entered", "rep", "pool", "pass", "lead"))
    order = np.lexsort(columns)
    same = np.all([column[order][1:] == column[order][:-1] for column in columns[1:]], axis=0)
    first = np.ones(len(order), np.bool_)
    first[order[1:]] = ~same
    return first


def _open_at(entered: Floats, ended: Floats, t: Floats) -> Floats:
    """How many of the spans from `entered` to `ended` (nan: still going on) hold each instant."""
    begun = np.searchsorted(np.sort(entered), t, side="right")
    return np.asarray(begun - np.searchsorted(np.sort(ended), t, side="right"), np.float64)
