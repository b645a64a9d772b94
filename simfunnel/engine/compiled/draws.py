"""What is drawn for a lead while the clock runs, and the times that follow from it."""

from __future__ import annotations

from typing import Any

from simfunnel.calendars import add_working
from simfunnel.distributions import DISCRETE
from simfunnel.distributions.quantiles import discrete_quantile, quantile
from simfunnel.engine import rules
from simfunnel.engine.compiled.reach import by_phase, home_pool, lead_at, numbers, openings, pool_rules, stage_hash
from simfunnel.engine.compiled.state import Run
from simfunnel.jit import compiled
from simfunnel.streams import uniform


@compiled
def luck(s: Run, lead: int, purpose: int, stage_hash: int, count: int) -> float:
    """The lead's keyed uniform number."""
    return uniform(s.seed, s.replication, lead_at(s, lead).id, purpose, stage_hash, count)


@compiled
def value_of(s: Run, dist: Any, u: float) -> float:
    """Value at `u` of a DIST."""
    if dist.family != DISCRETE:
        return quantile(u, dist.family, dist.a, dist.b, dist.c)
    values = numbers(s, dist.first, dist.last)
    return discrete_quantile(u, values, numbers(s, dist.last, 2 * dist.last - dist.first))


@compiled
def phase_from(s: Run, t: float) -> int:
    """The phase in force at `t`, now or later."""
    return int(s.phase) if t == s.t else rules.phase_at(by_phase(s), t)


@compiled
def drawn_later(s: Run, lead: int, t: float, purpose: int, count: int, dist: Any) -> float:
    """`t` plus a drawn duration, elapsed or in working time of the calendar of the lead's stage."""
    me = lead_at(s, lead)
    duration = value_of(s, dist, luck(s, lead, purpose, stage_hash(s, me.stage), count))
    if not dist.working:
        return t + duration
    f = phase_from(s, t)
    opens, closes = openings(s, pool_rules(s, f, home_pool(s, f, me.channel, me.stage)).calendar)
    return float(add_working(opens, closes, t, duration))
