"""The first event in which two lives of the same lead differ, and which way.

Both lives are laid side by side: the scorings that qualified, the hand-offs, the tasks in their order, the stays in
nurture. What differs earliest names the cause; at one instant the order of KINDS decides. Which way it differs is
measured on the lead: sooner or later, more or less, better or worse odds. What merely comes at another time is no cause
where the lives part later by what no time can do: another judgement, a no-show, odds that a rule has moved, another
way out. Where one event may come from several fields (odds: skills, load, the stage itself), the part that moved it
most, by the rules of both plans, names it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger import columns as codes
from simfunnel.metrics.workings import Parts, Task, loaded, open_per_head, parts_of, same_load, team_rules
from simfunnel.plan.model import Plan

KINDS = (
    "score", "quality", "leak", "hand-off", "acceptance", "queue limit", "patience", "wait", "follow-up", "customer",
    "no-show", "rep", "skills", "specialised", "load", "load table", "response table", "quality odds", "work", "effort",
    "odds", "way out", "nurture", "other",
)  # fmt: skip
"""What differs: qualifies in one plan only, or at another time | the lead itself | leaks in one only | is handed off at
another time | accepted in one only | balked in one only | gives up in one only, at a time when it still waited in the
other | answered, or given up, at another time | a later task is taken at another time | comes back after another wait
or sleep | does not come in one only | another team's rep | skills of the reps | what a team's own reps gain | open
leads per rep | what these do | what a late first contact does | what quality does | other time for the same task |
other work for it | the stage's own odds | leaves a stage otherwise | another stay in nurture | none of these."""

(
    SCORE, QUALITY, LEAK, HAND_OFF, ACCEPTANCE, QUEUE_LIMIT, PATIENCE, WAIT, FOLLOW_UP, CUSTOMER,
    NOBODY, REP, SKILLS, SPECIALISED, LOAD, LOAD_TABLE, RESPONSE_TABLE, QUALITY_ODDS, WORK, EFFORT,
    ODDS, WAY_OUT, NURTURE, OTHER,
) = range(len(KINDS))  # fmt: skip

TIMES = (HAND_OFF, WAIT, FOLLOW_UP, CUSTOMER, WORK, EFFORT)
"""Kinds that only move a lead's life in time."""

UP = "up"
DOWN = "down"


def causes_of(kind: str) -> tuple[str, str, str]:
    """Return the causes of a kind: what merely differs, what is less, later or worse, and what is more, sooner or
    better."""
    return kind, f"{kind} {DOWN}", f"{kind} {UP}"


CAUSES = tuple(name for kind in KINDS for name in causes_of(kind))
"""Every kind as it is, and with the way in which it differs in the plan: less (later, worse), more (sooner, better)."""

OF_PASSES = ("started", "handed_off_at", "first_response_at", "accepted", "left_at", "left_to")
OF_STAYS = ("entered", "left_at", "end", "reason")
# of a task; who did it, and its odds, matter only by what they change
COMPARED = ("stage", "pass", "entered", "queued", "started", "ended", "effort", "kind", "decision")
LOOKED_AT = (*COMPARED, "x", "pool", "rep")

NOTHING = 1e-9

# decisions at the end of a task that a rep has done
SETTLED = (*codes.DECIDED, codes.REJECTED_CONTACT, *codes.NOT_THERE)


class Side(NamedTuple):
    """One plan's life of the leads that are compared: tables of [leads, place in the life]; nan where there is none."""

    plan: Plan
    ledger: Ledger
    channel: Ints
    created: Floats
    quality: Floats
    passes: dict[str, Floats]
    tasks: dict[str, Floats]
    entries: dict[str, Floats]

    @property
    def mean_quality(self) -> Floats:
        """Mean quality of each lead's channel when it was made."""
        return np.array([each.quality_mean for each in self.plan.phases])[self.phase, self.channel]

    @property
    def phase(self) -> Ints:
        """The plan's phase in which each lead was made."""
        return np.maximum(np.searchsorted(self.plan.switches_h, self.created, side="right") - 1, 0)


