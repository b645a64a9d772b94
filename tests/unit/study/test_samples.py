"""Samples take little memory and give back, to the bit, what they were given."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from simfunnel.metrics import Key, Measures
from simfunnel.stats import estimate_ratio
from simfunnel.study.years.samples import ROWS_A_PART, Part, Samples, gather, joined, packed_rows, stacked

KEYS = tuple(Key("revenue", month=month) for month in range(40))


def numbers(replications: int, seed: int = 0) -> np.ndarray:
    """[replications, 2, keys]: counts, sums of money, columns of one number, and odd ones."""
    luck = np.random.default_rng(seed)
    table = np.ones((replications, 2, len(KEYS)))
    table[:, 0, :15] = luck.integers(0, 5000, (replications, 15))
    table[:, 0, 15:30] = luck.lognormal(10, 1, (replications, 15))
    table[:, 0, 30:35] = luck.choice([0.0, -0.0, 1e300, 2.0**24 + 1], (replications, 5))
    table[:, 1, :10] = luck.integers(0, 9, (replications, 10))
    return table


@pytest.mark.parametrize("replications", [1, 2, ROWS_A_PART, ROWS_A_PART + 1, 700])
def test_what_is_packed_comes_back_to_the_bit(replications: int) -> None:
    table = numbers(replications)
    samples = Samples.of_parts(KEYS, packed_rows(list(table)))

    assert samples.replications == replications
    assert samples.numerator.tobytes() == np.ascontiguousarray(table[:, 0]).tobytes()
    assert samples.denominator.tobytes() == np.ascontiguousarray(table[:, 1]).tobytes()


def test_keys_taken_a_few_at_a_time_are_estimated_as_all_at_once() -> None:
    table = numbers(600)
    samples, plain = Samples.of_parts(KEYS, packed_rows(list(table))), stacked(KEYS, list(table))

    all_at_once = estimate_ratio(plain.numerator, plain.denominator)
    parts = [estimate_ratio(*some.independent()) for some in samples.by_columns()]

    assert tuple(key for some in samples.by_columns() for key in some.keys) == KEYS
    assert np.concatenate([part.mean for part in parts]).tobytes() == all_at_once.mean.tobytes()
    assert np.concatenate([part.half_width for part in parts]).tobytes() == all_at_once.half_width.tobytes()


def test_a_numerator_put_instead_is_seen_everywhere_and_leaves_the_first_samples_alone() -> None:
    table = numbers(300)
    samples = Samples.of_parts(KEYS, packed_rows(list(table)))

    changed = samples.with_numerator(KEYS[20], np.full(300, 7.0))

    assert changed.values(KEYS[20]).tolist() == [7.0] * 300
    assert changed.only([KEYS[3], KEYS[20]]).numerator[:, 1].tolist() == [7.0] * 300
    assert samples.values(KEYS[20]).tolist() == table[:, 0, 20].tolist()


def test_counts_take_two_bytes_a_replication_and_a_column_of_one_number_takes_none() -> None:
    whole = np.random.default_rng(1).integers(0, 9000, (ROWS_A_PART, 2, 1000)).astype(float)
    whole[:, 1] = 1.0
    tracemalloc.start()

    part = Part(whole)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert held < 1000 * 2 * ROWS_A_PART * 1.1
    assert part.columns(0, np.arange(1000)).tobytes() == np.ascontiguousarray(whole[:, 0]).tobytes()


def test_a_column_that_equals_another_is_kept_once() -> None:
    """With one channel, what is by channel is the whole once more; and many metrics are divided by the same counts."""
    money = np.random.default_rng(2).lognormal(10, 1, (ROWS_A_PART, 1, 1))
    tracemalloc.start()

    part = Part(np.tile(money, (1, 2, 500)))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert held < 2 * (8 * ROWS_A_PART + 4 * 1000)  # a column and where each is found; apart they would be 2 MB
    assert part.columns(1, np.arange(500)).tobytes() == np.tile(money[:, 0], (1, 500)).tobytes()


def test_samples_packed_one_after_another_are_those_of_all_at_once_whatever_keys_each_names() -> None:
    """Heads drawn from a range: a rep whom only some years have counts as nothing in the others."""
    luck, places = np.random.default_rng(3), ([0, 1, 2], [2, 0, 3, 1], [4, 2])
    measures = [
        Measures(tuple(KEYS[at] for at in some), luck.integers(0, 9, len(some)) / 7.0, luck.normal(1, 1, len(some)))
        for some in places
        for _ in range(3)
    ]

    found = joined([gather(measures[:2]), gather(measures[2:7]), gather(measures[7:])], together=3)
    wanted = gather(measures, together=3)

    assert (found.keys, found.together) == (wanted.keys, wanted.together)
    assert found.numerator.tobytes() == wanted.numerator.tobytes()
    assert found.denominator.tobytes() == wanted.denominator.tobytes()
