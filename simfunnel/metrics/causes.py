"""The first event in which two lives of the same lead differ.

Both lives are laid side by side: the scorings that qualified, the hand-offs, the tasks in their order, the stays in
nurture. What differs earliest names the cause; at one instant the order of CAUSES decides.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simfunnel.ledger import Ledger, Table
from simfunnel.ledger.columns import BALKED_TASK, BELOW, COLD, LEAKED_TASK, OPT_OUT, P_LEAKED, REJECTED_CONTACT
from simfunnel.plan.model import Floats, Ints, Plan

CAUSES = ("score", "hand-off", "acceptance", "wait", "rep", "load", "work", "odds", "nurture", "other")
SCORE, HAND_OFF, ACCEPTANCE, WAIT, REP, LOAD, WORK, ODDS, NURTURE, OTHER = range(10)
"""What differs: qualifies in one plan only, or at another time | leaks in one only, or is handed off at another time |
accepted in one only | taken, gone cold or balked at another time | a rep of other skill | other open leads per rep |
other work for the same task | other odds or exits of a stage | another stay in nurture | none of these."""

NO_TEAM = -1

OF_PASSES = ("started", "handed_off_at", "left_at", "left_to")
OF_STAYS = ("entered", "left_at", "end", "reason")
# of a task; who did it matters only by what it changes
COMPARED = ("stage", "pass", "entered", "queued", "started", "ended", "effort", "kind", "x", "decision")

Mask = NDArray[np.bool_]


class Side(NamedTuple):
    """One plan's life of the leads that are compared: tables of [leads, place in the life]; nan where there is none."""

    plan: Plan
    channel: Ints
    passes: dict[str, Floats]
    tasks: dict[str, Floats]
    entries: dict[str, Floats]


class Events(NamedTuple):
    """When the lives differ first in one respect, and by which cause; inf when they do not."""

    at: Floats
    cause: Ints


def first_causes(base: Plan, base_ledger: Ledger, a: Ints, plan: Plan, plan_ledger: Ledger, b: Ints) -> Ints:
    """Cause (a place in CAUSES) for each pair of rows a, b of the two ledgers' leads."""
    if len(a) == 0:
        return np.empty(0, np.int64)
    one, two = _side(base, base_ledger, a), _side(plan, plan_ledger, b)
    found = [*_stays(one, two), _scores(one, two), _hand_offs(one, two), _tasks(one, two)]
    at = np.array([events.at for events in found])
    cause = np.array([np.where(np.isinf(events.at), OTHER, events.cause) for events in found])
    first = np.where(at == at.min(axis=0), cause, OTHER)
    # a stay in nurture that ends at another time makes the next scoring differ, not the other way round
    early = (at[0] == at.min(axis=0)) & ~np.isinf(at[0])
    result = np.where(early, found[0].cause, first.min(axis=0))
    # the same stays and passes, but closed for another reason: the last scoring of a stay was judged differently
    return np.where((result == OTHER) & _scoring_moved(one, two), SCORE, result)


def _side(plan: Plan, ledger: Ledger, rows: Ints) -> Side:
    place = np.full(len(ledger.leads["id"]), -1, np.int64)
    place[rows] = np.arange(len(rows))
    read = ((ledger.passes, OF_PASSES), (ledger.tasks, (*COMPARED, "pool", "rep")), (ledger.entries, OF_STAYS))
    tables = (_lives(table, columns, place, len(rows)) for table, columns in read)
    return Side(plan, ledger.leads["channel"][rows].astype(np.int64), *tables)


def _lives(table: Table, columns: tuple[str, ...], place: Ints, leads: int) -> dict[str, Floats]:
    """Columns of the chosen leads as [leads, k-th row of the lead] tables."""
    lead = place[table["lead"].astype(np.int64)]
    rows = np.flatnonzero(lead >= 0)
    rows = rows[np.argsort(lead[rows], kind="stable")]
    lead = lead[rows]
    count = np.bincount(lead, minlength=leads)
    kth = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    if columns is OF_PASSES:
        kth = table["pass"][rows].astype(np.int64) - 1
    shape = (leads, int(kth.max(initial=-1)) + 1)
    lives = {}
    for name in columns:
        lives[name] = np.full(shape, np.nan)
        lives[name][lead, kth] = table[name][rows]
    return lives


