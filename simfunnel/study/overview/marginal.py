"""What one more of each thing would bring: a rep in each team, 100 leads a year, a hand-off one hour faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from simfunnel.distributions import quantile_of
from simfunnel.errors import ScenarioError, path_text
from simfunnel.metrics import TABLE, Key, Wanted
from simfunnel.plan.calendars import business_day
from simfunnel.scenario import Scenario, phases_with
from simfunnel.scenario.change.levers import ramp_note
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.tell.as_typed import scaled_form
from simfunnel.stats import holm_adjust, paired_difference, verdict
from simfunnel.study.run.result import WHOLE, Difference, OneMore
from simfunnel.study.years.levels import Levels, levels
from simfunnel.study.years.plans import Start
from simfunnel.study.years.replicate import Work
from simfunnel.study.years.samples import Samples
from simfunnel.units import significant

WANTED: Wanted = (("revenue", ""), ("profit", ""))
MOST_YEARS = 100
LEADS, HOURS = 100, 1.0
WEEKS_A_YEAR = 365.0 / 7.0


def steps_from(
    scenario: Scenario, years: int, seed: int, start: Start, work: Work, today: Samples | None = None
) -> tuple[OneMore, ...]:
    """Each step beside today, over the same years (at most 100) with the same luck, ranges at their middles.

    `today`: samples of today in these years, where there are any. A step that the scenario does not allow (heads of a
    team shared out by hand) is left out; all are when `work` is stopped.
    """
    years = min(years, MOST_YEARS)
    named = {what: changes for what, changes in steps(scenario) if _fits(scenario, changes, start)}
    if years < 2 or not named:
        return ()
    try:
        at = _levels(scenario, named, seed, start, work)
    except ScenarioError:  # of the plan: heads that cannot be shared out
        named = {what: changes for what, changes in named.items() if _compiles(scenario, changes, seed, start, work)}
        at = _levels(scenario, named, seed, start, work)
    first, *others = at.names
    if not others or not at.extend(years, others if today is not None else None):
        return ()
    base = today if today is not None else at.samples([first])[first]
    found = _differences(named, at.samples(others), base, years)
    notes = {path_text(("pools", name, "reps")): ramp_note(pool) for name, pool in scenario.pools.items()}
    return tuple(replace(each, note=notes.get(each.what, "")) for each in found)


def steps(scenario: Scenario) -> Iterator[tuple[str, dict[str, Any]]]:
    """What there may be one more of, and the changes that it takes."""
    for name, pool in scenario.pools.items():
        if pool.reps != "unlimited":
            path = path_text(("pools", name, "reps"))
            yield path, {path: "1 more"}
    open_days = float(scenario.calendar.weekly.open_days)
    typed = {n: c for n, c in scenario.channels.items() if c.leads is not None or c.visits is not None}
    batches = sum(channel.lists.weekly_volume for channel in typed.values() if channel.lists is not None)
    yearly = (sum(channel.weekly(open_days) for channel in typed.values()) - batches) * WEEKS_A_YEAR
    if yearly > 0:
        more = f"{significant(100.0 * LEADS / yearly, 6)}% more"
        yield "leads", {path_text(("channels", name, "volume")): more for name in typed}
    day = business_day(scenario.calendar)
    found = {path_text(("handoff", name, "delay")): sooner(way.delay, day) for name, way in scenario.handoff.items()}
    if faster := {path: delay for path, delay in found.items() if delay is not None}:
        yield "handoff", faster


def sooner(delay: DurationDist | None, working_day: float) -> Any:
    """The delay, shortened in proportion until its median is an hour less; None where nothing can be shortened."""
    if delay is None or delay.never or delay.choices is not None:
        return None
    median = quantile_of(delay.compile(working_day), 0.5)
    if median <= 0:
        return None
    rest = max(0.0, 1.0 - HOURS / median)
    return scaled_form(delay, rest) if rest > 0 else "0 hours"


def _fits(scenario: Scenario, changes: Mapping[str, Any], start: Start) -> bool:
    try:
        phases_with(scenario, changes, start)
    except ScenarioError:
        return False
    return True


def _compiles(scenario: Scenario, changes: Mapping[str, Any], seed: int, start: Start, work: Work) -> bool:
    try:
        _levels(scenario, {"": changes}, seed, start, work)
    except ScenarioError:
        return False
    return True


def _levels(scenario: Scenario, named: Mapping[str, Mapping[str, Any]], seed: int, start: Start, work: Work) -> Levels:
    return levels(scenario, [{}, *named.values()], wanted=WANTED, seed=seed, start=start, work=work)


def _differences(
    named: Mapping[str, Mapping[str, Any]], samples: Mapping[str, Samples], today: Samples, years: int
) -> Iterator[OneMore]:
    pairs = {
        metric: [
            paired_difference(today.values(Key(metric))[:years], each.values(Key(metric))) for each in samples.values()
        ]
        for metric, _ in WANTED
    }
    adjusted = {metric: holm_adjust(np.array([pair.p_value for pair in found])) for metric, found in pairs.items()}
    for at, (what, changes) in enumerate(named.items()):
        both = [
            Difference(
                metric,
                TABLE[metric].unit,
                what,
                WHOLE,
                float(found[at].mean),
                float(found[at].half_width),
                float(found[at].share_higher),
                verdict(float(found[at].mean), float(adjusted[metric][at]), TABLE[metric].better),
            )
            for metric, found in pairs.items()
        ]
        yield OneMore(what, changes, years, both[0], both[1])
