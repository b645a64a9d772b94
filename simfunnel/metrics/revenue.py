"""Revenue, cost and profit of a replication."""

from __future__ import annotations

import math

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.tally import (
    SHARED_BY,
    ByPart,
    Computed,
    Indicator,
    Known,
    Part,
    Quantile,
    Ratio,
    Sum,
    Total,
    Values,
)
from simfunnel.metrics.workload import Staffing


def revenue_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return revenue, wins, deal size, win rates, and whether the target was reached."""
    target = facts.plan.target_revenue
    reached = Computed(lambda split: (facts.revenue.by(split) >= target).astype(np.float64))
    asked = Known({"": np.array([0.0 if math.isnan(target) else 1.0])})
    created, closed = facts.leads.floats("created"), facts.leads.floats("closed_at")
    rows = facts.won[created[facts.won] >= facts.plan.start_h]
    won = facts.events(rows, Part(facts.dates("leads", "closed_at").month, rows))
    hours = closed[rows] - created[rows]
    count = Sum(won)
    return {
        "revenue": Ratio(facts.revenue),
        "wins": Ratio(facts.wins),
        "target_reached": Ratio(reached, asked),
        "deal_size": Ratio(facts.revenue, facts.wins),
        "win_rate": Ratio(facts.wins, facts.created),
        "win_rate_of_mqls": Ratio(facts.wins, facts.mqls),
        "time_to_win_mean": Ratio(Sum(won, hours), count),
        "time_to_win_median": Ratio(Quantile(Values(won, hours), 0.5), Indicator(count)),
    }


def lead_cost(facts: Facts) -> Sum:
    """Return the cost of leads created in the period at the price of their day.

    A campaign's leads are paid by the campaign.
    """
    price = facts.by_phase(lambda f: facts.plan.phases[f].cost_per_lead)
    when = facts.dates("leads", "created")
    at, channel, own = when.at[when.inside], facts.channel[when.inside], facts.campaign[when.inside] < 0
    return Sum(facts.created.events, np.where(own, price[facts.phase_of(at), channel], 0.0))


def campaign_cost(facts: Facts) -> Known:
    """Return the cost of campaigns on their first day, if it lies in the period."""
    known = facts.plan.campaign_facts
    day_h = np.array([24.0 * campaign.first_day for campaign in known], np.float64)
    channel = np.array([campaign.channel for campaign in known], np.int64)
    cost = np.where(facts.in_period(day_h), np.array([campaign.cost for campaign in known], np.float64), 0.0)
    month = facts.month_of(day_h) + 1
    table = np.zeros((len(facts.layout.channels), facts.layout.months + 1))
    np.add.at(table, (channel, month), cost)
    both = table[:, 1:]
    parts = {"month": both.sum(axis=0), "channel": both.sum(axis=1), "channel+month": both}
    return Known({"": np.array([cost.sum()]), "campaign": cost, **parts})


def nurture_cost(facts: Facts) -> Sum:
    """Return the cost of stays in nurture begun in the period at the price of their day."""
    when = facts.dates("entries", "entered")
    rows = np.flatnonzero(when.inside)
    price = facts.by_phase(lambda f: facts.plan.phases[f].nurture_cost)
    events = facts.events(facts.entries.ints("lead")[rows], Part(when.month, rows))
    return Sum(events, price[facts.phase_of(when.at[rows])])


def commission_cost(facts: Facts) -> Sum:
    """Return the commission on every win, by the rate of the pool whose task won it, on the day of the win."""
    pool = facts.win_events.part("pool")
    rate = facts.by_phase(lambda f: np.array([*(rules.commission for rules in facts.plan.phases[f].pools), 0.0]))
    at = facts.leads.floats("closed_at")[facts.won]
    return Sum(facts.win_events, rate[facts.phase_of(at), pool] * facts.leads.floats("value")[facts.won])


COSTS = (lead_cost, campaign_cost, commission_cost, nurture_cost)


def cost_metrics(facts: Facts, staffing: Staffing) -> dict[str, Ratio]:
    """Return the cost by kind, profit, cost per win and return on cost.

    By channel and campaign a pool's reps are shared by the hours of work that its leads took; a pool without any work
    is shared by nobody, so that channels then add up to less than the whole.
    """
    leads, campaigns, commission, nurture = (cost(facts) for cost in COSTS)
    reps = ByPart(staffing.cost, dict.fromkeys(SHARED_BY, Computed(lambda split: _shared(facts, staffing, split))))
    cost = Total([(1.0, leads), (1.0, campaigns), (1.0, reps), (1.0, commission), (1.0, nurture)])
    profit = Total([(1.0, facts.revenue), (-1.0, cost)])
    return {
        "cost": Ratio(cost),
        "lead_cost": Ratio(leads),
        "campaign_cost": Ratio(campaigns),
        "rep_cost": Ratio(staffing.cost),
        "commission_cost": Ratio(commission),
        "nurture_cost": Ratio(nurture),
        "wasted_cost": Ratio(Computed(lambda split: _wasted_cost(facts, staffing, split))),
        "profit": Ratio(profit),
        "cost_per_win": Ratio(cost, facts.wins),
        "roi": Ratio(profit, cost),
    }


def _shared(facts: Facts, staffing: Staffing, split: str) -> Floats:
    """Cost of reps by channel or campaign: each pool's cost in proportion to hours of work in the period."""
    parts = math.prod(facts.layout.sizes[dim] for dim in split.split("+"))
    work = facts.work.by(f"pool+{split}").reshape(len(facts.plan.pools), parts)
    price = _per_hour_of_work(facts, staffing)
    shared: Floats = (work * price[:, None]).sum(axis=0)
    return shared


def _wasted_cost(facts: Facts, staffing: Staffing, split: str) -> Floats:
    """Cost of wasted work of the plan or by pool."""
    cost = facts.wasted.by("pool") * _per_hour_of_work(facts, staffing)
    return cost if split == "pool" else np.array([cost.sum()])


def _per_hour_of_work(facts: Facts, staffing: Staffing) -> Floats:
    """[pools] what an hour of work cost, idle time included; 0 for a pool without work."""
    cost, work = staffing.cost.by("pool"), facts.work.by("pool")
    return np.divide(cost, work, out=np.zeros_like(cost), where=work > 0)