def _pair(one: dict[str, Floats], two: dict[str, Floats], name: str) -> tuple[Floats, Floats]:
    """A column of both lives, padded to the same number of places."""
    a, b = one[name], two[name]
    wide = max(a.shape[1], b.shape[1])
    return _widened(a, wide), _widened(b, wide)


def _widened(table: Floats, wide: int) -> Floats:
    if table.shape[1] == wide:
        return table
    result = np.full((len(table), wide), np.nan)
    result[:, : table.shape[1]] = table
    return result


def _differs(a: Floats, b: Floats) -> Mask:
    result: Mask = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    return result


def _earliest(*times: Floats) -> Floats:
    return np.fmin.reduce(np.array(times)) if times else np.empty(0)


def _first(differs: Mask, at: Floats, cause: Ints) -> Events:
    """The first place of each lead that differs: its time (inf when none or unknown) and cause."""
    if differs.shape[1] == 0:
        return Events(np.full(len(differs), np.inf), np.full(len(differs), OTHER))
    k = differs.argmax(axis=1)
    row = np.arange(len(differs))
    found = np.where(differs[row, k], at[row, k], np.inf)
    return Events(np.where(np.isnan(found), np.inf, found), cause[row, k])


def _scores(one: Side, two: Side) -> Events:
    """A scoring qualifies in one life only, or at another time."""
    a, b = _pair(one.passes, two.passes, "started")
    return _first(_differs(a, b), _earliest(a, b), np.full(a.shape, SCORE))


def _hand_offs(one: Side, two: Side) -> Events:
    """The first hand-off of a pass leaks in one life only, or arrives at another time."""
    started = _pair(one.passes, two.passes, "started")
    a, b = _pair(one.passes, two.passes, "handed_off_at")
    left = _pair(one.passes, two.passes, "left_at")
    to = _pair(one.passes, two.passes, "left_to")
    leaked = (to[0] == P_LEAKED) & np.isnan(a), (to[1] == P_LEAKED) & np.isnan(b)
    at = _earliest(a, b, np.where(leaked[0], left[0], np.nan), np.where(leaked[1], left[1], np.nan))
    # gone cold on the way: a matter of patience when the other hand-off arrives later than that
    gone = _earliest(np.where(np.isnan(a), left[0], np.nan), np.where(np.isnan(b), left[1], np.nan))
    cold = ~leaked[0] & ~leaked[1] & (gone < at)
    differs = (_differs(a, b) | (leaked[0] != leaked[1])) & ~_differs(*started)
    return _first(differs, np.where(cold, gone, at), np.where(cold, WAIT, HAND_OFF))


def _stays(one: Side, two: Side) -> tuple[Events, Events]:
    """(a stay in nurture that both lives began together ends differently, a stay that only one of them began)."""
    entered = _pair(one.entries, two.entries, "entered")
    left = _pair(one.entries, two.entries, "left_at")
    end = _pair(one.entries, two.entries, "end")
    together = ~_differs(*entered)
    moved = _differs(*left) | (_differs(*end) & ((end[0] == OPT_OUT) | (end[1] == OPT_OUT)))
    began = _earliest(*entered)
    until = _earliest(*left)
    nurture = np.full(began.shape, NURTURE)
    scored = _earliest(*_pair(one.entries, two.entries, "reason")) <= BELOW
    cause = np.where(scored & _scoring_moved(one, two), SCORE, NURTURE)
    return _first(together & moved, until, nurture), _first(~together, began, cause)


def _scoring_moved(one: Side, two: Side) -> bool:
    return _scoring(one.plan) != _scoring(two.plan)


def _scoring(plan: Plan) -> list[list[float]]:
    """By phase, what decides which score passes, nearly passes or does not."""
    numbers = ("r_score", "score_mean", "score_per_unit", "near_miss")
    return [
        [*(getattr(phase, name) for name in numbers), *phase.threshold.tolist(), *phase.score_bias.tolist()]
        for phase in plan.phases
    ]


def _tasks(one: Side, two: Side) -> Events:
    """The first task that goes differently."""
    pairs = {name: _pair(one.tasks, two.tasks, name) for name in (*COMPARED, "pool", "rep")}
    differs: Mask = np.any([_differs(*pairs[name]) for name in COMPARED], axis=0)
    if differs.shape[1] == 0:
        return _first(differs, np.empty(differs.shape), np.empty(differs.shape, np.int64))
    k, row = differs.argmax(axis=1), np.arange(len(differs))
    here = {name: (a[row, k], b[row, k]) for name, (a, b) in pairs.items()}
    before = np.maximum(k - 1, 0)
    same_pool = (k > 0) & (pairs["pool"][0][row, before] == here["pool"][0])
    at, cause = _why(one, two, here, same_pool)
    at = np.where(differs[row, k] & ~np.isnan(at), at, np.inf)
    return Events(at, cause)


