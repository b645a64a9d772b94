"""Names: those given must be usable in paths, those referred to must exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from simfunnel.errors import Path, Problem
from simfunnel.scenario.change.path_text import did_you_mean, parse_path
from simfunnel.scenario.change.paths import concrete
from simfunnel.scenario.checks.wording import wrong
from simfunnel.scenario.fields.field import DEFAULT, FieldError
from simfunnel.scenario.model import Scenario

LONGEST_NAME = 60
MOST = {"channels": 500, "stages": 40, "pools": 200}
MOST_OTHERS = 1000


def name_rules(scenario: Scenario) -> Iterator[Problem]:
    """Yield names that cannot be used, are given twice, or refer to nothing."""
    yield from _given(scenario)
    for path, typed, known, kind in _references(scenario):
        names: list[tuple[Path, str]] = [(path, typed)] if isinstance(typed, str) else []
        if isinstance(typed, dict):
            names = [((*path, name), name) for name in typed]
        elif isinstance(typed, tuple):
            names = [((*path, index), name) for index, name in enumerate(typed)]
        for at, name in names:
            if name not in known:
                remedy = did_you_mean(name, known, f"name {kind}")
                yield wrong(at, f"is not {kind}", remedy, name, at_key=isinstance(typed, dict))
    for source in scenario.sources if scenario.raw else ():
        try:
            concrete(scenario.raw, parse_path(source))
        except FieldError as error:
            yield wrong(("sources", source), error.rule, error.remedy, at_key=True)


def _given(scenario: Scenario) -> Iterator[Problem]:
    """Yield names that a path cannot hold, stages of one name, and tables with too few or too many names."""
    stages: list[tuple[Path, str]] = [(("stages", i, "name"), stage.name) for i, stage in enumerate(scenario.stages)]
    kinds: list[tuple[str, list[tuple[Path, str]]]] = [
        ("channels", [(("channels", name), name) for name in scenario.channels]),
        ("pools", [(("pools", name), name) for name in scenario.pools]),
    ]
    for channel, body in scenario.channels.items():
        kinds.append(("campaigns", [(("channels", channel, "campaigns", name), name) for name in body.campaigns]))
    for kind, names in [*kinds, ("stages", stages)]:
        for path, name in names:
            at_key = path[-1] == name
            if name in (DEFAULT, "*") or not name.strip():
                rule = f"cannot be the name of one of the {kind}"
                yield wrong(path, rule, "choose another name", name, at_key=at_key)
            elif len(name) > LONGEST_NAME or not name.isprintable() or set(name) & set("\"'[]"):
                rule = f"is longer than {LONGEST_NAME} characters, or holds quotes or brackets"
                yield wrong(path, rule, "choose a plainer name", name, at_key=at_key)
        most = MOST.get(kind, MOST_OTHERS)
        if len(names) > most:
            yield wrong((kind,), f"holds {len(names)} names", f"keep it below {most}")
    for i, (at, name) in enumerate(stages):
        if name in scenario.stage_names[:i]:
            yield wrong(at, "is the name of two stages", "give each stage its own name", name)
    for kind, found in (("channels", scenario.channels), ("stages", stages)):
        if not found:
            yield wrong((kind,), "is empty", f"add at least one of the {kind}")


def _references(scenario: Scenario) -> Iterator[tuple[Path, Any, Collection[str], str]]:
    """Yield what refers to names: its path, the name, list or table, the names known, and what they are names of."""
    channels, sla = scenario.channels, scenario.sla
    tables: list[tuple[Path, Any]] = [
        (("handoff",), scenario.handoff),
        (("speed_to_lead",), scenario.speed_to_lead),
        (("qualification", "threshold"), scenario.qualification.threshold),
        (("sla", "sales", "response"), sla.sales.response if sla is not None and sla.sales is not None else None),
    ]
    tables += [(("pools", name, "specialised"), pool.specialised) for name, pool in scenario.pools.items()]
    tables += [(("skills", name), table) for name, table in scenario.skills.items()]
    for path, table in tables:
        if isinstance(table, dict):
            yield path, table, [*channels, DEFAULT], "a channel or default"
    for name, pool in scenario.pools.items():
        served = channels if pool.channels is None else pool.channels
        yield ("pools", name, "stages"), pool.stages, scenario.stage_names, "a stage"
        yield ("pools", name, "channels"), pool.channels, channels, "a channel"
        yield ("pools", name, "teams"), pool.teams, served, "a channel of this pool"
        helpers = pool.overflow.to if pool.overflow is not None else None
        yield ("pools", name, "overflow", "to"), helpers, served, "a team (a channel of this pool)"
    yield ("skills",), scenario.skills, scenario.pools, "a pool"
    listed = isinstance(scenario.raw.get("opening_pipeline"), list)
    for i, leads in enumerate(scenario.opening_pipeline or ()):
        at: Path = ("opening_pipeline", i) if listed else ("opening_pipeline",)
        yield (*at, "channel"), leads.channel, channels, "a channel"
        yield (*at, "stage"), leads.stage, scenario.stage_names, "a stage"
    for i, clause in enumerate(sla.other if sla is not None else ()):
        yield ("sla", "other", i, "pool"), clause.pool, scenario.pools, "a pool"
        yield ("sla", "other", i, "channel"), clause.channel, channels, "a channel"
