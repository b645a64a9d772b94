"""Two engines on one plan: ledgers compared to the byte, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from simfunnel.arrays import Array, Ints
from simfunnel.ledger import Ledger, Table
from simfunnel.ledger import columns as c
from simfunnel.plan.model import Plan
from simfunnel.scenario import parse, starter_text
from simfunnel.verify.judging import Figure, Simulate, broken, within
from simfunnel.verify.random import random_scenario
from simfunnel.verify.small_funnels import plan_of

Engines = Mapping[str, Simulate]

SEEDS_APART = 1_000_000  # random scenarios of one seed


def starter_figures(engines: Engines, seed: int) -> list[Figure]:
    """Return the shipped starter scenario, as it is and under each of its what-ifs."""
    text = starter_text()
    what_ifs = [[], *([name] for name in parse(text).what_ifs)]
    return [same_bytes(" ".join(names) or "as it is", engines, plan_of(text, names), seed, 0) for names in what_ifs]


def random_figures(engines: Engines, seed: int, place: int) -> list[Figure]:
    """Return the random scenario at a place of the seed's list."""
    number = (seed - 1) * SEEDS_APART + place
    drawn = random_scenario(number)
    return [same_bytes(f"random scenario {number}", engines, drawn.plan, drawn.seed, drawn.replication)]


def same_bytes(name: str, engines: Engines, plan: Plan, seed: int, replication: int) -> Figure:
    """Return how many of the other engines write the bytes of the first; the first difference is the fault."""
    (first, reference), *others = ((each, simulate(plan, seed, replication)) for each, simulate in engines.items())
    for other, ledger in others:
        different = first_difference(reference, ledger, plan)
        if different is not None:
            return broken(name, f"{name}: {first} and {other} differ: {different}")
    return within(name, len(others), len(others))


