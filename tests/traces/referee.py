"""A referee who knows nothing of the engine: replays every instant's assignment of a ledger by MODEL 7.

At each instant at which anything happens he forms the queue and the free reps from the ledger's times alone, goes
through the tasks in queue order, and compares who should start, balk or go cold with who did.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from simfunnel import calendars, streams
from simfunnel.distributions import quantile_of
from simfunnel.ledger import Ledger, columns
from simfunnel.plan import model
from simfunnel.plan.model import Plan, PoolRules

NEVER = math.inf


@dataclass(eq=False)
class Task:
    """One stay in a pool's queue and what came of it."""

    lead: int  # place in lead order
    id: int
    pass_: int
    channel: int
    stage: int
    queued: float
    started: float  # inf: never
    ended: float  # inf: not before the period's end
    rep: int
    decision: str
    first_contact: bool
    score: float
    gives_up: float
    earlier: list[Task] = field(default_factory=list)  # of the same pass in the same pool, in order

    @property
    def left_at(self) -> float:
        """When it left the queue without being started; inf when it did not."""
        return self.ended if self.started == NEVER and self.decision in ("went cold", "balked") else NEVER


@dataclass(frozen=True, eq=False)
class Rep:
    """One rep's stay on the headcount."""

    number: int
    position: int
    joins: float
    leaves: float

    def here(self, t: float) -> bool:
        """On the headcount at `t`, changes of that midnight included."""
        return self.joins <= t < self.leaves


