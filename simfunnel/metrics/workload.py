"""Workload of pools and reps: hours staffed, worked and idle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.calendars import working_between_each
from simfunnel.metrics.facts import Facts, Frame, Groups
from simfunnel.metrics.tally import ByPart, Events, Known, Lazy, Part, Ratio, Sum, Total
from simfunnel.plan.kept import kept_by_plan
from simfunnel.plan.model import Plan

WEEK_H = 168.0


class Staffing:
    """Every rep of the roster over the period, cut at months and phases (exact) and, apart, at weeks.

    Weeks belong to the month of their middle; they go with the ledger's `reps`, which is kept by week.
    """

    def __init__(self, plan: Plan) -> None:
        self._frame, self._plan = Frame(plan), plan
        cuts = np.concatenate([plan.months_h, plan.switches_h, [0.0, plan.end_h]])
        edges = np.unique(np.clip(cuts, 0.0, plan.end_h))
        self._from, self._to = edges[:-1], edges[1:]
        self._phase = self._frame.phase_of(self._from)
        self._events = self._roster_events(self._frame.month_of(self._from))

    def _roster_events(self, month: Ints) -> Events:
        roster, spans = self._plan.roster, len(month)
        rep = np.repeat(np.arange(len(roster.pool)), spans) if self._frame.layout.reps else None
        parts = {"month": np.tile(month, len(roster.pool)), "pool": np.repeat(roster.pool.astype(np.int64), spans)}
        parts["rep"] = np.full(len(parts["pool"]), -1, np.int64) if rep is None else rep
        return Events(self._frame.layout, len(parts["pool"]), parts)

    def _on_headcount(self, start: Floats, end: Floats) -> tuple[Floats, Floats]:
        """[reps, spans] from when and to when each rep is on the headcount in each span."""
        roster = self._plan.roster
        first = np.maximum(roster.joins_h[:, None], start[None, :])
        last = np.minimum(roster.leaves_h[:, None], end[None, :])
        return first, np.maximum(last, first)

    @cached_property
    def elapsed(self) -> Sum:
        """Elapsed hours on the headcount."""
        first, last = self._on_headcount(self._from, self._to)
        return Sum(self._events, (last - first).ravel())

    @cached_property
    def _open(self) -> Floats:
        """[reps, spans] open hours on the headcount."""
        first, last = self._on_headcount(self._from, self._to)
        hours = np.zeros(first.shape)
        calendar = self._by_rep_and_span(lambda pool, phase: float(self._plan.phases[phase].pools[pool].calendar))
        for number in np.unique(calendar).astype(int).tolist():
            here = calendar == number
            opens, closes = self._plan.calendars[number]
            hours[here] = working_between_each(opens, closes, first[here], last[here])
        return hours

    def _by_rep_and_span(self, value: Callable[[int, int], float]) -> Floats:
        """[reps, spans] of a number of the pool that phases may change."""
        pools = range(len(self._plan.pools))
        table = np.array(
            [[value(pool, phase) for phase in range(len(self._plan.phases))] for pool in pools],
            dtype=np.float64,
        ).reshape(len(self._plan.pools), len(self._plan.phases))
        return table[self._plan.roster.pool.astype(np.int64)][:, self._phase]

    @cached_property
    def open_hours(self) -> Sum:
        """Open hours on the headcount."""
        return Sum(self._events, self._open.ravel())

    @cached_property
    def rep_days(self) -> Sum:
        """Working days on the headcount: open hours over those of the calendar's business day."""
        day = self._by_rep_and_span(
            lambda pool, phase: float(self._plan.working_day_h[self._plan.phases[phase].pools[pool].calendar])
        )
        return Sum(self._events, (self._open / day).ravel())

    @cached_property
    def cost(self) -> Sum:
        """Cost of the calendar days on the headcount."""
        first, last = self._on_headcount(self._from, self._to)
        daily = self._by_rep_and_span(lambda pool, phase: self._plan.phases[phase].pools[pool].cost_per_day)
        return Sum(self._events, ((last - first) / 24.0 * daily).ravel())

    # ------------------------------------------------------------ time itself

    @cached_property
    def time(self) -> Known:
        """Elapsed hours of the period and its months, the same for every pool."""
        return self._time(np.diff(self._plan.months_h))

    @cached_property
    def time_by_weeks(self) -> Known:
        """As `time`, months made of the weeks that belong to them."""
        start, end, month = self._weeks
        return self._time(np.bincount(month, end - start, minlength=self._frame.layout.months).astype(np.float64))

    def _time(self, months: Floats) -> Known:
        whole, pools = self._plan.end_h, len(self._plan.pools)
        parts = {"": np.array([whole]), "month": months}
        return Known({**parts, "pool": np.full(pools, whole), "pool+month": np.tile(months, pools)})

    @cached_property
    def _weeks(self) -> tuple[Floats, Floats, Ints]:
        """(start, end, month) of every week of the period."""
        start = np.arange(0.0, self._plan.end_h, WEEK_H)
        return start, np.minimum(start + WEEK_H, self._plan.end_h), self.month_of_week(np.arange(len(start)))

    def month_of_week(self, week: Ints) -> Ints:
        """Return the month of the middle of each week (number from the period's start), -1 before the period."""
        start = week * WEEK_H
        middle = (start + np.minimum(start + WEEK_H, self._plan.end_h)) / 2
        return self._frame.month_of(np.where(week >= 0, middle, -1.0))

    @cached_property
    def elapsed_by_weeks(self) -> Sum:
        """As `elapsed`, months made of the weeks that belong to them."""
        start, end, month = self._weeks
        first, last = self._on_headcount(start, end)
        return Sum(self._roster_events(month), (last - first).ravel())


