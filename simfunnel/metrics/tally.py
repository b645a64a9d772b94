"""What is added up: events with the parts they belong to, and sums and ratios of them by any split."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple, Protocol

import numpy as np

from simfunnel.arrays import Floats, Ints
from simfunnel.metrics.keys import Layout

MOST_CELLS = 20_000  # above this it is cheaper to add up split by split
SMALL = 2**15


class Tally(Protocol):
    """A number for every part of any split; split "" is the whole plan, an array of one."""

    def by(self, split: str) -> Floats:
        """Return values by split, in the order of `Layout.keys`."""


class Cells(NamedTuple):
    """Every combination of an event's parts but the rep: its cell for each event, the dimensions, parts + 1 of each.

    `cells`: how many there are.
    """

    code: Ints
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    cells: int


class Margin(NamedTuple):
    """How cells add up to a split: the axes that go, the order of those that stay, and what belongs to a part."""

    gone: tuple[int, ...]
    order: tuple[int, ...]
    inner: tuple[slice, ...]


@lru_cache(maxsize=4096)
def margin(dims: tuple[str, ...], split: str) -> Margin | None:
    """Return how cells of some dimensions add up to a split; None when the split has another dimension."""
    wanted = split.split("+") if split else []
    if not set(wanted) <= set(dims):
        return None
    kept = [dim for dim in dims if dim in wanted]
    gone = tuple(axis for axis, dim in enumerate(dims) if dim not in wanted)
    return Margin(gone, tuple(kept.index(dim) for dim in wanted), (slice(1, None),) * len(wanted))


class Events:
    """Things that happened, with the part of each dimension that each belongs to (-1: to none)."""

    def __init__(self, layout: Layout, size: int, parts: Mapping[str, Ints | Callable[[], Ints]]) -> None:
        self.layout = layout
        self.size = size
        self._parts = dict(parts)
        self._shifted: dict[str, Ints] = {}
        self._cells: Cells | None = None

    def part(self, dim: str) -> Ints:
        """Return the part of one dimension for every event; a KeyError names a dimension that events do not have."""
        found = self._parts[dim]
        if callable(found):
            found = self._parts[dim] = found()
        return found

    def shifted(self, split: str) -> tuple[Ints, int]:
        """Return (1 + part of the split, or 0 for none; number of parts + 1), as `np.bincount` wants it."""
        dims = split.split("+") if split else []
        size = math.prod(self.layout.sizes[dim] for dim in dims)
        if split not in self._shifted:
            code = self.part(dims[0]) if dims else np.zeros(self.size, np.int64)
            for dim in dims[1:]:
                inner = self.part(dim)
                code = np.where((code >= 0) & (inner >= 0), code * self.layout.sizes[dim] + inner, -1)
            self._shifted[split] = code + 1
        return self._shifted[split], size + 1

    def cells(self) -> Cells:
        """Return the events' cells, from which all sums by splits without the rep follow."""
        if self._cells is None:
            dims = tuple(dim for dim in self._parts if dim != "rep")
            shape = tuple(self.layout.sizes[dim] + 1 for dim in dims)
            code, cells = np.zeros(self.size, np.int64), math.prod(shape)
            if cells <= MOST_CELLS:
                for dim, size in zip(dims, shape, strict=True):
                    code *= size
                    code += self.part(dim)
                    code += 1
            self._cells = Cells(code, dims, shape, cells)
        return self._cells


class Sum:
    """Sum of a weight over events, or their count without one; always added in the same order."""

    def __init__(self, events: Events, weight: Floats | None = None) -> None:
        self.events = events
        self.weight = weight
        self._found: dict[str, Floats] = {}
        self._by_cell: Floats | None = None

    def by(self, split: str) -> Floats:
        """Return sums by split."""
        if split not in self._found:
            cells = self.events.cells()
            way = margin(cells.dims, split) if cells.cells <= MOST_CELLS else None
            if way is None:
                code, size = self.events.shifted(split)
                self._found[split] = np.bincount(code, self.weight, minlength=size)[1:].astype(np.float64)
            else:
                if self._by_cell is None:
                    sums = np.bincount(cells.code, self.weight, minlength=cells.cells)
                    self._by_cell = sums.reshape(cells.shape).astype(np.float64, copy=False)
                part = np.asarray(np.add.reduce(self._by_cell, axis=way.gone))
                self._found[split] = part.transpose(way.order)[way.inner].reshape(-1)
        return self._found[split]


