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
from simfunnel.scenario.fields.field import DEFAULT, Model
from simfunnel.scenario.fields.pools import Pool, Skill
from simfunnel.scenario.fields.stages import Handoff, Stage
from simfunnel.scenario.model import Scenario

DROP = "drop it"


def changed_by_what_if(scenario: Scenario, *path: str) -> bool:
    """Return whether a what-if sets a value at, above or below a path (stages by name)."""
    return isinstance(scenario.what_ifs, WhatIfTable) and scenario.what_ifs.touch(path)


def _unused(part: Model, path: Path, why: str, remedy: str = DROP, **neutral: object) -> Iterator[Problem]:
    """Yield the named fields of a block as far as they are typed with a value that ought to do something.

    `neutral`: the value of each field that does nothing anyway, beside None; `remedy` may name the `{field}`.
    """
    for field, value in neutral.items():
        if field in part.model_fields_set and getattr(part, field) not in (None, value):
            yield _nothing((*path, field), why, remedy.replace("{field}", field))


def _nothing(path: Path, why: str, remedy: str = DROP) -> Problem:
    return odd(path, f"does nothing: {why}", remedy, at_key=True)


def calendar_fields(scenario: Scenario) -> Iterator[Problem]:
    """Yield opening hours beside `always`."""
    specs: list[tuple[Path, CalendarSpec | None]] = [(("calendar",), scenario.calendar)]
    specs += [(("pools", name, "calendar"), pool.calendar) for name, pool in scenario.pools.items()]
    for path, spec in specs:
        if spec is not None and spec.always:
            why = "`always` is open round the clock, holidays included"
            yield from _unused(spec, path, why, days=None, hours=None, holidays=None, own_holidays=())


def channel_fields(scenario: Scenario, name: str, channel: Channel) -> Iterator[Problem]:
    """Yield fields of leads and visits without volume, of values and waits that never vary, of one channel alone."""
    path: Path = ("channels", name)
    if channel.leads is None and channel.visits is None and not changed_by_what_if(scenario, "channels", name, "leads"):
        why = "it shapes leads or visits, of which the channel types none"
        yield from _unused(channel, path, why, season={}, growth=0.0, day_to_day_swing=0.0)
        if not channel.campaigns:
            why = "lists come when they come, and there are no other leads"
            yield from _unused(channel, path, why, hours_of_week="flat")
        elif channel.lists is None:
            yield from _unused(channel, path, "leads of campaigns bear no cost of their own", cost_per_lead=0.0)
    if channel.deal_value.is_constant:
        why, remedy = "every deal of the channel has the same value", "write deal_value as a distribution, or drop it"
        yield from _unused(channel, path, why, remedy, value_quality=0.0)
    first = scenario.stages[0]
    at_once = scenario.handoff_of(name).instant and first.no_show == 0.0 and not scenario.pool_of(name, first.name)
    may_wait = not at_once or changed_by_what_if(scenario, "handoff") or changed_by_what_if(scenario, "pools")
    if not channel.patience.never and not may_wait:
        why = "nobody waits: leads are handed over at once, and no team has to answer"
        yield from _unused(channel, path, why, patience=None)
    if len(scenario.channels) != 1:
        return
    if not changed_by_what_if(scenario, "channels", name, "quality"):
        why = "quality is measured against the other channels, and there are none"
        yield from _unused(channel, path, why, quality=0.0)
    if scenario.qualification.threshold is None and not changed_by_what_if(scenario, "channels", name):
        why = "the threshold follows from mql_rate, and there is no other channel to be flattered against"
        yield from _unused(channel, path, why, score_bias=0.0)


