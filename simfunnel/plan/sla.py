"""The service level agreement as clauses: metric, bounds, and for whom."""

from __future__ import annotations

from math import inf

from simfunnel.plan.calendars import business_day, open_days_per_week
from simfunnel.plan.model import Clause
from simfunnel.scenario.fields.sla import in_hours
from simfunnel.scenario.model import Scenario
from simfunnel.units import HOURS, Duration, Volume


def clauses(scenario: Scenario) -> tuple[Clause, ...]:
    """Return every clause, marketing's first; none without an agreement."""
    sla, day = scenario.sla, business_day(scenario.calendar)
    if sla is None:
        return ()
    found = []
    if sla.marketing is not None and sla.marketing.mqls is not None:
        days, asked = open_days_per_week(scenario.calendar), sla.marketing.mqls
        low, high = per_month(asked.low, days, -inf), per_month(asked.high, days, inf)
        found.append(Clause("marketing", "mqls", low, high))
    if sla.marketing is not None and sla.marketing.win_share is not None:
        found.append(Clause("marketing", "win_share", sla.marketing.win_share, inf))
    if sla.sales is not None:
        for channel, (share, within) in sla.sales.responses(tuple(scenario.channels)):
            clause = Clause("sales", "response", share, inf, within.hours(day), channel=channel, within=within)
            found.append(clause)
        if sla.sales.acceptance is not None:
            found.append(Clause("sales", "acceptance", sla.sales.acceptance, inf))
    for other in sla.other:
        low = -inf if other.at_least is None else in_hours(other.at_least, day)
        high = inf if other.at_most is None else in_hours(other.at_most, day)
        limit = next((bound for bound in (other.at_least, other.at_most) if isinstance(bound, Duration)), None)
        found.append(Clause("other", other.metric, low, high, 0.0, other.pool or "", other.channel or "", limit))
    return tuple(found)


def per_month(volume: Volume | None, open_days: float, unbounded: float) -> float:
    """Return a volume in leads a month of 365/12 days; `unbounded` for None."""
    if volume is None:
        return unbounded
    if volume.unit == "quarter":
        return volume.amount / 3.0
    return volume.amount if volume.unit == "month" else volume.per_hour(open_days) * HOURS["month"]
