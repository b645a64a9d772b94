from __future__ import annotations

import numpy as np
import pytest

from simfunnel.metrics.facts import Groups
from simfunnel.metrics.spans import span_of


def test_rows_of_a_key_are_found_wherever_they_stand() -> None:
    groups = Groups(np.array([7, 2, 7, 2, 9]))

    assert groups.keys.tolist() == [2, 7, 9]
    assert groups.least(np.array([5.0, 3.0, 4.0, 8.0, np.inf])).tolist() == [3.0, 4.0, np.inf]
    assert groups.any(np.array([False, False, True, False, False])).tolist() == [False, True, False]


def test_of_rows_that_are_equally_small_the_first_counts() -> None:
    groups = Groups(np.array([7, 2, 7, 2, 7]))

    assert groups.first_least(np.array([5.0, 1.0, 4.0, 1.0, 4.0])).tolist() == [1, 2]


def test_no_rows_have_no_keys() -> None:
    groups = Groups(np.empty(0, np.int64))

    assert groups.keys.tolist() == groups.least(np.empty(0)).tolist() == []
    assert groups.any(np.empty(0, bool)).tolist() == groups.first_least(np.empty(0)).tolist() == []


@pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
def test_an_instant_lies_in_the_span_that_it_starts(order: str) -> None:
    edges = np.array([0.0, 24.0, 24.5, 100.0])
    at = np.sort(np.concatenate([edges, np.nextafter(edges, -np.inf), np.linspace(-5.0, 120.0, 200), [np.inf]]))
    if order == "falling":
        at = np.ascontiguousarray(at[::-1])
    elif order == "mixed":
        at = np.random.default_rng(3).permutation(at)

    assert span_of(edges, at).tolist() == (np.searchsorted(edges, at, side="right") - 1).tolist()


def test_an_unknown_instant_lies_in_no_span() -> None:
    assert span_of(np.array([0.0, 1.0]), np.array([0.5, np.nan, 0.5])).tolist() == [0, -1, 0]
