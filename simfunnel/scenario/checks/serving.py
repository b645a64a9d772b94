"""Who works what: every channel at every stage has one pool, or the stage needs none."""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Problem
from simfunnel.scenario.checks.telling import listed, odd, wrong
from simfunnel.scenario.model import Scenario


def serving_rules(scenario: Scenario) -> Iterator[Problem]:
    """Channels with no pool or two at a stage, pools that serve nobody, work without a pool."""
    for index, stage in enumerate(scenario.stage_names):
        yield from _unserved(scenario, stage)
        yield from _served_twice(scenario, stage)
        yield from _work_without_pool(scenario, index)
    for name, pool in scenario.pools.items():
        if not pool.stages or pool.channels == ():
            field = "stages" if not pool.stages else "channels"
            yield odd(("pools", name, field), "serves nobody", f"name its {field}, or drop the pool")


def pools_at(scenario: Scenario, stage: str, channel: str) -> list[str]:
    """Names of all pools that serve a channel at a stage, in file order."""
    return [name for name, pool in scenario.pools.items() if pool.serves(stage, channel)]


def _unserved(scenario: Scenario, stage: str) -> Iterator[Problem]:
    served = {channel: pools_at(scenario, stage, channel) for channel in scenario.channels}
    nobody = [channel for channel, pools in served.items() if not pools]
    if not nobody or len(nobody) == len(served):
        return
    other = next(pools[0] for pools in served.values() if pools)
    for channel in nobody:
        rule = f"is served by no pool at {stage}, while {other} serves other channels there"
        remedy = f"add {channel} to pools.{other}.channels, or to another pool at {stage}"
        yield wrong(("channels", channel), rule, remedy, channel, at_key=True)


def _served_twice(scenario: Scenario, stage: str) -> Iterator[Problem]:
    twice: dict[tuple[str, str], list[str]] = {}
    for channel in scenario.channels:
        pools = pools_at(scenario, stage, channel)
        for other in pools[1:]:
            twice.setdefault((pools[0], other), []).append(channel)
    for (first, second), channels in twice.items():
        field = "channels" if scenario.pools[second].channels is not None else "stages"
        rule = f"serves {listed(channels)} at {stage}, which {first} serves too"
        remedy = "leave each channel at each stage to one pool: name the channels of both"
        yield wrong(("pools", second, field), rule, remedy)


def _work_without_pool(scenario: Scenario, index: int) -> Iterator[Problem]:
    stage = scenario.stages[index]
    if any(stage.name in pool.stages for pool in scenario.pools.values()):
        return
    for field in ("effort", "capacity"):
        if field in stage.model_fields_set:
            rule = f"is work at {stage.name}, which no pool serves"
            yield wrong(("stages", index, field), rule, f"add {stage.name} to a pool's stages, or drop {field}")