class Events(NamedTuple):
    """When the lives differ first in one respect, of which kind and which way; inf when they do not."""

    at: Floats
    kind: Ints
    way: Ints  # -1 less, later or worse in the second life, 1 more, sooner or better, 0 merely other


def first_causes(base: Plan, base_ledger: Ledger, a: Ints, plan: Plan, plan_ledger: Ledger, b: Ints) -> Ints:
    """Return the cause (a place in CAUSES) for each pair of rows a, b of the two ledgers' leads."""
    if len(a) == 0:
        return np.empty(0, np.int64)
    one, two = _side(base, base_ledger, a), _side(plan, plan_ledger, b)
    tasks = {name: _pair(one.tasks, two.tasks, name) for name in LOOKED_AT}
    found = [*_stays(one, two), _hand_offs(one, two), _tasks(one, two, tasks)]
    at = np.array([events.at for events in found])
    kind = np.array([np.where(np.isinf(events.at), OTHER, events.kind) for events in found])
    first = np.where(at == at.min(axis=0), kind, OTHER)
    # a stay in nurture that ends at another time makes the next scoring differ, not the other way round
    early = (at[0] == at.min(axis=0)) & ~np.isinf(at[0])
    which = np.where(early, 0, first.argmin(axis=0))
    row = np.arange(len(a))
    kind, way = kind[which, row], np.array([events.way for events in found])[which, row]
    # another time is no cause where the lives part later by what no time can do
    for parting in (_parting(one, two, tasks), _dropped(one, two)):
        later = np.isin(kind, TIMES) & ~np.isinf(parting.at)
        kind, way = np.where(later, parting.kind, kind), np.where(later, parting.way, way)
    # the same stays and passes, but closed for another reason: the last scoring of a stay was judged differently
    judged = (kind == OTHER) & _scoring_moved(one, two)
    before, then = _standard_threshold(one), _standard_threshold(two)
    easier = (then < before).astype(np.int64) - (then > before).astype(np.int64)
    kind, way = np.where(judged, SCORE, kind), np.where(judged, easier, way)
    itself, better = _of_quality(one, two, kind)
    kind, way = np.where(itself, QUALITY, kind), np.where(itself, better, way)
    return np.asarray(3 * kind + np.where(way < 0, 1, np.where(way > 0, 2, 0)))


def _of_quality(one: Side, two: Side, kind: Ints) -> tuple[Bools, Ints]:
    """Where a lead is judged otherwise because it is another lead: not where the threshold moved as well; which way."""
    better = np.sign(two.mean_quality - one.mean_quality).astype(np.int64)
    itself = (better != 0) & ((kind == ACCEPTANCE) | ((kind == SCORE) & (not _scoring_moved(one, two))))
    if _lifted(one, two):
        gained = np.sign(two.quality - one.quality).astype(np.int64)
        itself |= (gained != 0) & (kind == ACCEPTANCE)
        better = np.where(better == 0, gained, better)
    return itself, better


def _lifted(one: Side, two: Side) -> bool:
    """Whether nurture does something else to quality in the second plan."""
    lifts = [[repr(phase.quality_lift) for phase in side.plan.phases] for side in (one, two)]
    return set(lifts[0]) != set(lifts[1])


def _side(plan: Plan, ledger: Ledger, rows: Ints) -> Side:
    place = np.full(len(ledger.leads["id"]), -1, np.int64)
    place[rows] = np.arange(len(rows))
    read = ((ledger.passes, OF_PASSES), (ledger.tasks, LOOKED_AT), (ledger.entries, OF_STAYS))
    tables = (_lives(table, columns, place, len(rows)) for table, columns in read)
    created, quality = (ledger.leads[name][rows].astype(np.float64) for name in ("created", "quality"))
    return Side(plan, ledger, ledger.leads["channel"][rows].astype(np.int64), created, quality, *tables)


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


