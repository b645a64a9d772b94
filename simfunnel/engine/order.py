"""One instant, one order: what may happen at the same hour, and what comes first; every engine reads it here.

The key of an event is its kind, then its order within the kind: the lead's row in lead order, or for a change of the
world what changes and the rank of the pool's name (docs/decisions/0004).
"""

from __future__ import annotations

from simfunnel.jit import portable
from simfunnel.plan.model import Plan, PoolRules

# kinds of events in the order of one instant; assignment comes again when patience has let somebody go
COMPLETION, WORLD, READY, ASSIGNMENT, PATIENCE, ASSIGNMENT_AGAIN = range(6)
# changes of the world in the order of one instant
SWITCH, HEADCOUNT, OPENING = range(3)

_KIND_BITS, _CHANGE_BITS = 40, 20


@portable
def key_of(kind: int, order: int) -> int:
    """Return the key of an event: the lower comes first."""
    return kind << _KIND_BITS | order


@portable
def kind_of(key: int) -> int:
    """Return the kind that a key begins with."""
    return key >> _KIND_BITS


@portable
def order_of(key: int) -> int:
    """Return the order within its kind that a key ends with."""
    return key & ((1 << _KIND_BITS) - 1)


@portable
def world_order(change: int, rank: int) -> int:
    """Return the order of a change of the world, of the pool whose name has this rank (0 where all pools change)."""
    return change << _CHANGE_BITS | rank


@portable
def change_of(key: int) -> int:
    """Return what the key of a WORLD event says to change."""
    return order_of(key) >> _CHANGE_BITS


# ---------------------------------------------------------------------- changes of the world


def pools_by_name(plan: Plan) -> list[int]:
    """Return the pools in the order of their names, in which they are served."""
    return sorted(range(len(plan.pools)), key=lambda pool: plan.pools[pool])


def headcount_changes(plan: Plan) -> list[tuple[float, int]]:
    """Return (hour, pool) of every change of a headcount, in order."""
    roster = plan.roster
    pools = roster.pool.tolist()
    return sorted(
        {*zip(roster.joins_h.tolist(), pools, strict=True), *zip(roster.leaves_h.tolist(), pools, strict=True)}
    )


def queue_rules(pool: PoolRules) -> tuple[object, ...]:
    """Return what decides in which line a task waits: equal before and after a switch, lines stay as they are."""
    return (
        pool.structure, pool.routing, pool.discipline, pool.open_deals, pool.ownership, pool.unlimited,
        pool.overflow_after, pool.overflow_to, tuple(pool.team_of.tolist()),
    )  # fmt: skip
