"""Whole ledgers, for a look at single leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from simfunnel.ledger import Ledger
from simfunnel.ledger.export import Run
from simfunnel.scenario import Scenario
from simfunnel.study.validated import SINGLE_YEARS, validated
from simfunnel.study.years.calls import IN_FLIGHT_PER_WORKER, Call, Simulated, packed, simulate_call
from simfunnel.study.years.plans import Start, prepare
from simfunnel.study.years.work import WRITING, Work


@partial(validated, own=SINGLE_YEARS)
def ledgers(
    scenario: Scenario,
    replications: Sequence[int],
    *,
    what_ifs: Sequence[str] = (),
    seed: int = 1,
    start: Start = "period",
    work: Work = Work(),  # noqa: B008 (immutable)
) -> Iterator[Run]:
    """Yield the ledgers of some replications of a scenario, in their order, a few in memory at a time.

    They are the same ledgers that `run` measures. Ends early when `work` is stopped; raises what `run` raises.
    """
    prepared = prepare(scenario, [what_ifs], start, work)
    (plan,), (name,) = prepared.plans, prepared.names
    parcel = packed([plan])
    work.tell(WRITING, 0, len(replications))
    at_once = IN_FLIGHT_PER_WORKER * max(1, work.workers)
    for first in range(0, len(replications), at_once):
        some = replications[first : first + at_once]
        found = work.run(simulate_call, [Call(parcel, ((0, each),), seed, work.engine, only_ledger) for each in some])
        work.tell(WRITING, first + len(found), len(replications))
        for replication, ledger in zip(some, found, strict=False):
            yield Run(name, replication, plan, ledger)
        if len(found) < len(some):
            return


def only_ledger(years: Simulated) -> Ledger:
    """Return the ledger of a single year."""
    ((_, ledger),) = years
    return ledger
