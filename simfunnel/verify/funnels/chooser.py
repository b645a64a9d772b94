"""Where the choices of a random scenario come from: a number, or in tests a source whose failures shrink."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """A source of choices; the first of several is the plainest."""

    def flag(self, chance: float) -> bool:
        """True with probability `chance`."""

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, all alike."""

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""

    def real(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""


class ByNumber:
    """Choices that follow from a number, the same on every machine and under every version of Python."""

    def __init__(self, number: int) -> None:
        self._luck = Random(number)

    def flag(self, chance: float) -> bool:
        """True with probability `chance`."""
        return self._luck.random() < chance

    def one_of(self, choices: Sequence[T]) -> T:
        """One of the choices, all alike."""
        return choices[self.whole(0, len(choices) - 1)]

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._luck.random() * (high - low + 1))

    def real(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + self._luck.random() * (high - low)
