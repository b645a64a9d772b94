"""Plan and ledger of one replication, read together; rows that share a key, grouped without a loop over keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Floats, Ints
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import ADVANCED, DECIDED, DECISIONS, REJECTED_CONTACT, WON
from simfunnel.ledger.model import Columns
from simfunnel.metrics.keys import layout_of
from simfunnel.metrics.spans import order_by, span_before, span_of
from simfunnel.metrics.tally import Events, Part, Parts, Sum, each_of
from simfunnel.plan.kept import kept_by_plan
from simfunnel.plan.model import Plan

IS_DECIDED = np.isin(np.arange(len(DECISIONS)), DECIDED)


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


class Frame:
    """The months, phases and reps of a plan, by which what happens in a replication is counted.

    Metrics count what is dated in the period [0, end).
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.layout = layout_of(plan)

    def in_period(self, at: Floats) -> Bools:
        """Return whether each instant lies in [0, end); an unknown one (nan) does not."""
        return (at >= 0.0) & (at < self.plan.end_h)

    def month_of(self, at: Floats) -> Ints:
        """Return the month that results are shown by of each instant, -1 outside the period."""
        return span_before(self.plan.months_h, np.ascontiguousarray(at), self.plan.end_h)

    def phase_of(self, at: Floats) -> Ints:
        """Return the phase in force at each instant; a switch belongs to the phase that it starts."""
        if len(self.plan.phases) == 1:
            return np.zeros(len(at), np.int64)
        return np.maximum(span_of(self.plan.switches_h, np.ascontiguousarray(at)), 0)

    def by_phase(self, value: Callable[[int], float | Floats]) -> Floats:
        """Return [phases, ...] table of a number that phases may change."""
        return np.array([value(f) for f in range(len(self.plan.phases))], dtype=np.float64)

    def rep_rows(self, pool: Ints, rep: Ints) -> Ints:
        """Return the row of the roster of each (pool, rep number), -1 when there is none or reps are not told apart."""
        if not self.layout.reps:
            return np.full(len(pool), -1, np.int64)
        rows = _roster_rows(self.plan)
        found: Ints = rows[pool, np.minimum(rep, rows.shape[1] - 1)]
        return found


@kept_by_plan
def _roster_rows(plan: Plan) -> Ints:
    """[pools + 1, numbers + 2] row of the roster, -1 without."""
    numbers = plan.roster.number
    rows = np.full((len(plan.pools) + 1, int(numbers.max()) + 2), -1, np.int64)
    rows[plan.roster.pool, numbers] = np.arange(len(numbers))
    return rows


@kept_by_plan
def by_calendar_months(plan: Plan) -> Plan:
    """Return a plan whose results are shown by calendar months, by which an agreement is judged."""
    if np.array_equal(plan.months_h, plan.month_start_h):
        return plan
    return replace(plan, reported_h=plan.month_start_h)


class Dates(NamedTuple):
    """A column of instants, the month that results are shown by of each, and whether it lies in the period."""

    at: Floats
    month: Ints
    inside: Bools


