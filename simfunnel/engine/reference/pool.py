"""A pool of reps: who is free, who waits in which order, and who serves whom.

A task waits in the line of its team (one team when pooled, one per channel when dedicated) or, if it is owned or
given, in the line of one rep. Assignment goes through the tasks in queue order; each takes, of the free reps who may
serve it, the one idle longest, then the lower number.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from simpy.events import Event

from simfunnel.calendars import add_working
from simfunnel.distributions import NEVER
from simfunnel.engine import rules
from simfunnel.engine.order import PATIENCE
from simfunnel.engine.reference.clock import Alarm
from simfunnel.engine.reference.lines import Rep, Team, Ticket, head_of
from simfunnel.engine.reference.overflow import overdue_task_for, start_overflow_timer
from simfunnel.ledger.columns import BALKED_TASK, COLD
from simfunnel.plan.model import (
    FIFO,
    HYBRID,
    IN_TURN,
    NEWEST_FIRST,
    OPEN_DEALS_FIRST,
    OWNED_BY_REP,
    POOLED,
    RANDOM,
    SHARED_QUEUE,
    PoolRules,
)
from simfunnel.streams import ROUTING, uniform

if TYPE_CHECKING:
    from simfunnel.engine.reference.lead import Lead
    from simfunnel.engine.reference.run import Funnel


WELL_BEFORE_CLOSING_H = 1e-6  # nearer to closing, `add_working` decides


class Pool:
    """The reps and queues of one pool under the rules of the phase in force."""

    def __init__(self, funnel: Funnel, index: int, rules_: PoolRules, rank_by_name: int) -> None:
        self.funnel, self.clock, self.index, self.rank_by_name = funnel, funnel.clock, index, rank_by_name
        self.reps: list[Rep] = []
        self.teams: list[Team] = []
        self.joined_now: list[Lead] = []
        self.open = 0  # leads in this pool's stages, asleep ones not counted
        self.waiting = 0
        self.queue_hours = 0.0
        self.changed_at = funnel.clock.now
        self.joined = self.started = self.left = 0
        self.use_rules(rules_)
        self.regroup()

    def changed(self) -> None:
        """Something may let a task start: the pool takes part in this instant's assignment."""
        self.funnel.unsettled[self.rank_by_name] = self

    # ------------------------------------------------------------------ rules and headcount

    def use_rules(self, rules_: PoolRules) -> None:
        """Take the rules of a phase; the caller re-queues who waits."""
        self.rules = rules_
        self.opens, self.closes = self.funnel.plan.calendars[rules_.calendar]
        self.opens_list, self.closes_list = self.opens.tolist(), self.closes.tolist()
        self.opened = self.shuts = -math.inf  # the open interval that was looked at last
        self.pooled = rules_.structure == POOLED
        self.skill = list(zip(rules_.skill_log_odds.tolist(), rules_.skill_time.tolist(), strict=True))
        self.own = list(zip(rules_.own_log_odds.tolist(), rules_.own_time.tolist(), strict=True))
        overflows = rules_.structure == HYBRID and rules_.overflow_after.family != NEVER
        self.helpers_of = rules_.overflow_to if overflows else ()
        self.given = rules_.routing != SHARED_QUEUE
        self.owned = rules_.ownership == OWNED_BY_REP
        self.loaded = rules_.load.odds_at.size > 0 or rules_.load.effort_at.size > 0

    def regroup(self) -> list[Lead]:
        """Form the teams anew; returns who waits, in lead order, to be placed again in the new lines."""
        found = self.in_line()
        one = self.pooled
        self.teams = [Team() for _ in range(1 if one else len(self.funnel.plan.channels))]
        for rep in self.reps:
            rep.line, rep.waiting = [], 0
            self._into_team(rep)
        return found

    def in_line(self) -> list[Lead]:
        """Who waits here, in lead order."""
        lines = [team.line for team in self.teams] + [rep.line for rep in self.reps]
        found = {entry[4].row: entry[4] for line in lines for entry in line if entry[4].ticket == entry[3]}
        return [found[row] for row in sorted(found)]

    def _into_team(self, rep: Rep) -> None:
        heads = self.rules.team_of  # who is beyond it leaves at this very instant
        rep.team = 0 if self.pooled else int(heads[min(rep.position, heads.size - 1)])
        team = self.teams[rep.team]
        team.reps.append(rep)
        if not rep.busy:
            heappush(team.free, (rep.idle_since, rep.number, rep))

    def change_headcount(self, leavers: list[int], hires: list[Rep]) -> None:
        """Reps leave (a task in hand is done first) and join; who waited for one or for any is placed again."""
        again: list[Lead] = []
        for rep in [rep for rep in self.reps if rep.number in leavers]:
            rep.here = False
            self.reps.remove(rep)
            self.teams[rep.team].reps.remove(rep)
            again += self._taken_from(rep.line)
        for rep in hires:
            self.reps.append(rep)
            self._into_team(rep)
            if self.given:
                again += self._taken_from(self.teams[rep.team].line)
        self.changed()
        for lead in sorted(again, key=lambda lead: lead.row):
            self.place(lead)

    def _taken_from(self, line: list[Ticket]) -> list[Lead]:
        found = [entry[4] for entry in line if entry[4].ticket == entry[3]]
        line.clear()
        for lead in found:
            if lead.first_contact:
                (lead.line_of if lead.line_of is not None else self.teams[lead.home]).waiting -= 1
        return found

    # ------------------------------------------------------------------ joining and leaving the queue

    def join(self, lead: Lead) -> Alarm:
        """Put the lead's next task into the queue; the alarm rings with a rep, or with COLD or BALKED_TASK."""
        now = self.clock.now
        self._count(now, +1)
        self.joined += 1
        lead.pool, lead.queued, lead.waits = self, now, True
        self.joined_now.append(lead)
        self.place(lead)
        self.changed()
        return lead.alarm

    def place(self, lead: Lead) -> None:
        """Find the lead's line: its owner's, the rep's it is given to, or its team's; its rank is as it joined."""
        lead.ticket += 1
        lead.home = 0 if self.pooled else lead.channel
        entry = (*self._rank(lead), lead.row, lead.ticket, lead)
        team = self.teams[lead.home]
        rep = lead.owner_in(self.index) if self.owned else None
        if rep is not None and not rep.here:
            rep = None
        lead.owned_wait = rep is not None
        if rep is None and self.given and team.reps:
            rep = self._rep_to_give(lead, team)
        lead.line_of = rep
        line = rep.line if rep is not None else team.line
        heappush(line, entry)
        if lead.first_contact:
            (rep if rep is not None else team).waiting += 1
        if self.helpers_of and self.helpers_of[lead.home] and not lead.owned_wait:
            start_overflow_timer(self, lead, entry)

    def _rank(self, lead: Lead) -> tuple[int, float]:
        """(class, key) of a task: the lower the sooner; ties go by lead order."""
        rules_ = self.rules
        if rules_.open_deals == IN_TURN:
            return 0, lead.queued
        if lead.stage > 0:
            return (0 if rules_.open_deals == OPEN_DEALS_FIRST else 2), lead.queued
        if rules_.discipline == FIFO:
            return 1, lead.queued
        return 1, (-lead.queued if rules_.discipline == NEWEST_FIRST else -lead.score)

    def _rep_to_give(self, lead: Lead, team: Team) -> Rep:
        """Round robin: the next number on the team's headcount; random: floor(u n), u keyed by the pass."""
        reps = sorted(team.reps, key=lambda rep: rep.number)
        if self.rules.routing == RANDOM:
            funnel = self.funnel
            u = uniform(
                funnel.seed, funnel.replication, lead.id, ROUTING, funnel.plan.stage_hash[lead.stage], lead.pass_
            )
            return reps[int(u * len(reps))]
        rep = next((r for r in reps if r.number > team.last_given), reps[0])
        team.last_given = rep.number
        return rep

    def _leave_line(self, lead: Lead) -> None:
        """Take the lead out of the queue; what is left of its ticket in a line is stale."""
        lead.ticket += 1
        lead.waits = False
        if lead.first_contact:
            (lead.line_of if lead.line_of is not None else self.teams[lead.home]).waiting -= 1
        self._count(self.clock.now, -1)

    def _count(self, now: float, change: int) -> None:
        self.queue_hours += self.waiting * (now - self.changed_at)
        self.waiting += change
        self.changed_at = now

    def count_to(self, end_h: float) -> None:
        """Bring the integral of the number waiting up to `end_h`."""
        self._count(end_h, 0)

    def takes_over(self, lead: Lead, queued: float) -> None:
        """A lead that waited in another pool since `queued` waits here from now on, with its rank."""
        now = self.clock.now
        self._count(now, +1)
        self.joined += 1
        lead.pool, lead.queued, lead.waits = self, queued, True
        self.place(lead)
        self.changed()

    def moves_away(self, lead: Lead) -> None:
        """A lead that waited here is served elsewhere from now on."""
        self._leave_line(lead)
        self.left += 1

    def gives_up(self, lead: Lead) -> None:
        """Patience ends for a lead that waits here: it goes cold."""
        self._leave_line(lead)
        self.left += 1
        self.changed()
        lead.alarm.ring(COLD)

    # ------------------------------------------------------------------ one instant's assignment

    def settle(self) -> None:
        """Serve until no pair of a task and a free rep is left, then queue limits, then start patience clocks."""
        if self.is_open(self.clock.now):
            if self.rules.unlimited:
                self._serve_everybody()
            else:
                while self.waiting and self._serve_next():
                    pass
        if self.joined_now:
            self._after_joining()

    def is_open(self, t: float) -> bool:
        """Whether the pool works at hour `t` (open at the opening instant, closed at the closing one)."""
        if not self.opened <= t < self.shuts:
            i = bisect_right(self.opens_list, t) - 1
            if i < 0 or t >= self.closes_list[i]:
                return False
            self.opened, self.shuts = self.opens_list[i], self.closes_list[i]
        return True

    def _serve_everybody(self) -> None:
        entries = [entry for team in self.teams for entry in team.line if entry[4].ticket == entry[3]]
        for team in self.teams:
            team.line = []
        for entry in sorted(entries):
            self._start(entry[4], None)

    def _serve_next(self) -> bool:
        """Start the first task in queue order that some free rep may take; False when there is none."""
        best: Ticket | None = None
        server: Rep | None = None
        for index, team in enumerate(self.teams):
            free = team.free
            while free and not (free[0][2].here and not free[0][2].busy and free[0][2].idle_since == free[0][0]):
                heappop(free)
            if not free:
                continue
            head = head_of(team.line)
            if head is not None and (best is None or head < best):
                best, server = head, free[0][2]
            if self.owned or self.given:
                for rep in team.reps:
                    if (
                        rep.line
                        and not rep.busy
                        and (head := head_of(rep.line)) is not None
                        and (best is None or head < best)
                    ):
                        best, server = head, rep
            if self.helpers_of:
                found = overdue_task_for(self, index, best)
                if found is not None:
                    best, server = found
        if best is None:
            return False
        self._start(best[4], server)
        return True

    def _start(self, lead: Lead, rep: Rep | None) -> None:
        self._leave_line(lead)
        self.started += 1
        if rep is not None:
            rep.busy = True
            if self.owned:
                lead.take_owner(self.index, rep)
        lead.alarm.ring(rep)

    def _after_joining(self) -> None:
        """Queue limits for first contacts that joined at this instant, then patience for those who stay."""
        still = [lead for lead in self.joined_now if lead.waits and lead.first_contact]
        self.joined_now = []
        if self.rules.queue_limit >= 0:
            self._turn_away(still)
        for lead in still:
            if lead.waits and lead.gives_up < math.inf:
                self._watch_patience(lead)

    def _turn_away(self, newcomers: list[Lead]) -> None:
        for lead in sorted(newcomers, key=lambda lead: lead.row, reverse=True):
            line = lead.line_of if lead.line_of is not None else self.teams[lead.home]
            if line.waiting > self.rules.queue_limit:
                self._leave_line(lead)
                self.left += 1
                lead.alarm.ring(BALKED_TASK)

    def _watch_patience(self, lead: Lead) -> None:
        alarm = Alarm(self.clock, (lead, lead.pass_))
        alarm.callbacks = _PATIENCE_ENDS
        self.clock.at(lead.gives_up, PATIENCE, lead.row, alarm)

    # ------------------------------------------------------------------ work

    def release(self, rep: Rep) -> None:
        """A task is done: the rep is free, unless off the headcount."""
        rep.busy = False
        self.changed()
        if rep.here:
            rep.idle_since = self.clock.now
            heappush(self.teams[rep.team].free, (rep.idle_since, rep.number, rep))

    def work_ends(self, t: float, working_h: float) -> float:
        """When `working_h` hours of work that start at `t` are done."""
        if self.is_open(t) and t + working_h < self.shuts - WELL_BEFORE_CLOSING_H:
            return t + working_h
        return float(add_working(self.opens, self.closes, t, working_h))

    def fit(self, lead: Lead, rep: Rep | None) -> tuple[float, float]:
        """(log-odds, time factor) of this lead with this rep: skills, specialisation on the own channel, load."""
        odds, time = self.skill[lead.channel]
        if not self.pooled and (rep is None or rep.team == lead.channel):
            odds += self.own[lead.channel][0]
            time *= self.own[lead.channel][1]
        if self.loaded:
            load = self.rules.load
            level = self._open_perhead_of(rep)
            if load.odds_at.size:
                odds += rules.log_effect(level, load.strength, load.odds_at, load.odds)
            if load.effort_at.size:
                time *= rules.effort_factor(level, load.strength, load.effort_at, load.effort)
        return odds, time

    def _open_perhead_of(self, rep: Rep | None) -> float:
        if self.owned and rep is not None:
            return float(rep.open)
        return self.open / max(len(self.reps), 1)


def _patience_ends(alarm: Event) -> None:
    lead, pass_ = alarm._value
    if lead.pass_ == pass_ and lead.first_contact and lead.waits:
        lead.pool.gives_up(lead)


_PATIENCE_ENDS: list[Callable[[Any], None]] = [_patience_ends]
