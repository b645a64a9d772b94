"""Replications of a few plans until the difference that matters is known well enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simfunnel.errors import StoppedError
from simfunnel.metrics import EVERYTHING, Key, PairChanges, Wanted
from simfunnel.plan import Plan
from simfunnel.stats import Precision, StopRule, precision_of
from simfunnel.study.years.samples import Samples
from simfunnel.study.years.table import OnLedger, Years
from simfunnel.study.years.work import NOTHING_DONE, Replications, Work, checks_of

REVENUE = Key("revenue")


@dataclass(frozen=True)
class Replicated:
    """All replications of all plans as samples by plan.

    `changes`: of outcome from the first plan to each other, summed over the replications.
    """

    samples: tuple[Samples, ...]
    precision: Precision
    cancelled: bool
    changes: tuple[PairChanges, ...] = ()

    @property
    def replications(self) -> int:
        """Number of replications."""
        return self.samples[0].replications


def replicate(
    plans: Sequence[Plan],
    seed: int,
    replications: Replications,
    precision: float,
    work: Work,
    on_ledger: OnLedger | None = None,
    beside: float = 0.0,
    wanted: Wanted = EVERYTHING,
) -> Replicated:
    """Simulate every plan in replications 0, 1, ...; the base comes first in `plans`.

    "auto" checks at 30, 40, ... 400 whether the half-width of every plan's revenue difference (of one plan: of its mean
    revenue) is below `precision` of the base's revenue. A stop keeps the replications that are finished. `on_ledger` is
    called with the number of every replication that counts and the first plan's ledger, in order. `beside`: share of
    mean revenue's half-width that no replication makes smaller. `wanted`: what is measured, revenue among it.

    Raises StoppedError when none is, ValueError for a number of replications below 1.
    """
    years, rule = Years(dict(enumerate(plans)), seed, wanted, work), StopRule(relative=precision)
    for upto in checks_of(replications, rule):
        finished = years.extend_in_pairs(upto, on_ledger)
        if not years.common:
            raise StoppedError(NOTHING_DONE)
        samples = [years.of(place) for place in years.names]
        revenues = np.column_stack([each.only([REVENUE]).numerator for each in samples])
        known = precision_of(revenues[:, 0], revenues[:, 1:] if len(plans) > 1 else None, rule, beside)
        if not finished or known.stop:
            break
    return Replicated(tuple(samples), known, not finished, tuple(years.changes.values()))
