"""Rules of numbers that contradict each other, and of slips of a unit or a digit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from simfunnel import distributions
from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import contradiction, odd, wrong
from simfunnel.scenario.fields.arrivals import MONTHS
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.sla import Sla
from simfunnel.scenario.fields.stages import Stage
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import ELAPSED_BUSINESS_DAY, Scenario, mean_hours
from simfunnel.units import number_text, share_text, significant

LEAST_RATE = 0.01
LEAST_VISITS = 0.001  # of visits that become leads
MOST_COMMISSION = 0.5
FAR = 100.0  # times what the typed numbers bring, or a part of it
LEAST_DEAL, LARGEST_DEAL = 10.0, 10e6
MOST_EFFORT_H = 40.0
MOST_GROWTH = 1.0


def slip_rules(scenario: Scenario) -> Iterator[Problem]:
    """Rates and shares below 1%, deals below 10, above 10M or below the cost of a lead, tasks of more than 40 hours,
    growth above 100% a year, odds that rise with the wait."""
    yield from _rates(scenario)
    for path, share, least in _shares(scenario):
        if 0.0 < share < least:
            yield _fraction(path, share, least)
    yield from _commissions(scenario)
    yield from _late_is_better(scenario)
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
    for index, stage in enumerate(scenario.stages):
        yield from _effort(("stages", index, "effort"), stage.effort)
    effort = scenario.acceptance.effort if scenario.acceptance is not None else None
    yield from _effort(("acceptance", "effort"), effort if isinstance(effort, DurationDist) else None)


def _rates(scenario: Scenario) -> Iterator[Problem]:
    rates: list[tuple[Path, float | None]] = [(("qualification", "mql_rate"), scenario.qualification.mql_rate)]
    rates += [(("channels", name, "mql_rate"), channel.mql_rate) for name, channel in scenario.channels.items()]
    rates.append((("acceptance", "rate"), None if scenario.acceptance is None else scenario.acceptance.rate))
    rates += [(("stages", index, "conversion"), stage.conversion) for index, stage in enumerate(scenario.stages)]
    last = len(scenario.stages) - 1
    for path, rate in rates:
        if rate is None or rate >= LEAST_RATE:
            continue
        if rate > 0.0:
            yield _fraction(path, rate)
        elif path == ("stages", last, "conversion"):
            yield odd(path, "lets nobody win", "write a share above 0%", "0%")


def _fraction(path: Path, share: float, least: float = LEAST_RATE) -> Problem:
    """A share that may have been typed as a fraction and a %: 0.45% for 45%."""
    meant = share_text(float(f"{share * 100:.9g}"))
    return odd(path, f"is below {share_text(least)}", f"see that {meant} is not meant", share_text(share))


def _shares(scenario: Scenario) -> Iterator[tuple[Path, float, float]]:
    """Every other typed share that is hardly ever so small: its path, its value, and what it is below."""
    for name, channel in scenario.channels.items():
        if channel.visit_to_lead is not None:
            yield ("channels", name, "visit_to_lead"), channel.visit_to_lead, LEAST_VISITS
        yield ("channels", name, "growth"), abs(channel.growth), LEAST_RATE
        for month, factor in channel.season.items():
            yield ("channels", name, "season", month), factor, LEAST_RATE
    for index, stage in enumerate(scenario.stages):
        for field, share in _shares_of(stage):
            yield ("stages", index, *field), share, LEAST_RATE
    for name, pool in scenario.pools.items():
        for at, share in _shares_of_pool(pool):
            yield ("pools", name, *at), share, LEAST_RATE
    for name, table in scenario.skills.items():
        for served, skill in table.items():
            yield ("skills", name, served, "odds"), skill.odds or 1.0, LEAST_RATE
            yield ("skills", name, served, "time"), skill.time or 1.0, LEAST_RATE
    if scenario.nurture is not None:
        yield ("nurture", "opt_out"), scenario.nurture.opt_out, LEAST_RATE
    effort = scenario.acceptance.effort if scenario.acceptance is not None else None
    if isinstance(effort, float):
        yield ("acceptance", "effort"), effort, LEAST_RATE
    if scenario.target is not None and scenario.target.confidence is not None:
        yield ("target", "confidence"), scenario.target.confidence, LEAST_RATE
    yield from _promised(scenario.sla)


def _shares_of(stage: Stage) -> Iterator[tuple[Path, float]]:
    yield ("no_show",), stage.no_show
    yield ("no_show_effort",), stage.no_show_effort
    yield ("otherwise", "nurture"), stage.otherwise.nurture
    yield ("otherwise", "postponed"), stage.otherwise.postponed


def _shares_of_pool(pool: Pool) -> Iterator[tuple[Path, float]]:
    yield ("selling_time",), pool.selling_time or 0.0
    yield ("commission",), pool.commission
    for index, hire in enumerate(pool.hires):
        yield ("hires", index, "start_at"), hire.start_at or 0.0
    for channel, skill in pool.specialised.items():
        yield ("specialised", channel, "odds"), skill.odds or 1.0
        yield ("specialised", channel, "time"), skill.time or 1.0


def _promised(sla: Sla | None) -> Iterator[tuple[Path, float, float]]:
    """The shares that sales promises."""
    if sla is None or sla.sales is None:
        return
    path: Path = ("sla", "sales")
    if sla.sales.acceptance is not None:
        yield (*path, "acceptance"), sla.sales.acceptance, LEAST_RATE
    if isinstance(sla.sales.response, dict):
        for name, promise in sla.sales.response.items():
            if promise is not None:
                yield (*path, "response", name), promise.share, LEAST_RATE
    elif sla.sales.response is not None:
        yield (*path, "response"), sla.sales.response.share, LEAST_RATE


def _commissions(scenario: Scenario) -> Iterator[Problem]:
    for name, pool in scenario.pools.items():
        if pool.commission > MOST_COMMISSION:
            remedy = f"see that {share_text(pool.commission / 10.0)} is not meant"
            yield odd(("pools", name, "commission"), "pays more than half of a deal to a rep", remedy)


def _late_is_better(scenario: Scenario) -> Iterator[Problem]:
    """Odds that rise with the time to the first contact: leads that wait would become better."""
    for name, speed in (scenario.speed_to_lead or {}).items():
        points = sorted(speed.odds or ())
        if any(later > sooner for (_, sooner), (_, later) in pairwise(points)):
            rule = "rise with the wait: a lead that is called later would advance more often"
            yield odd(("speed_to_lead", name, "odds"), rule, "see that times and odds are not the other way round")


def target_problem(scenario: Scenario, expected: float) -> Problem | None:
    """The problem of a target in another size than what the typed leads, rates and deals bring; None without."""
    target = scenario.target
    if target is None or expected <= 0.0 or expected / FAR <= target.revenue <= expected * FAR:
        return None
    times = target.revenue / expected
    share = f"{significant(times, 3, ',')} times" if times > 1.0 else f"{significant(100.0 * times, 2)}% of"
    rule = (
        f"is {share} what the typed leads, rates and deals bring in this period, about "
        f"{significant(expected, 2, ',')} {scenario.currency}"
    )
    return odd(
        ("target", "revenue"), rule, "see that no k or M is missing or too many", significant(target.revenue, 10, ",")
    )


def _effort(path: Path, effort: DurationDist | None) -> Iterator[Problem]:
    hours = mean_hours(effort)
    if hours > MOST_EFFORT_H:
        rule = f"is {number_text(float(f'{hours:.4g}'))} hours of work for one task, on average"
        yield odd(path, rule, "see that minutes or hours are meant")


CLOSE = 0.01  # of the typed number: what is nearer than this is the same, as typed figures are rounded


def contradiction_rules(scenario: Scenario) -> Iterator[Problem]:
    """Typed numbers that contradict each other: the cycle and the waits, a volume and the months that multiply it."""
    yield from _cycle(scenario)
    yield from _seasons(scenario)


def days_text(hours: float) -> str:
    """A length of time in days, as it would be typed.

    >>> days_text(36.0), days_text(24.0)
    ('1.5 days', '1 day')
    """
    days = float(f"{hours / 24.0:.4g}")
    return f"{significant(days, 10)} day{'' if days == 1.0 else 's'}"


def slack(scenario: Scenario, *fields: str) -> float:
    """Return by how much numbers that are typed as ranges may depart from their middles, as a share, all together.

    `fields`: last parts of the paths that count.
    """
    ranges = [each for each in scenario.ranges if any(part in fields for part in each.at)]
    return math.fsum((each.high - each.low) / max(abs(each.high + each.low), 1e-300) for each in ranges)


def _cycle(scenario: Scenario) -> Iterator[Problem]:
    """A cycle is the sum of the mean waits of the later stages, so those that are typed cannot make another."""
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


def _seasons(scenario: Scenario) -> Iterator[Problem]:
    """Where all twelve months lie above (or below) the usual volume, the volume typed is never there."""
    for name, channel in scenario.channels.items():
        months = [channel.season[month] for month in MONTHS if month in channel.season]
        if len(months) < len(MONTHS) or not (max(months) < 1.0 - CLOSE or min(months) > 1.0 + CLOSE):
            continue
        mean = math.fsum(months) / len(months)
        side = "above" if mean > 1.0 else "below"
        share = share_text(float(f"{mean:.4g}"))
        rule = f"lies {side} 100% in every month, so that the volume typed beside it never comes, but {share} of it"
        remedy = f"divide all months by {significant(mean, 4)}, and multiply the volume by it"
        yield contradiction(("channels", name, "season"), rule, remedy, at_key=True)
