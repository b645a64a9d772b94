"""What the screen of a bridge shows: chosen, ordered and named, still unrounded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from simfunnel.report.run_view import NOTHING, Achieved, Value, assumed_inputs, period_days
from simfunnel.report.words import LEAKS, PARTS, REPAIRS
from simfunnel.scenario.change.path_text import parse_path
from simfunnel.study import BridgePart, BridgeResult, LeakValue, ToTarget

MONEY = ("revenue", "profit")
SHOWN = {"revenue": "REVENUE", "profit": "PROFIT", "wins": "Won", "mqls": "MQL"}


class Column(NamedTuple):
    """One metric of a bridge. `kind`: money or count; `parts` in the order of the rows."""

    label: str
    kind: str
    before: Value
    parts: tuple[Value, ...]
    verdicts: tuple[str, ...]
    after: Value
    difference: Value


class LeakRow(NamedTuple):
    """One line of the ledger; amounts of a year."""

    label: str
    leads: Value
    money: Value
    verdict: str
    owner: str
    levers: tuple[str, ...]


class BridgeView(NamedTuple):
    """Everything on the screen of a bridge."""

    title: str
    first_day: date
    last_day: date
    replications: int
    seed: int
    engine: str
    currency: str
    start: str
    before: str
    after: str
    exact: bool
    names: tuple[str, ...]  # of the parts
    changes: tuple[str, ...]  # of each part, in words
    columns: tuple[Column, ...]
    is_ledger: bool
    leaks: tuple[LeakRow, ...]  # those that there are
    absent: tuple[str, ...]  # names of those that there are not
    alone: float  # revenue of the period that the repairs bring one by one, added up
    beyond: Value  # what they bring together more than that
    to: ToTarget | None
    warnings: tuple[str, ...]
    precision: Achieved
    file: str
    assumed: int


def bridge_view(result: BridgeResult) -> BridgeView:
    """The view of a bridge."""
    scenario = result.scenario
    first, last = period_days(scenario)
    of_revenue = [part for part in result.parts if part.metric == "revenue"]
    ledger = bool(result.leaks)
    return BridgeView(
        title=scenario.title,
        first_day=first,
        last_day=last,
        replications=result.replications,
        seed=result.seed,
        engine=result.engine,
        currency=scenario.currency,
        start=result.start,
        before=result.before,
        after=result.after,
        exact=result.exact,
        names=tuple(PARTS[part.part] if ledger else part.part for part in of_revenue),
        changes=tuple(_changes(part, ledger) for part in of_revenue),
        columns=tuple(_columns(result)),
        is_ledger=ledger,
        leaks=tuple(_leak_row(each, result.yearly) for each in result.leaks if each.leak.exists),
        absent=tuple(LEAKS[each.leak.name] for each in result.leaks if not each.leak.exists),
        alone=math.fsum(each.revenue.mean for each in result.leaks if not each.leak.of),
        beyond=NOTHING if result.beyond is None else Value(*result.beyond),
        to=result.to,
        warnings=result.warnings,
        precision=Achieved(result.precision.achieved, result.precision.wanted if result.auto else math.nan),
        file=scenario.file or "FILE",
        assumed=assumed_inputs(scenario),
    )


def _changes(part: BridgePart, ledger: bool) -> str:
    return ", ".join(REPAIRS[name] for name in part.changes) if ledger else "; ".join(part.changes)


def _columns(result: BridgeResult) -> Iterator[Column]:
    """One column a metric; profit only where something costs, MQLs only where they change."""
    for total in result.totals:
        if total.metric not in SHOWN or (total.metric == "profit" and not _costs(result)):
            continue
        if total.metric == "mqls" and total.difference.mean == 0:
            continue
        parts = [part for part in result.parts if part.metric == total.metric]
        yield Column(
            SHOWN[total.metric],
            "money" if total.metric in MONEY else "count",
            Value(*total.before),
            tuple(Value(part.mean, part.half_width) for part in parts),
            tuple(part.verdict for part in parts),
            Value(*total.after),
            Value(*total.difference),
        )


def _costs(result: BridgeResult) -> bool:
    cost = result.total("cost")
    return cost is not None and (cost.before.mean > 0 or cost.after.mean > 0)


def _leak_row(each: LeakValue, yearly: float) -> LeakRow:
    leak, found = each.leak, each.revenue
    return LeakRow(
        LEAKS[leak.name] + (f": {leak.of} only" if leak.of else ""),
        Value(each.counted.mean * yearly, each.counted.half_width * yearly),
        Value(found.mean * yearly, found.half_width * yearly),
        found.verdict,
        leak.owner,
        tuple(_in_short(leak.lever)),
    )


def _in_short(paths: Sequence[str]) -> Iterator[str]:
    """Paths that differ only in the middle as one, with a star there."""
    parsed = [parse_path(path) for path in paths]
    alike = [(parts[0], len(parts), parts[-1]) for parts in parsed]
    for at, ends in enumerate(alike):
        if alike.count(ends) == 1 or len(parsed[at]) < 3:
            yield paths[at]
        elif alike.index(ends) == at:
            yield f"{ends[0]}.*.{'*.' * (ends[1] - 3)}{ends[2]}"