def _pair(one: dict[str, Floats], two: dict[str, Floats], name: str) -> Floats:
    """[2, leads, places] a column of both lives, padded to the same number of places."""
    lives = one[name], two[name]
    pair = np.full((2, len(lives[0]), max(life.shape[1] for life in lives)), np.nan)
    for padded, life in zip(pair, lives, strict=True):
        padded[:, : life.shape[1]] = life
    return pair


def _differs(a: Floats, b: Floats) -> Bools:
    result: Bools = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    return result


def _earliest(*times: Floats) -> Floats:
    return np.fmin.reduce(np.array(times)) if times else np.empty(0)


def _first(differs: Bools, at: Floats, kind: Ints, way: Ints) -> Events:
    """The first place of each lead that differs: its time (inf when none or unknown), kind and way."""
    if differs.shape[1] == 0:
        none = np.zeros(len(differs), np.int64)
        return Events(np.full(len(differs), np.inf), none + OTHER, none)
    k = differs.argmax(axis=1)
    row = np.arange(len(differs))
    found = np.where(differs[row, k], at[row, k], np.inf)
    return Events(np.where(np.isnan(found), np.inf, found), kind[row, k], way[row, k])


def _sooner(pair: Floats) -> Ints:
    """1 where an instant of the second life is sooner, or is there at all, -1 where it is later or not there."""
    known = np.where(np.isnan(pair), np.inf, pair)
    return np.asarray((known[1] < known[0]).astype(np.int64) - (known[1] > known[0]).astype(np.int64))


def _only(one: Bools, two: Bools) -> Ints:
    """1 where only the second life has something, -1 where only the first has it."""
    return two.astype(np.int64) - one.astype(np.int64)


def _hand_offs(one: Side, two: Side) -> Events:
    """The first hand-off of a pass leaks in one life only, or arrives at another time."""
    started, came, left, to = (
        _pair(one.passes, two.passes, name) for name in ("started", "handed_off_at", "left_at", "left_to")
    )
    missing = np.isnan(came)
    leaked = (to == codes.P_LEAKED) & missing
    at = _earliest(*came, *np.where(leaked, left, np.nan))
    # gone cold on the way: a matter of patience when the other hand-off arrives later than that
    cold = np.where(missing & ~leaked, left, np.nan)
    gone = _earliest(*cold)
    impatient = ~leaked.any(axis=0) & (gone < at)
    other = leaked[0] != leaked[1]
    differs = (_differs(*came) | other) & ~_differs(*started)
    kind = np.where(impatient, PATIENCE, np.where(other, LEAK, HAND_OFF))
    way = np.where(impatient, _only(*~np.isnan(cold[::-1])), _sooner(came))
    return _first(differs, np.where(impatient, gone, at), kind, np.where(kind == LEAK, _only(*leaked), way))


def _stays(one: Side, two: Side) -> tuple[Events, Events, Events]:
    """(a stay in nurture that both lives began together ends differently, one that only one of them began, a scoring).

    A stay that a scoring began in one life only goes the way of that scoring: less where the other life has a pass.
    """
    started = _pair(one.passes, two.passes, "started")
    scores = _first(_differs(*started), _earliest(*started), np.full(started[0].shape, SCORE), _sooner(started))
    entered, left, end, reason = (
        _pair(one.entries, two.entries, name) for name in ("entered", "left_at", "end", "reason")
    )
    together, out = ~_differs(*entered), end == codes.OPT_OUT
    moved = _differs(*left) | (_differs(*end) & out.any(axis=0))
    back = np.where(out[0] != out[1], _only(*out[::-1]), _sooner(left))
    began, until, scored = _earliest(*entered), _earliest(*left), _earliest(*reason) <= codes.BELOW
    kind = np.where(scored & _scoring_moved(one, two), SCORE, NURTURE)
    with_pass = (kind == SCORE) & (began == scores.at[:, None])
    way = np.where(with_pass, scores.way[:, None], _sooner(entered))
    nurture = np.full(began.shape, NURTURE)
    return _first(together & moved, until, nurture, back), _first(~together, began, kind, way), scores


