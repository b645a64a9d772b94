"""The teams' work: how busy, how many leads at a time, what an hour brings."""

from __future__ import annotations

import numpy as np

from simfunnel.metrics.facts import Facts
from simfunnel.metrics.groups import Groups
from simfunnel.metrics.staffing import Staffing
from simfunnel.metrics.tally import Either, Events, Ratio, Sum, Total


def team_metrics(facts: Facts, staffing: Staffing) -> dict[str, Ratio]:
    """Reps, staffed, busy and idle hours, and open leads per rep."""
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
    """New leads per rep, and what the period's rep hours brought."""
    worked_on = _revenue_worked_on(facts)
    revenue = Either(facts.revenue, {"pool": worked_on, "pool+month": worked_on})
    return {
        "new_leads_per_rep_day": Ratio(_new_leads(facts), staffing.rep_days),
        "revenue_per_rep_hour": Ratio(revenue, staffing.open_hours),
        "opportunities_per_rep_hour": Ratio(facts.opportunities, staffing.open_hours),
    }


def work_metrics(facts: Facts) -> dict[str, Ratio]:
    """Hours of work, and those that were wasted."""
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
    return Sum(facts.task_events(keep & facts.in_period(tasks.floats("started")), tasks.floats("started")))


def _revenue_worked_on(facts: Facts) -> Sum:
    """Revenue once for every pool that worked on the lead."""
    pools = max(len(facts.plan.pools), 1)
    is_won = np.zeros(facts.n_leads, bool)
    is_won[facts.won] = True
    worked = is_won[facts.task_lead] & ~np.isnan(facts.tasks.floats("started")) & (facts.tasks.ints("pool") >= 0)
    pairs = np.unique(facts.task_lead[worked] * pools + facts.tasks.ints("pool")[worked])
    lead = pairs // pools
    events = facts.events(lead, facts.leads.floats("closed_at")[lead], pairs % pools)
    return Sum(events, facts.leads.floats("value")[lead])
