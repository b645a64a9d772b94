"""Rules of numbers and dates that contradict each other, and of slips of a unit or a digit.

Among them: dates outside what is simulated, run-ins too short to fill a pipeline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from simfunnel import distributions
from simfunnel.calendars.dates import add_months
from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import contradiction, odd, wrong
from simfunnel.scenario.fields.arrivals import MONTHS
from simfunnel.scenario.fields.pools import Skill
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import ELAPSED_BUSINESS_DAY, Scenario, mean_hours
from simfunnel.units import number_text, rounded, share_text, significant

LEAST_RATE = 0.01
LEAST_VISITS = 0.001  # of visits that become leads
MOST_COMMISSION = 0.5
FAR = 100.0  # times what the typed numbers bring, or a part of it
LEAST_DEAL, LARGEST_DEAL = 10.0, 10e6
MOST_EFFORT_H = 40.0
MOST_GROWTH = 1.0


def share_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield rates and shares below 1%, and a last stage without wins."""
    rates: list[tuple[Path, float | None]] = [(("qualification", "mql_rate"), scenario.qualification.mql_rate)]
    rates += [(("channels", name, "mql_rate"), channel.mql_rate) for name, channel in scenario.channels.items()]
    rates.append((("acceptance", "rate"), None if scenario.acceptance is None else scenario.acceptance.rate))
    rates += [(("stages", index, "conversion"), stage.conversion) for index, stage in enumerate(scenario.stages)]
    win = ("stages", len(scenario.stages) - 1, "conversion")
    shares = [(path, rate, LEAST_RATE) for path, rate in rates]
    for path, share, least in [*shares, *_shares(scenario)]:
        if share is not None and 0.0 < share < least:  # 0.45% may have been meant as 45%
            remedy = f"see that {share_text(rounded(share * 100, 9))} is not meant"
            yield odd(path, f"is below {share_text(least)}", remedy, share_text(share))
        elif share == 0.0 and path == win:
            yield odd(path, "lets nobody win", "write a share above 0%", "0%")


def _shares(scenario: Scenario) -> Iterator[tuple[Path, float | None, float]]:
    """Yield every typed share but the rates that is hardly ever so small: its path, its value, and what it is below."""
    for name, channel in scenario.channels.items():
        yield ("channels", name, "visit_to_lead"), channel.visit_to_lead, LEAST_VISITS
        yield ("channels", name, "growth"), abs(channel.growth), LEAST_RATE
        for month, factor in channel.season.items():
            yield ("channels", name, "season", month), factor, LEAST_RATE
    for index, stage in enumerate(scenario.stages):
        for field in ("no_show", "no_show_effort"):
            yield ("stages", index, field), getattr(stage, field), LEAST_RATE
        for field in ("nurture", "postponed"):
            yield ("stages", index, "otherwise", field), getattr(stage.otherwise, field), LEAST_RATE
    for name, pool in scenario.pools.items():
        yield ("pools", name, "selling_time"), pool.selling_time, LEAST_RATE
        yield ("pools", name, "commission"), pool.commission, LEAST_RATE
        for index, hire in enumerate(pool.hires):
            yield ("pools", name, "hires", index, "start_at"), hire.start_at, LEAST_RATE
        yield from _shares_of_skills(("pools", name, "specialised"), pool.specialised)
    for name, table in scenario.skills.items():
        yield from _shares_of_skills(("skills", name), table)
    if scenario.nurture is not None:
        yield ("nurture", "opt_out"), scenario.nurture.opt_out, LEAST_RATE
    if scenario.acceptance is not None and isinstance(scenario.acceptance.effort, float):
        yield ("acceptance", "effort"), scenario.acceptance.effort, LEAST_RATE
    if scenario.target is not None:
        yield ("target", "confidence"), scenario.target.confidence, LEAST_RATE
    if scenario.sla is not None and scenario.sla.sales is not None:
        sales, response = scenario.sla.sales, scenario.sla.sales.response
        yield ("sla", "sales", "acceptance"), sales.acceptance, LEAST_RATE
        promises = response if isinstance(response, dict) else {"": response}
        for name, promise in promises.items():
            at: Path = ("sla", "sales", "response", *([name] if name else []))
            yield at, None if promise is None else promise.share, LEAST_RATE


def _shares_of_skills(path: Path, table: Mapping[str, Skill]) -> Iterator[tuple[Path, float | None, float]]:
    for channel, skill in table.items():
        yield (*path, channel, "odds"), skill.odds, LEAST_RATE
        yield (*path, channel, "time"), skill.time, LEAST_RATE