def _scoring_moved(one: Side, two: Side) -> bool:
    return _scoring(one.plan) != _scoring(two.plan)


def _standard_threshold(side: Side) -> Floats:
    """Standard deviations above the mean score from which each lead qualifies, by the rules when it was made."""
    found = [(f.threshold - f.score_mean - f.score_bias) / f.score_per_unit for f in side.plan.phases]
    return np.array(found)[side.phase, side.channel]


def _scoring(plan: Plan) -> list[list[float]]:
    """By phase, what decides which score passes, nearly passes or does not."""
    numbers = ("r_score", "score_mean", "score_per_unit", "near_miss")
    return [
        [*(getattr(phase, name) for name in numbers), *phase.threshold.tolist(), *phase.score_bias.tolist()]
        for phase in plan.phases
    ]


# --- the first task that goes differently -----------------------------------------------------------------------------


class Here(NamedTuple):
    """The first task of each lead that differs: its columns in both lives, and what stood before it."""

    columns: dict[str, Floats]  # [2, leads]
    tasks: tuple[Task, Task]
    parts: tuple[Parts, Parts]
    again: Bools  # the task before was at the same stage of the same pass: a no-show, or a deal that slept
    same_pool: Bools

    def differ(self, name: str) -> Bools:
        """Return whether a column differs."""
        return _differs(*self.columns[name])


def _tasks(one: Side, two: Side, pairs: dict[str, Floats]) -> Events:
    """The first task that goes differently."""
    differs: Bools = np.any([_differs(*pairs[name]) for name in COMPARED], axis=0)
    here = _here(one, two, pairs, differs)
    if here is None:
        none = np.zeros(len(differs), np.int64)
        return Events(np.full(len(differs), np.inf), none + OTHER, none)
    at, kind, way = _why(one, two, here)
    return Events(np.where(differs.any(axis=1) & ~np.isnan(at), at, np.inf), kind, way)


def _parting(one: Side, two: Side, pairs: dict[str, Floats]) -> Events:
    """The first task that is judged or decided otherwise for another reason than its time; inf where none is."""
    differs = _differs(*pairs["decision"])
    here = _here(one, two, pairs, differs)
    none = np.zeros(len(differs), np.int64)
    if here is None:
        return Events(np.full(len(differs), np.inf), none + OTHER, none)
    decision = here.columns["decision"]
    both = np.isin(decision, SETTLED).all(axis=0)
    both &= differs.any(axis=1) & ~here.differ("stage") & ~here.differ("pass")
    rejected, nobody, advanced, lost = (
        np.isin(decision, like) for like in (codes.REJECTED_CONTACT, codes.NOT_THERE, codes.ADVANCED, codes.LOSING)
    )
    (kind, way), parts = _odds(one, two, here), _parts_of_odds(one, two, here)
    # some part of the odds other than the answer's time goes the way of the decision, and most of all
    better = np.where(decision[1] == codes.ADVANCED, 1, -1)
    by_rules = np.array([part * better for each, part in parts.items() if each != RESPONSE_TABLE]).max(axis=0)
    moved = by_rules > np.maximum(parts[RESPONSE_TABLE] * better, NOTHING)
    apart = [rejected[0] != rejected[1], nobody[0] != nobody[1], (advanced[0] != advanced[1]) & moved,
             ~advanced.any(axis=0) & (lost[0] != lost[1])]  # fmt: skip
    kind = np.select(apart, [none + ACCEPTANCE, none + NOBODY, kind, none + WAY_OUT], OTHER)
    ways = [_only(*each[::-1]) for each in (rejected, nobody, lost)]
    way = np.select(apart, [*ways[:2], way, ways[2]], 0)
    ended = _earliest(*here.columns["ended"])
    return Events(np.where(both & np.any(apart, axis=0), ended, np.inf), kind, way)


