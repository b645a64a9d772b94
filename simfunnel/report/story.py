"""One lead's story: what happened to it, when and why, told from the ledger."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from simfunnel.errors import SimfunnelError
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger import columns as c
from simfunnel.ledger.typed import Columns
from simfunnel.plan import Plan
from simfunnel.report.lead_names import lead_id, lead_name
from simfunnel.report.story_words import Teller

EPOCH = datetime(1970, 1, 1)


class UnknownLeadError(SimfunnelError):
    """No lead of that name lives in this simulated year."""


class Moment(NamedTuple):
    """One thing that happened, at a local time."""

    at: datetime
    text: str


class Story(NamedTuple):
    """A lead's life in order."""

    lead: str  # readable id
    number: int  # place in the order of creation, from 1
    seed: int
    replication: int
    outcome: str
    moments: tuple[Moment, ...]

    def as_dict(self) -> dict[str, Any]:
        """The story as plain values."""
        told = [{"at": moment.at.isoformat(timespec="minutes"), "text": moment.text} for moment in self.moments]
        return {"schema": "simfunnel.trace/1", **self._asdict(), "moments": told}


LONGEST_ID = 20  # digits of 64 bits


def find_lead(plan: Plan, ledger: Ledger, name: str) -> int:
    """Row of the lead called `name`: its place in the order of creation (from 1), its readable id, or the id in
    an exported ledger.

    Raises UnknownLeadError with examples of leads that there are.
    """
    ids = ledger.leads["id"]
    is_number = name.isascii() and name.isdigit() and len(name) <= LONGEST_ID
    if is_number and 1 <= int(name) <= len(ids):
        return int(name) - 1
    wanted = int(name) if is_number and int(name) < 1 << 64 else lead_id(plan, name)
    found = np.flatnonzero(ids == np.uint64(wanted)) if wanted is not None else np.empty(0, np.int64)
    if not len(found):
        raise UnknownLeadError(f"none of the {len(ids):,} leads is called {name!r}; {examples(plan, ledger)}")
    return int(found[0])


def examples(plan: Plan, ledger: Ledger) -> str:
    """One lead of the period for each outcome, as a half-sentence."""
    leads = Columns(ledger.leads)
    known = []
    for code, words in enumerate(c.OUTCOMES):
        rows = np.flatnonzero((leads.ints("outcome") == code) & (leads.floats("created") >= 0))
        if len(rows):
            known.append(f"{lead_name(plan, ledger, int(rows[0]))} ({words})")
    return f"e.g. {', '.join(known)}" if known else "this year has none"


def story(plan: Plan, ledger: Ledger, row: int, seed: int, replication: int) -> Story:
    """The story of the lead in `row` of a ledger that this plan, seed and replication made."""
    passes = _rows(ledger.passes, row)
    teller = Teller(plan, seed, replication, _facts(ledger.leads, row), passes)
    told = [
        *_birth(teller, passes),
        *_passes(teller, passes),
        *_tasks(teller, _rows(ledger.tasks, row)),
        *_stays(teller, _rows(ledger.entries, row)),
        *_end(teller, plan),
    ]
    told.sort(key=lambda line: line[:2])  # at one instant: in the order in which things follow from each other
    moments = tuple(Moment(_clock(plan, at), text) for at, _, text in told)
    outcome = c.OUTCOMES[int(teller.lead["outcome"])]
    return Story(lead_name(plan, ledger, row), row + 1, seed, replication, outcome, moments)


Line = tuple[float, float, str]  # hours, rank at one instant, text
BORN, LEFT_NURTURE, SCORED, HANDED, TASK, INTO_NURTURE, CLOSED = range(7)


def _facts(table: Table, row: int) -> dict[str, float]:
    return {name: column[row].item() for name, column in table.items()}


def _rows(table: Table, lead: int) -> list[dict[str, float]]:
    return [_facts(table, int(row)) for row in np.flatnonzero(table["lead"] == lead)]


def _clock(plan: Plan, hours: float) -> datetime:
    return EPOCH + timedelta(days=plan.day_zero, seconds=round(hours * 3600))


def _birth(teller: Teller, passes: Sequence[dict[str, float]]) -> Iterator[Line]:
    created = teller.lead["created"]
    yield created, BORN, teller.born(any(each["started"] == created for each in passes))


def _passes(teller: Teller, passes: Sequence[dict[str, float]]) -> Iterator[Line]:
    for each in passes:
        yield each["started"], SCORED, teller.qualified(each)
        joined = each["handed_off_at"]
        if not math.isnan(joined):
            yield joined, HANDED, teller.handed_off(each)
        elif each["left_to"] in (c.P_LEAKED, c.P_COLD):
            yield each["left_at"], HANDED, teller.never_arrived(each)


def _tasks(teller: Teller, tasks: Sequence[dict[str, float]]) -> Iterator[Line]:
    counts: Counter[float] = Counter()
    for place, each in enumerate(tasks):
        rank = TASK + place / (len(tasks) + 1)  # a stage without a rep begins and ends at one instant
        started = not math.isnan(each["started"])
        if started:
            counts[each["stage"]] += 1
            yield each["started"], rank, teller.started(each)
        if math.isnan(each["ended"]) or each["decision"] == c.PENDING:
            continue
        yield each["ended"], rank, teller.ended(each, counts[each["stage"]]) if started else teller.left_the_queue(each)


def _stays(teller: Teller, entries: Sequence[dict[str, float]]) -> Iterator[Line]:
    for each in entries:
        yield each["entered"], INTO_NURTURE, teller.into_nurture(each)
        if not math.isnan(each["left_at"]):
            yield each["left_at"], LEFT_NURTURE, teller.out_of_nurture(each)


def _end(teller: Teller, plan: Plan) -> Iterator[Line]:
    closed = teller.lead["closed_at"]
    yield (plan.end_h if math.isnan(closed) else closed), CLOSED, teller.closed()
