"""The written order of one instant, as keys."""

from __future__ import annotations

from simfunnel.engine import order


def test_kinds_come_before_leads_and_pools() -> None:
    kinds = (order.COMPLETION, order.WORLD, order.READY, order.ASSIGNMENT, order.PATIENCE, order.ASSIGNMENT_AGAIN)
    keys = [order.key_of(kind, row) for kind in kinds for row in (0, 1, (1 << 40) - 1)]

    assert keys == sorted(keys)
    assert [(order.kind_of(key), order.order_of(key)) for key in keys] == [
        (kind, row) for kind in kinds for row in (0, 1, (1 << 40) - 1)
    ]


def test_the_world_changes_by_phase_then_headcount_then_openings() -> None:
    changes = (order.SWITCH, order.HEADCOUNT, order.OPENING)
    keys = [order.key_of(order.WORLD, order.world_order(change, rank)) for change in changes for rank in (0, 1, 999)]

    assert keys == sorted(keys)
    assert [order.change_of(key) for key in keys] == [change for change in changes for _ in range(3)]