def judgement_fields(scenario: Scenario) -> Iterator[Problem]:
    """Yield fields of qualification that no lead is under, of acceptance that accepts every lead."""
    qualification, acceptance, first = scenario.qualification, scenario.acceptance, scenario.stages[0]
    if not changed_by_what_if(scenario, "qualification"):
        path: Path = ("qualification",)
        if not qualification.near_miss:
            remedy = "type near_miss, or drop it"
            yield from _unused(qualification, path, "near_miss is 0", remedy, near_miss_to=None)
        if qualification.mql_rate == 1.0:
            why = "every lead qualifies"
            yield from _unused(qualification, path, why, near_miss=0.0, below_to="disqualified")
    if acceptance is None or changed_by_what_if(scenario, "acceptance"):
        return
    path = ("acceptance",)
    if acceptance.rate == 1.0:
        fields = dict.fromkeys(("accuracy", "agreement", "effort", "rejected_to"))
        yield from _unused(acceptance, path, "sales accepts everyone", DROP, **fields)
    elif not _worked(scenario, first):
        yield from _unused(acceptance, path, f"no team works {first.name}", effort=None)


def _worked(scenario: Scenario, stage: Stage) -> bool:
    return any(stage.name in pool.stages for pool in scenario.pools.values())


def handoff_fields(scenario: Scenario) -> Iterator[Problem]:
    """Yield what the default hand-off types and no channel takes from it."""
    default, ways = scenario.handoff[DEFAULT], ("instant", "delay", "batch")
    own = [scenario.handoff.get(name, Handoff()) for name in scenario.channels]
    if all(any(getattr(each, way) is not None for way in ways) for each in own):
        why = "every channel has a way of its own"
        yield from _unused(default, ("handoff", DEFAULT), why, DROP, **dict.fromkeys(ways))
    if all(each.leak is not None for each in own):
        yield from _unused(default, ("handoff", DEFAULT), "every channel has a leak of its own", leak=0.0)


def stage_fields(scenario: Scenario, index: int, stage: Stage) -> Iterator[Problem]:
    """Yield fields about no-shows, postponement and odds where there are none."""
    path: Path = ("stages", index)
    if not index and stage.no_show == 0.0:
        why = "the first stage begins on joining the queue; its wait is that after a no-show, of which there are none"
        remedy = "drop it; time before the first contact is typed under handoff"
        yield from _unused(stage, path, why, remedy, wait=None)
    if stage.no_show == 0.0:
        yield from _unused(stage, path, "no_show is 0", "type no_show, or drop it", no_show_effort=None)
    elif not _worked(scenario, stage):
        yield from _unused(stage, path, f"no team works {stage.name}", no_show_effort=None)
    if stage.otherwise.postponed == 0.0:
        remedy = "type otherwise: {postponed: 20%, lost: 80%}, or drop it"
        yield from _unused(stage, path, "nobody is postponed", remedy, postponed_for=None)
    if stage.conversion == 1.0:
        yield from _unused(stage, path, "every decision advances", otherwise=None)
    if stage.conversion in (0.0, 1.0):
        yield from _unused(stage, path, "all decisions are the same, whatever the lead", quality_odds=1.0)


