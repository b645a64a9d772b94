"""Last dates: when a lead or a hire comes too late for the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from simfunnel.arrays import Floats
from simfunnel.errors import StoppedError
from simfunnel.ledger.columns import WON
from simfunnel.scenario import Scenario
from simfunnel.study.target.trials import STOPPED, Trials
from simfunnel.study.years.measured_year import Call, Simulated, simulate_call
from simfunnel.study.years.packing import packed

PERIODS = 12
FEW = 0.1
DAY_H = 24.0
FEWEST_WINS = 30


@dataclass(frozen=True)
class LastDates:
    """Until when something begun still counts by the last day, judged by the wins of the plan in simulated periods.

    `what`: lead or hire; `name`: of the team that hires. `days`: median days from then to the win; `half`: the last day
    from which half of what is begun and won is won in time; `few`: from the day after, less than one in ten.
    `ramp_days`: until a new rep is fully productive, of a hire; its dates are of joining, so that the ramp is over by
    the day that counts.
    """

    what: str
    name: str
    days: float
    ramp_days: float
    half: date
    few: date


@dataclass(frozen=True)
class Lags:
    """Hours to the win of every deal won in the period: from the lead's creation, and from each pool's first task."""

    of_leads: Floats
    of_pools: tuple[Floats, ...]


def lags(years: Simulated) -> Lags:
    """Find the lags of a single year."""
    ((plan, ledger),) = years
    leads, tasks = ledger.leads, ledger.tasks
    won = (leads["outcome"] == WON) & (leads["closed_at"] >= 0.0)
    closed = np.where(won, leads["closed_at"], np.nan)
    found = []
    for pool in range(len(plan.pools)):
        first = np.full(len(closed), np.inf)
        mine = (tasks["pool"] == pool) & ~np.isnan(tasks["started"])
        np.minimum.at(first, tasks["lead"][mine], tasks["started"][mine])
        lag = closed - first
        found.append(lag[np.isfinite(lag)])
    return Lags((closed - leads["created"])[won], tuple(found))


def last_dates(trials: Trials, changes: Mapping[str, Any], last: date) -> tuple[LastDates, ...]:
    """Find the last dates for a lead, and for a hire in each team; nothing where too few deals are won to tell.

    Deals won in the period, whenever their leads were made: in a steady flow their lags are those of the leads that
    will win, the slow ones included.
    """
    plan, work = trials.plan(changes), trials.work
    parcel = packed([plan])
    calls = [Call(parcel, ((0, number),), trials.seed, work.engine, lags) for number in range(PERIODS)]
    answers = work.run(simulate_call, calls)
    if len(answers) < PERIODS:
        raise StoppedError(STOPPED)
    trials.meter.done += PERIODS
    found = [_dates("lead", "", [each.of_leads for each in answers], 0.0, last)]
    for at, name in enumerate(plan.pools):
        if trials.scenario.pools[name].reps != "unlimited":
            hours = [each.of_pools[at] for each in answers]
            found.append(_dates("hire", name, hours, ramp_days(trials.scenario, name), last))
    return tuple(each for each in found if each is not None)


def ramp_days(scenario: Scenario, pool: str) -> float:
    """Return the longest ramp of a team's typed hires; 0 when none is typed."""
    ramps = [hire.ramp.hours() / DAY_H for hire in scenario.pools[pool].hires if hire.ramp is not None]
    return max(ramps, default=0.0)


def _dates(what: str, name: str, lags_h: Sequence[Floats], ramp: float, last: date) -> LastDates | None:
    hours = np.concatenate(list(lags_h))
    if hours.size < FEWEST_WINS:
        return None
    median, fast = (float(np.quantile(hours, p)) / DAY_H for p in (0.5, FEW))
    half, few = (last - timedelta(days=round(days + ramp)) for days in (median, fast))
    return LastDates(what, name, median, ramp, half, few)
