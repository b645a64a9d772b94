"""Fields that do nothing where they stand, each told so that no effect is believed in that is not there.

A field is left alone at its neutral value, and where a what-if changes what keeps it from having an effect.
"""

from __future__ import annotations

from collections.abc import Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.what_if import WhatIfTable
from simfunnel.scenario.checks.wording import odd
from simfunnel.scenario.fields.arrivals import Channel
from simfunnel.scenario.fields.calendars import CalendarSpec
from simfunnel.scenario.fields.field import Model
from simfunnel.scenario.fields.handoff import Handoff
from simfunnel.scenario.fields.pools import Pool
from simfunnel.scenario.fields.stages import Stage
from simfunnel.scenario.model import DEFAULT, Scenario

DROP = "drop it"


def unused_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield every field typed without an effect at its place."""
    if not scenario.stages or not scenario.channels:
        return
    specs: list[tuple[Path, CalendarSpec]] = [(("calendar",), scenario.calendar)]
    specs += [(("pools", n, "calendar"), p.calendar) for n, p in scenario.pools.items() if p.calendar is not None]
    for path, spec in specs:
        for field in ("days", "hours", "holidays", "own_holidays") if spec.always else ():
            if _typed(spec, field, ()):
                yield _nothing((*path, field), "`always` is open round the clock, holidays included")
    for name, channel in scenario.channels.items():
        yield from _channel(scenario, name, channel)
    yield from _judgements(scenario)
    yield from _handoffs(scenario)
    for index, stage in enumerate(scenario.stages):
        if not changed_by_what_if(scenario, "stages", stage.name):
            yield from _stage(scenario, index, stage)
    first = scenario.stages[0]
    if first.conversion in (0.0, 1.0) and scenario.speed_to_lead and not changed_by_what_if(scenario, "stages"):
        yield _nothing(("speed_to_lead",), f"all decisions at {first.name} are the same, however late the contact")
    for name, pool in scenario.pools.items():
        if pool.stages and pool.channels != ():
            yield from _first_stage(scenario, name, pool)
            yield from _team(scenario, name, pool)
            yield from _people(scenario, name, pool)
    yield from _outside(scenario)


def changed_by_what_if(scenario: Scenario, *path: str) -> bool:
    """Return whether a what-if sets a value at, above or below a path (stages by name)."""
    return isinstance(scenario.what_ifs, WhatIfTable) and scenario.what_ifs.touch(path)


def _typed(part: Model, field: str, *neutral: object) -> bool:
    """Return whether a field is typed with a value that ought to do something."""
    return field in part.model_fields_set and getattr(part, field) not in (None, *neutral)


def _nothing(path: Path, why: str, remedy: str = DROP) -> Problem:
    return odd(path, f"does nothing: {why}", remedy, at_key=True)


def _channel(scenario: Scenario, name: str, channel: Channel) -> Iterator[Problem]:
    """Yield fields of leads and visits without volume, of values and waits that never vary, of one channel alone."""
    path: Path = ("channels", name)
    if channel.leads is None and channel.visits is None and not changed_by_what_if(scenario, "channels", name, "leads"):
        neutral = {"season": {}, "growth": 0.0, "day_to_day_swing": 0.0}
        for field, value in neutral.items():
            if _typed(channel, field, value):
                yield _nothing((*path, field), "it shapes leads or visits, of which the channel types none")
        if _typed(channel, "hours_of_week", "flat") and not channel.campaigns:
            yield _nothing((*path, "hours_of_week"), "lists come when they come, and there are no other leads")
        if _typed(channel, "cost_per_lead", 0.0) and channel.lists is None and channel.campaigns:
            yield _nothing((*path, "cost_per_lead"), "leads of campaigns bear no cost of their own")
    if _typed(channel, "value_quality", 0.0) and channel.deal_value.is_constant:
        rule = "every deal of the channel has the same value"
        yield _nothing((*path, "value_quality"), rule, "write deal_value as a distribution, or drop it")
    first = scenario.stages[0]
    at_once = scenario.handoff_of(name).instant and first.no_show == 0.0 and not scenario.pool_of(name, first.name)
    may_wait = not at_once or changed_by_what_if(scenario, "handoff") or changed_by_what_if(scenario, "pools")
    if _typed(channel, "patience") and not channel.patience.never and not may_wait:
        yield _nothing((*path, "patience"), "nobody waits: leads are handed over at once, and no team has to answer")
    if len(scenario.channels) != 1:
        return
    if _typed(channel, "quality", 0.0) and not changed_by_what_if(scenario, "channels", name, "quality"):
        yield _nothing((*path, "quality"), "quality is measured against the other channels, and there are none")
    by_rate = scenario.qualification.threshold is None
    if by_rate and _typed(channel, "score_bias", 0.0) and not changed_by_what_if(scenario, "channels", name):
        rule = "the threshold follows from mql_rate, and there is no other channel to be flattered against"
        yield _nothing((*path, "score_bias"), rule)


def _judgements(scenario: Scenario) -> Iterator[Problem]:
    """Yield fields of qualification that no lead is under, of acceptance that accepts every lead."""
    qualification, acceptance = scenario.qualification, scenario.acceptance
    if not changed_by_what_if(scenario, "qualification"):
        if not qualification.near_miss and _typed(qualification, "near_miss_to"):
            yield _nothing(("qualification", "near_miss_to"), "near_miss is 0", "type near_miss, or drop it")
        for field, neutral in (("near_miss", 0.0), ("below_to", "disqualified")):
            if qualification.mql_rate == 1.0 and _typed(qualification, field, neutral):
                yield _nothing(("qualification", field), "every lead qualifies")
    if acceptance is None or changed_by_what_if(scenario, "acceptance"):
        return
    if acceptance.rate == 1.0:
        for field in ("accuracy", "agreement", "effort", "rejected_to"):
            if _typed(acceptance, field):
                yield _nothing(("acceptance", field), "sales accepts everyone")
    elif _typed(acceptance, "effort") and not _worked(scenario, scenario.stages[0]):
        yield _nothing(("acceptance", "effort"), f"no team works {scenario.stages[0].name}")


def _worked(scenario: Scenario, stage: Stage) -> bool:
    return any(stage.name in pool.stages for pool in scenario.pools.values())


def _handoffs(scenario: Scenario) -> Iterator[Problem]:
    """Yield what the default hand-off types and no channel takes from it."""
    default, ways = scenario.handoff[DEFAULT], ("instant", "delay", "batch")
    own = [scenario.handoff.get(name, Handoff()) for name in scenario.channels]
    if all(any(getattr(each, way) is not None for way in ways) for each in own):
        for way in ways:
            if _typed(default, way):
                yield _nothing(("handoff", DEFAULT, way), "every channel has a way of its own")
    if _typed(default, "leak", 0.0) and all(each.leak is not None for each in own):
        yield _nothing(("handoff", DEFAULT, "leak"), "every channel has a leak of its own")


def _stage(scenario: Scenario, index: int, stage: Stage) -> Iterator[Problem]:
    """Yield fields about no-shows, postponement and odds where there are none."""
    path: Path = ("stages", index)
    if not index and stage.no_show == 0.0 and _typed(stage, "wait"):
        rule = "the first stage begins on joining the queue; its wait is that after a no-show, of which there are none"
        yield _nothing((*path, "wait"), rule, "drop it; time before the first contact is typed under handoff")
    if _typed(stage, "no_show_effort"):
        if stage.no_show == 0.0:
            yield _nothing((*path, "no_show_effort"), "no_show is 0", "type no_show, or drop it")
        elif not _worked(scenario, stage):
            yield _nothing((*path, "no_show_effort"), f"no team works {stage.name}")
    if _typed(stage, "postponed_for") and stage.otherwise.postponed == 0.0:
        rule = "nobody is postponed"
        yield _nothing((*path, "postponed_for"), rule, "type otherwise: {postponed: 20%, lost: 80%}, or drop it")
    if stage.conversion == 1.0 and _typed(stage, "otherwise"):
        yield _nothing((*path, "otherwise"), "every decision advances")
    if stage.conversion in (0.0, 1.0) and _typed(stage, "quality_odds", 1.0):
        yield _nothing((*path, "quality_odds"), "all decisions are the same, whatever the lead")


def _first_stage(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about new leads in teams that never get one, and about later tasks where there are none."""
    first = scenario.stages[0]
    neutral = {"routing": "shared queue", "discipline": "fifo", "open_deals": "first"}
    if first.name not in pool.stages:
        for field in (*neutral, "queue_limit", "overflow"):
            if _typed(pool, field, neutral.get(field)):
                yield _nothing(("pools", name, field), f"it is about new leads, and {name} does not work {first.name}")
        return
    if list(pool.stages) != [first.name] or first.no_show > 0.0 or first.otherwise.postponed > 0.0:
        return
    if changed_by_what_if(scenario, "stages") or changed_by_what_if(scenario, "pools", name, "stages"):
        return
    if _typed(pool, "open_deals", "first") and pool.discipline == "fifo":
        yield _nothing(("pools", name, "open_deals"), f"{name} has only new leads")