def _dropped(one: Side, two: Side) -> Events:
    """A lead that sales rejects in both lives goes to nurture in one of them only; inf where there is none."""
    to = _pair(one.passes, two.passes, "left_to")
    accepted = _pair(one.passes, two.passes, "accepted")
    nurtured, rejected = to == codes.P_NURTURE, (accepted == 0).all(axis=0)
    at = _earliest(*_pair(one.passes, two.passes, "left_at"))
    return _first(rejected & (nurtured[0] != nurtured[1]), at, np.full(at.shape, NURTURE), _only(*nurtured))


def _here(one: Side, two: Side, pairs: dict[str, Floats], differs: Bools) -> Here | None:
    """The first task of each lead in `differs`, and what stood before it; None where no lead has a task."""
    if differs.shape[1] == 0:
        return None
    k, row = differs.argmax(axis=1), np.arange(len(differs))
    columns = {name: pair[:, row, k] for name, pair in pairs.items()}
    before = {name: pairs[name][0][row, np.maximum(k - 1, 0)] for name in ("stage", "pass", "pool")}
    stage, pass_ = (_earliest(*columns[name]) for name in ("stage", "pass"))
    again = (k > 0) & (before["stage"] == stage) & (before["pass"] == pass_)
    tasks = []
    for which, side in enumerate((one, two)):
        at, pool, rep, started = (columns[name][which] for name in ("stage", "pool", "rep", "started"))
        place = np.maximum(np.nan_to_num(columns["pass"][which], nan=1.0).astype(np.int64) - 1, 0)
        began, met = side.passes["started"], side.passes["first_response_at"]
        waited = met[row, place] - began[row, place] if began.shape[1] else np.full(len(row), np.nan)
        tasks.append(Task(at, pool, rep, started, waited))
    parts = tuple(parts_of(side.plan, side.channel, task) for side, task in zip((one, two), tasks, strict=True))
    same_pool = (k > 0) & (before["pool"] == _earliest(*columns["pool"]))
    return Here(columns, (tasks[0], tasks[1]), (parts[0], parts[1]), again, same_pool)


def _why(one: Side, two: Side, here: Here) -> tuple[Floats, Ints, Ints]:
    """(when, kind, way) of the first task that differs; rules in the order in which a task lives."""
    columns, differ = here.columns, here.differ
    decisions, ends, started = columns["decision"], columns["ended"], columns["started"]
    leaked, rejected, nobody, balked, cold = (
        columns[name] == code
        for name, code in (
            ("decision", codes.LEAKED_TASK), ("decision", codes.REJECTED_CONTACT), ("kind", codes.NO_SHOW),
            ("decision", codes.BALKED_TASK), ("decision", codes.COLD),
        )
    )  # fmt: skip
    # where the lead left the line without a start, its end stands for the start
    left = np.where(cold | balked, ends, np.nan)
    came = differ("entered") | differ("queued")
    late, waiting = _came_late(one, two, here), _waited(here, cold)
    odds, time = _odds(one, two, here), _time(one, two, here)
    advanced, lost = decisions == codes.ADVANCED, np.isin(decisions, codes.LOSING)
    rules = (
        (differ("decision") & leaked.any(axis=0), np.full(len(came), LEAK), _only(*leaked)),
        (came, *late),
        (balked[0] != balked[1], np.full(len(came), QUEUE_LIMIT), _only(*balked[::-1])),
        (differ("started") | _differs(*left), *waiting),
        (rejected[0] != rejected[1], np.full(len(came), ACCEPTANCE), _only(*rejected[::-1])),
        (nobody[0] != nobody[1], np.full(len(came), NOBODY), _only(*nobody[::-1])),
        (differ("decision") & (advanced[0] != advanced[1]), *odds),
        (differ("decision"), np.full(len(came), WAY_OUT), _only(*lost[::-1])),
        (differ("effort") | differ("ended"), *time),
    )
    begun = _earliest(*started, *left)
    leaks = rules[0][0]
    arrived = np.where(differ("entered") | leaks, _earliest(*columns["entered"]), _earliest(*columns["queued"], begun))
    hold = [rule[0] for rule in rules]
    kind = np.select(hold, [rule[1] for rule in rules], OTHER)
    return np.where(leaks | came, arrived, begun), kind, np.select(hold, [rule[2] for rule in rules], 0)


