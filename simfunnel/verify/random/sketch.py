"""A sketch of a random scenario: choices keyed by its number, and the values they draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """A source of choices; the first of several is the plainest."""

    def flag(self, chance: float) -> bool:
        """True with probability `chance`."""

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices, all alike."""

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""

    def real(self, low: float, high: float) -> float:
        """Draw a number from `low` to `high`."""


class ByNumber:
    """Choices that follow from a number, the same on every machine and under every version of Python."""

    def __init__(self, number: int) -> None:
        self._luck = Random(number)

    def flag(self, chance: float) -> bool:
        """True with probability `chance`."""
        return self._luck.random() < chance

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices, all alike."""
        return choices[self.whole(0, len(choices) - 1)]

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self._luck.random() * (high - low + 1))

    def real(self, low: float, high: float) -> float:
        """Draw a number from `low` to `high`."""
        return low + self._luck.random() * (high - low)


Write = Callable[[float], Any]

GRID_H = 0.25
FORMS = (
    "bare", "constant", "exponential", "mean", "median", "median and p90", "mean and cv", "mean and sd", "uniform",
    "triangular", "choices", "mean and cv", "mean and sd",
)  # fmt: skip
ELAPSED = {"minutes": 1.0 / 60.0, "hours": 1.0, "days": 24.0, "weeks": 168.0}
WORKING = {"working hours": 1.0, "business days": 8.0, "working minutes": 1.0 / 60.0}
WORK = {"minutes": 1.0 / 60.0, "hours": 1.0, "working hours": 1.0, "business days": 8.0, "seconds": 1.0 / 3600.0}
NONE_CHANCE = 0.12


def spread(luck: Chooser, size: float, write: Write, choices: str = "choices") -> Any:
    """Draw a distribution of mean about `size`, in one of the forms a planner may type it."""
    form = luck.one_of(FORMS)
    typed: dict[str, Any]
    if form in ("mean and cv", "mean and sd"):
        family = luck.one_of(("", "lognormal", "gamma", "weibull"))
        wide = luck.real(0.3, 1.2)
        typed = {"mean": write(size)}
        typed |= {"cv": round(wide, 3)} if form == "mean and cv" else {"sd": write(size * wide)}
        return {"family": family, **typed} if family else typed
    if form == "choices":
        least = luck.real(0.1, 0.9)
        typed = {choices: {write(size * 0.5): share(least), write(size * 1.6): share(1.0 - least)}}
        return {"family": "discrete", **typed} if luck.flag(0.5) else typed
    if form == "bare":
        return write(size)
    if form in ("mean", "median"):
        return {form: write(size)}
    if form == "constant":
        return {"family": form, "value": write(size)}
    if form == "exponential":
        return {"family": form, luck.one_of(("mean", "median")): write(size)}
    if form == "median and p90":
        return {"median": write(size * 0.7), "p90": write(size * luck.real(1.5, 3.0))}
    typed = {"low": write(size * 0.2), "high": write(size * 1.8)}
    typed |= {"mode": write(size)} if form == "triangular" else {}
    return {"family": form, **typed} if luck.flag(0.5) else typed


def duration(s: Sketch, low_h: float, high_h: float, units: dict[str, float] | None = None) -> Any:
    """Draw a duration of about `low_h` to `high_h` hours on average, elapsed or (unless `units` say otherwise)
    working."""
    luck = s.luck
    size = luck.real(low_h, high_h)
    known = units or (WORKING if luck.flag(0.25) else ELAPSED)
    if not s.tied and luck.flag(0.9):
        unit = luck.one_of([unit for unit, hours in known.items() if hours <= max(4.0 * size, 1.0)])
        return spread(luck, size, lambda hours: f"{hours / known[unit]:.4g} {unit}")
    hour = "working hours" if known is WORKING else "hours"
    return on_grid(luck, size, hour)


def on_grid(luck: Chooser, size: float, unit: str) -> Any:
    """Draw a constant, or one of two durations, in quarter hours."""
    least = max(1, round(size / GRID_H / 2.0))
    if luck.flag(0.3):
        likely = luck.one_of(("50%", "25%", "80%"))
        rest = share(1.0 - float(likely[:-1]) / 100.0)
        more = least + luck.whole(1, 2 * least)
        return {"choices": {f"{least * GRID_H:g} {unit}": likely, f"{more * GRID_H:g} {unit}": rest}}
    return f"{luck.whole(least, 2 * least) * GRID_H:g} {unit}"


def duration_or_none(s: Sketch, low_h: float, high_h: float) -> Any:
    """Draw a duration, or none."""
    return "none" if s.luck.flag(0.03) else duration(s, low_h, high_h)


def elapsed(s: Sketch, low_h: float, high_h: float) -> Any:
    """Draw a duration that cannot be working time."""
    return duration(s, low_h, high_h, ELAPSED)


def patience(s: Sketch) -> Any:
    """Return how long a lead waits for its first contact; at times for ever."""
    if s.luck.flag(NONE_CHANCE):
        return s.luck.one_of(("none", "never"))
    return elapsed(s, *s.luck.one_of(((0.5, 4.0), (4.0, 30.0), (30.0, 120.0))))


def work(s: Sketch, low_h: float = 0.1, high_h: float = 4.0) -> Any:
    """Return hours of work."""
    return duration(s, low_h, high_h, WORK)


def money(luck: Chooser, size: float) -> Any:
    """Return an amount that varies from lead to lead."""
    return spread(luck, size, lambda amount: f"{amount / 1000.0:.2f}k", "prices")  # three digits might be thousands


def count(luck: Chooser, size: float) -> Any:
    """Draw a number of things."""
    if luck.flag(0.5):
        return max(1, round(size))
    return spread(luck, max(size, 1.0), lambda number: round(number, 2))


def number(luck: Chooser, size: float) -> Any:
    """Draw a number that may be negative for some, such as a lift of the score."""
    if luck.flag(0.3):
        typed = {"mean": round(size, 3), "sd": round(size * luck.real(0.3, 2.0), 3)}
        return {"family": "normal", **typed} if luck.flag(0.3) else typed
    if luck.flag(0.2):
        return round(-size / 2.0, 3)
    typed = spread(luck, size, lambda amount: round(amount, 3))
    if isinstance(typed, dict) and "low" in typed and luck.flag(0.5):
        typed["low"] = round(-size, 3)
    return typed


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
        """Return channels that a pool serves."""
        channels = self.homes[pool].channels
        return self.channels if channels is None else channels

    def day(self, low: int, high: int) -> str:
        """Return a date from `low` to `high` days after the start, as typed."""
        return (self.start + timedelta(days=self.luck.whole(low, high))).isoformat()


def some_of(luck: Chooser, choices: Sequence[T], least: int = 0) -> list[T]:
    """At least `least` of the choices, in their order."""
    found = [choice for choice in choices if luck.flag(0.5)]
    missing = [choice for choice in choices if choice not in found]
    return found if len(found) >= least else [*found, *missing[: least - len(found)]]


def shuffled(luck: Chooser, choices: Sequence[T]) -> list[T]:
    """Return the choices in any order."""
    left, found = list(choices), []
    while left:
        found.append(left.pop(luck.whole(0, len(left) - 1)))
    return found


def share(x: float) -> str:
    """Return a share as typed."""
    return f"{100.0 * x:.4g}%"


def path(*parts: str) -> str:
    """Return a path as typed; names are quoted."""
    return ".".join(f'"{part}"' if set(part) & set(' .-"') or not part.isascii() else part for part in parts)
