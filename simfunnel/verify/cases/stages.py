"""Several stages, nurture, and pipelines that fill up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import exp, expm1, pi

import numpy as np

from simfunnel.errors import EngineError
from simfunnel.ledger.columns import OPEN, WON
from simfunnel.theory.queues import mg1_wait
from simfunnel.verify.cases.case import Case, Measure, Trial, replicated
from simfunnel.verify.cases.controls import above_if_nobody_waited
from simfunnel.verify.exact import EXACT
from simfunnel.verify.figures import within
from simfunnel.verify.judging import Floats, Means
from simfunnel.verify.scenes import Typed, desk, funnel, hours
from simfunnel.verify.window import Tasks, Window

DAY = 24.0


# ------------------------------------------------------------------ desks in a row


def two_desks(seen: Window) -> Mapping[str, float]:
    """Waits at both desks, leads in contract and in all, and the controls of each desk's input."""
    leads, days = seen.ledger.leads, seen.until / DAY
    found = {}
    for stage, name, reps in ((0, "sdr", 4), (1, "ae", 5)):
        tasks = seen.joined(stage)
        found[f"wait_{name}"] = float(tasks.wait.mean()) / DAY
        found[f"p_wait_{name}"] = float((tasks.wait > 0.0).mean())
        found[f"{name}_per_day"] = tasks.queued.size / days
        found[f"effort_{name}"] = float(tasks.effort.mean()) / DAY
        found[f"twin_{name}"] = seen.twin(reps, stage) / DAY
    contracts = seen.ledger.tasks["stage"] == 2
    found["in_contract"] = seen.average(*(seen.ledger.tasks[name][contracts] for name in ("entered", "started")))
    found["in_process"] = seen.average(leads["created"], leads["closed_at"])
    inside = (leads["created"] >= 0.0) & (leads["created"] < seen.until)
    found["days_in_process"] = float((leads["closed_at"] - leads["created"])[inside].mean()) / DAY
    found["contracts_per_day"] = seen.outcomes(WON) / days
    return found


def desks_in_a_row() -> Trial:
    """R16."""
    stages: list[Typed] = [
        {"name": "qualify", "effort": hours(12), "conversion": "50%"},
        {"name": "sell", "effort": hours(30), "conversion": "40%"},
        {"name": "contract", "wait": {"mean": "4 days", "cv": 0.5}},
    ]
    pools = {
        "SDR": {"stages": ["qualify"], "reps": 4, "selling_time": "100%"},
        "AE": {"stages": ["sell"], "reps": 5, "selling_time": "100%"},
    }
    scenario = funnel({"leads": {"leads": "6 / day"}}, stages, days=1900, run_in=60, pools=pools)
    sdr = {"sdr_per_day": 6.0, "effort_sdr": 0.5, "twin_sdr": mg1_wait(6.0, 0.125, 2 * 0.125**2)}
    # what leaves the first desk is Poisson, too (Burke 1956)
    ae = {"ae_per_day": 3.0, "effort_ae": 1.25, "twin_ae": mg1_wait(3.0, 0.25, 2 * 0.25**2)}
    exact = EXACT["R16"]
    of_sdr = {name: exact[name] for name in ("wait_sdr", "p_wait_sdr")}
    others = {name: value for name, value in exact.items() if name not in of_sdr}
    return Trial(replicated(scenario, two_desks, 24, after=60), [Means(of_sdr, sdr), Means(others, ae)])


# ------------------------------------------------------------------ nurture

MOST_H = 500 * DAY  # a nurtured lead's story is over by then


def nurture_loop(seen: Window) -> Mapping[str, float]:
    """Visits of leads that come back, the queue they meet, and the controls of its input."""
    leads, entries, days = seen.ledger.leads, seen.ledger.entries, seen.until / DAY
    tasks, everything = seen.joined(), seen.tasks()
    order = np.lexsort((everything.queued, everything.lead))
    full, above = seen.without_queue(*never_waiting(everything.where(order)), 8)
    told = leads["created"] < seen.plan.end_h - MOST_H
    if (leads["outcome"][told] == OPEN).any():
        raise EngineError("a lead is still open 500 days after it came")
    return {
        "visits_per_day": tasks.queued.size / days,
        "busy": seen.busy(6),
        "wait": float(tasks.wait.mean()) / DAY,
        "p_wait": float((tasks.wait > 0.0).mean()),
        "in_nurture": seen.average(entries["entered"], entries["left_at"]),
        "wins_per_day": seen.outcomes(WON) / days,
        "visits_per_lead": tasks.queued.size / seen.created(),
        "win_share": seen.outcomes(WON) / seen.created(),
        "variance_of_visits": float(leads["passes"][told].var()),
        "effort": float(tasks.effort.mean()) / DAY,
        "full_without_queue": full,
        "above_without_queue": above,
    }


def never_waiting(tasks: Tasks) -> tuple[Floats, Floats]:
    """(joined, effort) of every visit if no visit before it had waited; tasks by lead, then time."""
    begun = ~np.isnan(tasks.started)
    wait = np.where(begun, tasks.started - tasks.queued, 0.0)
    before = np.cumsum(wait) - wait
    first = np.flatnonzero(np.concatenate(([True], tasks.lead[1:] != tasks.lead[:-1])))
    of_lead = np.repeat(before[first], np.diff(np.append(first, tasks.lead.size)))
    return (tasks.queued - (before - of_lead))[begun], tasks.effort[begun]