def new_lead_fields(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about new leads in teams that never get one, and about later tasks where there are none."""
    first, path = scenario.stages[0], ("pools", name)
    if first.name not in pool.stages:
        usual = {"routing": "shared queue", "discipline": "fifo", "open_deals": "first"}
        why = f"it is about new leads, and {name} does not work {first.name}"
        yield from _unused(pool, path, why, DROP, **usual, queue_limit=None, overflow=None)
        return
    comes_back = first.no_show > 0.0 or first.otherwise.postponed > 0.0
    changed = changed_by_what_if(scenario, "stages") or changed_by_what_if(scenario, "pools", name, "stages")
    if list(pool.stages) == [first.name] and not comes_back and not changed and pool.discipline == "fifo":
        yield from _unused(pool, path, f"{name} has only new leads", open_deals="first")


def rep_fields(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about teams in a pool that is one, and about choices between reps where there is one."""
    path: Path = ("pools", name)
    if pool.structure == "pooled" and not changed_by_what_if(scenario, "pools", name, "structure"):
        why = "the structure is pooled, and no what-if makes teams"
        yield from _unused(pool, path, why, "write structure: dedicated, or drop {field}", teams={}, specialised={})
    grows = bool(pool.hires) or changed_by_what_if(scenario, "pools", name, "reps")
    alone = pool.reps == 1 and not grows
    if alone:
        yield from _unused(pool, path, f"{name} has one rep", routing="shared queue")
    tasks = [stage for stage in scenario.stages if stage.name in pool.stages]
    once = len(tasks) == 1 and tasks[0].no_show == 0.0 and tasks[0].otherwise.postponed == 0.0
    if (once or alone) and pool.load is None and not changed_by_what_if(scenario, "stages"):
        why = f"a lead has one task in {name}" if once else f"{name} has one rep"
        yield from _unused(pool, path, why, ownership="pool")


def scarcity_fields(scenario: Scenario, name: str, pool: Pool) -> Iterator[Problem]:
    """Yield fields about scarce reps where they are unlimited, about wins elsewhere, about ramps that are flat."""
    path: Path = ("pools", name)
    if pool.reps == "unlimited" and not changed_by_what_if(scenario, "pools", name, "reps"):
        neutral: dict[str, object] = {"discipline": "fifo", "open_deals": "first", "teams": {}, "specialised": {}}
        remedy = "write a number of reps, or drop {field}"
        yield from _unused(pool, path, "reps are unlimited", remedy, **neutral, overflow=None, cost_per_rep=None)
    last = scenario.stages[-1].name
    if last not in pool.stages:
        yield from _unused(pool, path, f"it is paid to who wins, and {name} does not work {last}", commission=0.0)
    for index, hire in enumerate(pool.hires):
        at = (*path, "hires", index)
        flat = hire.ramp is None or hire.ramp.amount == 0
        if not flat and hire.start_at == 1.0:
            yield _nothing((*at, "ramp"), "start_at is 100%", "write a lower start_at, or drop ramp")
        elif flat:
            remedy = "write e.g. ramp: 3 months, or drop start_at"
            yield from _unused(hire, at, "there is no ramp", remedy, start_at=1.0)


def outside_fields(scenario: Scenario) -> Iterator[Problem]:
    """Yield skills with leads that a team never gets, and fields of a nurture programme that every lead leaves."""
    tables: list[tuple[Path, str, dict[str, Skill]]] = [
        (("skills", name), name, table) for name, table in scenario.skills.items() if name in scenario.pools
    ]
    tables += [(("pools", name, "specialised"), name, pool.specialised) for name, pool in scenario.pools.items()]
    for path, name, table in tables:
        served = scenario.pools[name].channels
        for channel in table:
            if channel in scenario.channels and served is not None and channel not in served:
                yield _nothing((*path, channel), f"{name} does not serve {channel}")
    nurture = scenario.nurture
    if nurture is not None and nurture.opt_out >= 1.0 and not changed_by_what_if(scenario, "nurture"):
        fields = dict.fromkeys(("score_lift", "quality_lift", "cycles", "patience"))
        yield from _unused(nurture, ("nurture",), "everybody opts out, so nobody comes back", DROP, **fields)


OF_A_POOL = (new_lead_fields, rep_fields, scarcity_fields)


def unused_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield every field typed without an effect at its place."""
    if not scenario.stages or not scenario.channels:
        return
    yield from calendar_fields(scenario)
    for name, channel in scenario.channels.items():
        yield from channel_fields(scenario, name, channel)
    yield from judgement_fields(scenario)
    yield from handoff_fields(scenario)
    for index, stage in enumerate(scenario.stages):
        if not changed_by_what_if(scenario, "stages", stage.name):
            yield from stage_fields(scenario, index, stage)
    first = scenario.stages[0]
    if first.conversion in (0.0, 1.0) and scenario.speed_to_lead and not changed_by_what_if(scenario, "stages"):
        yield _nothing(("speed_to_lead",), f"all decisions at {first.name} are the same, however late the contact")
    for name, pool in scenario.pools.items():
        for fields in OF_A_POOL if pool.stages and pool.channels != () else ():
            yield from fields(scenario, name, pool)
    yield from outside_fields(scenario)
