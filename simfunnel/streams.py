"""Luck as a function of a key: the same lead meets the same luck under every plan.

Every random number is `uniform(seed, replication, lead, purpose, stage, count)`: one block of Philox4x32-10 (Salmon,
Moraes, Dror and Shaw 2011) whose counter is the key itself, so nothing is drawn in order and nothing can shift. The
table of purposes is only ever appended to: a number that moves would change every result.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simfunnel.arrays import Floats, Ids
from simfunnel.distributions.quantiles import quantile
from simfunnel.jit import compiled
from simfunnel.plan.model import name_hash as name_hash  # names enter on the floor below, in the Plan
from simfunnel.plan.model import source_hash as source_hash

CELL: Final = 0  # points in a cell of a Poisson sheet
TIME: Final = 1
HEIGHT: Final = 2
SWING: Final = 3  # of a channel's day
QUALITY: Final = 4
SCORE: Final = 5  # e_S
VALUE: Final = 6
LEAK: Final = 7
HANDOFF: Final = 8
PATIENCE: Final = 9
ASSESSMENT: Final = 10  # e_A
ROUTING: Final = 11
NURTURE_DELAY: Final = 12
LIFT: Final = 13
OPT_OUT: Final = 14
EFFORT: Final = 15
NO_SHOW: Final = 16
LUCK: Final = 17
EXIT: Final = 18
SLEEP: Final = 19
WAIT: Final = 20
LIST_GAP: Final = 21
LIST_SIZE: Final = 22
OPENING: Final = 23  # which open lead of the base is resampled
OPENING_WAIT: Final = 24
STAGE_LEAK: Final = 25  # reserved: LEAK with the stage's hash is used
STAGE_HANDOFF: Final = 26  # reserved: HANDOFF with the stage's hash is used
ACCEPT_EFFORT: Final = 27
AGE: Final = 28
QUALITY_LIFT: Final = 29

Word = int | np.uint64
"""A whole number of 0 ... 2^64 - 1; numpy's type inside compiled code, where int would be signed."""

LARGEST_SEED: Final = 2**32 - 1
LARGEST_COUNT: Final = 2**24 - 1

_FIRST_MULTIPLIER = np.uint64(0xD2511F53)
_SECOND_MULTIPLIER = np.uint64(0xCD9E8D57)
_FIRST_WEYL = np.uint64(0x9E3779B9)
_SECOND_WEYL = np.uint64(0xBB67AE85)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD_BITS = np.uint64(32)
_PURPOSE_SHIFT = np.uint64(24)
_COUNT_MASK = np.uint64(LARGEST_COUNT)
_SPARE_BITS = np.uint64(12)
_STEP = 2.0**-52

_SOURCE_SHIFT, _SOURCE_MASK = np.uint64(40), np.uint64(2**24 - 1)
_DAY_SHIFT, _DAY_MASK = np.uint64(24), np.uint64(2**16 - 1)
_LAYER_SHIFT, _LAYER_MASK = np.uint64(5), np.uint64(2**19 - 1)
_INDEX_MASK = np.uint64(2**5 - 1)


@compiled("UniTuple(uint64, 4)(uint64, uint64, uint64, uint64, uint64, uint64)", inlined=True)
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[int, int, int, int]:
    """Return four random 32-bit words for a counter of four words and a key of two (Philox4x32, 10 rounds).

    Words travel in uint64, so that 32 x 32 bit products need no care and numba never meets signed with unsigned.
    """
    x0, x1, x2, x3 = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    key0, key1 = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        first = _FIRST_MULTIPLIER * x0
        second = _SECOND_MULTIPLIER * x2
        x0, x1, x2, x3 = (
            (second >> _WORD_BITS) ^ x1 ^ key0,
            second & _LOW_WORD,
            (first >> _WORD_BITS) ^ x3 ^ key1,
            first & _LOW_WORD,
        )
        key0 = (key0 + _FIRST_WEYL) & _LOW_WORD
        key1 = (key1 + _SECOND_WEYL) & _LOW_WORD
    return int(x0), int(x1), int(x2), int(x3)


