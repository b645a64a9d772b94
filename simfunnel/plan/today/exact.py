"""Whether the base's constants can be had by integrals alone (MODEL 9), or what in the simulation selects leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simfunnel.distributions.elementary import log
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.model import Scenario


def what_selects(scenario: Scenario) -> tuple[str, ...]:
    """Return what makes the leads at a decision differ from what score and assessment alone select; empty: nothing
    does."""
    if not _with_leads(scenario):  # nobody for pilots to see
        return ()
    found = []
    for name in _with_leads(scenario):
        speed = scenario.speed_of(name)
        if speed is not None and speed.strength and any(odds != 1.0 for _, odds in speed.odds or ()):
            found.append(f"speed_to_lead of {name}")
    for name, pool in scenario.pools.items():
        if pool.load is not None and pool.load.strength and any(odds != 1.0 for _, odds in pool.load.odds or ()):
            found.append(f"load of {name}")
        if pool.structure == "hybrid" and any(skill.odds not in (None, 1.0) for skill in pool.specialised.values()):
            found.append(f"specialised reps of {name} help other teams")
    found += recycling(scenario)
    for name, pool in scenario.pools.items():
        by_score = scenario.stage_names[0] in pool.stages and pool.discipline == "highest score first"
        if by_score and pool.reps != "unlimited":
            found.append(f"{name} takes the highest score first")
    if len(_with_leads(scenario)) > 1:
        found += _mixing(scenario)
    if scenario.opening_pipeline:
        found.append("opening_pipeline needs open leads from a simulation")
    return tuple(found)


def log_skill(scenario: Scenario, channel: str, stage: str) -> float:
    """Return ln of the odds that the home team's reps add for a channel at a stage: skill, specialisation in teams."""
    name = scenario.pool_of(channel, stage)
    if name is None:
        return 0.0
    pool = scenario.pools[name]
    odds = scenario.skill_of(name, channel).odds or 1.0
    if pool.structure != "pooled":
        odds *= pool.specialised_for(channel).odds or 1.0
    return log(odds)


def recycling(scenario: Scenario) -> list[str]:
    """Return what brings leads back to where they have been: from nurture, or postponed."""
    found = []
    undecided = [stage for stage in scenario.stages if 0.0 < stage.conversion < 1.0]
    if scenario.nurture is not None:
        bar, acceptance = scenario.qualification, scenario.acceptance
        if bar.near_miss > 0.0 and bar.near_miss_to == "nurture":
            found.append("near misses come back from nurture")
        if bar.below_to == "nurture":
            found.append("leads below the threshold come back from nurture")
        if acceptance is not None and acceptance.rejected_to == "nurture" and acceptance.rate < 1.0:
            found.append("rejected leads come back from nurture")
        found += [f"{stage.name} sends leads to nurture" for stage in undecided if stage.otherwise.nurture > 0.0]
    return found + [f"{stage.name} postpones deals" for stage in undecided if stage.otherwise.postponed > 0.0]


def _mixing(scenario: Scenario) -> list[str]:
    """What makes the channel mix at a step differ from that of the arrivals."""
    channels = {name: scenario.channels[name] for name in _with_leads(scenario)}
    found = []
    alike: dict[str, Callable[[str, Channel], object]] = {
        "patience": lambda name, channel: channel.patience,
        "leak": lambda name, channel: scenario.handoff_of(name).leak,
        "season": lambda name, channel: (tuple(sorted(channel.season.items())), channel.growth),
        "skills": lambda name, channel: tuple(log_skill(scenario, name, stage) for stage in scenario.stage_names),
    }
    for word, of in alike.items():
        if not _all_equal([of(name, channel) for name, channel in channels.items()]):
            found.append(f"{word} differs between channels")
    if any(channel.campaigns for channel in channels.values()):
        found.append("campaigns change the mix of channels")
    if leads_may_leave(scenario, channels.values()) and not _all_equal([_way_in(scenario, name) for name in channels]):
        found.append("channels wait differently before they are called")
    return found


def leads_may_leave(scenario: Scenario, channels: Iterable[Channel]) -> bool:
    """Return whether waiting can cost a lead of some channels, which integrals do not see."""
    limits = any(pool.queue_limit is not None for pool in scenario.pools.values())
    return limits or any(not channel.patience.never for channel in channels)


def _way_in(scenario: Scenario, name: str) -> object:
    """All that decides how long a channel's leads wait for their first contact."""
    way = scenario.handoff_of(name)
    pool = scenario.pool_of(name, scenario.stage_names[0])
    teams = name if pool is not None and scenario.pools[pool].structure != "pooled" else ""
    channel = scenario.channels[name]
    lists = channel.lists is not None
    return (way.instant, way.delay, way.batch, pool, teams, channel.hours_of_week, channel.day_to_day_swing, lists)


def _with_leads(scenario: Scenario) -> list[str]:
    return [name for name, channel in scenario.channels.items() if channel.weekly_volume > 0.0 or channel.campaigns]


def _all_equal(values: list[object]) -> bool:
    return all(value == values[0] for value in values[1:])
