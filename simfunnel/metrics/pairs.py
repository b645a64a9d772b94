"""The leads' view of two plans: of the same leads, how many changed outcome, and by which first event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from simfunnel.arrays import Bools, Ints
from simfunnel.ledger import Ledger
from simfunnel.ledger.columns import WON
from simfunnel.metrics.causes import CAUSES, KINDS, first_causes
from simfunnel.plan.model import Plan

LOST_A_WIN, GAINED_A_WIN, OTHER_CHANGE = range(3)
BEFORE = -1
CHANGES = ("lost a win", "gained a win", "other change")


class PairChanges(NamedTuple):
    """What became of the leads of one replication in a plan, against the base; counts of leads.

    `counts[change][cause]` with the names of CHANGES and CAUSES. Outcomes are those at the period's end, and a win is
    one of the period: gained - lost + new wins - gone wins is the difference of `wins`. Leads that had closed before
    the period in both plans are left out. `gone` and `new` are leads that only the base or only the plan has.
    """

    same_leads: int
    counts: tuple[tuple[int, ...], ...]
    gone: int
    gone_wins: int
    new: int
    new_wins: int

    def changed(self, change: int) -> int:
        """Return the number of the same leads with one kind of change."""
        return sum(self.counts[change])

    def by_cause(self, change: int) -> dict[str, int]:
        """Return the number of the same leads with one kind of change, by the name of the first event that differs."""
        return dict(zip(CAUSES, self.counts[change], strict=True))

    def by_kind(self, change: int) -> dict[str, int]:
        """Return the number of the same leads with one kind of change, by what differs first, whichever way."""
        counts = self.counts[change]
        return {kind: sum(counts[3 * at : 3 * at + 3]) for at, kind in enumerate(KINDS)}


def pair_changes(base: Plan, base_ledger: Ledger, plan: Plan, plan_ledger: Ledger) -> PairChanges:
    """Match the leads of two ledgers of the same seed and replication by their ids, and say what changed.

    A lead that changed outcome is counted under the first event of its life that differs (see `causes`).
    """
    outcome_a, outcome_b = _outcomes(base_ledger), _outcomes(plan_ledger)
    ids = base_ledger.leads["id"], plan_ledger.leads["id"]
    a, b = np.arange(len(ids[0])), np.arange(len(ids[1]))  # rows of the leads that both have
    if not np.array_equal(*ids):  # most plans have the same leads in the same order
        _, a, b = np.intersect1d(*ids, assume_unique=True, return_indices=True)
    won_a, won_b = outcome_a == WON, outcome_b == WON
    changed = outcome_a[a] != outcome_b[b]
    a_changed, b_changed = a[changed], b[changed]
    kind = np.where(won_a[a_changed], LOST_A_WIN, np.where(won_b[b_changed], GAINED_A_WIN, OTHER_CHANGE))
    cause = first_causes(base, base_ledger, a_changed, plan, plan_ledger, b_changed)
    size = len(CHANGES) * len(CAUSES)
    counts = np.bincount(kind * len(CAUSES) + cause, minlength=size).reshape(len(CHANGES), len(CAUSES))
    return PairChanges(
        same_leads=int(((outcome_a[a] != BEFORE) | (outcome_b[b] != BEFORE)).sum()),
        counts=tuple(tuple(row) for row in counts.tolist()),
        gone=_count(outcome_a != BEFORE, a),
        gone_wins=_count(won_a, a),
        new=_count(outcome_b != BEFORE, b),
        new_wins=_count(won_b, b),
    )


def _outcomes(ledger: Ledger) -> Ints:
    """Outcome of every lead at the period's end, BEFORE for those that closed before the period."""
    closed_before = ledger.leads["closed_at"] < 0
    return np.where(closed_before, BEFORE, ledger.leads["outcome"].astype(np.int64))


def _count(which: Bools, matched: Ints) -> int:
    """How many of `which` are not matched."""
    return int(which.sum() - which[matched].sum())


def add_changes(changes: Iterable[PairChanges]) -> PairChanges:
    """Sum over replications."""
    found = list(changes)
    counts = np.zeros((len(CHANGES), len(CAUSES)), np.int64)
    for one in found:
        counts += np.array(one.counts, np.int64)
    totals = (sum(getattr(one, name) for one in found) for name in ("gone", "gone_wins", "new", "new_wins"))
    rows = tuple(tuple(row) for row in counts.tolist())
    return PairChanges(sum(one.same_leads for one in found), rows, *totals)
