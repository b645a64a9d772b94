"""Dates outside what is simulated, run-ins too short to fill a pipeline."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

from simfunnel.calendars.dates import add_months
from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.contradictions import days_text
from simfunnel.scenario.checks.wording import odd, wrong
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import Scenario

CYCLES_TO_FILL = 3


def time_rules(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong or odd about dates and the run-in."""
    yield from _campaigns(scenario)
    yield from _hires(scenario)
    yield from _filling(scenario)
    yield from _patience(scenario)
    yield from _whole_months(scenario)
    yield from _fiscal_year(scenario)


def simulated_from(scenario: Scenario) -> date:
    """The first simulated day: the run-in's first."""
    return scenario.period.start - timedelta(days=scenario.run_in_days)


def _campaigns(scenario: Scenario) -> Iterator[Problem]:
    first, stop = simulated_from(scenario), scenario.period.stop
    remedy = f"write dates from {first} to before {stop}"
    for channel, body in scenario.channels.items():
        for name, campaign in body.campaigns.items():
            path: Path = ("channels", channel, "campaigns", name)
            if campaign.to < first or campaign.from_ >= stop:
                rule = "lies outside the simulated time"
                yield wrong((*path, "from"), rule, remedy, campaign.from_.isoformat())
            elif campaign.from_ < first or campaign.to >= stop:
                rule = "reaches out of the simulated time; what lies outside is left out"
                yield odd((*path, "to" if campaign.to >= stop else "from"), rule, remedy)


def _hires(scenario: Scenario) -> Iterator[Problem]:
    first, stop = simulated_from(scenario), scenario.period.stop
    for name, pool in scenario.pools.items():
        for index, hire in enumerate(pool.hires):
            path: Path = ("pools", name, "hires", index, "on")
            if hire.on < first:
                rule = f"lies before the simulated time, which begins on {first}"
                yield wrong(path, rule, "count these people in reps", hire.on.isoformat())
            elif hire.on >= stop:
                yield odd(
                    path,
                    "lies after the period, so it changes nothing",
                    f"write a date before {stop}",
                    hire.on.isoformat(),
                )


def _filling(scenario: Scenario) -> Iterator[Problem]:
    typed = scenario.period.model_fields_set
    days = scenario.run_in_days
    if scenario.opening_pipeline:
        if "run_in" in typed and scenario.period.run_in_days > 0:
            yield odd(("period", "run_in"), "is not used beside an opening pipeline", "drop one of the two")
        return
    needed = scenario.cycle_hours / 24.0 * CYCLES_TO_FILL
    if days == 0:
        rule = "lets the period begin with an empty pipeline, so that its first months look too bad"
        yield odd(
            ("period", "run_in"),
            rule,
            "write e.g. run_in: 52 weeks, or add an opening_pipeline",
            str(scenario.period.run_in),
        )
    elif days < needed:
        rule = (
            f"is shorter than {CYCLES_TO_FILL} cycles (a cycle takes {days_text(scenario.cycle_hours)}), "
            "so that the period begins with a pipeline that is not full"
        )
        if math.isinf(needed):
            rule, remedy = (
                "fills no pipeline: customers never come back, where a wait is never",
                "write a time, e.g. 7 days, or none for no wait",
            )
        else:
            remedy = f"write at least {math.ceil(needed / 7.0 - 1e-9)} weeks"
        yield odd(("period", "run_in"), rule, remedy, str(scenario.period.run_in))


def _patience(scenario: Scenario) -> Iterator[Problem]:
    spreads: list[tuple[Path, DurationDist]] = [
        (("channels", name, "patience"), channel.patience) for name, channel in scenario.channels.items()
    ]
    if scenario.nurture is not None:
        spreads.append((("nurture", "patience"), scenario.nurture.patience))
    for path, patience in spreads:
        if patience.working:
            rule = "is working time, but customers wait at night too"
            yield wrong(path, rule, "write elapsed time, e.g. 3 days")


def _whole_months(scenario: Scenario) -> Iterator[Problem]:
    if scenario.sla is None:
        return
    start = scenario.period.start
    first = start if start.day == 1 else add_months(start.replace(day=1), 1)
    if add_months(first, 1) > scenario.period.stop:
        rule = "is judged by whole calendar months, of which the period has none"
        yield odd(("sla",), rule, "simulate a longer period", at_key=True)


def _fiscal_year(scenario: Scenario) -> Iterator[Problem]:
    """A period that begins within a month of the fiscal year: its first month is shown in part."""
    year, start = scenario.fiscal_year, scenario.period.start
    if year is None:
        return
    around = year.months(start - timedelta(days=40), scenario.period.stop)
    before = [month for month in around if month.first <= start][-1]
    if before.first < start:
        rule = f"begins within {before.name}, which began on {before.first}: that month is shown in part"
        later = next((month.first for month in around if month.first > start), None)
        remedy = f"start on {before.first}" + (f" or {later}" if later else "") + ", or leave it so"
        yield odd(("period", "start"), rule, remedy, start.isoformat())
