"""Dates outside what is simulated, run-ins too short to fill a pipeline."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from simfunnel.calendars.dates import add_months
from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.contradictions import days_text
from simfunnel.scenario.checks.wording import odd, wrong
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import Scenario

CYCLES_TO_FILL = 3


def date_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield campaigns and hires outside the simulated time."""
    first, stop = scenario.period.start - timedelta(days=scenario.run_in_days), scenario.period.stop
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
    for name, pool in scenario.pools.items():
        for index, hire in enumerate(pool.hires):
            path = ("pools", name, "hires", index, "on")
            if hire.on < first:
                rule = f"lies before the simulated time, which begins on {first}"
                yield wrong(path, rule, "count these people in reps", hire.on.isoformat())
            elif hire.on >= stop:
                rule = "lies after the period, so it changes nothing"
                yield odd(path, rule, f"write a date before {stop}", hire.on.isoformat())


def run_in_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield a run-in that is not used, or is too short to fill the pipeline."""
    days, period, path = scenario.run_in_days, scenario.period, ("period", "run_in")
    if scenario.opening_pipeline:
        if "run_in" in period.model_fields_set and period.run_in_days > 0:
            yield odd(path, "is not used beside an opening pipeline", "drop one of the two")
        return
    needed = scenario.cycle_hours / 24.0 * CYCLES_TO_FILL
    if days == 0:
        rule = "lets the period begin with an empty pipeline, so that its first months look too bad"
        yield odd(path, rule, "write e.g. run_in: 52 weeks, or add an opening_pipeline", str(period.run_in))
    elif math.isinf(needed):
        rule = "fills no pipeline: customers never come back, where a wait is never"
        yield odd(path, rule, "write a time, e.g. 7 days, or none for no wait", str(period.run_in))
    elif days < needed:
        rule = (
            f"is shorter than {CYCLES_TO_FILL} cycles (a cycle takes {days_text(scenario.cycle_hours)}), "
            "so that the period begins with a pipeline that is not full"
        )
        yield odd(path, rule, f"write at least {math.ceil(needed / 7.0 - 1e-9)} weeks", str(period.run_in))


def clock_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield patience in working time, an sla without a whole month, and a period that begins within a fiscal month."""
    patience: list[tuple[Path, DurationDist]] = [
        (("channels", name, "patience"), channel.patience) for name, channel in scenario.channels.items()
    ]
    if scenario.nurture is not None:
        patience.append((("nurture", "patience"), scenario.nurture.patience))
    for path, spread in patience:
        if spread.working:
            rule = "is working time, but customers wait at night too"
            yield wrong(path, rule, "write elapsed time, e.g. 3 days")
    start, stop, year = scenario.period.start, scenario.period.stop, scenario.fiscal_year
    whole = start if start.day == 1 else add_months(start.replace(day=1), 1)
    if scenario.sla is not None and add_months(whole, 1) > stop:
        rule = "is judged by whole calendar months, of which the period has none"
        yield odd(("sla",), rule, "simulate a longer period", at_key=True)
    around = year.months(start - timedelta(days=40), stop) if year is not None else ()
    before = [month for month in around if month.first <= start]
    if before and before[-1].first < start:
        month = before[-1]
        rule = f"begins within {month.name}, which began on {month.first}: that month is shown in part"
        later = next((each.first for each in around if each.first > start), None)
        remedy = f"start on {month.first}" + (f" or {later}" if later else "") + ", or leave it so"
        yield odd(("period", "start"), rule, remedy, start.isoformat())