class Facts(Frame):
    """One replication's columns, with the month, channel, campaign, pool and rep of what happened."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        super().__init__(plan)
        self.ledger = ledger
        self.leads, self.passes, self.tasks = Columns(ledger.leads), Columns(ledger.passes), Columns(ledger.tasks)
        self.entries, self.reps = Columns(ledger.entries), Columns(ledger.reps)
        self.n_leads = len(self.leads)
        self.pass_lead = self.passes.ints("lead")
        self.task_lead = self.tasks.ints("lead")
        self._dates: dict[tuple[str, str], Dates] = {}

    def dates(self, table: str, name: str) -> Dates:
        """Return a column of instants of a table, dated."""
        if (table, name) not in self._dates:
            at = getattr(self, table).floats(name)
            month = self.month_of(at)
            self._dates[table, name] = Dates(at, month, month >= 0)
        return self._dates[table, name]

    # ------------------------------------------------------------ who and where

    @cached_property
    def channel(self) -> Ints:
        """Channel of every lead."""
        return self.leads.ints("channel")

    @cached_property
    def campaign(self) -> Ints:
        """Campaign of every lead, -1 when none."""
        return self.leads.ints("campaign")

    def events(
        self,
        lead: Ints,
        month: Parts | Callable[[], Parts],
        pool: Callable[[], Parts] | None = None,
        rep: Callable[[], Ints] | None = None,
        **parts: Parts | Callable[[], Parts],
    ) -> Events:
        """Return events of leads (rows of `leads`) in months, with their pool, rep number and other parts.

        What is given as a function is worked out only when a split needs it.
        """
        known: dict[str, Parts | Callable[[], Parts]] = {
            "month": month,
            "channel": lambda: Part(self.channel, lead),
            "campaign": lambda: Part(self.campaign, lead),
            **parts,
        }
        if pool is not None:
            known["pool"] = pool
            if rep is not None:
                known["rep"] = lambda: self.rep_rows(each_of(pool()), rep())
        return Events(self.layout, len(lead), known)

    def lead_events(self, keep: Bools, when: Dates) -> Events:
        """Return events of the leads in `keep` (a mask of `leads`), dated by a column of `leads`."""
        rows = np.flatnonzero(keep)
        return self.events(rows, Part(when.month, rows))

    def pass_events(self, keep: Bools, when: Dates) -> Events:
        """Return events of the passes in `keep` (a mask of `passes`), dated by a column of `passes`."""
        return self.row_events(np.flatnonzero(keep), when)

    def row_events(self, rows: Ints, when: Dates) -> Events:
        """Return events of some rows of `passes`, dated by a column of `passes`."""
        number, rep = self.passes.ints("pass"), self.passes.ints("rep")
        return self.events(
            self.pass_lead[rows],
            Part(when.month, rows),
            lambda: Part(self.pass_pool, rows),
            lambda: rep[rows],
            **{"pass": lambda: np.minimum(number[rows], self.layout.passes) - 1},
        )

    def task_events(self, keep: Bools, when: Dates) -> Events:
        """Return events of the tasks in `keep` (a mask of `tasks`), dated by a column of `tasks`."""
        rows = np.flatnonzero(keep)
        pool, rep = self.tasks.ints("pool"), self.tasks.ints("rep")
        return self.events(
            self.task_lead[rows],
            Part(when.month, rows),
            lambda: Part(pool, rows),
            lambda: rep[rows],
            stage=lambda: Part(self.tasks.ints("stage"), rows),
        )

    # ------------------------------------------------------------ what several concepts share

    @cached_property
    def closed(self) -> Bools:
        """Whether each lead has closed by the period's end."""
        return ~np.isnan(self.leads.floats("closed_at"))

    @cached_property
    def first_pass(self) -> Ints:
        """Row in `passes` of every lead's first pass, -1 when it never qualified."""
        return self._pass_rows(self._by_number[::-1])

    @cached_property
    def last_pass(self) -> Ints:
        """Row in `passes` of every lead's latest pass, -1 when it never qualified."""
        return self._pass_rows(self._by_number)

    @cached_property
    def _by_number(self) -> Ints:
        """Rows of `passes` in the order of their numbers."""
        number = self.passes.ints("pass")
        return order_by(number, int(number.max(initial=0)) + 1, np.arange(len(number)))

    def _pass_rows(self, order: Ints) -> Ints:
        rows = np.full(self.n_leads, -1, np.int64)
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
        return self.dates("passes", "first_response_at").inside

    @cached_property
    def first_contacts(self) -> Ints:
        """Rows in `passes` of the first passes that had their first contact in the period."""
        return np.flatnonzero(self.contacted & (self.passes.ints("pass") == 1))

    @cached_property
    def first_contact_events(self) -> Events:
        """The first contacts of first passes."""
        return self.row_events(self.first_contacts, self.dates("passes", "first_response_at"))

    @cached_property
    def accepted(self) -> Bools:
        """Whether sales has accepted each pass; without an acceptance step everybody contacted is."""
        result: Bools = self.passes.ints("accepted") == 1
        return result

    @cached_property
    def decided(self) -> Bools:
        """Whether each task ended in a decision within the period: advance, nurture, postponed or lost."""
        return IS_DECIDED[self.tasks.ints("decision")] & self.dates("tasks", "ended").inside

    @cached_property
    def done(self) -> Bools:
        """Whether each task was worked on and ended in the period."""
        return ~np.isnan(self.tasks.floats("started")) & self.dates("tasks", "ended").inside

    @cached_property
    def won(self) -> Ints:
        """Leads won in the period."""
        return np.flatnonzero((self.leads.ints("outcome") == WON) & self.dates("leads", "closed_at").inside)

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
        return self.events(self.won, Part(self.dates("leads", "closed_at").month, self.won), lambda: pool, lambda: rep)

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
        when = self.dates("leads", "created")
        return Sum(self.lead_events(when.inside, when))

    @cached_property
    def mqls(self) -> Sum:
        """Number of passes started in the period."""
        when = self.dates("passes", "started")
        return Sum(self.pass_events(when.inside, when))

    @cached_property
    def opportunities(self) -> Sum:
        """Number of advances from the first stage in the period."""
        keep = self.decided & (self.tasks.ints("stage") == 0) & (self.tasks.ints("decision") == ADVANCED)
        return Sum(self.task_events(keep, self.dates("tasks", "ended")))

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
        return self.task_events(self.done, self.dates("tasks", "ended"))
