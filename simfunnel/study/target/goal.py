"""What a target asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from simfunnel.metrics import Key
from simfunnel.scenario import Scenario
from simfunnel.stats import RankGoal

TargetMetric = Literal["revenue", "wins", "profit"]
METRICS: tuple[TargetMetric, ...] = ("revenue", "wins", "profit")
USUAL_CHANCE = 0.8
LEVEL = 0.95


@dataclass(frozen=True)
class TargetGoal:
    """`wanted` or more of a metric up to and including the day `by`, in a share `chance` of the simulated periods."""

    metric: TargetMetric
    wanted: float
    chance: float
    by: date

    @property
    def key(self) -> Key:
        """The metric as it is measured."""
        return Key(self.metric)

    def ranked(self, chance: float | None = None) -> RankGoal:
        """Return the goal as a search wants it."""
        return RankGoal(self.wanted, self.chance if chance is None else chance, LEVEL)


def last_day(scenario: Scenario) -> date:
    """Return the last day of a scenario's period."""
    return scenario.period.stop - timedelta(days=1)
