"""The service level agreement as clauses: metric, bounds, and for whom."""

from __future__ import annotations

from math import inf

from simfunnel.plan.calendars import business_day, open_days_per_week
from simfunnel.plan.model import Clause
from simfunnel.scenario.fields.sla import Marketing, OtherClause, Sales, in_hours
from simfunnel.scenario.model import Scenario
from simfunnel.units import HOURS, Duration, Volume


def clauses(scenario: Scenario) -> tuple[Clause, ...]:
    """Every clause, marketing's first; none without an agreement."""
    if scenario.sla is None:
        return ()
    day = business_day(scenario.calendar)
    found = _marketing(scenario.sla.marketing, scenario) + _sales(scenario.sla.sales, scenario)
    return (*found, *[_other(clause, day) for clause in scenario.sla.other])


def per_month(volume: Volume | None, open_days: float, unbounded: float) -> float:
    """A volume in leads a month of 365/12 days; `unbounded` for None."""
    if volume is None:
        return unbounded
    if volume.unit == "quarter":
        return volume.amount / 3.0
    return volume.amount if volume.unit == "month" else volume.per_hour(open_days) * HOURS["month"]


def _marketing(side: Marketing | None, scenario: Scenario) -> list[Clause]:
    found: list[Clause] = []
    if side is not None and side.mqls is not None:
        days = open_days_per_week(scenario.calendar)
        low, high = per_month(side.mqls.low, days, -inf), per_month(side.mqls.high, days, inf)
        found.append(Clause("marketing", "mqls", low, high))
    if side is not None and side.win_share is not None:
        found.append(Clause("marketing", "win_share", side.win_share, inf))
    return found


def _sales(side: Sales | None, scenario: Scenario) -> list[Clause]:
    if side is None:
        return []
    day = business_day(scenario.calendar)
    found = [
        Clause("sales", "response", share, inf, within.hours(day), channel=channel, within=within)
        for channel, (share, within) in side.responses(tuple(scenario.channels))
    ]
    if side.acceptance is not None:
        found.append(Clause("sales", "acceptance", side.acceptance, inf))
    return found


def _other(clause: OtherClause, day: float) -> Clause:
    typed = (clause.at_least, clause.at_most)
    low, high = (
        open_end if bound is None else in_hours(bound, day) for bound, open_end in zip(typed, (-inf, inf), strict=True)
    )
    within = next((bound for bound in typed if isinstance(bound, Duration)), None)
    return Clause("other", clause.metric, low, high, 0.0, clause.pool or "", clause.channel or "", within)
