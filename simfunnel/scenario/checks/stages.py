"""Stages that nobody reaches, work in calendar time, hand-offs and effects without use."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.checks.wording import listed, odd, wrong
from simfunnel.scenario.fields.field import DEFAULT
from simfunnel.scenario.fields.values import DurationDist
from simfunnel.scenario.model import Scenario, mean_hours
from simfunnel.units import significant


def flow_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield what keeps leads from arriving, or from getting past a stage."""
    names = scenario.stage_names
    for name, channel in scenario.channels.items():
        own = scenario.handoff.get(name)
        if scenario.handoff_of(name).leak == 1.0:
            path: Path = ("handoff", DEFAULT if own is None or own.leak is None else name, "leak")
            yield odd(path, f"loses every lead of {name} on the way", "write a share below 100%", "100%")
        if channel.patience.is_constant and mean_hours(channel.patience) == 0.0:
            rule = f"lets every lead of {name} go cold at once"
            yield odd(("channels", name, "patience"), rule, "write a time above 0, or never")
    for index, stage in enumerate(scenario.stages):
        if stage.handoff is not None and stage.handoff.leak == 1.0 and index and _pool_changes(scenario, index):
            rule = f"lets nobody reach {listed(names[index:])}"
            yield wrong(("stages", index, "handoff", "leak"), rule, "write a share below 100%", "100%")
    if scenario.acceptance is not None and scenario.acceptance.rate == 0 and names:
        yield wrong(("acceptance", "rate"), f"lets nobody get past {names[0]}", "write a share above 0%", "0%")
    for index, stage in enumerate(scenario.stages[:-1]):
        if stage.conversion == 0:
            remedy = "write a share above 0%, or drop the stages after it"
            yield wrong(
                ("stages", index, "conversion"), f"lets nobody reach {listed(names[index + 1 :])}", remedy, "0%"
            )


def stage_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield waits that never end, work in calendar time, and hand-offs without use."""
    names = scenario.stage_names
    for index, stage in enumerate(scenario.stages):
        if stage.wait is None or not stage.wait.never:
            continue
        path: Path = ("stages", index, "wait")
        remedy = "write a time, e.g. 7 days, or none for no wait"
        if index and (stage.conversion > 0 or index < len(names) - 1):
            beyond = listed(names[index + 1 :]) if index < len(names) - 1 else "a win"
            yield wrong(path, f"never ends, so that nobody gets to {beyond}", remedy, "never")
        elif index or stage.no_show > 0:
            who = "who gets there" if index else "who does not come once"
            yield odd(path, f"never ends: {who} stays open for ever", remedy, "never")
    for index, stage in enumerate(scenario.stages):
        if stage.effort is not None and "effort" in stage.model_fields_set:
            yield from _hours_of_work(("stages", index, "effort"), stage.effort)
        if stage.capacity is not None and stage.capacity.amount <= 0:
            path = ("stages", index, "capacity")
            yield wrong(path, "is not above zero", "write e.g. 8 / business day", str(stage.capacity))
    if scenario.acceptance is not None and isinstance(scenario.acceptance.effort, DurationDist):
        yield from _hours_of_work(("acceptance", "effort"), scenario.acceptance.effort)
    for index, stage in enumerate(scenario.stages):
        path = ("stages", index, "handoff")
        if stage.handoff is not None and index == 0:
            rule = "is the hand-off to the first stage, which `handoff` describes"
            yield wrong(path, rule, "move it there", at_key=True)
        elif stage.handoff is not None and not _pool_changes(scenario, index):
            rule = f"is not used: the pool does not change on entering {stage.name}"
            yield odd(path, rule, "drop it", at_key=True)


def effect_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield effects of late contacts and of load that are typed without their odds."""
    table = scenario.speed_to_lead or {}
    default = table.get(DEFAULT)
    for name, speed in table.items():
        if speed.odds is None and (name == DEFAULT or default is None or default.odds is None):
            remedy = "add odds: {0 hours: 1.0, 1 hour: 0.6, 24 hours: 0.2}"
            yield wrong(("speed_to_lead", name), "has no odds", remedy, at_key=True)
    for name, pool in scenario.pools.items():
        if pool.load is not None and pool.load.odds is None and pool.load.effort is None:
            remedy = "add odds: {10: 1.0, 25: 0.7}"
            yield wrong(("pools", name, "load"), "has neither odds nor effort", remedy, at_key=True)


def _hours_of_work(path: Path, effort: DurationDist) -> Iterator[Problem]:
    long = [each for each in effort.amounts if each.unit in ("day", "week", "month", "year") and not each.working]
    if long:
        rule = f"counts work in calendar time: {long[0]} is {significant(long[0].hours(), 6)} hours of work"
        yield wrong(path, rule, "write hours, or business days")


def _pool_changes(scenario: Scenario, index: int) -> bool:
    before, here = scenario.stage_names[index - 1], scenario.stage_names[index]
    return any(scenario.pool_of(name, before) != scenario.pool_of(name, here) for name in scenario.channels)
