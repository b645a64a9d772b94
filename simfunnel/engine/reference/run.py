"""The funnel: everything that the leads share while the clock runs."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from simpy.events import Event

from simfunnel.arrays import Ints
from simfunnel.calendars import add_working
from simfunnel.distributions import DISCRETE, NEVER, Dist
from simfunnel.distributions.quantiles import discrete_quantile, logit
from simfunnel.engine import rules
from simfunnel.engine.arrivals import Arrivals, all_arrivals
from simfunnel.engine.order import (
    HEADCOUNT,
    OPENING,
    READY,
    SWITCH,
    WORLD,
    headcount_changes,
    pools_by_name,
    queue_rules,
    world_order,
)
from simfunnel.engine.recorder import Recorder
from simfunnel.engine.reference.clock import Alarm, Clock, Life, Steps
from simfunnel.engine.reference.lead import Lead, Newcomer, life, life_from
from simfunnel.engine.reference.lines import Rep
from simfunnel.engine.reference.pool import Pool
from simfunnel.engine.rep_hours import reps_table
from simfunnel.engine.rule_records import tables_of
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger import columns as c
from simfunnel.plan.model import BATCH, INSTANT, Phase, Plan
from simfunnel.streams import EFFORT, HANDOFF, LEAK, LUCK, uniform, variate

FEED_BATCH = 4096


def simulate(plan: Plan, seed: int, replication: int) -> Ledger:
    """One replication of a plan by SimPy; the same arguments always give the same bytes."""
    return Funnel(plan, seed, replication).run()


class Funnel:
    """Clock, rules in force, pools and the ledger in the making, of one replication."""

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self.plan, self.seed, self.replication = plan, seed, replication
        self.tables = tables_of(plan)
        self.clock = Clock(plan.start_h, plan.end_h)
        self.stages = len(plan.stages)
        self.use_phase(plan.phases[0])
        self.unsettled: dict[int, Pool] = {}  # by rank of the pool's name
        names = pools_by_name(plan)
        self.all_reps: list[list[Rep]] = [[] for _ in plan.pools]
        self.pools: list[Pool] = [Pool(self, p, rules_, names.index(p)) for p, rules_ in enumerate(self.phase.pools)]
        self.pools_by_name = [self.pools[p] for p in names]
        self.alive: dict[int, Lead] = {}
        self.tasks, self.passes, self.entries, self.ends = (Recorder(n) for n in ("tasks", "passes", "entries", "ends"))

    def use_phase(self, phase: Phase) -> None:
        """Put the rules of a phase in force."""
        self.phase = phase
        self.home_pool: list[list[int]] = phase.home_pool.tolist()

    def run(self) -> Ledger:
        """Let every lead live, and write it all down."""
        arrivals = all_arrivals(self.plan, self.tables, self.seed, self.replication)
        self._announce_the_world()
        self._open_the_pipeline(arrivals)
        self._feed(arrivals)
        self.clock.run_to_the_end(self.settle)
        leads, passes, entries = arrivals.leads, arrivals.passes_before_the_queue(), arrivals.entries
        del arrivals  # what is not in the ledger is not kept while its tables are put together
        return self._ledger(leads, passes, entries)

    def settle(self) -> None:
        """Step 3 of an instant: assignment, pools by name."""
        unsettled = self.unsettled
        while unsettled:
            rank = min(unsettled) if len(unsettled) > 1 else next(iter(unsettled))
            unsettled.pop(rank).settle()

    # ------------------------------------------------------------------ the world

    def _announce_the_world(self) -> None:
        """Phase switches, headcount changes and openings, each at its instant and in their order."""
        for start, phase in zip(self.plan.switches_h[1:].tolist(), self.plan.phases[1:], strict=True):
            self._at_world(start, SWITCH, 0, partial(self._switch, phase))
        for t, pool in headcount_changes(self.plan):
            if t <= self.plan.start_h:
                self._change_headcount(self.pools[pool], t)
            elif t < self.plan.end_h:
                self._at_world(
                    t, HEADCOUNT, self.pools[pool].rank_by_name, partial(self._change_headcount, self.pools[pool], t)
                )
        for one in self.pools:
            self._next_opening(one)

    def _at_world(self, t: float, what: int, order: int, action: partial[None]) -> None:
        self.clock.call_at(t, WORLD, world_order(what, order), action)

    def _next_opening(self, pool: Pool) -> None:
        i = int(np.searchsorted(pool.opens, self.clock.now, side="right"))
        if i < pool.opens.size:
            self._at_world(float(pool.opens[i]), OPENING, pool.rank_by_name, partial(self._opening, pool, pool.opens))

    def _opening(self, pool: Pool, opens: object) -> None:
        if pool.opens is opens:
            pool.changed()
            self._next_opening(pool)

    def _change_headcount(self, pool: Pool, t: float) -> None:
        """Leavers go, hires come, at a day's first midnight."""
        roster = self.plan.roster
        mine = roster.pool == pool.index
        leavers = np.flatnonzero(mine & (roster.leaves_h == t) & (roster.joins_h < t))
        hires = [
            Rep(
                int(roster.number[row]), int(roster.position[row]), t,
                float(roster.start_at[row]), float(roster.ramp_days[row]),
            )
            for row in np.flatnonzero(mine & (roster.joins_h == t) & (roster.leaves_h > t)).tolist()
        ]  # fmt: skip
        self.all_reps[pool.index] += hires
        pool.change_headcount(roster.number[leavers].tolist(), hires)

    def _switch(self, phase: Phase) -> None:
        """A new phase: its rules hold, and who waits is queued again with wait and patience as they are."""
        moved = not np.array_equal(phase.home_pool, self.phase.home_pool)
        before = self.phase
        self.use_phase(phase)
        waiting = self._leave_old_homes() if moved else []
        for pool in self.pools_by_name:
            old, new = before.pools[pool.index], phase.pools[pool.index]
            calendar = pool.opens
            pool.use_rules(new)
            pool.changed()
            if pool.opens is not calendar:
                self._next_opening(pool)
            if queue_rules(old) != queue_rules(new):
                waiting += pool.regroup()
        for lead in sorted(waiting, key=lambda lead: lead.row):
            self._queue_again(lead)

    def _leave_old_homes(self) -> list[Lead]:
        """Who waits for the customer is open work of the new pool; returns who waits in the line of an old one."""
        for lead in self.alive.values():
            resting = not lead.waits and math.isnan(lead.started) and lead.entered <= self.clock.now
            if resting and lead.open_in is not self.pool_for(lead):
                self._changes_home(lead, lead.open_in, self.pool_for(lead))
        movers = [(pool, lead) for pool in self.pools for lead in pool.in_line() if self.pool_for(lead) is not pool]
        for pool, lead in movers:
            pool.moves_away(lead)
        return [lead for _, lead in movers]

    def _changes_home(self, lead: Lead, old: Pool | None, new: Pool | None) -> None:
        """The lead's wait so far is written down; from now on it is open work of another pool."""
        now = self.clock.now
        lead.pool, lead.ended, lead.decision = old, now, c.MOVED
        lead.rep = None if old is None else lead.owner_in(old.index)
        if lead.entered < now:
            self.write_task(lead)
        lead.clear_task(now)
        lead.opens_in(new)
        lead.pool = new

    def _queue_again(self, lead: Lead) -> None:
        old, new, queued = lead.pool, self.pool_for(lead), lead.queued
        if old is not None and new is old:
            old.place(lead)
            return
        self._changes_home(lead, old, new)
        if new is not None:
            new.takes_over(lead, queued)
        else:  # nobody needs to work the stage any more: ready at this instant, and not within the switch
            lead.alarm._value = None
            self.clock.until(lead.alarm, self.clock.now, READY, lead.row)

    # ------------------------------------------------------------------ leads come

    def _feed(self, arrivals: Arrivals) -> None:
        """Leads join their first queue one after another, in the order of (time, lead)."""
        rows = np.flatnonzero(~np.isnan(arrivals.joins_at) & (arrivals.joins_at < self.plan.end_h))
        rows = rows[np.lexsort((rows, arrivals.joins_at[rows]))]
        newcomers = self._newcomers(arrivals, rows)
        bell = Alarm(self.clock, next(newcomers, None))

        def arrive(_: Event) -> None:
            self._begins(bell._value, life)
            bell._value = next(newcomers, None)
            come()

        def come() -> None:
            if bell._value is not None:
                self.clock.at(bell._value.joins_at, READY, bell._value.row, bell)

        bell.callbacks = [arrive]
        come()

    def _begins(self, new: Newcomer, steps: Callable[[Lead, Funnel], Steps]) -> None:
        alarm = Alarm(self.clock)
        lead = self.alive[new.row] = Lead(new, self.stages, alarm)
        Life(self.clock, steps(lead, self), alarm)

    @staticmethod
    def _newcomers(a: Arrivals, rows: Ints) -> Iterator[Newcomer]:
        """Newcomers in the order of `rows`, converted from columns a batch at a time."""
        leads = a.leads
        columns = (
            leads["id"], leads["channel"], leads["quality"], a.noise, a.score, leads["value"], leads["entries"],
            a.joins_at, a.pass_started, a.gives_up,
        )  # fmt: skip
        for at in range(0, rows.size, FEED_BATCH):
            part = rows[at : at + FEED_BATCH]
            yield from map(Newcomer, part.tolist(), *(column[part].tolist() for column in columns))

    def _open_the_pipeline(self, a: Arrivals) -> None:
        """Leads that are in the stages when the period starts go on living there."""
        if a.opening is None:
            return
        o = a.opening
        for row, (id_, channel, created, quality, noise, score, value, stage, ready, gives_up) in enumerate(
            zip(*(column.tolist() for column in (
                o.id, o.channel, o.created, o.quality, o.noise, o.score, o.value, o.stage, o.ready_at, o.gives_up,
            )), strict=True)
        ):  # fmt: skip
            new = Newcomer(row, id_, channel, quality, noise, score, value, 0, self.plan.start_h, created, gives_up)
            alarm = Alarm(self.clock)
            lead = Lead(new, self.stages, alarm)
            lead.handed_off = lead.entered = self.plan.start_h
            if stage > 0:
                lead.stage = lead.passed_stages = stage
                lead.first_contact, lead.accepted = False, 1
                lead.worked_in = next((self.pools[p] for p in self.home_pool[channel][stage - 1 :: -1] if p >= 0), None)
            self.alive[row] = lead
            Life(self.clock, life_from(lead, ready, self), alarm)

    # ------------------------------------------------------------------ what a lead asks

    def pool_for(self, lead: Lead) -> Pool | None:
        """The home pool of the lead's stage in the phase in force; None when the stage needs no rep."""
        pool = self.home_pool[lead.channel][lead.stage]
        return None if pool < 0 else self.pools[pool]

    def phase_from(self, t: float) -> Phase:
        """The phase in force at `t`, now or later."""
        return self.phase if t == self.clock.now else self.plan.phases[self.plan.phase_at(t)]

    def draw(self, lead: Lead, purpose: int, stage_hash: int, count: int, dist: Dist) -> float:
        """The keyed value of one distribution."""
        if dist.family == DISCRETE:
            u = uniform(self.seed, self.replication, lead.id, purpose, stage_hash, count)
            return float(discrete_quantile(u, np.array(dist.values), np.array(dist.cumulative)))
        if dist.family == NEVER:
            return math.inf
        return variate(
            self.seed, self.replication, lead.id, purpose, stage_hash, count, dist.family, dist.a, dist.b, dist.c
        )

    def task_luck(self, lead: Lead, stage_hash: int, count: int, effort: Dist) -> tuple[float, float]:
        """(hours of effort, logistic luck) of a task."""
        if effort.family != DISCRETE:
            return rules.task_luck(
                self.seed, self.replication, lead.id, stage_hash, count, effort.family, effort.a, effort.b, effort.c
            )
        hours = self.draw(lead, EFFORT, stage_hash, count, effort)
        return hours, logit(uniform(self.seed, self.replication, lead.id, LUCK, stage_hash, count))

    def nobody_there(self, lead: Lead, stage_hash: int, count: int, share: float) -> bool:
        """Whether the customer does not turn up."""
        return share > 0.0 and rules.nobody_there(self.seed, self.replication, lead.id, stage_hash, count, share)

    def later(self, lead: Lead, t: float, purpose: int, stage_hash: int, count: int, dist: Dist) -> float:
        """`t` plus a drawn duration, elapsed or in working time of the calendar of the lead's stage."""
        duration = self.draw(lead, purpose, stage_hash, count, dist)
        if not dist.working:
            return t + duration
        phase = self.phase_from(t)
        opens, closes = self.plan.calendars[phase.pools[phase.home_pool[lead.channel, lead.stage]].calendar]
        return float(add_working(opens, closes, t, duration))

    def stage_handoff(self, lead: Lead, pool: Pool) -> float | None:
        """When a lead that changes pools now arrives at the next one, None if it never does."""
        way, stage_hash, now = self.phase.stages[lead.stage].handoff, self.plan.stage_hash[lead.stage], self.clock.now
        u = uniform(self.seed, self.replication, lead.id, LEAK, stage_hash, lead.pass_) if way.leak > 0.0 else 1.0
        if u < way.leak:
            return None
        if way.way == INSTANT:
            return now
        if way.way == BATCH:
            i = bisect_left(way.batch_h.tolist(), now)
            return float(way.batch_h[i]) if i < way.batch_h.size else math.inf
        return self.later(lead, now, HANDOFF, stage_hash, lead.pass_, way.delay)

    @staticmethod
    def identity(lead: Lead) -> int:
        """The lead's id in the form that rules with tables are compiled for."""
        return np.uint64(lead.id)  # type: ignore[return-value]  # to numba an integer like any other

    def nurture_stay(self, lead: Lead, t: float) -> tuple[int, float, float, float]:
        """One stay of the lead in nurture, from `t`."""
        stay: tuple[int, float, float, float] = rules.nurture_stay(
            self.tables,
            self.seed,
            self.replication,
            self.identity(lead),
            lead.entries,
            lead.channel,
            t,
            lead.score,
            lead.quality,
        )
        return stay

    # ------------------------------------------------------------------ what is written down

    def write_task(self, lead: Lead) -> None:
        """The lead's task as it is now."""
        done = not math.isnan(lead.ended) and not math.isnan(lead.started)
        if done:
            lead.effort += lead.task_effort
            if lead.decision == c.REJECTED_CONTACT:
                lead.wasted += lead.task_effort
        self.tasks.add((
            lead.row, lead.pass_, lead.stage, -1 if lead.pool is None else lead.pool.index,
            -1 if lead.rep is None else lead.rep.number, lead.entered, lead.queued, lead.started, lead.ended,
            lead.task_effort, lead.kind, lead.x, lead.decision,
        ))  # fmt: skip

    def write_pass(self, lead: Lead, left_to: int, left_at: float) -> None:
        """The lead's pass, which ends here (or is under way at the period's end)."""
        self.passes.add((
            lead.row, lead.pass_, lead.pass_started, lead.score, lead.handed_off, lead.contacted_at, lead.accepted,
            lead.assessment, lead.first_pool, lead.contacted_by, lead.passed_stages, left_to, left_at,
        ))  # fmt: skip

    def write_entry(self, lead: Lead, reason: int, entered: float, left_at: float, end: int) -> None:
        """One stay in nurture."""
        self.entries.add((lead.row, lead.entries, reason, entered, left_at, end))

    def close(self, lead: Lead, outcome: int, left_to: int, at: float) -> None:
        """The lead's last pass ends at `at`, and with it the lead's life."""
        self.write_pass(lead, left_to, at)
        self.close_early(lead, outcome, at)

    def close_early(self, lead: Lead, outcome: int, at: float) -> None:
        """The lead's life ends outside a pass."""
        del self.alive[lead.row]
        self._write_end(lead, outcome, at)

    def _write_end(self, lead: Lead, outcome: int, at: float) -> None:
        self.ends.add((lead.row, outcome, at, lead.quality, lead.pass_, lead.entries, lead.effort, lead.wasted))

    def _ledger(self, leads: Table, passes: Table, entries: Table) -> Ledger:
        """The tables: what arrived, with what became of it while the clock ran."""
        for row in sorted(self.alive):
            self._write_what_is_open(self.alive[row])
        ends = self.ends.table()
        for name in ("outcome", "closed_at", "quality", "passes", "entries", "effort", "wasted"):
            leads[name][ends["lead"]] = ends[name]
        del ends
        tasks = self.tasks.table()
        return Ledger(
            leads=leads,
            passes=self.passes.table(passes),
            tasks=tasks,
            entries=self.entries.table(entries),
            reps=reps_table(self.plan, tasks),
            queues=self._queues(),
        )

    def _write_what_is_open(self, lead: Lead) -> None:
        lead.ended, lead.decision, lead.x = math.nan, c.PENDING, math.nan
        if lead.rep is None and lead.pool is not None and (owner := lead.owners.get(lead.pool.index)) is not None:
            lead.rep = owner
        if lead.entered < self.plan.end_h:
            self.write_task(lead)
        self.write_pass(lead, c.IN_PROGRESS, math.nan)
        self._write_end(lead, c.OPEN, math.nan)

    def _queues(self) -> Table:
        recorder = Recorder("queues")
        for pool in self.pools:
            pool.count_to(self.plan.end_h)
            recorder.add((pool.index, pool.queue_hours, pool.joined, pool.started, pool.left))
        return recorder.table()
