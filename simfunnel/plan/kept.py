"""What is worked out of a plan alone is kept for its next replication."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from simfunnel.plan.model import Plan

Made = TypeVar("Made")

MOST_PLANS = 64


def kept_by_plan(make: Callable[[Plan], Made]) -> Callable[[Plan], Made]:
    """Have a function of a plan remember its results for the latest plans; what it returns must not be changed.

    Plans are told apart by identity: they hold arrays, which have no hash.
    """
    known: dict[int, tuple[Plan, Made]] = {}

    @wraps(make)
    def kept(plan: Plan) -> Made:
        found = known.get(id(plan))
        if found is None or found[0] is not plan:
            while len(known) >= MOST_PLANS:
                known.pop(next(iter(known)), None)
            found = known[id(plan)] = plan, make(plan)
        return found[1]

    return kept
