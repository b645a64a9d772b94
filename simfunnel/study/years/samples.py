"""The measures of all replications of one plan, side by side, in as little memory as their numbers need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy

import numpy as np

from simfunnel.arrays import Array, Floats, Ints
from simfunnel.metrics import Key, Measures

ROWS_A_PART = 256  # replications that are packed together
COLUMNS_AT_ONCE, FEWEST_AT_ONCE = 16, 4  # keys that are unpacked together: of many replications fewer,
UNPACKED = 16_000  # so that these are about the numbers unpacked
WIDTHS = (np.uint16, np.float32, np.float64)  # in which a column is kept, the first that holds it exactly
OVER, UNDER = 0, 1


class Part:
    """Numerators and denominators of some replications: [replications, 2 keys] in columns of as few bytes as they need.

    A column of one number, or one that equals another, takes none; one of whole numbers up to 65,535 takes 2 bytes a
    replication, one of numbers that 4 bytes hold exactly 4, any other 8.
    """

    def __init__(self, numbers: Floats) -> None:
        table = np.ascontiguousarray(numbers, np.float64).reshape(len(numbers), -1)
        self.rows = len(table)
        known: dict[bytes, int] = {}
        self._column = np.array([known.setdefault(each.tobytes(), len(known)) for each in table.T], np.int32)
        distinct = np.ascontiguousarray(table[:, np.unique(self._column, return_index=True)[1]])
        bits = distinct.view(np.int64)
        same = (bits == bits[:1]).all(axis=0)
        self._same = distinct[0].copy() if self.rows else np.zeros(distinct.shape[1])
        self._width = np.full(distinct.shape[1], -1, np.int8)
        self._place = np.zeros(distinct.shape[1], np.int32)
        self._blocks: list[Array] = []
        for width, kind in enumerate(WIDTHS):
            with np.errstate(over="ignore", invalid="ignore"):
                exact = (distinct.astype(kind).astype(np.float64).view(np.int64) == bits).all(axis=0)
            here = ~same & (self._width < 0) & exact
            self._width[here], self._place[here] = width, np.arange(here.sum())
            self._blocks.append(distinct[:, here].astype(kind))

    def columns(self, side: int, places: Ints) -> Floats:
        """Return [replications, places] numerators (side 0) or denominators (1) of some keys."""
        at = self._column[places + side * (len(self._column) // 2)]
        found = np.repeat(self._same[at][None, :], self.rows, axis=0)
        for width, block in enumerate(self._blocks):
            here = self._width[at] == width
            found[:, here] = block[:, self._place[at[here]]]
        return found

    def with_keys(self, places: Ints) -> Part:
        """Return the same replications with the keys of some places, in that order; at -1 one that is nothing."""
        made = copy(self)
        made._same = np.append(self._same, 0.0)
        made._width = np.append(self._width, np.int8(-1))
        made._place = np.append(self._place, np.int32(0))
        sides = self._column.reshape(2, -1)[:, places] if len(self._column) else np.zeros((2, len(places)), np.int32)
        made._column = np.where(places < 0, len(self._same), sides).astype(np.int32).ravel()
        return made


class Samples:
    """Numerators and denominators of every key, [replications, keys]. A value is numerator / denominator.

    So many rows `together` have inputs drawn together, and are not independent of each other.
    """

    def __init__(self, keys: tuple[Key, ...], numerator: Floats, denominator: Floats, together: int = 1) -> None:
        both = np.stack([np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)], axis=1)
        self._set(tuple(keys), (Part(both),), together, {})

    def _set(self, keys: tuple[Key, ...], parts: tuple[Part, ...], together: int, instead: dict[int, Floats]) -> None:
        self.keys, self.together, self._parts, self._instead = keys, together, parts, instead

    @classmethod
    def of_parts(cls, keys: tuple[Key, ...], parts: Sequence[Part], together: int = 1) -> Samples:
        """Make samples whose replications are packed already, in their order."""
        made = cls.__new__(cls)
        made._set(tuple(keys), tuple(parts), together, {})
        return made

    def with_numerator(self, key: Key, values: Floats) -> Samples:
        """Return the same samples with other numerators, [replications], of one key."""
        made = type(self).__new__(type(self))
        made._set(self.keys, self._parts, self.together, {**self._instead, self.keys.index(key): values})
        return made

    @property
    def replications(self) -> int:
        """Number of replications."""
        return sum(part.rows for part in self._parts)

    @property
    def numerator(self) -> Floats:
        """[replications, keys] all numerators."""
        return self._columns(OVER, np.arange(len(self.keys)))

    @property
    def denominator(self) -> Floats:
        """[replications, keys] all denominators."""
        return self._columns(UNDER, np.arange(len(self.keys)))

    def values(self, key: Key) -> Floats:
        """Return [replications] values of one key; nan where nothing divides, everywhere when never measured."""
        if key not in self.keys:
            return np.full(self.replications, np.nan)
        return self.only([key]).ratios()[:, 0]

    def ratios(self) -> Floats:
        """Return [replications, keys] values; nan where there is nothing to divide by."""
        over, under = self.numerator, self.denominator
        result: Floats = np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)
        return result

    def independent(self) -> tuple[Floats, Floats]:
        """Return numerators and denominators summed over replications that stand together; [independent ones, keys]."""
        over, under = self.numerator, self.denominator
        if self.together == 1:
            return over, under
        shape = (-1, self.together, len(self.keys))
        return over.reshape(shape).sum(axis=1), under.reshape(shape).sum(axis=1)

    def by_columns(self) -> Iterator[Samples]:
        """Yield the same samples a few keys at a time, so that only these are unpacked; in the order of the keys."""
        most = min(COLUMNS_AT_ONCE, max(FEWEST_AT_ONCE, UNPACKED // max(1, self.replications)))
        count = max(1, len(self.keys) // most)  # never a key alone, which numpy would add up in another order
        for some in np.array_split(np.arange(len(self.keys)), count):
            keys = tuple(self.keys[at] for at in some.tolist())
            yield Unpacked(keys, self._columns(OVER, some), self._columns(UNDER, some), self.together)

    def only(self, keys: Sequence[Key]) -> Samples:
        """Return the columns of `keys`, in that order; a key never measured has nothing in every replication."""
        place = {key: column for column, key in enumerate(self.keys)}
        columns = np.array([place.get(key, -1) for key in keys], np.int64)
        known = columns >= 0
        taken = np.where(known, columns, 0)
        if not self.keys:
            nothing = np.zeros((self.replications, len(keys)))
            return Samples(tuple(keys), nothing, nothing, self.together)
        # key by key in memory, so that numpy adds up each key's numbers in the same order whatever is beside it
        over, under = (np.asfortranarray(np.where(known, self._columns(side, taken), 0.0)) for side in (OVER, UNDER))
        return Unpacked(tuple(keys), over, under, self.together)

    def _columns(self, side: int, places: Ints) -> Floats:
        found = np.empty((self.replications, len(places)))
        first = 0
        for part in self._parts:
            found[first : first + part.rows] = part.columns(side, places)
            first += part.rows
        if side == OVER:
            for place, values in self._instead.items():
                found[:, places == place] = values[:, None]
        return found


class Unpacked(Samples):
    """Samples of few keys, as they are worked on."""

    def __init__(self, keys: tuple[Key, ...], numerator: Floats, denominator: Floats, together: int = 1) -> None:
        self._set(keys, (), together, {})
        self._both = numerator, denominator

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self._both[OVER])

    def with_numerator(self, key: Key, values: Floats) -> Samples:
        """Return the same samples with other numerators, [replications], of one key."""
        over = self._both[OVER].copy()
        over[:, self.keys.index(key)] = values
        return Unpacked(self.keys, over, self._both[UNDER], self.together)

    def _columns(self, side: int, places: Ints) -> Floats:
        return self._both[side] if len(places) == len(self.keys) else np.take(self._both[side], places, axis=1)


def packed_rows(numbers: Sequence[Floats]) -> list[Part]:
    """Pack replications' [2, keys] numerators and denominators, in their order."""
    return [Part(np.array(numbers[at : at + ROWS_A_PART], np.float64)) for at in range(0, len(numbers), ROWS_A_PART)]


