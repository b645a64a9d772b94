"""The cheapest plan of several levers: the same as by trying them all."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from simfunnel.stats import LeverGrid, PricedLever, cheapest_plan

Plan = tuple[float, ...]


def by_trying_all(levers: tuple[PricedLever, ...], meets: object) -> float:
    """Cost of the cheapest plan that meets the goal."""
    plans = product(*(range(len(lever.grid)) for lever in levers))
    costs = [
        sum(lever.cost(k) for lever, k in zip(levers, plan, strict=True))
        for plan in plans
        if meets(tuple(lever.grid.at(k) for lever, k in zip(levers, plan, strict=True)))  # type: ignore[operator]
    ]
    return min(costs)


def limited(weights: np.ndarray, caps: np.ndarray, goal: float, plan: Plan) -> bool:
    """Output of a funnel: what the levers bring together, cut by what each of them alone lets through."""
    return min(float(weights @ plan), float((caps * plan).min())) >= goal


@pytest.mark.parametrize("seed", range(40))
def test_the_plan_is_as_cheap_as_the_cheapest_of_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 5))
    sizes = random.integers(1, (120, 40, 12, 8)[count - 1], count)
    levers = tuple(PricedLever(LeverGrid(0, int(n), 1), float(random.integers(0, 9))) for n in sizes)
    weights, caps = random.uniform(0.2, 3, count), random.uniform(0.5, 4, count)
    goal = random.uniform(0, min(float(weights @ sizes), float((caps * sizes).min())))
    asked: list[Plan] = []

    def meets(plan: Plan) -> bool:
        asked.append(plan)
        return limited(weights, caps, goal, plan)

    found = cheapest_plan(levers, meets)

    assert found is not None
    assert found.cost == pytest.approx(by_trying_all(levers, lambda plan: limited(weights, caps, goal, plan)))
    assert meets(found.values)
    assert found.asked == len(asked) - 1 == len(set(asked[:-1]))


def test_leads_and_reps_take_few_questions() -> None:
    """400 volumes and 20 rep counts: 8,000 plans, less than 100 questions."""
    levers = (PricedLever(LeverGrid(10_000, 30_000, 50), 20.0), PricedLever(LeverGrid(7, 27, 1), 90_000.0))

    found = cheapest_plan(levers, lambda plan: plan[0] * min(1.0, plan[1] * 1700 / plan[0]) ** 0.5 >= 16_000)

    assert found is not None
    assert found.asked < 100


def test_a_lever_that_helps_as_it_falls_is_priced_by_what_it_is_lowered() -> None:
    levers = (PricedLever(LeverGrid(24, 0, 1), 5.0), PricedLever(LeverGrid(2, 9, 1), 30.0))

    found = cheapest_plan(levers, lambda plan: plan[1] * 4 - plan[0] >= 0)

    assert found is not None
    assert (found.values, found.cost) == ((8, 2), 80)


def test_nothing_is_bought_where_nothing_is_needed() -> None:
    levers = (PricedLever(LeverGrid(3, 9, 1), 1.0), PricedLever(LeverGrid(5, 9, 1), 0.0))

    found = cheapest_plan(levers, lambda _: True)

    assert found is not None
    assert (found.values, found.cost) == ((3, 5), 0)


def test_no_lever_of_the_plan_can_be_reduced_even_if_it_is_free() -> None:
    levers = (PricedLever(LeverGrid(0, 50, 1), 0.0), PricedLever(LeverGrid(0, 5, 1), 1.0))

    found = cheapest_plan(levers, lambda plan: plan[0] >= 20 and plan[1] >= 5)

    assert found is not None
    assert found.values == (20, 5)


def test_what_the_ends_of_all_levers_miss_no_plan_reaches() -> None:
    asked = []

    def never(plan: Plan) -> bool:
        asked.append(plan)
        return False

    assert cheapest_plan((PricedLever(LeverGrid(0, 9, 1), 1.0),) * 2, never) is None
    assert asked == [(9, 9)]


def test_a_lever_that_pays_for_itself_or_none_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="a price is 0 or more"):
        PricedLever(LeverGrid(0, 1, 1), -1.0)
    with pytest.raises(ValueError, match="needs a lever"):
        cheapest_plan((), lambda _: True)