class Known:
    """Sums that are known by part already."""

    def __init__(self, parts: Mapping[str, Floats]) -> None:
        self._parts = {split: np.asarray(values, np.float64).ravel() for split, values in parts.items()}

    def by(self, split: str) -> Floats:
        """Return values by split; a KeyError names a split that is not given."""
        return self._parts[split]


class Computed:
    """Numbers that are worked out when a split is asked for."""

    def __init__(self, make: Callable[[str], Floats]) -> None:
        self._make = make

    def by(self, split: str) -> Floats:
        """Return values by split."""
        return self._make(split)


class Lazy:
    """A tally that is worked out when it is first asked for, and then kept."""

    def __init__(self, make: Callable[[], Tally]) -> None:
        self._tally = cache(make)

    def by(self, split: str) -> Floats:
        """Return values by split."""
        return self._tally().by(split)


class ByPart:
    """One tally, but another for some splits: what is not a sum over its parts."""

    def __init__(self, usual: Tally, other: Mapping[str, Tally]) -> None:
        self._usual, self._other = usual, dict(other)

    def by(self, split: str) -> Floats:
        """Return values by split."""
        return self._other.get(split, self._usual).by(split)


class Total:
    """Sum of several tallies, each times a factor."""

    def __init__(self, terms: Sequence[tuple[float, Tally]]) -> None:
        self._terms = tuple(terms)

    def by(self, split: str) -> Floats:
        """Return sums by split, added in the order of the terms."""
        first, *others = self._terms
        result = first[0] * first[1].by(split)
        for factor, tally in others:
            result = result + factor * tally.by(split)
        return result


class Values:
    """Values of events, put in order within the parts of a split once, however many quantiles are asked."""

    def __init__(self, events: Events, values: Floats) -> None:
        self.events = events
        self._values = values
        self._found: dict[str, tuple[Floats, Ints]] = {}

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self._values, kind="stable")

    @cached_property
    def _in_order(self) -> Floats:
        return self._values[self._order]

    def by(self, split: str) -> tuple[Floats, Ints]:
        """Return (values in order within each part, where each part starts and the last ends)."""
        if split not in self._found:
            code, size = self.events.shifted(split)
            code = code[self._order]
            order = np.argsort(code.astype(np.int16) if size < SMALL else code, kind="stable")
            count = np.bincount(code, minlength=size)
            self._found[split] = self._in_order[order], np.cumsum(count)
        return self._found[split]


class Quantile:
    """A quantile of the values in each part (linear between order statistics); 0 where a part has none."""

    def __init__(self, values: Values, p: float) -> None:
        self._values, self._p = values, p

    def by(self, split: str) -> Floats:
        """Return quantiles by split."""
        values, start = self._values.by(split)
        count = np.diff(start)
        rank = np.maximum(count - 1, 0) * self._p
        low = rank.astype(np.int64)
        result = np.zeros(len(count))
        some = np.flatnonzero(count)
        first, fraction = (start[:-1] + low)[some], (rank - low)[some]
        second = np.minimum(first + 1, start[1:][some] - 1)
        result[some] = values[first] + fraction * (values[second] - values[first])
        return result


class Indicator:
    """1 where a part has an event, else 0: the denominator of quantiles."""

    def __init__(self, events: Events) -> None:
        self._count = Sum(events)

    def by(self, split: str) -> Floats:
        """Return ones and zeros by split."""
        return (self._count.by(split) > 0).astype(np.float64)


class Ratio(NamedTuple):
    """A metric before it is split: numerator over denominator; without a denominator it is a plain sum."""

    over: Tally
    under: Tally | None = None

    def by(self, split: str) -> tuple[Floats, Floats]:
        """Return (numerators, denominators) by split."""
        over = self.over.by(split)
        return over, np.ones_like(over) if self.under is None else self.under.by(split)