@kept_by_plan
def staffing_of(plan: Plan) -> Staffing:
    """Return the staffing of a plan, which is the same in all its replications."""
    return Staffing(plan)


def team_metrics(facts: Facts, staffing: Staffing) -> dict[str, Ratio]:
    """Return reps, staffed, busy and idle hours, and open leads per rep."""
    staffed, busy, open_hours = _kept_by_week(facts, staffing)
    return {
        "reps": Ratio(staffing.elapsed, staffing.time),
        "rep_hours": Ratio(staffing.open_hours),
        "busy_share": Ratio(busy, staffed),
        "idle_hours": Ratio(Total([(1.0, staffed), (-1.0, busy)])),
        "open_leads": Ratio(open_hours, staffing.time_by_weeks),
        "open_leads_per_rep": Ratio(open_hours, staffing.elapsed_by_weeks),
    }


def rep_hour_metrics(facts: Facts, staffing: Staffing) -> dict[str, Ratio]:
    """Return new leads per rep, and what the period's rep hours brought."""
    worked_on = Lazy(lambda: _revenue_worked_on(facts))
    revenue = ByPart(facts.revenue, {"pool": worked_on, "pool+month": worked_on})
    return {
        "new_leads_per_rep_day": Ratio(_new_leads(facts), staffing.rep_days),
        "revenue_per_rep_hour": Ratio(revenue, staffing.open_hours),
        "opportunities_per_rep_hour": Ratio(facts.opportunities, staffing.open_hours),
    }


def work_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return hours of work, and those that were wasted."""
    return {
        "work_hours": Ratio(facts.work),
        "wasted_hours": Ratio(facts.wasted),
        "wasted_share": Ratio(facts.wasted, facts.work),
    }


def _kept_by_week(facts: Facts, staffing: Staffing) -> tuple[Sum, Sum, Sum]:
    """(staffed hours, busy hours, open lead-hours) of the ledger's `reps`; the first two of reps that are counted."""
    reps = facts.reps
    kept = np.flatnonzero(reps.ints("week") >= 0)
    pool, rep = reps.ints("pool")[kept], reps.ints("rep")[kept]
    month = staffing.month_of_week(reps.ints("week")[kept])
    rows = facts.rep_rows(pool, rep)
    everyone = Events(facts.layout, len(kept), {"month": month, "pool": pool, "rep": rows})
    counted = np.flatnonzero(rep >= 0)
    parts = {"month": month[counted], "pool": pool[counted], "rep": rows[counted]}
    people = Events(facts.layout, len(counted), parts)
    staffed, busy = reps.floats("staffed")[kept][counted], reps.floats("busy")[kept][counted]
    return Sum(people, staffed), Sum(people, busy), Sum(everyone, reps.floats("open_hours")[kept])


def _new_leads(facts: Facts) -> Sum:
    """Passes by the first task that a pool's reps start on them, started in the period."""
    tasks = facts.tasks
    rows = np.flatnonzero(~np.isnan(tasks.floats("started")) & (tasks.ints("pool") >= 0))
    passes = int(tasks.ints("pass").max(initial=0)) + 1
    key = (facts.task_lead[rows] * passes + tasks.ints("pass")[rows]) * len(facts.plan.pools) + tasks.ints("pool")[rows]
    keep = np.zeros(len(facts.task_lead), bool)
    keep[rows[Groups(key).first_least(tasks.floats("started")[rows])]] = True
    when = facts.dates("tasks", "started")
    return Sum(facts.task_events(keep & when.inside, when))


def _revenue_worked_on(facts: Facts) -> Sum:
    """Revenue once for every pool that worked on the lead."""
    pools = max(len(facts.plan.pools), 1)
    is_won = np.zeros(facts.n_leads, bool)
    is_won[facts.won] = True
    worked = is_won[facts.task_lead] & ~np.isnan(facts.tasks.floats("started")) & (facts.tasks.ints("pool") >= 0)
    pairs = np.unique(facts.task_lead[worked] * pools + facts.tasks.ints("pool")[worked])
    lead = pairs // pools
    month = facts.dates("leads", "closed_at").month
    events = facts.events(lead, Part(month, lead), lambda: pairs % pools)
    return Sum(events, facts.leads.floats("value")[lead])