OF_A_LEAD = ("leads", "passes", "tasks", "entries")
OF_A_POOL = ("reps", "queues")
WHEN = {"passes": "started", "tasks": "entered", "entries": "entered"}
WHEN_IT_HAPPENED = {"passes": ("left_at",), "tasks": ("started", "queued", "entered"), "entries": ("entered",)}
TIMES = ("started", "handed_off_at", "first_response_at", "left_at", "entered", "queued", "ended")
CODES = {
    "outcome": c.OUTCOMES, "kind": c.TASK_KINDS, "decision": c.DECISIONS, "left_to": c.LEFT_TO,
    "reason": c.REASONS, "end": c.ENTRY_ENDS,
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Where two ledgers first differ: in the lead whose lives part first in time, else in a row of a pool's table."""

    table: str
    column: str  # empty: one ledger has the row and the other has not, or columns or dtypes differ
    row: int  # of the first ledger's table, or of the lead in `leads`
    one: str
    other: str
    where: str  # the lead or the pool in words
    lives: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # what each ledger tells of the lead, line by line

    def __str__(self) -> str:
        at = f"{self.table}.{self.column}" if self.column else self.table
        told = [f"{at}, row {self.row}: {self.one} against {self.other} ({self.where})"]
        # the lines of two lives in order: of both (=), of the first (1) and of the second (2) alone
        one, other = self.lives
        for tag, a, b, d, e in SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes():
            if tag == "equal":
                told += [f"  = {line}" for line in one[a:b]]
            else:
                told += [f"  1 {line}" for line in one[a:b]] + [f"  2 {line}" for line in other[d:e]]
        return "\n".join(told)


def first_difference(one: Ledger, other: Ledger, plan: Plan) -> Difference | None:
    """Return the first difference between two ledgers of one plan, None when every byte is the same (nan: bits)."""
    names = (*OF_A_LEAD, *OF_A_POOL)
    if all(same_table(one.table(name), other.table(name)) for name in names):
        return None
    for name in names:
        here, there = (
            " ".join(f"{column}:{values.dtype.str}" for column, values in ledger.table(name).items())
            for ledger in (one, other)
        )
        if here != there:
            return Difference(name, "", -1, here, there, "columns or dtypes")
    return _first_of_leads(one, other, plan) or _first_of_pools(one, other, plan)


def same_table(one: Table, other: Table) -> bool:
    """Return whether two tables have the same columns with the same dtypes and bytes."""
    if list(one) != list(other):
        return False
    for name, column in one.items():
        twin = other[name]
        if column.dtype != twin.dtype or column.shape != twin.shape:
            return False
        here, there = (np.ascontiguousarray(each).view(np.uint8).data for each in (column, twin))
        if column.size and here != there:
            return False
    return True


# ---------------------------------------------------------------------- leads


def _first_of_leads(one: Ledger, other: Ledger, plan: Plan) -> Difference | None:
    """The first lead in time whose rows differ, ties in lead order."""
    ids = one.leads["id"], other.leads["id"]
    n = min(len(ids[0]), len(ids[1]))
    strangers = np.flatnonzero(ids[0][:n] != ids[1][:n])
    if strangers.size or len(ids[0]) != len(ids[1]):
        row = int(strangers[0]) if strangers.size else n
        texts = [str(column[row]) if row < len(column) else "no lead" for column in ids]
        return Difference("leads", "id", row, texts[0], texts[1], f"{len(ids[0])} and {len(ids[1])} leads")
    suspects = np.unique(np.concatenate([_differing_leads(one.table(t), other.table(t), n, t) for t in OF_A_LEAD]))
    if not suspects.size:
        return None
    parting = [(*_parts(one, other, int(lead)), int(lead)) for lead in suspects]
    _, table, row, column, lead = min(parting, key=lambda found: (found[0], found[4]))
    channel = _name(plan.channels, int(one.leads["channel"][lead]))
    where = f"lead {lead}, id {ids[0][lead]}, {channel}; first of {len(suspects)}"
    texts = [_value_at(ledger.table(table), _rows(ledger, table, lead), row, column) for ledger in (one, other)]
    rows = _rows(one, table, lead)
    place = int(rows[row]) if row < rows.size else lead
    return Difference(table, column, place, texts[0], texts[1], where, (life(one, plan, lead), life(other, plan, lead)))


def _rows(ledger: Ledger, table: str, lead: int) -> Ints:
    if table == "leads":
        return np.array([lead])
    of_lead = ledger.table(table)["lead"]
    return np.arange(np.searchsorted(of_lead, lead), np.searchsorted(of_lead, lead, side="right"))


def _differing_leads(one: Table, other: Table, leads: int, name: str) -> Ints:
    """Leads whose rows in a table (sorted by lead) are not the same."""
    if same_table(one, other):
        return np.empty(0, np.int64)
    of_lead = [np.arange(leads) if name == "leads" else table["lead"].astype(np.int64) for table in (one, other)]
    rows = [np.bincount(column, minlength=leads) for column in of_lead]
    alike = rows[0] == rows[1]
    kept = [np.flatnonzero(alike[column]) for column in of_lead]
    differs = np.zeros(kept[0].size, bool)
    for column in one:
        differs |= _bits(one[column][kept[0]]) != _bits(other[column][kept[1]])
    return np.concatenate([np.flatnonzero(~alike), of_lead[0][kept[0]][differs]])


def _bits(column: Array) -> Array:
    """The column as whole numbers with the same bits, so that nan equals nan and 0.0 is not -0.0."""
    return column.view(f"u{column.dtype.itemsize}")


def _parts(one: Ledger, other: Ledger, lead: int) -> tuple[float, str, int, str]:
    """(when, table, row within the lead's, column) at which a lead's two lives part; the latest of all: in `leads`."""
    found = [(np.inf, "leads", 0, _first_column(one.leads, other.leads, lead, lead))]
    for table in WHEN:
        here, there = one.table(table), other.table(table)
        mine, theirs = _rows(one, table, lead), _rows(other, table, lead)
        for k in range(max(mine.size, theirs.size)):
            both = k < mine.size and k < theirs.size
            differing = _first_column(here, there, int(mine[k]), int(theirs[k])) if both else ""
            if both and not differing:
                continue
            known = [(t, int(rows[k])) for t, rows in ((here, mine), (there, theirs)) if k < rows.size]
            found.append((min(_when(table, t, row, differing) for t, row in known), table, k, differing))
            break
    return min(found, key=lambda part: (part[0], part[1] != "tasks"))


def _when(name: str, table: Table, row: int, column: str) -> float:
    """The hour of what a column tells: its own if it is a time, else that of the row; inf for nan."""
    times = (column, *WHEN_IT_HAPPENED[name]) if column in TIMES else WHEN_IT_HAPPENED[name]
    told = (float(table[one][row]) for one in times)
    return next((hour for hour in told if hour == hour), np.inf)


def _first_column(one: Table, other: Table, row: int, other_row: int) -> str:
    bits = ((name, _bits(one[name][row : row + 1]), _bits(other[name][other_row : other_row + 1])) for name in one)
    return next((name for name, here, there in bits if here[0] != there[0]), "")


def _value_at(table: Table, rows: Ints, k: int, column: str) -> str:
    if k >= rows.size:
        return "no row"
    return _text(column, table[column][rows[k]].item()) if column else "a row"


# ---------------------------------------------------------------------- pools


def _first_of_pools(one: Ledger, other: Ledger, plan: Plan) -> Difference | None:
    for name in OF_A_POOL:
        here, there = one.table(name), other.table(name)
        sizes = [len(table["pool"]) for table in (here, there)]
        for row in range(min(sizes)):
            column = _first_column(here, there, row, row)
            if column:
                texts = [_line(plan, name, table, row) for table in (here, there)]
                values = [_text(column, table[column][row].item()) for table in (here, there)]
                where = _name(plan.pools, int(here["pool"][row]))
                return Difference(name, column, row, values[0], values[1], where, ((texts[0],), (texts[1],)))
        if sizes[0] != sizes[1]:
            return Difference(name, "", min(sizes), f"{sizes[0]} rows", f"{sizes[1]} rows", "rows")
    return None


# ---------------------------------------------------------------------- in words


def life(ledger: Ledger, plan: Plan, lead: int) -> tuple[str, ...]:
    """Return what a ledger tells of the lead in row `lead`: the lead, then its passes, tasks and stays in nurture in
    time."""
    found = [(-np.inf, _line(plan, "leads", ledger.leads, lead))]
    for name, when in WHEN.items():
        table = ledger.table(name)
        found += [(float(table[when][row]), _line(plan, name, table, int(row))) for row in _rows(ledger, name, lead)]
    return tuple(line for _, line in sorted(found, key=lambda row: row[0]))


def _line(plan: Plan, name: str, table: Table, row: int) -> str:
    names = {"channel": plan.channels, "pool": plan.pools}
    if name == "tasks":
        names["stage"] = plan.stages
    told = []
    for column, values in table.items():
        if column == "lead":
            continue
        value = values[row].item()
        told.append(f"{column} {_name(names[column], value) if column in names else _text(column, value)}")
    return f"{name}: " + ", ".join(told)


def _name(names: Sequence[str], number: int) -> str:
    """The name of a number, where it has one."""
    return names[number] if 0 <= number < len(names) else str(number)


def _text(column: str, value: float) -> str:
    words = CODES.get(column)
    return words[int(value)] if words is not None and 0 <= value < len(words) else repr(value)
