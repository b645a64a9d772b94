"""Several stages, nurture, and pipelines that fill up (cases R16-R19)."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, expm1, pi

import numpy as np
import pytest

from simfunnel.ledger.columns import OPEN, WON
from simfunnel.theory.queues import mg1_wait
from tests.theory.cases import EXACT
from tests.theory.harness import (
    Floats,
    Measure,
    Tasks,
    Typed,
    Window,
    above_if_nobody_waited,
    desk,
    funnel,
    hours,
    judge,
    replicate,
)

DAY = 24.0


def test_r16_two_desks_in_a_row_then_contract() -> None:
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

    def measure(seen: Window) -> Mapping[str, float]:
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

    found = replicate(scenario, measure, 24, after=60)
    sdr = {"sdr_per_day": 6.0, "effort_sdr": 0.5, "twin_sdr": mg1_wait(6.0, 0.125, 2 * 0.125**2)}
    # what leaves the first desk is Poisson, too (Burke 1956)
    ae = {"ae_per_day": 3.0, "effort_ae": 1.25, "twin_ae": mg1_wait(3.0, 0.25, 2 * 0.25**2)}
    exact = EXACT["R16"]
    of_sdr = ("wait_sdr", "p_wait_sdr")
    judge(found, {name: exact[name] for name in of_sdr}, control=sdr)
    judge(found, {name: value for name, value in exact.items() if name not in of_sdr}, control=ae)


@pytest.mark.slow
def test_r17_nurture_and_come_back() -> None:
    call = {"conversion": "10%", "otherwise": {"nurture": "50%", "lost": "50%"}}
    nurture = {"delay": {"mean": "30 days", "cv": 0.5}, "opt_out": "40%", "cycles": 1000, "patience": "none"}
    scenario = desk("5 / day", 6, hours(16), days=2900, run_in=240, call=call, nurture=nurture)
    most_h = 500 * DAY  # a lead's story is over by then

    def measure(seen: Window) -> Mapping[str, float]:
        leads, entries, days = seen.ledger.leads, seen.ledger.entries, seen.until / DAY
        tasks, everything = seen.joined(), seen.tasks()
        order = np.lexsort((everything.queued, everything.lead))
        full, above = seen.without_queue(*never_waiting(everything.where(order)), 8)
        told = leads["created"] < seen.plan.end_h - most_h
        assert not (leads["outcome"][told] == OPEN).any()
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

    found = replicate(scenario, measure, 40, after=10)
    exact = EXACT["R17"]
    full, above = above_if_nobody_waited(exact["visits_per_day"] / 1.5, 8)
    known = {"visits_per_day": exact["visits_per_day"], "effort": 1.0 / 1.5}
    known |= {"full_without_queue": full, "above_without_queue": above}
    of_queue = ("wait", "p_wait", "busy")
    judge(found, {name: exact[name] for name in of_queue}, control=known)
    judge(found, {name: value for name, value in exact.items() if name not in of_queue})


def never_waiting(tasks: Tasks) -> tuple[Floats, Floats]:
    """(joined, effort) of every visit if no visit before it had waited; tasks by lead, then time."""
    begun = ~np.isnan(tasks.started)
    wait = np.where(begun, tasks.started - tasks.queued, 0.0)
    before = np.cumsum(wait) - wait
    first = np.flatnonzero(np.concatenate(([True], tasks.lead[1:] != tasks.lead[:-1])))
    of_lead = np.repeat(before[first], np.diff(np.append(first, tasks.lead.size)))
    return (tasks.queued - (before - of_lead))[begun], tasks.effort[begun]


@pytest.mark.parametrize(("days", "copies", "replications"), [(90, 40, 24), (365, 4, 24)])
def test_r18_a_pipeline_that_starts_empty(days: int, copies: int, replications: int) -> None:
    """`copies` such funnels side by side: without a limit of reps they do not feel each other, their means add up."""
    found = replicate(empty_start(days, copies, conversion="25%"), fills_up(days, copies), replications, after=0)
    judge(found, {name: EXACT["R18"][name] for name in found if name in EXACT["R18"]})


def test_r18_the_first_wins_of_a_pipeline_that_starts_empty() -> None:
    """Few are won by day 30, so only the quarter that will win is simulated: the others would not be felt."""
    scenario = empty_start(30, 500, conversion="100%", qualification={"mql_rate": "25%"})
    found = replicate(scenario, fills_up(30, 500), 24, after=0)
    judge(found, {"wins_by_30": EXACT["R18"]["wins_by_30"]})


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


def test_r19_the_weekly_rhythm_of_open_opportunities() -> None:
    """The week's profile is typed by the hour, so the exact value is that of a rate that is even within each hour."""
    copies, stay_h, week = 20, 240.0, 2 * pi / 168.0
    edges = np.arange(169.0)
    rates = 8.0 - 5.0 * np.diff(np.cos(week * edges)) / week  # a day, mean of the sine over each hour
    opening = [{"channel": "leads", "stage": "open", "count": 25 * copies, "age": "1 hour"}]
    stages: list[Typed] = [{"name": "start"}, {"name": "open", "wait": {"mean": "10 days"}}]
    channel = {"leads": f"{8 * copies} / day", "hours_of_week": rates.tolist()}
    scenario = funnel({"leads": channel}, stages, days=31, run_in=0, opening_pipeline=opening)

    def exact(day: int) -> float:
        ends = np.arange(1.0, 24.0 * day + 1.0)
        stays = stay_h * (np.exp(-(24.0 * day - ends) / stay_h) * -expm1(-1.0 / stay_h))
        return 25.0 * exp(-24.0 * day / stay_h) + float(rates[(ends - 1.0).astype(int) % 168] @ stays) / 24.0

    def measure(seen: Window) -> Mapping[str, float]:
        created, closed = seen.ledger.leads["created"], seen.ledger.leads["closed_at"]
        over = np.where(np.isnan(closed), np.inf, closed)
        return {
            f"open_at_{day}": float(((created < 24.0 * day) & (over >= 24.0 * day)).sum()) / copies
            for day in (2, 7, 30)
        }

    values = {f"open_at_{day}": exact(day) for day in (2, 7, 30)}
    assert values == pytest.approx(EXACT["R19"], rel=1e-4)  # of the sine itself
    judge(replicate(scenario, measure, 24, after=0), values)
