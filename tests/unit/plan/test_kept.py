from __future__ import annotations

from typing import Any, cast

from simfunnel.plan import kept
from simfunnel.plan.kept import kept_by_plan
from simfunnel.plan.model import Plan


class Unhashable:
    """Stands for a plan, which is equal to others and has no hash."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: Any) -> bool:
        return True


def plan() -> Plan:
    return cast(Plan, Unhashable())


def test_what_is_made_of_a_plan_is_made_once_and_not_shared_with_an_equal_plan() -> None:
    made = kept_by_plan(lambda _: object())
    one, other = plan(), plan()

    assert made(one) is made(one)
    assert made(one) is not made(other)


def test_only_the_latest_plans_are_remembered() -> None:
    calls: list[Plan] = []
    made = kept_by_plan(calls.append)
    plans = [plan() for _ in range(kept.MOST_PLANS + 1)]
    for each in plans:
        made(each)

    made(plans[-1])
    assert len(calls) == len(plans)
    made(plans[0])
    assert len(calls) == len(plans) + 1
