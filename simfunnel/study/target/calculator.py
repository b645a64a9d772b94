"""The calculator that everybody owns: today's rates, channel by channel, backwards from the target to leads and reps.

Rates are those that a CRM would show for today: leads and MQLs that go cold today go cold in them too. What it leaves
out is all that changes with the plan: luck, longer queues, what closes after the last day. Why the simulation needs
more than it says is told in pieces that add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, nan
from typing import Any

import numpy as np

from simfunnel.metrics import Key
from simfunnel.plan import Plan
from simfunnel.scenario import Scenario
from simfunnel.stats import estimate
from simfunnel.study.target.moves import Move, Now, TargetGoal
from simfunnel.study.target.trials import Trials
from simfunnel.study.years.samples import Samples
from simfunnel.theory.waterfall import ChannelRates, Steps, raised_by

_WHOLE = 1e-9
STEPS = ("visits", "leads", "mqls", "reached", "sals", "opportunities", "wins", "revenue")
COUNTED = ("mqls", "contacts", "sals", "opportunities", "wins", "revenue")
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
        self._goal, self._today = goal, today
        now = Now(scenario, plan, today, 0, plan.n_days + plan.first_day - 1)
        self.channels = plan.channels
        self.leads = {name: self._of("leads", name) for name in plan.channels}
        self.movable = {name: now.moved(name) for name in plan.channels}
        self.rates: dict[str, ChannelRates] = {}
        self.brings: dict[str, float] = {}  # by a lead, of the goal's metric
        paid = COSTS if goal.metric == "profit" else ()
        for name, leads in self.leads.items():
            of = {metric: self._of(metric, name) for metric in COUNTED}
            typed = scenario.channels[name].visit_to_lead if name in scenario.channels else None
            rates = self.rates[name] = ChannelRates(
                name=name,
                visit_rate=nan if typed is None else typed,
                mqls=_per(of["mqls"], leads),
                reached=_per(of["contacts"], of["mqls"]),
                accepted=_per(of["sals"], of["contacts"]),
                stages=(_per(of["opportunities"], of["sals"]), _per(of["wins"], of["opportunities"])),
                deal=_per(of["revenue"], of["wins"]),
            )
            costs = _per(sum(self._of(cost, name) for cost in paid), leads)
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


def fixed_costs(samples: Samples, goal: TargetGoal) -> float:
    """Return what a plan's metric holds beside what its leads bring: of profit, what reps and campaigns cost."""
    if goal.metric != "profit":
        return 0.0
    return -sum(float(samples.values(Key(name)).mean()) for name in ("rep_cost", "campaign_cost"))


def _per(over: float, under: float) -> float:
    return over / under if under > 0 else 0.0


@dataclass(frozen=True)
class Piece:
    """One reason: what it takes from the calculator's promise for the plan, and how many leads that is.

    `reason`: cold (a larger share of MQLs goes cold), queues (whom reps reach converts worse: later answers, fuller
    desks, or another choice of leads), date (closes after the last day), luck (the chance asked for against the mean),
    sure (what so few simulated periods need to show the chance). `half_width` is nan where a rank decides. `leads` is
    nan where no volume is raised.
    """

    reason: str
    amount: float
    half_width: float
    leads: float


@dataclass(frozen=True)
class Why:
    """From what the calculator promises for the plan down to the target; the pieces add up to the difference.

    `promised`: today's rates times the plan's leads; `wanted`: the target.
    """

    promised: float
    wanted: float
    pieces: tuple[Piece, ...]


def why(
    trials: Trials,
    goal: TargetGoal,
    calculator: Calculator,
    moves: Sequence[Move],
    levels: Sequence[float],
    changes: Mapping[str, Any],
    n: int,
) -> Why:
    """Find the reasons at a plan, over n replications and as many of the same plan in force since the run-in's start.

    In this order, each given those before: cold and queues are of the plan long in force, date is what the plan loses
    by beginning when it does, luck is the mean less the result that the chance asked for is sure of. Without a run-in,
    or for a plan in force all along, nothing is late and date is left out.
    """
    samples = trials.samples(changes, n)
    times = volumes(moves, levels)
    promised = calculator.value(times, fixed_costs(samples, goal))
    late = changes and trials.start != "settled" and trials.scenario.run_in_days > 0
    settled = trials.samples(changes, n, replace(trials.now, start="settled")) if late else samples
    kept = reached_as_promised(calculator, times, settled)
    values, long_run = (np.nan_to_num(each.values(goal.key)) for each in (samples, settled))
    ranked = goal.ranked().bounds(values, goal.ranked().level).estimate
    mean = float(values.mean())
    fixed = fixed_costs(samples, goal)
    without_cold = promised - fixed
    amounts = {
        "cold": (without_cold * (1.0 - kept), np.nan),
        "queues": (without_cold * kept + fixed - float(long_run.mean()), float(estimate(long_run).half_width)),
        "date": (float((long_run - values).mean()), float(estimate(long_run - values).half_width)),
        "luck": (mean - ranked, np.nan),
        "sure": (ranked - goal.wanted, np.nan),
    }
    if not late:
        del amounts["date"]
    leads = sum(calculator.movable.get(name, 0.0) for name in times)
    brought = sum(calculator.movable.get(name, 0.0) * calculator.brings.get(name, 0.0) for name in times)
    per_lead = brought / leads if leads > 0 and brought > 0 else float("nan")  # by today's rates, in this mix
    return Why(
        promised,
        goal.wanted,
        tuple(Piece(reason, amount, width, amount / per_lead) for reason, (amount, width) in amounts.items()),
    )


def volumes(moves: Sequence[Move], levels: Sequence[float]) -> dict[str, float]:
    """Return the volume of each channel that is moved, as a multiple of today's."""
    return {name: move.times(level) for move, level in zip(moves, levels, strict=True) for name in move.channels}


def reached_as_promised(calculator: Calculator, times: Mapping[str, float], samples: Samples) -> float:
    """Return first contacts of a plan over those that today's rates promise; channels weigh by what leads bring."""
    promised = calculator.forwards(dict(times)).by_channel
    over = under = 0.0
    for name, steps in promised.items():
        if steps.reached > 0:
            weight = steps.leads * calculator.brings[name]
            found = float(np.nan_to_num(samples.values(Key("contacts", channel=name))).mean())
            over, under = over + weight * found / steps.reached, under + weight
    return over / under if under > 0 else 1.0
