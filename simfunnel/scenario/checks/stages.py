"""Stages that nobody reaches, work in calendar time, hand-offs and effects without use."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import DEFAULT, Scenario, mean_hours
from simfunnel.units import significant


def stage_rules(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong or odd about stages, their work and the hand-offs between them."""
    yield from _unreached(scenario)
    yield from _waits(scenario)
    yield from _efforts(scenario)
    yield from _handoffs(scenario)
    yield from _speed(scenario)


def _unreached(scenario: Scenario) -> Iterator[Problem]:
    names = scenario.stage_names
    yield from _lost_on_the_way(scenario)
    if scenario.acceptance is not None and scenario.acceptance.rate == 0 and names:
        path: Path = ("acceptance", "rate")
        yield wrong(path, f"lets nobody get past {names[0]}", "write a share above 0%", "0%")
    for index, stage in enumerate(scenario.stages[:-1]):
        if stage.conversion == 0:
            rule = f"lets nobody reach {listed(names[index + 1 :])}"
            remedy = "write a share above 0%, or drop the stages after it"
            yield wrong(("stages", index, "conversion"), rule, remedy, "0%")


def _lost_on_the_way(scenario: Scenario) -> Iterator[Problem]:
    """Leads that arrive nowhere, and leads that go cold before anybody can answer."""
    for name, channel in scenario.channels.items():
        own = scenario.handoff.get(name)
        if scenario.handoff_of(name).leak == 1.0:
            rule = f"loses every lead of {name} on the way"
            yield odd(("handoff", DEFAULT if own is None or own.leak is None else name, "leak"), rule,
                      "write a share below 100%", "100%")  # fmt: skip
        if channel.patience.is_constant and mean_hours(channel.patience) == 0.0:
            rule = f"lets every lead of {name} go cold at once"
            yield odd(("channels", name, "patience"), rule, "write a time above 0, or never")
    for index, stage in enumerate(scenario.stages):
        if stage.handoff is not None and stage.handoff.leak == 1.0 and index and _pool_changes(scenario, index):
            rule = f"lets nobody reach {listed(scenario.stage_names[index:])}"
            yield wrong(("stages", index, "handoff", "leak"), rule, "write a share below 100%", "100%")


def _waits(scenario: Scenario) -> Iterator[Problem]:
    """A wait that never ends is a place to stay: nothing may follow it."""
    names = scenario.stage_names
    for index, stage in enumerate(scenario.stages):
        path: Path = ("stages", index, "wait")
        if stage.wait is None or not stage.wait.never:
            continue
        remedy = "write a time, e.g. 7 days, or none for no wait"
        if index and (stage.conversion > 0 or index < len(names) - 1):
            beyond = listed(names[index + 1 :]) if index < len(names) - 1 else "a win"
            yield wrong(path, f"never ends, so that nobody gets to {beyond}", remedy, "never")
        elif index or stage.no_show > 0:
            who = "who gets there" if index else "who does not come once"
            yield odd(path, f"never ends: {who} stays open for ever", remedy, "never")


def _efforts(scenario: Scenario) -> Iterator[Problem]:
    for index, stage in enumerate(scenario.stages):
        if stage.effort is not None and "effort" in stage.model_fields_set:
            yield from _hours_of_work(("stages", index, "effort"), stage.effort)
        if stage.capacity is not None and stage.capacity.amount <= 0:
            yield wrong(
                ("stages", index, "capacity"), "is not above zero", "write e.g. 8 / business day", str(stage.capacity)
            )
    acceptance = scenario.acceptance
    if acceptance is not None and isinstance(acceptance.effort, DurationDist):
        yield from _hours_of_work(("acceptance", "effort"), acceptance.effort)


def _hours_of_work(path: Path, effort: DurationDist) -> Iterator[Problem]:
    long = [d for d in effort.amounts if d.unit in ("day", "week", "month", "year") and not d.working]
    if long:
        rule = f"counts work in calendar time: {long[0]} is {significant(long[0].hours(), 6)} hours of work"
        yield wrong(path, rule, "write hours, or business days")


def _handoffs(scenario: Scenario) -> Iterator[Problem]:
    for index, stage in enumerate(scenario.stages):
        if stage.handoff is None:
            continue
        path: Path = ("stages", index, "handoff")
        if index == 0:
            yield wrong(
                path, "is the hand-off to the first stage, which `handoff` describes", "move it there", at_key=True
            )
        elif not _pool_changes(scenario, index):
            rule = f"is not used: the pool does not change on entering {stage.name}"
            yield odd(path, rule, "drop it", at_key=True)


def _pool_changes(scenario: Scenario, index: int) -> bool:
    before, here = scenario.stage_names[index - 1], scenario.stage_names[index]
    return any(scenario.pool_of(name, before) != scenario.pool_of(name, here) for name in scenario.channels)


def _speed(scenario: Scenario) -> Iterator[Problem]:
    table = scenario.speed_to_lead or {}
    for name, speed in table.items():
        default = table.get(DEFAULT)
        if speed.odds is None and (name == DEFAULT or default is None or default.odds is None):
            rule = "has no odds"
            yield wrong(
                ("speed_to_lead", name), rule, "add odds: {0 hours: 1.0, 1 hour: 0.6, 24 hours: 0.2}", at_key=True
            )
    for pool, body in scenario.pools.items():
        if body.load is not None and body.load.odds is None and body.load.effort is None:
            yield wrong(
                ("pools", pool, "load"), "has neither odds nor effort", "add odds: {10: 1.0, 25: 0.7}", at_key=True
            )
