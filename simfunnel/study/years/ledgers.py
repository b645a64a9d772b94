"""Whole ledgers, for those who want to look at single leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from simfunnel.engine import simulate
from simfunnel.ledger import Ledger
from simfunnel.ledger.export import Run
from simfunnel.scenario import Scenario
from simfunnel.study.validated import SINGLE_YEARS, validated
from simfunnel.study.years.calls import IN_FLIGHT_PER_WORKER, run_tasks
from simfunnel.study.years.measured_year import Item
from simfunnel.study.years.plans import Start, prepare
from simfunnel.study.years.replicate import WRITING, Work


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
    """The ledgers of some replications of a scenario, in their order, a few in memory at a time.

    They are the same ledgers that `run` measures. Ends early when `work` is stopped; raises what `run` raises.
    """
    prepared = prepare(scenario, [what_ifs], start, work)
    plan, name = prepared.plans[0], prepared.names[0]
    work.tell(WRITING, 0, len(replications))
    at_once = IN_FLIGHT_PER_WORKER * max(1, work.workers)
    for first in range(0, len(replications), at_once):
        some = replications[first : first + at_once]
        items = [Item((plan,), seed, replication, work.engine) for replication in some]
        found = run_tasks(ledger_of, items, executor=work.executor, workers=work.workers, stop=work.stop)
        work.tell(WRITING, first + len(found), len(replications))
        for replication, ledger in zip(some, found, strict=False):
            yield Run(name, replication, plan, ledger)
        if len(found) < len(some):
            return


def ledger_of(item: Item) -> Ledger:
    """The ledger of one replication of the item's first plan."""
    return simulate(item.plans[0], item.seed, item.replication, item.engine)
