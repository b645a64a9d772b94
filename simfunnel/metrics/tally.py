"""What is added up: events with the parts they belong to, and sums and ratios of them by any split."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from simfunnel.metrics.layout import Layout
from simfunnel.plan.model import Floats, Ints

Rows = Ints


class Tally(Protocol):
    """A number for every part of any split; split "" is the whole plan, an array of one."""

    def by(self, split: str) -> Floats:
        """Values by split, in the order of `Layout.keys`."""


class Events:
    """Things that happened, with the part of each dimension that each belongs to (-1: to none)."""

    def __init__(self, layout: Layout, size: int, parts: Mapping[str, Ints | Callable[[], Ints]]) -> None:
        self.layout = layout
        self.size = size
        self._parts = dict(parts)
        self._shifted: dict[str, Ints] = {"": np.ones(size, np.int64)}

    def part(self, dim: str) -> Ints:
        """Part of one dimension for every event; a KeyError names a dimension that the events do not have."""
        found = self._parts[dim]
        if callable(found):
            found = self._parts[dim] = found()
        return found

    def shifted(self, split: str) -> tuple[Ints, int]:
        """(1 + part of the split, or 0 for none; number of parts + 1), as `np.bincount` wants it."""
        dims = split.split("+") if split else []
        size = 1
        for dim in dims:
            size *= self.layout.size(dim)
        if split not in self._shifted:
            self._shifted[split] = self._combine(dims)
        return self._shifted[split], size + 1

    def _combine(self, dims: Sequence[str]) -> Ints:
        code = self.part(dims[0]).astype(np.int64)
        for dim in dims[1:]:
            inner = self.part(dim)
            code = np.where((code >= 0) & (inner >= 0), code * self.layout.size(dim) + inner, -1)
        return code + 1


class Sum:
    """Sum of a weight over events, or their count without one; added in the order of the events."""

    def __init__(self, events: Events, weight: Floats | None = None) -> None:
        self.events = events
        self.weight = weight
        self._found: dict[str, Floats] = {}

    def by(self, split: str) -> Floats:
        """Sums by split."""
        if split not in self._found:
            code, size = self.events.shifted(split)
            self._found[split] = np.bincount(code, self.weight, minlength=size)[1:].astype(np.float64)
        return self._found[split]


class Given:
    """Sums that are known by part already."""

    def __init__(self, parts: Mapping[str, Floats]) -> None:
        self._parts = {split: np.asarray(values, np.float64).ravel() for split, values in parts.items()}

    def by(self, split: str) -> Floats:
        """Values by split; a KeyError names a split that is not given."""
        return self._parts[split]


class Either:
    """One tally, but another for some splits: what is not a sum over its parts."""

    def __init__(self, usual: Tally, other: Mapping[str, Tally]) -> None:
        self._usual, self._other = usual, dict(other)

    def by(self, split: str) -> Floats:
        """Values by split."""
        return self._other.get(split, self._usual).by(split)


class Total:
    """Sum of several tallies, each times a factor."""

    def __init__(self, terms: Sequence[tuple[float, Tally]]) -> None:
        self._terms = tuple(terms)

    def by(self, split: str) -> Floats:
        """Sums by split, added in the order of the terms."""
        first, *others = self._terms
        result = first[0] * first[1].by(split)
        for factor, tally in others:
            result = result + factor * tally.by(split)
        return result


class Quantile:
    """A quantile of the values in each part (linear between order statistics); 0 where a part has none."""

    def __init__(self, events: Events, values: Floats, p: float) -> None:
        self._events, self._values, self._p = events, values, p

    def by(self, split: str) -> Floats:
        """Quantiles by split."""
        code, size = self._events.shifted(split)
        order = np.lexsort((self._values, code))
        code, values = code[order], self._values[order]
        start = np.searchsorted(code, np.arange(1, size + 1))
        count = np.diff(start)
        rank = np.maximum(count - 1, 0) * self._p
        low = np.minimum(rank.astype(np.int64), np.maximum(count - 1, 0))
        result = np.zeros(size - 1)
        some = np.flatnonzero(count)
        first, fraction = (start[:-1] + low)[some], (rank - low)[some]
        second = np.minimum(first + 1, start[1:][some] - 1)
        result[some] = values[first] + fraction * (values[second] - values[first])
        return result


class AnyOf:
    """1 where a part has an event, else 0: the denominator of quantiles."""

    def __init__(self, events: Events) -> None:
        self._count = Sum(events)

    def by(self, split: str) -> Floats:
        """Ones and zeros by split."""
        return (self._count.by(split) > 0).astype(np.float64)


class Ratio(NamedTuple):
    """A metric before it is split: numerator over denominator; without a denominator it is a plain sum."""

    over: Tally
    under: Tally | None = None

    def by(self, split: str) -> tuple[Floats, Floats]:
        """(numerators, denominators) by split."""
        over = self.over.by(split)
        return over, np.ones_like(over) if self.under is None else self.under.by(split)
