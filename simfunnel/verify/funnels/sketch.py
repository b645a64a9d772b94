"""What the parts of a random scenario must know of each other: names, days, who serves whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from simfunnel.verify.funnels.chooser import Chooser

T = TypeVar("T")
Typed = dict[str, Any]

ALL = None  # a pool that serves every channel


@dataclass(frozen=True)
class Home:
    """What a pool serves: stages, and channels (all when None)."""

    stages: tuple[str, ...]
    channels: tuple[str, ...] | None


@dataclass(frozen=True)
class Sketch:
    """The frame of a scenario before its values are drawn."""

    luck: Chooser
    tied: bool  # every duration lies on a grid of quarter hours, so that much falls on one instant
    start: date
    days: int
    run_in: int  # days before the start; 0 with an opening pipeline
    leads: int  # about as many over all days
    score: tuple[float, float]  # mean and standard deviation
    channels: tuple[str, ...]
    stages: tuple[str, ...]
    homes: Mapping[str, Home] = field(default_factory=dict)
    opens: bool = False  # with an opening pipeline

    def served(self, pool: str) -> tuple[str, ...]:
        """Channels that a pool serves."""
        channels = self.homes[pool].channels
        return self.channels if channels is None else channels

    def day(self, low: int, high: int) -> str:
        """A date from `low` to `high` days after the start, as typed."""
        return (self.start + timedelta(days=self.luck.whole(low, high))).isoformat()


def some_of(luck: Chooser, choices: Sequence[T], least: int = 0) -> list[T]:
    """At least `least` of the choices, in their order."""
    found = [choice for choice in choices if luck.flag(0.5)]
    missing = [choice for choice in choices if choice not in found]
    return found if len(found) >= least else [*found, *missing[: least - len(found)]]


def shuffled(luck: Chooser, choices: Sequence[T]) -> list[T]:
    """The choices in any order."""
    left, found = list(choices), []
    while left:
        found.append(left.pop(luck.whole(0, len(left) - 1)))
    return found


def share(x: float) -> str:
    """A share as typed."""
    return f"{100.0 * x:.4g}%"


def path(*parts: str) -> str:
    """A path as typed; names are quoted."""
    return ".".join(f'"{part}"' if set(part) & set(' .-"') or not part.isascii() else part for part in parts)
