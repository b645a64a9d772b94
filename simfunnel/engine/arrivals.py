"""Every lead of a replication, from where it comes from to where it joins its first queue.

Nothing here waits for anybody: creation, scoring, nurture and the hand-off depend on the lead alone, so they are
computed before the clock runs, in one pass over all leads, and both engines start from the same arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simfunnel.arrays import Array, Bytes, Floats
from simfunnel.engine.creation import leads_in_order
from simfunnel.engine.intake import Newcomers, live_to_the_queue
from simfunnel.engine.opening import OpeningLeads, opening_leads
from simfunnel.engine.rule_records import Tables
from simfunnel.ledger import Table
from simfunnel.ledger.columns import ENTRIES, IN_PROGRESS, LEADS, PASSES
from simfunnel.plan.model import Plan


@dataclass(frozen=True)
class Arrivals:
    """All leads of one replication in lead order (created, id), up to the queue; columns of n leads.

    `joins_at` is nan for a lead that never joins a queue before the period's end; `outcome` then says what became of
    it. `pass_` columns describe the pass under way (or the one that leaked or went cold): `passes` is its number.
    """

    leads: Table  # the ledger's `leads`, effort and wasted still zero
    noise: Floats  # e_S
    score: Floats  # as it stands
    joins_at: Floats
    pass_started: Floats
    gives_up: Floats
    left_to: Bytes  # of the pass, IN_PROGRESS when it goes on
    left_at: Floats
    entries: Table  # the ledger's `entries` so far, in lead order
    opening: OpeningLeads | None  # the first rows of `leads`, when there is an opening pipeline

    def passes_before_the_queue(self) -> Table:
        """Return the ledger's `passes` of leads whose pass never joined a queue."""
        rows = np.flatnonzero((self.leads["passes"] == 1) & np.isnan(self.joins_at) & ~np.isnan(self.pass_started))
        blank = {column.name: np.nan if column.dtype == "f8" else -1 for column in PASSES}
        table = {column.name: np.full(rows.size, blank[column.name], column.dtype) for column in PASSES}
        table |= {"lead": rows.astype(np.int32), "left_to": self.left_to[rows], "left_at": self.left_at[rows]}
        table |= {"started": self.pass_started[rows], "score": self.score[rows]}
        table["pass"][:], table["stage"][:] = 1, 0
        return table


def all_arrivals(plan: Plan, tables: Tables, seed: int, replication: int) -> Arrivals:
    """Compute all leads of one replication up to the moment at which each joins its first queue."""
    created: Table = leads_in_order(plan, seed, replication)._asdict()
    n = created["id"].size
    leads: Table = {column.name: created.get(column.name, np.zeros(n, column.dtype)) for column in LEADS}
    leads["closed_at"][:] = np.nan
    columns: dict[str, Array] = {
        **leads,
        **{name: np.empty(n) for name in ("noise", "score")},
        **{name: np.full(n, np.nan) for name in ("pass_started", "joins_at", "gives_up", "left_at")},
        "left_to": np.full(n, IN_PROGRESS, np.int8),
    }
    new = Newcomers(*(columns[name] for name in Newcomers._fields))
    stays, rows = live_to_the_queue(tables, seed, replication, new)
    entries: Table = {column.name: stays[column.name][:rows].copy() for column in ENTRIES}
    arrivals = Arrivals(
        leads, new.noise, new.score, new.joins_at, new.pass_started, new.gives_up, new.left_to, new.left_at,
        entries, opening=None,
    )  # fmt: skip
    return _with_opening(arrivals, opening_leads(plan, tables, seed, replication)) if plan.opening else arrivals


def _with_opening(a: Arrivals, opening: OpeningLeads) -> Arrivals:
    """Return the same arrivals after the leads of the opening pipeline, which were created before them."""
    n = opening.id.size
    gone = np.full(n, np.nan)
    first: Table = {
        "id": opening.id,
        "channel": opening.channel,
        "campaign": np.full(n, -1, np.int16),
        "created": opening.created,
        "quality": opening.quality,
        "closed_at": gone,
        "value": opening.value,
        "passes": np.ones(n, np.int16),
    }
    leads: Table = {
        name: np.concatenate([first.get(name, np.zeros(n, column.dtype)), column]) for name, column in a.leads.items()
    }
    before = {"noise": opening.noise, "score": opening.score, "left_to": np.full(n, IN_PROGRESS, np.int8)}
    columns = ("noise", "score", "joins_at", "pass_started", "gives_up", "left_to", "left_at")
    return Arrivals(
        leads=leads,
        entries={**a.entries, "lead": a.entries["lead"] + np.int32(n)},
        opening=opening,
        **{name: np.concatenate([before.get(name, gone), getattr(a, name)]) for name in columns},
    )
