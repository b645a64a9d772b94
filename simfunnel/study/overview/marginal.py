"""What one more of each thing would bring: a rep in each team, 100 leads a year, a hand-off one hour faster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simfunnel.distributions import quantile_of
from simfunnel.errors import ScenarioError, path_text
from simfunnel.metrics import Key, Wanted
from simfunnel.plan.calendars import business_day
from simfunnel.scenario import Scenario, phases_with
from simfunnel.scenario.change.levers import ramp_note
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.tell.as_typed import scaled_form
from simfunnel.stats import paired_difference
from simfunnel.study.estimates import Difference
from simfunnel.study.overview.today import Today, differences_to_today
from simfunnel.study.years.table import Years, levels
from simfunnel.units import significant

WANTED: Wanted = (("revenue", ""), ("profit", ""))
MOST_YEARS = 100
LEADS, HOURS = 100, 1.0
WEEKS_A_YEAR = 365.0 / 7.0


@dataclass(frozen=True)
class Marginal:
    """A small step of one lever from the period's start, and its differences to today.

    `what` is the path of a pool's reps, "leads" or "handoff"; `changes` are what a what-if would type. Verdicts are
    adjusted for the number of steps (Holm).
    """

    what: str
    changes: Mapping[str, Any]
    years: int
    revenue: Difference
    profit: Difference
    note: str = ""  # what must be said beside the figures

    def record(self) -> dict[str, Any]:
        """Return the JSON object."""
        found: dict[str, Any] = {"what": self.what, "changes": dict(self.changes), "replications": self.years}
        if self.note:
            found["note"] = self.note
        for each in (self.revenue, self.profit):
            found[each.metric] = {"mean": each.mean, "half_width": each.half_width, "verdict": each.verdict}
        return found


def marginal(today: Today) -> tuple[Marginal, ...]:
    """Simulate each step beside today, over the same years (at most 100) with the same luck, ranges at their middles.

    A step that the scenario does not allow (heads of a team shared out by hand) is left out; all are when the work is
    stopped.
    """
    scenario, count = today.scenario, min(today.years, MOST_YEARS)
    named = {what: changes for what, changes in steps(scenario) if _fits(today, changes)}
    if count < 2 or not named:
        return ()
    try:
        years = _years(today, named)
    except ScenarioError:  # of the plan: heads that cannot be shared out
        named = {what: changes for what, changes in named.items() if _fits(today, changes, compiled=True)}
        years = _years(today, named)
    first, *others = years.names
    if not others or not years.extend(count, others if today.samples is not None else None):
        return ()
    base, beside = today.samples or years.of(first), [years.of(name, count) for name in others]
    revenue, profit = (
        differences_to_today(
            metric,
            list(named),
            [paired_difference(base.values(Key(metric))[:count], each.values(Key(metric))) for each in beside],
        )
        for metric, _ in WANTED
    )
    notes = {path_text(("pools", name, "reps")): ramp_note(pool) for name, pool in scenario.pools.items()}
    return tuple(
        Marginal(what, changes, count, of_revenue, of_profit, notes.get(what, ""))
        for (what, changes), of_revenue, of_profit in zip(named.items(), revenue, profit, strict=True)
    )


def steps(scenario: Scenario) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what there may be one more of, and the changes that it takes."""
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
    """Shorten the delay in proportion until its median is an hour less; None where nothing can be shortened."""
    if delay is None or delay.never or delay.choices is not None:
        return None
    median = quantile_of(delay.compile(working_day), 0.5)
    if median <= 0:
        return None
    rest = max(0.0, 1.0 - HOURS / median)
    return scaled_form(delay, rest) if rest > 0 else "0 hours"


def _years(today: Today, named: Mapping[str, Mapping[str, Any]]) -> Years[str]:
    changes = [{}, *named.values()]
    return levels(today.scenario, changes, wanted=WANTED, seed=today.seed, start=today.start, work=today.work)


def _fits(today: Today, changes: Mapping[str, Any], compiled: bool = False) -> bool:
    """Whether some changes can be made; `compiled`: in the plan too."""
    try:
        phases_with(today.scenario, changes, today.start)
        if compiled:
            _years(today, {"": changes})
    except ScenarioError:
        return False
    return True
