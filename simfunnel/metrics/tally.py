"""What is added up: events with the parts they belong to, and sums and ratios of them by any split."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import NamedTuple, Protocol

import numpy as np

from simfunnel.arrays import Floats, Indices, Ints
from simfunnel.metrics.keys import Layout
from simfunnel.metrics.spans import order_by, put_part, quantiles, sums_by_split
from simfunnel.metrics.table import TABLE

MOST_CELLS = 20_000  # above this it is cheaper to add up split by split
NOTHING: Floats = np.empty(0)
NO_ROWS: Ints = np.empty(0, np.int64)
SHARED_BY = ("channel", "campaign", "channel+month")  # what a pool's cost is shared by, in proportion to its work
SPLITS = tuple(
    dict.fromkeys(
        split
        for splits in (*(metric.splits for metric in TABLE.values()), [f"pool+{by}" for by in SHARED_BY])
        for split in splits
    )
)


class Tally(Protocol):
    """A number for every part of any split; split "" is the whole plan, an array of one."""

    def by(self, split: str) -> Floats:
        """Return values by split, in the order of `Layout.keys`."""


class Margins(NamedTuple):
    """How cells, the combinations of the parts of some dimensions, add up to all splits by these dimensions.

    `into`: [cells, splits] place of a sum, 0 for none; `places`: where the sums of each split stand, in one row of
    `size` numbers.
    """

    into: Indices
    places: dict[str, slice]
    size: int


def margins_of(layout: Layout, dims: tuple[str, ...]) -> Margins | None:
    """Return how cells of some dimensions add up to the SPLITS that need no other; None where cells are many."""
    shape = tuple(layout.sizes[dim] + 1 for dim in dims)
    if math.prod(shape) > MOST_CELLS:
        return None
    part = dict(zip(dims, np.indices(shape).reshape(len(dims), -1) - 1, strict=True))
    into, places, size = [], {}, 1
    for split in SPLITS:
        wanted = split.split("+")
        if set(wanted) <= set(dims):
            code = combined([part[dim] for dim in wanted], [layout.sizes[dim] for dim in wanted])
            count = math.prod(layout.sizes[dim] for dim in wanted)
            into.append(np.where(code < 0, 0, code + size))
            places[split] = slice(size, size + count)
            size += count
    return Margins(np.array(into, np.int32).reshape(len(into), -1).T.copy(), places, size)


def combined(parts: Sequence[Ints], sizes: Sequence[int]) -> Ints:
    """Number the combinations of parts, the last running fastest; -1 where one belongs to none."""
    code = parts[0]
    for part, size in zip(parts[1:], sizes[1:], strict=True):
        code = np.where((code >= 0) & (part >= 0), code * size + part, -1)
    return code


class Part(NamedTuple):
    """What events belong to in one dimension: `of[row]` of each event, -1 for none; `row` None: `of` each event."""

    of: Ints
    row: Ints | None = None


Parts = Part | Ints  # the latter: of each event


def each_of(parts: Parts) -> Ints:
    """Return the part of each event."""
    of, row = parts if isinstance(parts, Part) else Part(parts)
    return of if row is None else of[row]


class Events:
    """Things that happened, with the part of each dimension that each belongs to: known, or worked out when needed."""

    def __init__(self, layout: Layout, size: int, parts: Mapping[str, Parts | Callable[[], Parts]]) -> None:
        self.layout = layout
        self.size = size
        self._parts = dict(parts)
        self._cells: Ints | None = None

    def part(self, dim: str) -> Ints:
        """Return the part of one dimension for every event; a KeyError names a dimension that events do not have."""
        return each_of(self._part(dim))

    def _part(self, dim: str) -> Part:
        known = self._parts[dim]
        found = known() if callable(known) else known
        self._parts[dim] = found = found if isinstance(found, Part) else Part(found)
        return found

    def shifted(self, split: str) -> tuple[Ints, int]:
        """Return (1 + part of the split, or 0 for none; number of parts + 1), as `np.bincount` wants it."""
        dims = split.split("+")
        sizes = [self.layout.sizes[dim] for dim in dims]
        return combined([self.part(dim) for dim in dims], sizes) + 1, math.prod(sizes) + 1

    def margins(self) -> Margins | None:
        """Return how cells of all dimensions but the rep add up to the splits; None where they are too many."""
        dims, known = tuple(self._parts), self.layout.margins
        if dims not in known:
            known[dims] = margins_of(self.layout, tuple(dim for dim in dims if dim != "rep"))
        found: Margins | None = known[dims]
        return found

    def cells(self) -> Ints:
        """Return the cell of each event, as `margins` numbers them."""
        if self._cells is None:
            self._cells = np.zeros(self.size, np.int64)
            for dim in self._parts:
                if dim != "rep":
                    of, row = self._part(dim)
                    put_part(self._cells, self.layout.sizes[dim], of, NO_ROWS if row is None else row)
        return self._cells


class Sum:
    """Sum of a weight over events, or their count without one; always added in the same order."""

    def __init__(self, events: Events, weight: Floats | None = None) -> None:
        self.events = events
        self.weight = weight
        self._found: dict[str, Floats] = {}
        self._by_split: Floats | None = None

    def by(self, split: str) -> Floats:
        """Return sums by split."""
        if split not in self._found:
            self._found[split] = self._summed(split)
        return self._found[split]

    def _summed(self, split: str) -> Floats:
        if not split:
            return np.array([self.events.size if self.weight is None else np.add.reduce(self.weight)], np.float64)
        known = self.events.margins()
        if known is None or split not in known.places:
            code, size = self.events.shifted(split)
            return np.bincount(code, self.weight, minlength=size)[1:].astype(np.float64)
        if self._by_split is None:
            weight = NOTHING if self.weight is None else self.weight
            self._by_split = sums_by_split(self.events.cells(), weight, known.into, known.size)
        return self._by_split[known.places[split]]


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

    def by(self, split: str) -> tuple[Floats, Ints]:
        """Return (values in order within each part, where each part starts and the last ends)."""
        if split not in self._found:
            if split:
                code, size = self.events.shifted(split)
                order, count = order_by(code, size, self._order), np.bincount(code, minlength=size)
            else:
                order, count = self._order, np.array([0, self.events.size])
            self._found[split] = self._values[order], np.cumsum(count)
        return self._found[split]


class Quantile:
    """A quantile of the values in each part (linear between order statistics); 0 where a part has none."""

    def __init__(self, values: Values, p: float) -> None:
        self._values, self._p = values, p

    def by(self, split: str) -> Floats:
        """Return quantiles by split."""
        return quantiles(*self._values.by(split), self._p)


class Indicator:
    """1 where a part has an event of those counted, else 0: the denominator of quantiles."""

    def __init__(self, count: Sum) -> None:
        self._count = count

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