class Referee:
    """One pool of one replication."""

    def __init__(self, plan: Plan, ledger: Ledger, pool: int, seed: int) -> None:
        self.plan, self.pool, self.seed = plan, pool, seed
        self.given: dict[int, Rep] = {}  # identity of a task -> whom routing gave it to
        self.last_given: dict[int, int] = {}  # team -> number
        self.use(0)
        self.tasks = _tasks(plan, ledger, pool, seed)
        roster = plan.roster
        self.reps = [
            Rep(int(roster.number[k]), int(roster.position[k]), float(roster.joins_h[k]), float(roster.leaves_h[k]))
            for k in np.flatnonzero(roster.pool == pool)
        ]
        self.work: dict[int, list[Task]] = {rep.number: [] for rep in self.reps}
        for task in sorted((one for one in self.tasks if one.started < NEVER), key=lambda one: one.started):
            self.work[task.rep].append(task)

    def use(self, phase: int) -> None:
        """The rules of a phase hold; who waits is given to reps anew if the way of queueing changes."""
        old: PoolRules | None = getattr(self, "rules", None)
        self.rules: PoolRules = self.plan.phases[phase].pools[self.pool]
        self.opens, self.closes = self.plan.calendars[self.rules.calendar]
        if old is not None and _way_of_queueing(old) != _way_of_queueing(self.rules):
            self.given, self.last_given = {}, {}

    def complaints(self) -> Iterator[str]:
        """Every instant at which the ledger did something else than the rules say."""
        phase = 0
        for t in self.instants():
            if self.plan.phase_at(t) != phase:
                phase = self.plan.phase_at(t)
                self.use(phase)
            if self.rules.routing != model.SHARED_QUEUE:
                self.route(t)
            yield from self.judge(t)

    def instants(self) -> list[float]:
        """Everything that can let a task start or leave the queue."""
        times = {time for task in self.tasks for time in (task.queued, task.started, task.ended, task.gives_up)}
        times |= {time for rep in self.reps for time in (rep.joins, rep.leaves)} | set(self.plan.switches_h.tolist())
        for phase in range(len(self.plan.phases)):
            self.use(phase)
            times |= {self.overdue_at(task) for task in self.tasks} | set(self.opens.tolist())
        self.use(0)
        return sorted(t for t in times if self.plan.start_h <= t < self.plan.end_h)

    def judge(self, t: float) -> Iterator[str]:
        """Compare one instant: (3) assignment, queue limits, (4) patience."""
        queue = [one for one in self.tasks if one.queued <= t <= min(one.started, one.left_at)]
        queue.sort(key=self.rank)
        started = {one.lead: one.rep for one in queue if one.started == t}
        expected = self.assign(queue, t) if self.is_open(t) else {}
        if started != expected:
            yield f"{t}: started {started}, by the rules {expected}"
        left = [one for one in queue if one.lead not in expected]
        balks = self.balks(left, t)
        if balks != {one.lead for one in left if one.decision == "balked" and one.left_at == t}:
            yield f"{t}: should have balked: {balks}"
        cold = {one.lead for one in left if one.first_contact and one.gives_up <= t and one.lead not in balks}
        if cold != {one.lead for one in left if one.decision == "went cold" and one.left_at == t}:
            yield f"{t}: should have gone cold: {cold}"

    def route(self, t: float) -> None:
        """Give to reps, in lead order: at a switch those who wait, over the heads before that midnight's hires and
        leavers; then those whose rep has left or who found nobody; then those who join now.
        """
        waiting = sorted((one for one in self.tasks if one.queued <= t <= min(one.started, one.left_at)), key=_lead)
        before = [rep for rep in self.reps if rep.joins < t <= rep.leaves]
        now = [rep for rep in self.reps if rep.here(t)]
        earlier = [one for one in waiting if one.queued < t]
        at_a_switch = earlier if t in self.plan.switches_h else []
        for tasks, heads in ((at_a_switch, before), (earlier, now), ([one for one in waiting if one.queued == t], now)):
            for task in tasks:
                rep = self.given.get(id(task))
                if (rep is None or rep not in heads) and self.owner(task, t) is None:
                    self.next_rep(task, heads)

    def next_rep(self, task: Task, heads: list[Rep]) -> None:
        """Round robin: the next number of the team, cyclic. Random: floor(u n). Nobody, if the team has no heads."""
        team = sorted((rep for rep in heads if self.team(rep) == self.home(task)), key=_number)
        self.given.pop(id(task), None)
        if self.rules.routing == model.RANDOM and team:
            stage_hash = self.plan.stage_hash[task.stage]
            u = streams.uniform(self.seed, 0, task.id, streams.ROUTING, stage_hash, task.pass_)
            self.given[id(task)] = team[math.floor(u * len(team))]
        elif team:
            last = self.last_given.get(self.home(task), -1)
            self.given[id(task)] = next((one for one in team if one.number > last), team[0])
            self.last_given[self.home(task)] = self.given[id(task)].number

    def assign(self, queue: list[Task], t: float) -> dict[int, int]:
        """Lead -> rep of this instant: the first task in queue order that a free rep may serve, until there is none."""
        waiting, free, found = list(queue), [rep for rep in self.reps if rep.here(t) and not self.busy(rep, t)], {}
        while True:
            for task in waiting:
                able = self.able(task, waiting, free, t)
                if able:
                    rep = min(able, key=lambda one: (self.idle_since(one, t), one.number))
                    found[task.lead] = rep.number
                    waiting.remove(task)
                    free.remove(rep)
                    break
            else:
                return found

    def able(self, task: Task, waiting: list[Task], free: list[Rep], t: float) -> list[Rep]:
        """Of the free reps those who come first for this task: the owner, else home, else the first team that may
        help.
        """
        owner = self.owner(task, t)
        if owner is not None:
            return [rep for rep in free if rep is owner]
        given = self.given.get(id(task))
        home = [rep for rep in free if self.team(rep) == self.home(task) and (given is None or rep is given)]
        if home or self.rules.structure != model.HYBRID or self.overdue_at(task) > t:
            return home
        for team in self.rules.overflow_to[task.channel]:
            own = [one for one in waiting if self.home(one) == team and self.line(one, t) == team]
            helpers = [rep for rep in free if self.team(rep) == team and not self.waits_for(rep, waiting, t)]
            if helpers and not own and team != self.home(task):
                return helpers
        return []

    def balks(self, left: list[Task], t: float) -> set[int]:
        """Of the first contacts that joined now and were not taken, the last in lead order beyond the limit of
        their team.
        """
        found: set[int] = set()
        if self.rules.queue_limit < 0:
            return found
        for place in {self.line(task, t) for task in left}:
            line = [one for one in left if one.first_contact and self.line(one, t) == place]
            now = sorted(one.lead for one in line if one.queued == t)
            over = max(len(line) - self.rules.queue_limit, 0)
            found |= set(now[max(len(now) - over, 0) :])
        return found

    def rank(self, task: Task) -> tuple[float, ...]:
        """Place in the queue; ties go by lead order."""
        rules = self.rules
        if rules.open_deals == model.IN_TURN:
            return (0, task.queued, task.lead)
        if task.stage > 0:
            return (0 if rules.open_deals == model.OPEN_DEALS_FIRST else 2, task.queued, task.lead)
        key = {model.FIFO: task.queued, model.NEWEST_FIRST: -task.queued, model.HIGHEST_SCORE: -task.score}
        return (1, key[rules.discipline], task.lead)

    def owner(self, task: Task, t: float) -> Rep | None:
        """Who did the lead's first task here since nurture, or who took over when that rep had left; None when gone."""
        owner: Rep | None = None
        if self.rules.ownership != model.OWNED_BY_REP:
            return None
        for before in task.earlier:
            if before.started < task.queued and (owner is None or not owner.here(before.started)):
                owner = next(rep for rep in self.reps if rep.number == before.rep)
        return owner if owner is not None and owner.here(t) else None

    def line(self, task: Task, t: float) -> Rep | int:
        """Where a task waits: for its owner, for the rep it was given to, or in its team's queue."""
        return self.owner(task, t) or self.given.get(id(task)) or self.home(task)

    def waits_for(self, rep: Rep, waiting: list[Task], t: float) -> bool:
        """Whether one of the waiting tasks is this rep's own."""
        return any(self.line(one, t) is rep for one in waiting)

    def home(self, task: Task) -> int:
        """Team of a lead: its channel's, or the one team there is."""
        return -1 if self.rules.structure == model.POOLED else task.channel

    def team(self, rep: Rep) -> int:
        """Team of a rep, by place on the headcount."""
        return -1 if self.rules.structure == model.POOLED else int(self.rules.team_of[rep.position])

    def busy(self, rep: Rep, t: float) -> bool:
        """In the middle of a task that began before `t` and ends after it."""
        return any(one.started < t < one.ended for one in self.work[rep.number])

    def idle_since(self, rep: Rep, t: float) -> float:
        """End of the rep's last task; joining, without a task yet."""
        return max([one.ended for one in self.work[rep.number] if one.ended <= t], default=rep.joins)

    def overdue_at(self, task: Task) -> float:
        """From when other teams may help; inf without overflow."""
        after = self.rules.overflow_after
        if self.rules.structure != model.HYBRID:
            return NEVER
        if not after.working:
            return task.queued + after.a
        return float(calendars.add_working(self.opens, self.closes, task.queued, after.a))

    def is_open(self, t: float) -> bool:
        """Open from the opening instant until just before closing."""
        k = bisect_right(self.opens.tolist(), t) - 1
        return k >= 0 and t < self.closes[k]