def _came_late(one: Side, two: Side, here: Here) -> tuple[Ints, Ints]:
    """A task that comes up at another time: by the customer's wait or sleep, else by the hand-off."""
    moved = here.differ("entered")
    way = np.where(moved, _sooner(here.columns["entered"]), _sooner(here.columns["queued"]))
    stage = np.maximum(np.nan_to_num(_earliest(*here.columns["stage"])), 0).astype(np.int64)
    waits = [np.array([[repr(s.wait) for s in f.stages] for f in side.plan.phases]) for side in (one, two)]
    changed = np.array([len(set(waits[0][:, k]) | set(waits[1][:, k])) > 1 for k in range(waits[0].shape[1])])
    customer = here.again | (~moved & (here.same_pool | changed[stage]) & (stage > 0))
    return np.where(customer, CUSTOMER, HAND_OFF), way


def _waited(here: Here, cold: Bools) -> tuple[Ints, Ints]:
    """A task that a rep takes at another time, or that the lead does not wait for."""
    started, ends = here.columns["started"], here.columns["ended"]
    both = cold.all(axis=0)
    sooner = (cold[1] & ~(ends[1] >= started[0]) & ~np.isnan(started[0])) | (both & (ends[1] < ends[0]))
    longer = (cold[0] & ~(ends[0] >= started[1]) & ~np.isnan(started[1])) | (both & (ends[1] > ends[0]))
    first = _earliest(*here.columns["stage"]) == 0
    kind = np.where(sooner | longer, PATIENCE, np.where(first & ~here.again, WAIT, FOLLOW_UP))
    return kind, np.where(sooner | longer, _only(sooner, longer), _sooner(started))


def _odds(one: Side, two: Side, here: Here) -> tuple[Ints, Ints]:
    """Whose part in the odds moved the decision: the largest part in the direction in which it went."""
    better = np.where(here.columns["decision"][1] == codes.ADVANCED, 1, -1)
    return _largest(one, two, here, _parts_of_odds(one, two, here), better, ODDS)


def _parts_of_odds(one: Side, two: Side, here: Here) -> dict[int, Floats]:
    """By how much each kind moved the log-odds of a decision, from the first life to the second."""
    a, b = here.parts
    with np.errstate(invalid="ignore"):
        stage = np.nan_to_num(b.intercept - a.intercept)
    own, rep = _own(a, b, "own_odds")
    parts = {
        QUALITY: b.slope * (two.mean_quality - one.mean_quality),
        QUALITY_ODDS: (b.slope - a.slope) * one.quality,
        SKILLS: b.skill_odds - a.skill_odds,
        SPECIALISED: own,
        REP: rep,
        RESPONSE_TABLE: b.response - a.response,
    }
    total = np.nan_to_num(here.columns["x"][1] - here.columns["x"][0])
    rest = total - np.sum(list(parts.values()), axis=0)
    rest = np.where(np.abs(rest) > NOTHING, rest, 0.0)
    if _lifted(one, two):
        again = _earliest(*here.columns["pass"]) > 1
        parts[QUALITY] = parts[QUALITY] + np.where(again, rest, 0.0)
        rest = np.where(again, 0.0, rest)
    _add_load(one, two, here, parts, rest)
    return {**parts, ODDS: stage}


