"""Plan and ledger of one replication, read together; rows that share a key, grouped without a loop over keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import ADVANCED, DECIDED, REJECTED_CONTACT, WON
from simfunnel.ledger.model import Columns
from simfunnel.metrics.keys import layout_of
from simfunnel.metrics.spans import span_of
from simfunnel.metrics.tally import Events, Sum
from simfunnel.plan.model import Plan


class Groups:
    """Rows by key: the keys that occur, rising, and what the rows of each have in common.

    Quickest where the keys nearly rise already, as they do along a ledger's rows.
    """

    def __init__(self, key: Ints) -> None:
        self._order = np.argsort(key, kind="stable")
        ordered = key[self._order]
        self._start = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(key)])
        self.keys: Ints = ordered[self._start]

    def least(self, values: Floats) -> Floats:
        """Return the smallest value of each key's rows."""
        return np.minimum.reduceat(values[self._order], self._start) if len(self._start) else np.empty(0)

    def any(self, mask: Bools) -> Bools:
        """Return whether any of each key's rows is in a mask."""
        return np.logical_or.reduceat(mask[self._order], self._start) if len(self._start) else np.empty(0, bool)

    def first_least(self, values: Floats) -> Ints:
        """Return the row with the smallest value of each key, the first of several."""
        size = np.diff(np.append(self._start, len(values)))
        group = np.repeat(np.arange(len(size)), size)
        lowest = np.flatnonzero(values[self._order] == self.least(values)[group])
        first = np.append(True, np.diff(group[lowest]) > 0)[: len(lowest)]
        rows: Ints = self._order[lowest[first]]
        return rows