def slip_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield slips of a unit or a digit: commissions, deals, costs, growth and work out of all proportion, and odds that
    rise with the wait."""
    for name, pool in scenario.pools.items():
        if pool.commission > MOST_COMMISSION:
            remedy = f"see that {share_text(pool.commission / 10.0)} is not meant"
            yield odd(("pools", name, "commission"), "pays more than half of a deal to a rep", remedy)
    for name, speed in (scenario.speed_to_lead or {}).items():
        if any(later > sooner for (_, sooner), (_, later) in pairwise(sorted(speed.odds or ()))):
            rule = "rise with the wait: a lead that is called later would advance more often"
            yield odd(("speed_to_lead", name, "odds"), rule, "see that times and odds are not the other way round")
    for name, channel in scenario.channels.items():
        value = distributions.mean(channel.deal_value.compile())
        if not LEAST_DEAL <= value <= LARGEST_DEAL:
            size = "small" if value < LEAST_DEAL else "large"
            rule = f"is a {size} deal: {significant(value, 6, ',')} {scenario.currency} on average"
            yield odd(("channels", name, "deal_value"), rule, "see that no k or M is missing or too many")
        elif channel.cost_per_lead > value:
            rule = f"is more than a whole deal of {name} brings, {value:,.6g} {scenario.currency} on average"
            yield odd(("channels", name, "cost_per_lead"), rule, "see that both are in the same unit")
        if channel.growth > MOST_GROWTH:
            rule = f"makes the volume {significant(channel.growth + 1, 3)} times as large in a year"
            remedy = f"see that {share_text(channel.growth / 100)} is not meant"
            yield odd(("channels", name, "growth"), rule, remedy, share_text(channel.growth))
    efforts: list[tuple[Path, Any]] = [
        (("stages", i, "effort"), stage.effort) for i, stage in enumerate(scenario.stages)
    ]
    if scenario.acceptance is not None:
        efforts.append((("acceptance", "effort"), scenario.acceptance.effort))
    for path, effort in efforts:
        hours = mean_hours(effort) if isinstance(effort, DurationDist) else 0.0
        if hours > MOST_EFFORT_H:
            rule = f"is {number_text(rounded(hours, 4))} hours of work for one task, on average"
            yield odd(path, rule, "see that minutes or hours are meant")


def target_problem(scenario: Scenario, expected: float) -> Problem | None:
    """Return the problem of a target in another size than what the typed leads, rates and deals bring; None without."""
    target = scenario.target
    if target is None or expected <= 0.0 or expected / FAR <= target.revenue <= expected * FAR:
        return None
    times = target.revenue / expected
    share = f"{significant(times, 3, ',')} times" if times > 1.0 else f"{significant(100.0 * times, 2)}% of"
    rule = (
        f"is {share} what the typed leads, rates and deals bring in this period, about "
        f"{significant(expected, 2, ',')} {scenario.currency}"
    )
    remedy = "see that no k or M is missing or too many"
    return odd(("target", "revenue"), rule, remedy, significant(target.revenue, 10, ","))


CLOSE = 0.01  # of the typed number: what is nearer than this is the same, as typed figures are rounded


def days_text(hours: float) -> str:
    """Return a length of time in days, as it would be typed.

    >>> days_text(36.0), days_text(24.0)
    ('1.5 days', '1 day')
    """
    days = rounded(hours / 24.0, 4)
    return f"{significant(days, 10)} day{'' if days == 1.0 else 's'}"


def slack(scenario: Scenario, *fields: str) -> float:
    """Return by how much numbers that are typed as ranges may depart from their middles, as a share, all together.

    `fields`: last parts of the paths that count.
    """
    ranges = [each for each in scenario.ranges if any(part in fields for part in each.at)]
    return math.fsum((each.high - each.low) / max(abs(each.high + each.low), 1e-300) for each in ranges)


def cycle_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield a cycle that is not the sum of the mean waits of the later stages, as far as they are typed."""
    if scenario.cycle is None:
        return
    if len(scenario.stages) < 2:
        yield odd(("cycle",), "is not used: there is no later stage whose wait it gives", "drop it")
        return
    later = scenario.stages[1:]
    typed = [stage for stage in later if "wait" in stage.model_fields_set]
    cycle, hours = scenario.cycle.hours(ELAPSED_BUSINESS_DAY), sum(mean_hours(stage.wait) for stage in typed)
    if not math.isfinite(hours):
        return
    if len(typed) < len(later):
        if hours >= cycle:
            rule = f"leaves no time for stages without a wait: the typed waits take {days_text(hours)} on average"
            yield wrong(("cycle",), rule, "write a longer cycle, or type all waits", str(scenario.cycle))
    elif abs(hours - cycle) > (CLOSE + slack(scenario, "cycle", "wait")) * cycle:
        rule = f"is not what comes out: every later stage types its own wait, together {days_text(hours)} on average"
        other = f"multiply these waits by {significant(cycle / hours, 4)}" if hours else "drop it"
        remedy = f"write cycle: {days_text(hours)}, or {other}" if hours else other
        yield contradiction(("cycle",), rule, remedy, str(scenario.cycle))


def season_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield seasons whose twelve months all lie above (or below) the usual volume, so that it never comes."""
    for name, channel in scenario.channels.items():
        months = [channel.season[month] for month in MONTHS if month in channel.season]
        if len(months) < len(MONTHS) or not (max(months) < 1.0 - CLOSE or min(months) > 1.0 + CLOSE):
            continue
        mean = math.fsum(months) / len(months)
        side = "above" if mean > 1.0 else "below"
        share = share_text(rounded(mean, 4))
        rule = f"lies {side} 100% in every month, so that the volume typed beside it never comes, but {share} of it"
        remedy = f"divide all months by {significant(mean, 4)}, and multiply the volume by it"
        yield contradiction(("channels", name, "season"), rule, remedy, at_key=True)


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
