"""Names: those given must be usable in paths, those referred to must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.path_text import did_you_mean, parse_path
from simfunnel.scenario.change.paths import concrete
from simfunnel.scenario.checks.wording import wrong
from simfunnel.scenario.fields.field import FieldError
from simfunnel.scenario.model import DEFAULT, Scenario

LONGEST_NAME = 60
MOST = {"channels": 500, "stages": 40, "pools": 200}


def name_rules(scenario: Scenario) -> Iterator[Problem]:
    """Names that cannot be used, are given twice, or refer to nothing."""
    yield from _given(scenario)
    yield from _channel_keys(scenario)
    yield from _in_pools(scenario)
    yield from _elsewhere(scenario)
    yield from _sources(scenario)


def _given(scenario: Scenario) -> Iterator[Problem]:
    yield from _usable("channels", [(("channels", name), name) for name in scenario.channels])
    yield from _usable("pools", [(("pools", name), name) for name in scenario.pools])
    for channel, body in scenario.channels.items():
        path = ("channels", channel, "campaigns")
        yield from _usable("campaigns", [((*path, name), name) for name in body.campaigns])
    stages: list[tuple[Path, str]] = [(("stages", i, "name"), stage.name) for i, stage in enumerate(scenario.stages)]
    yield from _usable("stages", stages)
    for i, (at, name) in enumerate(stages):
        if name in scenario.stage_names[:i]:
            yield wrong(at, "is the name of two stages", "give each stage its own name", name)
    for kind, count in (("channels", len(scenario.channels)), ("stages", len(stages))):
        if not count:
            yield wrong((kind,), "is empty", f"add at least one of the {kind}")


def _usable(kind: str, names: Iterable[tuple[Path, str]]) -> Iterator[Problem]:
    found = list(names)
    for path, name in found:
        at_key = path[-1] == name
        if name in (DEFAULT, "*") or not name.strip():
            yield wrong(path, f"cannot be the name of one of the {kind}", "choose another name", name, at_key=at_key)
        elif len(name) > LONGEST_NAME or not name.isprintable() or set(name) & set("\"'[]"):
            rule = f"is longer than {LONGEST_NAME} characters, or holds quotes or brackets"
            yield wrong(path, rule, "choose a plainer name", name, at_key=at_key)
    if len(found) > MOST.get(kind, 1000):
        yield wrong((kind,), f"holds {len(found)} names", f"keep it below {MOST.get(kind, 1000)}")


def _refers(path: Path, name: str, known: Iterable[str], what: str, *, at_key: bool = False) -> Iterator[Problem]:
    names = list(known)
    if name not in names:
        yield wrong(path, f"is not {what}", did_you_mean(name, names, f"name {what}"), name, at_key=at_key)


def _channel_keys(scenario: Scenario) -> Iterator[Problem]:
    known = [*scenario.channels, DEFAULT]
    tables: list[tuple[Path, Iterable[str]]] = [
        (("handoff",), scenario.handoff),
        (("speed_to_lead",), scenario.speed_to_lead or {}),
    ]
    if isinstance(scenario.qualification.threshold, dict):
        tables.append((("qualification", "threshold"), scenario.qualification.threshold))
    if scenario.sla is not None and scenario.sla.sales is not None and isinstance(scenario.sla.sales.response, dict):
        tables.append((("sla", "sales", "response"), scenario.sla.sales.response))
    tables += [(("pools", name, "specialised"), pool.specialised) for name, pool in scenario.pools.items()]
    tables += [(("skills", name), channels) for name, channels in scenario.skills.items()]
    for path, names in tables:
        for name in names:
            yield from _refers((*path, name), name, known, "a channel or default", at_key=True)


def _in_pools(scenario: Scenario) -> Iterator[Problem]:
    for name, pool in scenario.pools.items():
        path: Path = ("pools", name)
        for i, stage in enumerate(pool.stages):
            yield from _refers((*path, "stages", i), stage, scenario.stage_names, "a stage")
        for i, channel in enumerate(pool.channels or ()):
            yield from _refers((*path, "channels", i), channel, scenario.channels, "a channel")
        for channel in pool.teams or {}:
            served = scenario.channels if pool.channels is None else pool.channels
            yield from _refers((*path, "teams", channel), channel, served, "a channel of this pool", at_key=True)
        for i, channel in enumerate((pool.overflow.to or ()) if pool.overflow is not None else ()):
            served = scenario.channels if pool.channels is None else pool.channels
            yield from _refers((*path, "overflow", "to", i), channel, served, "a team (a channel of this pool)")


def _elsewhere(scenario: Scenario) -> Iterator[Problem]:
    for pool in scenario.skills:
        yield from _refers(("skills", pool), pool, scenario.pools, "a pool", at_key=True)
    typed = scenario.raw.get("opening_pipeline") if scenario.raw else None
    for i, leads in enumerate(scenario.opening_pipeline or ()):
        path: Path = ("opening_pipeline", i) if isinstance(typed, list) else ("opening_pipeline",)
        yield from _refers((*path, "channel"), leads.channel, scenario.channels, "a channel")
        yield from _refers((*path, "stage"), leads.stage, scenario.stage_names, "a stage")
    for i, clause in enumerate(scenario.sla.other if scenario.sla is not None else ()):
        if clause.pool is not None:
            yield from _refers(("sla", "other", i, "pool"), clause.pool, scenario.pools, "a pool")
        if clause.channel is not None:
            yield from _refers(("sla", "other", i, "channel"), clause.channel, scenario.channels, "a channel")


def _sources(scenario: Scenario) -> Iterator[Problem]:
    for path in scenario.sources if scenario.raw else ():
        try:
            concrete(scenario.raw, parse_path(path))
        except FieldError as error:
            yield wrong(("sources", path), error.rule, error.remedy, at_key=True)
