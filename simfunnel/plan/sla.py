"""The service level agreement as clauses: metric, bounds, and for whom."""

from __future__ import annotations

from math import inf

from simfunnel.plan.calendars import business_day, open_days_per_week, windows_of
from simfunnel.plan.model import Clause
from simfunnel.scenario.model import Scenario
from simfunnel.scenario.sla import Marketing, OtherClause, Sales
from simfunnel.units import HOURS, Volume


def clauses(scenario: Scenario) -> tuple[Clause, ...]:
    """Every clause, marketing's first; none without an agreement."""
    if scenario.sla is None:
        return ()
    found = _marketing(scenario.sla.marketing, scenario) + _sales(scenario.sla.sales, scenario)
    return (*found, *[_other(clause) for clause in scenario.sla.other])


def per_month(volume: Volume | None, open_days: float, unbounded: float) -> float:
    """A volume in leads a month of 365/12 days; `unbounded` for None."""
    if volume is None:
        return unbounded
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
    found: list[Clause] = []
    if side is not None and side.response is not None:
        found.append(Clause("sales", "response", side.response.share, inf, _working_hours(side, scenario)))
    if side is not None and side.acceptance is not None:
        found.append(Clause("sales", "acceptance", side.acceptance, inf))
    return found


def _working_hours(side: Sales, scenario: Scenario) -> float:
    """The promised time in working hours; elapsed time counts by the share of the week that is open."""
    if side.response is None:
        return 0.0
    within = side.response.within
    if within.working:
        return within.hours(business_day(scenario.calendar))
    return within.hours() * windows_of(scenario.calendar).open_hours_per_week / HOURS["week"]


def _other(clause: OtherClause) -> Clause:
    low = -inf if clause.at_least is None else clause.at_least
    high = inf if clause.at_most is None else clause.at_most
    return Clause("other", clause.metric, low, high, 0.0, clause.pool or "", clause.channel or "")