def _why(one: Side, two: Side, here: dict[str, tuple[Floats, Floats]], same_pool: Mask) -> tuple[Floats, Ints]:
    """(when, cause) of the first task that differs; rules in the order in which a task lives."""
    differ = {name: _differs(*pair) for name, pair in here.items()}
    decisions, ends = here["decision"], here["ended"]
    leaks = differ["decision"] & ((decisions[0] == LEAKED_TASK) | (decisions[1] == LEAKED_TASK))
    # where the lead left the line without a start, its end stands for the start
    left = [np.where(np.isin(d, (COLD, BALKED_TASK)), e, np.nan) for d, e in zip(decisions, ends, strict=True)]
    rejected = (decisions[0] == REJECTED_CONTACT) != (decisions[1] == REJECTED_CONTACT)
    skill = [_skill(side, here, which) for which, side in enumerate((one, two))]
    loaded = _loaded(one.plan) or _loaded(two.plan)
    moved_odds = np.where(_differs(skill[0].odds, skill[1].odds), REP, LOAD if loaded else ODDS)
    moved_work = np.where(_differs(skill[0].time, skill[1].time), REP, LOAD if loaded else WORK)
    rules_and_causes = (
        (leaks, HAND_OFF),
        (differ["entered"] | differ["queued"], np.where(same_pool, WAIT, HAND_OFF)),
        (differ["started"] | _differs(*left), WAIT),
        (rejected, ACCEPTANCE),
        (differ["x"] & ~differ["kind"], moved_odds),
        (differ["kind"] | differ["decision"], ODDS),
        (differ["effort"] | differ["ended"], moved_work),
    )
    begun = _earliest(*here["started"], *left)
    come = np.where(differ["entered"] | leaks, _earliest(*here["entered"]), _earliest(*here["queued"], begun))
    rules, causes = zip(*rules_and_causes, strict=True)
    at = np.where(leaks | differ["entered"] | differ["queued"], come, begun)
    return at, np.select(list(rules), list(causes), OTHER)


class Skill(NamedTuple):
    """What the rep brings to the lead's task: log-odds, and a factor on the time of work."""

    odds: Floats
    time: Floats


def _skill(side: Side, here: dict[str, tuple[Floats, Floats]], which: int) -> Skill:
    """Skill of the rep who did each task; that of nobody in particular where there is no task or no rep."""
    plan = side.plan
    pool, rep, started = (here[name][which] for name in ("pool", "rep", "started"))
    odds, time = np.zeros(len(pool)), np.ones(len(pool))
    phase = np.maximum(np.searchsorted(plan.switches_h, started, side="right") - 1, 0)
    position = _positions(plan)
    for f, p in itertools.product(range(len(plan.phases)), range(len(plan.pools))):
        at = np.flatnonzero((phase == f) & (pool == p) & ~np.isnan(started))
        if len(at) == 0:
            continue
        rules, channel = plan.phases[f].pools[p], side.channel[at]
        odds[at], time[at] = rules.skill_log_odds[channel], rules.skill_time[channel]
        heads = position[p, rep[at].astype(np.int64)]
        team = np.append(rules.team_of, NO_TEAM)[np.where(heads < len(rules.team_of), heads, -1)]
        own = team == channel
        odds[at] += np.where(own, rules.own_log_odds[channel], 0.0)
        time[at] *= np.where(own, rules.own_time[channel], 1.0)
    return Skill(odds, time)


def _positions(plan: Plan) -> Ints:
    """[pools, rep numbers + 1] place on the headcount of every rep, -1 where there is none (the last: nobody)."""
    roster = plan.roster
    places = np.full((len(plan.pools), int(roster.number.max(initial=-1)) + 2), -1, np.int64)
    places[roster.pool, roster.number] = roster.position
    return places


def _loaded(plan: Plan) -> bool:
    """Whether open leads per rep change odds or work anywhere in a plan."""
    loads = (rules.load for phase in plan.phases for rules in phase.pools)
    return any(load.strength != 0 and (load.odds.size or load.effort.size) for load in loads)
