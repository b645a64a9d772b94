from __future__ import annotations

import itertools

import numpy as np
import pytest

from simfunnel.metrics import tally
from simfunnel.metrics.keys import Layout
from simfunnel.metrics.spans import order_by, quantiles, span_before
from simfunnel.metrics.table import TABLE
from simfunnel.metrics.tally import SPLITS, Events, Part, Sum, Values

LAYOUT = Layout(
    channels=("website", "partner"), campaigns=("spring",), pools=("SDR", "AE", "CSM"), stages=("demo", "deal"),
    months=3, calendar_months=3, reps=((0, 0), (0, 1), (1, 0)), passes=2, band_edges=(), clauses=(),
)  # fmt: skip
DIMS = ("month", "channel", "pool", "rep")
SIZE = 500


def parts() -> dict[str, np.ndarray]:
    luck = np.random.default_rng(7)
    return {dim: luck.integers(-1, LAYOUT.sizes[dim], SIZE) for dim in DIMS}


def added_up(known: dict[str, np.ndarray], weight: np.ndarray, split: str) -> list[float]:
    dims = split.split("+")
    combinations = itertools.product(*(range(LAYOUT.sizes[dim]) for dim in dims))
    return [
        float(weight[np.all([known[dim] == part for dim, part in zip(dims, one, strict=True)], axis=0)].sum())
        for one in combinations
    ]


@pytest.mark.parametrize("most_cells", [tally.MOST_CELLS, 1], ids=["by cells", "split by split"])
def test_sums_by_every_split_are_those_of_the_events_in_each_part(
    most_cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MOST_CELLS", most_cells)
    LAYOUT.margins.clear()
    known, weight = parts(), np.random.default_rng(8).integers(1, 9, SIZE).astype(np.float64)
    events = Events(LAYOUT, SIZE, dict(known))
    splits = [split for split in SPLITS if set(split.split("+")) <= set(DIMS)]

    assert {"month", "pool+month", "rep"} <= set(splits)
    for split in splits:
        assert Sum(events, weight).by(split).tolist() == added_up(known, weight, split)
        assert Sum(events).by(split).tolist() == added_up(known, np.ones(SIZE), split)
    assert Sum(events, weight).by("").tolist() == [weight.sum()]
    assert Sum(events).by("").tolist() == [SIZE]
    LAYOUT.margins.clear()


def test_a_sum_does_not_depend_on_how_the_parts_of_its_events_are_given() -> None:
    known, row = parts(), np.random.default_rng(9).integers(0, SIZE, 200)
    each = Events(LAYOUT, 200, {dim: part[row] for dim, part in known.items()})
    later = Events(LAYOUT, 200, {dim: lambda part=part: Part(part, row) for dim, part in known.items()})  # type: ignore[misc]

    for split in ("month", "channel+month", "rep"):
        assert Sum(each).by(split).tolist() == Sum(later).by(split).tolist()


def test_every_split_of_the_table_is_summed_at_once() -> None:
    assert {split for metric in TABLE.values() for split in metric.splits} <= set(SPLITS)


def test_events_that_did_not_happen_add_up_to_nothing() -> None:
    nothing = Events(LAYOUT, 0, dict.fromkeys(DIMS, np.empty(0, np.int64)))

    assert Sum(nothing).by("pool+month").tolist() == [0.0] * 9
    assert Sum(nothing, np.empty(0)).by("").tolist() == [0.0]


@pytest.mark.parametrize("split", ["", "channel"])
def test_quantiles_are_those_of_numpy_and_0_where_there_is_no_value(split: str) -> None:
    values = np.random.default_rng(10).exponential(3.0, 40)
    channel = np.arange(40) % 3 - 1
    channel[channel == 1] = -1
    ordered, start = Values(Events(LAYOUT, 40, {"channel": channel}), values).by(split)
    of = [values] if not split else [values[channel == 0], values[channel == 1]]

    for p in (0.0, 0.5, 0.9, 1.0):
        assert quantiles(ordered, start, p) == pytest.approx([np.quantile(v, p) if len(v) else 0.0 for v in of])


def test_rows_are_put_in_order_of_their_code_as_they_stood_within_one() -> None:
    code = np.array([2, 0, 1, 0, 2])

    assert order_by(code, 3, np.array([4, 3, 2, 1, 0])).tolist() == [3, 1, 2, 4, 0]
    assert order_by(code, 3, np.array([0, 2])).tolist() == [2, 0]


def test_an_instant_outside_the_period_belongs_to_no_month() -> None:
    edges, end = np.array([-24.0, 24.0, 48.0]), 40.0
    at = np.array([-1.0, 0.0, 23.0, 24.0, 39.0, 40.0, 47.0, np.nan, np.inf, -np.inf])

    assert span_before(edges, at, end).tolist() == [-1, 0, 0, 1, 1, -1, -1, -1, -1, -1]
