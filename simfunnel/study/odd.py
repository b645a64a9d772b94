"""What the numbers of plans show to be odd before anything is simulated: teams that cannot keep up, leads gone cold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simfunnel.errors import Problem
from simfunnel.plan import Calibration, cold_of, overloads_of, static_calibration
from simfunnel.scenario import PlanSpec, Scenario, cold_problem, overload_problem, phases_of, told_of
from simfunnel.scenario.assumed import spread_text
from simfunnel.scenario.handoff import Handoff

MOST_PLANS = 24  # what-ifs that are judged beside today
TOO_COLD = 0.2  # share of a channel's leads
_WORSE = 1.02  # than today, to be told of a what-if


class Oddity(NamedTuple):
    """A problem of a plan: which, and how bad it is."""

    kind: str
    name: str  # of the pool or channel
    size: float
    problem: Problem


def odd_plans(scenario: Scenario, specs: Sequence[PlanSpec] | None = None) -> list[Problem]:
    """What is odd by expected numbers about today and some plans of a scenario, by default its what-ifs, with places.

    A plan's problem that today has as well is told once, at today. ScenarioError when something typed is impossible.
    """
    today = phases_of(scenario)
    specs = [phases_of(scenario, [name]) for name in scenario.what_ifs] if specs is None else specs
    known = {scenario.meaning_sha256(): static_calibration(scenario)}
    at_today = {(each.kind, each.name): each for each in _oddities(today, known)}
    found = [told_of(scenario, today, each.problem) for each in at_today.values()]
    for spec in [each for each in specs if each.settings][:MOST_PLANS]:
        for each in _oddities(spec, known):
            here = at_today.get((each.kind, each.name))
            if here is None or each.size > here.size * _WORSE:
                found.append(told_of(scenario, spec, each.problem))
    return list(dict.fromkeys(found))


def grows_for_good(spec: PlanSpec, calibration: Calibration) -> Problem | None:
    """The problem of a team whose queue grows through the period, of more than a month of its work; None without."""
    for each in overloads_of(spec, calibration):
        if each.kind == "behind" and each.a_month > 0.0 and each.weeks > 365.0 / 84.0:
            return overload_problem(each)
    return None


def _oddities(spec: PlanSpec, known: dict[str, Calibration]) -> Iterator[Oddity]:
    meaning = spec.base.meaning_sha256()
    if meaning not in known:
        known[meaning] = static_calibration(spec.base)
    for each in overloads_of(spec, known[meaning]):
        yield Oddity(each.kind, each.pool, each.load, overload_problem(each))
    now = spec.phases[-1][1]
    for channel, (share, closed) in cold_of(spec, known[meaning]).items():
        if share >= TOO_COLD and channel in now.channels:
            way = _words(now.handoff_of(channel))
            yield Oddity("cold", channel, share, cold_problem(channel, share, closed, way))


def _words(way: Handoff) -> str:
    """A hand-off in words."""
    if way.batch is not None:
        return "in batches"
    if way.instant or way.delay is None:
        return "instant"
    return spread_text(way.delay)
