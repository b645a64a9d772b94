"""How soon the first contact comes; first passes unless said otherwise."""

from __future__ import annotations

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.calendars import working_between_each
from simfunnel.ledger.columns import IN_PROGRESS
from simfunnel.metrics.facts import Facts
from simfunnel.metrics.tally import Events, Indicator, Quantile, Ratio, Sum, Values
from simfunnel.units import Duration

ANSWERED_WITHIN_H = {
    "answered_in_5_minutes": 5 / 60,
    "answered_in_1_hour": 1.0,
    "answered_in_1_day": 24.0,
}
INSTANT_H = 1e-9  # two instants closer than this are one: sums of hours are not exact


def response_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return the first reply in elapsed hours."""
    rows = facts.first_contacts
    waited = facts.passes.floats("first_response_at")[rows] - facts.passes.floats("started")[rows]
    return _summary(facts.first_contact_events, waited, "response")


def working_response_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return the first reply in working hours."""
    rows = facts.first_contacts
    started, answered = facts.passes.floats("started")[rows], facts.passes.floats("first_response_at")[rows]
    return _summary(facts.first_contact_events, working_hours(facts, rows, started, answered), "response_working")


def _summary(events: Events, hours: Floats, name: str) -> dict[str, Ratio]:
    count = Sum(events)
    values, known = Values(events, hours), Indicator(count)
    return {
        f"{name}_mean": Ratio(Sum(events, hours), count),
        f"{name}_median": Ratio(Quantile(values, 0.5), known),
        f"{name}_p90": Ratio(Quantile(values, 0.9), known),
    }


def working_hours(facts: Facts, rows: Ints, a: Floats, b: Floats) -> Floats:
    """Open hours between `a` and `b` on the calendar of each pass's pool, of the phase at `a`.

    `rows`: rows of `passes`; elapsed hours where a pass has no pool.
    """
    calendar = _calendars(facts, rows, a)
    hours = np.asarray(b - a, np.float64).copy()
    for number, (opens, closes) in enumerate(facts.plan.calendars):
        here = np.flatnonzero(calendar == number)
        if len(here):
            hours[here] = working_between_each(opens, closes, a[here], b[here])
    return hours


def waits_and_limits(facts: Facts, rows: Ints, a: Floats, b: Floats, promise: Duration) -> tuple[Floats, Floats]:
    """Return (hours from `a` to `b`, hours promised) of each pass, both in the clock that the promise was typed in.

    A business day is that of the calendar of the pass's pool.
    """
    if not promise.working:
        return b - a, np.full(len(rows), promise.hours())
    calendar = _calendars(facts, rows, a)
    limits = np.array([*(promise.hours(day) for day in facts.plan.working_day_h.tolist()), promise.hours()])
    return working_hours(facts, rows, a, b), limits[calendar]  # the last is that of a pass without pool


def _calendars(facts: Facts, rows: Ints, at: Floats) -> Ints:
    """Calendar of each pass's pool in the phase at an instant, -1 without a pool."""
    pool = facts.pass_pool[rows]
    if not facts.plan.pools:
        return pool
    calendar_of = np.array([[rules.calendar for rules in phase.pools] for phase in facts.plan.phases], np.int64)
    known = pool >= 0
    return np.where(known, calendar_of[facts.phase_of(at), np.where(known, pool, 0)], -1)


def in_time_metrics(facts: Facts) -> dict[str, Ratio]:
    """Return shares of the period's first passes contacted in time, of those that can be judged already."""
    passes, when = facts.passes, facts.dates("passes", "started")
    mine = (passes.ints("pass") == 1) & when.inside
    events, started = facts.pass_events(mine, when), when.at[mine]
    waited = passes.floats("first_response_at")[mine] - started
    waiting = np.isnan(waited) & (passes.ints("left_to")[mine] == IN_PROGRESS)
    found = {}
    for name, hours in ANSWERED_WITHIN_H.items():
        due = ~(waiting & (started + hours >= facts.plan.end_h))
        in_time = waited <= hours + INSTANT_H
        found[name] = Ratio(Sum(events, in_time.astype(np.float64)), Sum(events, due.astype(np.float64)))
    return found