def _tasks(plan: Plan, ledger: Ledger, pool: int, seed: int) -> list[Task]:
    """The pool's tasks that joined its queue, with what the referee may know of their pass."""
    table, passes, leads = ledger.tasks, ledger.passes, ledger.leads
    order = np.lexsort((leads["id"], leads["created"]))
    rank = {int(row): place for place, row in enumerate(order)}
    pass_row = {(int(passes["lead"][k]), int(passes["pass"][k])): k for k in range(len(passes["lead"]))}
    found: list[Task] = []
    contacted: set[tuple[int, int]] = set()
    earlier: dict[tuple[int, int], list[Task]] = {}
    for k in np.lexsort((table["queued"], table["lead"])):
        lead, number = int(table["lead"][k]), int(table["pass"][k])
        if table["pool"][k] != pool or math.isnan(table["queued"][k]):
            continue
        row, key = pass_row[lead, number], (lead, number)
        first = int(table["stage"][k]) == 0 and key not in contacted
        if table["kind"][k] == columns.FIRST_CONTACT and not math.isnan(table["started"][k]):
            contacted.add(key)
        channel = int(leads["channel"][lead])
        began = float(passes["started"][row])
        phase = plan.phases[plan.phase_at(began)]
        patience = phase.patience[channel] if number == 1 else phase.nurture_patience
        luck = streams.uniform(seed, 0, int(leads["id"][lead]), streams.PATIENCE, 0, number)
        task = Task(
            lead=rank[lead],
            id=int(leads["id"][lead]),
            pass_=number,
            channel=channel,
            stage=int(table["stage"][k]),
            queued=float(table["queued"][k]),
            started=_or_never(table["started"][k]),
            ended=_or_never(table["ended"][k]),
            rep=int(table["rep"][k]),
            decision=columns.DECISIONS[table["decision"][k]],
            first_contact=first,
            score=float(passes["score"][row]),
            gives_up=began + quantile_of(patience, luck),
            earlier=list(earlier.get(key, [])),
        )
        earlier.setdefault(key, []).append(task)
        found.append(task)
    return found


def _way_of_queueing(rules: PoolRules) -> tuple[object, ...]:
    """What a switch must change for the queue to be formed anew."""
    order = (rules.discipline, rules.open_deals, rules.ownership)
    overflow = (rules.overflow_after, rules.overflow_to)
    return (rules.structure, rules.routing, rules.team_of.tolist(), *order, *overflow)


def _lead(task: Task) -> int:
    return task.lead


def _number(rep: Rep) -> int:
    return rep.number


def _or_never(value: float) -> float:
    return NEVER if math.isnan(value) else float(value)
