"""The calculator that everybody owns: today's rates, channel by channel, backwards from the target to leads and reps.

Rates are those that a CRM would show for today: leads and MQLs that go cold today go cold in them too. What it leaves
out is all that changes with the plan: luck, longer queues, what closes after the last day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, nan
from typing import Any

import numpy as np

from simfunnel.metrics import Key
from simfunnel.plan import Plan
from simfunnel.scenario import Scenario
from simfunnel.study.target.goal import TargetGoal
from simfunnel.study.target.moves import Now
from simfunnel.study.years.samples import Samples
from simfunnel.theory.waterfall import ChannelRates, Steps, raised_by

_WHOLE = 1e-9
STEPS = ("visits", "leads", "mqls", "reached", "sals", "opportunities", "wins", "revenue")
COSTS = ("lead_cost", "commission_cost", "nurture_cost")


@dataclass(frozen=True)
class Backwards:
    """A plan's counts by channel and in all, its leads as a multiple of today's, and whole reps at 100% busy."""

    by_channel: dict[str, Steps]
    reps: dict[str, int]
    times: float  # leads of the channels that are raised, against today's

    @property
    def all(self) -> Steps:
        """The sum over channels; visits are nan unless a channel counts them."""
        return total(self.by_channel.values())

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        every, *counts = (
            {name: getattr(steps, name) for name in STEPS} for steps in (self.all, *self.by_channel.values())
        )
        channels = dict(zip(self.by_channel, counts, strict=True))
        return {"times_today": self.times, "reps": dict(self.reps), "all": every, "channels": channels}


def total(steps: Iterable[Steps]) -> Steps:
    """Add up all channels; visits are those of channels that count them, nan when none does."""
    rows = list(steps)
    visits = [row.visits for row in rows if row.visits == row.visits]
    advances = tuple(sum(row.advances[k] for row in rows) for k in range(len(rows[0].advances)))
    added = ("leads", "mqls", "reached", "sals", "wins", "revenue")
    sums = {name: sum(getattr(row, name) for row in rows) for name in added}
    return Steps(visits=sum(visits) if visits else nan, advances=advances, **sums)


class Calculator:
    """Today's rates of every channel, what a lead brings towards the goal, and the hours of work that reps put in."""

    def __init__(self, scenario: Scenario, plan: Plan, today: Samples, goal: TargetGoal) -> None:
        self._scenario, self._goal, self._today = scenario, goal, today
        now = Now(scenario, plan, today, 0, plan.n_days + plan.first_day - 1)
        self.channels = plan.channels
        self.leads = {name: self._of("leads", name) for name in plan.channels}
        self.movable = {name: now.moved(name) for name in plan.channels}
        self.rates = {name: self._rates(name) for name in plan.channels}
        self.brings: dict[str, float] = {}  # by a lead, of the goal's metric
        paid = COSTS if goal.metric == "profit" else ()
        for name, rates in self.rates.items():
            costs = _per(sum(self._of(cost, name) for cost in paid), self.leads[name])
            self.brings[name] = rates.wins if goal.metric == "wins" else rates.revenue - costs
        self.pools = {
            name: float(today.values(Key("reps", pool=name)).mean())
            * float(np.nan_to_num(today.values(Key("busy_share", pool=name))).mean())
            for name, pool in scenario.pools.items()
            if pool.reps != "unlimited"
        }

    def forwards(self, times: dict[str, float]) -> Backwards:
        """Work out what today's rates make of so many times today's volume of each channel (1 where none is named)."""
        leads = {name: self._leads(name, times.get(name, 1.0)) for name in self.channels}
        steps = {name: self.rates[name].steps(leads[name]) for name in self.channels}
        before = sum(self.rates[name].steps(self.leads[name]).reached for name in self.channels)
        work = sum(each.reached for each in steps.values()) / before if before > 0 else 1.0
        reps = {name: ceil(busy * work - _WHOLE) for name, busy in self.pools.items()}
        raised = [name for name in times if name in leads and self.leads[name] > 0] or list(self.channels)
        grown = sum(leads[name] for name in raised) / max(sum(self.leads[name] for name in raised), 1e-300)
        return Backwards(steps, reps, grown)

    def value(self, times: dict[str, float], fixed: float) -> float:
        """Return what the calculator promises of the goal's metric for such volumes, `fixed` beside what they bring."""
        return fixed + sum(self._leads(name, times.get(name, 1.0)) * self.brings[name] for name in self.channels)

    def backwards(self, raised: Sequence[str], fixed: float) -> Backwards | None:
        """Find the volumes of the `raised` channels that bring the goal; None when no number of their leads does."""
        names = [name for name in raised if name in self.channels]
        rest = fixed + sum(
            (self.leads[name] - (self.movable[name] if name in names else 0.0)) * self.brings[name]
            for name in self.channels
        )
        try:
            factor = raised_by(
                self._goal.wanted, [self.brings[n] for n in names], [self.movable[n] for n in names], rest
            )
        except ValueError:
            return None
        return self.forwards(dict.fromkeys(names, factor))

    def _leads(self, name: str, times: float) -> float:
        return self.leads[name] + (times - 1.0) * self.movable[name]

    def _of(self, metric: str, channel: str) -> float:
        return float(np.nan_to_num(self._today.values(Key(metric, channel=channel))).mean())

    def _rates(self, name: str) -> ChannelRates:
        leads, mqls, contacts, sals, opportunities, wins, revenue = (
            self._of(metric, name)
            for metric in ("leads", "mqls", "contacts", "sals", "opportunities", "wins", "revenue")
        )
        typed = self._scenario.channels[name].visit_to_lead if name in self._scenario.channels else None
        return ChannelRates(
            name=name,
            visit_rate=nan if typed is None else typed,
            mqls=_per(mqls, leads),
            reached=_per(contacts, mqls),
            accepted=_per(sals, contacts),
            stages=(_per(opportunities, sals), _per(wins, opportunities)),
            deal=_per(revenue, wins),
        )


def fixed_costs(samples: Samples, goal: TargetGoal) -> float:
    """Return what a plan's metric holds beside what its leads bring: of profit, what reps and campaigns cost."""
    if goal.metric != "profit":
        return 0.0
    return -sum(float(samples.values(Key(name)).mean()) for name in ("rep_cost", "campaign_cost"))


def _per(over: float, under: float) -> float:
    return over / under if under > 0 else 0.0
