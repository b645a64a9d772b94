"""Typed numbers that cannot all hold, as far as arithmetic on the file sees it; the plan's integrals see more."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simfunnel.errors import Problem
from simfunnel.scenario.arrivals import MONTHS
from simfunnel.scenario.checks.telling import contradiction, odd, wrong
from simfunnel.scenario.model import ELAPSED_BUSINESS_DAY, Scenario, mean_hours
from simfunnel.units import share_text, significant

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
