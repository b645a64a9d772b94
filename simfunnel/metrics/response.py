"""How soon the first contact comes; first passes unless said otherwise."""

from __future__ import annotations

import numpy as np

from simfunnel.calendars import working_between_each
from simfunnel.ledger.columns import IN_PROGRESS
from simfunnel.metrics.facts import Facts, Mask
from simfunnel.metrics.tally import AnyOf, Events, Quantile, Ratio, Sum
from simfunnel.plan.model import Floats, Ints

ANSWERED_WITHIN_H = {
    "answered_in_5_minutes": 5 / 60,
    "answered_in_1_hour": 1.0,
    "answered_in_1_day": 24.0,
}
INSTANT_H = 1e-9  # two instants closer than this are one: sums of hours are not exact


def response_metrics(facts: Facts) -> dict[str, Ratio]:
    """First reply in elapsed and working hours, and the shares answered in time."""
    rows = np.flatnonzero(facts.contacted & (facts.passes.ints("pass") == 1))
    mask = np.zeros(len(facts.pass_lead), bool)
    mask[rows] = True
    started, answered = facts.passes.floats("started")[rows], facts.passes.floats("first_response_at")[rows]
    events = facts.pass_events(mask, facts.passes.floats("first_response_at"))
    elapsed = answered - started
    found = _summary(events, elapsed, "response")
    found.update(_summary(events, working_hours(facts, rows, started, answered), "response_working"))
    for name, hours in ANSWERED_WITHIN_H.items():
        due, in_time = _answered(facts, hours)
        found[name] = Ratio(Sum(_started(facts, in_time)), Sum(_started(facts, due)))
    return found


def _summary(events: Events, hours: Floats, name: str) -> dict[str, Ratio]:
    return {
        f"{name}_mean": Ratio(Sum(events, hours), Sum(events)),
        f"{name}_median": Ratio(Quantile(events, hours, 0.5), AnyOf(events)),
        f"{name}_p90": Ratio(Quantile(events, hours, 0.9), AnyOf(events)),
    }


def working_hours(facts: Facts, rows: Ints, a: Floats, b: Floats) -> Floats:
    """Open hours between `a` and `b` on the calendar of each pass's pool, of the phase at `a`.

    `rows`: rows of `passes`; elapsed hours where a pass has no pool.
    """
    pool = facts.pass_pool[rows]
    pools = len(facts.plan.pools)
    calendar_of = np.array([[rules.calendar for rules in phase.pools] for phase in facts.plan.phases], np.int64)
    known = pool >= 0
    calendar = np.where(known, calendar_of[facts.phase_of(a), np.where(known, pool, 0)], -1) if pools else pool
    hours = np.asarray(b - a, np.float64).copy()
    for number in np.unique(calendar[calendar >= 0]).tolist():
        here = calendar == number
        opens, closes = facts.plan.calendars[number]
        hours[here] = working_between_each(opens, closes, a[here], b[here])
    return hours


def _answered(facts: Facts, hours: float) -> tuple[Mask, Mask]:
    """(first passes of the period that can be judged, those contacted within `hours`)."""
    passes = facts.passes
    mine = (passes.ints("pass") == 1) & facts.in_period(passes.floats("started"))
    waited = passes.floats("first_response_at") - passes.floats("started")
    in_time = mine & (waited <= hours + INSTANT_H)
    waiting = np.isnan(waited) & (passes.ints("left_to") == IN_PROGRESS)
    too_early_to_say = waiting & (passes.floats("started") + hours >= facts.plan.end_h)
    return mine & ~too_early_to_say, in_time


def _started(facts: Facts, keep: Mask) -> Events:
    return facts.pass_events(keep, facts.passes.floats("started"))