def _team(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about teams in a pool that is one, and about choices between reps where there is one."""
    path: Path = ("pools", name)
    if pool.structure == "pooled" and not changed_by_what_if(scenario, "pools", name, "structure"):
        for field in ("teams", "specialised"):
            if _typed(pool, field, {}):
                rule = "the structure is pooled, and no what-if makes teams"
                yield _nothing((*path, field), rule, f"write structure: dedicated, or drop {field}")
    heads = pool.reps if isinstance(pool.reps, int) else 0
    grows = bool(pool.hires) or changed_by_what_if(scenario, "pools", name, "reps")
    if heads == 1 and not grows and _typed(pool, "routing", "shared queue"):
        yield _nothing((*path, "routing"), f"{name} has one rep")
    tasks = [stage for stage in scenario.stages if stage.name in pool.stages]
    once = len(tasks) == 1 and tasks[0].no_show == 0.0 and tasks[0].otherwise.postponed == 0.0
    alone = once or (heads == 1 and not grows)
    if alone and _typed(pool, "ownership", "pool") and pool.load is None and not changed_by_what_if(scenario, "stages"):
        rule = f"{name} has one rep" if not once else f"a lead has one task in {name}"
        yield _nothing((*path, "ownership"), rule)


def _people(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about scarce reps where they are unlimited, about wins elsewhere, about ramps that are flat."""
    path: Path = ("pools", name)
    if pool.reps == "unlimited" and not changed_by_what_if(scenario, "pools", name, "reps"):
        neutral = {"discipline": "fifo", "open_deals": "first"}
        for field in ("discipline", "open_deals", "teams", "specialised", "overflow", "cost_per_rep"):
            if _typed(pool, field, {}, neutral.get(field)):
                yield _nothing((*path, field), "reps are unlimited", f"write a number of reps, or drop {field}")
    last = scenario.stages[-1].name
    if _typed(pool, "commission", 0.0) and last not in pool.stages:
        yield _nothing((*path, "commission"), f"it is paid to who wins, and {name} does not work {last}")
    for index, hire in enumerate(pool.hires):
        at = (*path, "hires", index)
        flat = hire.ramp is None or hire.ramp.amount == 0
        if not flat and hire.start_at == 1.0:
            yield _nothing((*at, "ramp"), "start_at is 100%", "write a lower start_at, or drop ramp")
        elif flat and _typed(hire, "start_at", 1.0):
            yield _nothing((*at, "start_at"), "there is no ramp", "write e.g. ramp: 3 months, or drop start_at")


def _outside(scenario: Scenario) -> Iterator[Problem]:
    """Yield skills with leads that a team never gets, and fields of a nurture programme that every lead leaves."""
    tables: list[tuple[Path, str, list[str]]] = [
        (("skills", name), name, list(table)) for name, table in scenario.skills.items() if name in scenario.pools
    ]
    tables += [(("pools", n, "specialised"), n, list(pool.specialised)) for n, pool in scenario.pools.items()]
    for path, name, channels in tables:
        served = scenario.pools[name].channels
        for channel in channels:
            if channel in scenario.channels and served is not None and channel not in served:
                yield _nothing((*path, channel), f"{name} does not serve {channel}")
    nurture = scenario.nurture
    if nurture is not None and nurture.opt_out >= 1.0 and not changed_by_what_if(scenario, "nurture"):
        for field in ("score_lift", "quality_lift", "cycles", "patience"):
            if _typed(nurture, field):
                yield _nothing(("nurture", field), "everybody opts out, so nobody comes back")