class Facts:
    """One replication's columns, with the month, channel, campaign, pool and rep of what happened.

    Metrics count what is dated in the period [0, end).
    """

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self.plan, self.ledger = plan, ledger
        self.leads, self.passes, self.tasks = Columns(ledger.leads), Columns(ledger.passes), Columns(ledger.tasks)
        self.entries, self.reps = Columns(ledger.entries), Columns(ledger.reps)
        self.layout = layout_of(plan)
        self.n_leads = len(self.leads)
        self.pass_lead = self.passes.ints("lead")
        self.task_lead = self.tasks.ints("lead")

    def by_calendar_months(self) -> Facts:
        """Return the same columns by calendar months, by which an agreement is judged."""
        if np.array_equal(self.plan.months_h, self.plan.month_start_h):
            return self
        return Facts(replace(self.plan, reported_h=self.plan.month_start_h), self.ledger)

    # ------------------------------------------------------------ when

    def in_period(self, at: Floats) -> Bools:
        """Return whether each instant lies in [0, end); an unknown one (nan) does not."""
        return (at >= 0.0) & (at < self.plan.end_h)

    def month_of(self, at: Floats) -> Ints:
        """Return the month that results are shown by of each instant, -1 outside the period."""
        return np.where(self.in_period(at), span_of(self.plan.months_h, np.ascontiguousarray(at)), -1)

    def phase_of(self, at: Floats) -> Ints:
        """Return the phase in force at each instant; a switch belongs to the phase that it starts."""
        if len(self.plan.phases) == 1:
            return np.zeros(len(at), np.int64)
        return np.maximum(span_of(self.plan.switches_h, np.ascontiguousarray(at)), 0)

    def by_phase(self, value: Callable[[int], float | Floats]) -> Floats:
        """Return [phases, ...] table of a number that phases may change."""
        return np.array([value(f) for f in range(len(self.plan.phases))], dtype=np.float64)

    # ------------------------------------------------------------ who and where

    @cached_property
    def channel(self) -> Ints:
        """Channel of every lead."""
        return self.leads.ints("channel")

    @cached_property
    def campaign(self) -> Ints:
        """Campaign of every lead, -1 when none."""
        return self.leads.ints("campaign")

    def rep_rows(self, pool: Ints, rep: Ints) -> Ints:
        """Return the row of the roster of each (pool, rep number), -1 when there is none or reps are not told apart."""
        numbers = self.plan.roster.number
        if not self.layout.reps:
            return np.full(len(pool), -1, np.int64)
        rows = np.full((len(self.plan.pools) + 1, int(numbers.max()) + 2), -1, np.int64)
        rows[self.plan.roster.pool, numbers] = np.arange(len(numbers))
        return rows[pool, np.minimum(rep, rows.shape[1] - 1)]

    def events(
        self,
        lead: Ints,
        at: Floats,
        pool: Ints | None = None,
        rep: Callable[[], Ints] | None = None,
        stage: Ints | None = None,
        **parts: Ints,
    ) -> Events:
        """Return events of leads (rows of `leads`) at instants, with their pool, rep number and stage where known."""
        known: dict[str, Ints | Callable[[], Ints]] = {
            "month": lambda: self.month_of(at),
            "channel": lambda: self.channel[lead],
            "campaign": lambda: self.campaign[lead],
            **parts,
        }
        if pool is not None:
            known["pool"] = pool
            if rep is not None:
                known["rep"] = lambda: self.rep_rows(pool, rep())
        if stage is not None:
            known["stage"] = stage
        return Events(self.layout, len(lead), known)

    def lead_events(self, keep: Bools, at: Floats) -> Events:
        """Return events of the leads in `keep` (a mask of `leads`) at instants `at` (a column of `leads`)."""
        rows = np.flatnonzero(keep)
        return self.events(rows, at[rows])

    def pass_events(self, keep: Bools, at: Floats) -> Events:
        """Return events of the passes in `keep` (a mask of `passes`) at instants `at` (a column of `passes`)."""
        return self.row_events(np.flatnonzero(keep), at)

    def row_events(self, rows: Ints, at: Floats) -> Events:
        """Return events of some rows of `passes` at instants `at` (a column of `passes`)."""
        number = np.minimum(self.passes.ints("pass")[rows], self.layout.passes) - 1
        pool = self.pass_pool[rows]
        return self.events(
            self.pass_lead[rows], at[rows], pool, lambda: self.passes.ints("rep")[rows], **{"pass": number}
        )

    def task_events(self, keep: Bools, at: Floats) -> Events:
        """Return events of the tasks in `keep` (a mask of `tasks`) at instants `at` (a column of `tasks`)."""
        rows = np.flatnonzero(keep)
        pool, stage = self.tasks.ints("pool")[rows], self.tasks.ints("stage")[rows]
        return self.events(self.task_lead[rows], at[rows], pool, lambda: self.tasks.ints("rep")[rows], stage)

    # ------------------------------------------------------------ what several concepts share

    @cached_property
    def closed(self) -> Bools:
        """Whether each lead has closed by the period's end."""
        return ~np.isnan(self.leads.floats("closed_at"))

    @cached_property
    def first_pass(self) -> Ints:
        """Row in `passes` of every lead's first pass, -1 when it never qualified."""
        return self._pass_rows(-1)

    @cached_property
    def last_pass(self) -> Ints:
        """Row in `passes` of every lead's latest pass, -1 when it never qualified."""
        return self._pass_rows(1)

    def _pass_rows(self, sign: int) -> Ints:
        rows = np.full(self.n_leads, -1, np.int64)
        number = self.ledger.passes["pass"].astype(np.int16)  # small numbers are sorted quickly
        order = np.argsort(sign * number, kind="stable")
        rows[self.pass_lead[order]] = order  # the last one written stays
        return rows

    @cached_property
    def pass_pool(self) -> Ints:
        """Pool of every pass's first stage: of the rep who made contact, else the home pool at the pass's start."""
        home = np.array([phase.home_pool[:, 0] for phase in self.plan.phases], np.int64)
        expected = home[self.phase_of(self.passes.floats("started")), self.channel[self.pass_lead]]
        pool = self.passes.ints("pool")
        return np.where(pool >= 0, pool, expected)

    @cached_property
    def contacted(self) -> Bools:
        """Whether each pass had its first contact in the period."""
        return self.in_period(self.passes.floats("first_response_at"))

    @cached_property
    def first_contacts(self) -> Ints:
        """Rows in `passes` of the first passes that had their first contact in the period."""
        return np.flatnonzero(self.contacted & (self.passes.ints("pass") == 1))

    @cached_property
    def first_contact_events(self) -> Events:
        """The first contacts of first passes."""
        return self.row_events(self.first_contacts, self.passes.floats("first_response_at"))

    @cached_property
    def accepted(self) -> Bools:
        """Whether sales has accepted each pass; without an acceptance step everybody contacted is."""
        result: Bools = self.passes.ints("accepted") == 1
        return result

    @cached_property
    def decided(self) -> Bools:
        """Whether each task ended in a decision within the period: advance, nurture, postponed or lost."""
        return np.isin(self.tasks.ints("decision"), DECIDED) & self.in_period(self.tasks.floats("ended"))

    @cached_property
    def done(self) -> Bools:
        """Whether each task was worked on and ended in the period."""
        return ~np.isnan(self.tasks.floats("started")) & self.in_period(self.tasks.floats("ended"))

    @cached_property
    def won(self) -> Ints:
        """Leads won in the period."""
        return np.flatnonzero((self.leads.ints("outcome") == WON) & self.in_period(self.leads.floats("closed_at")))

    @cached_property
    def winning_task(self) -> Ints:
        """Row in `tasks` of the task that won each of `won`, -1 when the ledger has none."""
        rows = np.full(self.n_leads, -1, np.int64)
        last_stage = self.tasks.ints("stage") == len(self.plan.stages) - 1
        last = np.flatnonzero(last_stage & (self.tasks.ints("decision") == ADVANCED))
        rows[self.task_lead[last]] = last
        return rows[self.won]

    @cached_property
    def win_events(self) -> Events:
        """The deals won in the period, by pool and rep of the task that won them."""
        task = self.winning_task
        pool, rep = (np.append(self.tasks.ints(name), -1)[task] for name in ("pool", "rep"))
        return self.events(self.won, self.leads.floats("closed_at")[self.won], pool, lambda: rep)

    @cached_property
    def wins(self) -> Sum:
        """Number of deals won in the period."""
        return Sum(self.win_events)

    @cached_property
    def revenue(self) -> Sum:
        """Value of the deals won in the period."""
        return Sum(self.win_events, self.leads.floats("value")[self.won])

    @cached_property
    def created(self) -> Sum:
        """Number of leads created in the period."""
        at = self.leads.floats("created")
        return Sum(self.lead_events(self.in_period(at), at))

    @cached_property
    def mqls(self) -> Sum:
        """Number of passes started in the period."""
        at = self.passes.floats("started")
        return Sum(self.pass_events(self.in_period(at), at))

    @cached_property
    def opportunities(self) -> Sum:
        """Number of advances from the first stage in the period."""
        keep = self.decided & (self.tasks.ints("stage") == 0) & (self.tasks.ints("decision") == ADVANCED)
        return Sum(self.task_events(keep, self.tasks.floats("ended")))

    @cached_property
    def work(self) -> Sum:
        """Hours of work on tasks that ended in the period."""
        return Sum(self._done_events, self.tasks.floats("effort")[self.done])

    @cached_property
    def wasted(self) -> Sum:
        """Hours of work on first contacts that were rejected, of tasks that ended in the period."""
        rejected = self.tasks.ints("decision")[self.done] == REJECTED_CONTACT
        return Sum(self._done_events, np.where(rejected, self.tasks.floats("effort")[self.done], 0.0))

    @cached_property
    def _done_events(self) -> Events:
        return self.task_events(self.done, self.tasks.floats("ended"))
