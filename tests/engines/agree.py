"""One run by every engine: the ledgers must hold in themselves and be the same to the byte."""

from __future__ import annotations

from simfunnel import engine
from simfunnel.ledger import Ledger, checks
from simfunnel.plan.model import Plan
from simfunnel.verify.engines import first_difference


def assert_same_ledger(one: Ledger, other: Ledger, plan: Plan) -> None:
    """Fail with the first differing lead, its column and both of its lives."""
    found = first_difference(one, other, plan)
    assert found is None, f"\n{found}"


def by_every_engine(plan: Plan, seed: int, replication: int = 0) -> Ledger:
    """The ledger that every engine writes: accounted for by the checks, and the same bytes from each."""
    first, *others = engine.ENGINES
    ledger = engine.simulate(plan, seed, replication, first)
    checks.check(plan, ledger)
    for name in others:
        assert_same_ledger(ledger, engine.simulate(plan, seed, replication, name), plan)
    return ledger
