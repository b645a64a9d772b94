"""A pool of reps: who is free, who waits in which order, and who serves whom.

A task waits in the line of its team (one team when pooled, one per channel when dedicated) or, if it is owned or
given, in the line of one rep. Assignment goes through the tasks in queue order; each takes, of the free reps who may
serve it, the one idle longest, then the lower number.
"""

from __future__ import annotations

from bisect import bisect_left, insort

import simpy

from simfunnel.calendars import add_working, is_open
from simfunnel.distributions import NEVER
from simfunnel.engine import rules
from simfunnel.engine.order import ASSIGNMENT, ASSIGNMENT_AGAIN, READY
from simfunnel.engine.reference.clock import Clock
from simfunnel.engine.reference.overflow import overdue_task_for
from simfunnel.engine.reference.state import Lead, Rep, Team, Ticket
from simfunnel.ledger.columns import BALKED_TASK, COLD
from simfunnel.plan import model
from simfunnel.streams import ROUTING


class Pool:
    """The reps and queues of one pool under the rules of the phase in force."""

    def __init__(self, plan: model.Plan, clock: Clock, index: int, rank_by_name: int) -> None:
        self.plan, self.clock, self.index, self.rank_by_name = plan, clock, index, rank_by_name
        self.reps: list[Rep] = []
        self.teams: list[Team] = []
        self.joined_now: list[Lead] = []  # and first contacts
        self.unsettled = False  # takes part in this instant's assignment
        self.open = 0  # leads in this pool's stages, asleep ones not counted
        self.waiting, self.queue_hours, self.changed_at = 0, 0.0, clock.now
        self.joined = self.started = self.left = 0
        self.use_rules(plan.phases[0].pools[index])
        self.regroup()

    # ------------------------------------------------------------------ rules and headcount

    def use_rules(self, policy: model.PoolRules) -> None:
        """Take the rules of a phase; the caller re-queues who waits."""
        self.policy = policy
        self.opens, self.closes = self.plan.calendars[policy.calendar]
        self.pooled = policy.structure == model.POOLED
        self.given, self.owned = policy.routing != model.SHARED_QUEUE, policy.ownership == model.OWNED_BY_REP
        overflows = policy.structure == model.HYBRID and policy.overflow_after.family != NEVER
        self.helpers = policy.overflow_to if overflows else ()

    def regroup(self) -> list[Lead]:
        """Form the teams anew; return who waits, to be placed again in the new lines."""
        lines = [team.line for team in self.teams] + [rep.line for rep in self.reps]
        found = [ticket[-1] for line in lines for ticket in line]
        self.teams = [Team() for _ in range(1 if self.pooled else len(self.plan.channels))]
        for rep in self.reps:
            rep.line = []
            self._into_team(rep)
        return found

    def _into_team(self, rep: Rep) -> None:
        heads = self.policy.team_of  # who is beyond it leaves at this very instant
        rep.team = 0 if self.pooled else int(heads[min(rep.position, heads.size - 1)])
        self.teams[rep.team].reps.append(rep)

    def change_headcount(self, leavers: list[int], hires: list[Rep]) -> None:
        """Let reps leave (a task in hand is done first) and join; place again who waited for one or for any."""
        again: list[Lead] = []
        for rep in [rep for rep in self.reps if rep.number in leavers]:
            rep.here = False
            self.reps.remove(rep)
            self.teams[rep.team].reps.remove(rep)
            again += [ticket[-1] for ticket in rep.line]
        for rep in hires:
            self.reps.append(rep)
            self._into_team(rep)
            if self.given:
                again += [ticket[-1] for ticket in self.teams[rep.team].line]
        self.changed()
        for lead in set(again):
            self._take_out(lead)
        for lead in sorted(set(again), key=lambda lead: lead.row):
            self.place(lead)

    # ------------------------------------------------------------------ joining and leaving the queue

    def join(self, lead: Lead) -> simpy.Event:
        """Put the lead's next task into the queue; the event brings a rep, or a decision that ends the wait."""
        lead.served = self.clock.event()
        if lead.first_contact:
            self.joined_now.append(lead)
        self.takes_over(lead, self.clock.now)
        return lead.served

    def takes_over(self, lead: Lead, queued: float) -> None:
        """Let a lead that has waited since `queued` wait here from now on, with its rank."""
        self.count(+1)
        self.joined += 1
        lead.pool, lead.queued = self.index, queued
        self.place(lead)
        self.changed()

    def place(self, lead: Lead) -> None:
        """Find the lead's line: its owner's, the rep's it is given to, or its team's; its rank is as it joined."""
        lead.home = 0 if self.pooled else lead.channel
        team, owner = self.teams[lead.home], lead.owners.get(self.index) if self.owned else None
        if owner is not None and not owner.here:
            owner = None
        lead.given_to = self._rep_to_give(lead, team) if owner is None and self.given and team.reps else owner
        lead.waits, lead.ticket = True, (*self._rank(lead), lead.row, lead)
        insort(self._line_of(lead), lead.ticket)
        if self.helpers and self.helpers[lead.home] and owner is None:
            self._start_overflow_timer(lead, lead.ticket)

    def _line_of(self, lead: Lead) -> list[Ticket]:
        return self.teams[lead.home].line if lead.given_to is None else lead.given_to.line

    def _rank(self, lead: Lead) -> tuple[int, float]:
        """Return (class, key) of a task: the lower the sooner; ties go by lead order."""
        policy = self.policy
        if policy.open_deals == model.IN_TURN:
            return 0, lead.queued
        if lead.stage > 0:
            return (0 if policy.open_deals == model.OPEN_DEALS_FIRST else 2), lead.queued
        if policy.discipline == model.FIFO:
            return 1, lead.queued
        return 1, (-lead.queued if policy.discipline == model.NEWEST_FIRST else -lead.score)

    def _rep_to_give(self, lead: Lead, team: Team) -> Rep:
        """Return the team's next number (round robin) or its floor(u n)-th rep, u keyed by the pass (random)."""
        reps = sorted(team.reps, key=lambda rep: rep.number)
        if self.policy.routing == model.RANDOM:
            return reps[int(lead.luck(ROUTING, self.plan.stage_hash[lead.stage], lead.pass_) * len(reps))]
        rep = next((r for r in reps if r.number > team.last_given), reps[0])
        team.last_given = rep.number
        return rep

    def _start_overflow_timer(self, lead: Lead, ticket: Ticket) -> None:
        """Start the lead's wait at home, where it keeps its rank; when the wait is over it is overdue as well."""
        after = self.policy.overflow_after
        due = add_working(self.opens, self.closes, lead.queued, after.a) if after.working else lead.queued + after.a

        def is_overdue() -> None:
            if lead.waits and lead.ticket is ticket:
                insort(self.teams[lead.home].overdue, ticket)
                self.changed()

        if due <= self.clock.now:
            is_overdue()
        else:
            self.clock.call_at(due, READY, lead.row, is_overdue)

    def _take_out(self, lead: Lead) -> None:
        """Take the lead out of its line, and out of the overdue ones."""
        for line in (self._line_of(lead), self.teams[lead.home].overdue):
            at = bisect_left(line, lead.ticket)
            if line[at : at + 1] == [lead.ticket]:
                del line[at]
        lead.waits = False

    def leave(self, lead: Lead) -> None:
        """Let the lead wait here no more."""
        self._take_out(lead)
        self.count(-1)

    def count(self, change: int) -> None:
        """Bring the integral of the number waiting up to now, then change the number."""
        self.queue_hours += self.waiting * (self.clock.now - self.changed_at)
        self.waiting += change
        self.changed_at = self.clock.now

    def moves_away(self, lead: Lead) -> None:
        """Let go a lead that is served elsewhere from now on."""
        self.leave(lead)
        self.left += 1

    def gives_up(self, lead: Lead) -> None:
        """Let go a lead whose patience ends: it goes cold."""
        self._lose(lead, COLD)
        self.changed(ASSIGNMENT_AGAIN)

    def _lose(self, lead: Lead, decision: int) -> None:
        self.moves_away(lead)
        lead.decision = decision
        lead.served.succeed()

    # ------------------------------------------------------------------ one instant's assignment

    def changed(self, kind: int = ASSIGNMENT) -> None:
        """Take part in this instant's assignment: something may let a task start."""
        if not self.unsettled:
            self.unsettled = True
            self.clock.call_at(self.clock.now, kind, self.rank_by_name, self._settle)

    def _settle(self) -> None:
        """Serve until no pair of a task and a free rep is left, then turn away who is beyond the queue limit."""
        self.unsettled = False
        if is_open(self.opens, self.closes, self.clock.now):
            if self.policy.unlimited:
                for ticket in sorted(ticket for team in self.teams for ticket in team.line):
                    self._start(ticket[-1], None)
            while self.waiting and (pair := self._next_pair()):
                self._start(pair[0][-1], pair[1])
        still = [lead for lead in self.joined_now if lead.waits]
        self.joined_now = []
        if self.policy.queue_limit >= 0:
            for lead in sorted(still, key=lambda lead: lead.row, reverse=True):
                if sum(ticket[-1].first_contact for ticket in self._line_of(lead)) > self.policy.queue_limit:
                    self._lose(lead, BALKED_TASK)

    def _next_pair(self) -> tuple[Ticket, Rep] | None:
        """Return the first task in queue order that some free rep may take, and this rep."""
        pairs: list[tuple[Ticket, Rep]] = []
        for index, team in enumerate(self.teams):
            free = team.idle()
            if free and team.line:
                pairs.append((team.line[0], free[0]))
            pairs += [(rep.line[0], rep) for rep in free if rep.line]
            if self.helpers and (found := overdue_task_for(index, self.teams, self.helpers)):
                pairs.append(found)
        return min(pairs, default=None)

    def _start(self, lead: Lead, rep: Rep | None) -> None:
        """Start a task; its rep becomes the lead's owner, unless there is one on the headcount."""
        self.leave(lead)
        self.started += 1
        if rep is not None:
            rep.busy = True
            owner = lead.owners.get(self.index)
            if self.owned and owner is not rep and (owner is None or not owner.here):
                lead.owners[self.index] = rep
                if lead.open_in == self.index:
                    rep.open += 1
        lead.served.succeed(rep)

    # ------------------------------------------------------------------ work

    def release(self, rep: Rep) -> None:
        """Let a rep whose task is done be free."""
        rep.busy, rep.idle_since = False, self.clock.now
        self.changed()

    def work_ends(self, t: float, effort: float, rep: Rep | None) -> float:
        """Return when the rep's working hours for an effort that begins at `t` are done."""
        speed = 1.0 if rep is None else rules.productivity(t, rep.joined, rep.start_at, rep.ramp_days)
        return add_working(self.opens, self.closes, t, rules.working_time(effort, self.policy.selling_time, speed))

    def skill(self, lead: Lead, rep: Rep | None) -> tuple[float, float]:
        """Return (log-odds, time factor) of this lead with this rep: skills, and those on the own channel."""
        policy, channel = self.policy, lead.channel
        odds, time = float(policy.skill_log_odds[channel]), float(policy.skill_time[channel])
        if not self.pooled and (rep is None or rep.team == channel):
            odds, time = odds + float(policy.own_log_odds[channel]), time * float(policy.own_time[channel])
        return odds, time

    def load(self, rep: Rep | None) -> tuple[float, float]:
        """Return (log-odds, effort factor) of the work that is open now, per head or of the rep who owns it."""
        load, odds, effort = self.policy.load, 0.0, 1.0
        level = float(rep.open) if self.owned and rep is not None else self.open / max(len(self.reps), 1)
        if load.odds_at.size:
            odds = rules.log_effect(level, load.strength, load.odds_at, load.odds)
        if load.effort_at.size:
            effort = rules.effort_factor(level, load.strength, load.effort_at, load.effort)
        return odds, effort
