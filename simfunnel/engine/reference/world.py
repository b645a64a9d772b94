"""The world: what the leads share while the clock runs, how it changes, and what is written down."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from simfunnel.calendars import add_working
from simfunnel.distributions import Dist
from simfunnel.engine import order
from simfunnel.engine.recorder import Recorder
from simfunnel.engine.reference.clock import Clock
from simfunnel.engine.reference.pool import Pool
from simfunnel.engine.reference.state import NAN, Lead, Rep
from simfunnel.engine.rule_records import tables_of
from simfunnel.ledger import columns as c
from simfunnel.plan.model import Phase, Plan


class World:
    """Clock, rules in force, pools, leads alive and the ledger in the making, of one replication."""

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self.plan, self.seed, self.replication = plan, seed, replication
        self.tables, self.phase = tables_of(plan), plan.phases[0]
        self.clock = Clock(plan.start_h, plan.end_h)
        self.names = order.pools_by_name(plan)
        self.pools = [Pool(plan, self.clock, index, self.names.index(index)) for index in range(len(plan.pools))]
        self.alive: dict[int, Lead] = {}
        self.tasks, self.passes, self.entries, self.ends = (Recorder(n) for n in ("tasks", "passes", "entries", "ends"))

    # ------------------------------------------------------------------ changes

    def announce(self) -> None:
        """Put phase switches, headcount changes and openings on the clock, each at its instant and in their order."""
        for start, phase in zip(self.plan.switches_h[1:].tolist(), self.plan.phases[1:], strict=True):
            self._change_at(start, order.SWITCH, 0, partial(self._switch, phase))
        for t, index in order.headcount_changes(self.plan):
            pool = self.pools[index]
            if t <= self.plan.start_h:
                self._change_headcount(pool, t)
            else:
                self._change_at(t, order.HEADCOUNT, pool.rank_by_name, partial(self._change_headcount, pool, t))
        for pool in self.pools:
            self._announce_opening(pool)

    def _change_at(self, t: float, change: int, rank: int, what: Callable[[], object]) -> None:
        self.clock.call_at(t, order.WORLD, order.world_order(change, rank), what)

    def _announce_opening(self, pool: Pool) -> None:
        later, calendar = pool.opens[pool.opens > self.clock.now], pool.policy.calendar

        def opens() -> None:
            if pool.policy.calendar == calendar:
                pool.changed()
                self._announce_opening(pool)

        if later.size:
            self._change_at(float(later[0]), order.OPENING, pool.rank_by_name, opens)

    def _change_headcount(self, pool: Pool, t: float) -> None:
        """Let leavers go and hires come, at a day's first midnight."""
        leavers: list[int] = []
        hires: list[Rep] = []
        r = self.plan.roster
        for row in np.flatnonzero((r.pool == pool.index) & ((r.joins_h == t) ^ (r.leaves_h == t))).tolist():
            if r.leaves_h[row] == t:
                leavers.append(int(r.number[row]))
            else:
                number, position = int(r.number[row]), int(r.position[row])
                hires.append(Rep(number, position, t, float(r.start_at[row]), float(r.ramp_days[row]), t))
        pool.change_headcount(leavers, hires)

    def _switch(self, phase: Phase) -> None:
        """Begin a phase: its rules hold, and who waits is queued again with wait and patience as they are."""
        before, self.phase = self.phase, phase
        waiting = self._leave_old_homes()
        for pool in (self.pools[index] for index in self.names):
            old, new = before.pools[pool.index], phase.pools[pool.index]
            pool.use_rules(new)
            pool.changed()
            if new.calendar != old.calendar:
                self._announce_opening(pool)
            if order.queue_rules(old) != order.queue_rules(new):
                waiting += pool.regroup()
        for lead in sorted(waiting, key=lambda lead: lead.row):
            self._queue_again(lead)

    def _leave_old_homes(self) -> list[Lead]:
        """Make who waits for the customer open work of the new pool; return who waits in the line of an old one."""
        movers, now = [], self.clock.now
        for lead in self.alive.values():
            home = self.home(lead)
            if lead.waits and lead.pool != home:
                self.pools[lead.pool].moves_away(lead)
                movers.append(lead)
            elif not lead.waits and math.isnan(lead.started) and lead.entered <= now and lead.open_in != home:
                self._change_home(lead, lead.open_in, home)
        return movers

    def _change_home(self, lead: Lead, old: int, new: int) -> None:
        """Write down the lead's wait so far; from now on it is open work of another pool."""
        now = self.clock.now
        lead.pool, lead.ended, lead.decision = old, now, c.MOVED
        lead.rep = lead.owners.get(old)
        if lead.entered < now:
            self.write_task(lead)
        lead.new_task(now)
        self.opens_in(lead, new)
        lead.pool = new

    def _queue_again(self, lead: Lead) -> None:
        old, new, queued = lead.pool, self.home(lead), lead.queued
        if new == old:
            self.pools[old].place(lead)
            return
        self._change_home(lead, old, new)
        if new >= 0:
            self.pools[new].takes_over(lead, queued)
        else:  # nobody needs to work the stage any more: ready at this instant, and not within the switch
            self.clock.call_at(self.clock.now, order.READY, lead.row, lead.served.succeed)

    # ------------------------------------------------------------------ what a lead asks

    def home(self, lead: Lead) -> int:
        """Return the pool that works the lead's stage in the phase in force, -1 where nobody needs to."""
        return int(self.phase.home_pool[lead.channel, lead.stage])

    def opens_in(self, lead: Lead, pool: int) -> None:
        """Count the lead as open work of `pool` (-1: of nobody) and of its owner there from now on."""
        for index, change in ((lead.open_in, -1), (pool, +1)):
            if index >= 0:
                self.pools[index].open += change
                if index in lead.owners:
                    lead.owners[index].open += change
        lead.open_in = pool

    def phase_from(self, t: float) -> Phase:
        """Return the phase in force at `t`, now or later."""
        return self.phase if t == self.clock.now else self.plan.phases[self.plan.phase_at(t)]

    def later(self, lead: Lead, t: float, dist: Dist, purpose: int, count: int) -> float:
        """Return `t` plus a drawn duration, elapsed or in working time of the calendar of the lead's stage."""
        duration = lead.draw(dist, purpose, self.plan.stage_hash[lead.stage], count)
        if not dist.working:
            return t + duration
        phase = self.phase_from(t)
        opens, closes = self.plan.calendars[phase.pools[phase.home_pool[lead.channel, lead.stage]].calendar]
        return add_working(opens, closes, t, duration)

    # ------------------------------------------------------------------ what is written down

    def write_task(self, lead: Lead) -> None:
        """Write the lead's task as it is now."""
        if not math.isnan(lead.ended) and not math.isnan(lead.started):
            lead.effort += lead.task_effort
            if lead.decision == c.REJECTED_CONTACT:
                lead.wasted += lead.task_effort
        rep = -1 if lead.rep is None else lead.rep.number
        self.tasks.add((
            lead.row, lead.pass_, lead.stage, lead.pool, rep, lead.entered, lead.queued, lead.started, lead.ended,
            lead.task_effort, lead.kind, lead.x, lead.decision,
        ))  # fmt: skip

    def write_pass(self, lead: Lead, left_to: int, left_at: float) -> None:
        """Write the lead's pass, which ends here (or is under way at the period's end)."""
        self.passes.add((
            lead.row, lead.pass_, lead.pass_started, lead.score, lead.handed_off, lead.contacted_at, lead.accepted,
            lead.assessment, lead.first_pool, lead.contacted_by, lead.passed_stages, left_to, left_at,
        ))  # fmt: skip

    def write_end(self, lead: Lead, outcome: int, at: float) -> None:
        """Write what became of the lead."""
        self.ends.add((lead.row, outcome, at, lead.quality, lead.pass_, lead.entries, lead.effort, lead.wasted))

    def close(self, lead: Lead, outcome: int, at: float) -> None:
        """End the lead's life at `at`."""
        del self.alive[lead.row]
        self.write_end(lead, outcome, at)

    def write_what_is_open(self) -> None:
        """Write down, at the period's end, who is alive."""
        for _, lead in sorted(self.alive.items()):
            lead.ended, lead.decision, lead.x = NAN, c.PENDING, NAN
            lead.rep = lead.rep or lead.owners.get(lead.pool)
            if lead.entered < self.plan.end_h:
                self.write_task(lead)
            self.write_pass(lead, c.IN_PROGRESS, NAN)
            self.write_end(lead, c.OPEN, NAN)
