"""Random scenarios that draw every feature, by every engine, from a source whose failures shrink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from simfunnel.verify.random import ByNumber, Chooser, can_be, draw_scenario, random_scenario
from tests.engines.agree import by_every_engine

T = TypeVar("T")
EXAMPLES = 100
GRAIN = 1000


class Shrinking:
    """Choices by Hypothesis: the simplest is the first of several, nothing switched on, the lowest number."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw

    def flag(self, chance: float) -> bool:
        return self.draw(st.integers(1, GRAIN)) > GRAIN * (1.0 - chance)

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def real(self, low: float, high: float) -> float:
        return low + (high - low) * self.draw(st.integers(0, GRAIN)) / GRAIN


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
@given(data=st.data())
def test_every_engine_writes_the_same_bytes_for_random_scenarios_that_shrink(data: st.DataObject) -> None:
    luck: Chooser = Shrinking(data)
    found = draw_scenario(luck)
    assume(can_be(found))  # most are; the examples count those that are
    by_every_engine(found.plan, found.seed, found.replication)


def test_the_scenario_of_a_number_is_always_the_same() -> None:
    assert random_scenario(7).typed == random_scenario(7).typed
    assert random_scenario(7).typed != random_scenario(8).typed


def test_nearly_every_scenario_drawn_can_be_simulated() -> None:
    """A rule that refuses what is drawn often leaves the rest, and makes everything random slow."""
    luck = ByNumber(1)
    drawn = [draw_scenario(luck) for _ in range(60)]

    assert sum(map(can_be, drawn)) >= 54