def _time(one: Side, two: Side, here: Here) -> tuple[Ints, Ints]:
    """Whose part in the time of work moved its end; less time is better."""
    a, b = here.parts
    effort = here.columns["effort"]
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.nan_to_num(np.log(effort[1]) - np.log(effort[0]), posinf=0.0, neginf=0.0)
    own, rep = _own(a, b, "own_time")
    parts = {SKILLS: b.skill_time - a.skill_time, SPECIALISED: own, REP: rep}
    rest = total - np.sum(list(parts.values()), axis=0)
    known: dict[tuple[str, ...], int] = {}
    worked = _works(one, known)[a.rules] != _works(two, known)[b.rules]
    _add_load(one, two, here, parts, np.where(worked, 0.0, rest))
    parts[EFFORT] = np.where(worked, rest, 0.0)
    shorter = _sooner(here.columns["ended"])
    quicker = {kind: -part for kind, part in parts.items()}
    kind, way = _largest(one, two, here, quicker, np.where(shorter == 0, 1, shorter), WORK)
    return kind, np.where(np.isin(kind, (WORK, EFFORT)) & (shorter == 0), 0, way)


def _own(a: Parts, b: Parts, name: str) -> tuple[Floats, Floats]:
    """(what a team's own reps gain differs, another rep): parts of what own reps bring."""
    gain_a, gain_b = getattr(a, name), getattr(b, name)
    other = a.structure != b.structure
    table = np.where(other, 0.0, b.own * (gain_b - gain_a))
    return table, b.own * gain_b - a.own * gain_a - table


def _works(side: Side, known: dict[tuple[str, ...], int]) -> Ints:
    """By place in the plan's list of (phase, stage), the last for none, a number of all that decides how much work a
    task there is; `known`: of each such text so far, to which this side's are added."""
    rules = [(phase, stage) for phase in side.plan.phases for stage in phase.stages]
    works = [(s.effort, s.visit.no_show_effort, f.acceptance_effort, f.acceptance_share) for f, s in rules]
    texts: list[tuple[str, ...]] = [tuple(map(repr, work)) for work in works]
    return np.array([known.setdefault(text, len(known)) for text in [*texts, ()]])


def _add_load(one: Side, two: Side, here: Here, parts: dict[int, Floats], rest: Floats) -> None:
    """What is left over is the load's, where open leads do anything: the table's, if that was changed."""
    a, b = here.parts
    loads, tables = np.zeros(len(rest)), np.zeros(len(rest))
    both, teams = (a.team >= 0) & (b.team >= 0), b.team.max(initial=0) + 1
    for i, j in (divmod(each, int(teams)) for each in np.unique(a.team[both] * teams + b.team[both]).tolist()):
        at = (a.team == i) & (b.team == j)
        today, then = team_rules(one.plan, i).load, team_rules(two.plan, j).load
        if loaded(today) or loaded(then):
            (loads if same_load(today, then) else tables)[at] = rest[at]
    parts[LOAD], parts[LOAD_TABLE] = loads, tables


def _largest(one: Side, two: Side, here: Here, parts: dict[int, Floats], better: Ints, usual: int) -> tuple[Ints, Ints]:
    """(kind, way) of the largest part that goes the way of `better` (1 or -1), else of any; `usual` without one."""
    kinds, values = np.array(list(parts)), np.array(list(parts.values()))
    aligned = values * better
    size = np.where((aligned > NOTHING).any(axis=0), aligned, np.abs(values))
    kind = np.where(size.max(axis=0) > NOTHING, kinds[size.argmax(axis=0)], usual)
    at = np.flatnonzero(kind == LOAD)
    way = better.astype(np.int64)
    if len(at):
        a, b = (
            open_per_head(side.plan, side.ledger, Task(*(column[at] for column in task)), part.team[at])
            for side, task, part in zip((one, two), here.tasks, here.parts, strict=True)
        )
        way[at] = np.where(b > a, 1, np.where(b < a, -1, 0))
    return kind, way