def nurture_and_come_back() -> Trial:
    """R17."""
    call = {"conversion": "10%", "otherwise": {"nurture": "50%", "lost": "50%"}}
    nurture = {"delay": {"mean": "30 days", "cv": 0.5}, "opt_out": "40%", "cycles": 1000, "patience": "none"}
    scenario = desk("5 / day", 6, hours(16), days=2900, run_in=240, call=call, nurture=nurture)
    exact = EXACT["R17"]
    full, above = above_if_nobody_waited(exact["visits_per_day"] / 1.5, 8)
    known = {"visits_per_day": exact["visits_per_day"], "effort": 1.0 / 1.5}
    known |= {"full_without_queue": full, "above_without_queue": above}
    of_queue = {name: exact[name] for name in ("wait", "p_wait", "busy")}
    others = {name: value for name, value in exact.items() if name not in of_queue}
    return Trial(replicated(scenario, nurture_loop, 40, after=10), [Means(of_queue, known), Means(others)])


# ------------------------------------------------------------------ pipelines that fill up


def empty_start(days: int, copies: int, *, conversion: str, **sections: Typed) -> Typed:
    """Opportunities that pass through three exponential stages; the first, of no length, is where they open."""
    wait = {"mean": "20 days"}
    stages: list[Typed] = [{"name": "open"}, {"name": "first", "wait": wait}, {"name": "second", "wait": wait}]
    stages.append({"name": "third", "wait": wait, "conversion": conversion})
    return funnel({"leads": {"leads": f"{2 * copies} / day"}}, stages, days=days, run_in=0, **sections)


def fills_up(days: int, copies: int) -> Measure:
    """Wins and open leads at the end, per copy."""

    def measure(seen: Window) -> Mapping[str, float]:
        still = (seen.ledger.leads["outcome"] == OPEN).sum()
        return {f"wins_by_{days}": seen.outcomes(WON) / copies, f"open_at_{days}": float(still) / copies}

    return measure


def starts_empty(days: int, copies: int, names: tuple[str, ...]) -> Trial:
    """R18: `copies` such funnels side by side; without a limit of reps they do not feel each other, means add up."""
    sampler = replicated(empty_start(days, copies, conversion="25%"), fills_up(days, copies), 24, after=0)
    return Trial(sampler, [Means({name: EXACT["R18"][name] for name in names})])


def first_wins() -> Trial:
    """R18: few are won by day 30, so only the quarter that will win is simulated; the others would not be felt."""
    scenario = empty_start(30, 500, conversion="100%", qualification={"mql_rate": "25%"})
    sampler = replicated(scenario, fills_up(30, 500), 24, after=0)
    return Trial(sampler, [Means({"wins_by_30": EXACT["R18"]["wins_by_30"]})])


OPEN_DAYS = (2, 7, 30)
STAY_H = 240.0


def open_in_steps(rates: Floats, day: int) -> float:
    """Mean open opportunities on a day at rates that are even within each hour of the week, 25 open at the start."""
    ends = np.arange(1.0, 24.0 * day + 1.0)
    stays = STAY_H * (np.exp(-(24.0 * day - ends) / STAY_H) * -expm1(-1.0 / STAY_H))
    return 25.0 * exp(-24.0 * day / STAY_H) + float(rates[(ends - 1.0).astype(int) % 168] @ stays) / 24.0


def weekly_rhythm() -> Trial:
    """R19; the week's profile is typed by the hour, the steps' exact values are beside those of the sine itself."""
    copies, week = 20, 2 * pi / 168.0
    rates = 8.0 - 5.0 * np.diff(np.cos(week * np.arange(169.0))) / week  # a day, mean of the sine over each hour
    opening = [{"channel": "leads", "stage": "open", "count": 25 * copies, "age": "1 hour"}]
    stages: list[Typed] = [{"name": "start"}, {"name": "open", "wait": {"mean": "10 days"}}]
    channel = {"leads": f"{8 * copies} / day", "hours_of_week": rates.tolist()}
    scenario = funnel({"leads": channel}, stages, days=31, run_in=0, opening_pipeline=opening)

    def measure(seen: Window) -> Mapping[str, float]:
        created, closed = seen.ledger.leads["created"], seen.ledger.leads["closed_at"]
        over = np.where(np.isnan(closed), np.inf, closed)
        return {
            f"open_at_{day}": float(((created < 24.0 * day) & (over >= 24.0 * day)).sum()) / copies for day in OPEN_DAYS
        }

    steps, sine = {f"open_at_{day}": open_in_steps(rates, day) for day in OPEN_DAYS}, EXACT["R19"]
    beside = [within(f"{name}, in steps", value, sine[name], 1e-4 * sine[name]) for name, value in steps.items()]
    return Trial(replicated(scenario, measure, 24, after=0), [Means(steps)], beside)


EICK = "M(t)/M/infinity, Eick, Massey and Whitt 1993"
AFTER_90, AFTER_365 = ("wins_by_90", "open_at_90"), ("wins_by_365",)

CASES = (
    Case("R16", "two desks in a row", "Jackson 1957", desks_in_a_row, 0.9, "quick"),
    Case("R17", "nurture and come back", "Jackson 1957, geometric visits", nurture_and_come_back, 2, "quick"),
    Case("R18 30", "empty start, first wins", "Erlang stages", first_wins, 0.6, "quick"),
    Case("R18 90", "empty start, 90 days", EICK, partial(starts_empty, 90, 40, AFTER_90), 0.4, "quick"),
    Case("R18 365", "empty start, a year", "Erlang stages", partial(starts_empty, 365, 4, AFTER_365), 0.2, "quick"),
    Case("R19", "weekly rhythm", EICK, weekly_rhythm, 0.5, "quick"),
)