@compiled("float64(uint64, uint64, uint64, uint64, uint64, uint64)", inlined=True)
def _keyed(seed: Word, replication: Word, lead_id: Word, purpose: Word, stage_hash: Word, count: Word) -> float:
    """Return what `uniform` gives, as code in the caller's own loop."""
    lead = np.uint64(lead_id)
    tag = (np.uint64(purpose) << _PURPOSE_SHIFT) | (np.uint64(count) & _COUNT_MASK)
    key0, key1 = np.uint64(seed) & _LOW_WORD, np.uint64(replication) & _LOW_WORD
    high, low, _, _ = philox(lead & _LOW_WORD, lead >> _WORD_BITS, np.uint64(stage_hash) & _LOW_WORD, tag, key0, key1)
    bits = ((np.uint64(high) << _WORD_BITS) | np.uint64(low)) >> _SPARE_BITS
    return (float(np.int64(bits)) + 0.5) * _STEP


@compiled("float64(uint64, uint64, uint64, uint64, uint64, uint64)")
def uniform(seed: int, replication: int, lead_id: int, purpose: int, stage_hash: int, count: int) -> float:
    """Return the uniform number in the open interval (0, 1) that belongs to a key.

    `seed` and `replication` are taken modulo 2^32, `lead_id` has 64 bits, `purpose` is one of the table above,
    `stage_hash` is `name_hash` of the stage (0 where none applies), `count` runs below 2^24 (MODEL 11). The result has
    52 bits, plus a half step: symmetric about 1/2, never 0 or 1 (53 bits plus a half would round up to 1).
    """
    return _keyed(seed, replication, lead_id, purpose, stage_hash, count)


@compiled("void(uint64, uint64, uint64[::1], uint64, uint64, uint64, float64[::1])")
def fill_uniforms(
    seed: int, replication: int, leads: Ids, purpose: int, stage_hash: int, count: int, out: Floats
) -> None:
    """Put `uniform` for each of `leads` under one purpose, stage and count into `out` (equal lengths).

    Several times as fast as one call each: the processor works on several leads at a time.
    """
    for i in range(leads.size):
        out[i] = _keyed(seed, replication, leads[i], purpose, stage_hash, count)


@compiled("float64(uint64, uint64, uint64, uint64, uint64, uint64, int64, float64, float64, float64)")
def variate(
    seed: int,
    replication: int,
    lead_id: int,
    purpose: int,
    stage_hash: int,
    count: int,
    family: int,
    a: float,
    b: float,
    c: float,
) -> float:
    """Return the value of a scalar family that belongs to a key: its quantile function at `uniform(...)`."""
    return quantile(uniform(seed, replication, lead_id, purpose, stage_hash, count), family, a, b, c)


@compiled("uint64(uint64, uint64, uint64, uint64)")
def make_id(source: int, day: int, layer: int, index: int) -> int:
    """Return the 64-bit identity of a lead: where it comes from, never when it happens to be created in a plan.

    `source` is `source_hash(...)` (24 bits), `day` the calendar day number (days since 1970-01-01, 16 bits), `layer`
    the layer of the Poisson sheet (19 bits), `index` the point in its cell (5 bits). In a list `day` is the list's
    number, and the item's number is split into layer = number >> 5, index = number & 31; opening leads alike, at day 0.
    """
    return int(
        ((np.uint64(source) & _SOURCE_MASK) << _SOURCE_SHIFT)
        | ((np.uint64(day) & _DAY_MASK) << _DAY_SHIFT)
        | ((np.uint64(layer) & _LAYER_MASK) << _LAYER_SHIFT)
        | (np.uint64(index) & _INDEX_MASK)
    )


@compiled("int64(int64, uint64)")
def days_since(first: int, lead_id: int) -> int:
    """Return the days from the day number `first` to that of a lead's identity, which keeps 16 bits of it."""
    return int(((np.uint64(lead_id) >> _DAY_SHIFT) - np.uint64(first)) & _DAY_MASK)


@compiled("int64(uint64)")
def layer_of(lead_id: int) -> int:
    """Return the layer of a lead's identity."""
    return int((np.uint64(lead_id) >> _LAYER_SHIFT) & _LAYER_MASK)


def split_id(lead_id: int) -> tuple[int, int, int, int]:
    """Return (source, day, layer, index) of a lead's identity."""
    lead = int(lead_id)
    return lead >> 40, (lead >> 24) & 0xFFFF, layer_of(lead), lead & 31


def check_seed(seed: int) -> int:
    """Return `seed` itself if it lies in 0 ... 2^32 - 1; else raise ValueError."""
    if isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"the seed is {seed}; it must be a whole number from 0 to {LARGEST_SEED}")
    return seed
