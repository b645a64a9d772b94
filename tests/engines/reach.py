"""What random scenarios reach: fields and values of the schema, rules and distributions of plans, events of ledgers.

What there is to reach is read off the models, the plan and the ledger's columns, so that a new field, value, rule,
outcome or decision that no random scenario draws is missed.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from simfunnel.distributions import FAMILY_NAMES, Dist
from simfunnel.ledger import Ledger, columns
from simfunnel.plan import model
from simfunnel.plan.model import Plan
from simfunnel.scenario import Scenario
from simfunnel.scenario.change.paths import members
from simfunnel.scenario.fields.field import Model
from simfunnel.scenario.fields.values import Spread

CODES = {
    ("leads", "outcome"): columns.OUTCOMES,
    ("tasks", "kind"): columns.TASK_KINDS,
    ("tasks", "decision"): columns.DECISIONS,
    ("passes", "left_to"): columns.LEFT_TO,
    ("entries", "reason"): columns.REASONS,
    ("entries", "end"): columns.ENTRY_ENDS,
}

# ---------------------------------------------------------------------- the schema


def models(kind: Any = Scenario) -> set[type[Model]]:
    """Every model within a model."""
    found: set[type[Model]] = set()
    waiting: list[Any] = [kind]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Model) and one not in found:
            found.add(one)
            waiting += [field.annotation for field in one.model_fields.values()]
        elif not isinstance(one, type):
            waiting += [part for part in (*members(one), *get_args(one)) if part is not one]
    return found


def schema() -> set[str]:
    """Every field, and every value of those that choose among words."""
    wanted = set()
    for kind in models():
        for name, field in kind.model_fields.items():
            wanted.add(f"{kind.__name__}.{name}")
            wanted |= {f"{kind.__name__}.{name}={word}" for word in _words(field.annotation)}
    spreads = [kind for kind in models() if issubclass(kind, Spread)]
    below_zero = {f"{kind.__name__}.family=normal" for kind in spreads if kind.positive}
    no_time = {f"{kind.__name__}.never" for kind in spreads if not kind.endless}
    return wanted - below_zero - no_time


def _words(annotation: Any) -> Iterator[object]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) in (Union, types.UnionType, typing.Annotated):
        for part in get_args(annotation):
            yield from _words(part)


def typed(value: Any) -> Iterator[str]:
    """The fields that are typed in a scenario or a part of it, with the words chosen."""
    if isinstance(value, Model):
        for name in value.model_fields_set:
            below, annotation = getattr(value, name), type(value).model_fields[name].annotation
            yield f"{type(value).__name__}.{name}"
            if below in list(_words(annotation)):
                yield f"{type(value).__name__}.{name}={below}"
            yield from typed(below)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from typed(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from typed(part)


# ---------------------------------------------------------------------- the plan

NEVER, NORMAL = "never", "normal"
FROM_A_NUMBER = {"constant"}
ANY_TIME = set(FAMILY_NAMES) - {NORMAL}
ANY_AMOUNT = ANY_TIME - {NEVER}  # and times that end: none is no time there
DISTRIBUTIONS = {
    "list_every": ANY_TIME,
    "list_size": ANY_AMOUNT,
    "delay": ANY_AMOUNT,
    "value": ANY_AMOUNT,
    "effort": ANY_AMOUNT,
    "wait": ANY_TIME,
    "postponed_for": ANY_AMOUNT,
    "acceptance_effort": ANY_AMOUNT,
    "patience": ANY_TIME,
    "nurture_delay": ANY_AMOUNT,
    "score_lift": set(FAMILY_NAMES) - {NEVER},
    "quality_lift": set(FAMILY_NAMES) - {NEVER},
    "nurture_patience": ANY_TIME,
    "overflow_after": {"constant", NEVER},
    "age": ANY_AMOUNT,
}
IN_WORKING_TIME = ("delay", "wait", "postponed_for", "nurture_delay", "overflow_after")
CHOICES: dict[str, tuple[str, ...]] = {
    "structure": ("POOLED", "DEDICATED", "HYBRID"),
    "routing": ("SHARED_QUEUE", "ROUND_ROBIN", "RANDOM"),
    "ownership": ("OWNED_BY_POOL", "OWNED_BY_REP"),
}


def distributed() -> set[str]:
    """Every field of a plan that holds a distribution."""
    kinds = (model.Source, model.Way, model.StageRules, model.PoolRules, model.Phase, model.OpeningLead)
    return {field.name for kind in kinds for field in dataclasses.fields(kind) if "Dist" in str(field.type)}


def rules() -> set[str]:
    """Distributions by field and family, and every mixture of structure, routing and ownership, of line and ways."""
    wanted = {f"{name}: {family}" for name, families in DISTRIBUTIONS.items() for family in families}
    wanted |= {f"{name}: working" for name in IN_WORKING_TIME}
    wanted |= {
        f"pool {structure} {routing} {ownership}"
        for structure in range(3)
        for routing in range(3)
        for ownership in (0, 1)
    }
    wanted |= {f"line {discipline} {place}" for discipline in range(3) for place in range(2)} | {"line 0 2"}
    wanted |= {f"way {way} {leaks}" for way in range(3) for leaks in (False, True)}
    return wanted


def in_plan(plan: Plan) -> Iterator[str]:
    """The distributions and rules that a plan has."""
    for part in (*plan.sources, *plan.opening, *plan.phases):
        yield from _within(part)
    for phase in plan.phases:
        for pool in phase.pools:
            yield f"line {pool.discipline} {pool.open_deals}"
            if not pool.unlimited:
                yield f"pool {pool.structure} {pool.routing} {pool.ownership}"
        for way in (*phase.handoff, *(stage.handoff for stage in phase.stages)):
            yield f"way {way.way} {way.leak > 0.0}"


def _within(part: Any, name: str = "") -> Iterator[str]:
    if isinstance(part, Dist):
        yield f"{name}: {FAMILY_NAMES[part.family]}"
        if part.working:
            yield f"{name}: working"
    elif isinstance(part, tuple):
        for one in part:
            yield from _within(one, name)
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from _within(getattr(part, field.name), field.name)


# ---------------------------------------------------------------------- the ledger


def codes() -> set[str]:
    """Every outcome, kind, decision, end of a pass, reason and end of a stay."""
    return {f"{table}.{column}: {word}" for (table, column), words in CODES.items() for word in words}


def in_ledger(ledger: Ledger) -> Iterator[str]:
    """Those of a ledger."""
    for (table, column), words in CODES.items():
        yield from (f"{table}.{column}: {words[code]}" for code in set(ledger.table(table)[column].tolist()))