def stacked(keys: tuple[Key, ...], numbers: Sequence[Floats]) -> Samples:
    """Make samples of one plan from its replications' [2, keys] numerators and denominators, in their order."""
    table = np.array(numbers, np.float64).reshape(len(numbers), 2, len(keys))
    return Unpacked(keys, np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))


def gather(measures: Sequence[Measures], together: int = 1) -> Samples:
    """Make samples from the measures of replications whose plans differ (heads drawn from a range), in their order.

    Keys appear in the order in which the replications first name them; what a replication does not name counts as
    nothing in it (0 of 0).
    """
    order: dict[Key, int] = {}
    for measure in measures:
        for key in measure.keys:
            order.setdefault(key, len(order))
    parts = []
    for first in range(0, len(measures), ROWS_A_PART):
        some = measures[first : first + ROWS_A_PART]
        numbers = np.zeros((len(some), 2, len(order)))
        for row, measure in enumerate(some):
            columns = [order[key] for key in measure.keys]
            numbers[row, OVER, columns] = measure.numerator
            numbers[row, UNDER, columns] = measure.denominator
        parts.append(Part(numbers))
    return Samples.of_parts(tuple(order), parts, together)


def joined(found: Sequence[Samples], together: int) -> Samples:
    """Join packed samples one after another, as `gather` makes them of all their replications at once."""
    order = dict.fromkeys(key for each in found for key in each.keys)
    parts: list[Part] = []
    for each in found:
        at = {key: place for place, key in enumerate(each.keys)}
        places = np.array([at.get(key, -1) for key in order], np.int64)
        parts += [part.with_keys(places) for part in each._parts]
    return Samples.of_parts(tuple(order), parts, together)
